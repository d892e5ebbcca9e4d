/** Mode `plan`: what would have been done goes on record, worth $0, once per thought. */
import { proposedKey, type SortedShelf } from '../memory/shelves.ts';
import type { Thought } from '../model/memory.ts';
import type { Change, Plan } from '../model/plan.ts';
import type { Run } from './run.ts';

export async function recordProposals(run: Run, { changes, left }: Plan, { proposed }: Pick<SortedShelf, 'proposed'>): Promise<void> {
  for (const change of changes) {
    if (change.mode === 'act') continue;
    const before = proposed.get(change.resource.id);
    const thought = thoughtOf(change);
    if (before?.value === thought) continue;
    await run.ledger.append({ kind: 'proposed', at: run.at, scope: run.scope, change });
    await run.memory.write(run.shelf, { key: proposedKey(change.resource.id), value: thought, version: before?.version ?? 0 });
  }
  // A fleet is argued about afresh each minute; of everything else a thought that was dropped is news when it comes back.
  if (run.pen === 'resize-fleets') return;
  for (const { resource, because } of left) {
    if (because.code === 'not-measured') continue; // nobody thought about it at this look
    const dropped = proposed.get(resource.id);
    if (dropped !== undefined) await run.memory.forget(run.shelf, dropped);
  }
}

/** Capacity and floors are one thought for as long as the number is the same; each night of a fleet is another. */
function thoughtOf({ action, because, causeAt }: Change): Thought {
  switch (action.kind) {
    case 'set-desired-capacity':
      return `${action.kind} ${action.desiredCapacity}`;
    case 'set-min-size':
    case 'set-environment-min-size':
      return `${action.kind} ${action.minSize}`;
    case 'set-sizes':
    case 'pause-environment':
    case 'resume-environment':
      return `${action.kind} ${because.code} ${causeAt}`;
    default:
      return `${action.kind} ${because.code}`;
  }
}
