/** The roll: who was there at the latest full look, kept on a shelf of its own for questions that come in between. */
import { rollShelf } from '../memory/shelves.ts';
import type { Scope } from '../model/ids.ts';
import type { Memory } from '../model/ports.ts';
import type { RollEntry, RollPage } from '../model/roll.ts';
import { addSeconds, DAY, type Instant } from '../model/time.ts';
import type { Looked } from './pens/look.ts';
import type { Run } from './run.ts';

/** About 200 KB of the 400 that an item holds. */
const PAGE = 400;

/** Page after page; those of a longer roll of before are removed. */
export async function keepRoll({ memory, scope, at }: Run, { plan, machines = [] }: Looked): Promise<void> {
  if (machines.length === 0) return;
  const left = new Map(plan.left.map(one => [one.resource.id, one]));
  const changes = new Map(plan.changes.map(one => [one.resource.id, one]));
  const entries = machines.map((one): RollEntry => {
    const about = changes.get(one.resource.id) ?? left.get(one.resource.id);
    return { ...one, because: about?.because ?? null, policy: about?.policy ?? null };
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

export type Rolled = RollEntry & { readonly at: Instant };

/** By id or by name, in any of the scopes; several may have one name. */
export async function findInRolls(memory: Memory, scopes: readonly Scope[], idOrName: string, at: Instant): Promise<Rolled[]> {
  const rolls = await Promise.all(scopes.map(scope => memory.readShelf(rollShelf(scope), at)));
  return rolls
    .flat()
    .flatMap(({ value }) => (value as RollPage).entries.map(entry => ({ ...entry, at: (value as RollPage).at })))
    .filter(({ resource }) => resource.id === idOrName || resource.name === idOrName);
}
