/** Claims over ledger and memory: what makes a write happen once, and what makes a crash a question instead of a loss. */
import { stopMeterId } from '../ledger/meters.ts';
import { rememberFleet, rememberInstance, rememberTags } from '../memory/remember.ts';
import { fleetKey, instanceKey, laneKey, pendingKey, taggedKey } from '../memory/shelves.ts';
import type { Pen } from '../model/ids.ts';
import type { Commitments, MeterOpenedRow, SettledRow } from '../model/ledger.ts';
import type { FleetMemory, InstanceMemory, TagMemory } from '../model/memory.ts';
import type { Change } from '../model/plan.ts';
import type { Claims, Ledger, Memory, Shelf } from '../model/ports.ts';
import type { Receipt } from '../model/receipt.ts';
import { addSeconds, type Instant } from '../model/time.ts';
import { changeItem } from './items.ts';
import { afterSettling } from './resize-meter.ts';
import { metersStop, stopMeter } from './stop-meter.ts';

export interface Records {
  readonly ledger: Ledger;
  readonly memory: Memory;
  readonly shelf: Shelf;
  readonly commitments: Commitments;
}

export const claimsOn = (records: Records): Claims => ({
  claim: async (change, at) => {
    if (!(await takeLane(change, at, records))) return false;
    const claimed = await claim(change, at, records);
    if (!claimed) await leaveLane(change, at, records);
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

async function claim(change: Change, at: Instant, { ledger, memory, shelf }: Records): Promise<boolean> {
  const key = pendingKey(change.id);
  // The pending item first: a claim without one would be a question that nobody asks.
  if (!(await memory.write(shelf, { key, value: { change, claimedAt: at }, version: 0 }))) return false;
  const claimed = await ledger.append({ kind: 'claimed', at, scope: change.resource.scope, change });
  if (!claimed) await memory.forget(shelf, { key, version: 1 });
  return claimed;
}

/** As long as an unanswered claim is left alone, so is its fleet: then the world is asked, and the lane is free. */
const LANE_SECONDS = 120;

/**
 * A named fleet is looked at beside the sweep of its scope, so two runs may want to resize it at once: from claim to settled answer it
 * belongs to one of them. Whoever comes after has seen less than there is now, and its re-read says so.
 */
async function takeLane({ id, pen, resource }: Change, at: Instant, { memory, shelf }: Records): Promise<boolean> {
  if (pen !== 'resize-fleets') return true;
  const item = { key: laneKey(resource.id), value: id, version: 0 };
  return memory.write(shelf, item, { at, expiresAt: addSeconds(at, LANE_SECONDS) });
}

async function leaveLane({ id, pen, resource }: Change, at: Instant, { memory, shelf }: Records): Promise<void> {
  if (pen !== 'resize-fleets') return;
  const item = await memory.read(shelf, laneKey(resource.id), at);
  if (item !== null && item.value === id) await memory.forget(shelf, item);
}

async function settle(receipt: Receipt, records: Records): Promise<void> {
  const { change, outcome, at, requestId, detail } = receipt;
  const { scope, id } = change.resource;
  await records.ledger.append({ kind: 'settled', at, scope, changeId: change.id, causeAt: change.causeAt, outcome, requestId, detail });
  const isInstance = change.pen === 'stop-start-instances';
  const before = isInstance ? await records.memory.read(records.shelf, instanceKey(id), at) : null;
  const known = (before?.value as InstanceMemory | undefined) ?? null;
  const opens = metersStop(receipt) ? await openMeter(receipt, known, records) : null;
  const also = await afterSettling(receipt, known, records.ledger, records.commitments);
  for (const row of also.rows) await records.ledger.append(row);
  const next = (held: unknown) => waiting(held, remembered(held, receipt), opens);
  await changeItem(records, keyOf(change.pen, id), at, held => (isInstance ? also.next(next(held) as InstanceMemory | null) : next(held)));
  await records.memory.forget(records.shelf, { key: pendingKey(change.id), version: 1 });
  await leaveLane(change, at, records);
}

/** @returns the opening where it has to wait: EC2 bills an instance that hibernates until it has stopped. */
async function openMeter(receipt: Receipt, known: InstanceMemory | null, { ledger, commitments }: Records): Promise<MeterOpenedRow | null> {
  const { action } = receipt.change;
  const opened = stopMeter(receipt, known, commitments);
  if (action.kind === 'stop-instance' && action.hibernate) return opened;
  await ledger.append(opened);
  return null;
}

/** Settled a second time, the debt stands as it is: its meter may have been opened since. */
function waiting(before: unknown, value: unknown, opens: MeterOpenedRow | null): unknown {
  const [held, memory] = [before as InstanceMemory | null, value as InstanceMemory | null];
  if (opens === null || memory?.stop?.meterId !== opens.meterId) return value;
  return { ...memory, stop: held?.stop?.meterId === opens.meterId ? held.stop : { ...memory.stop, opens } };
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
