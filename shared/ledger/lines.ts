/** Lines of a statement: amounts summed by what they agree in, each figure rounded once. */
import type { MeterOpenedRow, SavingClass } from '../model/ledger.ts';
import { divideMicros, type MicroUsd, microUsd } from '../model/money.ts';
import type { Instant } from '../model/time.ts';
import { type Amount, addAmounts, addBounds, type Bounds, correctionOf, type Meter, NOTHING } from './amounts.ts';
import type { Rational } from './rational.ts';

/**
 * `A`: verified on the bill · `B`: measured baseline, known price, coverage known · `C`: a declared baseline, or coverage unknown, so a range ·
 * `D`: something that was only proposed, in no sum · `hours-only`: baseline or price unknown.
 */
export type Grade = 'A' | 'B' | 'C' | 'D' | 'hours-only';

/** One rounded figure each: lines are not rounded to add up, so their sum may differ from the total in the last micro-dollar. */
export interface Line {
  readonly meters: number;
  /** Instance-seconds less than the baseline expects (hours × 3600); negative: more. */
  readonly avoidedSeconds: number;
  /** Seconds that have no price: in no sum of money. */
  readonly unpricedSeconds: number;
  /** Seconds that instances without a baseline lay stopped: counted apart, never worth money. */
  readonly asleepSeconds: number;
  /** Seconds that instances ran as another type than before us: not avoided, but at another price. */
  readonly resizedSeconds: number;
  /** `null`: nothing here has both a baseline and a price. Unknown is not $0. */
  readonly money: Money | null;
  readonly grades: Readonly<Record<Grade, number>>;
}

export interface Money {
  /** Of meters that will not change any more. */
  readonly realised: Range;
  /** Of meters that still count at `at`. */
  readonly open: Range;
  readonly total: Range;
  /** The total as it was claimed, before any correction. */
  readonly claimed: Range;
  /** The one number to take: the low bound of grades A and B, less what grade C cost at its least. */
  readonly headline: MicroUsd;
}

export interface Range {
  readonly low: MicroUsd;
  readonly high: MicroUsd;
}

/** Meters that agree in these words, and what they come to. */
export interface Tally {
  readonly account: string;
  readonly class: SavingClass;
  readonly policy: string;
  readonly owner: string | null;
  readonly team: string | null;
  readonly grade: Exclude<Grade, 'D'>;
  readonly priceSource: string | null;
  readonly meters: number;
  readonly amount: Amount;
}

function gradeOf(meter: Meter, at: Instant): Tally['grade'] {
  const { baseline, perHour, commitments } = meter.opened;
  const correction = correctionOf(meter, at);
  if (baseline.kind === 'unknown' || (correction?.perHour ?? perHour) === null) return 'hours-only';
  if (correction !== null) return 'A';
  return commitments === 'unknown' || baseline.kind === 'declared' ? 'C' : 'B';
}

export const tallyOf = (meter: Meter, meters: number, amount: Amount, at: Instant): Tally => ({
  ...wordsOf(meter.opened),
  grade: gradeOf(meter, at),
  meters,
  amount,
});

const wordsOf = ({ scope, class: of, policy, owner, team, priceSource }: MeterOpenedRow) => ({
  ...{ account: scope.account, class: of, policy, owner, team, priceSource },
});

/** In order of keys. */
export function groups<Key>(tallies: readonly Tally[], keyOf: (tally: Tally) => string, name: (tally: Tally) => Key): (Line & Key)[] {
  const grouped = [...Map.groupBy(tallies, keyOf)].toSorted(([a], [b]) => compare(a, b));
  return grouped.map(([, members]) => {
    const [first] = members as [Tally, ...Tally[]];
    return { ...name(first), ...lineOf(members) };
  });
}

export const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export function lineOf(tallies: readonly Tally[]): Line {
  const amount = total(tallies);
  const grades = { A: 0, B: 0, C: 0, D: 0, 'hours-only': 0 };
  for (const { grade, meters } of tallies) grades[grade] += meters;
  // No meter at all is a known nothing: $0. Meters of which none has a price are an unknown something.
  const known = tallies.length === 0 || tallies.some(({ grade }) => grade !== 'hours-only');
  return {
    meters: tallies.reduce((sum, { meters }) => sum + meters, 0),
    avoidedSeconds: rounded(amount.avoided),
    unpricedSeconds: rounded(amount.unpriced),
    asleepSeconds: rounded(amount.asleep),
    resizedSeconds: rounded(amount.resized),
    money: known ? moneyOf(amount, tallies) : null,
    grades,
  };
}

const total = (tallies: readonly Tally[]): Amount => tallies.reduce((sum, one) => addAmounts(sum, one.amount), NOTHING);

function moneyOf(amount: Amount, tallies: readonly Tally[]): Money {
  const sure = total(tallies.filter(({ grade }) => grade === 'A' || grade === 'B'));
  const unsure = range(bothOf(total(tallies.filter(({ grade }) => grade !== 'A' && grade !== 'B'))));
  return {
    realised: range(amount.realised),
    open: range(amount.open),
    total: range(bothOf(amount)),
    claimed: range(amount.claimed),
    headline: microUsd(range(bothOf(sure)).low + Math.min(0, unsure.low)),
  };
}

const bothOf = ({ realised, open }: Amount): Bounds => addBounds(realised, open);
const range = ({ low, high }: Bounds): Range => ({ low: rounded(low), high: rounded(high) });
const rounded = ({ n, d }: Rational): MicroUsd => divideMicros(n, d);
