/** The rows of a statement, gathered as they stream by: only meters and what became of changes are kept. */
import type { LedgerRow, NotedRow, SettledRow } from '../model/ledger.ts';
import type { ActionKind } from '../model/plan.ts';
import type { Instant } from '../model/time.ts';
import type { Meter } from './amounts.ts';
import { rowKey } from './keys.ts';

export interface Gathered {
  readonly meters: readonly Meter[];
  readonly claims: readonly { readonly changeId: string; readonly kind: ActionKind; readonly at: Instant }[];
  readonly settled: readonly SettledRow[];
  readonly proposed: readonly { readonly kind: ActionKind; readonly at: Instant }[];
  readonly noted: readonly NotedRow[];
}

export interface Gathering {
  /** In any order; a row that is met twice counts once. */
  add(row: LedgerRow): void;
  gathered(): Gathered;
}

export function gather(): Gathering {
  const seen = new Set<string>();
  const openings = new Map<string, Meter['opened']>();
  const closings = new Map<string, NonNullable<Meter['closed']>>();
  const claims: Gathered['claims'][number][] = [];
  const settled: SettledRow[] = [];
  const proposed: Gathered['proposed'][number][] = [];
  const noted: NotedRow[] = [];

  return {
    add(row) {
      const { pk, sk } = rowKey(row);
      if (seen.has(`${pk} ${sk}`)) return;
      seen.add(`${pk} ${sk}`);
      switch (row.kind) {
        case 'claimed':
          claims.push({ changeId: row.change.id, kind: row.change.action.kind, at: row.at });
          return;
        case 'settled':
          settled.push(row);
          return;
        case 'proposed':
          proposed.push({ kind: row.change.action.kind, at: row.at });
          return;
        case 'meter-opened':
          openings.set(row.meterId, row);
          return;
        case 'meter-closed':
          closings.set(row.meterId, row);
          return;
        case 'noted':
          noted.push(row);
          return;
        default:
          return row satisfies never;
      }
    },
    gathered: () => {
      // A closing without its opening belongs to a meter that was opened before these rows begin: its credit has ended since.
      const meters = [...openings.values()].map(opened => ({ opened, closed: closings.get(opened.meterId) ?? null }));
      return { meters, claims, settled, proposed, noted };
    },
  };
}
