/** A day that is over, folded into one row: a year is read in seconds. What it says is what its rows say, and they stay beside it. */
import type { Scope } from './ids.ts';
import type { MeterCorrectedRow, SavingClass } from './ledger.ts';
import type { Instant } from './time.ts';

/** An exact fraction as text: `49248000`, `98496000/7`. */
export type ExactText = string;

export interface SealedRow {
  readonly kind: 'sealed';
  readonly at: Instant;
  readonly scope: Scope;
  /** `2025-05-14`, UTC. */
  readonly day: string;
  /** 1 for the first; a correction of one of its meters seals the day anew. */
  readonly revision: number;
  /** What was read to make it. */
  readonly rows: number;
  readonly lines: readonly SealedLine[];
  /** Meters that had not ended when it was sealed, and so are in no line: each is read by itself. */
  readonly running: readonly { readonly meterId: string; readonly openedAt: Instant }[];
  readonly corrections: readonly MeterCorrectedRow[];
  readonly counts: SealedCounts;
  readonly ownCost: Readonly<Record<string, { readonly used: Readonly<Record<string, number>>; readonly cost: number }>>;
}

/** All ended meters of the day that agree in these words, summed. */
export interface SealedLine {
  readonly class: SavingClass;
  readonly policy: string;
  readonly owner: string | null;
  readonly team: string | null;
  readonly grade: 'A' | 'B' | 'C' | 'hours-only';
  readonly priceSource: string | null;
  /** Meters that ran on the day, and those of them that ran on the day before, too. */
  readonly meters: number;
  readonly carried: number;
  readonly avoided: ExactText;
  readonly unpriced: ExactText;
  readonly asleep: ExactText;
  readonly resized: ExactText;
  readonly realised: { readonly low: ExactText; readonly high: ExactText };
  readonly claimed: { readonly low: ExactText; readonly high: ExactText };
}

/** As in the statement's events, of what happened on the day. */
export interface SealedCounts {
  readonly changes: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly unsettled: 0;
  readonly proposed: Readonly<Record<string, number>>;
  readonly boomerangs: number;
  readonly failedStarts: number;
  readonly noted: Readonly<Record<string, number>>;
  readonly proposals: {
    readonly changes: number;
    readonly seconds: number;
    readonly unknown: number;
    readonly low: number;
    readonly high: number;
  };
}
