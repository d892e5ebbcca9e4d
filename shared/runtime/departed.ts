/** What is gone is forgotten, or a shelf would grow with every instance that ever was, and every tick reads its shelf. */
import type { SortedShelf } from '../memory/shelves.ts';
import type { Plan } from '../model/plan.ts';
import type { Run } from './run.ts';

/**
 * After a look at the whole scope. Who is owed something, or was asked to start, is left to `heal`, who closes meters; so are fleets to
 * their meters.
 */
export async function forgetDeparted(run: Run, { changes, left }: Plan, shelf: SortedShelf): Promise<void> {
  const there = new Set([...changes, ...left].flatMap(({ resource, because }) => (because.code === 'gone' ? [] : resource.id)));
  const owed = [...shelf.instances].filter(([, { value }]) => value.stop !== null || value.start !== null).map(([id]) => id);
  const staying = there.union(new Set(owed));
  for (const items of [shelf.instances, shelf.tags, shelf.proposed])
    for (const [id, item] of items) if (!staying.has(id)) await run.memory.forget(run.shelf, item); // changed since: looked at next time
}
