/** How days that are read as one row, and meters that are read by themselves, make one account without counting anything twice. */
import type { Scope } from '../model/ids.ts';
import type { ExactText, SealedLine, SealedRow } from '../model/sealed.ts';
import { addSeconds, DAY, earlier, floorTo, type Instant, instant, later, type Window, within } from '../model/time.ts';
import { type Amount, addAmounts, amountOf, type Bounds, type Meter, NOTHING, reaches } from './amounts.ts';
import { dayKey, type Gathered } from './gather.ts';
import { type Tally, tallyOf } from './lines.ts';
import { type Rational, rational, ZERO } from './rational.ts';

/** The latest revision of each day that lies wholly in the window and was sealed by then, by `dayKey`. */
export type SealedDays = ReadonlyMap<string, SealedRow>;

export function sealedIn(sealed: Gathered['sealed'], window: Window, at: Instant): SealedDays {
  const days = new Map<string, SealedRow>();
  for (const [key, revisions] of sealed) {
    const latest = revisions
      .filter(row => row.at <= at)
      .toSorted((a, b) => a.revision - b.revision)
      .at(-1);
    if (latest === undefined) continue;
    const { start, end } = dayOf(latest);
    if (window.start <= start && end <= window.end) days.set(key, latest);
  }
  return days;
}

export const dayOf = ({ day }: Pick<SealedRow, 'day'>): Window => {
  const start = instant(`${day}T00:00:00Z`);
  return { start, end: addSeconds(start, DAY) };
};

/** Whether what happened at an instant is told by a sealed day. */
export const isSealed = (sealed: SealedDays, scope: Scope, at: Instant): boolean => sealed.size > 0 && sealed.has(dayKey(scope, at));

export interface Counted {
  readonly meter: Meter;
  readonly tally: Tally;
}

/** Meters that reach into the window outside of the sealed days that tell of them. */
export function countedOf(meters: readonly Meter[], sealed: SealedDays, window: Window, at: Instant): Counted[] {
  const running = new Set([...sealed].flatMap(([key, row]) => row.running.map(({ meterId }) => `${key} ${meterId}`)));
  return meters.flatMap((meter): Counted[] => {
    if (!reaches(meter, window, at) && !(within(window, meter.opened.at) && meter.opened.addedCost !== 0 && meter.opened.at <= at))
      return [];
    if (sealed.size === 0) return [{ meter, tally: tallyOf(meter, 1, amountOf(meter, window, at), at) }];
    return piecewise(meter, day => sealed.has(day) && !running.has(`${day} ${meter.opened.meterId}`), window, at);
  });
}

/** The meter's days that no sealed row tells of. It is one meter, unless the first of its days in the window has told of it already. */
function piecewise(meter: Meter, isTold: (day: string) => boolean, window: Window, at: Instant): Counted[] {
  const { opened } = meter;
  let [amount, meters, first]: [Amount | null, number, boolean] = [null, 1, true];
  // Past its end, or past what is known, it reaches no day any more.
  for (let day = floorTo(later(opened.at, window.start), DAY); day < window.end; day = addSeconds(day, DAY)) {
    const piece = { start: later(day, window.start), end: earlier(addSeconds(day, DAY), window.end) };
    const reached = reaches(meter, piece, at);
    if (!reached && opened.at < day) break;
    const told = isTold(dayKey(opened.scope, day));
    if (first && reached) [meters, first] = [told ? 0 : 1, false];
    if (!told) amount = addAmounts(amount ?? NOTHING, amountOf(meter, piece, at));
  }
  return amount === null ? [] : [{ meter, tally: tallyOf(meter, meters, amount, at) }];
}

/** A meter that runs through two days that are told one after the other is counted on the first. */
export function sealedTallies(sealed: SealedDays, window: Window): Tally[] {
  return [...sealed.values()].flatMap(row => {
    const { start } = dayOf(row);
    return row.lines.map(line => talliedLine(line, row.scope, line.meters - (start <= window.start ? 0 : line.carried)));
  });
}

function talliedLine(line: SealedLine, { account }: Scope, meters: number): Tally {
  const { avoided, unpriced, asleep, resized, realised, claimed, meters: _meters, carried: _carried, ...words } = line;
  return {
    ...{ account, ...words, meters },
    amount: {
      ...{ avoided: exact(avoided), unpriced: exact(unpriced), asleep: exact(asleep), resized: exact(resized) },
      ...{ realised: bounds(realised), open: { low: ZERO, high: ZERO }, claimed: bounds(claimed) },
    },
  };
}

const bounds = ({ low, high }: { low: ExactText; high: ExactText }): Bounds => ({ low: exact(low), high: exact(high) });

/** @throws SyntaxError for text that is no fraction. */
function exact(text: ExactText): Rational {
  const [n = '', d = '1'] = text.split('/');
  return rational(BigInt(n), BigInt(d));
}

export const exactText = ({ n, d }: Rational): ExactText => (d === 1n ? `${n}` : `${n}/${d}`);
