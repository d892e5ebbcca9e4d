/**
 * Warm pools: instances that were launched and prepared ahead, and wait stopped, hibernated or running. A scale-out takes them first, and
 * the pool is filled again (https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-warm-pools.html).
 */
import { instant } from '../../shared/model/time.ts';
import { type Activity, beginActivity, fail, succeed } from './activities.ts';
import { stop, terminate } from './ec2.ts';
import { count, type Group, type Member } from './group.ts';
import { trailOfLaunch } from './group-events.ts';
import { diedOnTheWay } from './launch-troubles.ts';
import { forgetActions, heldUp } from './lifecycle-hooks.ts';
import type { Machine } from './machine.ts';
import { launchFor, vanishIfEmpty } from './members.ts';
import { isShort } from './shortage.ts';
import type { World } from './world.ts';

export interface WarmPool extends WarmPoolSettings {
  readonly members: Map<string, PoolMember>;
}

export interface WarmPoolSettings {
  readonly minSize: number;
  /** MaxGroupPreparedCapacity: of group and pool together; null: the group's maximum. */
  readonly maxPrepared: number | null;
  readonly poolState: 'Stopped' | 'Running' | 'Hibernated';
  /** What is scaled in comes back into the pool. */
  readonly reuse: boolean;
}

export interface PoolMember {
  readonly machine: Machine;
  state:
    | 'Warmed:Pending'
    | 'Warmed:Pending:Wait'
    | 'Warmed:Pending:Proceed'
    | 'Warmed:Stopped'
    | 'Warmed:Hibernated'
    | 'Warmed:Running'
    | 'Warmed:Terminating';
  activity: Activity | null;
}

/** How many the pool should hold. */
export const poolSize = ({ maxSize, desired }: Group, { minSize, maxPrepared }: WarmPoolSettings): number =>
  Math.max(minSize, (maxPrepared ?? maxSize) - desired);

const WAITING: ReadonlySet<PoolMember['state']> = new Set<PoolMember['state']>(['Warmed:Stopped', 'Warmed:Hibernated', 'Warmed:Running']);

/** An instance that waits ready, out of the pool; one whose type is short where it stands cannot be started. */
export function takeFromPool(world: World, { warmPool }: Group): { readonly machine: Machine; readonly ready: boolean } | null {
  if (warmPool === null) return null;
  const found = [...warmPool.members.values()].find(
    ({ state, machine }) => WAITING.has(state) && (state === 'Warmed:Running' || !isShort(world, machine.type, machine.availabilityZone)),
  );
  if (found === undefined) return null;
  warmPool.members.delete(found.machine.id);
  return { machine: found.machine, ready: found.state !== 'Warmed:Stopped' };
}

/** Launches what the pool lacks, and ends what it has too many of. */
export function keepWarm(world: World, group: Group): void {
  const { warmPool: pool } = group;
  if (pool === null || group.deleted) return;
  const staying = [...pool.members.values()].filter(({ state }) => state !== 'Warmed:Terminating');
  const gap = poolSize(group, pool) - staying.length;
  for (let i = 0; i < gap && !group.suspended.has('Launch'); i++) if (!launchWarm(world, group, pool)) return;
  if (gap < 0 && !group.suspended.has('Terminate')) for (const member of staying.slice(gap)) end(world, group, member);
}

function launchWarm(world: World, group: Group, pool: WarmPool): boolean {
  const cause = `At ${now(world)} an instance was launched into the warm pool in response to a difference between desired and actual capacity.`;
  const machine = launchFor(world, group, 'warm', cause);
  if (machine === null) return false;
  pool.members.set(machine.id, { machine, state: 'Warmed:Pending', activity: beginActivity(world, group, 'warm', machine, cause) });
  trailOfLaunch(world, machine);
  return true;
}

/** A machine of the pool has changed its state. */
export function poolChanged(world: World, group: Group, machine: Machine): void {
  const member = group.warmPool?.members.get(machine.id);
  if (member === undefined || group.warmPool === null) return;
  if (machine.state === 'running' && member.state === 'Warmed:Pending') prepared(world, group, group.warmPool, member);
  else if (machine.state === 'stopped' && member.state === 'Warmed:Pending')
    settled(world, group, member, group.warmPool.poolState === 'Hibernated' ? 'Warmed:Hibernated' : 'Warmed:Stopped');
  else if (machine.state === 'terminated') lost(world, group, member);
}

function prepared(world: World, group: Group, pool: WarmPool, member: PoolMember): void {
  const { machine } = member;
  const rest = () => {
    member.state = 'Warmed:Pending';
    if (pool.poolState === 'Running') settled(world, group, member, 'Warmed:Running');
    else stop(world, machine, { hibernate: pool.poolState === 'Hibernated', because: BY_AUTO_SCALING });
  };
  const way = { transition: 'launching', origin: 'EC2', destination: 'WarmPool' } as const;
  const waits = heldUp(world, group, machine, way, ({ kind }) => {
    if (kind === 'CONTINUE') rest();
    else end(world, group, member);
  });
  if (waits) member.state = 'Warmed:Pending:Wait';
  else rest();
}

const BY_AUTO_SCALING = {
  Code: 'Client.UserInitiatedShutdown',
  Message: 'Client.UserInitiatedShutdown: User initiated shutdown',
};

function settled(world: World, group: Group, member: PoolMember, state: PoolMember['state']): void {
  member.state = state;
  if (member.activity !== null) succeed(world, group, member.activity, member.machine);
  member.activity = null;
}

function lost(world: World, group: Group, member: PoolMember): void {
  const { machine, activity, state } = member;
  group.warmPool?.members.delete(machine.id);
  forgetActions(group, machine.id);
  vanishIfEmpty(world, group);
  if (activity !== null && state !== 'Warmed:Terminating')
    fail(world, group, activity, diedOnTheWay(machine), { status: 'Cancelled', instance: machine.id });
  else if (activity !== null) succeed(world, group, activity, machine);
  world.clock.schedule(world.clock.second() + REFILL, () => keepWarm(world, group));
}

/** From losing an instance of the pool to launching another, seconds. */
const REFILL = 60;

function end(world: World, group: Group, member: PoolMember): void {
  const { machine } = member;
  forgetActions(group, machine.id);
  member.state = 'Warmed:Terminating';
  member.activity = beginActivity(world, group, 'terminate warm', machine, `At ${now(world)} an instance was taken out of the warm pool.`);
  if (machine.state !== 'shutting-down' && machine.state !== 'terminated') terminate(world, machine);
}

/** Every instance of the pool goes. */
export function emptyPool(world: World, group: Group): void {
  for (const member of group.warmPool?.members.values() ?? []) if (member.state !== 'Warmed:Terminating') end(world, group, member);
}

/** A scale-in brings it back into the pool instead of ending it. */
export function returnToPool(world: World, group: Group, pool: WarmPool, { machine }: Member, cause: string): void {
  group.members.delete(machine.id);
  count(world, group);
  const member: PoolMember = { machine, state: 'Warmed:Pending', activity: beginActivity(world, group, 'return', machine, cause) };
  pool.members.set(machine.id, member);
  if (pool.poolState === 'Running') settled(world, group, member, 'Warmed:Running');
  else stop(world, machine, { hibernate: pool.poolState === 'Hibernated', because: BY_AUTO_SCALING });
}

const now = (world: World): string => instant(world.clock.second() * 1000);
