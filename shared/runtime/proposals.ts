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

const thoughtOf = ({ action, because }: Change): Thought =>
  action.kind === 'set-desired-capacity'
    ? `${action.kind} ${action.desiredCapacity}`
    : action.kind === 'set-min-size' || action.kind === 'set-environment-min-size'
      ? `${action.kind} ${action.minSize}`
      : `${action.kind} ${because.code}`;
