/** A budget trims: rank by saving per disruption, slice; per run, per day, per owner. Starting what we stopped is never trimmed. */
import type { Change, Left, LeftReason } from '../model/plan.ts';
import { setsMark } from '../model/tagging.ts';
import type { Budget } from '../policy/schema.ts';

export interface Trimmed {
  readonly changes: Change[];
  readonly left: Left[];
}

/** Best first: dollars, then hours, then the older cause; ids settle what is left, so that equal worlds rank equally from hour to hour. */
export function rank(changes: readonly Change[]): Change[] {
  const dollarsOf = (c: Change) => c.saving?.money?.high ?? Number.NEGATIVE_INFINITY;
  const hoursOf = (c: Change) => c.saving?.hours ?? 0;
  return changes.toSorted(
    (a, b) =>
      dollarsOf(b) - dollarsOf(a) ||
      hoursOf(b) - hoursOf(a) ||
      compare(a.causeAt, b.causeAt) ||
      compare(a.resource.id, b.resource.id) ||
      compare(a.id, b.id),
  );
}

/** `spentToday` counts what this policy's pen has already disrupted today in this scope. */
export function trim(changes: readonly Change[], budget: Budget, spentToday: number): Trimmed {
  const ranked = rank(changes);
  const free = ranked.filter(c => !isDisruptive(c));
  const counted = ranked.filter(isDisruptive);

  const ofOwner = perOwner(counted, budget.perOwner);
  const today = Math.max(0, budget.perDay - spentToday);
  const kept = ofOwner.within.slice(0, Math.min(budget.perRun, today));
  const cut = ofOwner.within.slice(kept.length);
  const limit = today < budget.perRun ? ({ per: 'day', limit: budget.perDay } as const) : ({ per: 'run', limit: budget.perRun } as const);
  return {
    changes: [...free, ...kept],
    left: [
      ...cut.map(c => leftBy(c, { code: 'over-budget', ...limit, would: c.because })),
      ...ofOwner.beyond.map(c => leftBy(c, { code: 'over-budget', per: 'owner', limit: budget.perOwner, would: c.because })),
    ],
  };
}

/**
 * What takes something away from somebody who did not ask for it. Starts, what puts tags right and capacity (which
 * has its own bounds) do not; a mark does, being the first step towards a stop.
 */
export const isDisruptive = ({ action, because }: Change): boolean =>
  (action.kind === 'stop-instance' || setsMark(action)) && because.code !== 'asked';

export const leftBy = (change: Change, because: LeftReason): Left => ({
  resource: change.resource,
  pen: change.pen,
  because,
  policy: change.policy,
});

function perOwner(ranked: readonly Change[], limit: number): { within: Change[]; beyond: Change[] } {
  const counts = new Map<string, number>();
  const within: Change[] = [];
  const beyond: Change[] = [];
  for (const change of ranked) {
    if (change.owner === null) {
      within.push(change);
      continue;
    }
    const count = (counts.get(change.owner) ?? 0) + 1;
    counts.set(change.owner, count);
    (count <= limit ? within : beyond).push(change);
  }
  return { within, beyond };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
