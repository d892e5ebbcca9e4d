/** An EC2 instance as the world knows it: what it is, what it does, and when it really ran and was billed. */
import type { Steps } from './steps.ts';

export type MachineState = 'pending' | 'running' | 'stopping' | 'stopped' | 'shutting-down' | 'terminated';

export const STATE_CODES: Readonly<Record<MachineState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

/** Epoch seconds to percent of the CPU. A pure function, so that history costs nothing until it is asked for. */
export type Cpu = (at: number) => number;

/** Half-open, epoch seconds; `to` is null while it lasts. */
export interface Span {
  readonly from: number;
  to: number | null;
}

export interface Machine {
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly reservationId: string;
  /** Changes only while it is stopped. */
  type: string;
  readonly availabilityZone: string;
  readonly platform: 'linux' | 'windows';
  readonly tenancy: 'default' | 'dedicated' | 'host';
  readonly market: 'on-demand' | 'spot-one-time' | 'spot-persistent';
  /** What EC2 does with a Spot Instance whose capacity it takes back. */
  readonly interruptionBehavior: 'terminate' | 'stop' | 'hibernate';
  readonly rootDevice: 'ebs' | 'instance-store';
  readonly monitoring: 'basic' | 'detailed';
  readonly hibernation: boolean;
  /** Birth: AttachTime of the root volume, which no stop or start changes. */
  readonly createdAt: number;
  readonly volumes: readonly string[];
  readonly networkInterface: string;
  readonly privateIp: string;
  readonly publicIpv4: 'none' | 'auto' | 'elastic';
  readonly tags: Map<string, string>;
  /** Epoch seconds; before that it is described without any. */
  readonly tagsShownFrom: number;
  /** Name of the Auto Scaling group whose member it is, or in whose warm pool it waits. */
  group: string | null;
  /** Told of every change of state: the group whose member it is. */
  watch: ((machine: Machine) => void) | null;
  stopProtection: boolean;
  state: MachineState;
  /** The latest start. */
  launchTime: number;
  publicIp: string | null;
  stateReason: { readonly Code: string; readonly Message: string } | null;
  transitionReason: string;
  hibernating: boolean;
  /** `interrupted`: EC2 took its capacity back, and only EC2 may start it again. */
  interruption: 'warned' | 'interrupted' | null;
  /** When its status checks fail. */
  readonly impaired: Span[];
  /** Maintenance that EC2 has announced. */
  maintenance: MaintenanceEvent[];
  terminatedAt: number | null;
  /** What the next starts will meet. */
  startTrouble: StartTrouble | null;
  cpu: Steps<Cpu>;
  /** KB/s, and operations a second; `null`: as its CPU suggests. */
  readonly network: ((at: number) => number) | null;
  readonly diskOps: ((at: number) => number) | null;
  /** Counts the changes of state, so that an arrival which has been overtaken is recognised. */
  turn: number;
  /** When it ran before the story began, hour by hour. */
  readonly ranBefore: (at: number) => boolean;
  /** While CloudWatch gets datapoints: `running`. */
  readonly ran: Span[];
  /** What EC2 bills: from `running` to `stopping` (hibernating: `stopped`) or `shutting-down`. */
  readonly billed: BilledSpan[];
}

/** A span with the type that was billed for it. */
export interface BilledSpan extends Span {
  readonly type: string;
}

/** Times in epoch seconds. */
export interface MaintenanceEvent {
  readonly id: string;
  readonly code: 'instance-stop' | 'instance-retirement' | 'instance-reboot' | 'system-reboot' | 'system-maintenance';
  readonly notBefore: number;
  readonly notAfter: number;
}

/**
 * `capacity`: StartInstances fails with InsufficientInstanceCapacity. `kms`: it is taken, and the instance falls back to `stopped`,
 * because the key of its volume may not be used.
 */
export interface StartTrouble {
  readonly kind: 'capacity' | 'kms';
  times: number;
  /** The call that met it last. */
  invocation?: string;
}

/** Whether CloudWatch gets datapoints from it at `at`. */
export function ranAt(machine: Machine, at: number): boolean {
  for (let i = machine.ran.length - 1; i >= 0; i--) {
    const span = machine.ran[i] as Span;
    if (at >= span.from) return span.to === null || at < span.to;
  }
  return at >= machine.createdAt && machine.ranBefore(at);
}
