import {
  DescribeAddressesCommand,
  DescribeInstanceStatusCommand,
  DescribeInstanceTypesCommand,
  DescribeRegionsCommand,
  DescribeSpotInstanceRequestsCommand,
  DescribeVolumesCommand,
  EC2Client,
  ModifyInstanceAttributeCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { addSeconds, epochSeconds, instant } from '../../shared/model/time.ts';
import type { Config } from '../../shared/policy/schema.ts';
import { type Cloud, createCloud } from '../../simulator/cloud.ts';
import type { BusEvent } from '../../simulator/world/bus.ts';
import { datapoints } from '../../simulator/world/datapoints.ts';
import { sourceOf } from '../../simulator/world/metrics.ts';
import { regionOf } from '../../simulator/world/world.ts';

const AT = instant('2025-05-12T08:00:00Z');
const HOUR = 3600;
const after = (seconds: number) => addSeconds(AT, seconds);

let cloud: Cloud;
let ec2: EC2Client;
beforeEach(() => {
  cloud = createCloud({ seed: 3, at: AT, regions: ['eu-west-1', 'us-east-1'] });
  const out = cloud.outside({ config: {} as Config });
  ec2 = out.equip(new EC2Client(out.clientConfig('ec2', 'eu-west-1')));
});

const start = (id: string) => ec2.send(new StartInstancesCommand({ InstanceIds: [id] }));
const stop = (id: string) => ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
const spot = async (id: string) => {
  const Filters = [{ Name: 'instance-id', Values: [id] }];
  const { SpotInstanceRequests } = await ec2.send(new DescribeSpotInstanceRequestsCommand({ Filters }));
  return [SpotInstanceRequests?.[0]?.State, SpotInstanceRequests?.[0]?.Status?.Code];
};

function hear(): BusEvent[] {
  const heard: BusEvent[] = [];
  cloud.onEvent(event => void heard.push(event));
  return heard;
}

describe('a Spot Instance', () => {
  test('is warned two minutes before a one-time request ends with it', async () => {
    const heard = hear();
    const box = cloud.launch({ market: 'spot-one-time' });
    expect(await spot(box)).toEqual(['active', 'fulfilled']);
    cloud.aws.interrupts(box);
    expect(await spot(box)).toEqual(['active', 'marked-for-termination']);
    await cloud.advanceTo(after(119));
    expect(cloud.instance(box).state).toBe('running');
    expect(heard.map(e => [e['detail-type'], e.detail])).toEqual([
      ['EC2 Spot Instance Interruption Warning', { 'instance-id': box, 'instance-action': 'terminate' }],
    ]);
    await cloud.advanceTo(after(200));
    expect(cloud.instance(box)).toMatchObject({ state: 'terminated', stateReason: { Code: 'Server.SpotInstanceTermination' } });
    expect(await spot(box)).toEqual(['closed', 'instance-terminated-no-capacity']);
    expect(cloud.record.billedSeconds(box, epochSeconds(AT), epochSeconds(after(HOUR)))).toBe(120);
  });

  test('that an interruption has stopped is started by EC2 alone, when there is capacity again', async () => {
    const box = cloud.launch({ market: 'spot-persistent' });
    cloud.aws.interrupts(box, { backAfter: 2 * HOUR });
    await cloud.advanceTo(after(HOUR));
    expect(cloud.instance(box)).toMatchObject({ state: 'stopped', stateReason: { Code: 'Server.SpotInstanceShutdown' } });
    expect(await spot(box)).toEqual(['open', 'instance-stopped-no-capacity']);
    await expect(start(box)).rejects.toMatchObject({ name: 'IncorrectSpotRequestState' });
    await cloud.advanceTo(after(3 * HOUR));
    expect(cloud.instance(box).state).toBe('running');
  });

  test('that a person has stopped is started by a person', async () => {
    const box = cloud.launch({ market: 'spot-persistent' });
    await stop(box);
    await cloud.advanceTo(after(120));
    expect(await spot(box)).toEqual(['disabled', 'instance-stopped-by-user']);
    await start(box);
    expect(await spot(box)).toEqual(['active', 'fulfilled']);
  });

  test('that stops within its two minutes is not stopped again', async () => {
    const box = cloud.launch({ market: 'spot-persistent' });
    cloud.aws.interrupts(box);
    await stop(box);
    await cloud.advanceTo(after(HOUR));
    expect(cloud.record.transitions.filter(t => t.instance === box).map(t => t.to)).toEqual(['running', 'stopping', 'stopped']);
    expect(await spot(box)).toEqual(['disabled', 'instance-stopped-by-user']);
  });
});

test('a type without capacity in a zone neither starts nor launches there, until its window ends', async () => {
  const [a, b] = [
    cloud.launch({ state: 'stopped', type: 'c5.xlarge', zone: 'a' }),
    cloud.launch({ state: 'stopped', type: 'c5.xlarge', zone: 'b' }),
  ];
  cloud.aws.lacks({ type: 'c5.xlarge', zone: 'eu-west-1a', from: AT, to: after(HOUR) });
  await expect(start(a)).rejects.toMatchObject({ name: 'InsufficientInstanceCapacity', message: expect.stringContaining('eu-west-1a') });
  await start(b);
  const run = { ImageId: 'ami-1', MinCount: 1, MaxCount: 1, InstanceType: 'c5.xlarge' as const };
  const elsewhere = await ec2.send(new RunInstancesCommand(run));
  expect(elsewhere.Instances?.[0]?.Placement?.AvailabilityZone).not.toBe('eu-west-1a');
  const here = ec2.send(new RunInstancesCommand({ ...run, Placement: { AvailabilityZone: 'eu-west-1a' } }));
  await expect(here).rejects.toMatchObject({ name: 'InsufficientInstanceCapacity' });
  await cloud.advanceTo(after(HOUR));
  await start(a);
  expect(cloud.instance(a).state).toBe('pending');
  expect(cloud.world.clock.now()).toBe(epochSeconds(after(HOUR))); // at once, without a retry
});

test('status checks initialise after a start, fail where the host does, and only what runs is told of', async () => {
  const [box, off] = [cloud.launch(), cloud.launch({ state: 'stopped' })];
  const status = async (all = false) => {
    const { InstanceStatuses } = await ec2.send(new DescribeInstanceStatusCommand({ IncludeAllInstances: all }));
    return InstanceStatuses?.map(s => [s.InstanceId, s.InstanceStatus?.Status]);
  };
  expect(await status()).toEqual([[box, 'ok']]);
  expect(await status(true)).toEqual([
    [box, 'ok'],
    [off, 'not-applicable'],
  ]);
  await start(off);
  await cloud.advanceTo(after(60));
  expect(await status()).toContainEqual([off, 'initializing']);
  cloud.aws.impairs(box, 60);
  await cloud.advanceTo(after(100));
  expect(await status()).toContainEqual([box, 'impaired']);
  await cloud.advanceTo(after(300));
  expect(await status()).toEqual([
    [box, 'ok'],
    [off, 'ok'],
  ]);
});

test('announced maintenance stops an instance at its time, unless it has moved to another host by then', async () => {
  const [stays, moves] = [cloud.launch(), cloud.launch()];
  for (const id of [stays, moves]) cloud.aws.announces(id, { code: 'instance-stop', notBefore: after(2 * HOUR) });
  const { InstanceStatuses } = await ec2.send(new DescribeInstanceStatusCommand({ InstanceIds: [stays] }));
  expect(InstanceStatuses?.[0]?.Events).toMatchObject([{ Code: 'instance-stop', NotBefore: new Date(after(2 * HOUR)) }]);
  await stop(moves);
  await cloud.advanceTo(after(120));
  await start(moves);
  await cloud.advanceTo(after(3 * HOUR));
  expect([cloud.instance(stays).state, cloud.instance(moves).state]).toEqual(['stopped', 'running']);
  expect(cloud.instance(stays).stateReason?.Code).toBe('Server.ScheduledStop');
});

test('the type changes only while it is stopped, and each span is billed as what it was', async () => {
  const box = cloud.launch({ type: 'm5.xlarge' });
  const resize = (Value: string) => ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: box, InstanceType: { Value } }));
  await expect(resize('m5.large')).rejects.toMatchObject({ name: 'IncorrectInstanceState' });
  await stop(box);
  await cloud.advanceTo(after(120));
  await expect(resize('m5.enormous')).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  await resize('m5.large');
  await start(box);
  await cloud.advanceTo(after(300));
  expect(cloud.record.billed(box).map(s => s.type)).toEqual(['m5.xlarge', 'm5.large']);
  expect(cloud.record.writes.filter(w => w.action === 'ModifyInstanceAttribute').map(w => w.changed)).toEqual([[], [], [box]]);
});

test('a terminated instance leaves its second volume and its elastic address behind', async () => {
  const box = cloud.launch({ volumes: 2, publicIpv4: 'elastic' });
  const { publicIp } = cloud.instance(box);
  cloud.human.terminates(box);
  await cloud.advanceTo(after(2 * HOUR));
  const { Volumes } = await ec2.send(new DescribeVolumesCommand({}));
  expect(Volumes?.map(v => [v.State, v.Attachments])).toEqual([['available', []]]);
  const { Addresses } = await ec2.send(new DescribeAddressesCommand({}));
  expect(Addresses?.map(a => [a.PublicIp, a.InstanceId])).toEqual([[publicIp, undefined]]);
});

describe('CPU credits', () => {
  const credits = (id: string, name = 'CPUCreditBalance') => {
    const metric = { namespace: 'AWS/EC2', name, dimensions: [{ Name: 'InstanceId', Value: id }] };
    const source = sourceOf(cloud.world, regionOf(cloud.world, 'eu-west-1'), metric);
    if (source === null) return null;
    const now = cloud.world.clock.now();
    return datapoints(source, 'Average', 300, { start: now - 900, end: now }, now).values.at(-1) ?? null;
  };

  test('are earned while idle up to a day’s worth, and only T instances have any', async () => {
    const [t3, m5] = [cloud.launch({ type: 't3.large', cpu: () => 1 }), cloud.launch({ type: 'm5.large' })];
    await cloud.advanceTo(after(HOUR));
    expect(credits(t3)).toBe(36 * 24);
    expect(credits(m5)).toBeNull();
  });

  test('that were not there are borrowed as surplus on T3', async () => {
    const hot = cloud.launch({ type: 't3.large', cpu: () => 100, since: after(-2 * HOUR) });
    await cloud.advanceTo(after(HOUR));
    // Two vCPUs at 100 % spend 120 an hour and earn 36; since the story began an hour has been seen, less the last publication.
    expect(credits(hot)).toBe(0);
    expect(credits(hot, 'CPUSurplusCreditBalance')).toBeCloseTo(84 * (55 / 60), 5);
  });

  test('survive a stop on T3 for a week, and never on T2', async () => {
    const [t3, t2] = [cloud.launch({ type: 't3.large', cpu: () => 1 }), cloud.launch({ type: 't2.large', cpu: () => 1 })];
    for (const id of [t3, t2]) cloud.human.stops(id);
    cloud.at(after(HOUR), () => [t3, t2].forEach(id => void cloud.human.starts(id)));
    await cloud.advanceTo(after(1.5 * HOUR));
    expect(credits(t3)).toBe(36 * 24);
    expect(credits(t2)).toBeGreaterThan(60); // 30 launch credits a vCPU, and what half an hour earns
    expect(credits(t2)).toBeLessThan(80);

    cloud.human.stops(t3);
    cloud.at(after(9 * 24 * HOUR), () => cloud.human.starts(t3));
    await cloud.advanceTo(after(9 * 24 * HOUR + HOUR));
    expect(credits(t3)).toBeLessThan(36);
  });
});

test('types and regions are told as far as they are known', async () => {
  const { InstanceTypes } = await ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes: ['t3.micro', 'i3.xlarge', 'm7g.2xlarge'] }));
  expect(
    InstanceTypes?.map(t => [
      t.VCpuInfo?.DefaultVCpus,
      t.MemoryInfo?.SizeInMiB,
      t.BurstablePerformanceSupported,
      t.InstanceStorageInfo?.TotalSizeInGB,
    ]),
  ).toEqual([
    [2, 1024, true, undefined],
    [4, 31_232, false, 950],
    [8, 32_768, false, undefined],
  ]);
  await expect(ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes: ['z9.huge' as 't3.micro'] }))).rejects.toMatchObject({
    name: 'InvalidInstanceType',
  });
  const { Regions } = await ec2.send(new DescribeRegionsCommand({}));
  expect(Regions?.map(r => r.RegionName)).toEqual(['eu-west-1', 'us-east-1']);
});
