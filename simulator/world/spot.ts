/** Spot: EC2 takes an instance back two minutes after a warning, and starts by itself what it stopped once there is capacity again. */
import { publish } from './bus.ts';
import { start, stop, terminate } from './ec2.ts';
import type { Machine } from './machine.ts';
import { regionOf, type World } from './world.ts';

export interface Interruption {
  /** Seconds from the stop until capacity is back and EC2 restarts what it had stopped; never unless told. */
  readonly backAfter?: number;
}

/** EC2 sees a rising risk: some time before a warning, or without one to follow. @throws Error for an instance that is not spot. */
export function recommendRebalance(world: World, machine: Machine): void {
  if (machine.market === 'on-demand') throw new Error(`${machine.id} is not a Spot Instance`);
  publish(
    world,
    machine.region,
    {
      detailType: 'EC2 Instance Rebalance Recommendation',
      source: 'aws.ec2',
      resources: [`arn:aws:ec2:${machine.availabilityZone}:instance/${machine.id}`],
      detail: { 'instance-id': machine.id },
    },
    0,
  );
}

/** From the warning to the act, seconds. Hibernation begins with its warning. */
const WARNING = 120;

/** @throws Error for an instance that is not spot. */
export function interrupt(world: World, machine: Machine, { backAfter }: Interruption = {}): void {
  const { market, interruptionBehavior: action } = machine;
  if (market === 'on-demand') throw new Error(`${machine.id} is not a Spot Instance`);
  if (machine.state !== 'running') return; // EC2 takes back what runs
  machine.interruption = 'warned';
  publish(
    world,
    machine.region,
    {
      detailType: 'EC2 Spot Instance Interruption Warning',
      source: 'aws.ec2',
      resources: [`arn:aws:ec2:${machine.availabilityZone}:instance/${machine.id}`],
      detail: { 'instance-id': machine.id, 'instance-action': action },
    },
    0,
  );
  const { turn } = machine;
  world.clock.schedule(world.clock.second() + (action === 'hibernate' ? 0 : WARNING), () => {
    if (machine.turn === turn) takeBack(world, machine, backAfter);
  });
}

function takeBack(world: World, machine: Machine, backAfter: number | undefined): void {
  machine.interruption = 'interrupted';
  if (machine.interruptionBehavior === 'terminate') {
    terminate(world, machine, {
      Code: 'Server.SpotInstanceTermination',
      Message: 'Server.SpotInstanceTermination: Spot Instance termination',
    });
    return;
  }
  stop(world, machine, {
    hibernate: machine.interruptionBehavior === 'hibernate',
    because: { Code: 'Server.SpotInstanceShutdown', Message: 'Server.SpotInstanceShutdown: Spot Instance shutdown' },
  });
  if (backAfter !== undefined) world.clock.schedule(world.clock.second() + backAfter, () => giveBack(world, machine));
}

/** EC2 restarts what it stopped itself; what is still stopping is waited for. */
function giveBack(world: World, machine: Machine): void {
  if (machine.interruption !== 'interrupted' || !regionOf(world, machine.region).machines.has(machine.id)) return;
  if (machine.state === 'stopping') world.clock.schedule(world.clock.second() + 30, () => giveBack(world, machine));
  if (machine.state === 'stopped') start(world, machine);
}

export interface SpotRequest {
  readonly state: 'open' | 'active' | 'closed' | 'disabled';
  readonly code: string;
}

/**
 * How the request of a Spot Instance stands, by the states and status codes of the EC2 user guide
 * (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-request-status.html).
 */
export function spotRequestOf({ state, interruption, interruptionBehavior }: Machine): SpotRequest {
  switch (state) {
    case 'pending':
    case 'running':
      if (interruption !== 'warned') return { state: 'active', code: 'fulfilled' };
      return { state: 'active', code: interruptionBehavior === 'terminate' ? 'marked-for-termination' : 'marked-for-stop' };
    case 'stopping':
    case 'stopped':
      if (interruption === 'interrupted') return { state: 'open', code: 'instance-stopped-no-capacity' };
      return { state: 'disabled', code: 'instance-stopped-by-user' };
    case 'shutting-down':
    case 'terminated':
      return { state: 'closed', code: interruption === 'interrupted' ? 'instance-terminated-no-capacity' : 'instance-terminated-by-user' };
    default:
      return state satisfies never;
  }
}
