/** Puts an Auto Scaling group into the world, with members that have been in service for long. */
import { epochSeconds, HOUR, type Instant } from '../../shared/model/time.ts';
import type { Backlog } from './backlog.ts';
import { newBalancer } from './balancer.ts';
import { type AwsPolicy, GROUP_METRICS, type Group, type GroupMetric, join } from './group.ts';
import { firstRegion, furnish } from './launch.ts';
import type { Cpu, Machine } from './machine.ts';
import { createQueue } from './queues.ts';
import { launchOptions } from './scaling.ts';
import { putScheduledAction, type ScheduledAction } from './scheduled-actions.ts';
import { Steps } from './steps.ts';
import { track } from './target-tracking.ts';
import { regionOf, type World } from './world.ts';

/** A minute's work, by epoch seconds, and how much of it one member can do. */
export interface Work {
  readonly perMinute: (at: number) => number;
  readonly perInstance: number;
}

export interface GroupOptions {
  readonly name: string;
  readonly region?: string;
  readonly minSize: number;
  readonly maxSize: number;
  readonly desiredCapacity: number;
  /** Epoch seconds to busy instances: CPU is `min(100, demand ÷ serving × 100)`. Instead of it, requests or messages. */
  readonly demand?: Cpu;
  /** Behind a load balancer: requests a minute, of which one member answers so many. */
  readonly requests?: Work;
  /** Off a queue: messages that arrive in a minute, of which one member works off so many. */
  readonly messages?: Work & { readonly queue: string };
  /** Bytes that a fully busy member sends in a minute; no network metrics unless told. */
  readonly bytesOut?: number;
  readonly type?: string;
  readonly monitoring?: Machine['monitoring'];
  /** DefaultCooldown, seconds; AWS's 300 unless told otherwise. */
  readonly cooldown?: number;
  /** DefaultInstanceWarmup, seconds; unset unless told. */
  readonly instanceWarmup?: number;
  /** From `running` until an instance carries its share, seconds. */
  readonly bootSeconds?: number;
  readonly tags?: Readonly<Record<string, string>>;
  readonly suspended?: readonly string[];
  readonly awsPolicies?: readonly AwsPolicy[];
  /** Types that it falls back to where its own has no capacity: a mixed instances policy. */
  readonly moreTypes?: readonly string[];
  /** Spot above a base of on-demand instances. */
  readonly spot?: NonNullable<Group['spot']>;
  readonly newMembersProtected?: boolean;
  /** Stopped instances that a scale-out starts instead of launching. */
  readonly warmPool?: number;
  readonly scheduled?: readonly ScheduledAction[];
  /** Name of the Elastic Beanstalk environment that owns the group. */
  readonly beanstalk?: string;
  /** When it was created; 60 days before the story unless told otherwise. */
  readonly since?: Instant;
  /** Instances in service before the story, hour by hour; the desired capacity all along unless told otherwise. */
  readonly sizeBefore?: (at: number) => number;
}

export function foundGroup(world: World, options: GroupOptions): Group {
  const region = regionOf(world, options.region ?? firstRegion(world).name);
  const { name, desiredCapacity: desired, minSize, maxSize } = options;
  const { account, ids } = world;
  const createdAt = options.since === undefined ? world.origin - 60 * 24 * HOUR : epochSeconds(options.since);
  const size = options.sizeBefore ?? (() => desired);
  const demand = demandOf(options);
  const sizeThen = (at: number) => (at < createdAt ? 0 : size(at));
  const group: Group = {
    name,
    region: region.name,
    arn: `arn:aws:autoscaling:${region.name}:${account}:autoScalingGroup:${ids.uuid('group')}:autoScalingGroupName/${name}`,
    createdAt,
    minSize,
    maxSize,
    desired,
    template: {
      id: ids.resource('lt'),
      name: `${name}-template`,
      type: options.type ?? 'm5.large',
      monitoring: options.monitoring ?? 'detailed',
    },
    cooldown: options.cooldown ?? 300,
    instanceWarmup: options.instanceWarmup ?? null,
    bootSeconds: options.bootSeconds ?? 120,
    tags: groupTags(options),
    suspended: new Set(options.suspended ?? []),
    awsPolicies: [...(options.awsPolicies ?? [])],
    moreTypes: options.moreTypes ?? [],
    spot: options.spot ?? null,
    members: new Map(),
    newMembersProtected: options.newMembersProtected ?? false,
    warmPool: null,
    activities: [],
    scheduled: new Map(),
    refreshes: [],
    beanstalk: options.beanstalk ?? null,
    lastActivityAt: null,
    lastCause: '',
    failures: 0,
    retrying: false,
    deleted: false,
    demand: new Steps(() => demand),
    balancer: options.requests === undefined ? null : newBalancer(ids, name, options.requests.perInstance),
    backlog: null,
    bytesOut: options.bytesOut ?? null,
    serving: new Steps(sizeThen),
    counts: countsBefore(options, sizeThen),
  };
  region.groups.set(name, group);
  if (options.messages !== undefined) group.backlog = workOff(world, group, options.messages);
  const furniture = {
    ...launchOptions(world, group),
    type: group.template.type,
    ...(options.since !== undefined && { since: options.since }),
  };
  for (let i = 0; i < desired; i++) join(world, group, furnish(world, furniture));
  const pool = options.warmPool ?? 0;
  if (pool > 0) {
    const members = Array.from({ length: pool }, () => furnish(world, { ...furniture, state: 'stopped' }));
    group.warmPool = { minSize: pool, members };
  }
  for (const policy of group.awsPolicies) track(world, group, policy);
  for (const action of options.scheduled ?? []) putScheduledAction(world, group, action);
  return group;
}

/** @throws Error unless the work of the group is told in exactly one way. */
function demandOf({ name, demand, requests, messages }: GroupOptions): Cpu {
  const told = [demand, requests, messages].filter(way => way !== undefined);
  if (told.length !== 1) throw new Error(`the group ${name} needs exactly one of demand, requests and messages`);
  const work = requests ?? messages;
  return demand ?? (work === undefined ? () => 0 : at => work.perMinute(at) / work.perInstance);
}

/** History of a backlog reaches back as far as CloudWatch keeps minutes. */
const REMEMBERED = 15 * 24 * HOUR;

function workOff(world: World, group: Group, { queue, perInstance }: NonNullable<GroupOptions['messages']>): Backlog {
  const region = regionOf(world, group.region);
  const since = Math.ceil(Math.max(group.createdAt, world.origin - REMEMBERED) / 60) * 60;
  const backlog: Backlog = { queue, perInstance, group, since, minutes: [], now: () => world.clock.now() };
  if (!region.queues.has(queue)) createQueue(world, { name: queue, region: region.name });
  return backlog;
}

function groupTags({ tags = {}, beanstalk }: GroupOptions): Group['tags'] {
  const own = beanstalk === undefined ? {} : { 'elasticbeanstalk:environment-name': beanstalk, Name: beanstalk };
  return new Map(Object.entries({ ...tags, ...own }).map(([key, value]) => [key, { value, propagate: true }]));
}

function countsBefore({ minSize, maxSize }: GroupOptions, size: (at: number) => number): Record<GroupMetric, Steps<number>> {
  const before: Partial<Record<GroupMetric, (at: number) => number>> = {
    GroupMinSize: () => minSize,
    GroupMaxSize: () => maxSize,
    GroupPendingInstances: () => 0,
    GroupTerminatingInstances: () => 0,
  };
  return Object.fromEntries(GROUP_METRICS.map(name => [name, new Steps<number>(before[name] ?? size)])) as Record<
    GroupMetric,
    Steps<number>
  >;
}
