/** What a pen's latest full look saw of each machine, and what it thought: so that a question is answered without looking again. */
import type { ResourceRef } from './ids.ts';
import type { InstanceState } from './observation.ts';
import type { ActionKind, Reason } from './plan.ts';
import type { Instant } from './time.ts';

/** A part of the roll: an item of the table holds 400 KB. */
export interface RollPage {
  readonly at: Instant;
  readonly entries: readonly RollEntry[];
}

export interface RollEntry {
  readonly resource: ResourceRef;
  readonly owner: string | null;
  /** Value of the team tag. */
  readonly team: string | null;
  readonly state: InstanceState;
  /** Why it was left alone, or what argued its change. */
  readonly because: Reason | null;
  /** What was planned for it; `null`: it was left alone. */
  readonly action: ActionKind | null;
  readonly policy: string | null;
  /** What it costs while it is stopped; `null`: it is not stopped, or its volumes could not be read. */
  readonly still: StillThere | null;
}

/** What stays behind when an instance is stopped, and bills on. */
export interface StillThere {
  readonly disks: readonly Disk[];
  /** Public addresses of its own: those that a stop does not give back. */
  readonly elasticIps: number;
}

/** Provisioned, and paid for whether it is used or not. */
export interface Disk {
  /** `gp3`, `io2`. */
  readonly type: string;
  readonly gib: number;
  readonly iops: number | null;
  /** MiB a second, of gp3. */
  readonly throughput: number | null;
}
