/** Alarms through the API: put, described, set by hand, deleted. */
import type {
  CompositeAlarm as CompositeJson,
  DeleteAlarmsInput,
  DescribeAlarmsForMetricInput,
  DescribeAlarmsForMetricOutput,
  DescribeAlarmsInput,
  DescribeAlarmsOutput,
  DisableAlarmActionsInput,
  MetricAlarm,
  SetAlarmStateInput,
} from '@aws-sdk/client-cloudwatch';
import { type Alarm, type CompositeAlarm, enter } from '../world/alarms.ts';
import { metricKey } from '../world/custom-metrics.ts';
import type { MetricQuery } from '../world/queries.ts';
import { putComposite, putMetricAlarm } from './cloudwatch-alarm-input.ts';
import { invalid, metricName, type Nothing } from './cloudwatch-queries.ts';
import { ServiceError } from './errors.ts';
import { type Call, type Operation, reads, trailed } from './operation.ts';
import { page } from './page.ts';

export const alarmOperations: Readonly<Record<string, Operation>> = {
  DescribeAlarms: reads(describeAlarms),
  DescribeAlarmsForMetric: reads(describeForMetric),
  DisableAlarmActions: trailed((input: DisableAlarmActionsInput, call: Call) => enable(input, call, false)),
  EnableAlarmActions: trailed((input: DisableAlarmActionsInput, call: Call) => enable(input, call, true)),
  PutMetricAlarm: trailed(putMetricAlarm),
  PutCompositeAlarm: trailed(putComposite),
  SetAlarmState: trailed(setAlarmState),
  DeleteAlarms: trailed(deleteAlarms),
};

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
  ...(alarm.threshold === null ? { ThresholdMetricId: alarm.thresholdId ?? '' } : { Threshold: alarm.threshold }),
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

/** Alarms on that metric alone, with that statistic. */
function describeForMetric(input: DescribeAlarmsForMetricInput, { region }: Call): DescribeAlarmsForMetricOutput {
  const key = metricKey(metricName(input));
  const stat = input.Statistic ?? input.ExtendedStatistic;
  const found = [...region.alarms.values()].filter(
    alarm =>
      alarm.queries === null &&
      metricKey(alarm.metric) === key &&
      (stat === undefined || alarm.statistic === stat) &&
      (input.Period === undefined || alarm.period === input.Period),
  );
  return { MetricAlarms: found.map(alarmJson) };
}

function enable({ AlarmNames = [] }: DisableAlarmActionsInput, { region, changed }: Call, actionsEnabled: boolean): Nothing {
  for (const name of AlarmNames) {
    const alarm = region.alarms.get(name) ?? region.composites.get(name);
    if (alarm === undefined || alarm.actionsEnabled === actionsEnabled) continue;
    alarm.actionsEnabled = actionsEnabled;
    changed.push(name);
  }
  return {};
}
