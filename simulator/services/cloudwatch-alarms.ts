/** Alarms through the API: put, described, set by hand, deleted. */
import type {
  CompositeAlarm as CompositeJson,
  DeleteAlarmsInput,
  DescribeAlarmsInput,
  DescribeAlarmsOutput,
  MetricAlarm,
  PutCompositeAlarmInput,
  PutMetricAlarmInput,
  SetAlarmStateInput,
} from '@aws-sdk/client-cloudwatch';
import { type Actions, type Alarm, type AlarmOptions, type CompositeAlarm, enter, putAlarm, putCompositeAlarm } from '../world/alarms.ts';
import type { MetricName } from '../world/metric-source.ts';
import type { MetricQuery } from '../world/queries.ts';
import { invalid, metricName, metricQuery, statistic, wholeMinutes } from './cloudwatch-queries.ts';
import { NotInVirtualCloud, ServiceError } from './errors.ts';
import { type Call, type Operation, reads, trailed } from './operation.ts';
import { page } from './page.ts';

export const alarmOperations: Readonly<Record<string, Operation>> = {
  DescribeAlarms: reads(describeAlarms),
  PutMetricAlarm: trailed(putMetricAlarm),
  PutCompositeAlarm: trailed(putComposite),
  SetAlarmState: trailed(setAlarmState),
  DeleteAlarms: trailed(deleteAlarms),
};

type Nothing = Record<string, never>;
const badToken = (): ServiceError => new ServiceError('InvalidNextToken', 'The NextToken value is not valid.');

/** Metric alarms, unless composite ones are asked for. */
function describeAlarms(input: DescribeAlarmsInput, { region }: Call): DescribeAlarmsOutput {
  const { AlarmNames, AlarmNamePrefix, StateValue, MaxRecords = 50, AlarmTypes = ['MetricAlarm'] } = input;
  if (MaxRecords < 1 || MaxRecords > 100) throw invalid(`The value ${MaxRecords} for parameter MaxRecords is not between 1 and 100.`);
  if (AlarmNames !== undefined && AlarmNamePrefix !== undefined)
    throw new ServiceError('InvalidParameterCombination', 'AlarmNames and AlarmNamePrefix cannot be specified together.');
  const among: (Alarm | CompositeAlarm)[] = [
    ...(AlarmTypes.includes('MetricAlarm') ? region.alarms.values() : []),
    ...(AlarmTypes.includes('CompositeAlarm') ? region.composites.values() : []),
  ];
  const found = among.filter(
    a =>
      (AlarmNames === undefined || AlarmNames.includes(a.name)) &&
      (AlarmNamePrefix === undefined || a.name.startsWith(AlarmNamePrefix)) &&
      (StateValue === undefined || a.state.value === StateValue),
  );
  const { items, next } = page(found, MaxRecords, input.NextToken, badToken);
  return {
    MetricAlarms: items.flatMap(a => ('rule' in a ? [] : [alarmJson(a)])),
    CompositeAlarms: items.flatMap(a => ('rule' in a ? [compositeJson(a)] : [])),
    ...next,
  };
}

function standing(alarm: Alarm | CompositeAlarm) {
  const since = new Date(alarm.state.since * 1000);
  return {
    AlarmName: alarm.name,
    AlarmArn: alarm.arn,
    ...(alarm.description !== '' && { AlarmDescription: alarm.description }),
    ActionsEnabled: alarm.actionsEnabled,
    OKActions: [...alarm.actions.OK],
    AlarmActions: [...alarm.actions.ALARM],
    InsufficientDataActions: [...alarm.actions.INSUFFICIENT_DATA],
    StateValue: alarm.state.value,
    StateReason: alarm.state.reason,
    ...(alarm.state.reasonData !== null && { StateReasonData: alarm.state.reasonData }),
    StateUpdatedTimestamp: since,
    StateTransitionedTimestamp: since,
  };
}

const compositeJson = (alarm: CompositeAlarm): CompositeJson => ({ ...standing(alarm), AlarmRule: alarm.rule });

const alarmJson = (alarm: Alarm): MetricAlarm => ({
  ...standing(alarm),
  ...(alarm.queries === null ? metricJson(alarm) : { Metrics: alarm.queries.map(queryJson), Dimensions: [] }),
  EvaluationPeriods: alarm.evaluationPeriods,
  DatapointsToAlarm: alarm.datapointsToAlarm,
  Threshold: alarm.threshold,
  ComparisonOperator: alarm.comparison,
  TreatMissingData: alarm.treatMissingData,
});

function metricJson({ metric, statistic, period }: Alarm): Partial<MetricAlarm> {
  const plain = ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'].find(name => name === statistic);
  return {
    MetricName: metric.name,
    Namespace: metric.namespace,
    ...(plain === undefined ? { ExtendedStatistic: statistic } : { Statistic: plain as NonNullable<MetricAlarm['Statistic']> }),
    Dimensions: metric.dimensions.map(d => ({ ...d })),
    Period: period,
  };
}

function queryJson(query: MetricQuery): NonNullable<MetricAlarm['Metrics']>[number] {
  const common = { Id: query.id, ReturnData: query.returned, ...(query.label !== null && { Label: query.label }) };
  if (!('metric' in query)) return { ...common, Expression: query.expression, ...(query.period !== null && { Period: query.period }) };
  const { namespace, name, dimensions } = query.metric;
  const Metric = { Namespace: namespace, MetricName: name, Dimensions: dimensions.map(d => ({ ...d })) };
  return { ...common, MetricStat: { Metric, Period: query.period, Stat: query.stat } };
}

function putMetricAlarm(input: PutMetricAlarmInput, { world, region, changed }: Call): Nothing {
  const { AlarmName: name = '', EvaluationPeriods: evaluationPeriods = 1, DatapointsToAlarm: datapointsToAlarm } = input;
  if (region.composites.has(name)) throw invalid(`There is a composite alarm of the name ${name}.`);
  if (datapointsToAlarm !== undefined && datapointsToAlarm > evaluationPeriods)
    throw invalid('DatapointsToAlarm must not be greater than EvaluationPeriods.');
  if (input.ThresholdMetricId !== undefined || input.Threshold === undefined)
    throw new NotInVirtualCloud('cloudwatch PutMetricAlarm without a threshold: anomaly detection');
  putAlarm(world, {
    name,
    region: region.name,
    ...(input.AlarmDescription !== undefined && { description: input.AlarmDescription }),
    actions: actionsOf(input),
    actionsEnabled: input.ActionsEnabled ?? true,
    ...(input.Metrics?.length ? mathOf(input.Metrics.map(metricQuery)) : metricOf(input)),
    threshold: input.Threshold,
    comparison: comparisonOf(input.ComparisonOperator),
    evaluationPeriods,
    ...(datapointsToAlarm !== undefined && { datapointsToAlarm }),
    treatMissingData: missingOf(input.TreatMissingData),
  });
  changed.push(name);
  return {};
}

function metricOf(input: PutMetricAlarmInput): Pick<AlarmOptions, 'metric' | 'statistic' | 'period'> {
  const stat = statistic(input.Statistic ?? input.ExtendedStatistic ?? '');
  return { metric: metricName(input), statistic: stat, period: wholeMinutes(input.Period ?? 0) };
}

/** Of metric math exactly one query is returned, and that is judged. */
function mathOf(queries: readonly MetricQuery[]): Pick<AlarmOptions, 'metric' | 'statistic' | 'period' | 'queries'> {
  const returned = queries.filter(q => q.returned);
  const periods = queries.flatMap(q => ('metric' in q ? q.period : (q.period ?? [])));
  const [judged] = returned;
  if (returned.length !== 1 || judged === undefined) throw invalid('Exactly one element of the metrics list should return data.');
  const [first] = queries.flatMap(q => ('metric' in q ? [q] : []));
  const metric: MetricName = first?.metric ?? { namespace: '', name: '', dimensions: [] };
  return { metric, statistic: first?.stat ?? 'Average', period: Math.max(60, ...periods), queries };
}

function comparisonOf(operator: string | undefined): NonNullable<AlarmOptions['comparison']> {
  switch (operator) {
    case 'GreaterThanThreshold':
    case 'GreaterThanOrEqualToThreshold':
    case 'LessThanThreshold':
    case 'LessThanOrEqualToThreshold':
      return operator;
    default:
      throw new NotInVirtualCloud(`cloudwatch alarm with the comparison ${operator}`);
  }
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

function putComposite(input: PutCompositeAlarmInput, { world, region, changed }: Call): Nothing {
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

/** Until the alarm is judged again. */
function setAlarmState(input: SetAlarmStateInput, { world, region, changed }: Call): Nothing {
  const name = input.AlarmName ?? '';
  const alarm = region.alarms.get(name) ?? region.composites.get(name);
  if (alarm === undefined) throw new ServiceError('ResourceNotFound', `There is no alarm ${name}.`, 404);
  const value = input.StateValue ?? 'OK';
  if (alarm.state.value === value) return {};
  enter(world, alarm, value, { reason: input.StateReason ?? '', reasonData: input.StateReasonData ?? null });
  changed.push(name);
  return {};
}

/** All of them or none: one that others look at stays. */
function deleteAlarms(input: DeleteAlarmsInput, { region, changed }: Call): Nothing {
  const names = input.AlarmNames ?? [];
  const looked = [...region.composites.values()].find(c => !names.includes(c.name) && c.children.some(child => names.includes(child)));
  if (looked !== undefined) throw invalid(`The alarm is looked at by the composite alarm ${looked.name}.`);
  for (const name of names) if (region.alarms.delete(name) || region.composites.delete(name)) changed.push(name);
  return {};
}
