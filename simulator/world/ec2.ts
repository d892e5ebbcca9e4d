/** The life of an instance, with the delays that EC2 really has. */
import { instant } from '../../shared/model/time.ts';
import { publish } from './bus.ts';
import type { Machine, MachineState, Span } from './machine.ts';
import { unit } from './random.ts';
import { allocationOf } from './storage.ts';
import { regionOf, type World } from './world.ts';

/** A terminated instance stays visible for about an hour. */
const TERMINATED_VISIBLE = 3600;

/** `stopped` → `pending` → `running`; or back to `stopped` where the volume's key may not be used. */
export function start(world: World, machine: Machine): void {
  machine.launchTime = world.clock.second();
  machine.stateReason = null;
  machine.transitionReason = '';
  machine.hibernating = false;
  machine.interruption = null;
  machine.maintenance = []; // a start moves it to another host, which is what the maintenance was for
  enter(world, machine, 'pending');
  boot(world, machine);
}

/** A new instance: it has just been put into the region as `pending`. */
export function begin(world: World, machine: Machine): void {
  world.record.transition(machine, null, world.clock.second());
  announce(world, machine);
  boot(world, machine, { fresh: true });
}

type StateReason = NonNullable<Machine['stateReason']>;

/** @param options with a reason where it is not a user who stops it. */
export function stop(world: World, machine: Machine, { hibernate, because }: { hibernate: boolean; because?: StateReason }): void {
  const { clock, ids } = world;
  machine.hibernating = hibernate;
  machine.stateReason = because ?? (hibernate ? BY_HIBERNATION : BY_SHUTDOWN);
  machine.transitionReason = because?.Message ?? `User initiated (${clockFace(clock.second())} GMT)`;
  enter(world, machine, 'stopping');
  later(world, machine, hibernate ? ids.seconds('hibernate', 90, 240) : ids.seconds('stop', 20, 60), () => {
    if (machine.publicIpv4 === 'auto') machine.publicIp = null;
    enter(world, machine, 'stopped');
  });
}

export function terminate(world: World, machine: Machine, because?: StateReason): void {
  const { clock, ids } = world;
  machine.stateReason = because ?? BY_SHUTDOWN;
  machine.transitionReason = because?.Message ?? `User initiated (${clockFace(clock.second())} GMT)`;
  enter(world, machine, 'shutting-down');
  later(world, machine, ids.seconds('terminate', 20, 60), () => {
    leaveBehind(world, machine);
    disappear(world, machine);
  });
}

function disappear(world: World, machine: Machine): void {
  const { clock } = world;
  machine.publicIp = null;
  machine.terminatedAt = clock.second();
  enter(world, machine, 'terminated');
  clock.schedule(clock.second() + TERMINATED_VISIBLE, () => regionOf(world, machine.region).machines.delete(machine.id));
}

const BY_SHUTDOWN: StateReason = {
  Code: 'Client.UserInitiatedShutdown',
  Message: 'Client.UserInitiatedShutdown: User initiated shutdown',
};
const BY_HIBERNATION: StateReason = {
  Code: 'Client.UserInitiatedHibernate',
  Message: 'Client.UserInitiatedHibernate: User initiated hibernate',
};

/** The root volume goes with its instance; other volumes and an elastic address stay, and are billed on. */
function leaveBehind(world: World, machine: Machine): void {
  const { region, availabilityZone, volumes, createdAt, publicIpv4, publicIp } = machine;
  const { orphans, labels } = regionOf(world, region);
  labels.delete(volumes[0] ?? '');
  orphans.volumes.push(...volumes.slice(1).map(id => ({ id, availabilityZone, createdAt })));
  if (publicIpv4 === 'elastic' && publicIp !== null) orphans.addresses.push({ id: allocationOf(machine), publicIp });
}

/** An address that looks public and depends on the instance and its start only. */
export function publicAddress(world: World, machine: Pick<Machine, 'id'>, at: number): string {
  const part = (n: number) => Math.floor(unit(world.seed, Number.parseInt(machine.id.slice(-8), 16) + at, n) * 254) + 1;
  return `54.${part(1)}.${part(2)}.${part(3)}`;
}

/** Without the key of its volume a stopped instance falls back, and a new one is gone. */
function boot(world: World, machine: Machine, { fresh = false } = {}): void {
  const trouble = machine.startTrouble;
  if (trouble?.kind === 'kms' && trouble.times > 0) {
    trouble.times--;
    later(world, machine, world.ids.seconds('kms', 8, 15), () => {
      machine.stateReason = { Code: 'Client.InternalError', Message: 'Client.InternalError: Client error on launch' };
      if (fresh) disappear(world, machine);
      else enter(world, machine, 'stopped');
    });
    return;
  }
  later(world, machine, world.ids.seconds('boot', 25, 40), () => {
    if (machine.publicIpv4 === 'auto') machine.publicIp = publicAddress(world, machine, machine.launchTime);
    enter(world, machine, 'running');
  });
}

/** Arrives after some seconds, unless something else has happened to the instance by then. */
function later(world: World, machine: Machine, seconds: number, arrive: () => void): void {
  const { turn } = machine;
  world.clock.schedule(world.clock.second() + seconds, () => {
    if (machine.turn === turn) arrive();
  });
}

function enter(world: World, machine: Machine, state: MachineState): void {
  const at = world.clock.second();
  const from = machine.state;
  machine.state = state;
  machine.turn++;

  if (state === 'running') {
    machine.ran.push({ from: at, to: null });
    machine.billed.push({ from: at, to: null, type: machine.type });
  } else {
    close(machine.ran, at);
    const billedOn = state === 'stopping' && machine.hibernating; // hibernation is billed until the memory has been written out
    if (!billedOn) close(machine.billed, at);
  }
  world.record.transition(machine, from, at);
  announce(world, machine);
  machine.watch?.(machine);
}

function close(spans: readonly Span[], at: number): void {
  const last = spans.at(-1);
  if (last !== undefined && last.to === null) last.to = at;
}

function announce(world: World, machine: Machine): void {
  publish(world, machine.region, {
    detailType: 'EC2 Instance State-change Notification',
    source: 'aws.ec2',
    resources: [`arn:aws:ec2:${machine.region}:${world.account}:instance/${machine.id}`],
    detail: { 'instance-id': machine.id, state: machine.state },
  });
}

/** As EC2's console and StateTransitionReason write it: `2025-05-14 17:00:12`. */
const clockFace = (seconds: number): string =>
  instant(seconds * 1000)
    .slice(0, 19)
    .replace('T', ' ');
