/** What Auto Scaling tells beside its groups: activities, schedules, refreshes, warm pools, policies. */
import type {
  ActivitiesType,
  Activity as ActivityJson,
  AutoScalingInstancesType,
  DescribeAutoScalingInstancesType,
  DescribeInstanceRefreshesAnswer,
  DescribeInstanceRefreshesType,
  DescribePoliciesType,
  DescribeScalingActivitiesType,
  DescribeScheduledActionsType,
  DescribeWarmPoolAnswer,
  DescribeWarmPoolType,
  PoliciesType,
  ScheduledActionsType,
} from '@aws-sdk/client-auto-scaling';
import type { Activity } from '../world/activities.ts';
import type { Group } from '../world/group.ts';
import { percentOf } from '../world/instance-refresh.ts';
import { badToken, groupOf, invalid, pageSize } from './autoscaling-find.ts';
import { type Call, type Operation, reads } from './operation.ts';
import { page } from './page.ts';

export const moreReads: Readonly<Record<string, Operation>> = {
  DescribeAutoScalingInstances: reads(describeInstances),
  DescribeInstanceRefreshes: reads(describeRefreshes),
  DescribePolicies: reads(describePolicies),
  DescribeScalingActivities: reads(describeActivities),
  DescribeScheduledActions: reads(describeScheduledActions),
  DescribeWarmPool: reads(describeWarmPool),
};

const date = (seconds: number): Date => new Date(seconds * 1000);

/** Newest first. */
function describeActivities(input: DescribeScalingActivitiesType, { region }: Call): ActivitiesType {
  const groups = input.AutoScalingGroupName === undefined ? [...region.groups.values()] : [groupOf(region, input.AutoScalingGroupName)];
  const all = groups
    .flatMap(group => group.activities.map(activity => ({ group, activity })))
    .filter(({ activity }) => !input.ActivityIds?.length || input.ActivityIds.includes(activity.id))
    .reverse();
  const { items, next } = page(all, pageSize(input.MaxRecords, 100), input.NextToken, badToken);
  return { Activities: items.map(({ group, activity }) => activityJson(group, activity)), ...next };
}

export const activityJson = (group: Group, activity: Activity): ActivityJson => ({
  ActivityId: activity.id,
  AutoScalingGroupName: group.name,
  AutoScalingGroupARN: group.arn,
  Description: activity.description,
  Cause: activity.cause,
  StartTime: date(activity.startedAt),
  ...(activity.endedAt !== null && { EndTime: date(activity.endedAt) }),
  StatusCode: activity.status,
  ...(activity.message !== '' && { StatusMessage: activity.message }),
  Progress: activity.status === 'InProgress' ? 50 : 100,
  Details: JSON.stringify(activity.zone === '' ? {} : { 'Availability Zone': activity.zone }),
});

function describeInstances(input: DescribeAutoScalingInstancesType, { region }: Call): AutoScalingInstancesType {
  const all = [...region.groups.values()].flatMap(group => [...group.members.values()].map(member => ({ group, member })));
  const wanted = all.filter(({ member }) => !input.InstanceIds?.length || input.InstanceIds.includes(member.machine.id));
  const { items, next } = page(wanted, pageSize(input.MaxRecords), input.NextToken, badToken);
  return {
    AutoScalingInstances: items.map(({ group, member: { machine, state, health, scaleInProtected } }) => ({
      InstanceId: machine.id,
      InstanceType: machine.type,
      AutoScalingGroupName: group.name,
      AvailabilityZone: machine.availabilityZone,
      LifecycleState: state,
      HealthStatus: health.toUpperCase(),
      ProtectedFromScaleIn: scaleInProtected,
    })),
    ...next,
  };
}

function describeRefreshes(input: DescribeInstanceRefreshesType, { region }: Call): DescribeInstanceRefreshesAnswer {
  const group = groupOf(region, input.AutoScalingGroupName);
  const wanted = group.refreshes.filter(r => !input.InstanceRefreshIds?.length || input.InstanceRefreshIds.includes(r.id)).reverse();
  const { items, next } = page(wanted, pageSize(input.MaxRecords), input.NextToken, badToken);
  return {
    InstanceRefreshes: items.map(refresh => ({
      InstanceRefreshId: refresh.id,
      AutoScalingGroupName: group.name,
      Status: refresh.status,
      StartTime: date(refresh.startedAt),
      ...(refresh.endedAt !== null && { EndTime: date(refresh.endedAt) }),
      PercentageComplete: percentOf(refresh),
      InstancesToUpdate: refresh.remaining.length,
      Preferences: { MinHealthyPercentage: refresh.minHealthyPercentage, InstanceWarmup: refresh.warmup },
    })),
    ...next,
  };
}

function describeScheduledActions(input: DescribeScheduledActionsType, { region, world }: Call): ScheduledActionsType {
  const groups = input.AutoScalingGroupName === undefined ? [...region.groups.values()] : [groupOf(region, input.AutoScalingGroupName)];
  const all = groups.flatMap(group => [...group.scheduled.values()].map(action => ({ group, action })));
  const wanted = all.filter(({ action }) => !input.ScheduledActionNames?.length || input.ScheduledActionNames.includes(action.name));
  const { items, next } = page(wanted, pageSize(input.MaxRecords), input.NextToken, badToken);
  return {
    ScheduledUpdateGroupActions: items.map(({ group, action }) => ({
      AutoScalingGroupName: group.name,
      ScheduledActionName: action.name,
      ScheduledActionARN: `arn:aws:autoscaling:${region.name}:${world.account}:scheduledUpdateGroupAction:${action.name}:autoScalingGroupName/${group.name}:scheduledActionName/${action.name}`,
      ...(action.startTime !== null && { StartTime: date(action.startTime), Time: date(action.startTime) }),
      ...(action.endTime !== null && { EndTime: date(action.endTime) }),
      ...(action.recurrence !== null && { Recurrence: action.recurrence }),
      ...(action.min !== null && { MinSize: action.min }),
      ...(action.max !== null && { MaxSize: action.max }),
      ...(action.desired !== null && { DesiredCapacity: action.desired }),
      ...(action.timeZone !== 'UTC' && { TimeZone: action.timeZone }),
    })),
    ...next,
  };
}

function describeWarmPool(input: DescribeWarmPoolType, { region }: Call): DescribeWarmPoolAnswer {
  const { warmPool, template } = groupOf(region, input.AutoScalingGroupName);
  if (warmPool === null) return { Instances: [] };
  const { items, next } = page(warmPool.members, pageSize(input.MaxRecords), input.NextToken, badToken);
  return {
    WarmPoolConfiguration: { MinSize: warmPool.minSize, PoolState: 'Stopped' },
    Instances: items.map(machine => ({
      InstanceId: machine.id,
      InstanceType: machine.type,
      AvailabilityZone: machine.availabilityZone,
      LifecycleState: machine.state === 'stopped' ? 'Warmed:Stopped' : 'Warmed:Pending',
      HealthStatus: 'Healthy',
      LaunchTemplate: { LaunchTemplateId: template.id, LaunchTemplateName: template.name, Version: '1' },
      ProtectedFromScaleIn: false,
    })),
    ...next,
  };
}

function describePolicies(input: DescribePoliciesType, { region, world }: Call): PoliciesType {
  const groups = input.AutoScalingGroupName === undefined ? [...region.groups.values()] : [region.groups.get(input.AutoScalingGroupName)];
  if (groups.includes(undefined)) throw invalid('Group not found');
  const policies = groups.flatMap(group => (group?.awsPolicies ?? []).map(policy => ({ group: group?.name ?? '', policy })));
  const wanted = policies.filter(
    ({ policy }) =>
      (!input.PolicyNames?.length || input.PolicyNames.includes(policy.name)) &&
      (!input.PolicyTypes?.length || input.PolicyTypes.includes(policy.type)),
  );
  const { items, next } = page(wanted, pageSize(input.MaxRecords), input.NextToken, badToken);
  return {
    ScalingPolicies: items.map(({ group, policy: { name, type, enabled, target, disableScaleIn } }) => ({
      AutoScalingGroupName: group,
      PolicyName: name,
      PolicyARN: `arn:aws:autoscaling:${region.name}:${world.account}:scalingPolicy:${name}:autoScalingGroupName/${group}:policyName/${name}`,
      PolicyType: type,
      StepAdjustments: [],
      Alarms: [...region.alarms.values()]
        .filter(alarm => target !== undefined && alarm.name.startsWith(`TargetTracking-${group}-`))
        .map(alarm => ({ AlarmName: alarm.name, AlarmARN: alarm.arn })),
      ...(target !== undefined && {
        TargetTrackingConfiguration: {
          PredefinedMetricSpecification: { PredefinedMetricType: 'ASGAverageCPUUtilization' as const },
          TargetValue: target,
          DisableScaleIn: disableScaleIn ?? false,
        },
      }),
      Enabled: enabled ?? true,
    })),
    ...next,
  };
}
