/** What one meter comes to in a window, exactly. `docs/calculations.md` explains the method with worked numbers. */
import type { Baseline } from '../model/baseline.ts';
import type { MeterClosedRow, MeterOpenedRow, SavingClass } from '../model/ledger.ts';
import { addSeconds, DAY, earlier, epochSeconds, HOUR, hourOfWeek, type Instant, later, type Window } from '../model/time.ts';
import { integerScale, plus, type Rational, rational, ZERO } from './rational.ts';

export interface Meter {
  readonly opened: MeterOpenedRow;
  readonly closed: MeterClosedRow | null;
}

/** `low`: what is saved at least; `high`: what is saved if no commitment had paid for the hours already. In micro-dollars. */
export interface Bounds {
  readonly low: Rational;
  readonly high: Rational;
}

export interface Amount {
  /** Instance-seconds that the measured baseline expects and that did not run; negative where more ran than expected. */
  readonly avoided: Rational;
  /** The part of `avoided` that has no price: in no sum of money. */
  readonly unpriced: Rational;
  /** Seconds that an instance without a baseline lay stopped: whether it would have run is unknown, so they are not `avoided`. */
  readonly asleep: Rational;
  /** Of meters that will not change any more: closed, or at the end of their credit. */
  readonly realised: Bounds;
  /** Of meters that still count. */
  readonly open: Bounds;
}

/**
 * For how long after its opening a meter is credited, in days. A schedule earns while the instance is started at least once in 14 days, and
 * nobody needs credit for ever for a box that was forgotten: an idle stop ends at 30. A fleet's meter ends with its day; one that was never
 * closed, because nobody looked any more, must end somewhere.
 */
export const CREDIT_DAYS: Readonly<Record<SavingClass, number>> = { schedule: 14, 'idle-stop': 30, 'scale-in': 35 };

/** Meters that were opened earlier than this before a window cannot reach into it. */
export const LOOKBACK_DAYS = Math.max(...Object.values(CREDIT_DAYS));

export type MeterState = 'open' | 'closed' | 'credit-ended';

/** As of `at`: what happens later is not known yet, even when it is already on record. */
export function meterState({ opened, closed }: Meter, at: Instant): MeterState {
  const creditEnd = endOfCredit(opened);
  if (closed !== null && closed.at <= at && closed.at <= creditEnd) return 'closed';
  return creditEnd <= at ? 'credit-ended' : 'open';
}

const endOfCredit = (opened: MeterOpenedRow): Instant => addSeconds(opened.at, CREDIT_DAYS[opened.class] * DAY);

export const NOTHING: Amount = {
  avoided: ZERO,
  unpriced: ZERO,
  asleep: ZERO,
  realised: { low: ZERO, high: ZERO },
  open: { low: ZERO, high: ZERO },
};

export const addAmounts = (a: Amount, b: Amount): Amount => ({
  avoided: plus(a.avoided, b.avoided),
  unpriced: plus(a.unpriced, b.unpriced),
  asleep: plus(a.asleep, b.asleep),
  realised: addBounds(a.realised, b.realised),
  open: addBounds(a.open, b.open),
});

export const addBounds = (a: Bounds, b: Bounds): Bounds => ({ low: plus(a.low, b.low), high: plus(a.high, b.high) });

/**
 * Σ over the UTC clock hours that the meter touches inside the window: seconds × (expected − running) × price per second.
 * @throws RangeError for a baseline that does not name all 168 hours of a week.
 */
export function amountOf(meter: Meter, window: Window, at: Instant): Amount {
  const { opened } = meter;
  const counted = countedPart(meter, window, at);
  if (counted.start >= counted.end) return NOTHING;
  if (opened.baseline.kind === 'unknown') {
    // Of a fleet without a baseline nothing can be said: how many were asleep is the very thing that is unknown.
    const asleep = opened.resource.kind === 'instance' ? rational(BigInt(epochSeconds(counted.end) - epochSeconds(counted.start))) : ZERO;
    return { ...NOTHING, asleep };
  }

  const { less, more } = againstBaseline(counted, opened.baseline, opened.running);
  const avoided = plus(less, more);
  if (opened.perHour === null) return { ...NOTHING, avoided, unpriced: avoided };

  const bounds = {
    low: worth(opened.commitments === 'none' ? avoided : more, opened.perHour),
    high: worth(avoided, opened.perHour),
  };
  return { ...NOTHING, avoided, [meterState(meter, at) === 'open' ? 'open' : 'realised']: bounds };
}

/** Whether any of the meter's time falls into the window. */
export function reaches(meter: Meter, window: Window, at: Instant): boolean {
  const { start, end } = countedPart(meter, window, at);
  return start < end;
}

/** The part of the window in which the meter counts: from its opening to its close or the end of its credit. */
export function countedPart(meter: Meter, window: Window, at: Instant): Window {
  const { opened, closed } = meter;
  const ended = closed === null ? at : earlier(closed.at, at);
  return { start: later(opened.at, window.start), end: earlier(earlier(ended, endOfCredit(opened)), window.end) };
}

/**
 * Instance-seconds in `counted`, kept apart by sign, for the two bounds treat them differently: `less` (≥ 0) from hours in which less runs
 * than expected, `more` (≤ 0) from hours in which more does.
 */
function againstBaseline(counted: Window, { weeks, runs }: Extract<Baseline, { kind: 'measured' }>, running: number) {
  // expected − running = runs[h] / weeks − running = (runs[h] − running × weeks) / weeks, with every number scaled up to an integer.
  const scale = integerScale([weeks, running, ...runs]);
  const [s, w, u] = [BigInt(scale), BigInt(weeks * scale), BigInt(running * scale)];
  let [less, more] = [0n, 0n];
  for (const [hour, seconds] of secondsByHourOfWeek(counted)) {
    const run = runs[hour];
    if (run === undefined) throw new RangeError(`a measured baseline that does not know hour ${hour} of the week`);
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

const worth = (instanceSeconds: Rational, perHour: number): Rational =>
  rational(instanceSeconds.n * BigInt(perHour), instanceSeconds.d * BigInt(HOUR));
