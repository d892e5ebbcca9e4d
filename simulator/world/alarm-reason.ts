/** How CloudWatch words the reason of an alarm's state, to the letter. */
import { breaches, type Judged } from './alarm-judgement.ts';
import type { Alarm, AlarmState, StateOfAlarm } from './alarms.ts';
import type { World } from './world.ts';

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
    ...(alarm.threshold !== null && { threshold: alarm.threshold }),
    evaluatedDatapoints: present.map(({ time, value }) => ({ timestamp: awsTime(time), value })),
  });
  if (to === 'INSUFFICIENT_DATA') {
    const n = judged.length;
    return { reason: `Insufficient Data: ${n} datapoint${n === 1 ? ' was' : 's were'} unknown.`, reasonData };
  }
  const crossing = present.filter(point => breaches(alarm, point) === (to === 'ALARM'));
  const list = crossing.map(({ time, value }) => `${decimal(value ?? 0)} (${reasonTime(time)})`).join(', ');
  const one = crossing.length === 1;
  const needed = to === 'ALARM' ? alarm.datapointsToAlarm : judged.length - alarm.datapointsToAlarm + 1;
  return {
    reason:
      `${alarm.threshold === null ? 'Thresholds' : 'Threshold'} Crossed: ${crossing.length} out of the last ${judged.length} datapoints [${list}] ${one ? 'was' : 'were'}` +
      `${to === 'ALARM' ? '' : ' not'} ${compared(alarm, crossing)}` +
      ` (minimum ${needed} datapoint${needed === 1 ? '' : 's'} for ${from === 'ALARM' ? 'ALARM -> OK' : 'OK -> ALARM'} transition).`,
    reasonData,
  };
}

/** `greater than the threshold (50.0)`, or `less than the lower thresholds [3.2] or greater than the upper thresholds [9.1]`. */
function compared({ comparison, threshold }: Alarm, crossing: readonly Judged[]): string {
  const list = (side: 'upper' | 'lower') => `[${crossing.map(({ limits }) => decimal(limits[side] ?? 0)).join(', ')}]`;
  const [below, above] = [`less than the lower thresholds ${list('lower')}`, `greater than the upper thresholds ${list('upper')}`];
  switch (comparison) {
    case 'LessThanLowerThreshold':
      return below;
    case 'GreaterThanUpperThreshold':
      return above;
    case 'LessThanLowerOrGreaterThanUpperThreshold':
      return `${below} or ${above}`;
    default:
      return `${COMPARED[comparison]} the threshold (${decimal(threshold ?? 0)})`;
  }
}

const COMPARED = {
  GreaterThanThreshold: 'greater than',
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  LessThanThreshold: 'less than',
  LessThanOrEqualToThreshold: 'less than or equal to',
} as const;

/** `02/10/19 16:59:00`. */
function reasonTime(seconds: number): string {
  const [date = '', time = ''] = new Date(seconds * 1000).toISOString().split('T');
  const [year = '', month, day] = date.split('-');
  return `${day}/${month}/${year.slice(2)} ${time.slice(0, 8)}`;
}

/** Java's way: `50.0`. */
const decimal = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value));

/** `2019-10-02T17:04:40.000+0000`. */
export const awsTime = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('Z', '+0000');
