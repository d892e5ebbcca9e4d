/** What each group of meters came to, day by day: summed exactly, rounded once for each cell. */
import { type Amount, addAmounts, addBounds, amountOf, countedPart, type Meter, NOTHING } from '../../ledger/amounts.ts';
import type { Rational } from '../../ledger/rational.ts';
import { divideMicros } from '../../model/money.ts';
import { HOUR, type Instant, type Window } from '../../model/time.ts';
import type { Cell } from './data.ts';

/** A meter and the number of its group. */
export interface Grouped {
  readonly meter: Meter;
  readonly group: number;
}

/** @param days adjoining windows, in order */
export function cellsOf(meters: readonly Grouped[], days: readonly Window[], at: Instant): Cell[] {
  const sums = new Map<number, { day: number; group: number; amount: Amount; priced: boolean }>();
  const whole = { start: days[0]?.start ?? at, end: days.at(-1)?.end ?? at };
  for (const { meter, group } of meters) {
    const counted = countedPart(meter, whole, at);
    for (let day = firstEndingAfter(days, counted.start); day < days.length; day++) {
      const window = days[day];
      if (window === undefined || window.start >= counted.end) break;
      const key = group * days.length + day;
      const sum = sums.get(key) ?? { day, group, amount: NOTHING, priced: false };
      sum.amount = addAmounts(sum.amount, amountOf(meter, window, at));
      sum.priced ||= meter.opened.perHour !== null && meter.opened.baseline.kind !== 'unknown';
      sums.set(key, sum);
    }
  }
  return [...sums].sort(([a], [b]) => a - b).map(([, sum]) => cell(sum));
}

function cell({ day, group, amount, priced }: { day: number; group: number; amount: Amount; priced: boolean }): Cell {
  const { low, high } = addBounds(amount.realised, amount.open);
  const [micros, hours] = [
    ({ n, d }: Rational) => divideMicros(n, d),
    ({ n, d }: Rational) => Math.round((100 * Number(n)) / Number(d) / HOUR) / 100,
  ];
  return [
    day,
    group,
    priced ? micros(low) : null,
    priced ? micros(high) : null,
    hours(amount.avoided),
    hours(amount.unpriced) + hours(amount.asleep),
  ];
}

/** Index of the first window that ends after the instant. */
function firstEndingAfter(windows: readonly Window[], at: Instant): number {
  let [low, high] = [0, windows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((windows[middle]?.end ?? at) > at) high = middle;
    else low = middle + 1;
  }
  return low;
}
