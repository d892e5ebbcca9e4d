/** A stretch of time held against what would have run in it, hour of the week by hour of the week. */
import type { Baseline } from '../model/baseline.ts';
import { epochSeconds, HOUR, hourOfWeek, type Window } from '../model/time.ts';
import { integerScale, type Rational, rational } from './rational.ts';

/**
 * Instance-seconds in `counted`, kept apart by sign, for the two bounds treat them differently: `less` (≥ 0) from hours in which less runs
 * than expected, `more` (≤ 0) from hours in which more does.
 * @throws RangeError for a baseline that does not name all 168 hours of a week.
 */
export function againstBaseline(counted: Window, { weeks, runs }: Extract<Baseline, { kind: 'measured' | 'declared' }>, running: number) {
  // expected − running = runs[h] / weeks − running = (runs[h] − running × weeks) / weeks, with every number scaled up to an integer.
  const scale = integerScale([weeks, running, ...runs]);
  const [s, w, u] = [BigInt(scale), BigInt(weeks * scale), BigInt(running * scale)];
  let [less, more] = [0n, 0n];
  for (const [hour, seconds] of secondsByHourOfWeek(counted)) {
    const run = runs[hour];
    if (run === undefined) throw new RangeError(`a baseline that does not know hour ${hour} of the week`);
    const part = BigInt(seconds) * (BigInt(run * scale) * s - u * w);
    if (part > 0n) less += part;
    else more += part;
  }
  return { less: rational(less, w * s), more: rational(more, w * s) };
}

/** How many seconds of the window fall into each hour of the week, UTC. */
function secondsByHourOfWeek({ start, end }: Window): Map<number, number> {
  const seconds = new Map<number, number>();
  const last = epochSeconds(end);
  let hour = hourOfWeek(start);
  for (let from = epochSeconds(start); from < last; hour = (hour + 1) % 168) {
    const to = Math.min(last, (Math.floor(from / HOUR) + 1) * HOUR);
    seconds.set(hour, (seconds.get(hour) ?? 0) + to - from);
    from = to;
  }
  return seconds;
}

export const lasting = ({ start, end }: Window): Rational => rational(BigInt(epochSeconds(end) - epochSeconds(start)));
