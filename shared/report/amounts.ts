/** Savings as people read them: a range when it is one, its sign said in words, and the unknown never as 0. */
import { dollars, type MicroUsd, microUsd, sum } from '../model/money.ts';
import type { Change, Saving } from '../model/plan.ts';
import { count, hours } from './numbers.ts';
import { plain } from './plain.ts';

export interface Range {
  readonly low: MicroUsd;
  readonly high: MicroUsd;
}

/** `$4.20` or `$0.00 to $4.20`. */
export const range = ({ low, high }: Range): string => (low === high ? dollars(low) : `${dollars(low)} to ${dollars(high)}`);

/** `saves $0.00 to $4.20`, `costs $0.30 more`, `between $1.00 more and $2.00 less`. */
export function savingPhrase({ low, high }: Range): string {
  if (low >= 0) return `saves ${range({ low, high })}`;
  if (high <= 0) return `costs ${range({ low: negated(high), high: negated(low) })} more`;
  return `between ${dollars(negated(low))} more and ${dollars(high)} less`;
}

/** One change's prediction with its provenance, as a clause. */
export function predictionPhrase(saving: Saving): string {
  const { money, perHour, priceSource, baseline } = saving;
  const amount = Math.abs(saving.hours) < 0.05 ? 'no instance-hours' : hoursPhrase(saving.hours);
  const by = BASELINES[baseline];
  const price = perHour === null ? 'price unknown' : `${rate(perHour)}${priceSource === null ? '' : ` by ${plain(priceSource)}`}`;
  return money === null ? `${amount}, worth unknown: ${by}, ${price}` : `${savingPhrase(money)}: ${amount}; ${by}; ${price}`;
}

const BASELINES: Readonly<Record<Saving['baseline'], string>> = {
  measured: 'baseline measured',
  declared: 'baseline declared',
  ran: 'counted while it runs',
  unknown: 'baseline unknown',
};

/** `$0.107/h`: an hourly price, to the digit that the price list gives. */
export const rate = (perHour: MicroUsd): string => `$${RATE.format(perHour / 1_000_000)}/h`;

const RATE = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 6 });

/** `12 h less`, `3 h more`: hours that will not run, or that will. */
export const hoursPhrase = (n: number): string => (n < 0 ? `${hours(-n)} more` : `${hours(n)} less`);

export interface Prediction {
  readonly hours: number;
  readonly money: Range;
  /** Changes with a saving that has no price or no baseline, and their hours: not in `money`. */
  readonly unpriced: { readonly changes: number; readonly hours: number };
}

/** What several changes are expected to come to. */
export function predict(changes: readonly Pick<Change, 'saving'>[]): Prediction {
  const savings = changes.flatMap(c => (c.saving === null ? [] : [c.saving]));
  const priced = savings.flatMap(s => (s.money === null ? [] : [s.money]));
  const unpriced = savings.filter(s => s.money === null);
  return {
    hours: savings.reduce((total, s) => total + s.hours, 0),
    money: { low: sum(priced.map(m => m.low)), high: sum(priced.map(m => m.high)) },
    unpriced: { changes: unpriced.length, hours: unpriced.reduce((total, s) => total + s.hours, 0) },
  };
}

/** `saves $1.20 to $4.20 (62 h less), and 2 changes of unknown worth (24 h less)`. */
export function totalPhrase({ hours: all, money, unpriced }: Prediction): string {
  if (all === 0 && money.low === 0 && money.high === 0 && unpriced.changes === 0) return 'no saving expected';
  const unknown = `${count(unpriced.changes, 'change')} of unknown worth (${hoursPhrase(unpriced.hours)})`;
  const priced = all - unpriced.hours;
  if (unpriced.changes > 0 && priced === 0 && money.high === 0 && money.low === 0) return unknown;
  return `${savingPhrase(money)} (${hoursPhrase(priced)})${unpriced.changes === 0 ? '' : `, and ${unknown}`}`;
}

const negated = (amount: MicroUsd): MicroUsd => microUsd(-amount);
