import { describe, expect, test } from '@jest/globals';
import { reread } from '../../shared/execute/reread.ts';
import { addSeconds, HOUR, instant } from '../../shared/model/time.ts';
import { describeInstances } from '../../shared/observe/describe.ts';
import { observeFleets } from '../../shared/observe/fleets.ts';
import { observeInstances, observeStopProtection } from '../../shared/observe/instances.ts';
import { type MetricWanted, readMetrics } from '../../shared/observe/metrics.ts';
import { answering, awsError, type Call } from '../support/answering.ts';

const scope = { account: '123456789012', region: 'us-east-1' };
const at = instant('2025-05-14T19:20:30Z');
const hour = instant('2025-05-14T19:00:00Z');

const wanted = (key: string, hours: number): MetricWanted => ({
  key,
  asked: { namespace: 'AWS/EC2', metric: 'CPUUtilization', dimensions: { InstanceId: key }, statistic: 'Maximum' },
  periodSeconds: HOUR,
  window: { start: addSeconds(hour, -hours * HOUR), end: hour },
  what: 'CPU',
  of: key,
});

const complete = ({ input }: Call) => ({
  MetricDataResults: input.MetricDataQueries.map(({ Id }: { Id: string }) => ({ Id, StatusCode: 'Complete', Timestamps: [], Values: [] })),
});

describe('GetMetricData', () => {
  test('short windows fill a call with 500 metrics; long ones with 100,800 datapoints', async () => {
    const { clients, calls } = answering(complete);
    await readMetrics(clients, [
      ...Array.from({ length: 501 }, (_, i) => wanted(`short-${i}`, 25)),
      ...Array.from({ length: 151 }, (_, i) => wanted(`long-${i}`, 672)),
    ]);
    expect(calls.map(c => c.input.MetricDataQueries.length)).toEqual([150, 1, 500, 1]);
  });

  test('pages are read to the end, and holes stay holes', async () => {
    const { clients, calls } = answering(({ input }) =>
      input.NextToken === undefined
        ? {
            NextToken: 'more',
            MetricDataResults: [{ Id: 'm0', StatusCode: 'PartialData', Timestamps: [new Date('2025-05-14T16:00:00Z')], Values: [0] }],
          }
        : { MetricDataResults: [{ Id: 'm0', StatusCode: 'Complete', Timestamps: [new Date('2025-05-14T18:00:00Z')], Values: [7.5] }] },
    );
    const { series, unread } = await readMetrics(clients, [wanted('i-1', 4)]);
    expect(calls).toHaveLength(2);
    expect(unread).toEqual([]);
    expect(series.get('i-1')).toEqual({ start: '2025-05-14T15:00:00Z', periodSeconds: HOUR, values: [null, 0, null, 7.5] });
  });

  test('a metric that CloudWatch does not complete is unread by name, and the others are read', async () => {
    const { clients } = answering(() => ({
      MetricDataResults: [
        { Id: 'm0', StatusCode: 'Complete', Timestamps: [], Values: [] },
        { Id: 'm1', StatusCode: 'InternalError', Timestamps: [], Values: [] },
        { Id: 'm2', StatusCode: 'PartialData', Timestamps: [], Values: [] },
      ],
    }));
    const { series, unread } = await readMetrics(
      clients,
      ['i-0', 'i-1', 'i-2', 'i-3'].map(id => wanted(id, 4)),
    );
    expect([...series.keys()]).toEqual(['i-0']);
    expect(unread).toEqual([
      { what: 'CPU of i-1', why: 'GetMetricData: InternalError' },
      { what: 'CPU of i-2', why: 'GetMetricData: PartialData' },
      { what: 'CPU of i-3', why: 'GetMetricData: no answer' },
    ]);
  });

  test('a throttled call leaves its metrics unread and does not spoil the next call’s', async () => {
    const { clients } = answering(call => {
      if (call.input.MetricDataQueries.length === 500) throw awsError('Throttling', 'Rate exceeded');
      return complete(call);
    });
    const { series, unread } = await readMetrics(
      clients,
      Array.from({ length: 501 }, (_, i) => wanted(`i-${i}`, 25)),
    );
    expect([...series.keys()]).toEqual(['i-500']);
    expect(unread).toEqual([{ what: 'CPU of 500 resources', why: 'Throttling: Rate exceeded' }]);
  });
});

const ec2Instance = (InstanceId: string, more: object = {}) => ({
  InstanceId,
  InstanceType: 't3.medium',
  State: { Name: 'running' },
  LaunchTime: new Date('2025-05-14T07:00:00Z'),
  PlatformDetails: 'Linux/UNIX',
  RootDeviceName: '/dev/xvda',
  BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeId: 'vol-1', AttachTime: new Date('2024-01-01T00:00:00Z') } }],
  ...more,
});

describe('instances', () => {
  test('all pages are read; a page that fails is an error, never a smaller world', async () => {
    const page = ({ input }: Call) => ({
      Reservations: [{ Instances: [ec2Instance(input.NextToken ?? 'i-1')] }],
      ...(input.NextToken === undefined ? { NextToken: 'i-2' } : {}),
    });
    const { clients, calls } = answering(page);
    expect((await describeInstances(clients, scope)).map(i => i.ref.id)).toEqual(['i-1', 'i-2']);
    expect(calls[0]?.input.MaxResults).toBe(1_000);

    const broken = answering(call => {
      if (call.input.NextToken !== undefined) throw awsError('RequestLimitExceeded', 'slow down', 503);
      return page(call);
    });
    await expect(describeInstances(broken.clients, scope)).rejects.toMatchObject({ name: 'RequestLimitExceeded' });
  });

  test('only what is wanted is measured, in one call, and what cannot be read is null and said', async () => {
    const { clients, calls } = answering(({ operation, input }) => {
      if (operation === 'DescribeInstances')
        return { Reservations: [{ Instances: ['i-busy', 'i-blind', 'i-other'].map(id => ec2Instance(id)) }] };
      return {
        MetricDataResults: input.MetricDataQueries.map(
          ({ Id, MetricStat }: { Id: string; MetricStat: { Metric: { Dimensions: { Value: string }[] } } }) =>
            MetricStat.Metric.Dimensions[0]?.Value === 'i-blind'
              ? { Id, StatusCode: 'Forbidden' }
              : { Id, StatusCode: 'Complete', Timestamps: [new Date('2025-05-14T18:00:00Z')], Values: [88] },
        ),
      };
    });
    const { instances, unread } = await observeInstances(clients, scope, at, {
      cpuHours: i => (i.ref.id === 'i-other' ? null : 2),
      idleSince: () => null,
      baseline: () => false,
    });
    expect(calls.map(c => c.operation)).toEqual(['DescribeInstances', 'GetMetricData']);
    expect(calls[1]?.input).toMatchObject({ StartTime: new Date('2025-05-14T16:00:00Z'), EndTime: new Date('2025-05-14T19:00:00Z') });
    expect(instances.map(i => i.cpuMax?.values ?? null)).toEqual([[null, null, 88], null, null]);
    expect(unread).toEqual([{ what: 'CPU of i-blind', why: 'GetMetricData: Forbidden' }]);
  });

  test('a box younger than four weeks is not asked for its history', async () => {
    const { clients, calls } = answering(() => ({
      Reservations: [{ Instances: [ec2Instance('i-new', { BlockDeviceMappings: [], RootDeviceType: 'instance-store' })] }],
    }));
    const { instances } = await observeInstances(clients, scope, at, { cpuHours: () => null, idleSince: () => null, baseline: () => true });
    expect(calls).toHaveLength(1);
    expect(instances[0]?.baseline).toEqual({ kind: 'unknown', why: 'younger-than-four-weeks', frozenAt: at });
  });

  test('stop protection is asked one by one; one that cannot be read does not hide the others', async () => {
    const { clients } = answering(({ input }) => {
      if (input.InstanceId === 'i-2') throw awsError('UnauthorizedOperation', 'no', 403);
      return { DisableApiStop: { Value: input.InstanceId === 'i-1' } };
    });
    expect(Object.fromEntries(await observeStopProtection(clients, ['i-1', 'i-2', 'i-3']))).toEqual({
      'i-1': { stopProtection: true },
      'i-2': { why: 'UnauthorizedOperation: no' },
      'i-3': { stopProtection: false },
    });
  });

  test('stop protection that was throttled is asked again a few times, and other refusals are not', async () => {
    const asked: string[] = [];
    const { clients } = answering(({ input }) => {
      asked.push(String(input.InstanceId));
      const times = asked.filter(id => id === input.InstanceId).length;
      if (input.InstanceId === 'i-never') throw awsError('RequestLimitExceeded', 'slow down', 400);
      if (input.InstanceId === 'i-later' && times <= 6) throw awsError('RequestLimitExceeded', 'slow down', 400);
      if (input.InstanceId === 'i-no') throw awsError('UnauthorizedOperation', 'no', 403);
      return { DisableApiStop: { Value: false } };
    });
    expect(Object.fromEntries(await observeStopProtection(clients, ['i-later', 'i-never', 'i-no']))).toEqual({
      'i-later': { stopProtection: false },
      'i-never': { why: 'RequestLimitExceeded: slow down' },
      'i-no': { why: 'UnauthorizedOperation: no' },
    });
    expect(asked.filter(id => id === 'i-no')).toHaveLength(1);
    expect(asked.filter(id => id === 'i-never')).toHaveLength(10 * 3); // the SDK makes three attempts of each
  });
});

const group = (AutoScalingGroupName: string, more: object = {}) => ({
  AutoScalingGroupName,
  MinSize: 1,
  MaxSize: 9,
  DesiredCapacity: 2,
  DefaultCooldown: 300,
  DefaultInstanceWarmup: 240,
  CreatedTime: new Date('2024-01-01T00:00:00Z'),
  Instances: ['a', 'b'].map(n => ({
    InstanceId: `i-${AutoScalingGroupName}-${n}`,
    InstanceType: 't3.medium',
    LifecycleState: 'InService',
    HealthStatus: 'Healthy',
    ProtectedFromScaleIn: false,
  })),
  SuspendedProcesses: [],
  Tags: [],
  ...more,
});

describe('fleets', () => {
  const policies = [
    { AutoScalingGroupName: 'web', PolicyName: 'track', PolicyType: 'TargetTrackingScaling', Enabled: true },
    { AutoScalingGroupName: 'web', PolicyName: 'off', PolicyType: 'StepScaling', Enabled: false },
    {
      AutoScalingGroupName: 'web',
      PolicyName: 'guess',
      PolicyType: 'PredictiveScaling',
      PredictiveScalingConfiguration: { Mode: 'ForecastOnly' },
    },
    {
      AutoScalingGroupName: 'web',
      PolicyName: 'act',
      PolicyType: 'PredictiveScaling',
      PredictiveScalingConfiguration: { Mode: 'ForecastAndScale' },
    },
  ];
  const account = (call: Call) => {
    switch (call.operation) {
      case 'DescribeAutoScalingGroups':
        return {
          AutoScalingGroups: [
            group('web'),
            group('going', { Status: 'Delete in progress' }),
            group('other', { Tags: [{ Key: 'elasticbeanstalk:environment-name', Value: 'shop' }] }),
          ],
        };
      case 'DescribePolicies':
        return { ScalingPolicies: policies };
      case 'DescribeInstances':
        return { Reservations: [{ Instances: call.input.Filters[0].Values.map((id: string) => ec2Instance(id)) }] };
      default:
        return {
          MetricDataResults: call.input.MetricDataQueries.map(({ Id }: { Id: string }) => ({
            Id,
            StatusCode: 'Complete',
            Timestamps: [new Date('2025-05-14T19:18:00Z')],
            Values: [71],
          })),
        };
    }
  };

  test('a wanted fleet is measured up to the last full minute, with two datapoints of slack', async () => {
    const { clients, calls } = answering(account);
    const { fleets, unread } = await observeFleets(clients, scope, at, {
      signal: f => (f.ref.id === 'web' ? { period: 60, datapoints: 3 } : null),
      signals: () => null,
      baseline: () => false,
      terms: f => f.ref.id === 'web',
    });
    expect(unread).toEqual([]);
    expect(calls.map(c => c.operation).toSorted()).toEqual([
      'DescribeAutoScalingGroups',
      'DescribeInstances',
      'DescribePolicies',
      'GetMetricData',
    ]);
    expect(fleets[0]).toMatchObject({
      ref: { kind: 'auto-scaling-group', id: 'web', name: 'web', scope },
      desiredCapacity: 2,
      instanceWarmup: 240,
      awsPolicies: ['track', 'act'],
      signal: { start: '2025-05-14T19:15:00Z', periodSeconds: 60, values: [null, null, null, 71, null] },
      price: { perHour: 41_600 },
      baseline: null,
    });
    expect(fleets[1]).toMatchObject({ beanstalk: 'shop', signal: null, price: null, awsPolicies: [] });
  });

  test('a fleet that is being deleted is gone already', async () => {
    const { clients } = answering(account);
    const { fleets } = await observeFleets(clients, scope, at, {
      ...{ signal: () => null, signals: () => null, baseline: () => false, terms: () => false },
    });
    expect(fleets.map(f => f.ref.id)).toEqual(['web', 'other']);
  });

  test('fleets that nobody wants cost one call for the list', async () => {
    const { clients, calls } = answering(account);
    await observeFleets(clients, scope, at, { signal: () => null, signals: () => null, baseline: () => false, terms: () => false });
    expect(calls.map(c => c.operation)).toEqual(['DescribeAutoScalingGroups']);
  });

  test('policies that cannot be read are an error: acting against AWS’s own would be a fight', async () => {
    const { clients } = answering(call => {
      if (call.operation === 'DescribePolicies') throw awsError('AccessDenied', 'no', 403);
      return account(call);
    });
    const wants = { signal: () => ({ period: 60, datapoints: 3 }) as const, signals: () => null, baseline: () => false, terms: () => true };
    await expect(observeFleets(clients, scope, at, wants)).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  test('a fleet of mixed types has no price', async () => {
    const mixed = group('web');
    const { clients } = answering(call =>
      call.operation === 'DescribeAutoScalingGroups'
        ? { AutoScalingGroups: [{ ...mixed, Instances: mixed.Instances.map((m, i) => ({ ...m, InstanceType: `m${5 + i}.large` })) }] }
        : account(call),
    );
    const { fleets } = await observeFleets(clients, scope, at, {
      signal: () => ({ period: 60, datapoints: 3 }),
      signals: () => null,
      baseline: () => false,
      terms: () => true,
    });
    expect(fleets[0]?.price).toBeNull();
  });
});

test('a second look names both kinds in one describe each, and what is gone is absent', async () => {
  const { clients, calls } = answering(({ operation, input }) =>
    operation === 'DescribeInstances'
      ? {
          Reservations: [
            { Instances: input.Filters[0].Values.filter((id: string) => id !== 'i-gone').map((id: string) => ec2Instance(id)) },
          ],
        }
      : { AutoScalingGroups: [group('web')] },
  );
  const ref = (kind: 'instance' | 'auto-scaling-group', id: string) => ({ kind, id, name: null, scope });
  const fresh = await reread(clients, [ref('instance', 'i-1'), ref('instance', 'i-gone'), ref('auto-scaling-group', 'web')]);
  expect([...fresh].map(([id, f]) => [id, f.kind])).toEqual([
    ['i-1', 'instance'],
    ['web', 'auto-scaling-group'],
  ]);
  // Side by side: either may be first.
  expect(calls).toHaveLength(2);
  expect(calls.map(c => c.input)).toEqual(
    expect.arrayContaining([
      { Filters: [{ Name: 'instance-id', Values: ['i-1', 'i-gone'] }], MaxResults: 1_000 },
      { AutoScalingGroupNames: ['web'], MaxRecords: 100 },
    ]),
  );
});
