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

  const { kept, cut } = within(counted, c => c.owner, budget, spentToday);
  return {
    changes: [...free, ...kept],
    left: cut.map(({ one, beyond }) => leftBy(one, { code: 'over-budget', ...beyond, would: one.because })),
  };
}

/** Which limit binds, and what it is. */
export type Beyond = Pick<Extract<LeftReason, { code: 'over-budget' }>, 'per' | 'limit'>;

interface Within<T> {
  readonly kept: readonly T[];
  readonly cut: readonly { readonly one: T; readonly beyond: Beyond }[];
}

/** So many to one owner, then so many in a run and in a day. @param ranked what counts, the best first */
export function within<T>(
  ranked: readonly T[],
  ownerOf: (one: T) => string | null,
  { perRun, perDay, perOwner }: Budget,
  spentToday: number,
): Within<T> {
  const today = Math.max(0, perDay - spentToday);
  const most: Beyond = today < perRun ? { per: 'day', limit: perDay } : { per: 'run', limit: perRun };
  const counts = new Map<string | null, number>();
  const kept: T[] = [];
  const cut: Within<T>['cut'][number][] = [];
  for (const one of ranked) {
    const owner = ownerOf(one);
    const count = (counts.get(owner) ?? 0) + 1;
    counts.set(owner, count);
    if (owner !== null && count > perOwner) cut.push({ one, beyond: { per: 'owner', limit: perOwner } });
    else if (kept.length < Math.min(perRun, today)) kept.push(one);
    else cut.push({ one, beyond: most });
  }
  return { kept, cut };
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

export const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
