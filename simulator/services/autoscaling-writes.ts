/** What changes a group, with Auto Scaling's checks. */
import type {
  AutoScalingGroupNamesType,
  CreateOrUpdateTagsType,
  DeleteAutoScalingGroupType,
  DeleteScheduledActionType,
  PutScheduledUpdateGroupActionType,
  ScalingProcessQuery,
  SetDesiredCapacityType,
  SetInstanceHealthQuery,
  SetInstanceProtectionQuery,
  StartInstanceRefreshAnswer,
  StartInstanceRefreshType,
  TerminateInstanceInAutoScalingGroupType,
  UpdateAutoScalingGroupType,
} from '@aws-sdk/client-auto-scaling';
import { instant } from '../../shared/model/time.ts';
import { type Group, PROCESSES } from '../world/group.ts';
import { cancelRefresh, inProgress, startRefresh } from '../world/instance-refresh.ts';
import { markUnhealthy, recheck, removeGroup, resize, settle, terminateMember } from '../world/scaling.ts';
import { putScheduledAction } from '../world/scheduled-actions.ts';
import { groupOf, invalid, memberOf } from './autoscaling-find.ts';
import { activityJson } from './autoscaling-reads.ts';
import { ServiceError } from './errors.ts';
import { type Call, type Operation, trailed } from './operation.ts';

type Nothing = Record<string, never>;

export const groupWrites: Readonly<Record<string, Operation>> = {
  CancelInstanceRefresh: trailed(cancelInstanceRefresh),
  CreateOrUpdateTags: trailed(createOrUpdateTags),
  DeleteAutoScalingGroup: trailed(deleteGroup),
  DeleteScheduledAction: trailed(deleteScheduledAction),
  DeleteTags: trailed(deleteTags),
  PutScheduledUpdateGroupAction: trailed(putScheduledUpdateGroupAction),
  ResumeProcesses: trailed((input: ScalingProcessQuery, call: Call) => processes(input, call, 'resume')),
  SetDesiredCapacity: trailed(setDesiredCapacity),
  SetInstanceHealth: trailed(setInstanceHealth),
  SetInstanceProtection: trailed(setInstanceProtection),
  StartInstanceRefresh: trailed(startInstanceRefresh),
  SuspendProcesses: trailed((input: ScalingProcessQuery, call: Call) => processes(input, call, 'suspend')),
  TerminateInstanceInAutoScalingGroup: trailed(terminateInstance),
  UpdateAutoScalingGroup: trailed(updateGroup),
};

function setDesiredCapacity(input: SetDesiredCapacityType, { region, world, changed }: Call): Nothing {
  const group = groupOf(region, input.AutoScalingGroupName);
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
  if (resize(world, group, { desired }, 'a user request explicitly set group desired capacity')) changed.push(group.name);
  return {};
}

function updateGroup(input: UpdateAutoScalingGroupType, { region, world, changed }: Call): Nothing {
  const group = groupOf(region, input.AutoScalingGroupName);
  const [min, max] = [input.MinSize ?? group.minSize, input.MaxSize ?? group.maxSize];
  if (min > max) throw invalid(`Max bound, ${max}, must be greater than or equal to min bound, ${min}`);
  const desired = input.DesiredCapacity;
  if (desired !== undefined && (desired < min || desired > max))
    throw invalid(`Desired capacity:${desired} must be between the specified min size:${min} and max size:${max}`);
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
  const group = groupOf(region, AutoScalingGroupName);
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

function putScheduledUpdateGroupAction(input: PutScheduledUpdateGroupActionType, { region, world, changed }: Call): Nothing {
  const group = groupOf(region, input.AutoScalingGroupName);
  const { MinSize: min, MaxSize: max, DesiredCapacity: desired, StartTime, EndTime, Recurrence } = input;
  if (min === undefined && max === undefined && desired === undefined)
    throw invalid('At least one of MinSize, MaxSize or DesiredCapacity must be specified.');
  const startTime = StartTime ?? input.Time;
  if (Recurrence === undefined && startTime === undefined) throw invalid('Either Recurrence or StartTime must be specified.');
  if (startTime !== undefined && startTime.getTime() / 1000 < world.clock.now()) throw invalid('Given start time is in the past');
  try {
    putScheduledAction(world, group, {
      name: input.ScheduledActionName ?? '',
      recurrence: Recurrence ?? null,
      timeZone: input.TimeZone ?? 'UTC',
      startTime: startTime === undefined ? null : startTime.getTime() / 1000,
      endTime: EndTime === undefined ? null : EndTime.getTime() / 1000,
      min: min ?? null,
      max: max ?? null,
      desired: desired ?? null,
    });
  } catch (error) {
    throw invalid(`Given recurrence string: ${Recurrence} is invalid: ${(error as Error).message}`);
  }
  changed.push(group.name);
  return {};
}

function deleteScheduledAction(input: DeleteScheduledActionType, { region, changed }: Call): Nothing {
  const group = groupOf(region, input.AutoScalingGroupName);
  if (!group.scheduled.delete(input.ScheduledActionName ?? '')) throw invalid('Scheduled action name not found');
  changed.push(group.name);
  return {};
}

function setInstanceProtection(input: SetInstanceProtectionQuery, { region, changed }: Call): Nothing {
  const group = groupOf(region, input.AutoScalingGroupName);
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
  if (less && group.desired <= group.minSize)
    throw invalid(
      `Currently, desiredSize equals minSize (${group.minSize}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.`,
    );
  const cause = `At ${instant(world.clock.second() * 1000)} instance ${member.machine.id} was taken out of service in response to a user request.`;
  const activity = terminateMember(world, group, member, cause);
  if (less) resize(world, group, { desired: group.desired - 1 }, 'a user request terminated an instance,');
  settle(world, group);
  changed.push(member.machine.id);
  return { Activity: activityJson(group, activity) };
}

function createOrUpdateTags({ Tags = [] }: CreateOrUpdateTagsType, { region, changed }: Call): Nothing {
  for (const { ResourceId, Key = '', Value = '', PropagateAtLaunch: propagate = false } of Tags) {
    const group = groupOf(region, ResourceId);
    const before = group.tags.get(Key);
    if (before?.value === Value && before.propagate === propagate) continue;
    group.tags.set(Key, { value: Value, propagate });
    changed.push(group.name);
  }
  return {};
}

function deleteTags({ Tags = [] }: Pick<CreateOrUpdateTagsType, 'Tags'>, { region, changed }: Call): Nothing {
  for (const { ResourceId, Key = '' } of Tags) {
    const group = groupOf(region, ResourceId);
    if (group.tags.delete(Key)) changed.push(group.name);
  }
  return {};
}

function deleteGroup(input: DeleteAutoScalingGroupType, { region, world, changed }: Call): Nothing {
  const group = groupOf(region, input.AutoScalingGroupName);
  if (group.members.size > 0 && !input.ForceDelete) {
    throw new ServiceError(
      'ResourceInUseFault',
      `You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.`,
    );
  }
  removeGroup(world, group);
  changed.push(group.name);
  return {};
}

function startInstanceRefresh(input: StartInstanceRefreshType, { region, world, changed }: Call): StartInstanceRefreshAnswer {
  const group = groupOf(region, input.AutoScalingGroupName);
  refuseSecondRefresh(group);
  const { MinHealthyPercentage, InstanceWarmup } = input.Preferences ?? {};
  const refresh = startRefresh(world, group, {
    ...(MinHealthyPercentage !== undefined && { minHealthyPercentage: MinHealthyPercentage }),
    ...(InstanceWarmup !== undefined && { warmup: InstanceWarmup }),
  });
  changed.push(group.name);
  return { InstanceRefreshId: refresh.id };
}

function refuseSecondRefresh(group: Group): void {
  const running = inProgress(group);
  if (running === undefined) return;
  throw new ServiceError(
    'InstanceRefreshInProgressFault',
    `An Instance Refresh is already in progress and blocks the execution of this Instance Refresh: ${running.id}`,
  );
}

function cancelInstanceRefresh(input: AutoScalingGroupNamesType & { AutoScalingGroupName?: string }, { region, world, changed }: Call) {
  const group = groupOf(region, input.AutoScalingGroupName);
  const running = inProgress(group);
  if (running === undefined)
    throw new ServiceError(
      'ActiveInstanceRefreshNotFoundFault',
      `No in progress or pending Instance Refresh found for Auto Scaling group ${group.name}`,
    );
  cancelRefresh(world, group, running);
  changed.push(group.name);
  return { InstanceRefreshId: running.id };
}
