/**
 * A working week after four weeks of history: a web fleet with daily demand and one flash crowd, some dev-test instances of every kind that
 * a scheduler must tell apart, and people who do what people do. What they do does not depend on what the house does.
 */
import { addSeconds, DAY, HOUR, type Instant, instant, MINUTE } from '../../shared/model/time.ts';
import { type Cloud, createCloud } from '../cloud.ts';
import { readTrace, replay } from '../trace.ts';
import { busy, idle, nightlyJob, officeUse, webDemand } from '../workloads.ts';

export interface WorkingWeekOptions {
  readonly seed: number;
  /** Drives the fleet by a recorded trace instead: `t,v` CSV, gz too. */
  readonly trace?: string;
}

export interface WorkingWeek {
  readonly cloud: Cloud;
  readonly start: Instant;
  /** What people do and when, told as it happens. */
  readonly people: readonly Deed[];
  /** Ids of the dev-test instances that stood there at the beginning. */
  readonly devTest: readonly string[];
  readonly fleet: string;
}

export interface Deed {
  readonly at: Instant;
  readonly says: string;
}

export const ZONE = 'Europe/Berlin';
/** Monday 00:00 in the story's zone. */
const WEEK_START = instant('2025-05-12T00:00:00+02:00');
const FLEET = 'web-asg';
const FLEET_BEFORE = 12;

export function workingWeek({ seed, trace }: WorkingWeekOptions): WorkingWeek {
  const cloud = createCloud({ seed, at: WEEK_START });
  webFleet(cloud, seed, trace);
  const boxes = devTestBoxes(cloud, seed);
  const people: Deed[] = [];
  for (const { at, says, does } of script(cloud, seed, boxes)) {
    cloud.at(at, () => {
      people.push({ at, says });
      does();
    });
  }
  return { cloud, start: WEEK_START, people, devTest: Object.values(boxes), fleet: FLEET };
}

/** Twelve instances day and night, as somebody once chose for the busiest hour: the size that the baseline measures. */
function webFleet(cloud: Cloud, seed: number, trace: string | undefined): void {
  const flash = { at: on(3, 14, 20), times: 1.7 }; // Thursday afternoon
  const demand =
    trace === undefined
      ? webDemand({ seed, timeZone: ZONE, night: 1.2, day: 5, flash })
      : replay(readTrace(trace), { seed, busy: 5, from: WEEK_START });
  cloud.createGroup({
    name: FLEET,
    minSize: 2,
    maxSize: 20,
    desiredCapacity: FLEET_BEFORE,
    demand,
    type: 'm5.large',
    monitoring: 'detailed',
    instanceWarmup: 180,
    tags: { 'ebb:fleet': 'web', 'ebb:owner': 'web@example.com', owner: 'web@example.com', environment: 'prod' },
  });
  cloud.putAlarm({
    name: 'web-asg-cpu-high',
    metric: { namespace: 'AWS/EC2', name: 'CPUUtilization', dimensions: [{ Name: 'AutoScalingGroupName', Value: FLEET }] },
    statistic: 'Average',
    period: MINUTE,
    comparison: 'GreaterThanThreshold',
    threshold: 65,
    evaluationPeriods: 2,
  });
}

type Boxes = Readonly<Record<Box, string>>;
type Box =
  | 'payroll-api'
  | 'payroll-db'
  | 'checkout-web'
  | 'checkout-worker'
  | 'windows-test'
  | 'load-rig'
  | 'nightly-export'
  | 'ci-runner'
  | 'demo-for-friday'
  | 'licence-server'
  | 'spark-scratch'
  | 'cache-bench'
  | 'hands-off'
  | 'old-poc';

function devTestBoxes(cloud: Cloud, seed: number): Boxes {
  const dev = (name: Box, team: string, tags: Readonly<Record<string, string>> = {}) => ({
    Name: name,
    environment: 'dev',
    owner: `${team}@example.com`,
    'ebb:owner': `${team}@example.com`,
    ...tags,
  });
  const office = (n: number) => officeUse({ seed: seed + n, timeZone: ZONE });
  const allDay = { 'ebb:schedule': 'always' };
  const boxes: Boxes = {
    'payroll-api': cloud.launch({ tags: dev('payroll-api', 'payroll'), type: 'm5.large', cpu: office(1), publicIpv4: 'auto', zone: 'a' }),
    'payroll-db': cloud.launch({ tags: dev('payroll-db', 'payroll'), type: 'r5.large', cpu: office(2), volumes: 2, zone: 'a' }),
    'checkout-web': cloud.launch({ tags: dev('checkout-web', 'checkout'), type: 't3.large', cpu: office(3), zone: 'b' }),
    'checkout-worker': cloud.launch({ tags: dev('checkout-worker', 'checkout'), type: 'c5.xlarge', cpu: office(4), zone: 'b' }),
    'windows-test': cloud.launch({
      tags: dev('windows-test', 'qa', { environment: 'test' }),
      type: 'm5.large',
      platform: 'windows',
      cpu: office(5),
    }),
    'load-rig': cloud.launch({
      tags: dev('load-rig', 'qa', { environment: 'test', ...allDay }),
      type: 'c5.xlarge',
      cpu: idle({ seed: seed + 6 }),
    }),
    'nightly-export': cloud.launch({
      tags: dev('nightly-export', 'data', allDay),
      type: 'm5.large',
      cpu: nightlyJob({ seed: seed + 7, timeZone: ZONE }),
    }),
    'ci-runner': cloud.launch({ tags: dev('ci-runner', 'platform', allDay), type: 'c5.xlarge', cpu: busy({ seed: seed + 8 }) }),
    'demo-for-friday': cloud.launch({
      tags: dev('demo-for-friday', 'sales', { 'ebb:keep-until': '2025-05-16' }),
      type: 't3.medium',
      cpu: office(9),
    }),
    'licence-server': cloud.launch({
      tags: dev('licence-server', 'platform'),
      type: 't3.medium',
      stopProtection: true,
      cpu: idle({ seed: seed + 10 }),
    }),
    'spark-scratch': cloud.launch({ tags: dev('spark-scratch', 'data'), type: 'm5.large', market: 'spot-one-time', cpu: office(11) }),
    'cache-bench': cloud.launch({ tags: dev('cache-bench', 'data'), type: 'i3.large', cpu: office(12) }),
    'hands-off': cloud.launch({
      tags: dev('hands-off', 'payroll', { 'ebb:policy': 'off' }),
      type: 't3.medium',
      cpu: idle({ seed: seed + 13 }),
    }),
    'old-poc': cloud.launch({ tags: dev('old-poc', 'sales'), type: 't3.medium', state: 'stopped' }),
  };
  // Two workers of a group that no policy speaks for: the group is left alone, and so are its members.
  cloud.createGroup({
    name: 'dev-queue',
    minSize: 2,
    maxSize: 2,
    desiredCapacity: 2,
    demand: () => 0.4,
    type: 't3.medium',
    monitoring: 'basic',
    tags: { environment: 'dev', owner: 'platform@example.com', 'ebb:owner': 'platform@example.com' },
  });
  return boxes;
}

interface Scripted extends Deed {
  readonly does: () => void;
}

function script(cloud: Cloud, seed: number, boxes: Boxes): Scripted[] {
  let stray = '';
  let forgotten = '';
  const { human } = cloud;
  return [
    {
      at: on(0, 21, 0),
      says: 'EC2 runs short of c5.xlarge where checkout-worker lives',
      does: () => cloud.troubleStarts(boxes['checkout-worker'], { kind: 'capacity', times: Number.POSITIVE_INFINITY }),
    },
    {
      at: on(1, 7, 12),
      says: 'c5.xlarge is to be had again',
      does: () => cloud.troubleStarts(boxes['checkout-worker'], { kind: 'capacity', times: 0 }),
    },
    {
      at: on(1, 10, 15),
      says: 'somebody launches two instances without a tag',
      does: () => {
        stray = human.launches({ type: 't3.medium', cpu: officeUse({ seed: seed + 20, timeZone: ZONE }) });
        forgotten = human.launches({ type: 'm5.large', cpu: idle({ seed: seed + 21 }) });
      },
    },
    {
      at: on(2, 20, 0),
      says: 'the owner of checkout-web needs it for the evening and makes sure that it is running',
      does: () => human.starts(boxes['checkout-web']),
    },
    {
      at: on(3, 9, 30),
      says: 'the first of the two gets its tags: Name, owner, environment',
      does: () =>
        human.tags(stray, { Name: 'stray-test', owner: 'checkout@example.com', 'ebb:owner': 'checkout@example.com', environment: 'test' }),
    },
    { at: on(3, 12, 0), says: 'the second gets only a Name, and stays marked', does: () => human.tags(forgotten, { Name: 'forgotten' }) },
    { at: on(3, 15, 0), says: 'the owner of payroll-db stops it for the day', does: () => human.stops(boxes['payroll-db']) },
    { at: on(4, 8, 30), says: 'the owner of payroll-db starts it again', does: () => human.starts(boxes['payroll-db']) },
    {
      at: on(4, 13, 0),
      says: 'load-rig is wanted for a test, and somebody makes sure that it is running',
      does: () => human.starts(boxes['load-rig']),
    },
  ];
}

/** Day of the week (0 is Monday) and wall clock: no clock is changed in this week. */
const on = (day: number, hour: number, minute: number): Instant => addSeconds(WEEK_START, day * DAY + hour * HOUR + minute * MINUTE);
