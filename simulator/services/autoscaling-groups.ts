/** Groups created, resized, changed and deleted, with Auto Scaling's checks. */
import type {
  CreateAutoScalingGroupType,
  DeleteAutoScalingGroupType,
  LaunchTemplateOverrides,
  LaunchTemplateSpecification,
  ScalingProcessQuery,
  SetDesiredCapacityType,
  UpdateAutoScalingGroupType,
} from '@aws-sdk/client-auto-scaling';
import { instant } from '../../shared/model/time.ts';
import { blockedBy } from '../world/adjustments.ts';
import { createdGroup } from '../world/found-group.ts';
import { isLeaving, PROCESSES, type Template } from '../world/group.ts';
import { recheck } from '../world/health.ts';
import { removeGroup } from '../world/members.ts';
import { resize, settle } from '../world/scaling.ts';
import type { Region } from '../world/world.ts';
import { changeable, invalid, type Nothing } from './autoscaling-find.ts';
import { refuseMore } from './autoscaling-quotas.ts';
import { NotInVirtualCloud, ServiceError } from './errors.ts';
import { type Call, type Operation, trailed } from './operation.ts';

export const groups: Readonly<Record<string, Operation>> = {
  CreateAutoScalingGroup: trailed(createGroup),
  DeleteAutoScalingGroup: trailed(deleteGroup),
  ResumeProcesses: trailed((input: ScalingProcessQuery, call: Call) => processes(input, call, 'resume')),
  SetDesiredCapacity: trailed(setDesiredCapacity),
  SuspendProcesses: trailed((input: ScalingProcessQuery, call: Call) => processes(input, call, 'suspend')),
  UpdateAutoScalingGroup: trailed(updateGroup),
};

const UNKNOWN_TO_CREATE = [
  ...['LaunchConfigurationName', 'InstanceId', 'LoadBalancerNames', 'TargetGroupARNs', 'TrafficSources', 'PlacementGroup'],
  ...['MaxInstanceLifetime', 'CapacityRebalance', 'DesiredCapacityType', 'SkipZonalShiftValidation'],
] as const;

/** From a launch template, with a mixed instances policy or without; its members are launched at once. */
function createGroup(input: CreateAutoScalingGroupType, { region, world, changed }: Call): Nothing {
  const { AutoScalingGroupName: name = '', MinSize: min = 0, MaxSize: max = 0, DesiredCapacity: desired = min } = input;
  const unknown = UNKNOWN_TO_CREATE.find(option => input[option] !== undefined);
  if (unknown !== undefined) throw new NotInVirtualCloud(`autoscaling CreateAutoScalingGroup with ${unknown}`);
  if (region.groups.has(name))
    throw new ServiceError(
      'AlreadyExistsFault',
      `AutoScalingGroup by this name already exists - A group with the name ${name} already exists`,
    );
  refuseMore('Auto Scaling groups', region.groups.size);
  refuseBounds(min, max, desired);
  const mixed = input.MixedInstancesPolicy;
  const template = templateOf(region, mixed?.LaunchTemplate?.LaunchTemplateSpecification ?? input.LaunchTemplate);
  const [type = template.type, ...moreTypes] = (mixed?.LaunchTemplate?.Overrides ?? []).flatMap(o => o.InstanceType ?? []);
  const spread = mixed?.InstancesDistribution;
  const tags = (input.Tags ?? []).map(t => [t.Key ?? '', { value: t.Value ?? '', propagate: t.PropagateAtLaunch ?? false }] as const);
  createdGroup(
    world,
    {
      name,
      region: region.name,
      minSize: min,
      maxSize: max,
      desiredCapacity: desired,
      demand: () => 0,
      template: { ...template, type },
      moreTypes,
      ...weightsOf(mixed?.LaunchTemplate?.Overrides ?? []),
      ...(mixed !== undefined && {
        spot: {
          onDemandBase: spread?.OnDemandBaseCapacity ?? 0,
          onDemandPercentAboveBase: spread?.OnDemandPercentageAboveBaseCapacity ?? 100,
        },
      }),
      cooldown: input.DefaultCooldown ?? 300,
      ...(input.DefaultInstanceWarmup !== undefined && input.DefaultInstanceWarmup >= 0 && { instanceWarmup: input.DefaultInstanceWarmup }),
      newMembersProtected: input.NewInstancesProtectedFromScaleIn ?? false,
    },
    new Map(tags),
    `At ${instant(world.clock.second() * 1000)} a user request created an AutoScalingGroup changing the desired capacity from 0 to ${desired}.`,
  );
  changed.push(name);
  return {};
}

/** All of them have a weight, or none has. */
function weightsOf(overrides: readonly LaunchTemplateOverrides[]): { readonly weights?: Readonly<Record<string, number>> } {
  const weighted = overrides.filter(o => o.WeightedCapacity !== undefined);
  if (weighted.length === 0) return {};
  if (weighted.length < overrides.length)
    throw invalid('If you specify a value for WeightedCapacity on any instance type, you must specify it on all of them.');
  return { weights: Object.fromEntries(weighted.map(o => [o.InstanceType ?? '', Number(o.WeightedCapacity)])) };
}

function templateOf({ templates }: Region, named: LaunchTemplateSpecification | undefined): Template {
  const { LaunchTemplateId: id, LaunchTemplateName: name } = named ?? {};
  const found = [...templates.values()].find(template => (id === undefined ? template.name === name : template.id === id));
  if (found === undefined)
    throw invalid(
      'You must use a valid fully-formed launch template. The specified launch template, with template ' +
        `${id === undefined ? 'name' : 'ID'} ${id ?? name}, does not exist.`,
    );
  return found;
}

function refuseBounds(min: number, max: number, desired: number | undefined): void {
  if (min > max) throw invalid(`Max bound, ${max}, must be greater than or equal to min bound, ${min}`);
  if (desired !== undefined && (desired < min || desired > max))
    throw invalid(`Desired capacity:${desired} must be between the specified min size:${min} and max size:${max}`);
}

function setDesiredCapacity(input: SetDesiredCapacityType, { region, world, changed }: Call): Nothing {
  const group = changeable(region, input.AutoScalingGroupName);
  const desired = input.DesiredCapacity ?? 0;
  if (desired > group.maxSize)
    throw invalid(`New SetDesiredCapacity value ${desired} is above max value ${group.maxSize} for the AutoScalingGroup.`);
  if (desired < group.minSize)
    throw invalid(`New SetDesiredCapacity value ${desired} is below min value ${group.minSize} for the AutoScalingGroup.`);
  const blocking = input.HonorCooldown ? blockedBy(world, group, group.cooldown) : null;
  if (blocking !== null)
    throw new ServiceError(
      'ScalingActivityInProgressFault',
      `Scaling activity ${blocking.id} is in progress or has just ended, and blocks this action until the group has cooled down.`,
    );
  if (resize(world, group, { desired }, 'a user request explicitly set group desired capacity')) changed.push(group.name);
  return {};
}

function updateGroup(input: UpdateAutoScalingGroupType, { region, world, changed }: Call): Nothing {
  const group = changeable(region, input.AutoScalingGroupName);
  const [min, max] = [input.MinSize ?? group.minSize, input.MaxSize ?? group.maxSize];
  const desired = input.DesiredCapacity;
  refuseBounds(min, max, desired);
  const before = [group.cooldown, group.instanceWarmup, group.newMembersProtected];
  group.cooldown = input.DefaultCooldown ?? group.cooldown;
  const warmup = input.DefaultInstanceWarmup;
  if (warmup !== undefined) group.instanceWarmup = warmup < 0 ? null : warmup; // −1 takes it away
  group.newMembersProtected = input.NewInstancesProtectedFromScaleIn ?? group.newMembersProtected;
  const why = `a user request update of AutoScalingGroup constraints to min: ${min}, max: ${max}, desired: ${desired ?? group.desired}`;
  const other = before.some((was, i) => was !== [group.cooldown, group.instanceWarmup, group.newMembersProtected][i]);
  if (resize(world, group, { min, max, desired }, why) || other) changed.push(group.name);
  return {};
}

function processes({ AutoScalingGroupName, ScalingProcesses }: ScalingProcessQuery, call: Call, what: 'suspend' | 'resume'): Nothing {
  const { region, world, changed } = call;
  const group = changeable(region, AutoScalingGroupName);
  const named = ScalingProcesses?.length ? ScalingProcesses : [...PROCESSES];
  const unknown = named.find(process => !(PROCESSES as readonly string[]).includes(process));
  if (unknown !== undefined) throw invalid(`${unknown} is not a valid process type`);
  const size = group.suspended.size;
  for (const process of named) what === 'suspend' ? group.suspended.add(process) : group.suspended.delete(process);
  if (group.suspended.size !== size) changed.push(group.name);
  if (what === 'resume') {
    recheck(world, group);
    settle(world, group);
  }
  return {};
}

/** Not while there is anybody in it, unless it is forced to. */
function deleteGroup(input: DeleteAutoScalingGroupType, { region, world, changed }: Call): Nothing {
  const group = changeable(region, input.AutoScalingGroupName);
  const members = [...group.members.values()];
  if (!input.ForceDelete && members.some(m => !isLeaving(m)))
    throw new ServiceError(
      'ResourceInUseFault',
      'You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.',
    );
  if (!input.ForceDelete && members.length > 0)
    throw new ServiceError(
      'ScalingActivityInProgressFault',
      'You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.',
    );
  removeGroup(world, group);
  changed.push(group.name);
  return {};
}
