/** Auto Scaling: a group keeps as many members as it desires, with the delays of real launches and terminations. */
import { publish } from './bus.ts';
import { terminate } from './ec2.ts';
import { groupEvent, trailOfLaunch } from './group-events.ts';
import { launch } from './launch.ts';
import type { Cpu, Machine, MachineState } from './machine.ts';
import type { Steps } from './steps.ts';
import { regionOf, type World } from './world.ts';

export interface Group {
  readonly name: string;
  readonly region: string;
  readonly arn: string;
  readonly createdAt: number;
  minSize: number;
  maxSize: number;
  desired: number;
  readonly template: { readonly id: string; readonly name: string; readonly type: string; readonly monitoring: Machine['monitoring'] };
  /** DefaultCooldown and DefaultInstanceWarmup, seconds; the warm-up may be unset. */
  readonly cooldown: number;
  readonly instanceWarmup: number | null;
  /** From `running` until an instance really carries its share of the demand, seconds. */
  readonly bootSeconds: number;
  readonly tags: Map<string, { readonly value: string; readonly propagate: boolean }>;
  readonly suspended: Set<string>;
  readonly awsPolicies: readonly AwsPolicy[];
  readonly members: Map<string, Member>;
  /** When capacity last changed: what HonorCooldown looks at. */
  lastActivityAt: number | null;
  /** Demand in units of busy instances. */
  readonly demand: Steps<Cpu>;
  /** Members that carry demand: in service and booted. */
  readonly serving: Steps<number>;
  readonly counts: Readonly<Record<GroupMetric, Steps<number>>>;
}

export const GROUP_METRICS = [
  'GroupMinSize',
  'GroupMaxSize',
  'GroupDesiredCapacity',
  'GroupInServiceInstances',
  'GroupPendingInstances',
  'GroupTerminatingInstances',
  'GroupTotalInstances',
] as const;
export type GroupMetric = (typeof GROUP_METRICS)[number];

/** A scaling policy of AWS that stands beside the group. It is seen, and does not act in the virtual cloud. */
export interface AwsPolicy {
  readonly name: string;
  readonly type: 'TargetTrackingScaling' | 'StepScaling' | 'SimpleScaling' | 'PredictiveScaling';
  readonly enabled?: boolean;
}

export interface Member {
  readonly machine: Machine;
  state: 'Pending' | 'InService' | 'Terminating';
  health: 'Healthy' | 'Unhealthy';
  scaleInProtected: boolean;
  /** Whether it carries its share by now. */
  serving: boolean;
}

/** From a member's failing until Auto Scaling's health check acts on it, seconds. */
const HEALTH_CHECK = 60;

/** Sets what the group wants and begins to bring it about. */
export function setDesired(world: World, group: Group, desired: number): void {
  group.desired = desired;
  group.lastActivityAt = world.clock.second();
  count(world, group);
  settle(world, group);
}

/** Launches or terminates members until there are as many as desired; suspended processes stay undone. */
export function settle(world: World, group: Group): void {
  const alive = [...group.members.values()].filter(m => m.state !== 'Terminating');
  const gap = group.desired - alive.length;
  if (gap > 0 && !group.suspended.has('Launch')) for (let i = 0; i < gap; i++) launchMember(world, group);
  if (gap < 0 && !group.suspended.has('Terminate')) {
    const candidates = alive.filter(m => !m.scaleInProtected).sort((a, b) => a.machine.launchTime - b.machine.launchTime);
    for (const member of candidates.slice(0, -gap)) terminateMember(world, group, member);
  }
}

/** What Auto Scaling puts on every instance that it launches. */
export function memberTags(group: Group): Record<string, string> {
  const propagated = [...group.tags].filter(([, { propagate }]) => propagate).map(([key, { value }]) => [key, value] as const);
  return { ...Object.fromEntries(propagated), 'aws:autoscaling:groupName': group.name };
}

export function join(world: World, group: Group, machine: Machine): Member {
  const ready = machine.state === 'running';
  const member: Member = { machine, state: ready ? 'InService' : 'Pending', health: 'Healthy', scaleInProtected: false, serving: ready };
  group.members.set(machine.id, member);
  count(world, group);
  return member;
}

/** Records the sizes as they are now. */
export function count(world: World, group: Group): void {
  const members = [...group.members.values()];
  const inState = (state: Member['state']) => members.filter(m => m.state === state).length;
  const now: Record<GroupMetric, number> = {
    GroupMinSize: group.minSize,
    GroupMaxSize: group.maxSize,
    GroupDesiredCapacity: group.desired,
    GroupInServiceInstances: inState('InService'),
    GroupPendingInstances: inState('Pending'),
    GroupTerminatingInstances: inState('Terminating'),
    GroupTotalInstances: members.length,
  };
  const at = world.clock.second();
  for (const name of GROUP_METRICS) group.counts[name].set(at, now[name]);
  group.serving.set(at, members.filter(m => m.serving).length);
}

/** A member's machine has changed its state. */
export function memberChanged(world: World, group: Group, machine: Machine): void {
  const member = group.members.get(machine.id);
  if (member === undefined) return;
  const leaving = member.state === 'Terminating';
  if (machine.state === 'running' && !leaving && !member.serving) arrived(world, group, member);
  else if (machine.state === 'terminated') departed(world, group, member);
  else if (LOST.has(machine.state) && !leaving) {
    member.serving = false;
    count(world, group);
    world.clock.schedule(world.clock.second() + HEALTH_CHECK, () => replace(world, group, member));
  }
}

const LOST: ReadonlySet<MachineState> = new Set<MachineState>(['stopping', 'stopped', 'shutting-down']);

function launchMember(world: World, group: Group): void {
  const machine = launch(world, {
    region: group.region,
    type: group.template.type,
    monitoring: group.template.monitoring,
    tags: memberTags(group),
    group: group.name,
    watch: changed => memberChanged(world, group, changed),
  });
  join(world, group, machine);
  trailOfLaunch(world, machine);
}

function arrived(world: World, group: Group, member: Member): void {
  member.state = 'InService';
  count(world, group);
  publish(world, group.region, groupEvent(world, group, member.machine, 'EC2 Instance Launch Successful'));
  world.clock.schedule(world.clock.second() + group.bootSeconds, () => {
    if (member.state !== 'InService' || member.machine.state !== 'running') return;
    member.serving = true;
    count(world, group);
  });
}

function terminateMember(world: World, group: Group, member: Member): void {
  member.state = 'Terminating';
  member.serving = false;
  count(world, group);
  if (member.machine.state !== 'shutting-down') terminate(world, member.machine);
}

function departed(world: World, group: Group, member: Member): void {
  group.members.delete(member.machine.id);
  count(world, group);
  publish(world, group.region, groupEvent(world, group, member.machine, 'EC2 Instance Terminate Successful'));
  settle(world, group);
}

/** A member that no longer runs is unhealthy: Auto Scaling terminates it and launches another. */
function replace(world: World, group: Group, member: Member): void {
  const watching = !group.suspended.has('HealthCheck') && !group.suspended.has('ReplaceUnhealthy');
  if (!watching || member.state === 'Terminating' || member.machine.state === 'running' || !group.members.has(member.machine.id)) return;
  member.health = 'Unhealthy';
  terminateMember(world, group, member);
  settle(world, group);
}

export function groupOf(world: World, region: string, name: string): Group {
  const group = regionOf(world, region).groups.get(name);
  if (group === undefined) throw new Error(`there is no group ${name} in ${region}`);
  return group;
}
