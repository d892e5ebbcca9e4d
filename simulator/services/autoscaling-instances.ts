/** Members one by one: described, protected, called unhealthy, terminated, put into standby and called back. */
import type {
  AttachInstancesQuery,
  AutoScalingInstancesType,
  DescribeAutoScalingInstancesType,
  DetachInstancesAnswer,
  DetachInstancesQuery,
  EnterStandbyAnswer,
  EnterStandbyQuery,
  ExitStandbyAnswer,
  ExitStandbyQuery,
  SetInstanceHealthQuery,
  SetInstanceProtectionQuery,
  TerminateInstanceInAutoScalingGroupType,
} from '@aws-sdk/client-auto-scaling';
import { instant } from '../../shared/model/time.ts';
import { attach, detach } from '../world/attach.ts';
import { capacityOf, type Group, type Member, weightOf } from '../world/group.ts';
import { markUnhealthy } from '../world/health.ts';
import { terminateMember } from '../world/members.ts';
import { resize, settle } from '../world/scaling.ts';
import { enterStandby, exitStandby } from '../world/standby.ts';
import { activityJson } from './autoscaling-activities.ts';
import { badToken, changeable, invalid, memberOf, type Nothing, pageSize } from './autoscaling-find.ts';
import { refuseBatch } from './autoscaling-quotas.ts';
import { type Call, type Operation, reads, trailed } from './operation.ts';
import { page } from './page.ts';

export const instances: Readonly<Record<string, Operation>> = {
  AttachInstances: trailed(attachInstances),
  DescribeAutoScalingInstances: reads(describeInstances),
  DetachInstances: trailed(detachInstances),
  EnterStandby: trailed(enter),
  ExitStandby: trailed(exit),
  SetInstanceHealth: trailed(setInstanceHealth),
  SetInstanceProtection: trailed(setInstanceProtection),
  TerminateInstanceInAutoScalingGroup: trailed(terminateInstance),
};

/** Members of groups, and what waits in their warm pools. */
function describeInstances(input: DescribeAutoScalingInstancesType, { region }: Call): AutoScalingInstancesType {
  const all = [...region.groups.values()].flatMap(group => [
    ...[...group.members.values()].map(member => ({ group, ...member })),
    ...[...(group.warmPool?.members.values() ?? [])].map(member => ({ group, health: 'Healthy', scaleInProtected: false, ...member })),
  ]);
  const wanted = all.filter(({ machine }) => !input.InstanceIds?.length || input.InstanceIds.includes(machine.id));
  const { items, next } = page(wanted, pageSize(input.MaxRecords), input.NextToken, badToken);
  return {
    AutoScalingInstances: items.map(({ group, machine, state, health, scaleInProtected }) => ({
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

function setInstanceProtection(input: SetInstanceProtectionQuery, { region, changed }: Call): Nothing {
  const group = changeable(region, input.AutoScalingGroupName);
  refuseBatch('SetInstanceProtection', input.InstanceIds);
  const members = (input.InstanceIds ?? []).map(id => group.members.get(id) ?? null);
  if (members.includes(null)) throw invalid(`The instance is not part of Auto Scaling group ${group.name}`);
  for (const member of members) {
    if (member === null || member.scaleInProtected === input.ProtectedFromScaleIn) continue;
    member.scaleInProtected = input.ProtectedFromScaleIn ?? false;
    changed.push(member.machine.id);
  }
  return {};
}

function setInstanceHealth(input: SetInstanceHealthQuery, { region, world, changed }: Call): Nothing {
  const { group, member } = memberOf(region, input.InstanceId);
  changed.push(member.machine.id);
  if (input.HealthStatus === 'Unhealthy') markUnhealthy(world, group, member, 'a user health-check');
  else member.health = 'Healthy';
  return {};
}

function terminateInstance(input: TerminateInstanceInAutoScalingGroupType, { region, world, changed }: Call) {
  const { group, member } = memberOf(region, input.InstanceId);
  const less = input.ShouldDecrementDesiredCapacity ?? false;
  const weight = weightOf(group, member.machine);
  if (less && group.desired - weight < group.minSize)
    throw invalid(
      `Currently, desiredSize equals minSize (${group.minSize}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.`,
    );
  const cause = `At ${instant(world.clock.second() * 1000)} instance ${member.machine.id} was taken out of service in response to a user request.`;
  const activity = terminateMember(world, group, member, cause);
  if (less) resize(world, group, { desired: group.desired - weight }, 'a user request terminated an instance,');
  settle(world, group);
  changed.push(member.machine.id);
  return { Activity: activityJson(group, activity) };
}

/** The group may want so many less; below its minimum it may not. */
function leaving(group: Group, ids: readonly string[] | undefined, fewer: boolean, verb: string): Member[] {
  const members = named(group, ids, 'InService');
  if (fewer && group.desired - capacityOf(group, members) < group.minSize)
    throw invalid(
      `AutoScalingGroup ${group.name} has min-size=${group.minSize}, max-size=${group.maxSize}, and desired-size=${group.desired}. To ${verb} ${members.length} instance${members.length === 1 ? '' : 's'}, please update the AutoScalingGroup sizes appropriately.`,
    );
  return members;
}

function enter(input: EnterStandbyQuery, { region, world, changed }: Call): EnterStandbyAnswer {
  const group = changeable(region, input.AutoScalingGroupName);
  refuseBatch('EnterStandby', input.InstanceIds);
  const fewer = input.ShouldDecrementDesiredCapacity ?? false;
  const members = leaving(group, input.InstanceIds, fewer, 'place into standby');
  const activities = members.map(member => enterStandby(world, group, member, fewer));
  changed.push(...members.map(m => m.machine.id));
  return { Activities: activities.map(activity => activityJson(group, activity)) };
}

function exit(input: ExitStandbyQuery, { region, world, changed }: Call): ExitStandbyAnswer {
  const group = changeable(region, input.AutoScalingGroupName);
  refuseBatch('ExitStandby', input.InstanceIds);
  const members = named(group, input.InstanceIds, 'Standby');
  if (group.desired + capacityOf(group, members) > group.maxSize)
    throw invalid(
      `AutoScalingGroup ${group.name} has min-size=${group.minSize}, max-size=${group.maxSize}, and desired-size=${group.desired}. To place into service ${members.length} instance${members.length === 1 ? '' : 's'}, please update the AutoScalingGroup sizes appropriately.`,
    );
  const activities = members.map(member => exitStandby(world, group, member));
  changed.push(...members.map(m => m.machine.id));
  return { Activities: activities.map(activity => activityJson(group, activity)) };
}

/** Instances that run, and belong to no group yet. */
function attachInstances(input: AttachInstancesQuery, { region, world, changed }: Call): Nothing {
  const group = changeable(region, input.AutoScalingGroupName);
  refuseBatch('AttachInstances', input.InstanceIds);
  const machines = (input.InstanceIds ?? []).map(id => {
    const machine = region.machines.get(id);
    if (machine === undefined) throw invalid(`Invalid Instance ID(s): [${id}].`);
    if (machine.group !== null) throw invalid(`Instance ${id} is already part of AutoScalingGroup:${machine.group}.`);
    if (machine.state !== 'running') throw invalid(`Instance ${id} is not in correct state. Instance(s) must be in 'running' state.`);
    return machine;
  });
  const more = machines.reduce((sum, machine) => sum + weightOf(group, machine), 0);
  if (group.desired + more > group.maxSize)
    throw invalid(
      `AutoScalingGroup ${group.name} has min-size=${group.minSize}, max-size=${group.maxSize}, and desired-size=${group.desired}. To attach ${machines.length} more instance${machines.length === 1 ? '' : 's'}, please update the AutoScalingGroup sizes appropriately.`,
    );
  for (const machine of machines) attach(world, group, machine);
  changed.push(...machines.map(({ id }) => id));
  return {};
}

function detachInstances(input: DetachInstancesQuery, { region, world, changed }: Call): DetachInstancesAnswer {
  const group = changeable(region, input.AutoScalingGroupName);
  refuseBatch('DetachInstances', input.InstanceIds);
  const fewer = input.ShouldDecrementDesiredCapacity ?? false;
  const members = leaving(group, input.InstanceIds, fewer, 'detach');
  const activities = members.map(member => detach(world, group, member, fewer));
  changed.push(...members.map(m => m.machine.id));
  return { Activities: activities.map(activity => activityJson(group, activity)) };
}

/** All of them are in that state, or none is touched. */
function named(group: Group, ids: readonly string[] | undefined, state: Member['state']): Member[] {
  return (ids ?? []).map(id => {
    const member = group.members.get(id);
    if (member === undefined) throw invalid(`The instance ${id} is not part of Auto Scaling group ${group.name}.`);
    if (member.state !== state) throw invalid(`The instance ${id} is not in ${state}.`);
    return member;
  });
}
