/** The world's own record: who asked for what, and what truly happened. Judges compute from this, never from what the house says. */
import { type Instant, instant } from '../../shared/model/time.ts';
import type { BilledSpan, Machine, MachineState } from './machine.ts';

/** One call that could change something, as it arrived. */
export interface Write {
  /** Counts from 1. */
  readonly sequence: number;
  readonly at: Instant;
  readonly account: string;
  readonly region: string;
  /** `ec2`, `autoscaling`, … */
  readonly service: string;
  /** `StopInstances`. */
  readonly action: string;
  readonly params: unknown;
  /** As the client sent it, with whatever it appended of its own. */
  readonly userAgent: string;
  readonly requestId: string;
  /** `function:stop-start-instances`, `human`, `client`. */
  readonly caller: string;
  /** Name of the error that the caller saw, if it saw one. With a fault after the fact, `changed` tells what happened all the same. */
  readonly error: string | null;
  /** Ids of what this call really changed; empty when the world was so already, or refused. */
  readonly changed: readonly string[];
}

export interface Transition {
  readonly at: Instant;
  readonly region: string;
  readonly instance: string;
  readonly from: MachineState | null;
  readonly to: MachineState;
}

export class WorldRecord {
  readonly writes: Write[] = [];
  readonly transitions: Transition[] = [];
  readonly #machines = new Map<string, Machine>();

  write(write: Omit<Write, 'sequence'>): void {
    this.writes.push({ sequence: this.writes.length + 1, ...write });
  }

  transition(machine: Machine, from: MachineState | null, at: number): void {
    this.#machines.set(machine.id, machine);
    this.transitions.push({ at: instant(at * 1000), region: machine.region, instance: machine.id, from, to: machine.state });
  }

  /** Spans that EC2 bills, in order; instances that were there before the story are billed from their latest start. */
  billed(id: string): readonly Readonly<BilledSpan>[] {
    return this.#machines.get(id)?.billed ?? [];
  }

  /** True billed seconds of an instance inside `[from, to)`, epoch seconds. */
  billedSeconds(id: string, from: number, to: number): number {
    return this.billed(id).reduce((sum, span) => sum + Math.max(0, Math.min(span.to ?? to, to) - Math.max(span.from, from)), 0);
  }

  machine(id: string): Machine | undefined {
    return this.#machines.get(id);
  }

  /** Every instance that ever was, also those long terminated. */
  instances(): readonly Machine[] {
    return [...this.#machines.values()];
  }
}
