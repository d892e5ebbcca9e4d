/** People's alarms on the CPU of a group: of the metric, of metric math, under a composite, or told to the topic of the deployment. */
import type { Cloud } from '../cloud.ts';
import { type AlarmOptions, putAlarm, putCompositeAlarm } from '../world/alarms.ts';
import { named } from '../world/metric-source.ts';
import type { Fleet } from './plot.ts';

/** @param group its name in the cloud. @param topic ARN of the topic that rings the house. */
export function hangAlarm({ world }: Cloud, group: string, { by, above }: NonNullable<Fleet['alarm']>, topic: string): void {
  const metric = named('AWS/EC2', 'CPUUtilization', { AutoScalingGroupName: group });
  const common: AlarmOptions = { name: `${group}-busy`, metric, threshold: above, evaluationPeriods: 3, datapointsToAlarm: 2 };
  switch (by) {
    case 'metric':
      putAlarm(world, common);
      return;
    case 'math':
      putAlarm(world, {
        ...common,
        queries: [
          { id: 'cpu', label: null, returned: false, metric, stat: 'Average', period: 60 },
          { id: 'filled', label: null, returned: true, expression: 'FILL(cpu, REPEAT)', period: null },
        ],
      });
      return;
    case 'composite':
      putAlarm(world, common);
      putAlarm(world, { ...common, name: `${group}-calm`, threshold: above / 4, comparison: 'LessThanThreshold' });
      putCompositeAlarm(world, { name: `${group}-off`, rule: `ALARM("${group}-busy") OR ALARM("${group}-calm")` });
      return;
    case 'topic':
      putAlarm(world, { ...common, actions: { OK: [topic], ALARM: [topic], INSUFFICIENT_DATA: [topic] } });
      return;
  }
}
