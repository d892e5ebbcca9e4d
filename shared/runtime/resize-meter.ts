/**
 * What a smaller type saves: a meter that lies open only while the instance runs as it, at the difference of the two prices. Hours that the
 * instance sleeps are the stop's, and from the resize on worth the smaller type's price: no hour is counted twice.
 */
import { closeMeter, stopMeterId } from '../ledger/meters.ts';
import { fingerprint } from '../model/ids.ts';
import type { Commitments, LedgerRow, MeterClosedRow, MeterOpenedRow } from '../model/ledger.ts';
import type { InstanceMemory, Resized } from '../model/memory.ts';
import { microUsd } from '../model/money.ts';
import type { Ledger } from '../model/ports.ts';
import type { Receipt } from '../model/receipt.ts';
import { addSeconds, DAY, type Instant } from '../model/time.ts';
import type { StateChange, Testimony } from './witness.ts';

/** A resize earns for twelve months: after that the smaller type is simply its type. */
const EARNS_DAYS = 365;

export interface AfterSettling {
  /** To append before memory is written; the same rows when it is settled again. */
  readonly rows: readonly LedgerRow[];
  next(memory: InstanceMemory | null): InstanceMemory | null;
}

const UNCHANGED: AfterSettling = { rows: [], next: memory => memory };

/** What a settled stop or resize means for these meters. */
export async function afterSettling(
  receipt: Receipt,
  held: InstanceMemory | null,
  ledger: Pick<Ledger, 'meter'>,
  commitments: Commitments,
): Promise<AfterSettling> {
  const { change, outcome, at } = receipt;
  if (outcome !== 'done' || held === null) return UNCHANGED;
  if (change.action.kind === 'stop-instance' && !change.action.hibernate) return stopped(held, receipt);
  if (change.action.kind !== 'modify-instance-type') return UNCHANGED;
  const { because } = change;
  if (because.code === 'rightsize') {
    const { toType: to, perHour, priceSource } = because;
    const terms = { policy: change.policy, owner: change.owner, team: change.team ?? change.owner, commitments };
    const resized: Resized = {
      changeId: change.id,
      at,
      to,
      perHour,
      priceSource,
      until: addSeconds(at, EARNS_DAYS * DAY),
      meter: null,
      ...terms,
    };
    return revalued(held, receipt, -perHour, ledger, resized);
  }
  // Back to its own type: hours are worth what they were.
  return held.resized == null ? UNCHANGED : revalued(held, receipt, held.resized.perHour, ledger, null);
}

function stopped({ resized }: InstanceMemory, { change, at }: Receipt): AfterSettling {
  const meter = resized?.meter;
  if (resized == null || meter == null || at < meter.openedAt) return UNCHANGED;
  return {
    rows: [closed(resized, change.resource, at, 'stopped')],
    next: memory => (memory === null ? null : { ...memory, resized: { ...resized, meter: null } }),
  };
}

/** The stop's meter goes on at another price, by `more` an hour. */
async function revalued(
  held: InstanceMemory,
  { change, at }: Receipt,
  more: number,
  ledger: Pick<Ledger, 'meter'>,
  resized: Resized | null,
): Promise<AfterSettling> {
  const meterId = stopMeterId(change.id);
  const { stop } = held;
  const next = (memory: InstanceMemory | null) => memory && { ...memory, resized };
  if (stop === null || stop.opens !== undefined || stop.meterId === meterId) return { rows: [], next };
  const openedAt = stop.meterAt ?? stop.at;
  const before = await openingOf(ledger, change.resource.scope, stop.meterId, openedAt);
  if (before === null) return { rows: [], next };
  const { perHour } = before;
  const after = {
    ...before,
    at,
    meterId,
    addedCost: microUsd(0),
    billedAs: null,
    perHour: perHour === null ? null : microUsd(perHour + more),
  };
  return {
    rows: [closeMeter({ meterId: stop.meterId, openedAt, resource: change.resource }, at, 'type-changed'), after],
    next: memory => memory && { ...memory, resized, stop: memory.stop && { ...memory.stop, meterId, meterAt: at } },
  };
}

async function openingOf(ledger: Pick<Ledger, 'meter'>, ...of: Parameters<Ledger['meter']>): Promise<MeterOpenedRow | null> {
  for await (const row of ledger.meter(...of)) if (row.kind === 'meter-opened') return row;
  return null;
}

/** What a state change means for the meter of a resize, beside all else that it means. */
export function alsoResized(before: InstanceMemory, told: Testimony, change: StateChange): Testimony {
  const { resized } = before;
  if (resized == null) return told;
  const { rows, next } =
    change.state === 'running' ? ran(resized, change) : change.state === 'pending' ? { rows: [], next: resized } : rested(resized, change);
  if (rows.length === 0 && next === resized) return told;
  return { rows: [...told.rows, ...rows], next: told.next && { ...told.next, resized: next } };
}

function ran(resized: Resized, change: StateChange): { readonly rows: readonly LedgerRow[]; readonly next: Resized | null } {
  const { at, resource, type = resized.to, turn = false } = change;
  const { meter, until } = resized;
  if (at <= resized.at || (meter !== null && at <= meter.openedAt)) return { rows: [], next: resized };
  // Somebody gave it another type, or it went down and came up unheard: what lies between is not known to have run, so it is not claimed.
  const end = type !== resized.to || !turn ? meter?.openedAt : at;
  const closing =
    end === undefined ? [] : [closed(resized, resource, end, type !== resized.to ? 'type-changed' : turn ? 'day-ended' : 'stopped')];
  if (type !== resized.to || at >= until) return { rows: closing, next: null };
  const opened = opening(resized, change);
  return { rows: [...closing, opened], next: { ...resized, meter: { id: opened.meterId, openedAt: at } } };
}

function rested(resized: Resized, { at, resource, state }: StateChange): { readonly rows: readonly LedgerRow[]; readonly next: Resized } {
  if (resized.meter === null || at < resized.meter.openedAt) return { rows: [], next: resized };
  const why = state === 'stopping' || state === 'stopped' ? 'stopped' : 'terminated';
  return { rows: [closed(resized, resource, at, why)], next: { ...resized, meter: null } };
}

const closed = ({ meter }: Resized, resource: StateChange['resource'], at: Instant, why: MeterClosedRow['why']): MeterClosedRow =>
  closeMeter({ meterId: meter?.id ?? '', openedAt: meter?.openedAt ?? at, resource }, at, why);

const opening = (resized: Resized, { at, resource }: StateChange): MeterOpenedRow => ({
  ...{ kind: 'meter-opened', at, scope: resource.scope, resource, class: 'rightsize', running: 1 },
  meterId: `mtr-${fingerprint({ changeId: resized.changeId, at })}`,
  ...{ perHour: resized.perHour, priceSource: resized.priceSource, billedAs: null, commitments: resized.commitments },
  ...{ addressPerHour: microUsd(0), addedCost: microUsd(0), baseline: { kind: 'ran', frozenAt: resized.at } },
  ...{ changeId: resized.changeId, policy: resized.policy, owner: resized.owner, team: resized.team },
});
