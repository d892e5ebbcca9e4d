/**
 * What is expected of a metric: the mean of the same hour on the days of the last two weeks, and so many deviations around it. CloudWatch
 * learns hourly, daily and weekly patterns and trends over the same two weeks
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Anomaly_Detection.html) and does not publish how; this is the
 * simplest model that knows a time of day. It expects nothing before there is a day of data.
 */
import { datapoints, type Statistic } from './datapoints.ts';
import { TimeSeries } from './metric-math.ts';
import type { MetricName, Source } from './metric-source.ts';
import { sourceOf } from './metrics.ts';
import type { Region, World } from './world.ts';

interface Of {
  readonly metric: MetricName;
  readonly stat: Statistic;
  readonly period: number;
}

const DAY = 86_400;
const DAYS = 14;
const HALF_HOUR = 1800;

/** @param times starts of the periods that it is asked for. */
export function expectedBand(
  world: World,
  region: Region,
  { metric, stat, period }: Of,
  deviations: number,
  times: readonly number[],
): readonly [upper: TimeSeries, lower: TimeSeries] {
  const source = sourceOf(world, region, metric);
  const side = (name: string) => new TimeSeries([], { label: `${metric.name} (expected, ${name})`, period });
  const [upper, lower] = [side('upper'), side('lower')];
  for (const time of source === null ? [] : times) {
    const expected = sameHours(source as Source, stat, period, time, world.clock.now());
    if (expected === null) continue;
    upper.set(time, expected.mean + deviations * expected.deviation);
    lower.set(time, expected.mean - deviations * expected.deviation);
  }
  return [upper, lower];
}

function sameHours(source: Source, stat: Statistic, period: number, time: number, now: number): { mean: number; deviation: number } | null {
  const values: number[] = [];
  for (let days = 1; days <= DAYS; days++) {
    const middle = time - days * DAY;
    values.push(...datapoints(source, stat, period, { start: middle - HALF_HOUR, end: middle + HALF_HOUR + 1 }, now).values);
  }
  if (values.length === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}
