/** The ledger's rows: append-only facts of what happened and what it cost. A correction is a new row. */
import type { Baseline } from './baseline.ts';
import type { Pen, ResourceRef, Scope } from './ids.ts';
import type { MicroUsd } from './money.ts';
import type { Change } from './plan.ts';
import type { Outcome } from './receipt.ts';
import type { Instant } from './time.ts';

export type LedgerRow = ClaimedRow | SettledRow | ProposedRow | MeterOpenedRow | MeterClosedRow | NotedRow;

interface Row {
  readonly at: Instant;
  readonly scope: Scope;
}

/** We are about to write. At most one per change id, ever: the claim is what makes a write happen once. */
export interface ClaimedRow extends Row {
  readonly kind: 'claimed';
  readonly change: Change;
}

export interface SettledRow extends Row {
  readonly kind: 'settled';
  readonly changeId: string;
  readonly causeAt: Instant;
  readonly outcome: Outcome;
  readonly requestId: string | null;
  readonly detail: string | null;
}

/** In mode `plan`: what would have been done. Worth $0. */
export interface ProposedRow extends Row {
  readonly kind: 'proposed';
  readonly change: Change;
}

export type SavingClass = 'schedule' | 'idle-stop' | 'scale-in';

/**
 * From here on `running` instances are billed where the baseline expects `runs[h] / weeks`: 0 for a stopped box, the observed number for
 * a fleet (more than the baseline makes negative hours, and they stay in).
 */
export interface MeterOpenedRow extends Row {
  readonly kind: 'meter-opened';
  readonly meterId: string;
  readonly resource: ResourceRef;
  readonly class: SavingClass;
  readonly running: number;
  /** Of one instance; `null`: unknown, hours only. */
  readonly perHour: MicroUsd | null;
  readonly priceSource: string | null;
  /** `none`: declared by the user, so the price is marginal; `unknown`: a commitment may have paid already, so the low bound is 0. */
  readonly commitments: 'none' | 'unknown';
  readonly baseline: Baseline;
  /** The change that opened it; `null` where the fleet was merely observed. */
  readonly changeId: string | null;
  readonly policy: string;
  readonly owner: string | null;
}

export interface MeterClosedRow extends Row {
  readonly kind: 'meter-closed';
  readonly meterId: string;
  readonly openedAt: Instant;
  readonly resource: ResourceRef;
  readonly why: 'started-by-us' | 'started-by-someone' | 'terminated' | 'size-changed' | 'day-ended' | 'released';
}

/** What people or AWS did that bears on the account: never credited to us. */
export interface NotedRow extends Row {
  readonly kind: 'noted';
  readonly resource: ResourceRef;
  /** `asked-by-someone`: a call that was not ours, and `detail` says whose; what came of it is noted apart. */
  readonly what: 'started-by-someone' | 'stopped-by-someone' | 'terminated' | 'start-failed' | 'asked-by-someone';
  readonly detail: string | null;
}

/** What one pen's run came to, for logs, answers and metrics. */
export interface RunTally {
  readonly pen: Pen;
  readonly scope: Scope;
  readonly at: Instant;
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>;
}
