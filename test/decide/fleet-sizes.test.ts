import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decideFleets } from '../../shared/decide/decide-fleets.ts';
import { missing } from '../../shared/decide/launches.ts';
import { rememberFleet } from '../../shared/memory/remember.ts';
import type { FleetMemory } from '../../shared/model/memory.ts';
import type { Fleet, Member } from '../../shared/model/observation.ts';
import type { Change } from '../../shared/model/plan.ts';
import type { Outcome } from '../../shared/model/receipt.ts';
import { addSeconds, HOUR, type Instant, instant, MINUTE } from '../../shared/model/time.ts';
import { expiredOverrides } from '../../shared/policy/overrides.ts';
import type { FleetPolicy } from '../../shared/policy/schema.ts';
import { configOf, webFleet } from '../support/policies.ts';
import { always, answer, fleet, fleets, lastWeek, noon } from './facts.ts';

const evening = instant('2025-05-14T19:00:00Z'); // office hours end
const known = (other: Partial<FleetMemory> = {}): FleetMemory => ({
  ...{ enrolledAt: lastWeek, baseline: always, lastScaleOut: null, lastScaleInAt: null, meter: null },
  ...other,
});
const decide = (one: Fleet, memory = known(), policy: FleetPolicy = webFleet(), at: Instant = noon) =>
  decideFleets(fleets(at, [one], { memory: new Map([['web', memory]]) }), configOf({ policies: [policy] }));
const because = (...asked: Parameters<typeof decide>) => answer(decide(...asked).plan, 'web');
const cpu = (value: number, end: Instant = noon) => ({
  ...{ start: addSeconds(end, -17 * MINUTE), periodSeconds: MINUTE, values: new Array<number>(16).fill(value) },
});
const member = (other: Partial<Member> = {}, i = 0): Member => ({
  ...{ id: `i-${i}`, lifecycleState: 'InService', healthy: true, scaleInProtected: false, type: 'm5.large', weight: 1 },
  ...other,
});
const settled = (change: Change | undefined, memory: FleetMemory, outcome: Outcome = 'done', at: Instant = noon): FleetMemory => {
  if (change === undefined) throw new Error('nothing was argued');
  return rememberFleet(memory, { change, outcome, at, requestId: 'r', detail: outcome === 'done' ? null : 'busy' }) ?? memory;
};

describe('what carries the load', () => {
  test('is in service: neither Standby nor Pending nor Terminating, and each by its weight', () => {
    const states = ['InService', 'Standby', 'Pending:Wait', 'Terminating:Wait', 'InService'];
    const members = states.map((lifecycleState, i) => member({ lifecycleState }, i));
    expect(because(fleet({ desiredCapacity: 4, members, signal: cpu(100) }))).toMatchObject({ code: 'above-target', carriers: 2 });
    const heavy = [member({ weight: 2 }, 1), member({ weight: 4 }, 2)];
    expect(because(fleet({ desiredCapacity: 6, members: heavy, weighted: true, signal: cpu(100) }))).toMatchObject({ carriers: 6, to: 12 });
  });

  test('a saving of units is told in instances of the usual weight', () => {
    const heavy = [4, 4].map((weight, i) => member({ weight }, i));
    const [change] = decide(fleet({ desiredCapacity: 8, members: heavy, weighted: true, signal: cpu(20) })).plan.changes;
    expect(change).toMatchObject({ action: { desiredCapacity: 4 }, saving: { hours: 1 } });
  });

  test('comes sooner out of a warm pool, where nobody says how long it takes', () => {
    const { instanceWarmup: _, ...unsaid } = webFleet();
    const launched = known({ lastScaleOut: { at: addSeconds(noon, -4 * MINUTE), from: 2 } });
    const at = (warmPool: number) => because(fleet({ instanceWarmup: null, warmPool, signal: cpu(80) }), launched, unsaid);
    expect(at(0)).toMatchObject({ code: 'warming-up' }); // 180 s and two periods
    expect(at(2)).toMatchObject({ code: 'above-target', carriers: 4 }); // 60 s and two periods
  });

  test('what is missing is what no member stands for, not even one on its way', () => {
    const members = [member(), member({ lifecycleState: 'Pending' }, 1), member({ lifecycleState: 'Standby' }, 2)];
    expect(missing({ desiredCapacity: 5, members })).toBe(3);
    expect(missing({ desiredCapacity: 2, members })).toBe(0);
  });
});

describe('launches that fail', () => {
  const why = 'We currently do not have sufficient m5.large capacity in the Availability Zone you requested (eu-west-1a).';
  const lacking = (at: Instant, other: Partial<Fleet> = {}) =>
    fleet({ desiredCapacity: 7, members: [0, 1, 2, 3].map(i => member({}, i)), signal: cpu(95, at), launchFailure: { why, at }, ...other });

  test('hold what is asked for, with ever longer waits, and after five vain tries until they succeed', () => {
    let memory = known({ lastScaleOut: { at: addSeconds(noon, -20 * MINUTE), from: 4 } });
    let asked = 0;
    for (let minute = 0; minute < 300; minute++) {
      const at = addSeconds(noon, minute * MINUTE);
      const { plan, next } = decide(lacking(at, { desiredCapacity: 7 + asked }), memory, webFleet({ maxSize: 90 }), at);
      memory = next.get('web') ?? memory;
      const [change] = plan.changes;
      if (change === undefined) continue;
      asked++;
      memory = settled({ ...change, action: { kind: 'set-desired-capacity', desiredCapacity: 7 + asked } }, memory, 'done', at);
    }
    expect(asked).toBe(5);
    expect(memory.launch).toMatchObject({ tries: 6, nextAt: null, why });
  });

  test('never hold a way down, and are over when nothing is missing', () => {
    const launch = { why, since: noon, tries: 1, nextAt: null, told: why, recoveredAt: null };
    expect(because(lacking(noon, { signal: cpu(10) }), known({ launch }))).toMatchObject({ code: 'below-target' });
    const { next } = decide(fleet({ signal: cpu(48) }), known({ launch }));
    expect(next.get('web')?.launch).toMatchObject({ recoveredAt: noon });
  });
});

describe('off-hours with a floor', () => {
  const policy = webFleet({ minSize: 2, schedule: 'office-hours', offHours: { minSize: 1 } });
  const awake = { minSize: 2, maxSize: 10, desiredCapacity: 6 };
  const down = (other: Partial<Fleet>) => decide(fleet({ ...awake, ...other }), known(), policy, evening).plan.changes.map(c => c.action);

  test('take away no more than demand lets go of', () => {
    // 6 instances at 20 % are work for 2.4 at a target of 50 %
    expect(down({ signal: cpu(20, evening) })).toEqual([{ kind: 'set-sizes', minSize: 1, maxSize: 10, desiredCapacity: 3 }]);
    expect(down({ signal: cpu(2, evening) })).toEqual([{ kind: 'set-sizes', minSize: 1, maxSize: 10, desiredCapacity: 1 }]);
  });

  test('take away nothing where demand is silent, or asks for more', () => {
    expect(down({ signal: null })).toEqual([{ kind: 'set-sizes', minSize: 1, maxSize: 10, desiredCapacity: 6 }]);
    expect(down({ signal: cpu(80, evening) })).toEqual([{ kind: 'set-sizes', minSize: 1, maxSize: 10, desiredCapacity: 6 }]);
  });

  test('leave capacity to demand where no bound has to move, and to AWS where only floors are written', () => {
    expect(down({ minSize: 1, signal: cpu(20, evening) })).toEqual([{ kind: 'set-desired-capacity', desiredCapacity: 3 }]);
    const floored = decide(fleet({ ...awake, signal: cpu(2, evening) }), known(), { ...policy, capacity: 'floor' }, evening);
    expect(floored.plan.changes.map(c => c.action)).toEqual([{ kind: 'set-sizes', minSize: 1, maxSize: 10, desiredCapacity: 6 }]);
  });
});

describe('sizes that are owed', () => {
  const policy = webFleet({ schedule: 'office-hours', offHours: { minSize: 0 } });
  const size = fc.record({ minSize: fc.nat(6), span: fc.nat(9), at: fc.nat(9) }).map(({ minSize, span, at }) => ({
    ...{ minSize, maxSize: minSize + span, desiredCapacity: minSize + Math.min(at, span) },
  }));

  test('come back exactly, however often the way down is told', () => {
    fc.assert(
      fc.property(size, fc.integer({ min: 0, max: 3 }), (before, minSize) => {
        const lower = { ...policy, minSize: 3, offHours: { minSize } };
        const down = decide(fleet(before), known(), lower, evening).plan.changes[0];
        if (down === undefined || down.action.kind !== 'set-sizes') return; // there was nothing to take away
        const { kind: _, ...asleep } = down.action;
        expect(asleep.minSize).toBeLessThanOrEqual(before.minSize);
        expect(asleep.desiredCapacity).toBeLessThanOrEqual(before.desiredCapacity);
        let memory = settled(down, known(), 'done', evening);
        memory = settled(down, memory, 'done', evening); // a copy
        const again = { ...down, id: 'chg-2', expects: { ...asleep } }; // a second run, that saw the zeros
        memory = settled(again, memory, 'done', addSeconds(evening, MINUTE));
        const morning = addSeconds(evening, 12 * HOUR);
        const [up] = decide(fleet(asleep), memory, lower, morning).plan.changes;
        expect(up?.action).toEqual({ kind: 'set-sizes', ...before });
        expect(up?.mode).toBe('act');
        expect(settled(up, memory, 'done', morning).asleep).toBeNull();
      }),
      { numRuns: 300 },
    );
  });

  test('each stand by themselves where somebody has changed them, within what the others allow', () => {
    const was = { minSize: 3, maxSize: 9, desiredCapacity: 4 };
    const is = { minSize: 0, maxSize: 9, desiredCapacity: 0 };
    const memory = known({ asleep: { changeId: 'chg-1', at: evening, was, is, back: null } });
    const back = (theirs: Partial<Fleet>) => {
      const [up] = decide(fleet({ ...is, ...theirs }), memory, policy, addSeconds(evening, 12 * HOUR)).plan.changes;
      return up?.action;
    };
    expect(back({ minSize: 1 })).toEqual({ kind: 'set-sizes', minSize: 1, maxSize: 9, desiredCapacity: 4 });
    expect(back({ maxSize: 12 })).toEqual({ kind: 'set-sizes', minSize: 3, maxSize: 12, desiredCapacity: 4 });
    expect(back({ maxSize: 2 })).toEqual({ kind: 'set-sizes', minSize: 2, maxSize: 2, desiredCapacity: 2 });
    expect(back({ desiredCapacity: 6 })).toEqual({ kind: 'set-sizes', minSize: 3, maxSize: 9, desiredCapacity: 6 });
    expect(back({ desiredCapacity: 1 })).toEqual({ kind: 'set-sizes', minSize: 3, maxSize: 9, desiredCapacity: 3 });
    expect(back(was)).toBeUndefined(); // somebody has brought it back already
  });

  test('go down once at a boundary, and again after AWS has failed it', () => {
    const group = fleet({ minSize: 2, maxSize: 9 });
    const [first] = decide(group, known(), policy, evening).plan.changes;
    const failed = settled(first, known(), 'failed', evening);
    expect(decide(group, failed, policy, addSeconds(evening, MINUTE)).plan.changes).toEqual([]); // not each minute
    const [second] = decide(group, failed, policy, addSeconds(evening, 5 * MINUTE)).plan.changes;
    expect(second).toMatchObject({ attempt: 2, causeAt: evening });
    expect(second?.id).not.toBe(first?.id);
    const done = settled(second, failed, 'done', addSeconds(evening, MINUTE));
    const asleep = fleet({ minSize: 0, maxSize: 9, desiredCapacity: 0 });
    expect(because(asleep, done, policy, addSeconds(evening, HOUR))).toMatchObject({ code: 'fleet-asleep', changed: false });
  });

  test('are left as they are while somebody keeps the group, suspends it, or has protected what would go', () => {
    const kept = fleet({ tags: { 'ebb:keep-until': '2025-05-14T21:00Z' } });
    expect(because(kept, known(), policy, evening)).toMatchObject({ code: 'kept' });
    expect(because(fleet({ suspended: ['Terminate'] }), known(), policy, evening)).toMatchObject({ code: 'suspended' });
    const guarded = fleet({ members: [0, 1, 2, 3].map(i => member({ scaleInProtected: i < 3 }, i)) });
    const [change] = decide(guarded, known(), policy, evening).plan.changes;
    expect(change?.action).toMatchObject({ minSize: 0, desiredCapacity: 3 });
    expect(because(fleet({ refreshing: 40 }), known(), policy, evening)).toMatchObject({ code: 'refreshing', percent: 40 });
  });
});

describe('a floor', () => {
  const policy = webFleet({ capacity: 'floor', minSize: 1, maxSize: 30 });

  test('over any demand: between what it was and every maximum, no sooner than its pace, and given back exactly', () => {
    const minute = fc.record({ load: fc.integer({ min: 1, max: 100 }), desired: fc.integer({ min: 2, max: 20 }) });
    fc.assert(
      fc.property(fc.array(minute, { minLength: 20, maxLength: 120 }), fc.integer({ min: 1, max: 5 }), (minutes, was) => {
        let [minSize, memory] = [was, known()];
        const writes: Instant[] = [];
        for (const [i, { load, desired }] of minutes.entries()) {
          const at = addSeconds(noon, i * 3 * MINUTE);
          const group = fleet({ minSize, maxSize: 12, desiredCapacity: Math.max(desired, minSize), signal: cpu(load, at) });
          const { plan, next } = decide(group, memory, policy, at);
          memory = next.get('web') ?? memory;
          const [change] = plan.changes;
          if (change?.action.kind !== 'set-min-size') continue;
          expect(change.action.minSize).toBeGreaterThanOrEqual(was);
          expect(change.action.minSize).toBeLessThanOrEqual(12);
          const latest = writes.at(-1);
          if (latest !== undefined) expect(at >= addSeconds(latest, 15 * MINUTE)).toBe(true);
          writes.push(at);
          memory = settled(change, memory, 'done', at);
          minSize = change.action.minSize;
        }
        const end = addSeconds(noon, 10 * HOUR);
        const gone = decideFleets(
          fleets(end, [fleet({ minSize, maxSize: 12 })], { memory: new Map([['web', memory]]) }),
          configOf({ policies: [] }),
        );
        const [back] = gone.plan.changes;
        expect(back?.action ?? { kind: 'set-min-size', minSize }).toEqual({ kind: 'set-min-size', minSize: was });
      }),
      { numRuns: 60 },
    );
  });

  test('that AWS will not take is tried again after a while, not each minute', () => {
    const busy = fleet({ minSize: 2, signal: cpu(90) });
    const refused = settled(decide(busy, known(), policy).plan.changes[0], known(), 'refused');
    expect(because(busy, refused, policy, addSeconds(noon, MINUTE))).toMatchObject({ code: 'floor-resting' });
  });

  test('is released by nobody who cannot be understood', () => {
    const memory = known({ floor: { was: 2, is: 6, changedAt: [noon] } });
    const garbled = fleet({ minSize: 6, tags: { 'ebb:keep-until': 'friday' } });
    expect(because(garbled, memory, policy)).toMatchObject({ code: 'bad-tag' });
    expect(because(fleet({ minSize: 6, tags: { 'ebb:policy': 'off' } }), memory, policy)).toMatchObject({ code: 'floor-released', to: 2 });
  });
});

describe('an override', () => {
  const overrides = [{ from: '2025-05-14', to: '2025-05-15', timeZone: 'Europe/Berlin', minSize: 6, why: 'sale' }];
  const sale = (more: object = {}) => webFleet({ maxSize: 5, overrides: overrides.map(o => ({ ...o, ...more })) });
  const at = (when: string) => because(fleet({ signal: cpu(48, instant(when)) }), known(), sale(), instant(when));

  test('holds from the beginning of its first day to the end of its last, on the wall clock of its zone', () => {
    expect(at('2025-05-13T21:59:00Z')).toMatchObject({ code: 'on-target' });
    expect(at('2025-05-13T22:00:00Z')).toMatchObject({ code: 'outside-bounds', to: 6, min: 6 });
    expect(at('2025-05-15T21:59:00Z')).toMatchObject({ code: 'outside-bounds', to: 6 });
    expect(at('2025-05-15T22:00:00Z')).toMatchObject({ code: 'on-target' });
  });

  test('may lift the maximum as well, and is told when it is over', () => {
    const group = fleet({ desiredCapacity: 8, signal: cpu(100) });
    expect(because(group, known(), sale({ maxSize: 10 }))).toMatchObject({ code: 'above-target', to: 10 });
    expect(expiredOverrides([sale()], instant('2025-05-15T21:59:59Z'))).toEqual([]);
    expect(expiredOverrides([sale()], instant('2025-05-15T22:00:00Z'))).toMatchObject([{ policy: 'web', override: { why: 'sale' } }]);
  });
});
