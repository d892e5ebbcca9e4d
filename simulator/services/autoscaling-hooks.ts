/** Lifecycle hooks: put, described, deleted; their actions completed, or given another heartbeat. */
import type {
  CompleteLifecycleActionType,
  DeleteLifecycleHookType,
  DescribeLifecycleHooksAnswer,
  DescribeLifecycleHooksType,
  PutLifecycleHookType,
  RecordLifecycleActionHeartbeatType,
} from '@aws-sdk/client-auto-scaling';
import { complete, type Hook, heartbeat, type LifecycleAction, longestWait } from '../world/lifecycle-hooks.ts';
import { changeable, groupOf, invalid, type Nothing } from './autoscaling-find.ts';
import { refuseMore } from './autoscaling-quotas.ts';
import { type Call, type Operation, reads, trailed } from './operation.ts';

export const lifecycleHooks: Readonly<Record<string, Operation>> = {
  CompleteLifecycleAction: trailed(completeAction),
  DeleteLifecycleHook: trailed(deleteHook),
  DescribeLifecycleHooks: reads(describeHooks),
  PutLifecycleHook: trailed(putHook),
  RecordLifecycleActionHeartbeat: trailed(recordHeartbeat),
};

const HEARTBEAT = { usual: 3600, least: 30, most: 7200 }; // seconds
const TRANSITIONS = {
  'autoscaling:EC2_INSTANCE_LAUNCHING': 'launching',
  'autoscaling:EC2_INSTANCE_TERMINATING': 'terminating',
} as const;

function putHook(input: PutLifecycleHookType, { region, changed }: Call): Nothing {
  const group = changeable(region, input.AutoScalingGroupName);
  const before = group.hooks.get(input.LifecycleHookName ?? '');
  const transition = TRANSITIONS[input.LifecycleTransition as keyof typeof TRANSITIONS] ?? before?.transition;
  const seconds = input.HeartbeatTimeout ?? before?.heartbeatTimeout ?? HEARTBEAT.usual;
  const result = input.DefaultResult ?? before?.defaultResult ?? 'ABANDON';
  if (transition === undefined) throw invalid(`Invalid Lifecycle Transition: ${input.LifecycleTransition}`);
  if (seconds < HEARTBEAT.least || seconds > HEARTBEAT.most)
    throw invalid(`HeartbeatTimeout must be between ${HEARTBEAT.least} and ${HEARTBEAT.most} seconds`);
  if (result !== 'CONTINUE' && result !== 'ABANDON') throw invalid(`Invalid DefaultResult: ${result}`);
  const hook: Hook = {
    name: input.LifecycleHookName ?? '',
    transition,
    heartbeatTimeout: seconds,
    defaultResult: result,
    metadata: input.NotificationMetadata ?? before?.metadata ?? null,
    target: input.NotificationTargetARN ?? before?.target ?? null,
    role: input.RoleARN ?? before?.role ?? null,
  };
  if (before === undefined) refuseMore('lifecycle hooks', group.hooks.size);
  group.hooks.set(hook.name, hook);
  changed.push(group.name);
  return {};
}

function describeHooks(input: DescribeLifecycleHooksType, { region }: Call): DescribeLifecycleHooksAnswer {
  const group = groupOf(region, input.AutoScalingGroupName);
  const wanted = [...group.hooks.values()].filter(
    ({ name }) => !input.LifecycleHookNames?.length || input.LifecycleHookNames.includes(name),
  );
  return {
    LifecycleHooks: wanted.map(hook => ({
      LifecycleHookName: hook.name,
      AutoScalingGroupName: group.name,
      LifecycleTransition: `autoscaling:EC2_INSTANCE_${hook.transition.toUpperCase()}`,
      ...(hook.target !== null && { NotificationTargetARN: hook.target }),
      ...(hook.role !== null && { RoleARN: hook.role }),
      ...(hook.metadata !== null && { NotificationMetadata: hook.metadata }),
      HeartbeatTimeout: hook.heartbeatTimeout,
      GlobalTimeout: longestWait(hook.heartbeatTimeout),
      DefaultResult: hook.defaultResult,
    })),
  };
}

/** What waits for it goes on, as if it had been abandoned. */
function deleteHook(input: DeleteLifecycleHookType, { region, changed }: Call): Nothing {
  const group = changeable(region, input.AutoScalingGroupName);
  const name = input.LifecycleHookName ?? '';
  if (!group.hooks.delete(name)) throw invalid('No Lifecycle Hook found with the given name.');
  for (const action of group.lifecycleActions) if (action.hook.name === name) complete(group, action, 'ABANDON', 'Lifecycle Hook Deleted');
  changed.push(group.name);
  return {};
}

function completeAction(input: CompleteLifecycleActionType, call: Call): Nothing {
  const group = groupOf(call.region, input.AutoScalingGroupName);
  const action = actionOf(input, call);
  const result = input.LifecycleActionResult;
  if (result !== 'CONTINUE' && result !== 'ABANDON') throw invalid(`Invalid LifecycleActionResult: ${result}`);
  complete(group, action, result, `Completed with ${result} Result`);
  call.changed.push(action.machine.id);
  return {};
}

function recordHeartbeat(input: RecordLifecycleActionHeartbeatType, call: Call): Nothing {
  const action = actionOf(input, call);
  heartbeat(call.world, action);
  call.changed.push(action.machine.id);
  return {};
}

/** By its token, or by its instance. */
function actionOf(input: CompleteLifecycleActionType | RecordLifecycleActionHeartbeatType, { region }: Call): LifecycleAction {
  const group = groupOf(region, input.AutoScalingGroupName);
  const { LifecycleActionToken: token, InstanceId: id, LifecycleHookName: hook } = input;
  const found = group.lifecycleActions.find(
    action => action.hook.name === hook && (token === undefined ? action.machine.id === id : action.token === token),
  );
  if (found !== undefined) return found;
  throw invalid(
    token === undefined
      ? `No active Lifecycle Action found with instance ID ${id}`
      : `No active Lifecycle Action found with token ${token}`,
  );
}
