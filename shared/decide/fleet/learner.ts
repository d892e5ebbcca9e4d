/**
 * What one fleet has taught us, and the capacity it asks for. Minute by minute: what came is compared with what was forecast for it, the
 * price of an under-provisioned minute moves until the share of such minutes is what the policy allows, and a new forecast is made.
 */
import { consensus, EXPERTS, expertForecasts, judgeExperts } from './experts.ts';
import { errorAt, type History, KEPT, learnMinute, meanDemand, OFFSET, openHistory } from './history.ts';
import { cheapestCapacity } from './newsvendor.ts';
import { openRestraint, type Restraint, restrain } from './restraint.ts';
import { learnRhythm, type Rhythm } from './rhythm.ts';
import { learnError, openSpread, refitSpread, type Spread, scaleOf, spreadFeatures } from './spread.ts';
import { allowedResizes, openYardstick, playTargetTracking, type Yardstick } from './yardstick.ts';

export interface Learner {
  readonly history: History;
  readonly losses: Float64Array;
  readonly spread: Spread;
  readonly restraint: Restraint;
  readonly yardstick: Yardstick;
  rhythm: Rhythm | null;
  /** Forecasts whose minute has not come. */
  open: Forecast[];
  /** Capacity held after each of the latest minutes, oldest first: what was in service follows from it. */
  held: number[];
  /** What an under-provisioned minute costs, in instance-minutes: the margin that was learned. */
  price: number;
  /** Under-provisioned minutes still to spend; below zero: overspent. */
  balance: number;
}

export interface Forecast {
  /** The minute it is for: how far ahead one looks changes with the policy, and with a warm pool. */
  readonly minute: number;
  readonly forecasts: Float64Array;
  /** Log of demand plus `OFFSET`. */
  readonly forecast: number;
  readonly scale: number;
  readonly features: Float64Array;
}

export interface Service {
  /** Utilization, 0 to 1, above which a minute is under-provisioned. */
  readonly utilization: number;
  /** Share of minutes, 0 to 1, that may be. */
  readonly minutes: number;
  /** Minutes until a launched instance serves. */
  readonly boot: number;
  /** Minutes by which the newest datapoint is older than the present one. */
  readonly lag: number;
  readonly min: number;
  readonly max: number;
}

/** Of the minutes allowed: what is spent in error cannot be taken back. */
const SPENT = 0.9;
const PRICE = { start: 400, least: 4, most: 20_000, learning: 0.05 };
const BALANCE = { forgetting: 1 / (20 * 1440), caution: 0.3 };
/** Minutes until errors have a shape; before, a plain margin has to do. */
const APPRENTICE = 60;
const PLAIN_MARGIN = 1.6;

export const openLearner = (first: number): Learner => ({
  history: openHistory(first),
  losses: new Float64Array(EXPERTS.length),
  spread: openSpread(),
  restraint: openRestraint(),
  yardstick: openYardstick(),
  rhythm: null,
  open: [],
  held: [],
  price: PRICE.start,
  balance: 0,
});

/** From the newest datapoint to the first minute that an instance ordered now can serve. */
export const horizon = ({ boot, lag }: Service): number => boot + lag + 1;

/**
 * Learns the minute after the last one, and answers the capacity to hold.
 * @param demand in instances that would be busy at 100 %
 */
export function nextMinute(learner: Learner, demand: number, service: Service): number {
  const { history } = learner;
  learnMinute(history, demand);
  const minute = history.last;
  const age = minute - history.first;
  const ahead = horizon(service);
  settle(learner, demand);
  if (age > ahead) playTargetTracking(learner.yardstick, minute, demand, service.boot, service);
  if (age > APPRENTICE + ahead) charge(learner, demand, service);

  refit(learner, ahead);
  const next = foresee(learner, ahead);
  learner.open.push(next);
  const wanted = Math.min(service.max, Math.max(service.min, wish(learner, next, service)));
  const capacity = restrain(learner.restraint, wanted, allowedResizes(learner.yardstick), age > 240);
  learner.held = [...learner.held, capacity].slice(-ahead);
  return capacity;
}

/** A minute nobody measured: time goes on, what was forecast for it is dropped, and capacity stays. */
export function skipMinute(learner: Learner, demand: number, service: Service): void {
  learnMinute(learner.history, demand);
  const ahead = horizon(service);
  learner.open = [...yetToCome(learner), foresee(learner, ahead)];
  learner.held = [...learner.held, learner.restraint.capacity].slice(-ahead);
}

/** The latest forecast that was made for this minute meets what came. */
function settle(learner: Learner, demand: number): void {
  const { history, losses, spread, open } = learner;
  learner.open = yetToCome(learner);
  const made = open.findLast(({ minute }) => minute === history.last);
  if (made === undefined) return;
  const came = Math.log(demand + OFFSET);
  history.error[history.last % KEPT] = came - made.forecast;
  learnError(spread, errorAt(history, history.last), made.scale, made.features);
  judgeExperts(losses, made.forecasts, came);
}

const yetToCome = ({ open, history }: Learner): Forecast[] => open.filter(({ minute }) => minute > history.last);

/** Was the capacity that we asked for enough? Whatever else kept it from serving is not the margin's fault. */
function charge(learner: Learner, demand: number, { utilization, minutes, lag }: Service): void {
  const inService = Math.min(...learner.held.slice(0, learner.held.length - lag));
  const short = demand > utilization * inService ? 1 : 0;
  const allowed = SPENT * minutes;
  learner.balance = Math.min(1440 * allowed, learner.balance * (1 - BALANCE.forgetting) + allowed - short);
  const careful = allowed * Math.min(1, Math.max(0.3, 1 + (BALANCE.caution * learner.balance) / (1440 * allowed)));
  learner.price = Math.min(PRICE.most, Math.max(PRICE.least, learner.price * Math.exp(PRICE.learning * (short - careful))));
}

/** Once a day, at the hour when the fleet was first seen, so that a thousand fleets do not refit in the same minute. */
function refit(learner: Learner, ahead: number): void {
  const age = learner.history.last - learner.history.first;
  if (age < 1440 || age % (learner.rhythm === null ? 60 : 1440) !== 0) return;
  learner.rhythm = learnRhythm(learner.history, ahead);
  refitSpread(learner.spread);
}

function foresee({ history, rhythm, losses, spread }: Learner, ahead: number): Forecast {
  const forecasts = expertForecasts(history, rhythm, ahead);
  const forecast = consensus(losses, forecasts);
  const features = spreadFeatures(spread, history, ahead, forecasts, forecast);
  return { minute: history.last + ahead, forecasts, forecast, scale: scaleOf(spread, features), features };
}

function wish({ history, spread, price }: Learner, { forecast, scale }: Forecast, service: Service): number {
  const { last, first } = history;
  // What is there now is there: no forecast argues it away.
  const present = Math.ceil(meanDemand(history, last - 2, last) / service.utilization - 1e-9);
  const unshaped = last - first < APPRENTICE || spread.mass === 0;
  const plain = () => Math.ceil((PLAIN_MARGIN * (Math.exp(forecast) - OFFSET)) / service.utilization);
  return Math.max(present, unshaped ? plain() : cheapestCapacity(spread, forecast, scale, { ...service, price }));
}
