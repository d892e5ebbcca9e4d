/** How instances come to be: as furniture that stood there before the story, or launched in it. */
import { epochSeconds, HOUR, hourOfWeek, type Instant, instant } from '../../shared/model/time.ts';
import { begin, publicAddress } from './ec2.ts';
import type { Cpu, Machine, StartTrouble } from './machine.ts';
import { unit } from './random.ts';
import { Steps } from './steps.ts';
import { type Region, regionOf, type World } from './world.ts';

export interface LaunchOptions {
  /** The cloud's first region unless told otherwise. */
  readonly region?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** Seconds until the tags of its birth are shown: EC2 is consistent only in the end. */
  readonly tagsAfter?: number;
  readonly type?: string;
  /** Last letter of the availability zone; spread over a, b and c by chance otherwise. */
  readonly zone?: string;
  readonly platform?: 'linux' | 'windows';
  readonly tenancy?: 'default' | 'dedicated' | 'host';
  readonly market?: Machine['market'];
  /** A persistent Spot Instance is stopped unless told otherwise, a one-time one terminated. */
  readonly interruptionBehavior?: Machine['interruptionBehavior'];
  readonly rootDevice?: Machine['rootDevice'];
  readonly monitoring?: Machine['monitoring'];
  readonly hibernation?: boolean;
  readonly stopProtection?: boolean;
  readonly publicIpv4?: Machine['publicIpv4'];
  /** EBS volumes, the root among them; 1 unless told otherwise, 0 for an instance-store root. */
  readonly volumes?: number;
  readonly cpu?: Cpu;
  /** KB/s in and out together, and operations a second of its EBS volumes; what its CPU suggests unless told otherwise. */
  readonly network?: (at: number) => number;
  readonly diskOps?: (at: number) => number;
  readonly startTrouble?: StartTrouble;
}

/** An instance that was there before. */
export interface FurnitureOptions extends LaunchOptions {
  readonly state?: 'running' | 'stopped';
  /** Its birth; 60 days before the story unless told otherwise. */
  readonly since?: Instant;
  /** In which hours of the week (0 is Monday 00:00–01:00 UTC) it ran before the story; in all of them unless told otherwise. */
  readonly ranInHour?: (hour: number) => boolean;
}

const SIXTY_DAYS = 60 * 24 * HOUR;
const LONGEST_WALK_BACK = 7 * 24; // hours: the week repeats

/** Puts an instance into the world as if it had been there all along: no call, no event. */
export function furnish(world: World, options: FurnitureOptions & Membership): Machine {
  const { origin } = world;
  const { state = 'running', ranInHour } = options;
  const since = options.since === undefined ? origin - SIXTY_DAYS : epochSeconds(options.since);
  const ranThen = ranInHour === undefined ? () => true : (at: number) => ranInHour(hourOfWeek(instant(at * 1000)));
  const launchTime = latestStart(world.clock.second(), since, ranThen, state);
  const machine = build(world, options, { state, since, launchTime, ranBefore: at => at < origin && ranThen(at) });
  if (state === 'running') {
    machine.ran.push({ from: Math.max(origin, since), to: null });
    machine.billed.push({ from: launchTime, to: null, type: machine.type });
    if (machine.publicIpv4 === 'auto') machine.publicIp = publicAddress(world, machine, launchTime);
  } else {
    machine.stateReason = { Code: 'Client.UserInitiatedShutdown', Message: 'Client.UserInitiatedShutdown: User initiated shutdown' };
  }
  world.record.transition(machine, null, world.clock.second());
  return machine;
}

/** Launches an instance now: `pending`, then `running`. */
export function launch(world: World, options: LaunchOptions & Membership): Machine {
  const now = world.clock.second();
  const machine = build(world, options, { state: 'pending', since: now, launchTime: now, ranBefore: () => false });
  begin(world, machine);
  return machine;
}

export interface Membership {
  readonly group?: string;
  readonly watch?: (machine: Machine) => void;
}

interface Birth {
  readonly state: Machine['state'];
  readonly since: number;
  readonly launchTime: number;
  readonly ranBefore: (at: number) => boolean;
}

function build(world: World, options: LaunchOptions & Membership, birth: Birth): Machine {
  const region = regionOf(world, options.region ?? firstRegion(world).name);
  const { ids } = world;
  const id = ids.resource('i');
  const rootDevice = options.rootDevice ?? 'ebs';
  const volumes = options.volumes ?? (rootDevice === 'ebs' ? 1 : 0);
  const publicIpv4 = options.publicIpv4 ?? 'none';
  const chance = (n: number) => unit(world.seed, Number.parseInt(id.slice(-8), 16), n);
  const machine: Machine = {
    id,
    account: world.account,
    region: region.name,
    reservationId: ids.resource('r'),
    type: options.type ?? 't3.medium',
    availabilityZone: `${region.name}${options.zone ?? 'abc'.charAt(Math.floor(chance(1) * 3))}`,
    platform: options.platform ?? 'linux',
    tenancy: options.tenancy ?? 'default',
    market: options.market ?? 'on-demand',
    interruptionBehavior: options.interruptionBehavior ?? (options.market === 'spot-persistent' ? 'stop' : 'terminate'),
    rootDevice,
    monitoring: options.monitoring ?? 'basic',
    hibernation: options.hibernation ?? false,
    createdAt: birth.since,
    volumes: Array.from({ length: volumes }, () => ids.resource('vol')),
    networkInterface: ids.resource('eni'),
    privateIp: `10.0.${Math.floor(chance(2) * 16)}.${Math.floor(chance(3) * 250) + 4}`,
    publicIpv4,
    tags: new Map(Object.entries(options.tags ?? {})),
    tagsShownFrom: birth.since + (options.tagsAfter ?? 0),
    group: options.group ?? null,
    watch: options.watch ?? null,
    stopProtection: options.stopProtection ?? false,
    state: birth.state,
    launchTime: birth.launchTime,
    publicIp: publicIpv4 === 'elastic' ? publicAddress(world, { id }, 0) : null,
    stateReason: null,
    transitionReason: '',
    hibernating: false,
    interruption: null,
    impaired: [],
    maintenance: [],
    terminatedAt: null,
    startTrouble: options.startTrouble ?? null,
    cpu: new Steps(() => options.cpu ?? (() => 2)),
    network: options.network ?? null,
    diskOps: options.diskOps ?? null,
    turn: 0,
    ranBefore: birth.ranBefore,
    ran: [],
    billed: [],
  };
  region.machines.set(id, machine);
  return machine;
}

/** The beginning of the run that the instance is in (or was last in), walking back hour by hour. */
function latestStart(now: number, since: number, ran: (at: number) => boolean, state: 'running' | 'stopped'): number {
  let hour = Math.floor(now / HOUR) * HOUR - (state === 'running' ? 0 : HOUR);
  for (let i = 0; i < LONGEST_WALK_BACK && state === 'stopped' && !ran(hour); i++) hour -= HOUR;
  for (let i = 0; i < LONGEST_WALK_BACK; i++, hour -= HOUR) {
    if (hour <= since) return since;
    if (!ran(hour - HOUR)) return hour;
  }
  return since; // it never stopped
}

export function firstRegion(world: World): Region {
  const [first] = world.regions.values();
  if (first === undefined) throw new Error('a cloud needs at least one region');
  return first;
}
