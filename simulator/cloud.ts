/** The virtual cloud: EC2, Auto Scaling, CloudWatch, EventBridge, SQS and SSM as one deterministic state machine on a virtual clock. */
import { epochSeconds, type Instant, instant } from '../shared/model/time.ts';
import type { Equippable, Outside } from '../shared/runtime/outside.ts';
import { type Aws, awsOf } from './aws.ts';
import { type Human, humanOf } from './human.ts';
import { equip, type OutsideOptions, outsideOf } from './outside.ts';
import { type Alarm, type AlarmOptions, putAlarm } from './world/alarms.ts';
import { type EnvironmentOptions, foundEnvironment } from './world/beanstalk.ts';
import type { BusListener } from './world/bus.ts';
import type { Faults } from './world/faults.ts';
import { foundGroup, type GroupOptions } from './world/found-group.ts';
import type { Group } from './world/group.ts';
import { type FurnitureOptions, furnish } from './world/launch.ts';
import type { Cpu, Machine, StartTrouble } from './world/machine.ts';
import { createQueue, type Queue, type QueueOptions } from './world/queues.ts';
import type { WorldRecord } from './world/record.ts';
import { labelsOf, type Made, makeAddress, makeSnapshot, makeVolume } from './world/storage.ts';
import { Throttle } from './world/throttle.ts';
import { besideWorld, newWorld, regionOf, type World } from './world/world.ts';

export interface CloudOptions {
  readonly seed: number;
  /** Where the story begins; history lies before it. */
  readonly at: Instant;
  /** Twelve digits. */
  readonly account?: string;
  readonly regions?: readonly string[];
  /** Calls are limited as AWS documents it; free unless told. */
  readonly throttling?: boolean;
  /** Seconds of virtual time that every call of a client takes; none unless told. Calls made at once are answered one after the other. */
  readonly latency?: number;
}

/** Another account of the same story. */
export interface AccountOptions {
  readonly account: string;
  readonly regions?: readonly string[];
  /** Name of the role that others may assume there, with this external id. */
  readonly role: string;
  readonly externalId?: string;
}

export interface Cloud {
  readonly account: string;
  readonly regions: readonly string[];
  now(): Instant;

  /** An instance that has been there before the story; returns its id. */
  launch(options?: FurnitureOptions): string;
  /** An Auto Scaling group with its members in service; returns its name. */
  createGroup(options: GroupOptions): string;
  /** An Elastic Beanstalk environment with its group; returns the group's name. */
  createEnvironment(options: EnvironmentOptions): string;
  /** A volume or an address on its own, and a snapshot of a volume; returns its id. Made in the story's present, with no call and no event. */
  createVolume(options?: Made): string;
  createAddress(options?: Made): string;
  createSnapshot(volumeId: string, options?: Made): string;
  putAlarm(options: AlarmOptions): Alarm;
  createQueue(options: QueueOptions): Queue;
  /** A parameter that somebody has put; `null` takes it away. */
  setParameter(name: string, value: string | null, region?: string): void;

  /** From now on the instance works like this. */
  setCpu(id: string, cpu: Cpu): void;
  /** From now on the group is asked for this much, in busy instances. */
  setDemand(group: string, demand: Cpu): void;
  /** The next starts of the instance meet this. */
  troubleStarts(id: string, trouble: StartTrouble): void;

  /** What people do, at the console: real calls, real CloudTrail events. */
  readonly human: Human;
  /** What AWS does that nobody asked for. */
  readonly aws: Aws;
  readonly faults: Faults;

  /** Does something at an instant of the story. */
  at(when: Instant, act: () => void | Promise<void>): void;
  /** Plays everything that falls due up to and including the instant. */
  advanceTo(when: Instant): Promise<void>;
  /** An account beside this one, with its own state; reached by assuming its role. Its events stay on its own bus. */
  addAccount(options: AccountOptions): Cloud;
  createBucket(name: string, region?: string): void;
  /** Hears everything that EventBridge's default bus carries. */
  onEvent(listener: BusListener): void;

  /** What the house runs on. */
  outside(options: OutsideOptions): Outside;
  /** Puts the virtual cloud behind a client that was made elsewhere. */
  equip<C extends Equippable>(client: C): C;

  /** As it is now, for judges and stories; change nothing in it. */
  instance(id: string): Readonly<Machine>;
  group(name: string): Readonly<Group>;
  /** Puts tags on a volume, a snapshot or an address of the first region, as if it had always had them. */
  wears(id: string, tags: Readonly<Record<string, string>>): void;
  /** Of a volume, a snapshot or an address. */
  tagsOf(id: string): Readonly<Record<string, string>>;
  readonly record: WorldRecord;
  /** For the stage. */
  readonly world: World;
}

export function createCloud(options: CloudOptions): Cloud {
  const { seed, at, account = '123456789012', regions = ['eu-west-1'], throttling = false, latency = 0 } = options;
  return cloudOver(newWorld({ seed, at: epochSeconds(at), account, regions, throttle: throttling ? new Throttle() : null, latency }));
}

function cloudOver(world: World): Cloud {
  const { account } = world;
  const regions = [...world.regions.keys()];
  const instance = (id: string): Machine => {
    const machine = world.record.machine(id);
    if (machine === undefined) throw new Error(`there is no instance ${id} in the virtual cloud`);
    return machine;
  };
  const group = (name: string): Group => {
    const found = [...world.regions.values()].flatMap(r => r.groups.get(name) ?? [])[0];
    if (found === undefined) throw new Error(`there is no group ${name} in the virtual cloud`);
    return found;
  };

  return {
    account,
    regions,
    now: () => instant(world.clock.now() * 1000),
    launch: (options = {}) => furnish(world, options).id,
    createGroup: options => foundGroup(world, options).name,
    createEnvironment: options => foundEnvironment(world, options).group.name,
    createVolume: (options = {}) => makeVolume(world, options).id,
    createAddress: (options = {}) => makeAddress(world, options).id,
    createSnapshot: (volumeId, options = {}) => makeSnapshot(world, volumeId, options).id,
    putAlarm: options => putAlarm(world, options),
    createQueue: options => createQueue(world, options),
    setParameter: (name, value, region) => setParameter(world, name, value, region ?? (regions[0] as string)),
    setCpu: (id, cpu) => instance(id).cpu.set(world.clock.second(), cpu),
    setDemand: (name, demand) => group(name).demand.set(world.clock.second(), demand),
    troubleStarts: (id, trouble) => {
      instance(id).startTrouble = { ...trouble };
    },
    human: humanOf(world),
    aws: awsOf(world, instance, group),
    faults: world.faults,
    at: (when, act) => world.clock.deliver(epochSeconds(when), act),
    advanceTo: when => world.clock.advanceTo(epochSeconds(when)),
    addAccount: options => addAccount(world, options),
    createBucket: (name, region) => void regionOf(world, region ?? (regions[0] as string)).buckets.set(name, new Map()),
    onEvent: listener => world.listeners.push(listener),
    outside: options => outsideOf(world, options),
    equip: client => equip(world, client),
    instance,
    group,
    wears: (id, tags) => {
      const labels = labelsOf(regionOf(world, regions[0] as string), id);
      for (const [key, value] of Object.entries(tags)) labels.set(key, value);
    },
    tagsOf: id => Object.fromEntries([...world.regions.values()].flatMap(r => [...(r.labels.get(id) ?? [])])),
    record: world.record,
    world,
  };
}

function addAccount(home: World, { account, regions = [...home.regions.keys()], role, externalId }: AccountOptions): Cloud {
  const world = besideWorld(home, { account, regions });
  home.roles.set(`arn:aws:iam::${account}:role/${role}`, { world, externalId: externalId ?? null });
  return cloudOver(world);
}

function setParameter(world: World, name: string, value: string | null, region: string): void {
  const parameters = world.regions.get(region)?.parameters;
  if (parameters === undefined) throw new Error(`the virtual cloud has no region ${region}`);
  if (value === null) parameters.delete(name);
  else
    parameters.set(name, {
      name,
      type: 'String',
      value,
      version: (parameters.get(name)?.version ?? 0) + 1,
      modifiedAt: world.clock.second(),
    });
}
