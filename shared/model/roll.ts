/** What a pen's latest full look saw of each machine, and what it thought: so that a question is answered without looking again. */
import type { ResourceRef } from './ids.ts';
import type { InstanceState } from './observation.ts';
import type { Reason } from './plan.ts';
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
  readonly policy: string | null;
}
