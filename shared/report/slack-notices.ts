/** What the house says other than summaries, as Slack messages: within Slack's limits, and literal about what others wrote. */
import { scopeKey } from '../model/ids.ts';
import type { Notice, NoticeLine } from '../model/notice.ts';
import type { Outcome } from '../model/receipt.ts';
import {
  badTagMessage,
  checksFailingMessage,
  keepOverMessage,
  laterHoursMessage,
  overMessage,
  smallerTypeMessage,
} from './machine-notices.ts';
import { count, share } from './numbers.ts';
import { named, plain } from './plain.ts';
import { outcomePhrase, sentence } from './sentences.ts';
import { idleWarning, returnButtons, startButtons, tagOffer, tagWarning } from './slack-cards.ts';
import { context, list, paragraph, type Spoken } from './slack-kit.ts';
import { capital, message, past } from './slack-message.ts';
import type { Item } from './summary-words.ts';
import { triggerWords } from './trigger-text.ts';
import { clock } from './when.ts';

/** With the buttons that it needs; where nobody can press any, they are left out. */
export function noticeMessage(notice: Exclude<Notice, { kind: 'summary' }>, zone = 'UTC'): Spoken {
  switch (notice.kind) {
    case 'changes':
      return changesMessage(notice, zone);
    case 'start-failing':
      return startFailingMessage(notice, zone);
    case 'checks-failing':
      return checksFailingMessage(notice, zone);
    case 'launch-failing':
      return launchFailingMessage(notice, zone);
    case 'launch-recovered':
      return launchRecoveredMessage(notice, zone);
    case 'proposal':
      return proposal(notice, zone);
    case 'breaker':
      return breakerMessage(notice, zone);
    case 'bad-tag':
      return badTagMessage(notice, zone);
    case 'over':
      return overMessage(notice, zone);
    case 'keep-over':
      return keepOverMessage(notice, zone);
    case 'idle-warning':
      return idleWarning(notice, zone);
    case 'warning-withdrawn':
      return warningWithdrawnMessage(notice, zone);
    case 'tag-warning':
      return tagWarning(notice, zone);
    case 'tag-offer':
      return tagOffer(notice, zone);
    default:
      // A release that was rolled back may have left a notice of a newer kind: it waits, and is said loudly, but is not said wrongly.
      throw new Error(`no words for a notice of kind ${JSON.stringify((notice satisfies never as Notice).kind)}`);
  }
}

function proposal(notice: Extract<Notice, { kind: 'proposal' }>, zone: string): Spoken {
  switch (notice.what) {
    case 'resize':
      return smallerTypeMessage(notice, zone);
    case 'later-hours':
      return laterHoursMessage(notice, zone);
    case 'trigger':
      return proposalMessage(notice, zone);
    default:
      return notice satisfies never;
  }
}

/** One entry a reason, not a line a machine: six boxes that stop at seven are one sentence. What went wrong comes first. */
function changesMessage({ at, scope, lines }: Extract<Notice, { kind: 'changes' }>, zone: string): Spoken {
  const groups = [...Map.groupBy(lines, line => `${ORDER[line.outcome]} ${deed(line)} ${sentence(line.because, zone)}`)]
    .toSorted(([a], [b]) => Number(a[0]) - Number(b[0]))
    .map(([, members]) => members);
  const told = groups.map(tellGroup).join(', ');
  const where = `${scopeKey(scope)} · ${clock(zone)(at)}`;
  return message(
    `${capital(told) || 'No changes'} · ${where}`,
    most => [
      ...groups.slice(0, 2 * most).flatMap(members => {
        const [first] = members as [NoticeLine, ...NoticeLine[]];
        const heading = `${MARKS[first.outcome]}${capital(deed(first))}${members.length === 1 ? '' : ` ${members.length}`} · ${sentence(first.because, zone)}`;
        return [list(heading, members.map(machine), 2 * most)];
      }),
      context(groups.length > 2 * most ? `${where} · and ${count(groups.length - 2 * most, 'more reason')}` : where),
    ],
    returnButtons(lines, zone),
  );
}

/** `stopped payroll-test`, `stopped: 5`. */
function tellGroup(members: readonly NoticeLine[]): string {
  const [first] = members as [NoticeLine, ...NoticeLine[]];
  const done = deed(first);
  return members.length === 1 ? `${done} ${plain(first.resource.name ?? first.resource.id)}` : `${done}: ${members.length}`;
}

/** What went wrong first; the first character sorts. */
const ORDER: Readonly<Record<Outcome, string>> = {
  failed: '0',
  refused: '1',
  'not-attempted': '2',
  stale: '3',
  done: '4',
  'already-so': '5',
};
const MARKS: Readonly<Record<Outcome, string>> = {
  failed: '🔴 ',
  refused: '🔴 ',
  'not-attempted': '',
  stale: '',
  done: '',
  'already-so': '',
};

/** `stopped`, `stop refused`. */
const deed = ({ action, outcome }: NoticeLine): string =>
  outcome === 'done' ? past(plain(action)) : `${plain(action)} ${outcomePhrase(outcome)}`;

const machine = ({ resource, owner, detail, outcome }: NoticeLine): Item => [
  named(resource),
  `${owner === null ? '' : ` · ${plain(owner)}`}${detail === null || outcome === 'done' ? '' : `: ${plain(detail, 160)}`}`,
];

function startFailingMessage(notice: Extract<Notice, { kind: 'start-failing' }>, zone: string): Spoken {
  const { resource, owner, attempts, why, nextAt, at } = notice;
  const at_ = clock(zone);
  const name = named(resource);
  return message(
    `${name} does not come back: ${plain(why, 160)}`,
    () => [
      paragraph(`🔴 ${name} does not come back`, ` after ${count(attempts, 'start')}: ${plain(why, 300)}`),
      context(
        `${scopeKey(resource.scope)} · ${at_(at)} · next try ${at_(nextAt)}${owner === null ? '' : ` · owner ${plain(owner)}`} · ebb why ${plain(resource.id)}`,
      ),
    ],
    startButtons(
      notice,
      `Tried ${count(attempts, 'time')}; in AWS's own words: ${plain(why, 300)}. The next try is ${clock(zone)(nextAt)}.`,
    ),
  );
}

function launchFailingMessage(notice: Extract<Notice, { kind: 'launch-failing' }>, zone: string): Spoken {
  const { resource, owner, why, missing, desiredCapacity, at } = notice;
  const name = named(resource);
  return message(`${name} lacks ${missing} of ${count(desiredCapacity, 'instance')}: ${plain(why, 160)}`, () => [
    paragraph(
      `🔴 ${name} lacks ${missing} of ${count(desiredCapacity, 'instance')}`,
      `: launches fail. ${plain(why, 300)} AWS goes on trying; we ask for no more until launches succeed, but for a few tries ever more seldom.`,
    ),
    context(
      `${scopeKey(resource.scope)} · since ${clock(zone)(at)}${owner === null ? '' : ` · owner ${plain(owner)}`} · ebb why ${plain(resource.name ?? resource.id)}`,
    ),
  ]);
}

function launchRecoveredMessage(notice: Extract<Notice, { kind: 'launch-recovered' }>, zone: string): Spoken {
  const { resource, owner, why, since, at } = notice;
  const name = named(resource);
  return message(`${name} has all its instances again`, () => [
    paragraph(`${name} has all its instances again`, `: launches had failed since ${clock(zone)(since)} (${plain(why, 160)})`),
    context(`${scopeKey(resource.scope)} · ${clock(zone)(at)}${owner === null ? '' : ` · owner ${plain(owner)}`}`),
  ]);
}

function warningWithdrawnMessage(notice: Extract<Notice, { kind: 'warning-withdrawn' }>, zone: string): Spoken {
  const { resource, owner, warnedAt, because, at } = notice;
  const name = named(resource);
  return message(`${name} is not stopped after all`, () => [
    paragraph(`${name} is not stopped after all`, `, of which we warned ${clock(zone)(warnedAt)}. ${sentence(because, zone)}`),
    context(`${scopeKey(resource.scope)} · ${clock(zone)(at)}${owner === null ? '' : ` · owner ${plain(owner)}`}`),
  ]);
}

function proposalMessage({ resource, owner, at }: Extract<Notice, { kind: 'proposal' }>, zone: string): Spoken {
  const words = triggerWords(resource.name ?? resource.id);
  return message(words, () => [
    paragraph('Proposal', `: ${words}`),
    context(
      `${scopeKey(resource.scope)} · ${clock(zone)(at)}${owner === null ? '' : ` · owner ${plain(owner)}`} · the exact change: ebb why ${plain(resource.name ?? resource.id)}`,
    ),
  ]);
}

function breakerMessage(notice: Extract<Notice, { kind: 'breaker' }>, zone: string): Spoken {
  const { scope, policy, touched, of, share: most, at } = notice;
  return message(`The breaker of policy ${plain(policy)} is open: nothing was done from measurement`, () => [
    paragraph(
      `🔴 The breaker of policy ${plain(policy)} is open`,
      `: measurement argues for touching ${touched} of ${of}, more than ${share(most)}. More likely we see the world wrongly, so none of it was done. Announced schedule changes go on.`,
    ),
    context(`${scopeKey(scope)} · ${clock(zone)(at)} · look with ebb plan; if it is true, raise breaker.share of the policy`),
  ]);
}
