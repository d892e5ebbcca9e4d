/** What is told of single machines: a start whose status checks do not pass, a smaller type that their load justifies. */
import { scopeKey } from '../model/ids.ts';
import type { LaterHours } from '../model/memory.ts';
import { dollars, microUsd } from '../model/money.ts';
import type { Notice } from '../model/notice.ts';
import { count, percent } from './numbers.ts';
import { named, plain } from './plain.ts';
import { approveButtons, keepButtons } from './slack-cards.ts';
import { context, list, paragraph, type Spoken } from './slack-kit.ts';
import { message } from './slack-message.ts';
import { clock } from './when.ts';

export function checksFailingMessage(notice: Extract<Notice, { kind: 'checks-failing' }>, zone: string): Spoken {
  const { resource, owner, startedAt, failing, at } = notice;
  const when = clock(zone);
  const name = named(resource);
  return message(`${name} runs, but its status checks do not pass: ${plain(failing)}`, () => [
    paragraph(
      `🔴 ${name} runs, but its status checks do not pass`,
      `: ${plain(failing)}. It was started by us ${when(startedAt)}, and probably cannot be used. Its console output tells more; a stop and a start move it to other hardware.`,
    ),
    context(`${scopeKey(resource.scope)} · ${when(at)}${owner === null ? '' : ` · owner ${plain(owner)}`} · ebb why ${plain(resource.id)}`),
  ]);
}

export function keepOverMessage(notice: Extract<Notice, { kind: 'keep-over' }>, zone: string): Spoken {
  const { resource, owner, until, at } = notice;
  const name = named(resource);
  return message(
    `${name} is kept no longer`,
    () => [
      paragraph(
        `${name} is kept no longer`,
        `: its tag ebb:keep-until ended ${clock(zone)(until)}, and its policy holds again. The tag does nothing any more; remove it, or write a later date.`,
      ),
      context(`${scopeKey(resource.scope)} · ${clock(zone)(at)}${owner === null ? '' : ` · owner ${plain(owner)}`}`),
    ],
    keepButtons(notice),
  );
}

export function badTagMessage(notice: Extract<Notice, { kind: 'bad-tag' }>, zone: string): Spoken {
  const { resource, owner, tag, value, remedy, at } = notice;
  const name = named(resource);
  return message(`${name} is left alone: its tag ${plain(tag)} cannot be read`, () => [
    paragraph(`${name} is left alone`, `: its tag ${plain(tag)} says “${plain(value)}”, which cannot be read; ${plain(remedy, 160)}.`),
    context(`${scopeKey(resource.scope)} · ${clock(zone)(at)}${owner === null ? '' : ` · owner ${plain(owner)}`}`),
  ]);
}

/** What the config says of a time that is over. */
export const overMessage = ({ notes, at }: Extract<Notice, { kind: 'over' }>, zone: string): Spoken =>
  message(`${count(notes.length, 'date')} in the config ${notes.length === 1 ? 'is' : 'are'} over`, most => [
    list(
      'Over, and doing nothing any more',
      notes.map(note => ['', plain(note, 300)] as const),
      2 * most,
    ),
    context(`config · ${clock(zone)(at)} · told once`),
  ]);

export function laterHoursMessage(notice: Extract<Notice, { kind: 'proposal'; what: 'later-hours' }>, zone: string): Spoken {
  const { resource, owner, at } = notice;
  const words = laterWords(notice);
  return message(`${named(resource)}: ${words}`, () => [
    paragraph('Proposal', `: ${named(resource)}: ${words}`),
    context(
      `${scopeKey(resource.scope)} · ${clock(zone)(at)}${owner === null ? '' : ` · owner ${plain(owner)}`} · ebb why ${plain(resource.id)}`,
    ),
  ]);
}

/** `somebody wanted it back within the hour 3 times in 14 days: propose 21:00 instead of 19:00 as the end of office-hours, or another schedule` */
export const laterWords = ({ times, from, to, schedule }: LaterHours): string =>
  `somebody wanted it back within the hour ${count(times, 'time')} in 14 days; ${to} instead of ${from} as the end of ${plain(schedule)} would have suited, or a schedule of its own (ebb:schedule)`;

/** A month of hours, as AWS counts one in its price examples. */
const MONTH = 730;

export function smallerTypeMessage(notice: Extract<Notice, { kind: 'proposal'; what: 'resize' }>, zone: string): Spoken {
  const { resource, owner, fromType, toType, evidence, at } = notice;
  const { cpuMax, cpuAfter, memoryMax, memoryAfter, hours, days, perHour, priceSource } = evidence;
  const name = named(resource);
  const memory =
    memoryMax === null || memoryAfter === null
      ? 'Memory is not measured, so there is no less of it.'
      : `Memory reached ${percent(memoryMax)}, which would be ${percent(memoryAfter)}.`;
  const saves = `${dollars(perHour)} an hour that it runs, ${dollars(microUsd(perHour * MONTH))} in a month that it always does`;
  return message(
    `${name} could be a ${plain(toType)} instead of a ${plain(fromType)}: ${saves}`,
    () => [
      paragraph(
        'Proposal',
        `: ${name} could be a ${plain(toType)} instead of a ${plain(fromType)}. In ${count(hours, 'hour')} of ${count(days, 'day')} its CPU reached ${percent(cpuMax)}, which would be ${percent(cpuAfter)}. ${memory} It saves ${saves} (${plain(priceSource)}). A type is changed while the instance is stopped.`,
      ),
      context(
        `${scopeKey(resource.scope)} · ${clock(zone)(at)}${owner === null ? '' : ` · owner ${plain(owner)}`} · ebb why ${plain(resource.id)}`,
      ),
    ],
    approveButtons(notice, 'modify-instance-type'),
  );
}
