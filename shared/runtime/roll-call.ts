/** The roll is called after each full look: who was there, what was thought of them, and what the stopped ones cost on. */
import { rollShelf } from '../memory/shelves.ts';
import type { Disk, RollEntry, RollPage, StillThere } from '../model/roll.ts';
import { addSeconds, DAY } from '../model/time.ts';
import { observeDisks } from '../observe/disks.ts';
import type { Looked, Machine } from './pens/look.ts';
import type { Run } from './run.ts';

/** A few hundred bytes each, of the 400 KB that an item holds. */
const PAGE = 200;

/** Page after page; those of a longer roll of before are removed. */
export async function keepRoll({ clients, memory, scope, at }: Run, { plan, machines = [] }: Looked): Promise<void> {
  if (machines.length === 0) return;
  const disks = await disksOf(clients, machines);
  const left = new Map(plan.left.map(one => [one.resource.id, one]));
  const changes = new Map(plan.changes.map(one => [one.resource.id, one]));
  const entries = machines.map((one): RollEntry => {
    const change = changes.get(one.resource.id);
    const about = change ?? left.get(one.resource.id);
    const { resource, owner, team, state } = one;
    return {
      resource,
      owner,
      team,
      state,
      because: about?.because ?? null,
      action: change?.action.kind ?? null,
      policy: about?.policy ?? null,
      still: stillThere(one, disks),
    };
  });
  const held = new Map((await memory.readShelf(rollShelf(scope), at)).map(item => [item.key, item]));
  for (let page = 0; page * PAGE < entries.length; page++) {
    const key = `roll#${String(page).padStart(4, '0')}`;
    const value: RollPage = { at, entries: entries.slice(page * PAGE, (page + 1) * PAGE) };
    await memory.write(rollShelf(scope), { key, value, version: held.get(key)?.version ?? 0 }, { at, expiresAt: addSeconds(at, 2 * DAY) });
    held.delete(key);
  }
  for (const item of held.values()) await memory.forget(rollShelf(scope), item);
}

/** Of those that are stopped. What cannot be read is unknown, and hinders nothing that matters more. */
const disksOf = (clients: Run['clients'], machines: readonly Machine[]): Promise<ReadonlyMap<string, Disk> | null> =>
  observeDisks(
    clients,
    machines.filter(isStopped).flatMap(({ volumes }) => volumes),
  ).catch(() => null);

const isStopped = ({ state }: Machine): boolean => state === 'stopped';

function stillThere(machine: Machine, disks: ReadonlyMap<string, Disk> | null): StillThere | null {
  if (!isStopped(machine) || disks === null) return null;
  return { disks: machine.volumes.flatMap(id => disks.get(id) ?? []), elasticIps: machine.elasticIps };
}
