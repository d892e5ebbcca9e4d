/** Mode `plan`: what would have been done goes on record, worth $0, once per thought. */
import { fleetKey } from '../memory/shelves.ts';
import type { FleetMemory } from '../model/memory.ts';
import type { Change, Plan } from '../model/plan.ts';
import { changeItem } from './items.ts';
import type { Run } from './run.ts';

export async function recordProposals(run: Run, { changes }: Plan): Promise<void> {
  for (const change of changes) {
    if (change.mode === 'act' || !(await isNews(run, change))) continue;
    await run.ledger.append({ kind: 'proposed', at: run.at, scope: run.scope, change });
  }
}

/** A stop keeps its id until its cause changes. A fleet is argued afresh each minute, so only another capacity is another thought. */
async function isNews(run: Run, { action, resource }: Change): Promise<boolean> {
  if (action.kind !== 'set-desired-capacity') return true;
  let news = false;
  await changeItem<FleetMemory>(run, fleetKey(resource.id), run.at, held => {
    news = held !== null && held.proposed !== action.desiredCapacity;
    return news && held !== null ? { ...held, proposed: action.desiredCapacity } : held;
  });
  return news;
}
