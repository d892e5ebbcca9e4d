/** A suite that cannot fail proves nothing: for each promise a bug is planted, and its judge has to find it. */
import { describe, expect, jest, test } from '@jest/globals';
import { kindOf } from '../../cli/simulate/shortest.ts';
import type { Promised } from '../../simulator/judges/verdict.ts';
import { plant, plantAndShrink } from './plant.ts';

jest.setTimeout(30 * 60_000);

/** Each where a seed is known to show it soon; some more are allowed for. */
const PLANTED: readonly (readonly [bug: string, Promised, from: number, faults: string])[] = [
  ['protected', 'protected', 1, 'all'],
  ['bounded', 'bounded', 500, 'all'],
  ['once', 'once', 1, 'all'],
  ['nothing-lost', 'nothing-lost', 1, 'all'],
  ['refused-as-done', 'nothing-lost', 2, 'all'],
  ['quiescent', 'quiescent', 3, 'all'],
  ['conserved', 'conserved', 1, 'all'],
  ['windows-at-linux-price', 'conserved', 108, 'missing-metric,nan-metric,stale-metric'],
  ['comes-back', 'comes-back', 1, 'none'],
  ['told-no-cause', 'comes-back', 2, 'none'],
  ['sleeps-for-good', 'comes-back', 112, 'all'],
  ['late-for-work', 'comes-back', 100, 'all'],
  ['floor', 'floor', 3, 'all'],
  ['heals', 'heals', 60, 'crash-after-call,timeout-after,table-error'],
  ['never-scales-in', 'heals', 8, 'none'],
  ['floor-never-falls', 'heals', 293, 'none'],
  ['explained', 'explained', 3, 'all'],
  ['wrong-reason', 'explained', 1, 'all'],
  ['stopped-though-snoozed', 'protected', 16, 'all'],
  ['stopped-though-kept', 'protected', 45, 'all'],
  ['anybody-may-say', 'protected', 1, 'all'],
  ['silence-is-a-yes', 'protected', 109, 'all'],
  ['released-asleep', 'comes-back', 39, 'all'],
  ['asked-twice', 'once', 1, 'all'],
  ['first-wish-stands', 'nothing-lost', 1, 'all'],
  ['start-now-is-late', 'comes-back', 18, 'all'],
  ['out-of-turn', 'comes-back', 823, 'slow-call'],
  ['stopped-before-deadline', 'protected', 403, 'all'],
  ['warned-at-birth-only', 'protected', 403, 'none'],
  ['never-forgives', 'comes-back', 403, 'none'],
  ['marked-for-good', 'heals', 403, 'all'],
  ['overwrites-tags', 'protected', 28, 'all'],
  ['more-than-fifty-tags', 'protected', 403, 'all'],
  ['pause-goes-on', 'protected', 100, 'all'],
  ['left-paused', 'comes-back', 25, 'none'],
  ['written-as-first-seen', 'protected', 23, 'all'],
  ['stopped-though-guarded', 'protected', 72, 'all'],
  ['never-trips', 'bounded', 7, 'all'],
  ['marks-without-budget', 'bounded', 9, 'all'],
  ['fleet-one-too-few', 'conserved', 2, 'all'],
  ['fleet-that-never-ran', 'conserved', 2, 'all'],
  ['hour-of-week-a-day-off', 'conserved', 21, 'all'],
];

describe('a judge can fail: a planted bug', () => {
  test.each(PLANTED)('%s: the judge of %s finds it within a dozen seeds', async (bug, promise, from, faults) => {
    const { failed } = await plant(promise, { bug, from, seeds: 12, faults });
    expect(failed.flatMap(one => one.violations.map(v => v.promise))).toContain(promise);
  });
});

describe('a seed that meets a planted bug', () => {
  test('is cut down to a fault and what it falls on, and the printed command breaks the same promise in the same way', async () => {
    const { options, parts, of, again, whole } = await plantAndShrink('nothing-lost', {
      ...{ bug: 'nothing-lost', from: 1, seeds: 12, faults: 'all' },
    });
    expect(options).toMatch(/^--seed \d+ --keep \S+ --until \S+/);
    expect(of).toBeGreaterThan(12);
    expect(parts).toBeLessThanOrEqual(4);
    expect(again.map(kindOf)).toContain(whole.map(kindOf)[0]);
  });
});
