/**
 * Lifecycle hooks: an instance waits at the door, in or out, until every hook has been answered or its heartbeat has run out
 * (https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks-overview.html).
 */
import { publish } from './bus.ts';
import type { Group } from './group.ts';
import type { Machine } from './machine.ts';
import type { World } from './world.ts';

export type Transition = 'launching' | 'terminating';
export type LifecycleResult = 'CONTINUE' | 'ABANDON';

export interface Hook {
  readonly name: string;
  readonly transition: Transition;
  /** Seconds. */
  readonly heartbeatTimeout: number;
  readonly defaultResult: LifecycleResult;
  readonly metadata: string | null;
  /** Kept and told; only EventBridge hears of it. */
  readonly target: string | null;
  readonly role: string | null;
}

/** An instance that waits for the answer to one hook. */
export interface LifecycleAction {
  readonly token: string;
  readonly hook: Hook;
  readonly machine: Machine;
  /** Epoch seconds. */
  deadline: number;
  readonly latest: number;
  readonly answer: (result: Answer) => void;
}

export interface Answer {
  readonly kind: LifecycleResult;
  /** Why it was abandoned, in the words of the activity. */
  readonly why: string;
}

/** 48 hours, or a hundred heartbeats where that is less. */
export const longestWait = (heartbeatTimeout: number): number => Math.min(48 * 3600, 100 * heartbeatTimeout);

interface Way {
  readonly transition: Transition;
  readonly origin: Place;
  readonly destination: Place;
}
type Place = 'EC2' | 'AutoScalingGroup' | 'WarmPool';

/**
 * Begins to wait where the group has hooks for it.
 * @param then called once: when all were answered CONTINUE, or the first ABANDON.
 * @returns whether there is anything to wait for.
 */
export function heldUp(world: World, group: Group, machine: Machine, way: Way, then: (answer: Answer) => void): boolean {
  const hooks = [...group.hooks.values()].filter(({ transition }) => transition === way.transition);
  const now = world.clock.second();
  for (const hook of hooks) {
    const action: LifecycleAction = {
      token: world.ids.uuid('lifecycle-action'),
      hook,
      machine,
      deadline: now + hook.heartbeatTimeout,
      latest: now + longestWait(hook.heartbeatTimeout),
      answer: answer => {
        const others = group.lifecycleActions.some(other => other.machine === machine);
        if (answer.kind === 'CONTINUE' && others) return;
        forgetActions(group, machine.id);
        then(answer);
      },
    };
    group.lifecycleActions.push(action);
    ring(world, group, action, way);
    watch(world, group, action);
  }
  return hooks.length > 0;
}

/** The answer to one hook: it does not wait any longer. */
export function complete(group: Group, action: LifecycleAction, kind: LifecycleResult, how: string): void {
  group.lifecycleActions = group.lifecycleActions.filter(other => other !== action);
  action.answer({ kind, why: `Lifecycle Action with token ${action.token} was abandoned: ${how}` });
}

/** Another heartbeat, as long as the longest wait allows. */
export function heartbeat(world: World, action: LifecycleAction): void {
  action.deadline = Math.min(action.latest, world.clock.second() + action.hook.heartbeatTimeout);
}

/** Nobody waits for that instance any more. */
export function forgetActions(group: Group, machine: string): void {
  group.lifecycleActions = group.lifecycleActions.filter(action => action.machine.id !== machine);
}

function watch(world: World, group: Group, action: LifecycleAction): void {
  world.clock.schedule(action.deadline, () => {
    if (!group.lifecycleActions.includes(action)) return;
    if (world.clock.second() < action.deadline) watch(world, group, action);
    else complete(group, action, action.hook.defaultResult, 'Lifecycle Action Timed Out');
  });
}

function ring(world: World, group: Group, { token, hook, machine }: LifecycleAction, { origin, destination }: Way): void {
  const launching = hook.transition === 'launching';
  publish(world, group.region, {
    detailType: `EC2 Instance-${launching ? 'launch' : 'terminate'} Lifecycle Action`,
    source: 'aws.autoscaling',
    resources: [group.arn],
    detail: {
      LifecycleActionToken: token,
      AutoScalingGroupName: group.name,
      LifecycleHookName: hook.name,
      EC2InstanceId: machine.id,
      LifecycleTransition: launching ? 'autoscaling:EC2_INSTANCE_LAUNCHING' : 'autoscaling:EC2_INSTANCE_TERMINATING',
      ...(hook.metadata !== null && { NotificationMetadata: hook.metadata }),
      Origin: origin,
      Destination: destination,
    },
  });
}
