import {
  AutoScalingClient,
  BatchDeleteScheduledActionCommand,
  BatchPutScheduledUpdateGroupActionCommand,
  CancelInstanceRefreshCommand,
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeInstanceRefreshesCommand,
  DescribeScalingActivitiesCommand,
  DescribeScheduledActionsCommand,
  PutScheduledUpdateGroupActionCommand,
  ResumeProcessesCommand,
  SetInstanceHealthCommand,
  SetInstanceProtectionCommand,
  StartInstanceRefreshCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { addSeconds, instant } from '../../shared/model/time.ts';
import type { Config } from '../../shared/policy/schema.ts';
import { type Cloud, createCloud } from '../../simulator/cloud.ts';
import type { BusEvent } from '../../simulator/world/bus.ts';
import type { GroupOptions } from '../../simulator/world/found-group.ts';

const AT = instant('2025-05-12T08:00:00Z'); // a Monday
const HOUR = 3600;
const after = (seconds: number) => addSeconds(AT, seconds);
const web = { AutoScalingGroupName: 'web' };

let cloud: Cloud;
let asg: AutoScalingClient;
beforeEach(() => {
  cloud = createCloud({ seed: 3, at: AT });
  const out = cloud.outside({ config: {} as Config });
  asg = out.equip(new AutoScalingClient(out.clientConfig('autoscaling', 'eu-west-1')));
});

const found = (more: Partial<GroupOptions> = {}) =>
  cloud.createGroup({ name: 'web', minSize: 1, maxSize: 10, desiredCapacity: 4, demand: () => 2, bootSeconds: 60, ...more });
const members = () => [...cloud.group('web').members.values()];
const inService = () => members().filter(m => m.state === 'InService').length;
const sizes = () => {
  const { minSize, desired, maxSize } = cloud.group('web');
  return [minSize, desired, maxSize];
};
const resize = (n: number) => cloud.human.setsDesiredCapacity('web', n);
const activities = async () => (await asg.send(new DescribeScalingActivitiesCommand(web))).Activities ?? [];
const suspend = (...ScalingProcesses: string[]) => asg.send(new SuspendProcessesCommand({ ...web, ScalingProcesses }));
const resume = () => asg.send(new ResumeProcessesCommand(web));

describe('scaling activities', () => {
  test('say what was done, why, and when it ended, newest first', async () => {
    found();
    resize(5);
    expect(await activities()).toMatchObject([
      { StatusCode: 'PreInService', Progress: 30, Description: expect.stringContaining('Launching') },
    ]);
    await cloud.advanceTo(after(300));
    resize(4);
    await cloud.advanceTo(after(600));
    const [down, up] = await activities();
    expect(up).toMatchObject({ StatusCode: 'Successful', EndTime: expect.any(Date) });
    expect(up?.Cause).toContain('a user request explicitly set group desired capacity changing the desired capacity from 4 to 5.');
    expect(down?.Description).toMatch(/^Terminating EC2 instance: i-/);
  });

  test('fail without capacity, are told to the bus, and are tried again ever more slowly', async () => {
    const heard: BusEvent[] = [];
    cloud.onEvent(event => void heard.push(event));
    found({ type: 'm5.large' });
    cloud.aws.lacks({ type: 'm5.large', from: AT, to: after(HOUR) });
    resize(6);
    await cloud.advanceTo(after(HOUR - 1));
    expect(inService()).toBe(4);
    const failures = (await activities()).filter(a => a.StatusCode === 'Failed');
    expect(failures[0]?.StatusMessage).toContain('We currently do not have sufficient m5.large capacity');
    expect(failures.length).toBeGreaterThan(4); // after 1, 2, 4, 8, 15, 15 minutes
    expect(failures.length).toBeLessThan(9);
    const told = heard.filter(e => e['detail-type'] === 'EC2 Instance Launch Unsuccessful');
    expect(told).toHaveLength(failures.length);
    expect(told[0]?.detail).toMatchObject({ AutoScalingGroupName: 'web', StatusCode: 'Failed', EC2InstanceId: '' });
    await cloud.advanceTo(after(1.5 * HOUR));
    expect(inService()).toBe(6);
  });

  test('cannot go on when all that is left is protected from scale in', async () => {
    found();
    await asg.send(new SetInstanceProtectionCommand({ ...web, InstanceIds: members().map(m => m.machine.id), ProtectedFromScaleIn: true }));
    resize(2);
    await cloud.advanceTo(after(300));
    expect(inService()).toBe(4);
    expect((await activities())[0]).toMatchObject({
      StatusCode: 'Failed',
      Description: expect.stringContaining('protected from scale in'),
    });
  });
});

describe('a suspended process', () => {
  test.each([
    ['Launch', () => resize(6), 4, 6],
    ['Terminate', () => resize(2), 4, 2],
    ['HealthCheck', () => cloud.human.stops(members()[0]?.machine.id ?? ''), 3, 4],
    ['ReplaceUnhealthy', () => cloud.human.stops(members()[0]?.machine.id ?? ''), 3, 4],
  ] as const)('%s is not carried out, and is made up for when it is resumed', async (process, act, meanwhile, finally_) => {
    found();
    await suspend(process);
    act();
    await cloud.advanceTo(after(HOUR));
    const running = () => members().filter(m => m.machine.state === 'running').length;
    expect(running()).toBe(meanwhile);
    await resume();
    await cloud.advanceTo(after(2 * HOUR));
    expect(running()).toBe(finally_);
  });

  test('AddToLoadBalancer leaves new members without work', async () => {
    found();
    await suspend('AddToLoadBalancer');
    resize(6);
    await cloud.advanceTo(after(HOUR));
    expect([inService(), members().filter(m => m.serving).length]).toEqual([6, 4]);
  });

  test('that is none is refused', async () => {
    found();
    await expect(suspend('Sleep')).rejects.toMatchObject({ name: 'ValidationError' });
  });
});

describe('health', () => {
  test('a member whose status checks fail, or that a user calls unhealthy, is replaced', async () => {
    found();
    const [impaired = '', accused = ''] = members().map(m => m.machine.id);
    cloud.aws.impairs(impaired);
    await asg.send(new SetInstanceHealthCommand({ InstanceId: accused, HealthStatus: 'Unhealthy' }));
    await cloud.advanceTo(after(HOUR));
    expect(cloud.group('web').members.has(impaired)).toBe(false);
    expect(cloud.group('web').members.has(accused)).toBe(false);
    expect(inService()).toBe(4);
  });

  test('TerminateInstanceInAutoScalingGroup shrinks the group only where it is told to, and not below its minimum', async () => {
    found({ minSize: 3 });
    const end = (n: number, ShouldDecrementDesiredCapacity: boolean) => {
      const InstanceId = members()[n]?.machine.id;
      return asg.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity }));
    };
    await end(0, false);
    expect(sizes()).toEqual([3, 4, 10]);
    await end(1, true);
    await cloud.advanceTo(after(HOUR));
    expect([sizes(), inService()]).toEqual([[3, 3, 10], 3]);
    await expect(end(0, true)).rejects.toMatchObject({ name: 'ValidationError' });
  });
});

describe('UpdateAutoScalingGroup', () => {
  const update = (more: object) => asg.send(new UpdateAutoScalingGroupCommand({ ...web, ...more }));

  test('bounds move a desired capacity that nobody named', async () => {
    found();
    await update({ MinSize: 6 });
    expect(sizes()).toEqual([6, 6, 10]);
    await update({ MinSize: 0, MaxSize: 2 });
    expect(sizes()).toEqual([0, 2, 2]);
    await cloud.advanceTo(after(HOUR));
    expect(inService()).toBe(2);
    expect(cloud.record.writes.map(w => w.changed)).toEqual([['web'], ['web']]);
  });

  test('refuses bounds that contradict each other', async () => {
    found();
    await expect(update({ MinSize: 11 })).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(update({ DesiredCapacity: 11 })).rejects.toMatchObject({ name: 'ValidationError' });
    expect(sizes()).toEqual([1, 4, 10]);
  });
});

describe('scheduled actions', () => {
  const put = (name: string, more: object) =>
    asg.send(new PutScheduledUpdateGroupActionCommand({ ...web, ScheduledActionName: name, ...more }));

  test('set sizes on the wall clock of their zone and set nothing back', async () => {
    found();
    await put('night', { Recurrence: '0 19 * * 1-5', TimeZone: 'Europe/Berlin', MinSize: 0, MaxSize: 0, DesiredCapacity: 0 });
    await put('morning', { Recurrence: '0 7 * * MON-FRI', TimeZone: 'Europe/Berlin', MinSize: 1, MaxSize: 10, DesiredCapacity: 4 });
    const at = async (when: string) => {
      await cloud.advanceTo(instant(when));
      return sizes();
    };
    expect(await at('2025-05-12T16:59:59Z')).toEqual([1, 4, 10]);
    expect(await at('2025-05-12T17:00:00Z')).toEqual([0, 0, 0]);
    expect(await at('2025-05-13T05:00:00Z')).toEqual([1, 4, 10]);
    expect(await at('2025-05-17T12:00:00Z')).toEqual([0, 0, 0]); // Saturday: since Friday evening
    expect((await activities()).some(a => a.Cause?.includes('the scheduled action night executed'))).toBe(true);
    const { ScheduledUpdateGroupActions } = await asg.send(new DescribeScheduledActionsCommand(web));
    expect(ScheduledUpdateGroupActions?.map(a => [a.ScheduledActionName, a.TimeZone, a.MinSize])).toEqual([
      ['night', 'Europe/Berlin', 0],
      ['morning', 'Europe/Berlin', 1],
    ]);
  });

  test('are put in batches, of which what is wrong spoils only itself', async () => {
    found();
    const action = (ScheduledActionName: string, more: object) => ({ ScheduledActionName, MinSize: 2, ...more });
    const ScheduledUpdateGroupActions = [
      action('good', { Recurrence: '0 9 * * *' }),
      action('bad', {}),
      action('past', { StartTime: new Date(0) }),
    ];
    const { FailedScheduledUpdateGroupActions } = await asg.send(
      new BatchPutScheduledUpdateGroupActionCommand({ ...web, ScheduledUpdateGroupActions }),
    );
    expect(FailedScheduledUpdateGroupActions?.map(f => [f.ScheduledActionName, f.ErrorCode])).toEqual([
      ['bad', 'ValidationError'],
      ['past', 'ValidationError'],
    ]);
    await cloud.advanceTo(after(HOUR));
    expect(sizes()).toEqual([2, 4, 10]);
    const { FailedScheduledActions } = await asg.send(
      new BatchDeleteScheduledActionCommand({ ...web, ScheduledActionNames: ['good', 'gone'] }),
    );
    expect(FailedScheduledActions?.map(f => f.ScheduledActionName)).toEqual(['gone']);
    expect((await asg.send(new DescribeScheduledActionsCommand(web))).ScheduledUpdateGroupActions).toEqual([]);
  });

  test('happen once where they have no recurrence, end where they are told to, and not while they are suspended', async () => {
    found();
    await put('once', { StartTime: new Date(after(HOUR)), DesiredCapacity: 5 });
    await put('ended', { Recurrence: '0 * * * *', EndTime: new Date(after(HOUR)), DesiredCapacity: 9 });
    await cloud.advanceTo(after(2 * HOUR));
    expect(sizes()).toEqual([1, 5, 10]);
    await suspend('ScheduledActions');
    await put('suspended', { StartTime: new Date(after(3 * HOUR)), DesiredCapacity: 7 });
    await cloud.advanceTo(after(4 * HOUR));
    expect(sizes()).toEqual([1, 5, 10]);
    await expect(put('past', { StartTime: new Date(AT), DesiredCapacity: 7 })).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(put('nonsense', { Recurrence: '61 * * * *', DesiredCapacity: 7 })).rejects.toMatchObject({ name: 'ValidationError' });
  });
});

test('a mixed group keeps its share of Spot above its base, and falls back to its next type where the first is short', async () => {
  found({ moreTypes: ['m5a.large'], spot: { onDemandBase: 4, onDemandPercentAboveBase: 25 } });
  resize(8);
  await cloud.advanceTo(after(300));
  expect(members().filter(m => m.machine.market !== 'on-demand')).toHaveLength(3);
  cloud.aws.lacks({ type: 'm5.large', from: after(300), to: after(HOUR) });
  resize(9);
  await cloud.advanceTo(after(600));
  expect(
    members()
      .map(m => m.machine.type)
      .filter(type => type === 'm5a.large'),
  ).toHaveLength(1);
  const { AutoScalingGroups } = await asg.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: ['web'] }));
  expect(AutoScalingGroups?.[0]?.LaunchTemplate).toBeUndefined();
  expect(AutoScalingGroups?.[0]?.MixedInstancesPolicy?.LaunchTemplate?.Overrides?.map(o => o.InstanceType)).toEqual([
    'm5.large',
    'm5a.large',
  ]);
});

test('a recommendation to rebalance is rung, and nothing else happens', async () => {
  found({ spot: { onDemandBase: 0, onDemandPercentAboveBase: 0 }, minSize: 0, desiredCapacity: 0 });
  resize(1);
  await cloud.advanceTo(after(300));
  const heard: BusEvent[] = [];
  cloud.onEvent(event => void heard.push(event));
  const id = members()[0]?.machine.id ?? '';
  cloud.aws.recommends(id);
  await cloud.advanceTo(after(HOUR));
  expect(heard.map(e => [e['detail-type'], e.detail])).toEqual([['EC2 Instance Rebalance Recommendation', { 'instance-id': id }]]);
  expect(() => cloud.aws.recommends(cloud.launch())).toThrow('is not a Spot Instance');
});

test('a Spot member that is taken back is replaced', async () => {
  found({ spot: { onDemandBase: 4, onDemandPercentAboveBase: 0 } });
  resize(5);
  await cloud.advanceTo(after(300));
  const spot = members().find(m => m.machine.market === 'spot-one-time')?.machine.id ?? '';
  cloud.aws.interrupts(spot);
  await cloud.advanceTo(after(HOUR));
  expect(cloud.instance(spot).state).toBe('terminated');
  expect(inService()).toBe(5);
});

test('an instance refresh replaces every member, never more of them at a time than may be missing', async () => {
  found({ desiredCapacity: 6 });
  const old = members().map(m => m.machine.id);
  const start = () => asg.send(new StartInstanceRefreshCommand({ ...web, Preferences: { MinHealthyPercentage: 60, InstanceWarmup: 60 } }));
  await start();
  await expect(start()).rejects.toMatchObject({ name: 'InstanceRefreshInProgressFault' });
  let fewest = 6;
  for (let minute = 0; minute < 60; minute++) {
    await cloud.advanceTo(after(60 * minute));
    fewest = Math.min(fewest, inService());
  }
  expect(fewest).toBe(4);
  expect(members().some(m => old.includes(m.machine.id))).toBe(false);
  const { InstanceRefreshes } = await asg.send(new DescribeInstanceRefreshesCommand(web));
  expect(InstanceRefreshes).toMatchObject([{ Status: 'Successful', PercentageComplete: 100 }]);

  await start();
  await asg.send(new CancelInstanceRefreshCommand(web));
  const again = await asg.send(new DescribeInstanceRefreshesCommand(web));
  expect(again.InstanceRefreshes?.map(r => r.Status)).toEqual(['Cancelled', 'Successful']);
});

test('a group that somebody deletes takes its members with it, if it is forced to', async () => {
  found();
  const ids = members().map(m => m.machine.id);
  const remove = (ForceDelete: boolean) => asg.send(new DeleteAutoScalingGroupCommand({ ...web, ForceDelete }));
  await expect(remove(false)).rejects.toMatchObject({ name: 'ResourceInUseFault' });
  await remove(true);
  const described = async () => (await asg.send(new DescribeAutoScalingGroupsCommand({}))).AutoScalingGroups ?? [];
  expect((await described()).map(g => [g.Status, g.DesiredCapacity])).toEqual([['Delete in progress', 0]]);
  await expect(asg.send(new UpdateAutoScalingGroupCommand({ ...web, MaxSize: 3 }))).rejects.toMatchObject({
    ...{ name: 'ValidationError', message: 'The AutoScaling group may not be modified while it is pending delete' },
  });
  await cloud.advanceTo(after(HOUR));
  expect(ids.map(id => cloud.instance(id).state)).toEqual(['terminated', 'terminated', 'terminated', 'terminated']);
  expect(await described()).toEqual([]);
});
