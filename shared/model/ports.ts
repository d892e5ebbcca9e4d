/** The doors of the house, as the rooms behind them see each other. Real adapters stand in ledger, memory, observe and execute. */
import type { Pen, Scope } from './ids.ts';
import type { LedgerRow } from './ledger.ts';
import type { Change } from './plan.ts';
import type { Receipt } from './receipt.ts';
import type { Instant } from './time.ts';

/** Append-only. Keys are derived from the rows, so the same fact is one row however often it is told. */
export interface Ledger {
  /** `false`: this very fact (change claimed, meter closed, …) was already on record; nothing was written. */
  append(row: LedgerRow): Promise<boolean>;
  /** Whether a change was claimed, and how it was settled, if it was. */
  lookUp(change: {
    readonly id: string;
    readonly causeAt: Instant;
    readonly scope: Scope;
  }): Promise<{ claimed: boolean; settled: LedgerRow | null }>;
  /** All rows of a scope filed under the UTC days from `from` up to but not including `to`, in order of their keys. */
  rows(scope: Scope, from: Instant, to: Instant): AsyncIterable<LedgerRow>;
  /** The days that are sealed, of those that begin from `from` up to but not including `to`: every revision. */
  sealed(scope: Scope, from: Instant, to: Instant): AsyncIterable<LedgerRow>;
  /** All rows of one meter. */
  meter(scope: Scope, meterId: string, openedAt: Instant): AsyncIterable<LedgerRow>;
}

export interface MemoryItem<Value = unknown> {
  /** Within its shelf: `instance#i-0abc`, `fleet#web-asg`, `agenda`, `pending#chg-…`. */
  readonly key: string;
  readonly value: Value;
  /** Counts up from 1; 0 stands for an item that is not there yet. */
  readonly version: number;
}

/** A shelf holds all that one pen remembers of one scope, what one fleet's demand has taught, what its instances' idle hours have taught, or what passes between us and Slack. */
export type Shelf =
  | `${string}/${string}#${Pen}`
  | `${string}/${string}#demand#${string}`
  | `${string}/${string}#instance-types`
  | `${string}/${string}#roll`
  | `${string}/${string}#idle`
  | `${string}#prices`
  | 'own-cost'
  | 'outbox'
  | 'buttons'
  | 'cards'
  | 'slack';

export interface Memory {
  /** Everything on a shelf that has not expired at `at`, in order of keys. */
  readShelf(shelf: Shelf, at: Instant): Promise<MemoryItem[]>;
  read(shelf: Shelf, key: string, at: Instant): Promise<MemoryItem | null>;
  /**
   * Compare and set on the version (0: must not exist). `false`: somebody else wrote in between; nothing was written.
   * What expires needs `at`, too: an item that has expired by then counts as not there, though the table may still hold it.
   */
  write(shelf: Shelf, item: MemoryItem, options?: { readonly at: Instant; readonly expiresAt?: Instant }): Promise<boolean>;
  /** Removes the item if it still has this version. `false`: it has not. */
  forget(shelf: Shelf, item: Pick<MemoryItem, 'key' | 'version'>): Promise<boolean>;
}

/** What execute puts on record before and after it lifts the pen. Each step may be taken again: a crash in between costs nothing. */
export interface Claims {
  /** `false`: this very change was claimed before, by anyone; it must not be written. */
  claim(change: Change, at: Instant): Promise<boolean>;
  /** How a claimed change ended, if anybody saw it; `null` for a change that was never claimed. */
  recall(change: Change): Promise<{ readonly settled: Receipt | null } | null>;
  /** Outcome on record, meter opened, memory changed, question closed: in this order. */
  settle(receipt: Receipt): Promise<void>;
  /** Closes the question of a change that was never claimed, so never written. */
  drop(change: Change): Promise<void>;
}
