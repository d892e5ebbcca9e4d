/** What the house itself cost: rows that its functions wrote of their own calls, a day and a function each. */
import type { OwnCostRow } from '../model/ledger.ts';
import { type MicroUsd, microUsd } from '../model/money.ts';
import { type Instant, instant, type Window, within } from '../model/time.ts';
import { compare } from './lines.ts';
import { isSealed, type SealedDays } from './sealed.ts';

export interface OwnCost {
  readonly cost: MicroUsd;
  /** UTC days of the window that are on record: days without any row are not known to have been free. */
  readonly days: number;
  /** By unit: how many. */
  readonly used: Readonly<Record<string, number>>;
  readonly byFunction: readonly { readonly function: string; readonly cost: MicroUsd }[];
}

export function ownCostOf(rows: readonly OwnCostRow[], sealed: SealedDays, window: Window, at: Instant): OwnCost {
  const days = new Set<string>();
  const used = new Map<string, number>();
  const costs = new Map<string, number>();
  const add = (day: string, name: string, row: { readonly used: Readonly<Record<string, number>>; readonly cost: number }) => {
    days.add(day);
    costs.set(name, (costs.get(name) ?? 0) + row.cost);
    for (const [unit, count] of Object.entries(row.used)) used.set(unit, (used.get(unit) ?? 0) + count);
  };
  for (const row of rows) {
    const start = instant(`${row.day}T00:00:00Z`);
    if (within(window, start) && row.at <= at && !isSealed(sealed, row.scope, start)) add(row.day, row.function, row);
  }
  for (const { day, ownCost } of sealed.values()) for (const [name, row] of Object.entries(ownCost)) add(day, name, row);
  return {
    cost: microUsd([...costs.values()].reduce((a, b) => a + b, 0)),
    days: days.size,
    used: Object.fromEntries(sorted(used)),
    byFunction: sorted(costs).map(([name, cost]) => ({ function: name, cost: microUsd(cost) })),
  };
}

const sorted = (of: ReadonlyMap<string, number>): [string, number][] => [...of].toSorted(([a], [b]) => compare(a, b));
