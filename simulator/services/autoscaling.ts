/** The operations of EC2 Auto Scaling that the house uses. */
import type {
  AutoScalingGroup,
  AutoScalingGroupNamesType,
  AutoScalingGroupsType,
  DescribePoliciesType,
  Filter,
  PoliciesType,
  SetDesiredCapacityType,
} from '@aws-sdk/client-auto-scaling';
import { GROUP_METRICS, type Group, setDesired } from '../world/group.ts';
import { NotInVirtualCloud, ServiceError } from './errors.ts';
import { type Call, type Operation, reads, writes } from './operation.ts';
import { page } from './page.ts';

export const autoscaling: Readonly<Record<string, Operation>> = {
  DescribeAutoScalingGroups: reads(describeGroups),
  DescribePolicies: reads(describePolicies),
  SetDesiredCapacity: writes(setDesiredCapacity, (input, output) => ({
    requestParameters: {
      autoScalingGroupName: input.AutoScalingGroupName,
      desiredCapacity: input.DesiredCapacity,
      ...(input.HonorCooldown !== undefined && { honorCooldown: input.HonorCooldown }),
    },
    responseElements: output === null ? null : {},
  })),
};

const invalid = (message: string): ServiceError => new ServiceError('ValidationError', message);
const badToken = (): ServiceError => new ServiceError('InvalidNextToken', 'The NextToken value is not valid.');

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
  return {
    AutoScalingGroupName: group.name,
    AutoScalingGroupARN: group.arn,
    LaunchTemplate,
    MinSize: group.minSize,
    MaxSize: group.maxSize,
    DesiredCapacity: group.desired,
    DefaultCooldown: group.cooldown,
    ...(group.instanceWarmup !== null && { DefaultInstanceWarmup: group.instanceWarmup }),
    AvailabilityZones: ['a', 'b', 'c'].map(zone => `${group.region}${zone}`),
    LoadBalancerNames: [],
    TargetGroupARNs: [],
    HealthCheckType: 'EC2',
    HealthCheckGracePeriod: 300,
    Instances: members.map(({ machine, state, health, scaleInProtected }) => ({
      InstanceId: machine.id,
      InstanceType: machine.type,
      AvailabilityZone: machine.availabilityZone,
      LifecycleState: state,
      HealthStatus: health,
      LaunchTemplate: { ...LaunchTemplate, Version: '1' },
      ProtectedFromScaleIn: scaleInProtected,
    })),
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
    NewInstancesProtectedFromScaleIn: false,
    ServiceLinkedRoleARN: `arn:aws:iam::${account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`,
    TrafficSources: [],
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
    ScalingPolicies: items.map(({ group, policy }) => ({
      AutoScalingGroupName: group,
      PolicyName: policy.name,
      PolicyARN: `arn:aws:autoscaling:${region.name}:${world.account}:scalingPolicy:${policy.name}:autoScalingGroupName/${group}:policyName/${policy.name}`,
      PolicyType: policy.type,
      StepAdjustments: [],
      Alarms: [],
      Enabled: policy.enabled ?? true,
    })),
    ...next,
  };
}

function setDesiredCapacity(input: SetDesiredCapacityType, { region, world, changed }: Call): Record<string, never> {
  const group = region.groups.get(input.AutoScalingGroupName ?? '');
  if (group === undefined) throw invalid('AutoScalingGroup name not found - AutoScalingGroup not found');
  const desired = input.DesiredCapacity ?? 0;
  if (desired > group.maxSize)
    throw invalid(`New SetDesiredCapacity value ${desired} is above max value ${group.maxSize} for the AutoScalingGroup.`);
  if (desired < group.minSize)
    throw invalid(`New SetDesiredCapacity value ${desired} is below min value ${group.minSize} for the AutoScalingGroup.`);
  const coolUntil = (group.lastActivityAt ?? Number.NEGATIVE_INFINITY) + group.cooldown;
  if (input.HonorCooldown && world.clock.now() < coolUntil) {
    throw new ServiceError(
      'ScalingActivityInProgressFault',
      `Scaling activity is in progress and blocks this action for the group ${group.name}: it is cooling down.`,
    );
  }
  if (desired !== group.desired) {
    setDesired(world, group, desired);
    changed.push(group.name);
  }
  return {};
}

function pageSize(asked: number | undefined): number {
  if (asked !== undefined && (asked < 1 || asked > 100))
    throw invalid(`The MaxRecords value ${asked} is not valid: it must be between 1 and 100.`);
  return asked ?? 50;
}
