/** What is known of an instance's idle hours, in words. */
import type { IdleFloor, OtherUse, UseSoon } from '../model/plan.ts';
import type { Instant } from '../model/time.ts';
import { count, percent, share } from './numbers.ts';
import { plain } from './plain.ts';
import type { Clock } from './when.ts';

/** `use begins at 3 % CPU or 12 KB/s` */
export const floorWords = ({ cpuInUse, netInUse }: IdleFloor): string =>
  `use begins at ${percent(cpuInUse)} CPU${netInUse === null ? '' : ` or ${rate(netInUse)}`}`;

/** `2 % likely to be used within 4 hours, and 8 % is tolerated; …` */
export function soonWords({ risk, tolerated, days, daysUsed }: UseSoon): string {
  const past = days === 0 ? '' : `; at this time it was in use on ${daysUsed} of ${count(days, 'such day')}`;
  return `${chance(risk, tolerated)} likely to be used within 4 hours, and ${chance(tolerated, risk)} is tolerated${past}`;
}

interface Above {
  readonly cpu: number | null;
  readonly net: number | null;
  readonly floor: IdleFloor;
}

/** What was measured, beside where its use begins. */
export function aboveWords({ cpu, net, floor }: Above): string {
  const measured = [
    ...(cpu === null ? [] : [`CPU reached ${percent(cpu)}`]),
    ...(net === null || floor.netInUse === null ? [] : [`its network ${rate(net)}`]),
  ];
  return measured.length === 0 ? 'somebody started it' : `${measured.join(' and ')}; ${floorWords(floor)}`;
}

export const againWords = (again: Instant | null | undefined, at: Clock): string =>
  again == null ? '' : `; it is measured again ${at(again)}, and could not be idle before`;

export function otherUseWords(use: OtherUse, at: Clock): string {
  switch (use.signal) {
    case 'disk':
      return `its disks were in use in the hour from ${at(use.hour)} (${count(Math.round(use.value), 'operation')} a sample, and use begins at ${Math.round(use.inUse)})`;
    case 'gpu':
      return `its GPU was in use in the hour from ${at(use.hour)} (${percent(use.value)}, and use begins at ${percent(use.inUse)})`;
    case 'credits':
      return `it spent more CPU credits than it earned in the hour from ${at(use.hour)} (${count(Math.round(use.value), 'credit')})`;
    case 'unread':
      return `whether disks or GPU are in use is not known (${plain(use.why)})`;
    default:
      return use satisfies never;
  }
}

const rate = (kilobytes: number): string => (kilobytes < 1000 ? `${figure(kilobytes)} KB/s` : `${figure(kilobytes / 1000)} MB/s`);
const figure = (value: number): string => (value < 10 ? Number(value.toPrecision(2)) : Math.round(value)).toString();

/** Two chances that are told apart are not written alike. */
const chance = (one: number, other: number): string =>
  one < 0.01 ? 'less than 1 %' : share(one) === share(other) && one !== other ? `${(one * 100).toFixed(1)} %` : share(one);
