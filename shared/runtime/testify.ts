/** Brings what `witness` says onto record: rows first, then memory, so that a crash in between has the same rows told again and no more. */
import { instanceKey, shelfOf, sortShelf } from '../memory/shelves.ts';
import type { ResourceRef, Scope } from '../model/ids.ts';
import type { LedgerRow } from '../model/ledger.ts';
import type { InstanceMemory } from '../model/memory.ts';
import type { MemoryItem } from '../model/ports.ts';
import type { Instant } from '../model/time.ts';
import { lookSoon } from './agenda.ts';
import type { ApiCallEvent } from './events/cloudtrail.ts';
import type { InstanceStateEvent } from './events.ts';
import type { Tables } from './tables.ts';
import { type StateChange, type Testimony, witness, witnessCall } from './witness.ts';

/** Each try has lost against somebody who wrote in between: the pen, or a copy of the same event. */
const TRIES = 5;

export interface Testified {
  /** Rows that were not on record before. */
  readonly rows: readonly LedgerRow[];
  /** Whether memory has changed. */
  readonly changed: boolean;
}

/** What an event told, or what the instance itself shows where the event was lost. `null`: the instance is not enrolled. */
export async function testify(change: StateChange, tables: Tables, now: Instant): Promise<Testified | null> {
  const { id, scope } = change.resource;
  const fresh: LedgerRow[] = [];
  for (let tries = 0; tries < TRIES; tries++) {
    const item = await recall(id, scope, tables, now);
    if (item === null) return null;
    const { rows, next } = await answerFor(item.value, change, tables, now);
    fresh.push(...(await append(rows, tables)));
    if (next === item.value) return { rows: fresh, changed: false };
    if (await remember(item, next, scope, tables)) return { rows: fresh, changed: true };
  }
  throw new Error(`${id}: memory changed ${TRIES} times while its state change was written down; the retry takes it up`);
}

/**
 * Of an end that is told while a meter is open the next look asks the instance: `terminated` comes up to minutes after it, and the news that it
 * had been started before may be late. The instance names both seconds.
 * @returns the rows that were not on record before; `null` when the instance is not enrolled.
 */
export async function testifyState(event: InstanceStateEvent, tables: Tables, now: Instant): Promise<readonly LedgerRow[] | null> {
  const { instanceId, scope, state, at } = event;
  if ((state === 'shutting-down' || state === 'terminated') && (await recall(instanceId, scope, tables, now))?.value.stop != null) {
    await lookSoon({ memory: tables.memory, shelf: shelfOf('stop-start-instances', scope) }, now);
    return [];
  }
  return (await testify({ resource: instanceOf(instanceId, scope), state, at }, tables, now))?.rows ?? null;
}

/**
 * A stop or start of ours that nobody settled yet is nobody else's. Such a stop has no debt to show, and the pen's next look settles it; such
 * a start pays its debt here and now.
 */
async function answerFor(memory: InstanceMemory, change: StateChange, { memory: shelves }: Tables, now: Instant): Promise<Testimony> {
  const testimony = witness(memory, change);
  if (!testimony.rows.some(row => row.kind === 'noted' && (row.what === 'stopped-by-someone' || row.what === 'started-by-someone'))) {
    return testimony;
  }
  const { pending } = sortShelf(await shelves.readShelf(shelfOf('stop-start-instances', change.resource.scope), now));
  const questions = [...pending.values()].map(({ value }) => value.change);
  const ours = questions.find(({ resource }) => resource.id === change.resource.id);
  if (ours?.action.kind === 'stop-instance' && ours.because.code !== 'asked') return { rows: [], next: memory };
  if (ours?.action.kind !== 'start-instance') return testimony;
  const { id: changeId, causeAt: boundary, attempt, because } = ours;
  const inFlight = { changeId, boundary, attempt, at: change.at, failure: null, ...(because.code === 'asked' && { asked: because.by }) };
  return witness({ ...memory, start: memory.start ?? inFlight }, change);
}

/** A row for each enrolled instance of a call that was not ours. */
export async function testifyCall(event: ApiCallEvent, tables: Tables, now: Instant): Promise<LedgerRow[]> {
  const fresh: LedgerRow[] = [];
  for (const id of event.instanceIds) {
    const row = witnessCall(event, instanceOf(id, event.scope));
    if (row !== null && (await recall(id, event.scope, tables, now)) !== null) fresh.push(...(await append([row], tables)));
  }
  return fresh;
}

const instanceOf = (id: string, scope: Scope): ResourceRef => ({ kind: 'instance', id, name: null, scope });

async function recall(id: string, scope: Scope, { memory }: Tables, now: Instant): Promise<MemoryItem<InstanceMemory> | null> {
  return (await memory.read(shelfOf('stop-start-instances', scope), instanceKey(id), now)) as MemoryItem<InstanceMemory> | null;
}

async function append(rows: readonly LedgerRow[], { ledger }: Tables): Promise<LedgerRow[]> {
  const fresh: LedgerRow[] = [];
  for (const row of rows) if (await ledger.append(row)) fresh.push(row);
  return fresh;
}

function remember({ key, version }: MemoryItem, next: InstanceMemory | null, scope: Scope, { memory }: Tables): Promise<boolean> {
  const shelf = shelfOf('stop-start-instances', scope);
  return next === null ? memory.forget(shelf, { key, version }) : memory.write(shelf, { key, value: next, version });
}
