/** Metric alarms: M out of N datapoints over a threshold, judged once a minute, ringing the bus when their state changes. */

import { reasonOf, stateJson } from './alarm-json.ts';
import { publish } from './bus.ts';
import { firstRegion } from './launch.ts';
import { datapoints, type MetricName, PUBLICATION_LAG, type Statistic, sourceOf } from './metrics.ts';
import { seedOf } from './random.ts';
import { regionOf, type World } from './world.ts';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
export type Comparison = 'GreaterThanThreshold' | 'GreaterThanOrEqualToThreshold' | 'LessThanThreshold' | 'LessThanOrEqualToThreshold';

export interface AlarmOptions {
  readonly name: string;
  readonly region?: string;
  readonly description?: string;
  readonly metric: MetricName;
  readonly statistic?: Statistic;
  /** Seconds; 60 unless told otherwise. */
  readonly period?: number;
  readonly threshold: number;
  readonly comparison?: Comparison;
  readonly evaluationPeriods?: number;
  /** M of N; all of them unless told otherwise. */
  readonly datapointsToAlarm?: number;
  readonly treatMissingData?: 'missing' | 'notBreaching' | 'breaching' | 'ignore';
  /** Called at every judgement that finds it in ALARM, with the newest datapoint: how AWS's own policies act. */
  readonly whileAlarm?: ((newest: { readonly time: number; readonly value: number }) => void) | null;
}

export interface Alarm extends Required<AlarmOptions> {
  readonly arn: string;
  readonly metricId: string;
  state: StateOfAlarm;
}

export interface StateOfAlarm {
  readonly value: AlarmState;
  readonly reason: string;
  readonly reasonData: string | null;
  /** Epoch seconds. */
  readonly since: number;
}

/** A datapoint that was judged; `value` is null where there was none. */
export interface Judged {
  readonly time: number;
  readonly value: number | null;
}

/** Puts an alarm into the world; it is judged every minute from now on, at a second of its own. */
export function putAlarm(world: World, options: AlarmOptions): Alarm {
  const region = regionOf(world, options.region ?? firstRegion(world).name);
  const now = world.clock.second();
  const evaluationPeriods = options.evaluationPeriods ?? 1;
  const alarm: Alarm = {
    description: '',
    statistic: 'Average',
    period: 60,
    comparison: 'GreaterThanThreshold',
    treatMissingData: 'missing',
    whileAlarm: null,
    ...options,
    region: region.name,
    evaluationPeriods,
    datapointsToAlarm: options.datapointsToAlarm ?? evaluationPeriods,
    arn: `arn:aws:cloudwatch:${region.name}:${world.account}:alarm:${options.name}`,
    metricId: world.ids.uuid('alarm-metric'),
    state: { value: 'INSUFFICIENT_DATA', reason: 'Unchecked: Initial alarm creation', reasonData: null, since: now },
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

function judge(world: World, alarm: Alarm): void {
  const judged = recent(world, alarm);
  const next = verdict(alarm, judged);
  if (next !== null && next !== alarm.state.value) change(world, alarm, next, judged);
  const newest = judged.findLast(({ value }) => value !== null);
  if (alarm.state.value === 'ALARM' && newest !== undefined) alarm.whileAlarm?.({ time: newest.time, value: newest.value ?? 0 });
}

function change(world: World, alarm: Alarm, next: AlarmState, judged: readonly Judged[]): void {
  const previous = alarm.state;
  alarm.state = { value: next, ...reasonOf(world, alarm, judged, previous.value, next), since: world.clock.second() };
  publish(
    world,
    alarm.region,
    {
      detailType: 'CloudWatch Alarm State Change',
      source: 'aws.cloudwatch',
      resources: [alarm.arn],
      detail: {
        alarmName: alarm.name,
        configuration: configuration(alarm),
        previousState: stateJson(previous),
        state: stateJson(alarm.state),
      },
    },
    0,
  );
}

/** The newest periods that are complete and published, oldest first. */
function recent(world: World, alarm: Alarm): Judged[] {
  const { period, evaluationPeriods } = alarm;
  const now = world.clock.second();
  const source = sourceOf(world, regionOf(world, alarm.region), alarm.metric);
  const end = Math.floor((now - PUBLICATION_LAG) / period) * period;
  const start = end - evaluationPeriods * period;
  const points = source === null ? { times: [], values: [] } : datapoints(source, alarm.statistic, period, { start, end }, now);
  const values = new Map(points.times.map((time, i) => [time, points.values[i]]));
  return Array.from({ length: evaluationPeriods }, (_, i) => ({ time: start + i * period, value: values.get(start + i * period) ?? null }));
}

function verdict(alarm: Alarm, judged: readonly Judged[]): AlarmState | null {
  const present = judged.flatMap(({ value }) => (value === null ? [] : [value]));
  const missing = judged.length - present.length;
  const breaching = present.filter(value => breaches(alarm, value)).length;
  if (present.length === 0 && alarm.treatMissingData === 'missing') return 'INSUFFICIENT_DATA';
  if (present.length === 0 && alarm.treatMissingData === 'ignore') return null;
  return breaching + (alarm.treatMissingData === 'breaching' ? missing : 0) >= alarm.datapointsToAlarm ? 'ALARM' : 'OK';
}

export function breaches({ comparison, threshold }: Pick<Alarm, 'comparison' | 'threshold'>, value: number): boolean {
  switch (comparison) {
    case 'GreaterThanThreshold':
      return value > threshold;
    case 'GreaterThanOrEqualToThreshold':
      return value >= threshold;
    case 'LessThanThreshold':
      return value < threshold;
    case 'LessThanOrEqualToThreshold':
      return value <= threshold;
    default:
      return comparison satisfies never;
  }
}

function configuration(alarm: Alarm): unknown {
  const { namespace, name, dimensions } = alarm.metric;
  return {
    ...(alarm.description !== '' && { description: alarm.description }),
    metrics: [
      {
        id: alarm.metricId,
        metricStat: {
          metric: { namespace, name, dimensions: Object.fromEntries(dimensions.map(d => [d.Name, d.Value])) },
          period: alarm.period,
          stat: alarm.statistic,
        },
        returnData: true,
      },
    ],
  };
}
