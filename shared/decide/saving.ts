/** What a change is expected to save: expected hours by the baseline, times a price whose source is named. A prediction, not a claim. */
import type { Baseline } from '../model/baseline.ts';
import type { Commitments } from '../model/ledger.ts';
import { divideMicros, type MicroUsd, microUsd, rateOver } from '../model/money.ts';
import type { Price } from '../model/observation.ts';
import type { ChangeReason, Saving } from '../model/plan.ts';
import { addSeconds, DAY, epochSeconds, floorTo, HOUR, hourOfWeek, type Instant, lengthSeconds, type Window } from '../model/time.ts';

export interface Worth {
  readonly price: Price | null;
  readonly baseline: Baseline;
  /** `none`: the user declared that nothing is covered; `unknown`: the hours may be paid for already, so the low bound is 0. */
  readonly commitments: Commitments;
  /** Given back for each hour that does not run; absent: nothing. */
  readonly addressPerHour?: MicroUsd;
}

/** One box asleep over `window`, where the baseline would have had it running. */
export function savingOfSleep(window: Window, worth: Worth): Saving {
  const { price, baseline, commitments, addressPerHour } = worth;
  const expected = baseline.kind === 'measured' || baseline.kind === 'declared';
  const seconds = expected ? expectedSeconds(window, baseline) : lengthSeconds(window);
  const known = price !== null && expected;
  return {
    window,
    hours: round(seconds / HOUR),
    money: known ? withAddress(range(rateOver(price.perHour, seconds), price.coverage ?? commitments), addressPerHour, seconds) : null,
    ...termsOf(price),
    ...(addressPerHour !== undefined && { addressPerHour }),
    baseline: baseline.kind,
  };
}

/** The address is saved whatever has paid for the instance. */
function withAddress({ low, high }: Range, perHour: MicroUsd | undefined, seconds: number): Range {
  const address = perHour === undefined ? 0 : rateOver(perHour, seconds);
  return { low: microUsd(low + address), high: microUsd(high + address) };
}

interface Range {
  readonly low: MicroUsd;
  readonly high: MicroUsd;
}

const termsOf = (price: Price | null) => ({
  perHour: price?.perHour ?? null,
  priceSource: price?.source ?? null,
  ...(price?.billedAs && { billedAs: price.billedAs }),
  ...(price?.coverage && { coverage: price.coverage }),
});

/** A day of the hours that it runs, at what each of them costs less; no hour is avoided. `null` for what saves nothing. */
export function savingOfSize(because: ChangeReason, at: Instant, { baseline, commitments }: Omit<Worth, 'price'>): Saving | null {
  if (because.code !== 'rightsize') return null;
  const { perHour, priceSource: source } = because;
  return { ...savingOfSleep({ start: at, end: addSeconds(at, DAY) }, { price: { perHour, source }, baseline, commitments }), hours: 0 };
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
    money: price === null ? null : range(rateOver(price.perHour, seconds), price.coverage ?? commitments),
    ...termsOf(price),
    baseline: baseline.kind,
  };
}

/** A cost is certain even where a saving is not: only what we would gain may already be paid for. */
function range(amount: MicroUsd, commitments: Commitments): Range {
  const covered = commitments === 'none' ? 0 : commitments === 'unknown' ? WHOLE : commitments.covered;
  return { low: amount > 0 ? divideMicros(BigInt(amount) * BigInt(WHOLE - covered), BigInt(WHOLE)) : amount, high: amount };
}

/** Coverage is counted in parts of this. */
const WHOLE = 10_000;

/** Reckoned in epoch seconds: an evening asks this of every box, a dozen hours each. */
function expectedSeconds(window: Window, { runs, weeks }: Extract<Baseline, { kind: 'measured' | 'declared' }>): number {
  const [start, end] = [epochSeconds(window.start), epochSeconds(window.end)];
  const first = floorTo(window.start, HOUR);
  let seconds = 0;
  for (let hour = epochSeconds(first), ofWeek = hourOfWeek(first); hour < end; hour += HOUR, ofWeek = (ofWeek + 1) % runs.length) {
    seconds += ((Math.min(hour + HOUR, end) - Math.max(hour, start)) * (runs[ofWeek] ?? 0)) / weeks;
  }
  return seconds;
}

const round = (hours: number): number => Math.round(hours * 100) / 100;
