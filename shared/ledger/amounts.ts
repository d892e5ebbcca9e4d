/** What one meter comes to in a window, exactly. `docs/calculations.md` explains the method with worked numbers. */
import type { Commitments, MeterClosedRow, MeterCorrectedRow, MeterOpenedRow, SavingClass } from '../model/ledger.ts';
import { addSeconds, DAY, earlier, HOUR, type Instant, later, type Window, within } from '../model/time.ts';
import { againstBaseline, lasting } from './against-baseline.ts';
import { plus, type Rational, rational, ZERO } from './rational.ts';

export interface Meter {
  readonly opened: MeterOpenedRow;
  readonly closed: MeterClosedRow | null;
  /** In order of revisions. */
  readonly corrections?: readonly MeterCorrectedRow[];
}

/** `low`: what is saved at least; `high`: what is saved if no commitment had paid for the hours already. In micro-dollars. */
export interface Bounds {
  readonly low: Rational;
  readonly high: Rational;
}

export interface Amount {
  /** Instance-seconds that the baseline expects and that did not run; negative where more ran than expected. */
  readonly avoided: Rational;
  /** The part of `avoided` that has no price: in no sum of money. */
  readonly unpriced: Rational;
  /** Seconds that an instance without a baseline lay stopped: whether it would have run is unknown, so they are not `avoided`. */
  readonly asleep: Rational;
  /** Seconds that an instance ran as another type. */
  readonly resized: Rational;
  /** Of meters that will not change any more: closed, or at the end of their credit. */
  readonly realised: Bounds;
  /** Of meters that still count. */
  readonly open: Bounds;
  /** Both of them, as they were before any correction. */
  readonly claimed: Bounds;
}

/**
 * For how long after its opening a meter is credited, in days. A schedule earns while the instance is started at least once in 14 days, and
 * nobody needs credit for ever for a box that was forgotten: an idle stop ends at 30. The meters of a fleet and of a resized instance end
 * with their day; one that was never closed, because nobody looked any more, must end somewhere.
 */
export const CREDIT_DAYS: Readonly<Record<SavingClass, number>> = {
  schedule: 14,
  'idle-stop': 30,
  tags: 30,
  rightsize: 35,
  'scale-in': 35,
};

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

const NO_MONEY: Bounds = { low: ZERO, high: ZERO };

export const NOTHING: Amount = {
  ...{ avoided: ZERO, unpriced: ZERO, asleep: ZERO, resized: ZERO },
  ...{ realised: NO_MONEY, open: NO_MONEY, claimed: NO_MONEY },
};

export const addAmounts = (a: Amount, b: Amount): Amount => ({
  avoided: plus(a.avoided, b.avoided),
  unpriced: plus(a.unpriced, b.unpriced),
  asleep: plus(a.asleep, b.asleep),
  resized: plus(a.resized, b.resized),
  realised: addBounds(a.realised, b.realised),
  open: addBounds(a.open, b.open),
  claimed: addBounds(a.claimed, b.claimed),
});

export const addBounds = (a: Bounds, b: Bounds): Bounds => ({ low: plus(a.low, b.low), high: plus(a.high, b.high) });

/** The latest word of the bill, as of `at`. */
export const correctionOf = ({ corrections = [] }: Meter, at: Instant): MeterCorrectedRow | null =>
  corrections.findLast(row => row.at <= at) ?? null;

/**
 * Σ over the UTC clock hours that the meter touches inside the window: seconds × (expected − running) × price per second, and what the
 * change itself cost at its opening.
 * @throws RangeError for a baseline that does not name all 168 hours of a week.
 */
export function amountOf(meter: Meter, window: Window, at: Instant): Amount {
  const claimed = worthOf(meter.opened, countedPart(meter, window, at), window, at);
  const correction = correctionOf(meter, at);
  const counted = correction === null ? claimed : worthOf(corrected(meter.opened, correction), countedPart(meter, window, at), window, at);
  const { money, ...seconds } = correction?.finding === 'reversed' ? RAN_AFTER_ALL : counted;
  return { ...NOTHING, ...seconds, claimed: claimed.money, [meterState(meter, at) === 'open' ? 'open' : 'realised']: money };
}

type Worth = Omit<Amount, 'realised' | 'open' | 'claimed'> & { readonly money: Bounds };

const RAN_AFTER_ALL: Worth = { avoided: ZERO, unpriced: ZERO, asleep: ZERO, resized: ZERO, money: NO_MONEY };

const corrected = (opened: MeterOpenedRow, { perHour, covered, source }: MeterCorrectedRow): MeterOpenedRow => ({
  ...opened,
  perHour: perHour ?? opened.perHour,
  commitments: covered === null ? opened.commitments : { covered, source },
});

function worthOf(opened: MeterOpenedRow, counted: Window, window: Window, at: Instant): Worth {
  const cost = within(window, opened.at) && opened.at <= at ? negative(opened.addedCost) : ZERO;
  const nothing = { ...RAN_AFTER_ALL, money: { low: cost, high: cost } };
  if (counted.start >= counted.end) return nothing;
  const { baseline, perHour } = opened;
  if (baseline.kind === 'unknown') {
    // Of a fleet without a baseline nothing can be said: how many were asleep is the very thing that is unknown.
    return { ...nothing, asleep: opened.resource.kind === 'instance' ? lasting(counted) : ZERO };
  }
  const { less, more } =
    baseline.kind === 'ran' ? { less: lasting(counted), more: ZERO } : againstBaseline(counted, baseline, opened.running);
  const seconds = plus(less, more);
  const told = baseline.kind === 'ran' ? { ...nothing, resized: seconds } : { ...nothing, avoided: seconds };
  if (perHour === null) return { ...told, unpriced: seconds };

  const addresses = times(seconds, opened.addressPerHour);
  const certain = plus(cost, addresses);
  // A commitment may have paid for what we save; what we add is paid for in any case.
  const [gain, loss] = perHour < 0 ? [times(more, perHour), times(less, perHour)] : [times(less, perHour), times(more, perHour)];
  const uncovered = rational(gain.n * BigInt(WHOLE - coveredBy(opened.commitments)), gain.d * BigInt(WHOLE));
  return { ...told, money: { low: plus(plus(uncovered, loss), certain), high: plus(plus(gain, loss), certain) } };
}

/** Coverage is counted in parts of this. */
export const WHOLE = 10_000;

/** Of 10,000 hours, how many a commitment may have paid for. */
const coveredBy = (commitments: Commitments): number =>
  commitments === 'none' ? 0 : commitments === 'unknown' ? WHOLE : commitments.covered;

/** Whether any of the meter's time falls into the window. */
export function reaches(meter: Meter, window: Window, at: Instant): boolean {
  const { start, end } = countedPart(meter, window, at);
  return start < end;
}

/** The part of the window that the meter counts in, as of `at`; empty (`start >= end`) when it reaches none of it. */
export function countedPart(meter: Meter, window: Window, at: Instant): Window {
  const { opened, closed } = meter;
  const ended = closed === null ? at : earlier(closed.at, at);
  return { start: later(opened.at, window.start), end: earlier(earlier(ended, endOfCredit(opened)), window.end) };
}

const times = (seconds: Rational, perHour: number): Rational => rational(seconds.n * BigInt(perHour), seconds.d * BigInt(HOUR));
const negative = (micros: number): Rational => rational(-BigInt(micros));
