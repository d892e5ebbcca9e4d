/** Claims over ledger and memory: what makes a write happen once, and what makes a crash a question instead of a loss. */
import { openStopMeter, stopMeterId } from '../ledger/meters.ts';
import { rememberFleet, rememberInstance, rememberTags } from '../memory/remember.ts';
import { fleetKey, instanceKey, pendingKey, taggedKey } from '../memory/shelves.ts';
import type { Pen } from '../model/ids.ts';
import type { SettledRow } from '../model/ledger.ts';
import type { FleetMemory, InstanceMemory, TagMemory } from '../model/memory.ts';
import type { Change } from '../model/plan.ts';
import type { Claims, Ledger, Memory, Shelf } from '../model/ports.ts';
import type { Receipt } from '../model/receipt.ts';
import { changeItem } from './items.ts';

export interface Records {
  readonly ledger: Ledger;
  readonly memory: Memory;
  readonly shelf: Shelf;
  readonly commitments: 'none' | 'unknown';
}

export const claimsOn = (records: Records): Claims => ({
  claim: async (change, at) => {
    const { ledger, memory, shelf } = records;
    const key = pendingKey(change.id);
    // The pending item first: a claim without one would be a question that nobody asks.
    if (!(await memory.write(shelf, { key, value: { change, claimedAt: at }, version: 0 }))) return false;
    const claimed = await ledger.append({ kind: 'claimed', at, scope: change.resource.scope, change });
    if (!claimed) await memory.forget(shelf, { key, version: 1 });
    return claimed;
  },
  recall: async change => {
    const { claimed, settled } = await records.ledger.lookUp({ id: change.id, causeAt: change.causeAt, scope: change.resource.scope });
    return claimed ? { settled: settled?.kind === 'settled' ? recorded(change, settled) : null } : null;
  },
  settle: receipt => settle(receipt, records),
  drop: async change => {
    await records.memory.forget(records.shelf, { key: pendingKey(change.id), version: 1 });
  },
});

async function settle(receipt: Receipt, records: Records): Promise<void> {
  const { change, outcome, at, requestId, detail } = receipt;
  const { scope } = change.resource;
  await records.ledger.append({ kind: 'settled', at, scope, changeId: change.id, causeAt: change.causeAt, outcome, requestId, detail });
  if (change.action.kind === 'stop-instance' && outcome === 'done') await openMeter(receipt, records);
  await changeItem(records, keyOf(change.pen, change.resource.id), at, held => remembered(held, receipt));
  await records.memory.forget(records.shelf, { key: pendingKey(change.id), version: 1 });
}

async function openMeter(receipt: Receipt, { ledger, memory, shelf, commitments }: Records): Promise<void> {
  const { resource, saving } = receipt.change;
  const item = await memory.read(shelf, instanceKey(resource.id), receipt.at);
  const baseline = (item?.value as InstanceMemory | undefined)?.baseline ?? { kind: 'unknown', why: 'not-read-yet', frozenAt: receipt.at };
  const { perHour = null, priceSource = null } = saving ?? {};
  const price = perHour === null || priceSource === null ? null : { perHour, source: priceSource };
  await ledger.append(openStopMeter(receipt, { baseline, price, commitments }));
}

function remembered(held: unknown, receipt: Receipt): unknown {
  const { pen, id } = receipt.change;
  switch (pen) {
    case 'stop-start-instances':
      return rememberInstance(held as InstanceMemory | null, receipt, stopMeterId(id));
    case 'resize-fleets':
      return rememberFleet(held as FleetMemory | null, receipt);
    case 'enforce-tags':
      return rememberTags(held as TagMemory | null, receipt);
    default:
      return pen satisfies never;
  }
}

/** Under which key a pen remembers a resource. */
export function keyOf(pen: Pen, id: string): string {
  switch (pen) {
    case 'stop-start-instances':
      return instanceKey(id);
    case 'resize-fleets':
      return fleetKey(id);
    case 'enforce-tags':
      return taggedKey(id);
    default:
      return pen satisfies never;
  }
}

const recorded = (change: Change, { outcome, at, requestId, detail }: SettledRow): Receipt => ({ change, outcome, at, requestId, detail });
