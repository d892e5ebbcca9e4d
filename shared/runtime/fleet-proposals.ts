/** What people are asked to change themselves, told once: memory says what has been. */
import { fleetKey } from '../memory/shelves.ts';
import type { FleetMemory } from '../model/memory.ts';
import { readOwner } from '../policy/tags.ts';
import { changeItem } from './items.ts';
import { post } from './outbox.ts';
import type { FleetsLooked } from './pens/fleets.ts';
import type { Run } from './run.ts';

/** The metric that Elastic Beanstalk scales by unless somebody says otherwise. */
const BYTES_SENT = 'NetworkOut';

/** Of the environments that were asked for their settings, because something of theirs would be changed. */
export async function tellProposals(run: Run, { fleets, held }: Pick<FleetsLooked, 'fleets' | 'held'>): Promise<void> {
  for (const { ref, tags, environment } of fleets) {
    const isAsked = environment !== null && !('unread' in environment) && environment.trigger === BYTES_SENT;
    if (!isAsked || held.get(ref.id)?.proposed?.includes('trigger')) continue;
    await post(run.memory, { kind: 'proposal', at: run.at, resource: ref, owner: readOwner(tags), what: 'trigger' });
    await changeItem<FleetMemory>(run, fleetKey(ref.id), run.at, memory =>
      memory === null ? memory : { ...memory, proposed: [...(memory.proposed ?? []), 'trigger'] },
    );
  }
}
