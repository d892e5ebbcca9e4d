/** Option settings of an Elastic Beanstalk environment: which there are, which values they take, and the scheduled actions among them. */
import type { ScheduledAction } from './scheduled-actions.ts';

export interface OptionSetting {
  readonly namespace: string;
  readonly name: string;
  /** Name of the scheduled action; null elsewhere. */
  readonly resource: string | null;
  readonly value: string;
}

export const ASG = 'aws:autoscaling:asg';
export const SCHEDULED = 'aws:autoscaling:scheduledaction';
export const INSTANCES = 'aws:ec2:instances';
export const LAUNCHING = 'aws:autoscaling:launchconfiguration';

export const settingKey = ({ namespace, name, resource }: Omit<OptionSetting, 'value'>): string =>
  [namespace, resource ?? '', name].join('\n');

/**
 * Namespace → option → what its value must be. From https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/command-options-general.html,
 * as far as capacity and cost are concerned: an environment of the virtual cloud has no others.
 */
const KNOWN: Readonly<Record<string, Readonly<Record<string, RegExp | readonly [least: number, most: number]>>>> = {
  [ASG]: { MinSize: [1, 10_000], MaxSize: [1, 10_000], Cooldown: [0, 10_000], 'Availability Zones': /^Any( \d)?$/ },
  [SCHEDULED]: {
    MinSize: [0, 10_000],
    MaxSize: [0, 10_000],
    DesiredCapacity: [0, 10_000],
    Recurrence: /^\S+ \S+ \S+ \S+ \S+$/,
    StartTime: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/,
    EndTime: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/,
    Suspend: /^(true|false)$/,
  },
  [INSTANCES]: {
    InstanceTypes: /^[a-z0-9.-]+(,\s*[a-z0-9.-]+)*$/,
    EnableSpot: /^(true|false)$/,
    SpotFleetOnDemandBase: [0, 10_000],
    SpotFleetOnDemandAboveBasePercentage: [0, 100],
  },
  'aws:autoscaling:trigger': {
    MeasureName: /^\w+$/,
    Statistic: /^(Minimum|Maximum|Sum|Average)$/,
    Unit: /^\S+$/,
    LowerThreshold: /^\d+$/,
    UpperThreshold: /^\d+$/,
    LowerBreachScaleIncrement: /^-?\d+%?$/,
    UpperBreachScaleIncrement: /^-?\d+%?$/,
    Period: [1, 600],
    EvaluationPeriods: [1, 600],
    BreachDuration: [1, 600],
  },
  [LAUNCHING]: { LaunchTemplateTagPropagationEnabled: /^(true|false)$/ },
  'aws:elasticbeanstalk:environment': { EnvironmentType: /^(LoadBalanced|SingleInstance)$/ },
};

/** @returns why the setting is not taken; null when it is. */
export function refusalOf({ namespace, name, resource, value }: OptionSetting): string | null {
  const rule = KNOWN[namespace]?.[name];
  const where = `(Namespace: '${namespace}', OptionName: '${name}')`;
  if (rule === undefined) return `Invalid option specification ${where}: Unknown configuration setting.`;
  if (namespace === SCHEDULED && resource === null) return `Invalid option specification ${where}: ResourceName is required.`;
  if (rule instanceof RegExp) return rule.test(value) ? null : `Invalid option value: '${value}' ${where}: Value is not allowed.`;
  const number = Number(value);
  if (!Number.isInteger(number)) return `Invalid option value: '${value}' ${where}: Value is not an integer.`;
  if (number < rule[0]) return `Invalid option value: '${value}' ${where}: Value is less than minimum allowed value: ${rule[0]}.`;
  return number > rule[1] ? `Invalid option value: '${value}' ${where}: Value is greater than maximum allowed value: ${rule[1]}.` : null;
}

/** The scheduled actions that the settings describe; suspended ones are none. */
export function scheduledActions(settings: Iterable<OptionSetting>): ScheduledAction[] {
  const byName = Map.groupBy(
    [...settings].filter(s => s.namespace === SCHEDULED),
    s => s.resource ?? '',
  );
  return [...byName].flatMap(([name, options]) => {
    const text = (option: string): string | null => options.find(o => o.name === option)?.value ?? null;
    const number = (option: string): number | null => (text(option) === null ? null : Number(text(option)));
    const time = (option: string): number | null => (text(option) === null ? null : Date.parse(text(option) ?? '') / 1000);
    if (text('Suspend') === 'true') return [];
    const sizes = { min: number('MinSize'), max: number('MaxSize'), desired: number('DesiredCapacity') };
    return { name, recurrence: text('Recurrence'), timeZone: 'UTC', startTime: time('StartTime'), endTime: time('EndTime'), ...sizes };
  });
}
