/** The roll, read between looks: who was there at the latest full look, on a shelf of its own. */
import { rollShelf } from '../memory/shelves.ts';
import type { Scope } from '../model/ids.ts';
import type { Memory } from '../model/ports.ts';
import type { RollEntry, RollPage } from '../model/roll.ts';
import type { Instant } from '../model/time.ts';

/** Everybody of these scopes, as of their latest full looks. */
export async function readRolls(memory: Memory, scopes: readonly Scope[], at: Instant): Promise<Rolled[]> {
  const rolls = await Promise.all(scopes.map(scope => memory.readShelf(rollShelf(scope), at)));
  return rolls.flat().flatMap(({ value }) => (value as RollPage).entries.map(entry => ({ ...entry, at: (value as RollPage).at })));
}

export type Rolled = RollEntry & { readonly at: Instant };

/** By id or by name, in any of the scopes; several may have one name. */
export async function findInRolls(memory: Memory, scopes: readonly Scope[], idOrName: string, at: Instant): Promise<Rolled[]> {
  return (await readRolls(memory, scopes, at)).filter(({ resource }) => resource.id === idOrName || resource.name === idOrName);
}
