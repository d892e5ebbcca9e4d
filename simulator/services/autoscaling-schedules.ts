/** Scheduled actions: put one by one or in batches, described, deleted. */
import type {
  BatchDeleteScheduledActionAnswer,
  BatchDeleteScheduledActionType,
  BatchPutScheduledUpdateGroupActionAnswer,
  BatchPutScheduledUpdateGroupActionType,
  DeleteScheduledActionType,
  DescribeScheduledActionsType,
  FailedScheduledUpdateGroupActionRequest,
  PutScheduledUpdateGroupActionType,
  ScheduledActionsType,
  ScheduledUpdateGroupActionRequest,
} from '@aws-sdk/client-auto-scaling';
import type { Group } from '../world/group.ts';
import { putScheduledAction } from '../world/scheduled-actions.ts';
import { badToken, changeable, date, groupOf, invalid, type Nothing, pageSize } from './autoscaling-find.ts';
import { refuseBatch, refuseMore } from './autoscaling-quotas.ts';
import { ServiceError } from './errors.ts';
import { type Call, type Operation, reads, trailed } from './operation.ts';
import { page } from './page.ts';

export const schedules: Readonly<Record<string, Operation>> = {
  BatchDeleteScheduledAction: trailed(batchDelete),
  BatchPutScheduledUpdateGroupAction: trailed(batchPut),
  DeleteScheduledAction: trailed(deleteScheduledAction),
  DescribeScheduledActions: reads(describeScheduledActions),
  PutScheduledUpdateGroupAction: trailed(putOne),
};

function putOne(input: PutScheduledUpdateGroupActionType, call: Call): Nothing {
  const group = changeable(call.region, input.AutoScalingGroupName);
  const { Time, ...rest } = input;
  put(group, { ...rest, StartTime: input.StartTime ?? Time }, call);
  return {};
}

/** Each by itself: what is refused is named, the others stand. */
function batchPut(input: BatchPutScheduledUpdateGroupActionType, call: Call): BatchPutScheduledUpdateGroupActionAnswer {
  const group = changeable(call.region, input.AutoScalingGroupName);
  const actions = input.ScheduledUpdateGroupActions ?? [];
  refuseBatch('BatchPutScheduledUpdateGroupAction', actions);
  const failed = actions.flatMap((action): FailedScheduledUpdateGroupActionRequest[] => {
    const error = refusalOf(() => put(group, action, call));
    return error === null ? [] : [{ ScheduledActionName: action.ScheduledActionName, ErrorCode: error.name, ErrorMessage: error.message }];
  });
  return { FailedScheduledUpdateGroupActions: failed };
}

function refusalOf(act: () => void): ServiceError | null {
  try {
    act();
    return null;
  } catch (error) {
    if (error instanceof ServiceError) return error;
    throw error;
  }
}

function put(group: Group, input: Partial<ScheduledUpdateGroupActionRequest>, { world, changed }: Call): void {
  const { MinSize: min, MaxSize: max, DesiredCapacity: desired, StartTime, EndTime, Recurrence } = input;
  if (min === undefined && max === undefined && desired === undefined)
    throw invalid('At least one of MinSize, MaxSize or DesiredCapacity must be specified.');
  if (Recurrence === undefined && StartTime === undefined) throw invalid('Either Recurrence or StartTime must be specified.');
  if (StartTime !== undefined && StartTime.getTime() / 1000 < world.clock.now()) throw invalid('Given start time is in the past');
  const name = input.ScheduledActionName ?? '';
  if (!group.scheduled.has(name)) refuseMore('scheduled actions', group.scheduled.size);
  try {
    putScheduledAction(world, group, {
      name,
      recurrence: Recurrence ?? null,
      timeZone: input.TimeZone ?? 'UTC',
      startTime: StartTime === undefined ? null : StartTime.getTime() / 1000,
      endTime: EndTime === undefined ? null : EndTime.getTime() / 1000,
      min: min ?? null,
      max: max ?? null,
      desired: desired ?? null,
    });
  } catch (error) {
    throw invalid(`Given recurrence string: ${Recurrence} is invalid: ${(error as Error).message}`);
  }
  changed.push(group.name);
}

function deleteScheduledAction(input: DeleteScheduledActionType, { region, changed }: Call): Nothing {
  const group = changeable(region, input.AutoScalingGroupName);
  if (!group.scheduled.delete(input.ScheduledActionName ?? '')) throw invalid('Scheduled action name not found');
  changed.push(group.name);
  return {};
}

function batchDelete(input: BatchDeleteScheduledActionType, { region, changed }: Call): BatchDeleteScheduledActionAnswer {
  const group = changeable(region, input.AutoScalingGroupName);
  refuseBatch('BatchDeleteScheduledAction', input.ScheduledActionNames);
  const failed = (input.ScheduledActionNames ?? []).filter(name => !group.scheduled.delete(name));
  changed.push(group.name);
  return {
    FailedScheduledActions: failed.map(name => ({
      ScheduledActionName: name,
      ErrorCode: 'ValidationError',
      ErrorMessage: 'Scheduled action name not found',
    })),
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
