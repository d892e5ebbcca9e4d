/** Lost events are told by what an instance shows of itself: once, of nothing that is yet to come, and never beside the event itself. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rowKey } from '../../shared/ledger/keys.ts';
import type { LedgerRow } from '../../shared/model/ledger.ts';
import type { InstanceMemory } from '../../shared/model/memory.ts';
import { usd } from '../../shared/model/money.ts';
import type { InstanceState } from '../../shared/model/observation.ts';
import { addSeconds, DAY, HOUR, type Instant, instant, later, utcDay } from '../../shared/model/time.ts';
import type { SeenInstance } from '../../shared/observe/describe.ts';
import { lateTestimonies } from '../../shared/runtime/heal.ts';
import { FELL_BACK, type StateChange, witness } from '../../shared/runtime/witness.ts';
import { box, opened, scope, unknownBaseline } from '../ledger/worked-examples.ts';

const began = instant('2025-05-14T19:00:00Z');
const after = (seconds: number): Instant => addSeconds(began, seconds);
const soon = fc.oneof(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 40 * HOUR }));

/** What may be remembered of an instance that we stopped, asked to start or gave a smaller type, in whatever mixture. */
const memories: fc.Arbitrary<InstanceMemory> = fc
  .record({
    stop: fc.option(fc.record({ at: soon, how: fc.constantFrom('metered', 'unmetered', 'hibernates', 'hibernated'), sleeps: fc.nat(300) })),
    start: fc.option(
      fc.record({ after: soon, failure: fc.constantFrom(null, null, FELL_BACK, 'InsufficientInstanceCapacity'), asked: fc.boolean() }),
    ),
    resized: fc.option(fc.record({ at: soon, meter: fc.option(soon) })),
  })
  .map(({ stop, start, resized }) => {
    const stoppedAt = after(stop?.at ?? 0);
    const debt = { changeId: 'chg-1', at: stoppedAt, because: 'off-hours', meterId: 'mtr-1' } as const;
    const ways = {
      metered: debt,
      unmetered: { ...debt, unmetered: true },
      hibernates: { ...debt, opens: opened('mtr-1', stoppedAt) },
      hibernated: { ...debt, meterAt: addSeconds(stoppedAt, stop?.sleeps ?? 0) },
    } as const;
    const startedAt = addSeconds(stoppedAt, 1 + (start?.after ?? 0));
    const from = after(resized?.at ?? 0);
    const terms = {
      changeId: 'chg-3',
      to: 'm5.large',
      perHour: usd(0.04),
      priceSource: 'list price',
      commitments: 'none',
      policy: 'p',
    } as const;
    return {
      ...{ enrolledAt: addSeconds(began, -DAY), baseline: unknownBaseline, failedStop: null },
      stop: stop === null ? null : ways[stop.how as keyof typeof ways],
      start:
        start === null
          ? null
          : {
              ...{ changeId: 'chg-2', boundary: startedAt, attempt: 1, at: startedAt, failure: start.failure },
              ...(start.asked && { asked: 'U1' }),
            },
      resized:
        resized === null
          ? null
          : {
              ...{ ...terms, at: from, owner: null, team: null, until: addSeconds(from, 365 * DAY) },
              // asleep by a stop of ours it has no meter of its own
              meter: resized.meter === null || stop !== null ? null : { id: 'mtr-3', openedAt: addSeconds(from, 1 + resized.meter) },
            },
    };
  });

interface Look {
  readonly at: Instant;
  readonly seenAt: Instant;
  readonly seen: readonly SeenInstance[];
}

/** What EC2 shows of it then: launched before, stopped since if it is not up, or not there at all. */
const looks: fc.Arbitrary<Look> = fc
  .record({
    ...{ at: soon, launched: soon, ran: soon, answers: fc.nat(20), there: fc.integer({ min: 0, max: 9 }), tells: fc.boolean() },
    state: fc.constantFrom<InstanceState>('pending', 'running', 'running', 'stopping', 'stopped', 'stopped', 'shutting-down', 'terminated'),
    type: fc.constantFrom('m5.large', 'm5.large', 'r5.large'),
  })
  .map(({ at: length, launched, ran, answers, there, tells, state, type }) => {
    const launchedAt = after(launched - HOUR);
    const stoppedAt = state === 'pending' || state === 'running' || !tells ? null : addSeconds(launchedAt, 1 + ran);
    const at = addSeconds(later(stoppedAt ?? launchedAt, launchedAt), length);
    const seen = { ref: box, state, type, launchedAt, stoppedAt } as unknown as SeenInstance;
    return { at, seenAt: addSeconds(at, answers), seen: there === 0 ? [] : [seen] };
  });

interface Held {
  readonly memory: InstanceMemory | null;
  readonly rows: readonly LedgerRow[];
}

const hear = ({ memory, rows }: Held, changes: readonly StateChange[]): Held =>
  changes.reduce<Held>(
    (held, change) => {
      if (held.memory === null) return held;
      const told = witness(held.memory, change);
      return { memory: told.next, rows: [...held.rows, ...told.rows] };
    },
    { memory, rows },
  );
const shown = (memory: InstanceMemory | null, { seen, ...look }: Look): StateChange[] =>
  lateTestimonies(new Map(memory === null ? [] : [[box.id, memory]]), seen, true, { ...look, scope });
/** A debt is of the past. */
const isPast = ({ stop, start, resized }: InstanceMemory, at: Instant): boolean =>
  [stop?.at, stop?.meterAt, start?.at, resized?.at, resized?.meter?.openedAt].every(since => since === undefined || since <= at);

describe('what an instance shows of itself', () => {
  test('is told once: looks at the same thing come to an end, and nothing is put on record twice', () => {
    fc.assert(
      fc.property(memories, looks, (memory, look) => {
        fc.pre(isPast(memory, look.at));
        // It was up and sleeps again, or a day ended meanwhile: the one is told at the first look, the other at the next.
        let held: Held = { memory, rows: [] };
        for (let times = 0; times < 3; times++) held = hear(held, shown(held.memory, look));
        expect(hear(held, shown(held.memory, look))).toEqual(held);
        const keys = held.rows.map(row => Object.values(rowKey(row)).join(' '));
        expect(keys).toEqual([...new Set(keys)]);
      }),
      { numRuns: 400 },
    );
  });

  test('says nothing of what is to come, nothing of whom we owe nothing, and closes no meter before it was opened', () => {
    fc.assert(
      fc.property(memories, looks, (memory, look) => {
        fc.pre(isPast(memory, look.at));
        const told = shown(memory, look);
        for (const { at } of told) expect(at <= look.seenAt).toBe(true);
        if (memory.stop === null && memory.start === null && memory.resized == null) expect(told).toEqual([]);
        for (const row of hear({ memory, rows: [] }, told).rows) if (row.kind === 'meter-closed') expect(row.at >= row.openedAt).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  test('adds nothing where the event itself was heard', () => {
    fc.assert(
      fc.property(memories, looks, fc.nat(120), (memory, look, late) => {
        const [instance] = look.seen;
        fc.pre(instance?.state === 'running' && isPast(memory, addSeconds(instance.launchedAt, -1)));
        if (instance === undefined) return;
        const up = addSeconds(instance.launchedAt, late);
        const at = addSeconds(up, 600);
        fc.pre(utcDay(at) === utcDay(up));
        const heard = hear({ memory, rows: [] }, [{ resource: box, state: 'running', at: up, type: instance.type }]);
        const both = hear(heard, shown(heard.memory, { ...look, at, seenAt: at }));
        expect(both.rows).toEqual(heard.rows);
      }),
      { numRuns: 200 },
    );
  });
});
