/** Policies as config compiles them, each with the defaults of its schema. */
import type { Config, FleetPolicy, InstancePolicy, Policy, Schedule, TagPolicy } from '../../shared/policy/schema.ts';

const budget = { perRun: 20, perDay: 200, perOwner: 10 };

/** Dev-test boxes: office hours, told by the tag `environment: dev`. */
export const devTest = (other: Partial<InstancePolicy> = {}): InstancePolicy => ({
  kind: 'instances',
  name: 'dev-test',
  mode: 'act',
  match: { tags: { environment: ['dev'] } },
  schedule: 'office-hours',
  hibernate: false,
  enforced: false,
  retainRunning: false,
  budget,
  breaker: { share: 0.5, atLeast: 5 },
  ...other,
});

/** Dev-test boxes without hours: stopped when idle. */
export const idleOnly = (hours: number, other: Partial<InstancePolicy> = {}): InstancePolicy => {
  const { schedule: _, ...rest } = devTest(other);
  return { ...rest, idle: { cpuBelow: 5, hours, coverage: 0.9 } };
};

export const webFleet = (other: Partial<FleetPolicy> = {}): FleetPolicy => ({
  kind: 'fleets',
  name: 'web',
  mode: 'act',
  match: { tags: {}, names: ['web*'] },
  target: { metric: 'CPUUtilization', value: 50, period: 60 },
  slo: { utilization: 90, minutes: 1 },
  period: 60,
  minSize: 2,
  maxSize: 20,
  scaleOutDatapoints: 3,
  scaleInDatapoints: 15,
  cooldown: 300,
  instanceWarmup: 180,
  takeOver: false,
  capacity: 'desired',
  beanstalk: false,
  overrides: [],
  ...other,
});

export const requiredTags = (other: Partial<TagPolicy> = {}): TagPolicy => ({
  kind: 'tags',
  name: 'owners',
  mode: 'act',
  match: { resources: ['instance'], except: {} },
  required: [{ key: 'owner' }],
  grace: { days: 7 },
  settle: 600,
  budget,
  ...other,
});

export const officeHours = (timeZone = 'UTC'): Schedule => ({
  name: 'office-hours',
  timeZone,
  periods: [{ weekdays: 'mon-fri', begin: '07:00', end: '19:00' }],
});

export interface Rules {
  readonly policies?: readonly Policy[];
  readonly schedules?: readonly Schedule[];
  readonly timeZone?: string;
  readonly regions?: readonly string[];
  readonly commitments?: 'none' | 'unknown';
}

export function configOf(rules: Rules = {}): Config {
  const { policies = [devTest()], timeZone = 'UTC', schedules = [officeHours(timeZone)] } = rules;
  return {
    stage: 'dev',
    accounts: [{ account: 'self', regions: [...(rules.regions ?? ['eu-west-1'])], commitments: rules.commitments ?? 'none' }],
    policies,
    schedules: Object.fromEntries(schedules.map(s => [s.name, s])),
    slack: { channel: '#costs', summary: { timeZone, hour: 9 } },
  };
}
