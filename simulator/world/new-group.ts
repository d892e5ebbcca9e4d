/** An Auto Scaling group as it begins: what was told of it, and AWS's defaults for what was not. */
import { HOUR } from '../../shared/model/time.ts';
import type { Backlog } from './backlog.ts';
import { newBalancer } from './balancer.ts';
import type { GroupOptions } from './found-group.ts';
import { GROUP_METRICS, type Group, type GroupMetric, type Template } from './group.ts';
import type { Cpu } from './machine.ts';
import { createQueue } from './queues.ts';
import { Steps } from './steps.ts';
import type { Region, World } from './world.ts';

interface Beginning {
  /** Epoch seconds. */
  readonly createdAt: number;
  /** Members in service before the story. */
  readonly sizeThen: (at: number) => number;
}

/** Puts it into the region, without a member yet. @throws Error unless its work is told in exactly one way. */
export function newGroup(world: World, region: Region, options: GroupOptions, { createdAt, sizeThen }: Beginning): Group {
  const { name, minSize, maxSize, desiredCapacity: desired } = options;
  const { account, ids } = world;
  const demand = demandOf(options);
  const template = options.template ?? templateOf(world, region, options);
  const weight = options.weights?.[template.type] ?? 1;
  const group: Group = {
    name,
    region: region.name,
    arn: `arn:aws:autoscaling:${region.name}:${account}:autoScalingGroup:${ids.uuid('group')}:autoScalingGroupName/${name}`,
    createdAt,
    minSize,
    maxSize,
    desired,
    template,
    cooldown: options.cooldown ?? 300,
    instanceWarmup: options.instanceWarmup ?? null,
    bootSeconds: options.bootSeconds ?? 120,
    warmBootSeconds: options.warmBootSeconds ?? options.bootSeconds ?? 120,
    tags: groupTags(options),
    suspended: new Set(options.suspended ?? []),
    awsPolicies: [...(options.awsPolicies ?? [])],
    predicted: 0,
    moreTypes: options.moreTypes ?? [],
    weights: options.weights ?? null,
    spot: options.spot ?? null,
    members: new Map(),
    newMembersProtected: options.newMembersProtected ?? false,
    hooks: new Map((options.hooks ?? []).map(hook => [hook.name, hook])),
    lifecycleActions: [],
    warmPool: null,
    activities: [],
    scheduled: new Map(),
    refreshes: [],
    beanstalk: options.beanstalk ?? null,
    lastCause: '',
    troubles: [],
    failures: 0,
    retrying: false,
    deleted: false,
    demand: new Steps(() => demand),
    balancer: options.requests === undefined ? null : newBalancer(ids, name, options.requests.perInstance),
    backlog: null,
    bytesOut: options.bytesOut ?? null,
    serving: new Steps(sizeThen),
    power: new Steps(at => sizeThen(at) * weight),
    counts: countsBefore(options, sizeThen, weight),
  };
  region.groups.set(name, group);
  for (const value of [group.balancer?.loadBalancer, group.balancer?.targetGroup])
    if (value !== undefined) region.balanced.set(value, group);
  if (options.messages !== undefined) group.backlog = workOff(world, region, group, options.messages);
  return group;
}

function templateOf({ ids }: World, region: Region, { name, type, monitoring, hibernation }: GroupOptions): Template {
  const id = ids.resource('lt');
  const template: Template = {
    id,
    name: `${name}-template`,
    type: type ?? 'm5.large',
    monitoring: monitoring ?? 'detailed',
    hibernation: hibernation ?? false,
  };
  region.templates.set(id, template);
  return template;
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

function workOff(world: World, region: Region, group: Group, { queue, perInstance }: NonNullable<GroupOptions['messages']>): Backlog {
  const since = Math.ceil(Math.max(group.createdAt, world.origin - REMEMBERED) / 60) * 60;
  const backlog: Backlog = { queue, perInstance, group, since, minutes: [], now: () => world.clock.now() };
  if (!region.queues.has(queue)) createQueue(world, { name: queue, region: region.name });
  region.backlogs.set(queue, backlog);
  return backlog;
}

function groupTags({ tags = {}, beanstalk }: GroupOptions): Group['tags'] {
  const own = beanstalk === undefined ? {} : { 'elasticbeanstalk:environment-name': beanstalk, Name: beanstalk };
  return new Map(Object.entries({ ...tags, ...own }).map(([key, value]) => [key, { value, propagate: true }]));
}

function countsBefore(
  { minSize, maxSize }: GroupOptions,
  size: (at: number) => number,
  weight: number,
): Record<GroupMetric, Steps<number>> {
  const before: Partial<Record<GroupMetric, (at: number) => number>> = {
    GroupMinSize: () => minSize,
    GroupMaxSize: () => maxSize,
    GroupDesiredCapacity: at => size(at) * weight,
    GroupStandbyInstances: () => 0,
    GroupPendingInstances: () => 0,
    GroupTerminatingInstances: () => 0,
  };
  return Object.fromEntries(GROUP_METRICS.map(name => [name, new Steps<number>(before[name] ?? size)])) as Record<
    GroupMetric,
    Steps<number>
  >;
}
