/** Metrics read and put, with CloudWatch's limits, pages and lag. */
import type {
  Datapoint,
  GetMetricDataInput,
  GetMetricDataOutput,
  GetMetricStatisticsInput,
  GetMetricStatisticsOutput,
  ListMetricsInput,
  ListMetricsOutput,
  MetricDataResult,
  MetricDatum,
  PutMetricDataInput,
} from '@aws-sdk/client-cloudwatch';
import { putValues } from '../world/custom-metrics.ts';
import { type Datapoints, datapoints } from '../world/datapoints.ts';
import { isInsights } from '../world/metric-insights.ts';
import { MathError } from '../world/metric-math.ts';
import { metricsOf, sourceOf } from '../world/metrics.ts';
import { type Answered, answering, type MetricQuery } from '../world/queries.ts';
import { alarmOperations } from './cloudwatch-alarms.ts';
import { invalid, metricName, metricQuery, statistic, wholeMinutes } from './cloudwatch-queries.ts';
import { NotInVirtualCloud, ServiceError } from './errors.ts';
import { type Call, type Operation, reads, writes } from './operation.ts';
import { page } from './page.ts';

export const cloudwatch: Readonly<Record<string, Operation>> = {
  GetMetricData: reads(getMetricData),
  GetMetricStatistics: reads(getMetricStatistics),
  ListMetrics: reads(listMetrics),
  PutMetricData: writes(putMetricData), // a data event: CloudTrail does not hand it to EventBridge
  ...alarmOperations,
};

const QUERIES_MAX = 500;
const POINTS_MAX = 100_800;
const STATISTICS_POINTS_MAX = 1440;
const LISTED_MAX = 500;
const DATA_MAX = 1000;

const badToken = (): ServiceError => new ServiceError('InvalidNextToken', 'The NextToken value is not valid.');

function getMetricData(input: GetMetricDataInput, { world, region }: Call): GetMetricDataOutput {
  const queries = input.MetricDataQueries ?? [];
  if (queries.length > QUERIES_MAX) throw invalid(`The collection MetricDataQueries must not have a size greater than ${QUERIES_MAX}.`);
  const window = { start: seconds(input.StartTime), end: seconds(input.EndTime) };
  if (window.start >= window.end) throw invalid('The parameter StartTime must be less than the parameter EndTime.');
  const ids = new Set(queries.map(q => q.Id));
  if (ids.size < queries.length) throw invalid('The values for parameter id in MetricDataQueries are not unique.');

  const understood = queries.map(metricQuery);
  if (understood.filter(q => 'expression' in q && isInsights(q.expression)).length > 1)
    throw invalid('A request can have only one Metrics Insights query.');
  const answer = answering(world, region, understood, window);
  const pointsMax = Math.min(input.MaxDatapoints ?? POINTS_MAX, POINTS_MAX);
  const from = input.NextToken === undefined ? { query: 0, series: 0, point: 0 } : cursor(input.NextToken);
  const results: MetricDataResult[] = [];
  let room = pointsMax;
  for (let i = from.query; i < understood.length; i++) {
    const query = understood[i] as MetricQuery;
    if (!query.returned) continue;
    const all = computed(answer, query.id);
    for (let j = i === from.query ? from.series : 0; j < all.length; j++) {
      if (room === 0) return { MetricDataResults: results, NextToken: token(i, j, 0), Messages: [] };
      const one = all[j] as Answered;
      const ordered = inOrder(one, input.ScanBy ?? 'TimestampDescending');
      const first = i === from.query && j === from.series ? from.point : 0;
      const taken = ordered.times.slice(first, first + room);
      const rest = ordered.times.length - first - taken.length;
      results.push({
        Id: query.id,
        Label: labelOf(query, one),
        Timestamps: taken.map(t => new Date(t * 1000)),
        Values: ordered.values.slice(first, first + taken.length),
        StatusCode: rest > 0 ? 'PartialData' : 'Complete',
      });
      room -= taken.length;
      if (rest > 0) return { MetricDataResults: results, NextToken: token(i, j, first + taken.length), Messages: [] };
    }
  }
  return { MetricDataResults: results, Messages: [] };
}

/** A label of the user's stands before what tells several series apart. */
function labelOf(query: MetricQuery, { label }: Answered): string {
  const own = query.label ?? ('metric' in query ? query.metric.name : query.id);
  return label === null || 'metric' in query ? own : query.label === null ? label : `${query.label} ${label}`;
}

function computed(answer: (id: string) => readonly Answered[], id: string): readonly Answered[] {
  try {
    return answer(id);
  } catch (error) {
    if (error instanceof MathError) throw invalid(`Error in expression '${id}': ${error.message}`);
    throw error;
  }
}

const inOrder = ({ times, values }: Datapoints, scan: string): Datapoints =>
  scan === 'TimestampAscending' ? { times, values } : { times: times.toReversed(), values: values.toReversed() };

const token = (...position: [query: number, series: number, point: number]): string =>
  Buffer.from(`points:${position.join(':')}`).toString('base64');

function cursor(text: string): { query: number; series: number; point: number } {
  const [, query, series, point] = /^points:(\d+):(\d+):(\d+)$/.exec(Buffer.from(text, 'base64').toString()) ?? [];
  if (query === undefined) throw badToken();
  return { query: Number(query), series: Number(series), point: Number(point) };
}

/** The SDK hands times over as Dates; a caller may also send epoch seconds. */
const seconds = (time: Date | undefined): number => Math.floor((time?.getTime() ?? 0) / 1000);

function getMetricStatistics(input: GetMetricStatisticsInput, { world, region }: Call): GetMetricStatisticsOutput {
  const window = { start: seconds(input.StartTime), end: seconds(input.EndTime) };
  const period = wholeMinutes(input.Period ?? 0);
  if (window.start >= window.end) throw invalid('The parameter StartTime must be less than the parameter EndTime.');
  const asked = (window.end - window.start) / period;
  if (asked > STATISTICS_POINTS_MAX) {
    throw new ServiceError(
      'InvalidParameterCombination',
      `You have requested up to ${Math.ceil(asked)} datapoints, which exceeds the limit of ${STATISTICS_POINTS_MAX}.`,
    );
  }
  const source = sourceOf(world, region, metricName(input));
  const byTime = new Map<number, Datapoint>();
  for (const stat of [...(input.Statistics ?? []), ...(input.ExtendedStatistics ?? [])]) {
    if (source === null) break;
    const { times, values } = datapoints(source, statistic(stat), period, window, world.clock.now());
    for (const [i, time] of times.entries()) {
      const point: Datapoint = byTime.get(time) ?? { Timestamp: new Date(time * 1000) };
      const value = values[i] as number;
      byTime.set(
        time,
        stat.startsWith('p')
          ? { ...point, ExtendedStatistics: { ...point.ExtendedStatistics, [stat]: value } }
          : { ...point, [stat]: value },
      );
    }
  }
  return { Label: input.MetricName, Datapoints: [...byTime.values()] };
}

function listMetrics(input: ListMetricsInput, { region }: Call): ListMetricsOutput {
  if (input.RecentlyActive !== undefined) throw new NotInVirtualCloud('cloudwatch ListMetrics of those recently active');
  const wanted = metricsOf(region).filter(
    ({ namespace, name, dimensions }) =>
      (input.Namespace === undefined || namespace === input.Namespace) &&
      (input.MetricName === undefined || name === input.MetricName) &&
      (input.Dimensions ?? []).every(f => dimensions.some(d => d.Name === f.Name && (f.Value === undefined || d.Value === f.Value))),
  );
  const { items, next } = page(wanted, LISTED_MAX, input.NextToken, badToken);
  return {
    Metrics: items.map(({ namespace, name, dimensions }) => ({
      Namespace: namespace,
      MetricName: name,
      Dimensions: dimensions.map(d => ({ ...d })),
    })),
    ...next,
  };
}

function putMetricData(input: PutMetricDataInput, { world, region, changed }: Call): Record<string, never> {
  const namespace = input.Namespace ?? '';
  if (namespace.startsWith('AWS/')) throw new ServiceError('InvalidParameterValue', `The value AWS/ for parameter Namespace is invalid.`);
  const data = input.MetricData ?? [];
  if (data.length > DATA_MAX)
    throw new ServiceError('InvalidParameterValue', `The collection MetricData must not have a size greater than ${DATA_MAX}.`);
  for (const datum of data) {
    const at = datum.Timestamp === undefined ? world.clock.now() : datum.Timestamp.getTime() / 1000;
    const { name, dimensions } = metricName(datum);
    putValues(region, { namespace, name, dimensions }, at, valuesOf(datum));
  }
  if (data.length > 0) changed.push(namespace);
  return {};
}

/** A statistic set is taken for as many values as it counts, that have its sum, least and greatest. */
function valuesOf({ Value, Values = [], Counts, StatisticValues }: MetricDatum): number[] {
  const each = Values.flatMap((value, i) => Array<number>(Counts?.[i] ?? 1).fill(value));
  const { SampleCount = 0, Sum = 0, Minimum = 0, Maximum = 0 } = StatisticValues ?? {};
  const set = SampleCount === 0 ? [] : SampleCount === 1 ? [Sum] : [Minimum, Maximum];
  const between = SampleCount > 2 ? Array<number>(SampleCount - 2).fill((Sum - Minimum - Maximum) / (SampleCount - 2)) : [];
  const all = [...(Value === undefined ? [] : [Value]), ...each, ...set, ...between];
  if (all.some(value => !Number.isFinite(value)))
    throw new ServiceError('InvalidParameterValue', 'The value NaN for parameter MetricData.member.Value is invalid.');
  return all;
}
