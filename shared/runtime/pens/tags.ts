/** The tag pen's look: the same instances, seen for their tags alone. */
import { decideTags } from '../../decide/decide-tags.ts';
import { taggedKey, valuesOf } from '../../memory/shelves.ts';
import type { TagMemory } from '../../model/memory.ts';
import { observeInstances } from '../../observe/instances.ts';
import { itemsToWrite, type Looked, type Looking, spentToday } from './look.ts';

export async function lookAtTags(looking: Looking): Promise<Looked> {
  const { run, look, shelf, open } = looking;
  const { at, scope, config } = run;
  const { instances, unread } = await observeInstances(run.clients, scope, at, {
    ...(typeof look === 'string' ? {} : { ids: look }),
    cpuHours: () => null,
    baseline: () => false,
  });
  const memory = valuesOf(shelf.tags);
  const facts = { at, scope, resources: instances, memory, unread, pending: open, disruptionsToday: spentToday(looking) };
  const { plan, next, nextAt } = decideTags(facts, config);
  return { plan, next: itemsToWrite<TagMemory>(next, shelf.tags, taggedKey), apart: [], nextAt, testimonies: [] };
}
