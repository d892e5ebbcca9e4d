/** How CloudWatch words the reason of an alarm's state, to the letter. */
import type { Alarm, AlarmState, CompositeAlarm, Judged, StateOfAlarm } from './alarms.ts';
import { breaches } from './alarms.ts';
import type { MetricQuery } from './queries.ts';
import type { World } from './world.ts';

export function stateJson({ value, reason, reasonData, since }: StateOfAlarm): unknown {
  return { reason, ...(reasonData !== null && { reasonData }), timestamp: awsTime(since), value };
}

/** `Threshold Crossed: 1 out of the last 1 datapoints [99.5 (02/10/19 16:59:00)] was greater than the threshold (50.0) (…)`. */
export function reasonOf(
  world: World,
  alarm: Alarm,
  judged: readonly Judged[],
  from: AlarmState,
  to: AlarmState,
): Pick<StateOfAlarm, 'reason' | 'reasonData'> {
  const present = judged.filter(({ value }) => value !== null).reverse(); // newest first, as CloudWatch lists them
  const reasonData = JSON.stringify({
    version: '1.0',
    queryDate: awsTime(world.clock.second()),
    ...(present.length > 0 && { startDate: awsTime(present.at(-1)?.time ?? 0) }),
    statistic: alarm.statistic,
    period: alarm.period,
    recentDatapoints: present.map(({ value }) => value).reverse(),
    threshold: alarm.threshold,
    evaluatedDatapoints: present.map(({ time, value }) => ({ timestamp: awsTime(time), value })),
  });
  if (to === 'INSUFFICIENT_DATA') {
    const n = judged.length;
    return { reason: `Insufficient Data: ${n} datapoint${n === 1 ? ' was' : 's were'} unknown.`, reasonData };
  }
  const crossing = present.filter(({ value }) => value !== null && breaches(alarm, value) === (to === 'ALARM'));
  const list = crossing.map(({ time, value }) => `${decimal(value ?? 0)} (${reasonTime(time)})`).join(', ');
  const one = crossing.length === 1;
  const needed = to === 'ALARM' ? alarm.datapointsToAlarm : judged.length - alarm.datapointsToAlarm + 1;
  return {
    reason:
      `Threshold Crossed: ${crossing.length} out of the last ${judged.length} datapoints [${list}] ${one ? 'was' : 'were'}` +
      `${to === 'ALARM' ? '' : ' not'} ${COMPARED[alarm.comparison]} the threshold (${decimal(alarm.threshold)})` +
      ` (minimum ${needed} datapoint${needed === 1 ? '' : 's'} for ${from === 'ALARM' ? 'ALARM -> OK' : 'OK -> ALARM'} transition).`,
    reasonData,
  };
}

const COMPARED: Readonly<Record<Alarm['comparison'], string>> = {
  GreaterThanThreshold: 'greater than',
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  LessThanThreshold: 'less than',
  LessThanOrEqualToThreshold: 'less than or equal to',
};

/** `2019-10-02T17:04:40.000+0000`. */
const awsTime = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('Z', '+0000');

/** `02/10/19 16:59:00`. */
function reasonTime(seconds: number): string {
  const [date = '', time = ''] = new Date(seconds * 1000).toISOString().split('T');
  const [year = '', month, day] = date.split('-');
  return `${day}/${month}/${year.slice(2)} ${time.slice(0, 8)}`;
}

/** Java's way: `50.0`. */
const decimal = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value));

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
    Threshold: alarm.threshold,
    TreatMissingData: alarm.treatMissingData,
    EvaluateLowSampleCountPercentile: '',
  };
}
