/** Puts an Auto Scaling group into the world: one that has been there for long, with its members in service, or one that begins now. */
import { epochSeconds, HOUR, type Instant } from '../../shared/model/time.ts';
import { type Group, join, type Template } from './group.ts';
import { firstRegion, furnish } from './launch.ts';
import type { Hook } from './lifecycle-hooks.ts';
import type { Cpu, Machine } from './machine.ts';
import { newGroup } from './new-group.ts';
import { launchOptions } from './placement.ts';
import { predict } from './predictive-scaling.ts';
import { settle } from './scaling.ts';
import type { AwsPolicy } from './scaling-policies.ts';
import { putScheduledAction, type ScheduledAction } from './scheduled-actions.ts';
import { track } from './target-tracking.ts';
import { type PoolMember, poolSize, type WarmPoolSettings } from './warm-pool.ts';
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
  /** A launch template that is there already, in place of one of its own. */
  readonly template?: Template;
  readonly monitoring?: Machine['monitoring'];
  readonly hibernation?: boolean;
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
  /** WeightedCapacity by type: all sizes are in units then. */
  readonly weights?: Readonly<Record<string, number>>;
  /** Spot above a base of on-demand instances. */
  readonly spot?: NonNullable<Group['spot']>;
  readonly newMembersProtected?: boolean;
  /** Instances that a scale-out takes instead of launching: so many stopped ones, whatever the group's size, or as told. */
  readonly warmPool?: number | Partial<WarmPoolSettings>;
  /** From `running` until a warm stopped instance carries its share, seconds; `bootSeconds` unless told otherwise. */
  readonly warmBootSeconds?: number;
  readonly hooks?: readonly Hook[];
  readonly scheduled?: readonly ScheduledAction[];
  /** Name of the Elastic Beanstalk environment that owns the group. */
  readonly beanstalk?: string;
  /** When it was created; 60 days before the story unless told otherwise. */
  readonly since?: Instant;
  /** Instances in service before the story, hour by hour; those of the desired capacity all along unless told otherwise. */
  readonly sizeBefore?: (at: number) => number;
}

/** A group that has been there before the story. */
export function foundGroup(world: World, options: GroupOptions): Group {
  const region = regionOf(world, options.region ?? firstRegion(world).name);
  const createdAt = options.since === undefined ? world.origin - 60 * 24 * HOUR : epochSeconds(options.since);
  const instances = Math.ceil(options.desiredCapacity / (options.weights?.[options.type ?? 'm5.large'] ?? 1));
  const size = options.sizeBefore ?? (() => instances);
  const group = newGroup(world, region, options, { createdAt, sizeThen: at => (at < createdAt ? 0 : size(at)) });
  const furniture = {
    ...launchOptions(world, group),
    type: group.template.type,
    ...(options.since !== undefined && { since: options.since }),
  };
  for (let i = 0; i < instances; i++) join(world, group, furnish(world, furniture), { ready: true });
  if (options.warmPool !== undefined) fillPool(group, options.warmPool, state => furnish(world, { ...furniture, state }));
  for (const policy of group.awsPolicies) {
    track(world, group, policy);
    predict(world, group, policy);
  }
  for (const action of options.scheduled ?? []) putScheduledAction(world, group, action);
  return group;
}

/** A group that somebody creates now: its members are launched. */
export function createdGroup(world: World, options: GroupOptions, tags: Group['tags'], why: string): Group {
  const region = regionOf(world, options.region ?? firstRegion(world).name);
  const group = newGroup(world, region, options, { createdAt: world.clock.second(), sizeThen: () => 0 });
  for (const [key, tag] of tags) group.tags.set(key, tag);
  group.lastCause = why;
  settle(world, group);
  return group;
}

type Furnishing = (state: 'running' | 'stopped') => Machine;

function fillPool(group: Group, told: NonNullable<GroupOptions['warmPool']>, furnished: Furnishing): void {
  // A number holds whatever the group's size: never more than it, never less.
  const settings = typeof told === 'number' ? { minSize: told, maxPrepared: 0 } : told;
  const pool = { minSize: 0, maxPrepared: null, poolState: 'Stopped' as const, reuse: false, ...settings };
  const state: PoolMember['state'] = `Warmed:${pool.poolState}`;
  const members = Array.from({ length: poolSize(group, pool) }, () => furnished(pool.poolState === 'Running' ? 'running' : 'stopped'));
  group.warmPool = { ...pool, members: new Map(members.map(machine => [machine.id, { machine, state, activity: null }])) };
}
