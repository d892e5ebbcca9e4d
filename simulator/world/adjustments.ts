/**
 * Step and simple scaling: an alarm sets off an adjustment, by so many instances, by so many percent, or to a number
 * (https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html).
 */
import { instant } from '../../shared/model/time.ts';
import type { Activity, ActivityKind } from './activities.ts';
import { type Group, warmCapacity } from './group.ts';
import { resize } from './scaling.ts';
import type { AdjustmentType, Simple, Step, Stepping, Trigger } from './scaling-policies.ts';
import type { World } from './world.ts';

type Adjusting = (Stepping | Simple) & { readonly name: string };

export function adjust(world: World, group: Group, policy: Adjusting, trigger: Trigger): boolean {
  return policy.type === 'StepScaling' ? step(world, group, policy, trigger) : simple(world, group, policy, trigger);
}

/** Nothing while the group is busy with a change, and for the cooldown after it. */
function simple(world: World, group: Group, policy: Simple & { readonly name: string }, trigger: Trigger): boolean {
  if (policy.adjustment === undefined) return false;
  if (trigger.honorCooldown !== false && blockedBy(world, group, policy.cooldown ?? group.cooldown) !== null) return false;
  return move(world, group, policy, trigger, adjusted(group.desired, policy.adjustment, policy));
}

/** The activity that is under way, or ended less than the cooldown ago: where a cooldown is honoured, nothing is done meanwhile. */
export function blockedBy({ clock }: World, { activities }: Group, cooldown: number): Activity | null {
  const since = clock.now() - cooldown;
  const blocks = ({ kind, endedAt, status }: Activity): boolean =>
    SCALES.has(kind) && (endedAt === null || (status === 'Successful' && endedAt > since));
  return activities.findLast(blocks) ?? null;
}

/** What changes how many are in service, and so has a cooldown. */
const SCALES: ReadonlySet<ActivityKind> = new Set<ActivityKind>(['launch', 'launch from pool', 'terminate', 'return']);

/**
 * No cooldown: what is warming up counts as already added, so an alarm that goes on adds only what a greater step asks for beyond it, and
 * nothing is taken away meanwhile.
 */
function step(world: World, group: Group, policy: Stepping & { readonly name: string }, trigger: Trigger): boolean {
  const by = stepFor(policy.steps ?? [], trigger);
  if (by === null) return false;
  const warming = Math.max(0, group.desired - warmCapacity(world, group, policy.warmup ?? 0));
  if (by.adjustment < 0 && policy.adjustmentType !== 'ExactCapacity') {
    return warming === 0 && move(world, group, policy, trigger, adjusted(group.desired, by.adjustment, policy));
  }
  const wanted = adjusted(group.desired - warming, by.adjustment, policy);
  return (policy.adjustmentType === 'ExactCapacity' || wanted > group.desired) && move(world, group, policy, trigger, wanted);
}

/** The step in which the metric's distance from the threshold falls; without a datapoint, the one that begins at it. */
export function stepFor(steps: readonly Step[], { alarm, newest }: Trigger): Step | null {
  const past = newest === null || alarm.threshold === null ? 0 : newest.value - alarm.threshold;
  const high = alarm.comparison.startsWith('Greater');
  const within = ({ lower, upper }: Step): boolean =>
    high
      ? past >= (lower ?? Number.NEGATIVE_INFINITY) && past < (upper ?? Number.POSITIVE_INFINITY)
      : past > (lower ?? Number.NEGATIVE_INFINITY) && past <= (upper ?? Number.POSITIVE_INFINITY);
  return steps.find(within) ?? null;
}

/** A share of less than one instance is one; more is rounded towards what is there. */
export function adjusted(
  capacity: number,
  adjustment: number,
  { adjustmentType = 'ChangeInCapacity', minMagnitude = 0 }: { readonly adjustmentType?: AdjustmentType; readonly minMagnitude?: number },
): number {
  if (adjustmentType === 'ExactCapacity') return adjustment;
  if (adjustmentType === 'ChangeInCapacity') return capacity + adjustment;
  const share = (capacity * adjustment) / 100;
  const whole = Math.abs(share) < 1 && share !== 0 ? Math.sign(share) : Math.trunc(share);
  return capacity + Math.sign(adjustment) * Math.max(Math.abs(whole), minMagnitude);
}

function move(world: World, group: Group, { name }: { readonly name: string }, { alarm }: Trigger, wanted: number): boolean {
  const desired = Math.min(group.maxSize, Math.max(group.minSize, group.predicted, wanted));
  if (desired === group.desired) return false;
  const since = instant(world.clock.second() * 1000);
  return resize(world, group, { desired }, `a monitor alarm ${alarm.name} in state ALARM triggered policy ${name} at ${since}`);
}
