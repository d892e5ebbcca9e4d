/**
 * A fleet's meter runs from the first resize of ours: what is billed now, against the baseline. It is read at every look and turned over
 * when the number changes or the day ends; capacity that we added counts against us.
 */
import { closeMeter, openFleetMeter } from '../ledger/meters.ts';
import { fleetKey } from '../memory/shelves.ts';
import type { MeterClosedRow } from '../model/ledger.ts';
import type { FleetMemory } from '../model/memory.ts';
import type { Fleet } from '../model/observation.ts';
import type { Receipt } from '../model/receipt.ts';
import { type Instant, utcDay } from '../model/time.ts';
import { readOwner } from '../policy/tags.ts';
import { changeItem } from './items.ts';
import type { FleetsLooked } from './pens/fleets.ts';
import type { Run } from './run.ts';

export async function readFleetMeters(run: Run, { fleets, plan, held }: FleetsLooked, receipts: readonly Receipt[]): Promise<void> {
  for (const fleet of fleets) {
    const memory = held.get(fleet.ref.id) ?? null;
    const resized = receipts.find(r => r.outcome === 'done' && r.change.resource.id === fleet.ref.id) ?? null;
    const turn = turnOf(run, fleet, memory, resized);
    if (turn === null) continue;
    const policy = resized?.change.policy ?? plan.left.find(l => l.resource.id === fleet.ref.id)?.policy ?? 'none';
    await turnOver(run, fleet, turn, policy, resized?.change.id ?? null);
  }
}

function turnOf({ at }: Run, fleet: Fleet, memory: FleetMemory | null, resized: Receipt | null): MeterClosedRow['why'] | 'first' | null {
  const meter = memory?.meter ?? null;
  if (meter === null) return resized === null ? null : 'first';
  return meterTurns(fleet, meter, at);
}

/** Why the fleet's open meter has to be turned over, if it has. */
export function meterTurns(fleet: Fleet, meter: FleetMemory['meter'], at: Instant): 'size-changed' | 'day-ended' | null {
  if (meter === null) return null;
  if (meter.running !== billed(fleet)) return 'size-changed';
  return utcDay(meter.openedAt) === utcDay(at) ? null : 'day-ended';
}

/** Members that EC2 bills: those that are up, whether or not they serve. */
const billed = ({ members }: Fleet): number =>
  members.filter(
    ({ lifecycleState: state }) => !state.startsWith('Pending') && !state.startsWith('Terminat') && !state.startsWith('Warmed'),
  ).length;

/** Close, open, remember: each step may be taken again after a crash, because a meter is named by its fleet and its opening. */
async function turnOver(
  run: Run,
  fleet: Fleet,
  why: MeterClosedRow['why'] | 'first',
  policy: string,
  changeId: string | null,
): Promise<void> {
  const { ledger, at, commitments } = run;
  await changeItemOnce(run, fleet, async memory => {
    if (memory.meter !== null && why !== 'first') {
      await ledger.append(closeMeter({ meterId: memory.meter.id, openedAt: memory.meter.openedAt, resource: fleet.ref }, at, why));
    }
    const running = billed(fleet);
    const owner = readOwner(fleet.tags);
    const terms = { baseline: memory.baseline, price: fleet.price, commitments };
    const opened = openFleetMeter({ fleet: fleet.ref, at, running, changeId, policy, owner }, terms);
    await ledger.append(opened);
    return { id: opened.meterId, openedAt: at, running, perHour: fleet.price?.perHour ?? null };
  });
}

async function changeItemOnce(
  run: Run,
  fleet: Fleet,
  turn: (memory: FleetMemory) => Promise<NonNullable<FleetMemory['meter']>>,
): Promise<void> {
  const key = fleetKey(fleet.ref.id);
  const item = await run.memory.read(run.shelf, key, run.at);
  if (item === null) return;
  const meter = await turn(item.value as FleetMemory);
  await changeItem<FleetMemory>(run, key, run.at, held => (held === null ? held : { ...held, meter }));
}
