/** The ledger's rows: append-only facts of what happened and what it cost. A correction is a new row. */
import type { Baseline } from './baseline.ts';
import type { ResourceRef, Scope } from './ids.ts';
import type { MicroUsd } from './money.ts';
import type { BilledAs } from './observation.ts';
import type { Change } from './plan.ts';
import type { Outcome } from './receipt.ts';
import type { SealedRow } from './sealed.ts';
import type { Instant } from './time.ts';

export type LedgerRow =
  | ClaimedRow
  | SettledRow
  | ProposedRow
  | MeterOpenedRow
  | MeterClosedRow
  | MeterCorrectedRow
  | NotedRow
  | OwnCostRow
  | SealedRow;

export interface Row {
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

export type SavingClass = 'schedule' | 'idle-stop' | 'tags' | 'rightsize' | 'scale-in';

/**
 * Whether a Savings Plan or a Reserved Instance has paid for the hours already. `none`: declared by the user, so the price is marginal;
 * `unknown`: it may have paid for all of them, so the low bound is 0; a share: what Cost Explorer told of such instances.
 */
export type Commitments = 'none' | 'unknown' | Coverage;

export interface Coverage {
  /** Of 10,000 hours, how many a commitment had paid for: rounded up. */
  readonly covered: number;
  /** For people: `Cost Explorer, 2025-05-01 to 2025-05-14`. */
  readonly source: string;
}

/**
 * From here on `running` instances are billed where the baseline expects `runs[h] / weeks`: 0 for a stopped box, the observed number for
 * a fleet (more than the baseline makes negative hours, and they stay in). Of class `rightsize`: one instance runs, at `perHour` less.
 */
export interface MeterOpenedRow extends Row {
  readonly kind: 'meter-opened';
  readonly meterId: string;
  readonly resource: ResourceRef;
  readonly class: SavingClass;
  readonly running: number;
  /** Of one instance; of class `rightsize` what an hour costs less (negative: more). `null`: unknown, hours only. */
  readonly perHour: MicroUsd | null;
  readonly priceSource: string | null;
  /** The line of the bill that these hours would have been on; `null` where that is not one line. */
  readonly billedAs: BilledAs | null;
  readonly commitments: Commitments;
  /** Saved with each avoided hour besides: the public address that a stop gives back. No commitment pays for it. */
  readonly addressPerHour: MicroUsd;
  /** Charged once for the change itself: surplus CPU credits, the rest of a first minute. */
  readonly addedCost: MicroUsd;
  readonly baseline: Baseline;
  /** The change that opened it; `null` where the fleet was merely observed. */
  readonly changeId: string | null;
  readonly policy: string;
  readonly owner: string | null;
  /** Value of the team tag; else the owner stands for it. */
  readonly team: string | null;
}

export interface MeterClosedRow extends Row {
  readonly kind: 'meter-closed';
  readonly meterId: string;
  readonly openedAt: Instant;
  readonly resource: ResourceRef;
  readonly why:
    | 'started-by-us'
    | 'started-by-someone'
    | 'stopped'
    | 'terminated'
    | 'type-changed'
    | 'size-changed'
    | 'day-ended'
    | 'released';
}

/**
 * What the bill says of a meter's hours: a row beside the claim, never an edit of it (FOCUS: ChargeClass Correction). The latest revision
 * holds. A meter with one is of grade A.
 */
export interface MeterCorrectedRow extends Row {
  readonly kind: 'meter-corrected';
  readonly meterId: string;
  readonly openedAt: Instant;
  readonly resource: ResourceRef;
  /** Counts up from 1. */
  readonly revision: number;
  /** `verified`: as it was claimed; `adjusted`: at another price or coverage; `reversed`: it ran, so nothing was saved. */
  readonly finding: 'verified' | 'adjusted' | 'reversed';
  /** ContractedUnitPrice of the hours around it; `null`: as it was claimed. */
  readonly perHour: MicroUsd | null;
  /** Of 10,000 hours, how many a commitment paid for; `null`: as it was claimed. */
  readonly covered: number | null;
  /** For people: `bill of 2025-05`. */
  readonly source: string;
  readonly detail: string | null;
}

/** What a function of ours cost on one UTC day, by its own count of what it called. */
export interface OwnCostRow extends Row {
  readonly kind: 'own-cost';
  /** `2025-05-14` */
  readonly day: string;
  readonly function: string;
  /** By unit, such as `lambda-gb-seconds`, `metrics-read`: how many. */
  readonly used: Readonly<Record<string, number>>;
  readonly cost: MicroUsd;
  /** For people: `list prices of 2025-04`. */
  readonly priceSource: string;
}

/** What people or AWS did that bears on the account: never credited to us. */
export interface NotedRow extends Row {
  readonly kind: 'noted';
  readonly resource: ResourceRef;
  /** `asked-by-someone`: a call that was not ours, and `detail` says whose; what came of it is noted apart. */
  readonly what: 'started-by-someone' | 'stopped-by-someone' | 'terminated' | 'start-failed' | 'asked-by-someone';
  readonly detail: string | null;
}
