/** Auto Scaling at work: a group keeps as many members as it desires, with the delays of real launches and terminations. */
import { instant } from '../../shared/model/time.ts';
import { type Activity, beginActivity, fail, succeed } from './activities.ts';
import { start, terminate } from './ec2.ts';
import { count, type Group, join, type Member, memberTags } from './group.ts';
import { trailOfLaunch } from './group-events.ts';
import { launch } from './launch.ts';
import type { Machine, MachineState } from './machine.ts';
import { isShort, shortageMessage } from './shortage.ts';
import { checkOf } from './status.ts';
import { regionOf, type World } from './world.ts';

/** From a member's failing until Auto Scaling's health check acts on it, seconds. */
const HEALTH_CHECK = 60;

/** Auto Scaling tries a failed launch again, ever more slowly, seconds. */
const RETRY = { first: 60, longest: 900 };

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
    group.lastActivityAt = world.clock.second();
  }
  count(world, group);
  settle(world, group);
  return true;
}

/** Launches or terminates members until there are as many as desired; suspended processes stay undone. */
export function settle(world: World, group: Group): void {
  if (group.deleted) return;
  const alive = [...group.members.values()].filter(m => m.state !== 'Terminating');
  const gap = group.desired - alive.length;
  if (gap > 0 && !group.suspended.has('Launch')) {
    for (let i = 0; i < gap; i++) if (!launchMember(world, group)) return;
  }
  if (gap < 0 && !group.suspended.has('Terminate')) shrink(world, group, alive, -gap);
}

function shrink(world: World, group: Group, alive: readonly Member[], n: number): void {
  const candidates = alive.filter(m => !m.scaleInProtected).sort((a, b) => a.machine.launchTime - b.machine.launchTime);
  for (const member of candidates.slice(0, n)) {
    const cause = `${group.lastCause}  At ${now(world)} an instance was taken out of service in response to a difference between desired and actual capacity.  At ${now(world)} instance ${member.machine.id} was selected for termination.`;
    terminateMember(world, group, member, cause);
  }
  if (candidates.length >= n) return;
  const activity = beginActivity(world, group, 'none', null, group.lastCause);
  activity.description = 'Could not scale to desired capacity because all remaining instances are protected from scale in.';
  fail(world, group, activity, activity.description);
}

/** A member's machine has changed its state, or its status checks have. */
export function memberChanged(world: World, group: Group, machine: Machine): void {
  const member = group.members.get(machine.id);
  if (member === undefined) return;
  const leaving = member.state === 'Terminating';
  if (machine.state === 'running' && checkOf(world, machine).status === 'impaired') expectReplacement(world, group, member);
  else if (machine.state === 'running' && !leaving && !member.serving) arrived(world, group, member);
  else if (machine.state === 'terminated') departed(world, group, member);
  else if (LOST.has(machine.state) && !leaving) {
    member.serving = false;
    count(world, group);
    expectReplacement(world, group, member);
  }
}

const LOST: ReadonlySet<MachineState> = new Set<MachineState>(['stopping', 'stopped', 'shutting-down']);

/** Looks anew at members that failed while the processes that see to them were suspended. */
export function recheck(world: World, group: Group): void {
  for (const member of [...group.members.values()]) {
    const unwell = LOST.has(member.machine.state) || checkOf(world, member.machine).status === 'impaired' || member.health === 'Unhealthy';
    if (unwell && member.state !== 'Terminating') expectReplacement(world, group, member);
  }
}

const expectReplacement = (world: World, group: Group, member: Member): void =>
  world.clock.schedule(world.clock.second() + HEALTH_CHECK, () => checkHealth(world, group, member));

/** A member that no longer runs, or cannot be reached, is unhealthy: Auto Scaling terminates it and launches another. */
function checkHealth(world: World, group: Group, member: Member): void {
  const { machine } = member;
  const { status } = checkOf(world, machine);
  const well = machine.state === 'running' && status !== 'impaired' && member.health === 'Healthy';
  if (group.suspended.has('HealthCheck') || member.state === 'Terminating' || well || !group.members.has(machine.id)) return;
  const found = status === 'impaired' ? 'it has been impaired' : 'it has been terminated or stopped';
  markUnhealthy(world, group, member, `an EC2 health check indicating ${found}`);
}

/** @param finding what says so: `a user health-check`. */
export function markUnhealthy(world: World, group: Group, member: Member, finding: string): void {
  member.health = 'Unhealthy';
  if (group.suspended.has('ReplaceUnhealthy') || group.suspended.has('Terminate')) return;
  terminateMember(world, group, member, `At ${now(world)} an instance was taken out of service in response to ${finding}.`);
  settle(world, group);
}

/** @returns false where no type and zone of the group has capacity: it is tried again later. */
function launchMember(world: World, group: Group): boolean {
  const cause = `${group.lastCause}  At ${now(world)} an instance was started in response to a difference between desired and actual capacity.`;
  const warmed = fromWarmPool(group);
  const place = placeFor(world, group);
  if (place === null) {
    const activity = beginActivity(world, group, 'launch', null, cause);
    fail(world, group, activity, `${shortageMessage(group.template.type, `${group.region}a`)} Launching EC2 instance failed.`);
    tryLater(world, group);
    return false;
  }
  group.failures = 0;
  const machine = warmed ?? launch(world, { ...place, ...launchOptions(world, group) });
  const member = join(world, group, machine);
  member.scaleInProtected = group.newMembersProtected;
  member.activity = beginActivity(world, group, 'launch', machine, cause);
  if (warmed === null) trailOfLaunch(world, machine);
  else start(world, warmed);
  return true;
}

export const launchOptions = (world: World, group: Group) => ({
  region: group.region,
  monitoring: group.template.monitoring,
  tags: memberTags(group),
  group: group.name,
  watch: (changed: Machine) => memberChanged(world, group, changed),
});

function fromWarmPool(group: Group): Machine | null {
  const id = group.warmPool?.members.find(machine => machine.state === 'stopped')?.id;
  if (group.warmPool === null || id === undefined) return null;
  const machine = group.warmPool.members.find(m => m.id === id) ?? null;
  group.warmPool.members = group.warmPool.members.filter(m => m.id !== id);
  return machine;
}

/** The first of the group's types that has capacity, in the emptiest of the zones that have it; any zone where none is short. */
function placeFor(
  world: World,
  group: Group,
): { readonly type: string; readonly zone?: string; readonly market?: Machine['market'] } | null {
  const market = nextMarket(group);
  for (const type of [group.template.type, ...group.moreTypes]) {
    const open = ['a', 'b', 'c'].filter(letter => !isShort(world, type, `${group.region}${letter}`));
    if (open.length === 3) return { type, market };
    const load = (letter: string) => [...group.members.values()].filter(m => m.machine.availabilityZone.endsWith(letter)).length;
    const [zone] = open.toSorted((a, b) => load(a) - load(b));
    if (zone !== undefined) return { type, zone, market };
  }
  return null;
}

/** Above its base a mixed group keeps its share of Spot. */
function nextMarket({ members, spot }: Group): Machine['market'] {
  if (spot === null) return 'on-demand';
  const alive = [...members.values()].filter(m => m.state !== 'Terminating');
  const onDemand = alive.filter(m => m.machine.market === 'on-demand').length;
  if (onDemand < spot.onDemandBase) return 'on-demand';
  const wanted = Math.ceil(((alive.length + 1 - spot.onDemandBase) * spot.onDemandPercentAboveBase) / 100);
  return onDemand - spot.onDemandBase < wanted ? 'on-demand' : 'spot-one-time';
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

function arrived(world: World, group: Group, member: Member): void {
  member.state = 'InService';
  member.inServiceSince = world.clock.second();
  count(world, group);
  if (member.activity !== null) succeed(world, group, member.activity, member.machine);
  member.activity = null;
  if (group.suspended.has('AddToLoadBalancer')) return; // nobody sends it anything, now or later
  world.clock.schedule(world.clock.second() + group.bootSeconds, () => {
    if (member.state !== 'InService' || member.machine.state !== 'running') return;
    member.serving = true;
    count(world, group);
  });
}

/** The group is gone, and its members go. */
export function removeGroup(world: World, group: Group): void {
  group.deleted = true;
  regionOf(world, group.region).groups.delete(group.name);
  for (const member of group.members.values())
    if (member.state !== 'Terminating') terminateMember(world, group, member, 'The group was deleted by a user request.');
}

export function terminateMember(world: World, group: Group, member: Member, cause: string): Activity {
  member.state = 'Terminating';
  member.serving = false;
  count(world, group);
  const activity = beginActivity(world, group, 'terminate', member.machine, cause);
  member.activity = activity;
  if (member.machine.state !== 'shutting-down') terminate(world, member.machine);
  return activity;
}

function departed(world: World, group: Group, member: Member): void {
  group.members.delete(member.machine.id);
  count(world, group);
  const activity = member.state === 'Terminating' ? member.activity : null;
  const cause = `At ${now(world)} an instance was taken out of service in response to an EC2 health check indicating it has been terminated or stopped.`;
  succeed(world, group, activity ?? beginActivity(world, group, 'terminate', member.machine, cause), member.machine);
  settle(world, group);
}

const now = (world: World): string => instant(world.clock.second() * 1000);
