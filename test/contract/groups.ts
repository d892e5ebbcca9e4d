/** Groups by the API, with their hooks, policies, schedules, warm pools and standby: asked of both worlds through the plain client. */
import type { Clients } from '../../shared/runtime/clients.ts';
import type { Note } from './note.ts';
import { refusal } from './note.ts';

const AutoScalingGroupName = 'api';
const LAUNCHING = 'autoscaling:EC2_INSTANCE_LAUNCHING';

/** @param settle lets what is under way arrive. */
export async function playGroups(clients: Clients, settle: () => Promise<void>, note: Note): Promise<void> {
  await create(clients, note);
  await settle();
  await askMembers(clients, settle, note);
  await askAttaching(clients, note);
  await askHooks(clients, note);
  await askPolicies(clients, note);
  await askSchedules(clients, note);
  await askWarmPool(clients, note);
  await remove(clients, settle, note);
}

async function create(clients: Clients, note: Note): Promise<void> {
  const { CreateLaunchTemplateCommand, DescribeLaunchTemplatesCommand } = await import('@aws-sdk/client-ec2');
  const ec2 = await clients.ec2();
  const LaunchTemplateName = 'api-template';
  const LaunchTemplateData = { InstanceType: 'm5.large' as const, ImageId: 'ami-785db401' };
  await ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData }));
  const again = ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData }));
  note('template of a name that is taken', await refusal(again));
  const { LaunchTemplates } = await ec2.send(new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: [LaunchTemplateName] }));
  note(
    'template',
    LaunchTemplates?.map(t => [t.LaunchTemplateName, t.DefaultVersionNumber, t.LatestVersionNumber]),
  );
  const sdk = await import('@aws-sdk/client-auto-scaling');
  const asg = await clients.autoScaling();
  const LaunchTemplate = { LaunchTemplateName, Version: '$Latest' };
  const sizes = { MinSize: 1, MaxSize: 4, DesiredCapacity: 2 };
  const input = { AutoScalingGroupName, LaunchTemplate, AvailabilityZones: ['us-east-1a'], ...sizes };
  const Tags = [{ Key: 'team', Value: 'shop', PropagateAtLaunch: true }];
  await asg.send(new sdk.CreateAutoScalingGroupCommand({ ...input, Tags, NewInstancesProtectedFromScaleIn: true }));
  const gone = { ...input, AutoScalingGroupName: 'gone', LaunchTemplate: { LaunchTemplateName: 'gone' } };
  note(
    'group of a template that is not there',
    await refusal(asg.send(new sdk.CreateAutoScalingGroupCommand(gone)), error => error !== ''),
  );
  const { AutoScalingGroups } = await asg.send(new sdk.DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [AutoScalingGroupName] }));
  note(
    'group by the API',
    AutoScalingGroups?.map(g => [
      ...[g.MinSize, g.MaxSize, g.DesiredCapacity, g.DefaultCooldown, g.LaunchTemplate?.LaunchTemplateName],
      ...[g.NewInstancesProtectedFromScaleIn, g.Tags?.map(t => [t.Key, t.Value, t.PropagateAtLaunch])],
    ]),
  );
}

async function askMembers(clients: Clients, settle: () => Promise<void>, note: Note): Promise<void> {
  const sdk = await import('@aws-sdk/client-auto-scaling');
  const asg = await clients.autoScaling();
  const members = async () => {
    const { AutoScalingInstances = [] } = await asg.send(new sdk.DescribeAutoScalingInstancesCommand({}));
    return AutoScalingInstances.filter(i => i.AutoScalingGroupName === AutoScalingGroupName);
  };
  const states = async () => (await members()).map(i => [i.LifecycleState, i.ProtectedFromScaleIn, i.InstanceType]).toSorted();
  note('members by the API', await states());
  note(
    'their health',
    (await members()).map(i => i.HealthStatus),
  );
  const InstanceIds = (await members()).slice(0, 1).map(i => i.InstanceId ?? '');
  const standby = { AutoScalingGroupName, InstanceIds };
  await asg.send(new sdk.EnterStandbyCommand({ ...standby, ShouldDecrementDesiredCapacity: true }));
  await settle();
  note('in standby', await states());
  note('desired with one in standby', await desired(clients));
  await asg.send(new sdk.ExitStandbyCommand(standby));
  await settle();
  note('back from standby', await states());
  note('desired when it is back', await desired(clients));
}

async function askAttaching(clients: Clients, note: Note): Promise<void> {
  const sdk = await import('@aws-sdk/client-auto-scaling');
  const asg = await clients.autoScaling();
  const { AutoScalingInstances = [] } = await asg.send(new sdk.DescribeAutoScalingInstancesCommand({}));
  const [member] = AutoScalingInstances.filter(i => i.AutoScalingGroupName === AutoScalingGroupName);
  const named = { AutoScalingGroupName, InstanceIds: [member?.InstanceId ?? ''] };
  const sizes = async () => [await desired(clients), (await memberIds(clients)).length];
  await asg.send(new sdk.DetachInstancesCommand({ ...named, ShouldDecrementDesiredCapacity: true }));
  note('with one detached', await sizes());
  await asg.send(new sdk.AttachInstancesCommand(named));
  note('with one attached', await sizes());
}

async function memberIds(clients: Clients): Promise<string[]> {
  const sdk = await import('@aws-sdk/client-auto-scaling');
  const asg = await clients.autoScaling();
  const { AutoScalingGroups } = await asg.send(new sdk.DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [AutoScalingGroupName] }));
  return (AutoScalingGroups?.[0]?.Instances ?? []).map(i => i.InstanceId ?? '');
}

async function desired(clients: Clients): Promise<number | undefined> {
  const sdk = await import('@aws-sdk/client-auto-scaling');
  const asg = await clients.autoScaling();
  const { AutoScalingGroups } = await asg.send(new sdk.DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [AutoScalingGroupName] }));
  return AutoScalingGroups?.[0]?.DesiredCapacity;
}

async function askHooks(clients: Clients, note: Note): Promise<void> {
  const sdk = await import('@aws-sdk/client-auto-scaling');
  const asg = await clients.autoScaling();
  const hook = { AutoScalingGroupName, LifecycleHookName: 'bake' };
  const hooks = async () => (await asg.send(new sdk.DescribeLifecycleHooksCommand({ AutoScalingGroupName }))).LifecycleHooks;
  await asg.send(
    new sdk.PutLifecycleHookCommand({ ...hook, LifecycleTransition: LAUNCHING, HeartbeatTimeout: 300, DefaultResult: 'CONTINUE' }),
  );
  note(
    'hooks',
    (await hooks())?.map(h => [h.LifecycleHookName, h.LifecycleTransition, h.HeartbeatTimeout, h.DefaultResult]),
  );
  await asg.send(new sdk.DeleteLifecycleHookCommand(hook));
  note('no hooks', await hooks());
}

async function askPolicies(clients: Clients, note: Note): Promise<void> {
  const sdk = await import('@aws-sdk/client-auto-scaling');
  const asg = await clients.autoScaling();
  const put = (PolicyName: string, more: object) =>
    asg.send(new sdk.PutScalingPolicyCommand({ AutoScalingGroupName, PolicyName, ...more }));
  await put('simple', { PolicyType: 'SimpleScaling', AdjustmentType: 'ChangeInCapacity', ScalingAdjustment: 1, Cooldown: 60 });
  await put('steps', {
    ...{
      PolicyType: 'StepScaling',
      AdjustmentType: 'PercentChangeInCapacity',
      MinAdjustmentMagnitude: 1,
      MetricAggregationType: 'Maximum',
    },
    StepAdjustments: [
      { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 10, ScalingAdjustment: 10 },
      { MetricIntervalLowerBound: 10, ScalingAdjustment: 30 },
    ],
  });
  const PredefinedMetricSpecification = { PredefinedMetricType: 'ASGAverageCPUUtilization' };
  await put('tracking', {
    PolicyType: 'TargetTrackingScaling',
    TargetTrackingConfiguration: { TargetValue: 50, PredefinedMetricSpecification },
  });
  const PredefinedMetricPairSpecification = { PredefinedMetricType: 'ASGCPUUtilization' };
  await put('predictive', {
    PolicyType: 'PredictiveScaling',
    PredictiveScalingConfiguration: {
      MetricSpecifications: [{ TargetValue: 50, PredefinedMetricPairSpecification }],
      Mode: 'ForecastOnly',
    },
  });
  const { ScalingPolicies = [] } = await asg.send(new sdk.DescribePoliciesCommand({ AutoScalingGroupName }));
  note('policies are enabled', Object.fromEntries(ScalingPolicies.map(p => [p.PolicyName, p.Enabled ?? null])));
  for (const policy of ScalingPolicies)
    note(`policy ${policy.PolicyName}`, [
      ...[policy.PolicyType, policy.AdjustmentType, policy.ScalingAdjustment, policy.Cooldown, policy.MinAdjustmentMagnitude],
      ...[policy.MetricAggregationType, policy.StepAdjustments],
      ...[policy.TargetTrackingConfiguration?.TargetValue, policy.TargetTrackingConfiguration?.PredefinedMetricSpecification],
      ...[policy.PredictiveScalingConfiguration?.Mode, policy.PredictiveScalingConfiguration?.MetricSpecifications],
    ]);
  const before = await desired(clients);
  await asg.send(new sdk.ExecutePolicyCommand({ AutoScalingGroupName, PolicyName: 'simple' }));
  note('a simple policy by hand adds', ((await desired(clients)) ?? 0) - (before ?? 0));
  for (const { PolicyName } of ScalingPolicies) await asg.send(new sdk.DeletePolicyCommand({ AutoScalingGroupName, PolicyName }));
  note('no policies', (await asg.send(new sdk.DescribePoliciesCommand({ AutoScalingGroupName }))).ScalingPolicies);
}

async function askSchedules(clients: Clients, note: Note): Promise<void> {
  const sdk = await import('@aws-sdk/client-auto-scaling');
  const asg = await clients.autoScaling();
  const names = async () => {
    const { ScheduledUpdateGroupActions } = await asg.send(new sdk.DescribeScheduledActionsCommand({ AutoScalingGroupName }));
    return ScheduledUpdateGroupActions?.map(a => a.ScheduledActionName).toSorted();
  };
  const ScheduledUpdateGroupActions = [
    { ScheduledActionName: 'night', Recurrence: '0 19 * * *', MinSize: 0, MaxSize: 0, DesiredCapacity: 0 },
    { ScheduledActionName: 'morning', Recurrence: '0 7 * * *', MinSize: 1, MaxSize: 4, DesiredCapacity: 2 },
  ];
  const { FailedScheduledUpdateGroupActions } = await asg.send(
    new sdk.BatchPutScheduledUpdateGroupActionCommand({ AutoScalingGroupName, ScheduledUpdateGroupActions }),
  );
  note('scheduled in a batch', [FailedScheduledUpdateGroupActions, await names()]);
  await asg.send(new sdk.BatchDeleteScheduledActionCommand({ AutoScalingGroupName, ScheduledActionNames: ['night'] }));
  note('one of them deleted', await names());
}

async function askWarmPool(clients: Clients, note: Note): Promise<void> {
  const sdk = await import('@aws-sdk/client-auto-scaling');
  const asg = await clients.autoScaling();
  const configuration = async () => {
    const { WarmPoolConfiguration: of } = await asg.send(new sdk.DescribeWarmPoolCommand({ AutoScalingGroupName }));
    return of && [of.MinSize, of.MaxGroupPreparedCapacity, of.PoolState, of.InstanceReusePolicy?.ReuseOnScaleIn ?? false];
  };
  note('no warm pool', (await configuration()) ?? null);
  await asg.send(new sdk.PutWarmPoolCommand({ AutoScalingGroupName, MinSize: 1, MaxGroupPreparedCapacity: 4, PoolState: 'Running' }));
  note('warm pool', await configuration());
  await asg.send(new sdk.DeleteWarmPoolCommand({ AutoScalingGroupName, ForceDelete: true }));
  note('warm pool deleted', (await configuration()) ?? null);
}

async function remove(clients: Clients, settle: () => Promise<void>, note: Note): Promise<void> {
  const sdk = await import('@aws-sdk/client-auto-scaling');
  const asg = await clients.autoScaling();
  const remaining = async () => {
    const { AutoScalingGroups } = await asg.send(new sdk.DescribeAutoScalingGroupsCommand({}));
    return AutoScalingGroups?.map(g => g.AutoScalingGroupName);
  };
  note('deleting a group with members', await refusal(asg.send(new sdk.DeleteAutoScalingGroupCommand({ AutoScalingGroupName }))));
  await asg.send(new sdk.DeleteAutoScalingGroupCommand({ AutoScalingGroupName, ForceDelete: true })).catch(() => {}); // gone, where it was not refused
  await settle();
  note('groups in the end', await remaining());
}
