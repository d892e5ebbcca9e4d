/** The state of the virtual cloud: an account, its regions, the clock that all accounts share. Everything that happens is a function over this. */
import type { Alarm, CompositeAlarm } from './alarms.ts';
import type { Backlog } from './backlog.ts';
import type { Environment } from './beanstalk.ts';
import type { BusListener } from './bus.ts';
import { Clock } from './clock.ts';
import type { Commitment } from './commitment.ts';
import type { CustomMetric } from './custom-metrics.ts';
import { Faults } from './faults.ts';
import type { Group, Template } from './group.ts';
import type { Machine } from './machine.ts';
import type { StoredObject } from './objects.ts';
import type { Parameter } from './parameters.ts';
import type { Queue } from './queues.ts';
import { Ids } from './random.ts';
import { WorldRecord } from './record.ts';
import type { Shortage } from './shortage.ts';
import type { LooseAddress, LooseVolume, Snapshot } from './storage.ts';
import type { Throttle } from './throttle.ts';
import type { Topic } from './topics.ts';

export interface World {
  readonly account: string;
  readonly seed: number;
  /** Epoch seconds: history lies before, the story after. */
  readonly origin: number;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly record: WorldRecord;
  readonly faults: Faults;
  readonly regions: ReadonlyMap<string, Region>;
  readonly shortages: Shortage[];
  /** What people have committed to pay, whatever runs. */
  readonly commitments: Commitment[];
  readonly listeners: BusListener[];
  /** `null`: as many calls as one likes. */
  readonly throttle: Throttle | null;
  /** Seconds that every call takes. */
  readonly latency: number;
  /** Who may be assumed, by ARN, and as whom: all accounts of the cloud know the same. */
  readonly roles: Map<string, { readonly world: World; readonly externalId: string | null }>;
  /** Access keys that AssumeRole gave out → the account that they speak for. */
  readonly sessions: Map<string, World>;
  /** Who is calling at this moment: `function:dispatch` while the stage runs one. */
  caller: string;
}

/** What lives in one region. Maps keep the order of creation, which is the order of pages. */
export interface Region {
  readonly name: string;
  readonly machines: Map<string, Machine>;
  readonly groups: Map<string, Group>;
  /** Groups behind load balancers, by the value of either of their dimensions. */
  readonly balanced: Map<string, Group>;
  /** What waits for groups, by queue. */
  readonly backlogs: Map<string, Backlog>;
  /** Launch templates by id. */
  readonly templates: Map<string, Template>;
  /** Of Elastic Beanstalk. */
  readonly environments: Map<string, Environment>;
  readonly alarms: Map<string, Alarm>;
  readonly composites: Map<string, CompositeAlarm>;
  readonly customMetrics: Map<string, CustomMetric>;
  readonly topics: Map<string, Topic>;
  readonly queues: Map<string, Queue>;
  readonly parameters: Map<string, Parameter>;
  /** What terminated instances left behind. */
  readonly buckets: Map<string, Map<string, StoredObject>>;
  readonly orphans: { readonly volumes: LooseVolume[]; readonly addresses: LooseAddress[] };
  readonly snapshots: Snapshot[];
  /** Tags of volumes, snapshots and addresses, by id. */
  readonly labels: Map<string, Map<string, string>>;
}

export interface WorldOptions {
  readonly seed: number;
  readonly at: number;
  readonly account: string;
  readonly regions: readonly string[];
  readonly throttle: Throttle | null;
  readonly latency: number;
}

export function newWorld({ seed, at, account, regions, throttle, latency }: WorldOptions): World {
  return {
    account,
    seed,
    origin: at,
    clock: new Clock(at),
    ids: new Ids(seed),
    record: new WorldRecord(),
    faults: new Faults(),
    regions: new Map(regions.map(name => [name, newRegion(name)])),
    shortages: [],
    commitments: [],
    listeners: [],
    throttle,
    latency,
    roles: new Map(),
    sessions: new Map(),
    caller: 'client',
  };
}

/** Another account beside `home`: a world of its own, with the same time, the same record, and the same hands at work. */
export function besideWorld(home: World, { account, regions }: { readonly account: string; readonly regions: readonly string[] }): World {
  return {
    ...home,
    account,
    regions: new Map(regions.map(name => [name, newRegion(name)])),
    listeners: [],
    get caller() {
      return home.caller;
    },
    set caller(name) {
      home.caller = name;
    },
  };
}

/** @throws Error for a region that the virtual cloud was not created with. */
export function regionOf(world: World, name: string): Region {
  const region = world.regions.get(name);
  if (region === undefined) throw new Error(`the virtual cloud has no region ${name}, only ${[...world.regions.keys()].join(', ')}`);
  return region;
}

const newRegion = (name: string): Region => ({
  name,
  machines: new Map(),
  groups: new Map(),
  balanced: new Map(),
  backlogs: new Map(),
  templates: new Map(),
  environments: new Map(),
  alarms: new Map(),
  composites: new Map(),
  customMetrics: new Map(),
  topics: new Map(),
  queues: new Map(),
  parameters: new Map(),
  buckets: new Map(),
  orphans: { volumes: [], addresses: [] },
  snapshots: [],
  labels: new Map(),
});
