/** What a pen sees and decides before anything is written: the same for a Lambda, `ebb plan` and a replay. */

import type { Warnings } from '../../decide/warnings.ts';
import type { SortedShelf } from '../../memory/shelves.ts';
import type { Doorbell } from '../../model/doorbell.ts';
import type { PendingChange } from '../../model/memory.ts';
import type { Notice } from '../../model/notice.ts';
import type { Plan } from '../../model/plan.ts';
import type { MemoryItem, Shelf } from '../../model/ports.ts';
import type { RollEntry } from '../../model/roll.ts';
import type { Instant } from '../../model/time.ts';
import { agendaOf } from '../agenda.ts';
import type { Run } from '../run.ts';
import type { StateChange } from '../witness.ts';

export interface Looking {
  readonly run: Run;
  readonly look: Doorbell['look'];
  /** Whether idleness is measured: on the hour, and when somebody asks. The hour that runs is not in the series yet. */
  readonly measure: boolean;
  readonly shelf: SortedShelf;
  /** Claims that nobody has settled yet, by resource id. */
  readonly open: ReadonlyMap<string, PendingChange>;
}

export interface Looked {
  readonly plan: Plan;
  /** What has to be remembered whatever becomes of the plan. */
  readonly next: readonly MemoryItem[];
  /** The same, of what lies on shelves of its own. Later ones are only true when earlier ones are written. */
  readonly apart: readonly Apart[];
  readonly nextAt: Instant | null;
  /** Some were not looked at: who is not in the plan may still be there. */
  readonly partial?: boolean;
  /** What events failed to tell and the instances show: to be put on record before anything is written. */
  readonly testimonies: readonly StateChange[];
  /** What was found that people should hear, whatever becomes of the plan. */
  readonly notices?: readonly Notice[];
  /** Whom to warn of an idle stop, and whom no more. */
  readonly warnings?: Warnings;
  /** Machines that were there, for the roll. */
  readonly machines?: readonly Machine[];
}

export type Machine = Pick<RollEntry, 'resource' | 'owner' | 'team' | 'state'> & {
  readonly volumes: readonly string[];
  readonly elasticIps: number;
};

/** Items of one other shelf, in the order in which they must be written. */
export interface Apart {
  readonly shelf: Shelf;
  readonly items: readonly { readonly item: MemoryItem; readonly expiresAt: Instant }[];
  /** Each is true by itself: many are written at a time, and one that loses a race spoils no other. */
  readonly each?: true;
}

/** Disruptions of today that were already spent in this scope. */
export const spentToday = ({ run, shelf }: Looking): number => agendaOf(shelf, run.at).disruptionsToday;

/** Next values, each with the version it was read at. */
export function itemsToWrite<Value>(
  next: ReadonlyMap<string, Value>,
  held: ReadonlyMap<string, MemoryItem<Value>>,
  key: (id: string) => string,
): MemoryItem[] {
  return [...next].map(([id, value]) => ({ key: key(id), value, version: held.get(id)?.version ?? 0 }));
}
