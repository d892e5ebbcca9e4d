/** An Auto Scaling group as the world knows it: what it wants, what it has, and its sizes over time. */
import type { Activity } from './activities.ts';
import type { Backlog } from './backlog.ts';
import type { Balancer } from './balancer.ts';
import type { Refresh } from './instance-refresh.ts';
import type { Cpu, Machine } from './machine.ts';
import type { ScheduledAction } from './scheduled-actions.ts';
import type { Steps } from './steps.ts';
import type { World } from './world.ts';

export interface Group {
  readonly name: string;
  readonly region: string;
  readonly arn: string;
  readonly createdAt: number;
  minSize: number;
  maxSize: number;
  desired: number;
  template: { readonly id: string; readonly name: string; readonly type: string; readonly monitoring: Machine['monitoring'] };
  /** Types of a mixed instances policy beside the template's own, in order of preference. */
  readonly moreTypes: readonly string[];
  readonly spot: { readonly onDemandBase: number; readonly onDemandPercentAboveBase: number } | null;
  /** DefaultCooldown and DefaultInstanceWarmup, seconds; the warm-up may be unset. */
  cooldown: number;
  instanceWarmup: number | null;
  /** From `running` until an instance really carries its share of the demand, seconds. */
  readonly bootSeconds: number;
  readonly tags: Map<string, { readonly value: string; readonly propagate: boolean }>;
  readonly suspended: Set<string>;
  awsPolicies: AwsPolicy[];
  readonly members: Map<string, Member>;
  newMembersProtected: boolean;
  warmPool: { readonly minSize: number; members: readonly Machine[] } | null;
  readonly activities: Activity[];
  readonly scheduled: Map<string, ScheduledAction>;
  readonly refreshes: Refresh[];
  /** Name of the Elastic Beanstalk environment that owns it. */
  readonly beanstalk: string | null;
  /** When capacity last changed: what HonorCooldown looks at. */
  lastActivityAt: number | null;
  /** Why its desired capacity is what it is, in the words of its activities. */
  lastCause: string;
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

/** A scaling policy of AWS that stands beside the group. Target tracking acts where its target is told; the others are only seen. */
export interface AwsPolicy {
  readonly name: string;
  readonly type: 'TargetTrackingScaling' | 'StepScaling' | 'SimpleScaling' | 'PredictiveScaling';
  readonly enabled?: boolean;
  /** Average CPU that target tracking aims at, percent. */
  readonly target?: number;
  readonly disableScaleIn?: boolean;
}

export interface Member {
  readonly machine: Machine;
  state: 'Pending' | 'InService' | 'Terminating';
  health: 'Healthy' | 'Unhealthy';
  scaleInProtected: boolean;
  /** Whether it carries its share by now. */
  serving: boolean;
  /** Epoch seconds; null until then. */
  inServiceSince: number | null;
  /** What Auto Scaling is doing with it. */
  activity: Activity | null;
}

/** What Auto Scaling puts on every instance that it launches. */
export function memberTags(group: Group): Record<string, string> {
  const propagated = [...group.tags].filter(([, { propagate }]) => propagate).map(([key, { value }]) => [key, value] as const);
  return { ...Object.fromEntries(propagated), 'aws:autoscaling:groupName': group.name };
}

export function join(world: World, group: Group, machine: Machine): Member {
  const ready = machine.state === 'running';
  const member: Member = {
    machine,
    state: ready ? 'InService' : 'Pending',
    health: 'Healthy',
    scaleInProtected: false,
    serving: ready,
    inServiceSince: ready ? machine.launchTime : null,
    activity: null,
  };
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
