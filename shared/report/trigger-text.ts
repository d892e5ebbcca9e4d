/** An environment that scales by the bytes it sends, as Elastic Beanstalk sets it up: proposed is what its load is made of. */
import { plain } from './plain.ts';
import { PAGE_WIDTH, paint, wrap } from './text.ts';

/** Thresholds of target tracking's kind: out above 60 %, in below 30 %, judged over five minutes. */
const OPTIONS = {
  MeasureName: 'CPUUtilization',
  Statistic: 'Average',
  Unit: 'Percent',
  UpperThreshold: '60',
  LowerThreshold: '30',
} as const;

export const triggerWords = (name: string): string =>
  `${plain(name)} scales by NetworkOut, as Elastic Beanstalk sets it up: bytes sent say little of how busy it is. Proposed, and never written by us: CPUUtilization, out above 60 % and in below 30 %.`;

export function triggerText(name: string, id: string, width = PAGE_WIDTH): string {
  const input = {
    EnvironmentId: id,
    OptionSettings: Object.entries(OPTIONS).map(([OptionName, Value]) => ({ Namespace: 'aws:autoscaling:trigger', OptionName, Value })),
  };
  return `${wrap(paint('bold', triggerWords(name)), width)}\naws elasticbeanstalk update-environment --cli-input-json '${JSON.stringify(input, null, 2)}'`;
}
