import type { Instance as Ec2Instance } from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import type { Series } from '../../shared/model/metric.ts';
import { addSeconds, HOUR, hourOfWeek, instant, WEEK } from '../../shared/model/time.ts';
import { countBaseline, isTooYoung, presenceBaseline, presenceWindow } from '../../shared/observe/baseline.ts';
import { factsOf } from '../../shared/observe/describe.ts';
import { parentOf } from '../../shared/observe/parent.ts';
import { PUBLIC_IPV4, priceOf } from '../../shared/observe/prices.ts';

const scope = { account: '123456789012', region: 'sa-east-1' };

/** As DescribeInstances tells of a plain box. */
const box: Ec2Instance = {
  InstanceId: 'i-0abc',
  InstanceType: 'm5.large',
  State: { Code: 16, Name: 'running' },
  LaunchTime: new Date('2025-05-14T07:00:03Z'),
  PlatformDetails: 'Linux/UNIX',
  Placement: { AvailabilityZone: 'sa-east-1a', Tenancy: 'default' },
  Monitoring: { State: 'disabled' },
  RootDeviceName: '/dev/xvda',
  RootDeviceType: 'ebs',
  BlockDeviceMappings: [
    { DeviceName: '/dev/sdf', Ebs: { VolumeId: 'vol-data', AttachTime: new Date('2025-05-01T00:00:00Z') } },
    { DeviceName: '/dev/xvda', Ebs: { VolumeId: 'vol-root', AttachTime: new Date('2024-11-02T10:20:30Z') } },
  ],
  Tags: [
    { Key: 'Name', Value: 'payroll-test' },
    { Key: 'environment', Value: 'dev' },
  ],
  StateTransitionReason: '',
};

describe('an instance', () => {
  test('is told as EC2 tells it', () => {
    expect(factsOf(box, scope)).toMatchObject({
      ref: { kind: 'instance', id: 'i-0abc', name: 'payroll-test', scope },
      tags: { Name: 'payroll-test', environment: 'dev' },
      state: 'running',
      type: 'm5.large',
      platform: 'linux',
      lifecycle: 'on-demand',
      launchedAt: '2025-05-14T07:00:03Z',
      rootDevice: 'ebs',
      parent: null,
      publicIpv4: 'none',
      volumes: ['vol-data', 'vol-root'],
      monitoring: 'basic',
      hibernation: false,
      stopProtection: null,
      cpuMax: null,
      baseline: null,
      price: { perHour: 153_000, source: 'list price of 2025-04-04 (table)' },
    });
  });

  test('was born when its root volume was attached, not when it was last started or given another disk', () => {
    expect(factsOf(box, scope).createdAt).toBe('2024-11-02T10:20:30Z');
    expect(factsOf({ ...box, BlockDeviceMappings: [] }, scope).createdAt).toBeNull();
  });

  test.each([
    ['User initiated (2025-05-14 19:00:12 GMT)', 'stopped', '2025-05-14T19:00:12Z'],
    ['User initiated (2025-05-14 19:00:12 GMT)', 'stopping', '2025-05-14T19:00:12Z'],
    ['Server.SpotInstanceTermination: Instance shutdown initiated (2025-05-14 19:00:12 UTC)', 'stopped', '2025-05-14T19:00:12Z'],
    ['User initiated shutdown', 'stopped', null],
    ['User initiated (2025-02-30 19:00:12 GMT)', 'stopped', null],
    ['User initiated (2025-05-14 25:00:12 GMT)', 'stopped', null],
    ['', 'stopped', null],
    ['User initiated (2025-05-14 19:00:12 GMT)', 'running', null],
  ] as const)('"%s" while %s: stopped at %s', (StateTransitionReason, Name, stoppedAt) => {
    expect(factsOf({ ...box, State: { Name }, StateTransitionReason }, scope).stoppedAt).toBe(stoppedAt);
  });

  test.each([
    ['amazon', 'auto'],
    ['123456789012', 'elastic'],
    ['amazon-aws', 'elastic'],
  ] as const)('an address owned by %s is %s', (IpOwnerId, kind) => {
    const NetworkInterfaces = [{ Association: { PublicIp: '203.0.113.9', IpOwnerId } }];
    expect(factsOf({ ...box, NetworkInterfaces }, scope).publicIpv4).toBe(kind);
  });

  test.each([
    ['Windows', 'windows', 245_000],
    ['Red Hat Enterprise Linux', 'other', undefined],
    ['Windows with SQL Server Standard', 'other', undefined],
  ] as const)('%s is %s, and what the table does not know has no price', (PlatformDetails, platform, perHour) => {
    const { price, ...facts } = factsOf({ ...box, PlatformDetails }, scope);
    expect([facts.platform, price?.perHour]).toEqual([platform, perHour]);
  });

  test('spot hours do not cost the list price', () => {
    expect(factsOf({ ...box, InstanceLifecycle: 'spot' }, scope)).toMatchObject({ lifecycle: 'spot', price: null });
  });

  test('an answer without what EC2 always tells is an error, not half a fact', () => {
    expect(() => factsOf({ ...box, LaunchTime: undefined }, scope)).toThrow('EC2 described i-0abc without LaunchTime');
  });
});

test.each([
  [{ 'aws:autoscaling:groupName': 'web' }, { kind: 'auto-scaling-group', name: 'web' }],
  [
    { 'aws:autoscaling:groupName': 'awseb-x', 'elasticbeanstalk:environment-name': 'shop' },
    { kind: 'beanstalk', name: 'shop' },
  ],
  [
    { 'aws:autoscaling:groupName': 'eks-x', 'eks:cluster-name': 'blue' },
    { kind: 'eks', name: 'blue' },
  ],
  [{ 'kubernetes.io/cluster/green': 'owned' }, { kind: 'eks', name: 'green' }],
  [
    { 'aws:autoscaling:groupName': 'ecs-asg', AmazonECSManaged: '' },
    { kind: 'ecs', name: 'ecs-asg' },
  ],
  [
    { 'aws:autoscaling:groupName': 'ecs-asg', AmazonECSManaged: 'true' },
    { kind: 'ecs', name: 'ecs-asg' },
  ],
  [{ AWSBatchServiceTag: 'batch' }, { kind: 'batch', name: 'batch' }],
  [
    { 'aws:autoscaling:groupName': 'nodes', KubernetesCluster: 'old.example.com' },
    { kind: 'eks', name: 'old.example.com' },
  ],
  [{ 'karpenter.sh/provisioner-name': 'default' }, { kind: 'eks', name: 'default' }],
  [{ 'alpha.eksctl.io/cluster-name': 'blue' }, { kind: 'eks', name: 'blue' }],
  [{ 'aws:elasticmapreduce:job-flow-id': 'j-1' }, { kind: 'emr', name: 'j-1' }],
  [{ 'aws:ec2:fleet-id': 'fleet-1' }, { kind: 'cloudformation-fleet', name: 'fleet-1' }],
  [{ 'aws:cloudformation:stack-name': 'one-box' }, null],
  [{}, null],
] as const)('tags %j tell of the parent %j', (tags: Record<string, string>, parent) => {
  expect(parentOf(tags)).toEqual(parent);
});

test.each([
  [{}, null],
  [{ Managed: false, Principal: 'eks.amazonaws.com' }, null],
  [
    { Managed: true, Principal: 'eks.amazonaws.com' },
    { kind: 'eks', name: 'eks.amazonaws.com' },
  ],
  [
    { Managed: true, Principal: 'new.amazonaws.com' },
    { kind: 'operator', name: 'new.amazonaws.com' },
  ],
] as const)('an operator %j is the parent %j', (Operator, parent) => {
  expect(factsOf({ ...box, Tags: [], Operator }, scope).parent).toEqual(parent);
});

describe('prices', () => {
  const t3 = { region: 'us-east-1', type: 't3.medium', platform: 'linux', tenancy: 'default' } as const;

  test('each figure carries the date of its own list', () => {
    expect(priceOf(t3)).toMatchObject({ perHour: 41_600, source: 'list price of 2025-04-04 (table)' });
    expect(priceOf({ ...t3, platform: 'windows' })).toMatchObject({ perHour: 60_000, source: 'list price of 2023-08-30 (table)' });
    expect(priceOf({ ...t3, platform: 'windows', region: 'sa-east-1' })).toMatchObject({
      perHour: 85_600,
      source: 'list price of 2025-04-04, Windows surcharge of 2023-08-30 (table)',
    });
    expect(priceOf({ ...t3, type: 'm8g.large' })).toMatchObject({ perHour: 89_760, source: 'list price of 2025-04-04 (table)' });
    expect(priceOf({ ...t3, platform: 'windows' })?.billedAs).toEqual({
      ...{ type: 't3.medium', sku: null, usageType: null, operation: 'RunInstances:0002', pricing: 'Standard' },
    });
    expect(PUBLIC_IPV4.perHour).toBe(5_000);
  });

  test.each([
    ['another region', { ...t3, region: 'eu-central-1' }],
    ['another type', { ...t3, type: 'p5.48xlarge' }],
    ['a size that does not exist', { ...t3, type: 't3.5xlarge' }],
    ['a type without a dot', { ...t3, type: 'large' }],
    ['a name of the prototype', { ...t3, type: 'constructor.name' }],
    ['another platform', { ...t3, platform: 'other' }],
    ['Windows on Graviton', { ...t3, type: 't4g.medium', platform: 'windows' }],
    ['dedicated tenancy', { ...t3, tenancy: 'dedicated' }],
  ] as const)('%s is unknown, never a neighbour’s price', (_, asked) => {
    expect(priceOf(asked)).toBeNull();
  });
});

describe('four weeks of presence', () => {
  const at = instant('2025-05-14T19:20:00Z'); // a Wednesday
  const window = presenceWindow(at);
  const hours = Array.from({ length: 672 }, (_, i) => addSeconds(window.start, i * HOUR));
  const published = (keep: (h: number, i: number) => number | null): Series => ({
    ...{ start: window.start, periodSeconds: HOUR },
    values: hours.map((hour, i) => keep(hourOfWeek(hour), i)),
  });

  test('the window is the 28 days of whole hours before the look', () => {
    expect(window).toEqual({ start: '2025-04-16T19:00:00Z', end: '2025-05-14T19:00:00Z' });
  });

  test('a box that ran on weekdays from 8 to 18 did so in all four weeks, and in none of the other hours', () => {
    const baseline = presenceBaseline(
      published(h => (h < 120 && h % 24 >= 8 && h % 24 < 18 ? 12 : null)),
      at,
    );
    expect(baseline).toMatchObject({ kind: 'measured', weeks: 4, window, frozenAt: at });
    const runs = baseline.kind === 'measured' ? baseline.runs : [];
    expect(runs.map((n, h) => [h, n]).filter(([, n]) => n === 4).length).toBe(50);
    expect([runs[8], runs[17], runs[18], runs[7], runs[128], runs.length]).toEqual([4, 4, 0, 0, 0, 168]);
  });

  test('a box that was asleep for the last two weeks ran in two of four', () => {
    const baseline = presenceBaseline(
      published((_, i) => (i < 336 ? 12 : null)),
      at,
    );
    expect(baseline.kind === 'measured' && new Set(baseline.runs)).toEqual(new Set([2]));
  });

  test('nothing published is unknown, not "never ran"', () => {
    expect(
      presenceBaseline(
        published(() => null),
        at,
      ),
    ).toEqual({ kind: 'unknown', why: 'no-metrics', frozenAt: at });
  });

  test('a birth exactly four weeks ago is old enough, a second later is not', () => {
    expect(isTooYoung(window.start, at)).toBe(false);
    expect(isTooYoung(addSeconds(window.start, 1), at)).toBe(true);
    expect(isTooYoung(addSeconds(at, -WEEK), at)).toBe(true);
  });

  test('a fleet has its sum over the four weeks, fractions of an hour included, and a zero is a zero', () => {
    const baseline = countBaseline(
      published(h => (h === 10 ? 3.25 : 0)),
      at,
    );
    expect(baseline.kind === 'measured' && [baseline.runs[10], baseline.runs[11]]).toEqual([13, 0]);
  });

  test('a few holes in a fleet’s history are not zeros', () => {
    const baseline = countBaseline(
      published((_, i) => (i % 20 === 0 ? null : 4)),
      at,
    );
    expect(baseline.kind === 'measured' && new Set(baseline.runs)).toEqual(new Set([16]));
  });

  test('group metrics that were switched on last week measure nothing', () => {
    expect(
      countBaseline(
        published((_, i) => (i < 504 ? null : 4)),
        at,
      ),
    ).toMatchObject({ kind: 'unknown', why: 'no-metrics' });
  });
});
