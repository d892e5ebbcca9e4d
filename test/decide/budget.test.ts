import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { breaker } from '../../shared/decide/breaker.ts';
import { isDisruptive, rank, trim } from '../../shared/decide/budget.ts';
import { microUsd } from '../../shared/model/money.ts';
import type { Action, Change, ChangeReason } from '../../shared/model/plan.ts';
import { addSeconds } from '../../shared/model/time.ts';
import { noon, scope } from './facts.ts';

const change = (id: string, other: Partial<Change> = {}): Change => ({
  id,
  pen: 'stop-start-instances',
  resource: { kind: 'instance', id: `i-${id}`, name: null, scope },
  action: { kind: 'stop-instance', hibernate: false },
  because: { code: 'off-hours', schedule: 'office-hours', since: noon, until: null },
  causeAt: noon,
  expects: {},
  attempt: 1,
  policy: 'dev-test',
  mode: 'act',
  saving: null,
  losing: [],
  owner: null,
  ...other,
});

const worth = (dollars: number | null, hours: number): Change['saving'] => ({
  ...{ window: { start: noon, end: addSeconds(noon, 3600) }, hours, perHour: null, priceSource: null, baseline: 'measured' as const },
  money: dollars === null ? null : { low: microUsd(0), high: microUsd(dollars) },
});

const KINDS: readonly Action[] = [
  { kind: 'stop-instance', hibernate: false },
  { kind: 'start-instance' },
  { kind: 'create-tags', tags: { 'ebb:mark': 'x' } },
  { kind: 'delete-tags', keys: ['ebb:mark'] },
];
const REASONS: readonly ChangeReason[] = [
  { code: 'idle', cpuMax: 1, threshold: 5, window: { start: noon, end: noon }, coverage: 1 },
  { code: 'off-hours', schedule: 'office-hours', since: noon, until: null },
];
const any = fc
  .array(
    fc.record({
      action: fc.constantFrom(...KINDS),
      because: fc.constantFrom(...REASONS),
      owner: fc.constantFrom(null, 'ann', 'bob'),
      saving: fc.option(fc.tuple(fc.option(fc.integer({ min: -5, max: 5 })), fc.integer({ min: 0, max: 3 })).map(([d, h]) => worth(d, h))),
    }),
    { maxLength: 30 },
  )
  .map(many => many.map((other, i) => change(`c${String(i).padStart(2, '0')}`, other)));
const limits = fc.record({
  perRun: fc.integer({ min: 1, max: 8 }),
  perDay: fc.integer({ min: 1, max: 12 }),
  perOwner: fc.integer({ min: 1, max: 5 }),
});

describe('a budget', () => {
  test('bounded: trims what takes something away to its limits, and nothing else', () => {
    fc.assert(
      fc.property(any, limits, fc.integer({ min: 0, max: 20 }), (changes, budget, spent) => {
        const { changes: kept, left } = trim(changes, budget, spent);
        const taken = kept.filter(isDisruptive);
        expect(taken.length).toBeLessThanOrEqual(Math.min(budget.perRun, Math.max(0, budget.perDay - spent)));
        for (const owner of ['ann', 'bob']) expect(taken.filter(c => c.owner === owner).length).toBeLessThanOrEqual(budget.perOwner);
        expect(kept.filter(c => !isDisruptive(c)).length).toBe(changes.filter(c => !isDisruptive(c)).length);
        expect([...kept, ...left].map(c => c.resource.id).toSorted()).toEqual(changes.map(c => c.resource.id).toSorted());
      }),
    );
  });

  test('keeps what saves most: dollars, then hours, then the older cause, then the id', () => {
    const rich = change('d', { saving: worth(9, 0) });
    const poor = change('c', { saving: worth(1, 9) });
    const long = change('b', { saving: worth(null, 9) });
    const short = change('a', { saving: worth(null, 1) });
    const older = change('z', { saving: worth(null, 1), causeAt: addSeconds(noon, -60) });
    expect(rank([short, long, older, poor, rich]).map(c => c.id)).toEqual(['d', 'c', 'b', 'z', 'a']);
    expect(trim([short, poor, rich], { perRun: 1, perDay: 9, perOwner: 9 }, 0)).toMatchObject({
      changes: [{ id: 'd' }],
      left: [{ because: { code: 'over-budget', per: 'run', limit: 1 } }, {}],
    });
  });

  test('names the limit that bound', () => {
    const two = [change('a', { owner: 'ann' }), change('b', { owner: 'ann' })];
    expect(trim(two, { perRun: 9, perDay: 9, perOwner: 1 }, 0).left).toMatchObject([{ because: { per: 'owner', limit: 1 } }]);
    expect(trim(two, { perRun: 9, perDay: 9, perOwner: 9 }, 8).left).toMatchObject([{ because: { per: 'day', limit: 9 } }]);
    expect(trim(two, { perRun: 9, perDay: 9, perOwner: 9 }, 99).changes).toEqual([]);
  });
});

describe('a breaker', () => {
  test('refuses all that measurement argues for or none of it, and never what was announced', () => {
    fc.assert(
      fc.property(
        any,
        fc.constantFrom(0.1, 0.5, 1),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 0, max: 20 }),
        (changes, share, atLeast, others) => {
          const matched = changes.length + others;
          const argued = changes.filter(c => c.because.code === 'idle');
          const { changes: kept, left } = breaker(changes, { share, atLeast }, matched);
          const tripped = argued.length >= atLeast && argued.length > share * matched;
          expect(left).toHaveLength(tripped ? argued.length : 0);
          expect(kept).toEqual(tripped ? changes.filter(c => c.because.code !== 'idle') : changes);
        },
      ),
    );
  });
});
