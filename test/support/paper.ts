/** Ledger and memory on paper: the ports' promises without a table, fast enough for a property. Values are copied as a table would copy them. */
import { rowKey } from '../../shared/ledger/keys.ts';
import type { LedgerRow } from '../../shared/model/ledger.ts';
import type { Ledger, Memory, MemoryItem } from '../../shared/model/ports.ts';

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
    rows: async function* () {
      yield* copy([...rows.values()]);
    },
  };
}

export function paperMemory(): Memory & { readonly all: () => MemoryItem[] } {
  const items = new Map<string, MemoryItem>();
  const held = (shelf: string, key: string) => items.get(`${shelf} ${key}`);
  return {
    all: () => copy([...items.values()]),
    readShelf: async shelf => [...items].filter(([at]) => at.startsWith(`${shelf} `)).map(([, item]) => copy(item)),
    read: async (shelf, key) => copy(held(shelf, key) ?? null),
    write: async (shelf, item) => {
      if ((held(shelf, item.key)?.version ?? 0) !== item.version) return false;
      items.set(`${shelf} ${item.key}`, copy({ ...item, version: item.version + 1 }));
      return true;
    },
    forget: async (shelf, { key, version }) => {
      if (held(shelf, key)?.version !== version) return false;
      return items.delete(`${shelf} ${key}`);
    },
  };
}
