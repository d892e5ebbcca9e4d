/**
 * A fleet's meter runs from the first resize of ours: what is billed now, against the baseline. It is read at every look and turned over
 * when the number changes or the day ends; capacity that we added counts against us. It ends with the group, or when no policy speaks for it.
 */
import { closeMeter, openFleetMeter } from '../ledger/meters.ts';
import { fleetKey } from '../memory/shelves.ts';
import { isEnvironmentId, type ResourceRef } from '../model/ids.ts';
import type { Commitments, LedgerRow, MeterClosedRow } from '../model/ledger.ts';
import type { FleetMemory } from '../model/memory.ts';
import type { Fleet } from '../model/observation.ts';
import type { Plan } from '../model/plan.ts';
import type { Receipt } from '../model/receipt.ts';
import { type Instant, utcDay } from '../model/time.ts';
import { readOwner, TEAM_TAG } from '../policy/tags.ts';
import { changeItem } from './items.ts';
import type { FleetsLooked } from './pens/fleets.ts';
import type { Run } from './run.ts';

export async function readFleetMeters(run: Run, { fleets, plan, held, whole }: FleetsLooked, receipts: readonly Receipt[]): Promise<void> {
  const policies = policiesIn(plan);
  for (const fleet of fleets) {
    const { id } = fleet.ref;
    const resized = receipts.find(r => r.outcome === 'done' && r.change.resource.id === id) ?? null;
    const team = fleet.tags[run.config.slack.teamTag ?? TEAM_TAG] ?? null;
    const reading = { team, fleet, at: run.at, resized, policy: policies.get(id) ?? null, commitments: run.commitments };
    const known = held.get(id);
    const next = (memory: FleetMemory) => turn(memory, reading);
    if (resized !== null || (known !== undefined && isAffected(known, next))) await turnOver(run, id, next);
  }
  if (!whole) return;
  const seen = new Set(fleets.map(fleet => fleet.ref.id));
  for (const [id, memory] of held) {
    if (seen.has(id)) continue;
    const next = (gone: FleetMemory) => release(gone, groupRef(id, run), run.at, 'terminated');
    if (isAffected(memory, next)) await turnOver(run, id, next);
    await changeItem<FleetMemory>(run, fleetKey(id), run.at, () => null);
  }
}

const isAffected = (memory: FleetMemory, next: (memory: FleetMemory) => FleetMemory): boolean =>
  memory.turn !== undefined || next(memory) !== memory;

/**
 * Memory first, with the rows that go with it; then the rows; then memory without them. A crash in between leaves the rows in memory, and
 * the next look appends the very same: a meter is never open twice, and never open without a row.
 */
async function turnOver(run: Run, id: string, next: (memory: FleetMemory) => FleetMemory): Promise<void> {
  const key = fleetKey(id);
  const left = await changeItem<FleetMemory>(run, key, run.at, memory => memory);
  await append(run, left?.turn); // what an earlier run left behind comes first
  const turned = await changeItem<FleetMemory>(run, key, run.at, memory => (memory === null ? memory : next(memory)));
  await append(run, turned?.turn);
  await changeItem<FleetMemory>(run, key, run.at, memory => (memory?.turn === undefined ? memory : settled(memory)));
}

async function append({ ledger }: Run, rows: readonly LedgerRow[] = []): Promise<void> {
  for (const row of rows) await ledger.append(row);
}

const settled = ({ turn: _, ...memory }: FleetMemory): FleetMemory => memory;

interface Reading {
  readonly fleet: Fleet;
  readonly at: Instant;
  /** Our resize of this very run. */
  readonly resized: Receipt | null;
  /** `null`: nobody speaks for it any more. */
  readonly policy: string | null;
  readonly commitments: Commitments;
  readonly team: string | null;
}

/** The memory that comes next; the same object when the meter goes on as it is. */
function turn(memory: FleetMemory, reading: Reading): FleetMemory {
  const { fleet, at, resized, policy, commitments, team } = reading;
  if (policy === null) return release(memory, fleet.ref, at, 'released');
  const why = meterTurns(fleet, memory, at) ?? (memory.meter === null && resized !== null ? 'first' : null);
  if (why === null) return memory;
  const running = billed(fleet);
  // A group without members shows no price: what sleeps there would cost what it did when it fell asleep.
  const price = fleet.members.length === 0 ? (fleet.price ?? memory.meter?.price ?? null) : fleet.price;
  const terms = { baseline: memory.baseline, price, commitments: price?.coverage ?? commitments, team };
  const owner = readOwner(fleet.tags);
  const opened = openFleetMeter({ fleet: fleet.ref, at, running, changeId: resized?.change.id ?? null, policy, owner }, terms);
  const meter = { id: opened.meterId, openedAt: at, running, price };
  return { ...memory, meter, turn: [...(why === 'first' ? [] : closing(memory, fleet.ref, at, why)), opened] };
}

/** Why the fleet's meter has to be turned over, if it has; `first`: it is not open yet, and memory knows of a resize of ours. */
export function meterTurns(
  fleet: Fleet,
  { meter, lastScaleOut, lastScaleInAt }: FleetMemory,
  at: Instant,
): 'first' | 'size-changed' | 'day-ended' | null {
  if (meter === null) return lastScaleOut === null && lastScaleInAt === null ? null : 'first';
  if (meter.openedAt >= at) return null; // another look of this very second
  if (meter.running !== billed(fleet)) return 'size-changed';
  return utcDay(meter.openedAt) === utcDay(at) ? null : 'day-ended';
}

/** What runs from now on is not ours, neither to our credit nor against us: not by a resize either whose meter was never opened. */
function release(memory: FleetMemory, fleet: ResourceRef, at: Instant, why: MeterClosedRow['why']): FleetMemory {
  if (memory.meter === null && memory.lastScaleOut === null && memory.lastScaleInAt === null) return memory;
  return { ...memory, meter: null, lastScaleOut: null, lastScaleInAt: null, turn: closing(memory, fleet, at, why) };
}

const closing = ({ meter }: FleetMemory, resource: ResourceRef, at: Instant, why: MeterClosedRow['why']): LedgerRow[] =>
  meter === null ? [] : [closeMeter({ meterId: meter.id, openedAt: meter.openedAt, resource }, at, why)];

/** Members that EC2 bills: those that are up, whether or not they serve. */
const up = ({ members }: Fleet): number =>
  members.filter(
    ({ lifecycleState: state }) => !state.startsWith('Pending') && !state.startsWith('Terminat') && !state.startsWith('Warmed'),
  ).length;

/** What a group lacks because it is replacing a member, or finds no capacity, is not saved by us. */
const billed = (fleet: Fleet): number => (fleet.weighted ? up(fleet) : Math.max(up(fleet), fleet.desiredCapacity));

/** Who speaks for each resource, by its id. */
const policiesIn = ({ changes, left }: Plan): ReadonlyMap<string, string | null> =>
  new Map([...changes, ...left].map(({ resource, policy }) => [resource.id, policy]));

const groupRef = (id: string, { scope }: Run): ResourceRef =>
  isEnvironmentId(id) ? { kind: 'beanstalk-environment', id, name: null, scope } : { kind: 'auto-scaling-group', id, name: id, scope };
