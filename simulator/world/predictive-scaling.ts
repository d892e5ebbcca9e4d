/**
 * Predictive scaling: a forecast for 48 hours, made anew every 6, of which each hour sets a floor some minutes before it begins; it never
 * scales in. AWS does not publish its model. Ours is the mean of the same hour of the week and the same hour of the day over the last
 * fourteen days, from a day of history on
 * (https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-predictive-scaling.html).
 */
import type { Group } from './group.ts';
import { loadOf } from './load.ts';
import { resize } from './scaling.ts';
import type { AwsPolicy } from './scaling-policies.ts';
import type { World } from './world.ts';

export interface Prediction {
  readonly type: 'PredictiveScaling';
  /** ForecastOnly unless told otherwise. */
  readonly mode?: 'ForecastOnly' | 'ForecastAndScale';
  /** Total CPU, or requests behind the load balancer. */
  readonly metric?: 'cpu' | 'requests';
  /** Percent, or requests a minute and target. */
  readonly target?: number;
  /** SchedulingBufferTime: so long before the hour its instances are launched; 300 seconds unless told otherwise. */
  readonly bufferSeconds?: number;
  /** MaxCapacityBreachBehavior IncreaseMaxCapacity: how many percent above the forecast the maximum may go; null honours the maximum. */
  readonly aboveMaxPercent?: number | null;
}

type Policy = Prediction & { readonly name: string; readonly enabled?: boolean };

const HOUR = 3600;
const DAY = 24 * HOUR;
const HISTORY = 14 * DAY;
const AHEAD = 48; // hours
const REMADE = 6 * HOUR;
const BUFFER = 300;

export interface Forecast {
  readonly madeAt: number;
  /** Starts of hours, ascending. */
  readonly hours: readonly number[];
  /** Load in each: the sum of all members' percent, or requests a minute. */
  readonly load: readonly number[];
  readonly capacity: readonly number[];
}

/** What the policy forecasts at `now`; no hours before there is a day of history. */
export function forecastAt(group: Group, policy: Policy, now: number): Forecast {
  const madeAt = Math.floor(now / REMADE) * REMADE;
  const since = Math.max(group.createdAt, madeAt - HISTORY);
  if (policy.target === undefined || madeAt - since < DAY) return { madeAt, hours: [], load: [], capacity: [] };
  const { target } = policy;
  const past = hourly(group, policy, Math.ceil(since / HOUR) * HOUR, madeAt);
  const first = Math.floor(now / HOUR) * HOUR;
  const hours = Array.from({ length: AHEAD }, (_, i) => first + i * HOUR);
  const load = hours.map(hour => expected(past, hour));
  return { madeAt, hours, load, capacity: load.map(value => Math.ceil(value / target)) };
}

/** Load of each hour, by its start: six looks an hour. */
function hourly(group: Group, { metric = 'cpu' }: Policy, from: number, to: number): ReadonlyMap<number, number> {
  const { balancer } = group;
  const loadAt = (at: number): number =>
    metric === 'requests' ? group.demand.at(at)(at) * (balancer?.perInstance ?? 0) : loadOf(group, at) * group.power.at(at);
  const loads = new Map<number, number>();
  for (let hour = from; hour < to; hour += HOUR) {
    let sum = 0;
    for (let at = hour + 300; at < hour + HOUR; at += 600) sum += loadAt(at);
    loads.set(hour, sum / 6);
  }
  return loads;
}

function expected(past: ReadonlyMap<number, number>, hour: number): number {
  const mean = (every: number): number | null => {
    const values: number[] = [];
    for (let ago = every; ago <= HISTORY + 2 * DAY; ago += every) values.push(...[past.get(hour - ago) ?? []].flat());
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  const [ofWeek, ofDay] = [mean(7 * DAY), mean(DAY)];
  if (ofDay === null) return ofWeek ?? 0;
  return ofWeek === null ? ofDay : (ofWeek + ofDay) / 2;
}

/** Looks at the forecast before and at each hour, as long as the policy stands. */
export function predict(world: World, group: Group, policy: AwsPolicy): void {
  if (policy.type !== 'PredictiveScaling' || policy.mode !== 'ForecastAndScale') return;
  const buffer = policy.bufferSeconds ?? BUFFER;
  const stands = () => !group.deleted && group.awsPolicies.includes(policy);
  const at = (when: number, act: () => void) => world.clock.schedule(when, () => stands() && act());
  const round = (hour: number): void => {
    at(hour - buffer, () => launchAhead(world, group, policy, hour));
    at(hour, () => {
      settleFloor(world, group, hour);
      round(hour + HOUR);
    });
  };
  round(Math.ceil((world.clock.second() + 1) / HOUR) * HOUR);
}

/** The hour to come asks for so many; the hour that ends keeps what it had. */
function launchAhead(world: World, group: Group, policy: Policy, hour: number): void {
  if (group.suspended.has('ScheduledActions') || policy.enabled === false) return;
  const asked = capacityOf(group, policy, hour, world.clock.now());
  const above = policy.aboveMaxPercent ?? null;
  if (above !== null && asked > group.maxSize) group.maxSize = Math.ceil(asked * (1 + above / 100));
  const wanted = Math.min(group.maxSize, asked);
  group.predicted = Math.max(group.predicted, wanted);
  if (wanted > group.desired)
    resize(world, group, { desired: wanted }, `predictive scaling policy ${policy.name} forecast ${asked} instances,`);
}

/** The hour has begun: what the one before asked for no longer counts. */
function settleFloor(world: World, group: Group, hour: number): void {
  const acting = group.awsPolicies.filter(
    (p): p is Policy => p.type === 'PredictiveScaling' && p.mode === 'ForecastAndScale' && p.enabled !== false,
  );
  const asked = Math.max(0, ...acting.map(p => capacityOf(group, p, hour, world.clock.now())));
  group.predicted = group.suspended.has('ScheduledActions') ? 0 : Math.min(group.maxSize, asked);
}

function capacityOf(group: Group, policy: Policy, hour: number, now: number): number {
  const { hours, capacity } = forecastAt(group, policy, now);
  return capacity[hours.indexOf(hour)] ?? 0;
}
