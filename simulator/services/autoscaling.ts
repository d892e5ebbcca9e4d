/** Auto Scaling groups as the SDK hands them over, and the table of what the service answers. */
import type { AutoScalingGroup, AutoScalingGroupNamesType, AutoScalingGroupsType, Filter } from '@aws-sdk/client-auto-scaling';
import { targetGroupArn } from '../world/balancer.ts';
import { GROUP_METRICS, type Group, weightOf } from '../world/group.ts';
import { activities } from './autoscaling-activities.ts';
import { badToken, pageSize } from './autoscaling-find.ts';
import { groups } from './autoscaling-groups.ts';
import { lifecycleHooks } from './autoscaling-hooks.ts';
import { instances } from './autoscaling-instances.ts';
import { policies } from './autoscaling-policies.ts';
import { configurationOf, warmPools } from './autoscaling-pool.ts';
import { refreshes } from './autoscaling-refreshes.ts';
import { schedules } from './autoscaling-schedules.ts';
import { groupTags } from './autoscaling-tags.ts';
import { NotInVirtualCloud } from './errors.ts';
import { type Call, type Operation, reads } from './operation.ts';
import { page } from './page.ts';

export const autoscaling: Readonly<Record<string, Operation>> = {
  DescribeAutoScalingGroups: reads(describeGroups),
  ...activities,
  ...groups,
  ...groupTags,
  ...instances,
  ...lifecycleHooks,
  ...policies,
  ...refreshes,
  ...schedules,
  ...warmPools,
};

function describeGroups(input: AutoScalingGroupNamesType, { region, world }: Call): AutoScalingGroupsType {
  const size = pageSize(input.MaxRecords);
  const names = input.AutoScalingGroupNames;
  const among = names?.length ? names.flatMap(name => region.groups.get(name) ?? []) : [...region.groups.values()];
  const { items, next } = page(
    among.filter(group => (input.Filters ?? []).every(f => filterMatches(group, f))),
    size,
    input.NextToken,
    badToken,
  );
  return { AutoScalingGroups: items.map(group => groupJson(world.account, group)), ...next };
}

function filterMatches(group: Group, { Name = '', Values = [] }: Filter): boolean {
  if (Name.startsWith('tag:')) return Values.includes(group.tags.get(Name.slice('tag:'.length))?.value ?? '\0');
  if (Name === 'tag-key') return Values.some(key => group.tags.has(key));
  if (Name === 'tag-value') return [...group.tags.values()].some(({ value }) => Values.includes(value));
  throw new NotInVirtualCloud(`autoscaling filter ${Name}`);
}

function groupJson(account: string, group: Group): AutoScalingGroup {
  const LaunchTemplate = { LaunchTemplateId: group.template.id, LaunchTemplateName: group.template.name, Version: '$Latest' };
  const members = [...group.members.values()];
  const targets = targetGroupArn(account, group);
  return {
    AutoScalingGroupName: group.name,
    AutoScalingGroupARN: group.arn,
    ...(group.moreTypes.length === 0 && group.spot === null && group.weights === null
      ? { LaunchTemplate }
      : { MixedInstancesPolicy: mixedJson(group, LaunchTemplate) }),
    MinSize: group.minSize,
    MaxSize: group.maxSize,
    DesiredCapacity: group.desired,
    ...(group.predicted > 0 && { PredictedCapacity: group.predicted }),
    DefaultCooldown: group.cooldown,
    ...(group.instanceWarmup !== null && { DefaultInstanceWarmup: group.instanceWarmup }),
    AvailabilityZones: ['a', 'b', 'c'].map(zone => `${group.region}${zone}`),
    LoadBalancerNames: [],
    TargetGroupARNs: targets === null ? [] : [targets],
    HealthCheckType: 'EC2',
    HealthCheckGracePeriod: 300,
    Instances: members.map(({ machine, state, health, scaleInProtected }) => ({
      InstanceId: machine.id,
      InstanceType: machine.type,
      AvailabilityZone: machine.availabilityZone,
      LifecycleState: state,
      HealthStatus: health,
      ...(group.weights !== null && { WeightedCapacity: String(weightOf(group, machine)) }),
      LaunchTemplate: { ...LaunchTemplate, Version: '1' },
      ProtectedFromScaleIn: scaleInProtected,
    })),
    ...(group.deleted && { Status: 'Delete in progress' }),
    CreatedTime: new Date(group.createdAt * 1000),
    SuspendedProcesses: [...group.suspended].map(ProcessName => ({
      ProcessName,
      SuspensionReason: `User suspended at ${new Date(group.createdAt * 1000).toISOString()}`,
    })),
    VPCZoneIdentifier: 'subnet-0a1b2c3d4e5f60718,subnet-0b1b2c3d4e5f60718,subnet-0c1b2c3d4e5f60718',
    EnabledMetrics: GROUP_METRICS.map(Metric => ({ Metric, Granularity: '1Minute' })),
    Tags: [...group.tags].map(([Key, { value, propagate }]) => ({
      ResourceId: group.name,
      ResourceType: 'auto-scaling-group',
      Key,
      Value: value,
      PropagateAtLaunch: propagate,
    })),
    TerminationPolicies: ['Default'],
    NewInstancesProtectedFromScaleIn: group.newMembersProtected,
    ...(group.warmPool !== null && {
      WarmPoolConfiguration: configurationOf(group.warmPool),
      WarmPoolSize: group.warmPool.members.size,
    }),
    ServiceLinkedRoleARN: `arn:aws:iam::${account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`,
    TrafficSources: targets === null ? [] : [{ Identifier: targets, Type: 'elbv2' }],
  };
}

function mixedJson({ template, moreTypes, weights, spot }: Group, LaunchTemplateSpecification: { Version: string }) {
  return {
    LaunchTemplate: {
      LaunchTemplateSpecification,
      Overrides: [template.type, ...moreTypes].map(InstanceType => ({
        InstanceType,
        ...(weights !== null && { WeightedCapacity: String(weights[InstanceType] ?? 1) }),
      })),
    },
    InstancesDistribution: {
      OnDemandAllocationStrategy: 'prioritized',
      OnDemandBaseCapacity: spot?.onDemandBase ?? 0,
      OnDemandPercentageAboveBaseCapacity: spot?.onDemandPercentAboveBase ?? 100,
      SpotAllocationStrategy: 'price-capacity-optimized',
    },
  };
}
