/** What became of a change. Expected outcomes are values; only bugs throw. */
import type { Change } from './plan.ts';
import type { Instant } from './time.ts';

export type Outcome =
  /** AWS took the write. */
  | 'done'
  /** The world was so before we wrote. */
  | 'already-so'
  /** What the change expected no longer holds: decided afresh at the next tick. */
  | 'stale'
  /** AWS or a guard (pause, protection) said no; trying the same again would not help. */
  | 'refused'
  /** AWS failed in a way that may pass; a later tick makes a new attempt. */
  | 'failed'
  /** Somebody else holds the claim, or the run ended before its turn: nothing was written. */
  | 'not-attempted';

export interface Receipt {
  readonly change: Change;
  readonly outcome: Outcome;
  readonly at: Instant;
  /** AWS's request id where a request was made. */
  readonly requestId: string | null;
  /** For people: the named cause of anything but `done`. */
  readonly detail: string | null;
}
