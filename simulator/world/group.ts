/** An Auto Scaling group as the world knows it: what it wants, what it has, and its sizes over time. */
import type { Activity } from './activities.ts';
import type { Backlog } from './backlog.ts';
import type { Balancer } from './balancer.ts';
import type { Refresh } from './instance-refresh.ts';
import type { LaunchTrouble } from './launch-troubles.ts';
import type { Hook, LifecycleAction } from './lifecycle-hooks.ts';
import type { Cpu, Machine } from './machine.ts';
import type { AwsPolicy } from './scaling-policies.ts';
import type { ScheduledAction } from './scheduled-actions.ts';
import type { Steps } from './steps.ts';
import type { WarmPool } from './warm-pool.ts';
import type { World } from './world.ts';

export interface Group {
  readonly name: string;
  readonly region: string;
  readonly arn: string;
  readonly createdAt: number;
  minSize: number;
  maxSize: number;
  desired: number;
  template: Template;
  /** Types of a mixed instances policy beside the template's own, in order of preference. */
  readonly moreTypes: readonly string[];
  /** WeightedCapacity by type: sizes are counted in units then, and an instance does as many units' work. */
  readonly weights: Readonly<Record<string, number>> | null;
  readonly spot: { readonly onDemandBase: number; readonly onDemandPercentAboveBase: number } | null;
  /** DefaultCooldown and DefaultInstanceWarmup, seconds; the warm-up may be unset. */
  cooldown: number;
  instanceWarmup: number | null;
  /** From `running` until an instance really carries its share of the demand, seconds. */
  readonly bootSeconds: number;
  /** The same for one that comes out of a warm pool of stopped instances. */
  readonly warmBootSeconds: number;
  readonly tags: Map<string, { readonly value: string; readonly propagate: boolean }>;
  readonly suspended: Set<string>;
  awsPolicies: AwsPolicy[];
  /** Instances that the forecast of its predictive policies asks for at this hour; 0 without one. */
  predicted: number;
  readonly members: Map<string, Member>;
  newMembersProtected: boolean;
  readonly hooks: Map<string, Hook>;
  /** What hooks are waiting for. */
  lifecycleActions: LifecycleAction[];
  warmPool: WarmPool | null;
  readonly activities: Activity[];
  readonly scheduled: Map<string, ScheduledAction>;
  readonly refreshes: Refresh[];
  /** Name of the Elastic Beanstalk environment that owns it. */
  readonly beanstalk: string | null;
  /** Why its desired capacity is what it is, in the words of its activities. */
  lastCause: string;
  /** What its launches meet, in windows of time. */
  readonly troubles: LaunchTrouble[];
  /** Launches that failed in a row, and whether another is waited for. */
  failures: number;
  retrying: boolean;
  deleted: boolean;
  /** Demand in units of busy instances. */
  readonly demand: Steps<Cpu>;
  /** What brings it its demand as requests, or as messages; null where nobody says how it comes. */
  readonly balancer: Balancer | null;
  backlog: Backlog | null;
  /** What a fully busy member sends in a minute. */
  readonly bytesOut: number | null;
  /** Members that carry demand: in service and booted. */
  readonly serving: Steps<number>;
  /** What they can do together: their number, or their units where types have weights. */
  readonly power: Steps<number>;
  readonly counts: Readonly<Record<GroupMetric, Steps<number>>>;
}

/** A launch template: what a new instance is. */
export interface Template {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly monitoring: Machine['monitoring'];
  readonly hibernation: boolean;
}

export const GROUP_METRICS = [
  'GroupMinSize',
  'GroupMaxSize',
  'GroupDesiredCapacity',
  'GroupInServiceInstances',
  'GroupPendingInstances',
  'GroupStandbyInstances',
  'GroupTerminatingInstances',
  'GroupTotalInstances',
] as const;
export type GroupMetric = (typeof GROUP_METRICS)[number];

/** Suspended, each of them has its effect; AZRebalance has none, since the virtual cloud does not rebalance. */
export const PROCESSES = [
  'Launch',
  'Terminate',
  'AddToLoadBalancer',
  'AlarmNotification',
  'AZRebalance',
  'HealthCheck',
  'InstanceRefresh',
  'ReplaceUnhealthy',
  'ScheduledActions',
] as const;

export type LifecycleState =
  | 'Pending'
  | 'Pending:Wait'
  | 'Pending:Proceed'
  | 'InService'
  | 'EnteringStandby'
  | 'Standby'
  | 'Terminating'
  | 'Terminating:Wait'
  | 'Terminating:Proceed';

export interface Member {
  readonly machine: Machine;
  state: LifecycleState;
  health: 'Healthy' | 'Unhealthy';
  scaleInProtected: boolean;
  /** Whether it carries its share by now. */
  serving: boolean;
  /** From `running` until it does, seconds. */
  readonly bootSeconds: number;
  /** Epoch seconds; null until then. */
  inServiceSince: number | null;
  /** What Auto Scaling is doing with it. */
  activity: Activity | null;
}

export const isPending = ({ state }: Member): boolean => state.startsWith('Pending');
export const isLeaving = ({ state }: Member): boolean => state.startsWith('Terminating');
export const isStandby = ({ state }: Member): boolean => state === 'Standby' || state === 'EnteringStandby';

/** What the desired capacity counts: members that are on their way or in service. */
export const counted = (group: Group): Member[] => [...group.members.values()].filter(m => !isLeaving(m) && !isStandby(m));

/** Units that an instance counts for. */
export const weightOf = ({ weights }: Pick<Group, 'weights'>, { type }: Pick<Machine, 'type'>): number => weights?.[type] ?? 1;

export const capacityOf = (group: Group, members: readonly Member[]): number =>
  members.reduce((sum, { machine }) => sum + weightOf(group, machine), 0);

/** Capacity in service whose warm-up is over. `assumed` seconds where the group sets none. */
export function warmCapacity(world: World, group: Group, assumed: number): number {
  const since = world.clock.now() - (group.instanceWarmup ?? assumed);
  const warm = (m: Member) => m.state === 'InService' && m.inServiceSince !== null && m.inServiceSince <= since;
  return capacityOf(group, [...group.members.values()].filter(warm));
}

/** What Auto Scaling puts on every instance that it launches. */
export function memberTags(group: Group): Record<string, string> {
  const propagated = [...group.tags].filter(([, { propagate }]) => propagate).map(([key, { value }]) => [key, value] as const);
  return { ...Object.fromEntries(propagated), 'aws:autoscaling:groupName': group.name };
}

/** A member that has been in service for long (`ready`), or one that has just been launched. */
export function join(world: World, group: Group, machine: Machine, { ready, bootSeconds = group.bootSeconds }: Joining): Member {
  const member: Member = {
    machine,
    state: ready ? 'InService' : 'Pending',
    health: 'Healthy',
    scaleInProtected: ready ? false : group.newMembersProtected,
    serving: ready,
    bootSeconds,
    inServiceSince: ready ? machine.launchTime : null,
    activity: null,
  };
  group.members.set(machine.id, member);
  count(world, group);
  return member;
}

interface Joining {
  readonly ready: boolean;
  readonly bootSeconds?: number;
}

/** Records the sizes as they are now. */
export function count(world: World, group: Group): void {
  const members = [...group.members.values()];
  const having = (holds: (member: Member) => boolean) => members.filter(holds).length;
  const standby = having(isStandby);
  const now: Record<GroupMetric, number> = {
    GroupMinSize: group.minSize,
    GroupMaxSize: group.maxSize,
    GroupDesiredCapacity: group.desired,
    GroupInServiceInstances: having(m => m.state === 'InService'),
    GroupPendingInstances: having(isPending),
    GroupStandbyInstances: standby,
    GroupTerminatingInstances: having(isLeaving),
    GroupTotalInstances: members.length - standby,
  };
  const at = world.clock.second();
  for (const name of GROUP_METRICS) group.counts[name].set(at, now[name]);
  const serving = members.filter(m => m.serving);
  group.serving.set(at, serving.length);
  group.power.set(at, capacityOf(group, serving));
}
