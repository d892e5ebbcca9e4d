/** Launches that fail: what is remembered of them from the first failure until nothing is missing any more. */
import type { FailingLaunches } from '../model/memory.ts';
import type { Fleet } from '../model/observation.ts';
import { addSeconds, type Instant, MINUTE } from '../model/time.ts';

/** Minutes from one vain request for more to the next; after the last of them nothing more is asked for until launches succeed. */
const AGAIN_AFTER = [5, 10, 20, 40, 60] as const;

/** When more may be asked for, after so many times in vain. */
const moreAt = (tries: number, at: Instant): Instant | null => {
  const minutes = AGAIN_AFTER[tries - 1];
  return minutes === undefined ? null : addSeconds(at, minutes * MINUTE);
};

/** Units of capacity for which there is no member, not even one on its way: AWS has yet to launch them, or cannot. */
export function missing({ desiredCapacity, members }: Pick<Fleet, 'desiredCapacity' | 'members'>): number {
  const there = members.filter(({ lifecycleState: state }) => state === 'InService' || state.startsWith('Pending'));
  return Math.max(0, desiredCapacity - there.reduce((sum, m) => sum + m.weight, 0));
}

/**
 * The next value of memory; the same object where nothing is new.
 * @param askedAt when we last asked for more
 */
export function nextLaunch(held: FailingLaunches | null, fleet: Fleet, at: Instant, askedAt: Instant | null): FailingLaunches | null {
  const { launchFailure } = fleet;
  if (launchFailure === null) {
    if (held === null || held.recoveredAt !== null || missing(fleet) > 0) return held;
    return { ...held, recoveredAt: at };
  }
  const { why, at: since } = launchFailure;
  if (held === null || held.recoveredAt !== null) return { why, since, tries: 1, nextAt: moreAt(1, at), told: null, recoveredAt: null };
  if (held.nextAt !== null && askedAt !== null && askedAt >= held.nextAt) {
    return { ...held, why, tries: held.tries + 1, nextAt: moreAt(held.tries + 1, askedAt) };
  }
  return held.why === why ? held : { ...held, why };
}

/** Two failures of one cause: zones, ids and numbers come and go between the tries. */
export const sameCause = (a: string, b: string | null): boolean => b !== null && bare(a) === bare(b);

const bare = (why: string): string => why.replaceAll(/\b[a-z]{2}(?:-[a-z]+)+-\d[a-z]?\b|\b[a-z]+-[0-9a-f]{8,}\b|[\d.:]+/g, '');
