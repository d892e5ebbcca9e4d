/** The life of a member: launched or taken from the warm pool, in service, terminated or returned; hooks may hold it up on its way. */
import { instant } from '../../shared/model/time.ts';
import { type Activity, beginActivity, fail, succeed } from './activities.ts';
import { start, terminate } from './ec2.ts';
import { count, type Group, isLeaving, isPending, isStandby, join, type Member } from './group.ts';
import { trailOfLaunch } from './group-events.ts';
import { expectReplacement } from './health.ts';
import { launch } from './launch.ts';
import { diedOnTheWay, refusedLaunch, withoutCapacity } from './launch-troubles.ts';
import { forgetActions, heldUp } from './lifecycle-hooks.ts';
import type { Machine, MachineState } from './machine.ts';
import { launchOptions, nextMarket, placeFor } from './placement.ts';
import { settle } from './scaling.ts';
import { checkOf } from './status.ts';
import { untrack } from './target-tracking.ts';
import { emptyPool, poolChanged, takeFromPool } from './warm-pool.ts';
import { regionOf, type World } from './world.ts';

/** Auto Scaling tries a failed launch again, ever more slowly, seconds. */
const RETRY = { first: 60, longest: 900 };

/** From the end of a hook until what it held up goes on, seconds. */
const PROCEED = 2;

const now = (world: World): string => instant(world.clock.second() * 1000);

/** Takes a warm instance, or launches one. @returns null where it could do neither: it is tried again later. */
export function launchMember(world: World, group: Group): Member | null {
  const cause = `${group.lastCause}  At ${now(world)} an instance was started in response to a difference between desired and actual capacity.`;
  const warmed = takeFromPool(world, group);
  if (warmed !== null) return fromPool(world, group, warmed, cause);
  const machine = launchFor(world, group, 'launch', cause);
  if (machine === null) return null;
  const member = join(world, group, machine, { ready: false });
  member.activity = beginActivity(world, group, 'launch', machine, cause);
  trailOfLaunch(world, machine);
  return member;
}

/** @returns null where EC2 refuses it, which is told as a failed activity. */
export function launchFor(world: World, group: Group, kind: 'launch' | 'warm', cause: string): Machine | null {
  const market = nextMarket(group);
  const place = placeFor(world, group);
  const refusal = refusedLaunch(world, group, market) ?? (place === null ? withoutCapacity(group, market) : null);
  if (place === null || refusal !== null) {
    fail(world, group, beginActivity(world, group, kind, null, cause), refusal ?? '');
    tryLater(world, group);
    return null;
  }
  return launch(world, { ...place, ...launchOptions(world, group) });
}

function fromPool(
  world: World,
  group: Group,
  { machine, ready }: { readonly machine: Machine; readonly ready: boolean },
  cause: string,
): Member {
  const bootSeconds = ready ? 0 : group.warmBootSeconds;
  const member = join(world, group, machine, { ready: false, bootSeconds });
  member.activity = beginActivity(world, group, 'launch from pool', machine, cause);
  if (machine.state === 'running') arrived(world, group, member, 'WarmPool');
  else start(world, machine);
  return member;
}

function tryLater(world: World, group: Group): void {
  if (group.retrying) return;
  group.retrying = true;
  const wait = Math.min(RETRY.longest, RETRY.first * 2 ** group.failures++);
  world.clock.schedule(world.clock.second() + wait, () => {
    group.retrying = false;
    settle(world, group);
  });
}

const LOST: ReadonlySet<MachineState> = new Set<MachineState>(['stopping', 'stopped', 'shutting-down']);

/** A machine of the group, or of its warm pool, has changed its state, or its status checks have. */
export function memberChanged(world: World, group: Group, machine: Machine): void {
  const member = group.members.get(machine.id);
  if (member === undefined) {
    poolChanged(world, group, machine);
    return;
  }
  const { state } = member;
  if (machine.state === 'terminated') departed(world, group, member);
  else if (machine.state === 'running' && checkOf(world, machine).status === 'impaired') expectReplacement(world, group, member);
  else if (machine.state === 'running' && state === 'Pending' && member.activity?.kind !== 'exit standby') {
    arrived(world, group, member, member.activity?.kind === 'launch from pool' ? 'WarmPool' : 'EC2');
  } else if (machine.state === 'running' && state === 'InService' && !member.serving) carrySoon(world, group, member);
  else if (LOST.has(machine.state) && !isLeaving(member) && !isStandby(member)) {
    member.serving = false;
    count(world, group);
    expectReplacement(world, group, member);
  }
}

/** It runs: what its hooks wait for comes first. */
function arrived(world: World, group: Group, member: Member, origin: 'EC2' | 'WarmPool'): void {
  const waits = heldUp(world, group, member.machine, { transition: 'launching', origin, destination: 'AutoScalingGroup' }, result => {
    if (member.state !== 'Pending:Wait') return;
    if (result.kind === 'CONTINUE') {
      member.state = 'Pending:Proceed';
      world.clock.schedule(world.clock.second() + PROCEED, () => member.state === 'Pending:Proceed' && enterService(world, group, member));
    } else abandoned(world, group, member, result.why);
  });
  if (!waits) {
    enterService(world, group, member);
    return;
  }
  member.state = 'Pending:Wait';
  if (member.activity !== null) member.activity.status = 'MidLifecycleAction';
  count(world, group);
}

export function enterService(world: World, group: Group, member: Member): void {
  member.state = 'InService';
  member.inServiceSince = world.clock.second();
  group.failures = 0;
  count(world, group);
  if (member.activity !== null) succeed(world, group, member.activity, member.machine);
  member.activity = null;
  carrySoon(world, group, member);
}

/** It carries its share when it has booted. */
export function carrySoon(world: World, group: Group, member: Member): void {
  if (group.suspended.has('AddToLoadBalancer')) return; // nobody sends it anything, now or later
  const carry = () => {
    if (member.state !== 'InService' || member.machine.state !== 'running') return;
    member.serving = true;
    count(world, group);
  };
  if (member.bootSeconds === 0) carry();
  else world.clock.schedule(world.clock.second() + member.bootSeconds, carry);
}

/** A hook gave it up, or nobody answered in time: it goes, and another is launched later. */
function abandoned(world: World, group: Group, member: Member, why: string): void {
  const message = `Instance failed to complete user's Lifecycle Action: ${why}`;
  if (member.activity !== null) fail(world, group, member.activity, message, { status: 'Cancelled', instance: member.machine.id });
  member.activity = null;
  leave(world, group, member, `At ${now(world)} an instance was taken out of service in response to a failed lifecycle action.`);
  tryLater(world, group);
}

/** What waits for a termination hook goes on running, and costs. */
export function terminateMember(world: World, group: Group, member: Member, cause: string): Activity {
  return leave(world, group, member, cause, { hooks: true });
}

function leave(world: World, group: Group, member: Member, cause: string, { hooks = false } = {}): Activity {
  const { machine } = member;
  forgetActions(group, machine.id);
  member.serving = false;
  const activity = beginActivity(world, group, 'terminate', machine, cause);
  member.activity = activity;
  const end = () => {
    if (machine.state !== 'shutting-down' && machine.state !== 'terminated') terminate(world, machine);
  };
  const way = { transition: 'terminating', origin: 'AutoScalingGroup', destination: 'EC2' } as const;
  const waits =
    hooks &&
    heldUp(world, group, machine, way, () => {
      if (member.state !== 'Terminating:Wait') return;
      member.state = 'Terminating:Proceed';
      world.clock.schedule(world.clock.second() + PROCEED, end);
    });
  member.state = waits ? 'Terminating:Wait' : 'Terminating';
  if (waits) activity.status = 'MidLifecycleAction';
  count(world, group);
  if (!waits) end();
  return activity;
}

/** Its instance is gone, as it was meant to, or on its way into the group, or in the middle of its work. */
function departed(world: World, group: Group, member: Member): void {
  const { machine, activity } = member;
  group.members.delete(machine.id);
  forgetActions(group, machine.id);
  count(world, group);
  vanishIfEmpty(world, group);
  if (isPending(member)) {
    const launching = activity ?? beginActivity(world, group, 'launch', machine, group.lastCause);
    fail(world, group, launching, diedOnTheWay(machine), { status: 'Cancelled', instance: machine.id });
    tryLater(world, group);
    return;
  }
  const cause = `At ${now(world)} an instance was taken out of service in response to an EC2 health check indicating it has been terminated or stopped.`;
  const leaving = isLeaving(member) ? activity : null;
  succeed(world, group, leaving ?? beginActivity(world, group, 'terminate', machine, cause), machine);
  settle(world, group);
}

/** Nobody may change the group any more, and its members go; when the last has gone, so has the group. */
export function removeGroup(world: World, group: Group): void {
  group.deleted = true;
  group.minSize = 0;
  group.maxSize = 0;
  group.desired = 0;
  for (const { name } of group.awsPolicies) untrack(world, group, name);
  const cause = 'The group was deleted by a user request.';
  for (const member of [...group.members.values()]) if (!isLeaving(member)) leave(world, group, member, cause);
  emptyPool(world, group);
  vanishIfEmpty(world, group);
}

/** A deleted group that holds nobody any more is not there any more. */
export function vanishIfEmpty(world: World, group: Group): void {
  const { groups } = regionOf(world, group.region);
  const empty = group.members.size === 0 && (group.warmPool?.members.size ?? 0) === 0;
  if (group.deleted && empty && groups.get(group.name) === group) groups.delete(group.name);
}
