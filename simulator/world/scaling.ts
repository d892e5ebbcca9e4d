/** Auto Scaling at work: a group keeps as many members as it desires, with the delays of real launches and terminations. */
import { instant } from '../../shared/model/time.ts';
import { beginActivity, fail } from './activities.ts';
import { capacityOf, count, counted, type Group, type Member, weightOf } from './group.ts';
import { launchMember, terminateMember } from './members.ts';
import { keepWarm, returnToPool } from './warm-pool.ts';
import type { World } from './world.ts';

export interface Sizes {
  readonly desired?: number | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/**
 * Sets what the group wants and begins to bring it about. Bounds move a desired capacity that nobody names.
 * @param why the beginning of the activities' cause: `a user request explicitly set group desired capacity`.
 * @returns whether anything is different now.
 */
export function resize(world: World, group: Group, sizes: Sizes, why: string): boolean {
  const before = { min: group.minSize, max: group.maxSize, desired: group.desired };
  group.minSize = sizes.min ?? before.min;
  group.maxSize = sizes.max ?? before.max;
  const desired = sizes.desired ?? Math.min(group.maxSize, Math.max(group.minSize, before.desired));
  const changed = desired !== before.desired || group.minSize !== before.min || group.maxSize !== before.max;
  if (!changed) return false;
  if (desired !== before.desired) {
    group.lastCause = `At ${now(world)} ${why} changing the desired capacity from ${before.desired} to ${desired}.`;
    group.desired = desired;
  }
  count(world, group);
  settle(world, group);
  return true;
}

/** Launches or terminates members until there are as many as desired; suspended processes stay undone. */
export function settle(world: World, group: Group): void {
  if (group.deleted) return;
  const there = counted(group);
  const gap = group.desired - capacityOf(group, there);
  if (gap > 0 && !group.suspended.has('Launch')) {
    for (let left = gap; left > 0; ) {
      const member = launchMember(world, group);
      if (member === null) return;
      left -= weightOf(group, member.machine);
    }
  }
  if (gap < 0 && !group.suspended.has('Terminate')) shrink(world, group, there, -gap);
  keepWarm(world, group);
}

/** Takes away so many units, and never more: of what has weights the rest may stay. */
function shrink(world: World, group: Group, there: readonly Member[], units: number): void {
  const candidates = there.filter(m => !m.scaleInProtected).sort((a, b) => a.machine.launchTime - b.machine.launchTime);
  let left = units;
  for (const member of candidates) {
    const weight = weightOf(group, member.machine);
    if (weight > left) continue;
    left -= weight;
    const cause = `${group.lastCause}  At ${now(world)} an instance was taken out of service in response to a difference between desired and actual capacity.  At ${now(world)} instance ${member.machine.id} was selected for termination.`;
    const pool = group.warmPool;
    if (pool?.reuse && member.state === 'InService') returnToPool(world, group, pool, member, cause);
    else terminateMember(world, group, member, cause);
  }
  if (capacityOf(group, candidates) >= units) return;
  const activity = beginActivity(world, group, 'none', null, group.lastCause);
  activity.description = 'Could not scale to desired capacity because all remaining instances are protected from scale in.';
  fail(world, group, activity, activity.description);
}

const now = (world: World): string => instant(world.clock.second() * 1000);
