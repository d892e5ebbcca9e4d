/** Ledger and memory on paper: the ports' promises without a table, fast enough for a property. Values are copied as a table would copy them. */
import { daysBetween, partition, rowKey } from '../../shared/ledger/keys.ts';
import type { LedgerRow } from '../../shared/model/ledger.ts';
import type { Ledger, Memory, MemoryItem } from '../../shared/model/ports.ts';
import { type Instant, utcDay } from '../../shared/model/time.ts';

const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value));

export function paperLedger(): Ledger & { readonly all: () => LedgerRow[] } {
  const rows = new Map<string, LedgerRow>();
  return {
    all: () => [...rows.values()],
    append: async row => {
      const { pk, sk } = rowKey(row);
      if (rows.has(`${pk} ${sk}`)) return false;
      rows.set(`${pk} ${sk}`, copy(row));
      return true;
    },
    lookUp: async ({ id }) => {
      const settled = [...rows.values()].find(r => r.kind === 'settled' && r.changeId === id) ?? null;
      return { claimed: [...rows.values()].some(r => r.kind === 'claimed' && r.change.id === id), settled: copy(settled) };
    },
    rows: async function* (scope, from, to) {
      for (const day of daysBetween(from, to)) {
        const inIt = [...rows].filter(([, row]) => rowKey(row).pk === partition(scope, day)).toSorted(([a], [b]) => (a < b ? -1 : 1));
        yield* copy(inIt.map(([, row]) => row));
      }
    },
    sealed: async function* (_, from, to) {
      yield* copy([...rows.values()].filter(row => row.kind === 'sealed' && utcDay(from) <= row.day && row.day < utcDay(to)));
    },
    meter: async function* (_, meterId) {
      yield* copy([...rows.values()].filter(row => 'meterId' in row && row.meterId === meterId));
    },
  };
}

export function paperMemory(): Memory & { readonly all: () => MemoryItem[] } {
  const items = new Map<string, MemoryItem>();
  const expiries = new Map<string, Instant>();
  const isAlive = (place: string, at: Instant | undefined) => at === undefined || (expiries.get(place) ?? '9999') > at;
  const held = (place: string, at?: Instant) => (isAlive(place, at) ? items.get(place) : undefined);
  return {
    all: () => copy([...items.values()]),
    readShelf: async (shelf, at) =>
      [...items].filter(([place]) => place.startsWith(`${shelf} `) && isAlive(place, at)).map(([, item]) => copy(item)),
    read: async (shelf, key, at) => copy(held(`${shelf} ${key}`, at) ?? null),
    write: async (shelf, item, options) => {
      const { at, expiresAt } = options ?? {};
      const place = `${shelf} ${item.key}`;
      if ((held(place, at)?.version ?? 0) !== item.version) return false;
      items.set(place, copy({ ...item, version: item.version + 1 }));
      if (expiresAt === undefined) expiries.delete(place);
      else expiries.set(place, expiresAt);
      return true;
    },
    forget: async (shelf, { key, version }) => {
      const place = `${shelf} ${key}`;
      if (held(place)?.version !== version) return false;
      expiries.delete(place);
      return items.delete(place);
    },
  };
}
