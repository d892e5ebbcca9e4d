/** How a metric alarm judges: so many of its newest complete periods over a threshold, or outside of what is expected. */
import { scaleAgain } from './alarm-actions.ts';
import { reasonOf } from './alarm-reason.ts';
import { type Alarm, type AlarmState, enter } from './alarms.ts';
import { type Datapoints, datapoints, PUBLICATION_LAG } from './datapoints.ts';
import { sourceOf } from './metrics.ts';
import { answering } from './queries.ts';
import { regionOf, type World } from './world.ts';

/** A datapoint that was judged; `value` is null where there was none. */
export interface Judged {
  readonly time: number;
  readonly value: number | null;
  readonly limits: Limits;
}

/** What it is compared with: a threshold is both; null where nothing is expected yet. */
export interface Limits {
  readonly upper: number | null;
  readonly lower: number | null;
}

export function judge(world: World, alarm: Alarm): void {
  const range = recent(world, alarm);
  const next = verdict(alarm, range);
  const judged = evaluated(alarm, range);
  const newest = judged.findLast(({ value }) => value !== null) ?? null;
  if (next !== null && next !== alarm.state.value)
    enter(world, alarm, next, reasonOf(world, alarm, judged, alarm.state.value, next), newest);
  else scaleAgain(world, alarm, newest);
}

/** More than an alarm evaluates are fetched, so that some may be missing: two more in AWS's examples, which says no general number. */
const MORE_THAN_EVALUATED = 2;

/** The evaluation range: the newest periods that are complete and published, oldest first. */
function recent(world: World, alarm: Alarm): Judged[] {
  const { period } = alarm;
  const fetched = alarm.evaluationPeriods + MORE_THAN_EVALUATED;
  const end = Math.floor((world.clock.second() - PUBLICATION_LAG) / period) * period;
  const start = end - fetched * period;
  const { points, upper, lower } = pointsOf(world, alarm, { start, end });
  const byTime = (series: Datapoints) => new Map(series.times.map((time, i) => [time, series.values[i] as number]));
  const [values, above, below] = [byTime(points), upper && byTime(upper), lower && byTime(lower)];
  return Array.from({ length: fetched }, (_, i) => {
    const time = start + i * period;
    const limits = {
      upper: above ? (above.get(time) ?? null) : alarm.threshold,
      lower: below ? (below.get(time) ?? null) : alarm.threshold,
    };
    return { time, value: values.get(time) ?? null, limits };
  });
}

interface Points {
  readonly points: Datapoints;
  /** Of the expected band. */
  readonly upper: Datapoints | null;
  readonly lower: Datapoints | null;
}

function pointsOf(world: World, alarm: Alarm, window: { start: number; end: number }): Points {
  const region = regionOf(world, alarm.region);
  const { queries, thresholdId } = alarm;
  const judged = queries?.find(({ returned, id }) => returned && id !== thresholdId);
  if (queries === null || judged === undefined) {
    const source = sourceOf(world, region, alarm.metric);
    const points = source === null ? NONE : datapoints(source, alarm.statistic, alarm.period, window, world.clock.second());
    return { points, upper: null, lower: null };
  }
  const answer = answering(world, region, queries, window);
  const [points = NONE] = answer(judged.id);
  if (thresholdId === null) return { points, upper: null, lower: null };
  const [upper = NONE, lower = NONE] = answer(thresholdId);
  return { points, upper, lower };
}

const NONE: Datapoints = { times: [], values: [] };

/** A datapoint of which nothing is expected is as good as missing. */
const isPresent = ({ value, limits }: Judged): boolean => value !== null && limits.upper !== null && limits.lower !== null;

/** The newest that are present, and where these are too few, missing ones for the rest. */
function evaluated({ evaluationPeriods }: Alarm, range: readonly Judged[]): Judged[] {
  const present = range.filter(isPresent).slice(-evaluationPeriods);
  const absent = range.filter(point => !isPresent(point));
  return [...absent.slice(absent.length - (evaluationPeriods - present.length)), ...present];
}

/**
 * As CloudWatch judges an evaluation range of which some may be missing: how they are treated matters only where too few are present.
 *
 * @returns null where the state stays as it is
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function verdict(
  alarm: Pick<Alarm, 'comparison' | 'evaluationPeriods' | 'datapointsToAlarm' | 'treatMissingData'>,
  range: readonly Judged[],
): AlarmState | null {
  const { evaluationPeriods, datapointsToAlarm, treatMissingData } = alarm;
  const present = range.filter(isPresent).slice(-evaluationPeriods);
  const filled = evaluationPeriods - present.length;
  const breaching = present.filter(point => breaches(alarm, point)).length;
  if (present.length === 0 && treatMissingData === 'missing') return 'INSUFFICIENT_DATA';
  if (present.length === 0 && treatMissingData === 'ignore') return null;
  if (breaching + (treatMissingData === 'breaching' ? filled : 0) >= datapointsToAlarm) return 'ALARM';
  const allBreach = filled > 0 && breaching === present.length && breaching > 0;
  if (allBreach && treatMissingData === 'ignore') return null;
  // So old that it would have been an alarm, had the others come.
  const age = range.length - range.findIndex(isPresent);
  return allBreach && treatMissingData === 'missing' && age >= datapointsToAlarm ? 'ALARM' : 'OK';
}

export function breaches({ comparison }: Pick<Alarm, 'comparison'>, { value, limits: { upper, lower } }: Judged): boolean {
  if (value === null || upper === null || lower === null) return false;
  switch (comparison) {
    case 'GreaterThanThreshold':
    case 'GreaterThanUpperThreshold':
      return value > upper;
    case 'GreaterThanOrEqualToThreshold':
      return value >= upper;
    case 'LessThanThreshold':
    case 'LessThanLowerThreshold':
      return value < lower;
    case 'LessThanOrEqualToThreshold':
      return value <= lower;
    case 'LessThanLowerOrGreaterThanUpperThreshold':
      return value < lower || value > upper;
    default:
      return comparison satisfies never;
  }
}
