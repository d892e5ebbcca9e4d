/** Alarms as they are put, understood or refused. */
import type { PutCompositeAlarmInput, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { type Actions, type AlarmOptions, type Comparison, putAlarm, putCompositeAlarm } from '../world/alarms.ts';
import { isGrouped, isInsights } from '../world/metric-insights.ts';
import type { MetricName } from '../world/metric-source.ts';
import type { MetricQuery } from '../world/queries.ts';
import { invalid, metricName, metricQuery, type Nothing, statistic, wholeMinutes } from './cloudwatch-queries.ts';
import { NotInVirtualCloud } from './errors.ts';
import type { Call } from './operation.ts';

export function putMetricAlarm(input: PutMetricAlarmInput, { world, region, changed }: Call): Nothing {
  const { AlarmName: name = '', EvaluationPeriods: evaluationPeriods = 1, DatapointsToAlarm: datapointsToAlarm } = input;
  if (region.composites.has(name)) throw invalid(`There is a composite alarm of the name ${name}.`);
  if (datapointsToAlarm !== undefined && datapointsToAlarm > evaluationPeriods)
    throw invalid('DatapointsToAlarm must not be greater than EvaluationPeriods.');
  putAlarm(world, {
    name,
    region: region.name,
    ...(input.AlarmDescription !== undefined && { description: input.AlarmDescription }),
    actions: actionsOf(input),
    actionsEnabled: input.ActionsEnabled ?? true,
    ...(input.Metrics?.length ? severalOf(input, input.Metrics.map(metricQuery)) : metricOf(input)),
    ...limitOf(input),
    evaluationPeriods,
    ...(datapointsToAlarm !== undefined && { datapointsToAlarm }),
    treatMissingData: missingOf(input.TreatMissingData),
  });
  changed.push(name);
  return {};
}

/** Over a threshold, or outside of a band that one of its queries expects. */
function limitOf({ Threshold, ThresholdMetricId, ComparisonOperator }: PutMetricAlarmInput) {
  const comparison = comparisonOf(ComparisonOperator);
  const byBand = /Lower|Upper/.test(comparison);
  if ((Threshold === undefined) === (ThresholdMetricId === undefined))
    throw invalid('Exactly one of Threshold and ThresholdMetricId must be specified.');
  if (byBand !== (ThresholdMetricId !== undefined)) throw invalid(`The comparison ${comparison} does not go with that threshold.`);
  return { comparison, threshold: Threshold ?? null, thresholdId: ThresholdMetricId ?? null };
}

const COMPARISONS = [
  ...(['GreaterThanThreshold', 'GreaterThanOrEqualToThreshold', 'LessThanThreshold', 'LessThanOrEqualToThreshold'] as const),
  ...(['LessThanLowerOrGreaterThanUpperThreshold', 'LessThanLowerThreshold', 'GreaterThanUpperThreshold'] as const),
];

function comparisonOf(operator: string | undefined): Comparison {
  const known = COMPARISONS.find(comparison => comparison === operator);
  if (known === undefined) throw invalid(`The value ${operator} for parameter ComparisonOperator is not valid.`);
  return known;
}

type Judged = Pick<AlarmOptions, 'metric' | 'statistic' | 'period' | 'queries'>;

function metricOf(input: PutMetricAlarmInput): Judged {
  const stat = statistic(input.Statistic ?? input.ExtendedStatistic ?? '');
  return { metric: metricName(input), statistic: stat, period: wholeMinutes(input.Period ?? 0) };
}

/** Exactly one query is returned, beside the band if there is one, and that is judged. */
function severalOf({ ThresholdMetricId: band }: PutMetricAlarmInput, queries: readonly MetricQuery[]): Judged {
  const [judged, ...others] = queries.filter(({ returned, id }) => returned && id !== band);
  if (judged === undefined || others.length > 0) throw invalid('Exactly one element of the metrics list should return data.');
  refuseBand(queries, band);
  for (const query of queries) if ('expression' in query) refuseForAlarms(query.expression);
  const periods = queries.flatMap(q => ('metric' in q ? q.period : (q.period ?? [])));
  const [first] = queries.flatMap(q => ('metric' in q ? [q] : []));
  const metric: MetricName = first?.metric ?? { namespace: '', name: '', dimensions: [] };
  return { metric, statistic: first?.stat ?? 'Average', period: Math.max(60, ...periods), queries };
}

function refuseBand(queries: readonly MetricQuery[], band: string | undefined): void {
  const query = queries.find(({ id }) => id === band);
  if (band !== undefined && (query === undefined || !('expression' in query) || !/^\s*ANOMALY_DETECTION_BAND\s*\(/.test(query.expression)))
    throw invalid(`ThresholdMetricId ${band} must be the Id of an ANOMALY_DETECTION_BAND.`);
}

function refuseForAlarms(expression: string): void {
  if (/\bSEARCH\s*\(/.test(expression)) throw invalid('SEARCH is not supported on Metric Alarms.');
  if (isInsights(expression) && isGrouped(expression))
    throw new NotInVirtualCloud('cloudwatch alarms on each series of a Metrics Insights query with GROUP BY');
}

function missingOf(treatment: string | undefined): NonNullable<AlarmOptions['treatMissingData']> {
  if (treatment === undefined) return 'missing';
  if (treatment === 'missing' || treatment === 'breaching' || treatment === 'notBreaching' || treatment === 'ignore') return treatment;
  throw invalid(`The value ${treatment} for parameter TreatMissingData is not valid.`);
}

type WithActions = Pick<PutMetricAlarmInput, 'OKActions' | 'AlarmActions' | 'InsufficientDataActions'>;
const actionsOf = (input: WithActions): Actions => ({
  OK: input.OKActions ?? [],
  ALARM: input.AlarmActions ?? [],
  INSUFFICIENT_DATA: input.InsufficientDataActions ?? [],
});

export function putComposite(input: PutCompositeAlarmInput, { world, region, changed }: Call): Nothing {
  const { AlarmName: name = '', AlarmRule: rule = '' } = input;
  if (region.alarms.has(name)) throw invalid(`There is a metric alarm of the name ${name}.`);
  if (input.ActionsSuppressor !== undefined) throw new NotInVirtualCloud('cloudwatch composite alarm with an actions suppressor');
  try {
    putCompositeAlarm(world, {
      name,
      region: region.name,
      rule,
      ...(input.AlarmDescription !== undefined && { description: input.AlarmDescription }),
      actions: actionsOf(input),
      actionsEnabled: input.ActionsEnabled ?? true,
    });
  } catch (error) {
    throw invalid(`AlarmRule: ${(error as Error).message}`);
  }
  changed.push(name);
  return {};
}
