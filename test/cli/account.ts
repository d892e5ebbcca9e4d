/**
 * An account of more than 200 instances, made with the AWS CLI, in which there is one of everything that a plan has an answer for.
 * Launch times are now, so everything is asked about a later instant: hours and measurements are laid around that one.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addSeconds, floorTo, HOUR, type Instant, instant, MINUTE } from '../../shared/model/time.ts';
import { aws, pooled } from './shell.ts';

export const HOME = 'eu-west-1';
export const EAST = 'us-east-1';
const IMAGE = 'ami-785db401'; // Linux; the emulator ships it

export interface Clockwork {
  /** The full hour in which everything is launched. */
  readonly hour: Instant;
  /** The evening that plans are asked about, half past. */
  readonly evening: Instant;
  /** Half past one of the next morning's hours: the day's schedule is on again. */
  readonly morning: Instant;
}

export function clockwork(): Clockwork {
  const hour = floorTo(instant(Date.now()), HOUR);
  const evening = addSeconds(hour, 8 * HOUR + 30 * MINUTE);
  return { hour, evening, morning: addSeconds(evening, 19 * HOUR) };
}

interface Launch {
  readonly region?: string;
  readonly count?: number;
  readonly type?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly with?: readonly string[];
}

const OWNED = { owner: 'team@example.com' };
const DEV = { environment: 'dev', 'ebb:owner': 'dev@example.com', ...OWNED };
const AWAKE = { ...DEV, 'ebb:schedule': 'always' };

/** By `aws ec2 run-instances`. */
const LAUNCHES = {
  prod: { count: 110, tags: { environment: 'prod', ...OWNED } },
  office: { count: 6, tags: DEV },
  ownerless: { count: 3, tags: { environment: 'dev' } },
  spot: { tags: DEV, with: ['--instance-market-options', 'MarketType=spot'] },
  guarded: { tags: DEV, with: ['--disable-api-stop'] },
  untagged: { count: 3 },
  // Not in the stack, whose tags are the stack's own.
  crowded: { tags: Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`key-${i}`, 'x'])) },
  eastDev: { region: EAST, count: 3, tags: DEV },
  eastProd: { region: EAST, count: 20, tags: { environment: 'prod', ...OWNED } },
  eastNew: { region: EAST, count: 3 },
} satisfies Record<string, Launch>;

/** By `aws cloudformation create-stack`, which takes all of them at once. */
const STACKED = {
  payroll: { tags: { ...DEV, Name: 'payroll-test' } },
  evening: { count: 2, tags: { ...DEV, 'ebb:schedule': 'late' } },
  kept: { tags: { ...DEV, 'ebb:keep-until': '2099-01-01' } },
  scratch: { type: 'i3.large', tags: DEV },
  misspelt: { tags: { ...DEV, 'ebb:schedule': 'alwys' } },
  optedOut: { tags: { ...DEV, 'ebb:policy': 'off' } },
  idle: { count: 2, tags: AWAKE },
  busy: { count: 2, tags: AWAKE },
  patchy: { count: 2, tags: AWAKE },
  young: { count: 2, tags: { environment: 'stage', ...OWNED } },
  always: { count: 2, tags: { environment: 'perf', ...OWNED } },
  frugal: { count: 4, tags: { environment: 'frugal', ...OWNED } },
  wild: { count: 4, tags: { environment: 'wild', ...OWNED } },
  halted: { count: 3, tags: DEV },
  ended: { tags: DEV },
  measured: { tags: { measured: 'yes', ...OWNED } },
} satisfies Record<string, Pick<Launch, 'count' | 'type' | 'tags'>>;

export type Role = keyof typeof LAUNCHES | keyof typeof STACKED;
/** Ids by role. */
export type Cast = Readonly<Record<Role, readonly string[]>>;

/** Groups: desired capacity, bounds, and the CPU of the latest minutes, newest last. */
const steady = (value: number, minutes = 17): number[] => Array.from({ length: minutes }, () => value);
const GROUPS: Readonly<Record<string, { readonly size: readonly [min: number, desired: number, max: number]; readonly cpu?: number[] }>> = {
  'web-suits': { size: [2, 3, 9], cpu: steady(48) },
  'web-full': { size: [2, 6, 9], cpu: steady(80) },
  'web-least': { size: [2, 2, 9], cpu: steady(10) },
  'web-turning': { size: [2, 3, 9], cpu: [...steady(48, 16), 70] },
  'web-silent': { size: [2, 2, 9] },
  'web-halted': { size: [2, 2, 9], cpu: steady(80) },
  'web-bean': { size: [2, 2, 9], cpu: steady(80) },
  'web-aws': { size: [2, 2, 9], cpu: steady(80) },
  'web-contrary': { size: [8, 8, 9] },
  'web-hot': { size: [2, 3, 9], cpu: steady(80) },
  'web-cold': { size: [2, 5, 9], cpu: steady(10) },
  'web-under': { size: [0, 1, 9] },
  'web-cooling': { size: [2, 4, 9], cpu: steady(10) },
  'web-warming': { size: [2, 5, 9], cpu: steady(60) },
  batch: { size: [1, 2, 9] },
};

export async function makeAccount(url: string, clock: Clockwork, folder: string): Promise<Cast> {
  const launches: [string, Launch][] = Object.entries(LAUNCHES);
  const [stacked = {}, ...ids] = await pooled([
    () => createStack(url, folder),
    ...launches.map(([role, launch]) => async () => ({ [role]: (await run(url, launch)).split(/\s+/) })),
  ]);
  const cast = Object.assign(stacked, ...ids) as Cast;

  const here = (...args: string[]) => aws(url, HOME, args);
  await pooled([
    () => here('ec2', 'stop-instances', '--instance-ids', ...cast.halted),
    () => here('ec2', 'terminate-instances', '--instance-ids', ...cast.ended),
    () => here('autoscaling', 'suspend-processes', '--auto-scaling-group-name', 'web-halted', '--scaling-processes', 'Launch'),
    () => here(...'autoscaling put-scaling-policy --auto-scaling-group-name web-aws --policy-name add-one'.split(' '), ...ADD_ONE),
    ...metricFiles(cast, clock).map((data, i) => () => {
      const file = join(folder, `metrics-${i}.json`);
      writeFileSync(file, JSON.stringify(data));
      return here('cloudwatch', 'put-metric-data', '--namespace', 'AWS/EC2', '--metric-data', `file://${file}`);
    }),
  ]);
  return cast;
}

const ADD_ONE = ['--policy-type', 'SimpleScaling', '--adjustment-type', 'ChangeInCapacity', '--scaling-adjustment', '1'];

function run(url: string, { region = HOME, count = 1, type = 't3.medium', tags = {}, with: other = [] }: Launch): Promise<string> {
  const list = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const spec = list.length === 0 ? [] : ['--tag-specifications', JSON.stringify([{ ResourceType: 'instance', Tags: list }])];
  const what = ['--image-id', IMAGE, '--instance-type', type, '--count', String(count)];
  return aws(url, region, ['ec2', 'run-instances', ...what, ...spec, ...other, '--query', 'Instances[].InstanceId']);
}

async function createStack(url: string, folder: string): Promise<Partial<Cast>> {
  const file = join(folder, 'stack.json');
  writeFileSync(file, JSON.stringify({ Resources: { ...boxes(), ...groups() } }));
  await aws(url, HOME, ['cloudformation', 'create-stack', '--stack-name', 'team', '--template-body', `file://${file}`]);
  const columns = 'StackResources[].[LogicalResourceId,PhysicalResourceId]';
  const made = await aws(url, HOME, ['cloudformation', 'describe-stack-resources', '--stack-name', 'team', '--query', columns]);
  const ids = made.split('\n').map(line => line.split('\t') as [string, string]);
  const of = (role: string) => ids.filter(([logical]) => logical.replace(/\d+$/, '') === role).map(([, id]) => id);
  return Object.fromEntries(Object.keys(STACKED).map(role => [role, of(role)]));
}

function boxes(): object {
  const all = Object.entries(STACKED) as [string, Launch][];
  const resources = all.flatMap(([role, { count = 1, type = 't3.medium', tags = {} }]) => {
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    const box = { Type: 'AWS::EC2::Instance', Properties: { ImageId: IMAGE, InstanceType: type, Tags } };
    return Array.from({ length: count }, (_, i) => [`${role}${i}`, box]);
  });
  return Object.fromEntries(resources);
}

function groups(): object {
  const tag = (Key: string, Value: string) => ({ Key, Value, PropagateAtLaunch: true });
  const all = Object.entries(GROUPS).map(([name, { size }], i) => {
    const [MinSize, DesiredCapacity, MaxSize] = size.map(String);
    const environment = tag('environment', name === 'batch' ? 'dev' : 'prod');
    const Tags = [environment, ...(name === 'web-bean' ? [tag('elasticbeanstalk:environment-name', 'shop')] : [])];
    const Properties = { AutoScalingGroupName: name, LaunchConfigurationName: { Ref: 'Config' }, AvailabilityZones: [`${HOME}a`], Tags };
    return [`Group${i}`, { Type: 'AWS::AutoScaling::AutoScalingGroup', Properties: { ...Properties, MinSize, DesiredCapacity, MaxSize } }];
  });
  const Config = { Type: 'AWS::AutoScaling::LaunchConfiguration', Properties: { ImageId: IMAGE, InstanceType: 'm5.large' } };
  return { Config, ...Object.fromEntries(all) };
}

/** Batches for put-metric-data: at most 1,000 each. */
function metricFiles(cast: Cast, { evening }: Clockwork): object[][] {
  const hour = floorTo(evening, HOUR);
  const cpu = (name: string, value: string, at: Instant, Value: number) => ({
    ...{ MetricName: 'CPUUtilization', Dimensions: [{ Name: name, Value: value }], Timestamp: at, Value, Unit: 'Percent' },
  });
  const hourly = (ids: readonly string[], values: readonly (number | null)[]) =>
    ids.flatMap(id =>
      values.flatMap((value, i) =>
        value === null ? [] : [cpu('InstanceId', id, addSeconds(hour, (i - values.length) * HOUR + 10 * MINUTE), value)],
      ),
    );
  const minutely = Object.entries(GROUPS).flatMap(([name, { cpu: values = [] }]) =>
    values.map((value, i) => cpu('AutoScalingGroupName', name, addSeconds(evening, (i - values.length) * MINUTE), value)),
  );
  const later = addSeconds(hour, BASELINE_LATER);
  const history = Array.from({ length: 28 * 24 }, (_, i) =>
    cpu('InstanceId', cast.measured[0] ?? '', addSeconds(later, (i - 28 * 24) * HOUR), 20),
  );
  return [
    [
      ...hourly(cast.idle, [2, 3, 1]),
      ...hourly(cast.wild, [1, 1, 1]),
      ...hourly(cast.busy, [2, 88, 3]),
      ...hourly(cast.patchy, [2, 2, null]),
      ...minutely,
    ],
    history,
  ];
}

/** An instance is asked for its four weeks of history only once it is as old as that: five weeks after its launch. */
export const BASELINE_LATER = 5 * 7 * 24 * HOUR;
