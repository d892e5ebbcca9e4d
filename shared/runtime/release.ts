/**
 * The way out: with no policy left to speak for anything, the pens give everything back. What we stopped is started, sizes, floors and
 * pauses of fleets are as they were before us, and marks go. It is the pens' own giving back, so every promise holds for it.
 */
import { type SortedShelf, sortShelf, valuesOf } from '../memory/shelves.ts';
import type { FleetMemory } from '../model/memory.ts';
import type { Plan } from '../model/plan.ts';
import { lookAt, type Reconciled, reconcile } from './reconcile.ts';
import type { Run } from './run.ts';

/** Ids of everything on a pen's shelf that is not as it was before us, or of which nobody knows yet. */
export function owedOn({ instances, fleets, tags, pending }: SortedShelf): Set<string> {
  const owed = new Set([...pending.values()].map(({ value }) => value.change.resource.id));
  for (const [id, { value }] of instances) if (value.stop !== null || isComing(value)) owed.add(id);
  for (const [id, { value }] of fleets) if (value.asleep != null || isRaised(value.floor)) owed.add(id);
  for (const [id, { value }] of tags) if (value.mark !== null) owed.add(id);
  return owed;
}

const isRaised = (floor: FleetMemory['floor']): boolean => floor != null && floor.is !== floor.was;

const isComing = ({ stop, start }: { readonly stop: unknown; readonly start: { readonly failure: string | null } | null }): boolean =>
  stop === null && start !== null && start.failure === null;

/** What would be given back; nothing is written. `null`: this pen owes nothing here. */
export async function planRelease(run: Run): Promise<Plan | null> {
  const shelf = await shelfNow(run);
  const owed = owedOn(shelf);
  if (owed.size === 0) return null;
  const open = new Map([...valuesOf(shelf.pending).values()].map(question => [question.change.resource.id, question]));
  return (await lookAt({ run: withoutPolicies(run), look: [...owed], measure: false, shelf, open })).plan;
}

/** Gives back what can be given back now. Again and again is safe: what is back is owed no more. */
export async function release(run: Run): Promise<Reconciled> {
  const owed = owedOn(await shelfNow(run));
  return owed.size === 0 ? { plan: null, receipts: [] } : reconcile(withoutPolicies(run), [...owed], { evenPaused: true });
}

export const shelfNow = async ({ memory, shelf, at }: Run): Promise<SortedShelf> => sortShelf(await memory.readShelf(shelf, at));

const withoutPolicies = (run: Run): Run => ({ ...run, config: { ...run.config, policies: [] } });
