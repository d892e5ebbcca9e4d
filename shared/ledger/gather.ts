/** The rows of a statement, gathered as they stream by: only meters and what became of changes are kept. */
import { type Scope, scopeKey } from '../model/ids.ts';
import type { LedgerRow, MeterCorrectedRow, NotedRow, OwnCostRow, SettledRow } from '../model/ledger.ts';
import type { ActionKind, Saving } from '../model/plan.ts';
import type { SealedRow } from '../model/sealed.ts';
import { type Instant, utcDay } from '../model/time.ts';
import type { Meter } from './amounts.ts';
import { rowKey } from './keys.ts';

export interface Gathered {
  readonly meters: readonly Meter[];
  readonly claims: readonly { readonly changeId: string; readonly kind: ActionKind; readonly at: Instant; readonly scope: Scope }[];
  readonly settled: readonly SettledRow[];
  readonly proposed: readonly { readonly kind: ActionKind; readonly at: Instant; readonly scope: Scope; readonly saving: Saving | null }[];
  readonly noted: readonly NotedRow[];
  readonly ownCosts: readonly OwnCostRow[];
  /** All revisions, by `dayKey`. */
  readonly sealed: ReadonlyMap<string, readonly SealedRow[]>;
}

export interface Gathering {
  /** In any order; a row that is met twice counts once. */
  add(row: LedgerRow): void;
  gathered(): Gathered;
}

/** One day of one scope. */
export const dayKey = (scope: Scope, at: Instant): string => `${scopeKey(scope)}#${utcDay(at)}`;

export function gather(): Gathering {
  const seen = new Set<string>();
  const openings = new Map<string, Meter['opened']>();
  const closings = new Map<string, NonNullable<Meter['closed']>>();
  const corrections = new Map<string, MeterCorrectedRow[]>();
  const claims: Gathered['claims'][number][] = [];
  const settled: SettledRow[] = [];
  const proposed: Gathered['proposed'][number][] = [];
  const noted: NotedRow[] = [];
  const ownCosts: OwnCostRow[] = [];
  const sealed = new Map<string, SealedRow[]>();

  return {
    add(row) {
      const { pk, sk } = rowKey(row);
      if (seen.has(`${pk} ${sk}`)) return;
      seen.add(`${pk} ${sk}`);
      switch (row.kind) {
        case 'claimed':
          claims.push({ changeId: row.change.id, kind: row.change.action.kind, at: row.at, scope: row.scope });
          return;
        case 'settled':
          settled.push(row);
          return;
        case 'proposed':
          proposed.push({ kind: row.change.action.kind, at: row.at, scope: row.scope, saving: row.change.saving });
          return;
        case 'meter-opened':
          openings.set(row.meterId, row);
          return;
        case 'meter-closed':
          closings.set(row.meterId, row);
          return;
        case 'meter-corrected':
          push(corrections, row.meterId, row);
          return;
        case 'noted':
          noted.push(row);
          return;
        case 'own-cost':
          ownCosts.push(row);
          return;
        case 'sealed':
          push(sealed, `${scopeKey(row.scope)}#${row.day}`, row);
          return;
        default:
          return row satisfies never;
      }
    },
    gathered: () => {
      // A closing without its opening belongs to a meter that was opened before these rows begin: its credit has ended since.
      const meters = [...openings.values()].map(opened => ({
        ...{ opened, closed: closings.get(opened.meterId) ?? null },
        corrections: (corrections.get(opened.meterId) ?? []).toSorted((a, b) => a.revision - b.revision),
      }));
      return { meters, claims, settled, proposed, noted, ownCosts, sealed };
    },
  };
}

function push<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
