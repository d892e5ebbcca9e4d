/** What the bus and the topics are told of an alarm. */
import { awsTime } from './alarm-reason.ts';
import type { Alarm, CompositeAlarm, StateOfAlarm } from './alarms.ts';
import type { MetricQuery } from './queries.ts';
import type { World } from './world.ts';

export function stateJson({ value, reason, reasonData, since }: StateOfAlarm): unknown {
  return { reason, ...(reasonData !== null && { reasonData }), timestamp: awsTime(since), value };
}

/** What the event tells of the alarm itself. */
export function configurationOf(alarm: Alarm | CompositeAlarm): unknown {
  const description = alarm.description === '' ? {} : { description: alarm.description };
  if ('rule' in alarm) return { alarmRule: alarm.rule, ...description };
  const metrics = alarm.queries ?? [
    { id: alarm.metricId, metric: alarm.metric, stat: alarm.statistic, period: alarm.period, returned: true, label: null },
  ];
  return { ...description, metrics: metrics.map(queryJson) };
}

function queryJson(query: MetricQuery): unknown {
  const common = { id: query.id, returnData: query.returned, ...(query.label !== null && { label: query.label }) };
  if (!('metric' in query)) return { ...common, expression: query.expression };
  const { namespace, name, dimensions } = query.metric;
  return {
    ...common,
    metricStat: {
      metric: { namespace, name, dimensions: Object.fromEntries(dimensions.map(d => [d.Name, d.Value])) },
      period: query.period,
      stat: query.stat,
    },
  };
}

/** What a topic is sent: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html. */
export function notificationOf(world: World, alarm: Alarm | CompositeAlarm, previous: StateOfAlarm): { subject: string; message: string } {
  const { name, state, actions } = alarm;
  const message = {
    AlarmName: name,
    AlarmDescription: alarm.description === '' ? null : alarm.description,
    AWSAccountId: world.account,
    ...('rule' in alarm && { AlarmRule: alarm.rule }),
    NewStateValue: state.value,
    NewStateReason: state.reason,
    StateChangeTime: awsTime(state.since),
    Region: alarm.region,
    AlarmArn: alarm.arn,
    OldStateValue: previous.value,
    OKActions: actions.OK,
    AlarmActions: actions.ALARM,
    InsufficientDataActions: actions.INSUFFICIENT_DATA,
    ...(!('rule' in alarm) && { Trigger: trigger(alarm) }),
  };
  return { subject: `${state.value}: "${name}" in ${alarm.region}`.slice(0, 100), message: JSON.stringify(message) };
}

function trigger(alarm: Alarm): unknown {
  return {
    ...(alarm.queries === null
      ? {
          MetricName: alarm.metric.name,
          Namespace: alarm.metric.namespace,
          StatisticType: 'Statistic',
          Statistic: alarm.statistic.toUpperCase(),
          Unit: null,
          Dimensions: alarm.metric.dimensions.map(d => ({ value: d.Value, name: d.Name })),
        }
      : { Metrics: alarm.queries.map(({ id, ...query }) => ({ Id: id, ...('expression' in query && { Expression: query.expression }) })) }),
    Period: alarm.period,
    EvaluationPeriods: alarm.evaluationPeriods,
    DatapointsToAlarm: alarm.datapointsToAlarm,
    ComparisonOperator: alarm.comparison,
    ...(alarm.threshold === null ? { ThresholdMetricId: alarm.thresholdId } : { Threshold: alarm.threshold }),
    TreatMissingData: alarm.treatMissingData,
    EvaluateLowSampleCountPercentile: '',
  };
}
