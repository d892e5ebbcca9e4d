/** GetMetricData and DescribeAlarms, with CloudWatch's limits, pages and lag. */
import type {
  DescribeAlarmsInput,
  DescribeAlarmsOutput,
  GetMetricDataInput,
  GetMetricDataOutput,
  MetricAlarm,
  MetricDataQuery,
  MetricDataResult,
} from '@aws-sdk/client-cloudwatch';
import type { Alarm } from '../world/alarms.ts';
import { type Datapoints, datapoints, STATISTICS, type Statistic, sourceOf } from '../world/metrics.ts';
import { NotInVirtualCloud, ServiceError } from './errors.ts';
import { type Call, type Operation, reads } from './operation.ts';
import { page } from './page.ts';

export const cloudwatch: Readonly<Record<string, Operation>> = {
  GetMetricData: reads(getMetricData),
  DescribeAlarms: reads(describeAlarms),
};

const QUERIES_MAX = 500;
const POINTS_MAX = 100_800;

const invalid = (message: string): ServiceError => new ServiceError('ValidationError', message);
const badToken = (): ServiceError => new ServiceError('InvalidNextToken', 'The NextToken value is not valid.');

function getMetricData(input: GetMetricDataInput, call: Call): GetMetricDataOutput {
  const queries = input.MetricDataQueries ?? [];
  if (queries.length > QUERIES_MAX) throw invalid(`The collection MetricDataQueries must not have a size greater than ${QUERIES_MAX}.`);
  const window = { start: seconds(input.StartTime), end: seconds(input.EndTime) };
  if (window.start >= window.end) throw invalid('The parameter StartTime must be less than the parameter EndTime.');
  const ids = new Set(queries.map(q => q.Id));
  if (ids.size < queries.length) throw invalid('The values for parameter id in MetricDataQueries are not unique.');

  const pointsMax = Math.min(input.MaxDatapoints ?? POINTS_MAX, POINTS_MAX);
  const from = input.NextToken === undefined ? { query: 0, point: 0 } : cursor(input.NextToken);
  const results: MetricDataResult[] = [];
  let room = pointsMax;
  for (let i = from.query; i < queries.length; i++) {
    const query = queries[i] as MetricDataQuery;
    if (query.ReturnData === false) continue;
    const ordered = inOrder(answer(query, window, call), input.ScanBy ?? 'TimestampDescending');
    const first = i === from.query ? from.point : 0;
    const taken = ordered.times.slice(first, first + room);
    const rest = ordered.times.length - first - taken.length;
    results.push({
      Id: query.Id,
      Label: query.Label ?? query.MetricStat?.Metric?.MetricName,
      Timestamps: taken.map(t => new Date(t * 1000)),
      Values: ordered.values.slice(first, first + taken.length),
      StatusCode: rest > 0 ? 'PartialData' : 'Complete',
    });
    room -= taken.length;
    if (rest > 0) return { MetricDataResults: results, NextToken: token(i, first + taken.length), Messages: [] };
    if (room === 0 && i + 1 < queries.length) return { MetricDataResults: results, NextToken: token(i + 1, 0), Messages: [] };
  }
  return { MetricDataResults: results, Messages: [] };
}

function answer(query: MetricDataQuery, window: { start: number; end: number }, { world, region }: Call): Datapoints {
  const { MetricStat: wanted } = query;
  if (wanted?.Metric === undefined) throw new NotInVirtualCloud(`cloudwatch GetMetricData with the expression ${query.Expression}`);
  const { Period = 0, Stat = '' } = wanted;
  if (!(Period >= 60 && Period % 60 === 0)) throw invalid(`The parameter Period must be a multiple of 60; it is ${Period}.`);
  if (!STATISTICS.includes(Stat)) throw new NotInVirtualCloud(`cloudwatch statistic ${Stat}`);
  const { Namespace = '', MetricName = '', Dimensions = [] } = wanted.Metric;
  const dimensions = Dimensions.map(({ Name = '', Value = '' }) => ({ Name, Value }));
  const source = sourceOf(world, region, { namespace: Namespace, name: MetricName, dimensions });
  return source === null ? { times: [], values: [] } : datapoints(source, Stat as Statistic, Period, window, world.clock.now());
}

const inOrder = ({ times, values }: Datapoints, scan: string): Datapoints =>
  scan === 'TimestampAscending' ? { times, values } : { times: times.toReversed(), values: values.toReversed() };

const token = (query: number, point: number): string => Buffer.from(`points:${query}:${point}`).toString('base64');

function cursor(text: string): { query: number; point: number } {
  const [, query, point] = /^points:(\d+):(\d+)$/.exec(Buffer.from(text, 'base64').toString()) ?? [];
  if (query === undefined || point === undefined) throw badToken();
  return { query: Number(query), point: Number(point) };
}

/** The SDK hands times over as Dates; a caller may also send epoch seconds. */
const seconds = (time: Date | undefined): number => Math.floor((time?.getTime() ?? 0) / 1000);

function describeAlarms(input: DescribeAlarmsInput, { region }: Call): DescribeAlarmsOutput {
  const { AlarmNames, AlarmNamePrefix, StateValue, MaxRecords = 50 } = input;
  const found = [...region.alarms.values()].filter(
    a =>
      (AlarmNames === undefined || AlarmNames.includes(a.name)) &&
      (AlarmNamePrefix === undefined || a.name.startsWith(AlarmNamePrefix)) &&
      (StateValue === undefined || a.state.value === StateValue),
  );
  const { items, next } = page(found, MaxRecords, input.NextToken, badToken);
  return { MetricAlarms: items.map(alarmJson), CompositeAlarms: [], ...next };
}

function alarmJson(alarm: Alarm): MetricAlarm {
  const since = new Date(alarm.state.since * 1000);
  return {
    AlarmName: alarm.name,
    AlarmArn: alarm.arn,
    ...(alarm.description !== '' && { AlarmDescription: alarm.description }),
    ActionsEnabled: true,
    OKActions: [],
    AlarmActions: [],
    InsufficientDataActions: [],
    StateValue: alarm.state.value,
    StateReason: alarm.state.reason,
    ...(alarm.state.reasonData !== null && { StateReasonData: alarm.state.reasonData }),
    StateUpdatedTimestamp: since,
    StateTransitionedTimestamp: since,
    MetricName: alarm.metric.name,
    Namespace: alarm.metric.namespace,
    Statistic: alarm.statistic,
    Dimensions: alarm.metric.dimensions.map(d => ({ ...d })),
    Period: alarm.period,
    EvaluationPeriods: alarm.evaluationPeriods,
    DatapointsToAlarm: alarm.datapointsToAlarm,
    Threshold: alarm.threshold,
    ComparisonOperator: alarm.comparison,
    TreatMissingData: alarm.treatMissingData,
  };
}
