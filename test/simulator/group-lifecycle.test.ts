import {
  AttachInstancesCommand,
  AutoScalingClient,
  CompleteLifecycleActionCommand,
  CreateAutoScalingGroupCommand,
  DeleteAutoScalingGroupCommand,
  DeleteLifecycleHookCommand,
  DeleteWarmPoolCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeLifecycleHooksCommand,
  DescribeScalingActivitiesCommand,
  DescribeWarmPoolCommand,
  DetachInstancesCommand,
  EnterStandbyCommand,
  ExitStandbyCommand,
  PutLifecycleHookCommand,
  PutWarmPoolCommand,
  RecordLifecycleActionHeartbeatCommand,
  SetDesiredCapacityCommand,
} from '@aws-sdk/client-auto-scaling';
import { CreateLaunchTemplateCommand, EC2Client } from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { addSeconds, epochSeconds, instant } from '../../shared/model/time.ts';
import type { Config } from '../../shared/policy/schema.ts';
import { type Cloud, createCloud } from '../../simulator/cloud.ts';
import type { BusEvent } from '../../simulator/world/bus.ts';
import type { GroupOptions } from '../../simulator/world/found-group.ts';
import type { LaunchTroubleKind } from '../../simulator/world/launch-troubles.ts';

const AT = instant('2025-05-12T08:00:00Z');
const HOUR = 3600;
const after = (seconds: number) => addSeconds(AT, seconds);
const web = { AutoScalingGroupName: 'web' };

let cloud: Cloud;
let asg: AutoScalingClient;
let ec2: EC2Client;
let heard: BusEvent[];
beforeEach(() => {
  cloud = createCloud({ seed: 3, at: AT });
  const out = cloud.outside({ config: {} as Config });
  asg = out.equip(new AutoScalingClient(out.clientConfig('autoscaling', 'eu-west-1')));
  ec2 = out.equip(new EC2Client(out.clientConfig('ec2', 'eu-west-1')));
  heard = [];
  cloud.onEvent(event => void heard.push(event));
});

const found = (more: Partial<GroupOptions> = {}) =>
  cloud.createGroup({ name: 'web', minSize: 1, maxSize: 10, desiredCapacity: 2, demand: () => 1, bootSeconds: 60, ...more });
const members = () => [...cloud.group('web').members.values()];
const states = () => members().map(m => m.state);
const inService = () => states().filter(state => state === 'InService').length;
const resize = (n: number) => cloud.human.setsDesiredCapacity('web', n);
const activities = async () => (await asg.send(new DescribeScalingActivitiesCommand(web))).Activities ?? [];
const told = (detailType: string) => heard.filter(e => e['detail-type'] === detailType).map(e => e.detail as Record<string, string>);

describe('a lifecycle hook', () => {
  const hook = (LifecycleTransition: string, more: object = {}) =>
    asg.send(new PutLifecycleHookCommand({ ...web, LifecycleHookName: 'wait', LifecycleTransition, HeartbeatTimeout: 600, ...more }));
  const LAUNCHING = 'autoscaling:EC2_INSTANCE_LAUNCHING';
  const TERMINATING = 'autoscaling:EC2_INSTANCE_TERMINATING';
  const complete = (LifecycleActionResult: string, by: object) =>
    asg.send(new CompleteLifecycleActionCommand({ ...web, LifecycleHookName: 'wait', LifecycleActionResult, ...by }));

  test('holds a launch up until it is answered, and says to whom the answer goes', async () => {
    found();
    await hook(LAUNCHING, { NotificationMetadata: 'blue' });
    resize(3);
    await cloud.advanceTo(after(120));
    expect(states()).toEqual(['InService', 'InService', 'Pending:Wait']);
    expect((await activities())[0]?.StatusCode).toBe('MidLifecycleAction');
    const [asked] = told('EC2 Instance-launch Lifecycle Action');
    expect(asked).toMatchObject({
      ...{ AutoScalingGroupName: 'web', LifecycleHookName: 'wait', LifecycleTransition: LAUNCHING, NotificationMetadata: 'blue' },
      ...{ Origin: 'EC2', Destination: 'AutoScalingGroup', EC2InstanceId: members()[2]?.machine.id },
    });
    await complete('CONTINUE', { LifecycleActionToken: asked?.['LifecycleActionToken'] });
    expect(states()[2]).toBe('Pending:Proceed');
    await cloud.advanceTo(after(180));
    expect([inService(), (await activities())[0]?.StatusCode]).toEqual([3, 'Successful']);
    await expect(complete('CONTINUE', { LifecycleActionToken: asked?.['LifecycleActionToken'] })).rejects.toMatchObject({
      name: 'ValidationError',
      message: expect.stringContaining('No active Lifecycle Action found with token'),
    });
  });

  test('abandons a launch that nobody answers, and another is launched', async () => {
    found();
    await hook(LAUNCHING);
    resize(3);
    await cloud.advanceTo(after(900));
    const [first] = told('EC2 Instance-launch Lifecycle Action').map(d => d['EC2InstanceId'] ?? '');
    expect(cloud.instance(first ?? '').state).toBe('terminated');
    const failed = (await activities()).find(a => a.StatusCode === 'Cancelled');
    expect(failed?.StatusMessage).toMatch(
      /^Instance failed to complete user's Lifecycle Action: .* was abandoned: Lifecycle Action Timed Out$/,
    );
    expect(told('EC2 Instance Launch Unsuccessful')).toMatchObject([{ EC2InstanceId: first }]);
    expect(told('EC2 Instance-launch Lifecycle Action').length).toBeGreaterThan(1);
    expect(states()).toEqual(['InService', 'InService', 'Pending:Wait']);
  });

  test('continues by itself where its default says so, later for each heartbeat', async () => {
    found();
    await hook(LAUNCHING, { DefaultResult: 'CONTINUE' });
    resize(3);
    await cloud.advanceTo(after(500));
    const InstanceId = members()[2]?.machine.id;
    await asg.send(new RecordLifecycleActionHeartbeatCommand({ ...web, LifecycleHookName: 'wait', InstanceId }));
    await cloud.advanceTo(after(1000));
    expect(inService()).toBe(2);
    await cloud.advanceTo(after(1200));
    expect(inService()).toBe(3);
  });

  test('keeps what is terminated running until it is answered, also with ABANDON', async () => {
    found();
    await hook(TERMINATING);
    resize(1);
    await cloud.advanceTo(after(300));
    const leaving = members().find(m => m.state === 'Terminating:Wait');
    expect(leaving?.machine.state).toBe('running');
    expect(leaving?.serving).toBe(false);
    await complete('ABANDON', { InstanceId: leaving?.machine.id });
    await cloud.advanceTo(after(420));
    expect(leaving?.machine.state).toBe('terminated');
    expect(states()).toEqual(['InService']);
  });

  test('is described with AWS’s defaults, lets go what waits for it when it is deleted, and is checked', async () => {
    found();
    await hook(TERMINATING, { HeartbeatTimeout: undefined });
    const { LifecycleHooks } = await asg.send(new DescribeLifecycleHooksCommand(web));
    expect(LifecycleHooks).toMatchObject([
      {
        LifecycleHookName: 'wait',
        HeartbeatTimeout: 3600,
        GlobalTimeout: 172_800,
        DefaultResult: 'ABANDON',
        LifecycleTransition: TERMINATING,
      },
    ]);
    resize(1);
    await asg.send(new DeleteLifecycleHookCommand({ ...web, LifecycleHookName: 'wait' }));
    await cloud.advanceTo(after(120));
    expect(states()).toEqual(['InService']);
    await expect(hook(LAUNCHING, { HeartbeatTimeout: 10 })).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(hook('autoscaling:TEST_NOTIFICATION')).rejects.toMatchObject({ name: 'ValidationError' });
  });
});

describe('standby', () => {
  const enter = (fewer: boolean, InstanceIds = [members()[0]?.machine.id ?? '']) =>
    asg.send(new EnterStandbyCommand({ ...web, InstanceIds, ShouldDecrementDesiredCapacity: fewer }));

  test('takes a member out of service without replacing it, and it comes back', async () => {
    found({ minSize: 0 });
    const id = members()[0]?.machine.id ?? '';
    const { Activities } = await enter(true);
    expect(Activities?.[0]?.Description).toBe(`Moving EC2 instance to Standby: ${id}`);
    await cloud.advanceTo(after(HOUR));
    expect(states()).toEqual(['Standby', 'InService']);
    expect([cloud.group('web').desired, cloud.group('web').serving.at(epochSeconds(after(HOUR)))]).toEqual([1, 1]);
    cloud.aws.impairs(id, 600); // nobody looks after it
    await cloud.advanceTo(after(1.3 * HOUR));
    cloud.human.stops(id);
    await cloud.advanceTo(after(1.5 * HOUR));
    cloud.human.starts(id);
    await cloud.advanceTo(after(2 * HOUR));
    await asg.send(new ExitStandbyCommand({ ...web, InstanceIds: [id] }));
    await cloud.advanceTo(after(2.1 * HOUR));
    expect([states(), cloud.group('web').desired]).toEqual([['InService', 'InService'], 2]);
  });

  test('is made up for where the group wants as many as before, and respects its bounds', async () => {
    found();
    await enter(false);
    await cloud.advanceTo(after(300));
    expect(states()).toEqual(['Standby', 'InService', 'InService']);
    const more = members()
      .filter(m => m.state === 'InService')
      .map(m => m.machine.id);
    await expect(enter(true, more)).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(enter(true, ['i-0aaaaaaaaaaaaaaaa'])).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(asg.send(new ExitStandbyCommand({ ...web, InstanceIds: more }))).rejects.toMatchObject({ name: 'ValidationError' });
  });
});

describe('attaching and detaching', () => {
  const attach = (...InstanceIds: string[]) => asg.send(new AttachInstancesCommand({ ...web, InstanceIds }));
  const detach = (fewer: boolean, InstanceIds: string[]) =>
    asg.send(new DetachInstancesCommand({ ...web, InstanceIds, ShouldDecrementDesiredCapacity: fewer }));

  test('a member that is detached lives on by itself, and another takes its place where the group still wants it', async () => {
    found({ demand: () => 2 });
    const [one = '', two = ''] = members().map(m => m.machine.id);
    await detach(true, [one]);
    expect([cloud.group('web').desired, members().length]).toEqual([1, 1]);
    await expect(detach(true, [two])).rejects.toMatchObject({ name: 'ValidationError' });
    await detach(false, [two]);
    await cloud.advanceTo(after(300));
    expect([states(), cloud.instance(one).state, cloud.instance(two).state]).toEqual([['InService'], 'running', 'running']);
    expect([...cloud.instance(one).tags.keys()]).not.toContain('aws:autoscaling:groupName');
    cloud.human.stops(one); // nobody replaces it
    await cloud.advanceTo(after(HOUR));
    expect([cloud.instance(one).state, states()]).toEqual(['stopped', ['InService']]);
  });

  test('an instance that is attached carries its share, and is looked after', async () => {
    found();
    const box = cloud.launch();
    await attach(box);
    expect([cloud.group('web').desired, cloud.instance(box).tags.get('aws:autoscaling:groupName')]).toEqual([3, 'web']);
    await cloud.advanceTo(after(120));
    expect(cloud.group('web').serving.at(epochSeconds(after(120)))).toBe(3);
    await expect(attach(box)).rejects.toMatchObject({ message: expect.stringContaining('is already part of AutoScalingGroup:web') });
    await expect(attach(cloud.launch({ state: 'stopped' }))).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(attach(...Array.from({ length: 8 }, () => cloud.launch()))).rejects.toMatchObject({ name: 'ValidationError' });
    cloud.human.terminates(box);
    await cloud.advanceTo(after(HOUR));
    expect(inService()).toBe(3);
  });
});

describe('a warm pool', () => {
  const put = (more: object = {}) => asg.send(new PutWarmPoolCommand({ ...web, ...more }));
  const pool = async () => (await asg.send(new DescribeWarmPoolCommand(web))).Instances ?? [];
  const poolStates = async () => (await pool()).map(i => i.LifecycleState);

  test('is filled to the group’s maximum unless told otherwise, and its stopped instances cost nothing but their volumes', async () => {
    found({ maxSize: 5 });
    await put();
    expect(await poolStates()).toEqual(Array(3).fill('Warmed:Pending'));
    await cloud.advanceTo(after(300));
    expect(await poolStates()).toEqual(Array(3).fill('Warmed:Stopped'));
    const [one] = await pool();
    const before = cloud.record.billedSeconds(one?.InstanceId ?? '', epochSeconds(AT), epochSeconds(after(300)));
    await cloud.advanceTo(after(HOUR));
    expect(cloud.record.billedSeconds(one?.InstanceId ?? '', epochSeconds(AT), epochSeconds(after(HOUR)))).toBe(before);
    const { AutoScalingInstances } = await asg.send(new DescribeAutoScalingInstancesCommand({ InstanceIds: [one?.InstanceId ?? ''] }));
    expect(AutoScalingInstances?.[0]?.LifecycleState).toBe('Warmed:Stopped');
  });

  test('is what a scale-out takes first, and it is filled again', async () => {
    found({ warmPool: 2, warmBootSeconds: 10 });
    const [first = '', second = ''] = (await pool()).map(i => i.InstanceId ?? '');
    resize(3);
    await cloud.advanceTo(after(60));
    expect(cloud.group('web').members.get(first)).toMatchObject({ state: 'InService', serving: true });
    expect((await activities())[1]?.Description).toBe(`Launching a new EC2 instance from warm pool: ${first}`);
    await cloud.advanceTo(after(300));
    expect((await pool()).map(i => i.InstanceId)).toEqual([second, expect.any(String)]);
    resize(7);
    await cloud.advanceTo(after(900));
    expect([inService(), await poolStates()]).toEqual([7, ['Warmed:Stopped', 'Warmed:Stopped']]);
  });

  test('keeps running instances ready at once, and takes back what is scaled in where it is told to', async () => {
    found({ warmPool: { minSize: 1, maxPrepared: 4, poolState: 'Running', reuse: true } });
    const [ready = ''] = (await pool()).map(i => i.InstanceId ?? '');
    resize(3);
    expect(cloud.group('web').members.get(ready)).toMatchObject({ state: 'InService', serving: true });
    await cloud.advanceTo(after(300));
    const oldest = members()[0]?.machine.id;
    resize(2);
    expect((await pool()).map(i => i.InstanceId)).toContain(oldest);
    await cloud.advanceTo(after(600));
    expect(cloud.instance(oldest ?? '').state).toBe('running');
  });

  test('has its hooks: into the pool, and out of it', async () => {
    found();
    await asg.send(
      new PutLifecycleHookCommand({
        ...{ ...web, LifecycleHookName: 'bake', LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING', HeartbeatTimeout: 300 },
        DefaultResult: 'CONTINUE',
      }),
    );
    await put({ MaxGroupPreparedCapacity: 3 });
    await cloud.advanceTo(after(120));
    expect(await poolStates()).toEqual(['Warmed:Pending:Wait']);
    await cloud.advanceTo(after(600));
    expect(await poolStates()).toEqual(['Warmed:Stopped']);
    resize(3);
    await cloud.advanceTo(after(660));
    expect(told('EC2 Instance-launch Lifecycle Action').map(d => `${d['Origin']} → ${d['Destination']}`)).toEqual([
      'EC2 → WarmPool',
      'WarmPool → AutoScalingGroup',
    ]);
  });

  test('goes when it is deleted, which needs force while it holds anybody', async () => {
    found({ warmPool: 1 });
    const [id = ''] = (await pool()).map(i => i.InstanceId ?? '');
    const remove = (ForceDelete: boolean) => asg.send(new DeleteWarmPoolCommand({ ...web, ForceDelete }));
    await expect(remove(false)).rejects.toMatchObject({ name: 'ResourceInUseFault' });
    await remove(true);
    await cloud.advanceTo(after(300));
    expect([await pool(), cloud.instance(id).state]).toEqual([[], 'terminated']);
    await expect(remove(true)).rejects.toMatchObject({ name: 'ValidationError' });
  });
});

describe('types with weights', () => {
  const weighted = { type: 'm5.large', moreTypes: ['m5.2xlarge'], weights: { 'm5.large': 1, 'm5.2xlarge': 4 } };
  const types = () =>
    members()
      .filter(m => !m.state.startsWith('Terminating'))
      .map(m => m.machine.type);

  test('are counted in units: a launch may bring more than is missing, and a scale-in takes no more than is too many', async () => {
    found({ ...weighted, demand: () => 3 });
    cloud.aws.lacks({ type: 'm5.large', from: AT, to: after(HOUR) });
    resize(5); // three units are missing, and four to be had at a time
    expect(types()).toEqual(['m5.large', 'm5.large', 'm5.2xlarge']);
    await cloud.advanceTo(after(300));
    const now = epochSeconds(after(300));
    expect([cloud.group('web').power.at(now), cloud.group('web').serving.at(now)]).toEqual([6, 3]);
    resize(4); // two units too many: the small ones go, the big one would be too much
    expect(types()).toEqual(['m5.2xlarge']);
    const { AutoScalingGroups } = await asg.send(new DescribeAutoScalingGroupsCommand({}));
    expect(AutoScalingGroups?.[0]?.Instances?.find(i => i.LifecycleState === 'InService')?.WeightedCapacity).toBe('4');
    expect(AutoScalingGroups?.[0]?.MixedInstancesPolicy?.LaunchTemplate?.Overrides).toEqual([
      { InstanceType: 'm5.large', WeightedCapacity: '1' },
      { InstanceType: 'm5.2xlarge', WeightedCapacity: '4' },
    ]);
  });

  test('do as much work as they weigh, and stand by with all of it', async () => {
    found({ type: 'm5.2xlarge', weights: { 'm5.2xlarge': 4 }, minSize: 0, maxSize: 20, desiredCapacity: 8, demand: () => 4 });
    expect(members()).toHaveLength(2);
    expect(cloud.group('web').counts.GroupDesiredCapacity.at(epochSeconds(AT) - HOUR)).toBe(8);
    const InstanceIds = [members()[0]?.machine.id ?? ''];
    await asg.send(new EnterStandbyCommand({ ...web, InstanceIds, ShouldDecrementDesiredCapacity: true }));
    await cloud.advanceTo(after(60));
    expect([cloud.group('web').desired, states()]).toEqual([4, ['Standby', 'InService']]);
    await expect(asg.send(new PutWarmPoolCommand(web))).rejects.toMatchObject({ name: 'ValidationError' });
  });
});

describe('a launch that fails', () => {
  test.each<[LaunchTroubleKind, string]>([
    ['image-gone', 'does not exist. Launching EC2 instance failed.'],
    ['bad-parameter', 'Invalid IAM Instance Profile name. Launching EC2 instance failed.'],
    ['vcpu-limit', 'than your current vCPU limit of 64 allows'],
    ['spot-limit', 'Max spot instance count exceeded. Placing Spot instance request failed.'],
  ])('for %s is told with its cause, tried ever more slowly, and made up for', async (kind, message) => {
    found({ spot: { onDemandBase: 2, onDemandPercentAboveBase: 0 } });
    cloud.aws.spoilsLaunches('web', { kind, from: AT, to: after(HOUR) });
    resize(4);
    await cloud.advanceTo(after(HOUR - 1));
    const failed = (await activities()).filter(a => a.StatusCode === 'Failed');
    expect(failed[0]?.StatusMessage).toContain(message);
    expect(failed[0]?.Description).toContain('Status Reason: ');
    expect(failed.length).toBeLessThan(9);
    expect(told('EC2 Instance Launch Unsuccessful')).toHaveLength(failed.length);
    await cloud.advanceTo(after(1.5 * HOUR));
    expect(inService()).toBe(4);
  });

  test('for want of a key dies on its way', async () => {
    found();
    cloud.aws.spoilsLaunches('web', { kind: 'kms', from: AT, to: after(300) });
    resize(3);
    await cloud.advanceTo(after(60));
    const [failed] = await activities();
    expect(failed).toMatchObject({
      StatusCode: 'Cancelled',
      StatusMessage:
        'Instance became unhealthy while waiting for instance to be in InService state. Termination Reason: Client.InternalError: Client error on launch',
    });
    const [unsuccessful] = told('EC2 Instance Launch Unsuccessful');
    expect(cloud.instance(unsuccessful?.['EC2InstanceId'] ?? '').state).toBe('terminated');
    await cloud.advanceTo(after(900));
    expect(inService()).toBe(3);
  });

  test('of Spot does not touch a group on demand', async () => {
    found();
    cloud.aws.spoilsLaunches('web', { kind: 'spot-limit', from: AT, to: after(HOUR) });
    resize(4);
    await cloud.advanceTo(after(300));
    expect(inService()).toBe(4);
  });
});

describe('a group by the API', () => {
  const create = (more: object = {}) =>
    asg.send(
      new CreateAutoScalingGroupCommand({
        ...{ ...web, MinSize: 1, MaxSize: 4, LaunchTemplate: { LaunchTemplateName: 'small', Version: '$Latest' } },
        ...{ AvailabilityZones: ['eu-west-1a'], Tags: [{ Key: 'team', Value: 'shop', PropagateAtLaunch: true }], ...more },
      }),
    );
  beforeEach(() =>
    ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: 'small',
        LaunchTemplateData: { InstanceType: 't3.small', Monitoring: { Enabled: true } },
      }),
    ),
  );

  test('begins empty, and launches what it desires: its minimum unless told otherwise', async () => {
    await create();
    expect(states()).toEqual(['Pending']);
    await cloud.advanceTo(after(300));
    const [member] = members();
    expect([member?.state, member?.machine.type, member?.machine.monitoring, member?.machine.tags.get('team')]).toEqual([
      ...['InService', 't3.small', 'detailed', 'shop'],
    ]);
    const { AutoScalingGroups } = await asg.send(new DescribeAutoScalingGroupsCommand({}));
    expect(AutoScalingGroups).toMatchObject([{ MinSize: 1, DesiredCapacity: 1, LaunchTemplate: { LaunchTemplateName: 'small' } }]);
    expect(cloud.record.writes.at(-1)?.changed).toEqual(['web']);
  });

  test('may mix types and markets', async () => {
    await create({
      LaunchTemplate: undefined,
      DesiredCapacity: 4,
      MixedInstancesPolicy: {
        LaunchTemplate: {
          LaunchTemplateSpecification: { LaunchTemplateName: 'small' },
          Overrides: [{ InstanceType: 'm5.large' }, { InstanceType: 'm5a.large' }],
        },
        InstancesDistribution: { OnDemandBaseCapacity: 1, OnDemandPercentageAboveBaseCapacity: 0 },
      },
    });
    expect(members().map(m => [m.machine.type, m.machine.market])).toEqual([
      ['m5.large', 'on-demand'],
      ...Array(3).fill(['m5.large', 'spot-one-time']),
    ]);
  });

  test('may weigh its types, all of them or none', async () => {
    const weighing = (...weights: (string | undefined)[]) =>
      create({
        ...{ LaunchTemplate: undefined, DesiredCapacity: 4 },
        MixedInstancesPolicy: {
          LaunchTemplate: {
            LaunchTemplateSpecification: { LaunchTemplateName: 'small' },
            Overrides: weights.map((WeightedCapacity, i) => ({ InstanceType: ['m5.xlarge', 'm5.large'][i], WeightedCapacity })),
          },
        },
      });
    await expect(weighing('2', undefined)).rejects.toMatchObject({ name: 'ValidationError' });
    await weighing('2', '1');
    expect(members().map(m => m.machine.type)).toEqual(['m5.xlarge', 'm5.xlarge']);
  });

  test('is refused for a name that is taken, a template that is not there, bounds that contradict each other', async () => {
    await expect(create({ LaunchTemplate: { LaunchTemplateName: 'gone' } })).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(create({ MinSize: 5 })).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(create({ DesiredCapacity: 9 })).rejects.toMatchObject({ name: 'ValidationError' });
    await create();
    await expect(create()).rejects.toMatchObject({ name: 'AlreadyExistsFault' });
  });

  test('is deleted only when it is empty and at rest, unless it is forced', async () => {
    found({ minSize: 0 });
    const remove = () => asg.send(new DeleteAutoScalingGroupCommand(web));
    await expect(remove()).rejects.toMatchObject({ name: 'ResourceInUseFault' });
    resize(0);
    await expect(remove()).rejects.toMatchObject({ name: 'ScalingActivityInProgressFault' });
    await cloud.advanceTo(after(300));
    await remove();
    await expect(remove()).rejects.toMatchObject({ name: 'ValidationError' });
  });

  test('keeps its cooldown where a caller honours it, and not otherwise', async () => {
    found();
    const set = (DesiredCapacity: number, HonorCooldown: boolean) =>
      asg.send(new SetDesiredCapacityCommand({ ...web, DesiredCapacity, HonorCooldown }));
    await set(3, true);
    await expect(set(4, true)).rejects.toMatchObject({ name: 'ScalingActivityInProgressFault' });
    await set(4, false);
    await cloud.advanceTo(after(301)); // the launch took some seconds, and the cooldown began then
    await expect(set(5, true)).rejects.toMatchObject({ name: 'ScalingActivityInProgressFault' });
    await cloud.advanceTo(after(400));
    await set(5, true);
    expect(cloud.group('web').desired).toBe(5);
  });
});
