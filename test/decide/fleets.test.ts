import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decideFleets } from '../../shared/decide/decide-fleets.ts';
import { rememberFleet } from '../../shared/memory/remember.ts';
import type { FleetMemory } from '../../shared/model/memory.ts';
import type { Fleet } from '../../shared/model/observation.ts';
import type { Change } from '../../shared/model/plan.ts';
import { addSeconds, type Instant, MINUTE } from '../../shared/model/time.ts';
import type { FleetPolicy } from '../../shared/policy/schema.ts';
import { sentence } from '../../shared/report/sentences.ts';
import { configOf, webFleet } from '../support/policies.ts';
import { always, answer, fleet, fleets, lastWeek, noon } from './facts.ts';

/** Minute datapoints, the newest last, which ended a minute ago. */
const signal = (values: readonly (number | null)[], end = addSeconds(noon, -MINUTE)) => ({
  start: addSeconds(end, -values.length * MINUTE),
  periodSeconds: MINUTE,
  values,
});
const known = (other: Partial<FleetMemory> = {}): FleetMemory => ({
  ...{ enrolledAt: lastWeek, baseline: always, lastScaleOut: null, lastScaleInAt: null, meter: null },
  ...other,
});
const decide = (one: Fleet, memory: FleetMemory = known(), policy: FleetPolicy = webFleet(), at: Instant = noon) =>
  decideFleets(fleets(at, [one], { memory: new Map([['web', memory]]) }), configOf({ policies: [policy] })).plan;
const because = (...asked: Parameters<typeof decide>) => answer(decide(...asked), 'web');
const steady = (value: number) => new Array<number>(17).fill(value);

describe('target tracking', () => {
  test('adds what capacity × value ÷ target asks for, rounded up, and at least one', () => {
    expect(because(fleet({ signal: signal(steady(80)) }))).toMatchObject({ code: 'above-target', from: 4, to: 7, carriers: 4 });
    expect(because(fleet({ signal: signal(steady(50.1)) }))).toMatchObject({ code: 'above-target', to: 5 });
    expect(because(fleet({ signal: signal(steady(50)) }))).toMatchObject({ code: 'on-target' });
  });

  test('removes by the peak of its window', () => {
    expect(because(fleet({ desiredCapacity: 10, signal: signal(steady(20)) }))).toMatchObject({ code: 'below-target', to: 4 });
    expect(because(fleet({ desiredCapacity: 10, signal: signal([...steady(44), 10]) }))).toMatchObject({ to: 9 });
    expect(because(fleet({ desiredCapacity: 10, signal: signal([...steady(10), 44]) }))).toMatchObject({ to: 9 }); // the newest counts
    expect(because(fleet({ desiredCapacity: 10, signal: signal(steady(45)) }))).toMatchObject({ code: 'on-target' });
  });

  test('confirms, and a hole begins the count anew', () => {
    expect(because(fleet({ signal: signal([20, 80, 80]) }))).toMatchObject({ code: 'confirming', seen: 2, needed: 3 });
    expect(because(fleet({ signal: signal([80, 80, null, 80, 80]) }))).toMatchObject({ code: 'confirming', seen: 2 });
    expect(because(fleet({ signal: signal([...steady(20).slice(0, 14), null, 20]) }))).toMatchObject({ code: 'confirming', seen: 1 });
  });

  test('takes a late newest datapoint for late, and five periods of lateness for silence', () => {
    expect(because(fleet({ signal: signal([80, 80, 80, null, null]) }))).toMatchObject({ code: 'above-target' });
    expect(because(fleet({ signal: signal([80, 80, 80, ...new Array(5).fill(null)]) }))).toMatchObject({
      code: 'silent-metric',
      since: '2025-05-14T11:54:00Z',
    });
    expect(because(fleet({ signal: signal([]) }))).toMatchObject({ code: 'silent-metric' });
    expect(because(fleet({ signal: null }))).toMatchObject({ code: 'silent-metric' });
  });

  test('counts what warms up as on its way, and never as a carrier', () => {
    const warming = known({ lastScaleOut: { at: addSeconds(noon, -2 * MINUTE), from: 4 } });
    const grown = fleet({ desiredCapacity: 7, signal: signal(steady(80)) });
    expect(because(grown, warming)).toMatchObject({ code: 'warming-up', pending: 3, wanted: 7 });
    expect(because(fleet({ desiredCapacity: 7, signal: signal(steady(100)) }), warming)).toMatchObject({
      code: 'above-target',
      to: 8,
      carriers: 4,
    });
    expect(because(fleet({ desiredCapacity: 7, signal: signal(steady(10)) }), warming)).toMatchObject({ code: 'warming-up' });
    const warm = known({ lastScaleOut: { at: addSeconds(noon, -5 * MINUTE), from: 4 } });
    expect(because(grown, warm)).toMatchObject({ code: 'above-target', to: 12, carriers: 7 });
  });

  test('cools down between two scale-ins, and does not argue from before the last one', () => {
    const shrunk = (minutes: number) => known({ lastScaleInAt: addSeconds(noon, -minutes * MINUTE) });
    const low = fleet({ desiredCapacity: 10, signal: signal(steady(20)) });
    expect(because(low, shrunk(4))).toMatchObject({ code: 'cooling-down', until: addSeconds(noon, MINUTE), wanted: 4 });
    expect(because(low, shrunk(5))).toMatchObject({ code: 'below-target' });
    const eager = webFleet({ cooldown: 0 });
    expect(because(low, shrunk(1), eager)).toMatchObject({ code: 'cooling-down' });
    expect(because(low, shrunk(2), eager)).toMatchObject({ code: 'below-target' });
  });

  test('does not argue from before a change of capacity by somebody else, for which nobody cools down', () => {
    const seen = (is: number, minutes: number | null) =>
      known({ capacity: { is, changedAt: minutes === null ? null : addSeconds(noon, -minutes * MINUTE) } });
    const low = fleet({ desiredCapacity: 10, signal: signal(steady(20)) });
    expect(because(low, seen(10, null))).toMatchObject({ code: 'below-target' });
    expect(because(low, seen(10, 1))).toMatchObject({ code: 'cooling-down', until: addSeconds(noon, MINUTE), wanted: 4 });
    expect(because(low, seen(10, 2))).toMatchObject({ code: 'below-target' });
    // What is another number at this look was changed since the last one.
    expect(because(low, seen(12, null))).toMatchObject({ code: 'cooling-down', until: addSeconds(noon, 2 * MINUTE) });
    const ours = { lastScaleInAt: addSeconds(noon, -6 * MINUTE), capacity: { is: 10, changedAt: addSeconds(noon, -MINUTE) } };
    expect(because(low, known(ours))).toMatchObject({ code: 'cooling-down', until: addSeconds(noon, MINUTE) });
    expect(because(low, known({ ...ours, capacity: { is: 10, changedAt: addSeconds(noon, -9 * MINUTE) } }))).toMatchObject({
      code: 'below-target',
    });
  });

  test('remembers since when others have had another capacity, and writes that once', () => {
    const next = (one: Fleet, memory: FleetMemory) =>
      decideFleets(fleets(noon, [one], { memory: new Map([['web', memory]]) }), configOf({ policies: [webFleet()] })).next.get('web');
    expect(next(fleet(), known())?.capacity).toEqual({ is: 4, changedAt: null });
    const held = known({ capacity: { is: 5, changedAt: null } });
    expect(next(fleet(), held)?.capacity).toEqual({ is: 4, changedAt: noon });
    expect(next(fleet({ desiredCapacity: 5 }), held)).toBeUndefined();
  });

  test('stays within the tighter of two bounds, and restores them first', () => {
    const policy = webFleet({ minSize: 3, maxSize: 6 });
    expect(because(fleet({ signal: signal(steady(100)) }), known(), policy)).toMatchObject({ to: 6 });
    expect(because(fleet({ maxSize: 5, signal: signal(steady(100)) }), known(), policy)).toMatchObject({ to: 5 });
    expect(because(fleet({ desiredCapacity: 2, signal: null }), known(), policy)).toMatchObject({ code: 'outside-bounds', to: 3 });
    expect(because(fleet({ desiredCapacity: 9, signal: signal(steady(100)) }), known(), policy)).toMatchObject({
      code: 'outside-bounds',
      to: 6,
    });
    expect(because(fleet({ minSize: 7 }), known(), policy)).toMatchObject({ code: 'bounds-contradict', policyMax: 6, groupMin: 7 });
  });
});

describe('over any signal', () => {
  const value = fc.option(fc.oneof(fc.double({ min: 0, max: 100, noNaN: true }), fc.constantFrom(0, 44.9, 45, 50, 50.1, 100)), { freq: 8 });
  const minutesAgo = fc.option(fc.integer({ min: 0, max: 12 }).map(m => addSeconds(noon, -m * MINUTE)));
  const world = fc.record({
    values: fc.array(value, { maxLength: 20 }),
    desired: fc.integer({ min: 0, max: 30 }),
    arriving: fc.integer({ min: 0, max: 30 }),
    out: minutesAgo,
    from: fc.integer({ min: 1, max: 20 }),
    shrunkAt: minutesAgo,
    min: fc.integer({ min: 0, max: 6 }),
    span: fc.integer({ min: 0, max: 20 }),
    cooldown: fc.constantFrom(0, 60, 300),
  });
  type World = typeof world extends fc.Arbitrary<infer W> ? W : never;

  const parts = ({ values, desired, arriving, out, from, shrunkAt, min, span, cooldown }: World) => {
    const one = fleet({ desiredCapacity: desired, signal: signal(values) });
    const members = one.members.map((m, i) => (i < arriving ? { ...m, lifecycleState: 'Pending' } : m));
    const memory = known({ lastScaleOut: out === null ? null : { at: out, from }, lastScaleInAt: shrunkAt });
    return { one: { ...one, members }, memory, policy: webFleet({ minSize: min, maxSize: Math.max(1, min + span), cooldown }) };
  };

  test('floor: what is set lies within the bounds, and a scale-in is never argued under present demand', () => {
    fc.assert(
      fc.property(world, facts => {
        const { one, memory, policy } = parts(facts);
        const plan = decide(one, memory, policy);
        expect(sentence(answer(plan, 'web'))).toMatch(/^\S.*\.$/);
        for (const { action, because } of plan.changes) {
          if (action.kind !== 'set-desired-capacity') throw new Error(action.kind);
          expect(action.desiredCapacity).toBeGreaterThanOrEqual(policy.minSize);
          expect(action.desiredCapacity).toBeLessThanOrEqual(policy.maxSize);
          expect(action.desiredCapacity).not.toBe(one.desiredCapacity);
          if (because.code !== 'below-target') continue;
          const recent = facts.values.slice(-policy.scaleInDatapoints).filter(v => v !== null);
          const serving = one.members.filter(m => m.lifecycleState === 'InService').length;
          for (const v of recent) expect((serving * v) / Math.max(1, action.desiredCapacity)).toBeLessThanOrEqual(50 + 1e-9);
        }
      }),
      { numRuns: 400 },
    );
  });

  test('quiescent: once AWS took what demand argued, deciding again at the same instant proposes nothing', () => {
    fc.assert(
      fc.property(world, facts => {
        const { one, memory, policy } = parts(facts);
        const after = (seen: Fleet, held: FleetMemory, change: Change) => {
          if (change.action.kind !== 'set-desired-capacity') throw new Error(change.action.kind);
          const receipt = { change, outcome: 'done', at: noon, requestId: 'r', detail: null } as const;
          const grown = { ...seen, desiredCapacity: change.action.desiredCapacity }; // its members come and go later
          return { grown, held: rememberFleet(held, receipt) ?? held };
        };
        const [first] = decide(one, memory, policy).changes;
        if (first === undefined) return;
        const { grown, held } = after(one, memory, first);
        const [second] = decide(grown, held, policy).changes;
        if (second === undefined) return;
        // Bounds are restored before demand is asked, and it may ask for more than they do.
        expect([first.because.code, second.because.code]).toEqual(['outside-bounds', 'above-target']);
        const more = after(grown, held, second);
        expect(decide(more.grown, more.held, policy).changes).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });
});
