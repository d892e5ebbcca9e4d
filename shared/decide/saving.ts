/** What a change is expected to save: expected hours by the baseline, times a price whose source is named. A prediction, not a claim. */
import type { Baseline } from '../model/baseline.ts';
import { type MicroUsd, microUsd, rateOver } from '../model/money.ts';
import type { Price } from '../model/observation.ts';
import type { Saving } from '../model/plan.ts';
import { addSeconds, epochSeconds, floorTo, HOUR, hourOfWeek, type Instant, lengthSeconds, type Window } from '../model/time.ts';

export interface Worth {
  readonly price: Price | null;
  readonly baseline: Baseline;
  /** `none`: the user declared that nothing is covered; `unknown`: the hours may be paid for already, so the low bound is 0. */
  readonly commitments: 'none' | 'unknown';
}

/** One box asleep over `window`, where the baseline would have had it running. */
export function savingOfSleep(window: Window, { price, baseline, commitments }: Worth): Saving {
  const seconds = baseline.kind === 'measured' ? expectedSeconds(window, baseline) : lengthSeconds(window);
  const known = price !== null && baseline.kind === 'measured';
  return {
    window,
    hours: round(seconds / HOUR),
    money: known ? range(rateOver(price.perHour, seconds), commitments) : null,
    perHour: price?.perHour ?? null,
    priceSource: price?.source ?? null,
    baseline: baseline.kind,
  };
}

/** What is left of a saving after what is billed at once. */
export function lessCharge(saving: Saving, charge: MicroUsd): Saving {
  if (charge === 0) return saving;
  const { money } = saving;
  return { ...saving, money: money && { low: microUsd(money.low - charge), high: microUsd(money.high - charge) }, charge };
}

/** `members` fewer (or, negative, more) instances from `at` on: for the hour to come, or until `end`. */
export function savingOfCapacity(
  at: Instant,
  members: number,
  { price, baseline, commitments }: Worth,
  end = addSeconds(at, HOUR),
): Saving {
  const window = { start: at, end };
  const seconds = Math.round(lengthSeconds(window) * members);
  return {
    window,
    hours: round(seconds / HOUR),
    money: price === null ? null : range(rateOver(price.perHour, seconds), commitments),
    perHour: price?.perHour ?? null,
    priceSource: price?.source ?? null,
    baseline: baseline.kind,
  };
}

/** A cost is certain even where a saving is not: only what we would gain may already be paid for. */
function range(amount: MicroUsd, commitments: 'none' | 'unknown'): { low: MicroUsd; high: MicroUsd } {
  return { low: commitments === 'unknown' && amount > 0 ? microUsd(0) : amount, high: amount };
}

/** Reckoned in epoch seconds: an evening asks this of every box, a dozen hours each. */
function expectedSeconds(window: Window, { runs, weeks }: Extract<Baseline, { kind: 'measured' }>): number {
  const [start, end] = [epochSeconds(window.start), epochSeconds(window.end)];
  const first = floorTo(window.start, HOUR);
  let seconds = 0;
  for (let hour = epochSeconds(first), ofWeek = hourOfWeek(first); hour < end; hour += HOUR, ofWeek = (ofWeek + 1) % runs.length) {
    seconds += ((Math.min(hour + HOUR, end) - Math.max(hour, start)) * (runs[ofWeek] ?? 0)) / weeks;
  }
  return seconds;
}

const round = (hours: number): number => Math.round(hours * 100) / 100;
