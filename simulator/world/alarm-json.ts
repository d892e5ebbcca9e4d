/** How CloudWatch words the reason of an alarm's state, to the letter. */
import type { Alarm, AlarmState, Judged, StateOfAlarm } from './alarms.ts';
import { breaches } from './alarms.ts';
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
