/**
 * Metric alarms: M out of N datapoints over a threshold, of a metric or of metric math, judged once a minute. Composite alarms: a rule
 * over others. Each rings the bus when its state changes, and the topics of its actions.
 */
import { actOn } from './alarm-actions.ts';
import { configurationOf, stateJson } from './alarm-json.ts';
import { type Judged, judge } from './alarm-judgement.ts';
import { publish } from './bus.ts';
import { parseRule, type Rule } from './composite-alarms.ts';
import type { Statistic } from './datapoints.ts';
import { firstRegion } from './launch.ts';
import type { MetricName } from './metric-source.ts';
import type { MetricQuery } from './queries.ts';
import { seedOf } from './random.ts';
import { type Region, regionOf, type World } from './world.ts';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
/** The last three look at an expected band. */
export type Comparison =
  | 'GreaterThanThreshold'
  | 'GreaterThanOrEqualToThreshold'
  | 'LessThanThreshold'
  | 'LessThanOrEqualToThreshold'
  | 'LessThanLowerOrGreaterThanUpperThreshold'
  | 'LessThanLowerThreshold'
  | 'GreaterThanUpperThreshold';

/** ARNs of what is set off by each state: topics, scaling policies, EC2's own actions. */
export type Actions = Readonly<Record<AlarmState, readonly string[]>>;

interface Common {
  readonly name: string;
  readonly region?: string;
  readonly description?: string;
  readonly actions?: Actions;
  readonly actionsEnabled?: boolean;
}

export interface AlarmOptions extends Common {
  /** What is judged; with `queries` the one of them that is returned. */
  readonly metric: MetricName;
  readonly statistic?: Statistic;
  /** Seconds; 60 unless told otherwise. */
  readonly period?: number;
  /** null: the expected band of the query `thresholdId`. */
  readonly threshold: number | null;
  readonly thresholdId?: string | null;
  readonly comparison?: Comparison;
  readonly evaluationPeriods?: number;
  /** M of N; all of them unless told otherwise. */
  readonly datapointsToAlarm?: number;
  readonly treatMissingData?: 'missing' | 'notBreaching' | 'breaching' | 'ignore';
  /** Metric math: metrics and an expression, which alone is returned. */
  readonly queries?: readonly MetricQuery[] | null;
}

interface Standing {
  readonly arn: string;
  actionsEnabled: boolean;
  state: StateOfAlarm;
}

export interface Alarm extends Required<Omit<AlarmOptions, 'actionsEnabled'>>, Standing {
  readonly metricId: string;
}

export interface CompositeOptions extends Common {
  readonly rule: string;
}

export interface CompositeAlarm extends Required<Omit<CompositeOptions, 'actionsEnabled'>>, Standing {
  readonly holds: Rule;
  /** Names of the alarms that it looks at. */
  readonly children: readonly string[];
}

export interface StateOfAlarm {
  readonly value: AlarmState;
  readonly reason: string;
  readonly reasonData: string | null;
  /** Epoch seconds. */
  readonly since: number;
}

const NO_ACTIONS: Actions = { OK: [], ALARM: [], INSUFFICIENT_DATA: [] };

/** Puts an alarm into the world; it is judged every minute from now on, at a second of its own. One of the same name keeps its state. */
export function putAlarm(world: World, options: AlarmOptions): Alarm {
  const region = regionOf(world, options.region ?? firstRegion(world).name);
  const now = world.clock.second();
  const evaluationPeriods = options.evaluationPeriods ?? 1;
  const alarm: Alarm = {
    ...common(world, region, options),
    metric: options.metric,
    threshold: options.threshold,
    thresholdId: options.thresholdId ?? null,
    statistic: options.statistic ?? 'Average',
    period: options.period ?? 60,
    comparison: options.comparison ?? 'GreaterThanThreshold',
    treatMissingData: options.treatMissingData ?? 'missing',
    queries: options.queries ?? null,
    evaluationPeriods,
    datapointsToAlarm: options.datapointsToAlarm ?? evaluationPeriods,
    metricId: world.ids.uuid('alarm-metric'),
  };
  region.alarms.set(alarm.name, alarm);

  const second = 5 + ((seedOf(world.seed, alarm.name) >>> 0) % 50);
  const everyMinute = () => {
    if (region.alarms.get(alarm.name) !== alarm) return; // replaced or deleted
    judge(world, alarm);
    world.clock.schedule(world.clock.second() + 60, everyMinute);
  };
  world.clock.schedule(Math.floor(now / 60) * 60 + 60 + second, everyMinute);
  return alarm;
}

/** @throws Error for a rule that is not understood, or looks at an alarm that is not there. */
export function putCompositeAlarm(world: World, options: CompositeOptions): CompositeAlarm {
  const region = regionOf(world, options.region ?? firstRegion(world).name);
  const { rule, alarms } = parseRule(options.rule);
  const missing = alarms.find(name => !region.alarms.has(name) && !region.composites.has(name));
  if (missing !== undefined) throw new Error(`the alarm rule looks at ${missing}, which is not there`);
  const alarm: CompositeAlarm = { ...common(world, region, options), rule: options.rule, holds: rule, children: alarms };
  region.composites.set(alarm.name, alarm);
  world.clock.schedule(world.clock.second(), () => judgeComposite(world, region, alarm));
  return alarm;
}

function common(world: World, region: Region, { name, description = '', actions = NO_ACTIONS, actionsEnabled = true }: Common) {
  const before = region.alarms.get(name)?.state ?? region.composites.get(name)?.state;
  const fresh: StateOfAlarm = {
    value: 'INSUFFICIENT_DATA',
    reason: 'Unchecked: Initial alarm creation',
    reasonData: null,
    since: world.clock.second(),
  };
  const arn = `arn:aws:cloudwatch:${region.name}:${world.account}:alarm:${name}`;
  return { name, region: region.name, description, actions, actionsEnabled, arn, state: before ?? fresh };
}

function judgeComposite(world: World, region: Region, alarm: CompositeAlarm, trigger?: Alarm | CompositeAlarm): void {
  if (region.composites.get(alarm.name) !== alarm) return;
  const next = alarm.holds(name => (region.alarms.get(name) ?? region.composites.get(name))?.state.value) ? 'ALARM' : 'OK';
  if (next === alarm.state.value) return;
  const because = trigger === undefined ? 'by its creation' : `by ${trigger.arn}, which transitioned to ${trigger.state.value}`;
  const reasonData = trigger && JSON.stringify({ triggeringAlarms: [{ arn: trigger.arn, state: stateJson(trigger.state) }] });
  enter(world, alarm, next, { reason: `${alarm.arn} was updated ${because}.`, reasonData: reasonData ?? null });
}

/** The alarm is in that state from now on: the bus hears of it, its topics, and the composites that look at it. */
export function enter(
  world: World,
  alarm: Alarm | CompositeAlarm,
  value: AlarmState,
  why: Pick<StateOfAlarm, 'reason' | 'reasonData'>,
  newest: Judged | null = null,
): void {
  const previous = alarm.state;
  alarm.state = { value, ...why, since: world.clock.second() };
  const detail = {
    alarmName: alarm.name,
    configuration: configurationOf(alarm),
    previousState: stateJson(previous),
    state: stateJson(alarm.state),
  };
  publish(
    world,
    alarm.region,
    { detailType: 'CloudWatch Alarm State Change', source: 'aws.cloudwatch', resources: [alarm.arn], detail },
    0,
  );
  actOn(world, alarm, previous, newest);
  const region = regionOf(world, alarm.region);
  for (const composite of region.composites.values())
    if (composite.children.includes(alarm.name)) judgeComposite(world, region, composite, alarm);
}
