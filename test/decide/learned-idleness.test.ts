/** What is made of what was learned about an instance: stopped, left with the reason why, or brought back before anybody comes. */
import { describe, expect, test } from '@jest/globals';
import { decideInstances } from '../../shared/decide/decide-instances.ts';
import type { IdleThought, Thinking } from '../../shared/decide/idle/consider.ts';
import type { Wish } from '../../shared/decide/idle/learner.ts';
import type { Risk } from '../../shared/decide/idle/risk.ts';
import { measurableFrom } from '../../shared/decide/rules/learned-idleness.ts';
import type { InstanceMemory } from '../../shared/model/memory.ts';
import type { Instance } from '../../shared/model/observation.ts';
import { addSeconds, epochSeconds, HOUR, type Instant, instant, MINUTE } from '../../shared/model/time.ts';
import type { InstancePolicy } from '../../shared/policy/schema.ts';
import { configOf, devTest } from '../support/policies.ts';
import { answer, box, debt, enrolled, instances, lastWeek } from './facts.ts';

const noon = instant('2025-05-14T12:00:00Z');
const NOON = epochSeconds(noon) / HOUR;
const { schedule: _, ...hourless } = devTest();
const learning: InstancePolicy = { ...hourless, idle: 'learned' };

const floor = { cpu: 2, net: 40 } as unknown as Risk['floor'];
const idle = {
  ...{ state: 'idle', soon: 0.03, floor },
  evidence: { idleHours: 9, days: 20, daysUsed: 4 },
} as unknown as Extract<Risk, { state: 'idle' }>;
const rest: Wish = { wish: 'rest', risk: idle, may: 0.05 };
const thought = (other: Partial<IdleThought> = {}): IdleThought => ({
  ...{
    until: NOON,
    latest: { cpuMax: 1.5, netMax: 12 } as IdleThought['latest'],
    learning: null,
    wish: rest,
    wakes: null,
    again: NOON + 1,
  },
  ...other,
});

interface Seen {
  readonly at?: Instant;
  readonly one?: Partial<Instance>;
  readonly memory?: Partial<InstanceMemory>;
  readonly policy?: InstancePolicy;
  readonly hours?: boolean;
}
function decided(thinking: Thinking | null, { at = noon, one = {}, memory = {}, policy = learning }: Seen = {}) {
  const idleness = new Map(thinking === null ? [] : [['i-1', thinking]]);
  const facts = instances(at, [box('i-1', one)], { memory: new Map([['i-1', enrolled(memory)]]), idle: idleness });
  return decideInstances(facts, configOf({ policies: [policy] }));
}
const because = (thinking: Thinking | null, seen?: Seen) => answer(decided(thinking, seen).plan, 'i-1');

describe('a running instance', () => {
  test('that would rest is stopped, as a whole change', () => {
    expect(decided(thought(), { at: addSeconds(noon, 7 * MINUTE) }).plan.changes[0]).toMatchObject({
      action: { kind: 'stop-instance', hibernate: false },
      because: { code: 'idle-learned', risk: 0.03, tolerated: 0.05, floor, hours: 9, days: 20, daysUsed: 4, until: noon },
      causeAt: noon,
      expects: { launchedAt: lastWeek },
      attempt: 1,
    });
  });

  test('is measured from its third whole hour on', () => {
    expect(measurableFrom(instant('2025-05-14T08:59:59Z'))).toBe('2025-05-14T11:00:00Z');
    expect(because(thought(), { one: { launchedAt: instant('2025-05-14T09:59:59Z') } })).toMatchObject({ code: 'idle-learned' });
    expect(because(thought(), { one: { launchedAt: instant('2025-05-14T10:00:00Z') } })).toEqual({
      ...{ code: 'just-started', at: '2025-05-14T10:00:00Z', measuredFrom: '2025-05-14T13:00:00Z' },
    });
  });

  test('of which nobody has thought is not measured, and is looked at in the next hour', () => {
    const next = { code: 'not-measured', nextAt: addSeconds(noon, HOUR) };
    expect(because(null, { at: addSeconds(noon, 59 * MINUTE) })).toEqual(next);
    expect(because({ busy: { hour: NOON - 1, cpuMax: 50 }, again: NOON + 3 })).toEqual(next);
  });

  test('of which too little is known is still learned', () => {
    expect(because(thought({ learning: { hours: 80, needed: 200 } }))).toEqual({ code: 'learning', hours: 80, needed: 200 });
  });

  test('is not stopped for what was thought earlier, nor for what is thought of one that sleeps', () => {
    expect(because(thought({ until: NOON - 1, again: NOON + 5 }))).toEqual({ code: 'not-measured', nextAt: addSeconds(noon, 5 * HOUR) });
    expect(because(thought({ until: NOON - 1 }))).toEqual({ code: 'not-measured', nextAt: noon });
    expect(because(thought({ wish: { wish: 'sleep-on', next: 0.01 } }))).toMatchObject({ code: 'not-measured' });
  });

  test('that is used in another way is left, and says in which', () => {
    const otherUse = { metric: 'NetworkPacketsIn', value: 900, usual: 10 } as unknown as NonNullable<
      Exclude<Thinking, { busy: unknown }>['otherUse']
    >;
    expect(because({ ...thought(), otherUse })).toEqual({ code: 'other-use', ...otherUse });
    expect(because({ ...thought(), otherUse: null })).toMatchObject({ code: 'idle-learned' });
  });

  test('is left for a reason that has its evidence', () => {
    const left = (risk: Risk, why: Extract<Wish, { wish: 'leave' }>['why'], again = NOON + 6) =>
      because(thought({ wish: { wish: 'leave', risk, may: 0.05, why }, again }));
    const again = addSeconds(noon, 6 * HOUR);
    const hour = addSeconds(noon, -HOUR);
    expect(left({ state: 'unknown' } as Risk, 'unknown')).toEqual({
      ...{ code: 'thin-data', coverage: 0, needed: 1, window: { start: hour, end: noon } },
    });
    expect(left({ state: 'in-use', floor } as Risk, 'in-use')).toEqual({ code: 'above-floor', cpu: 1.5, net: 12, floor, hour, again });
    expect(left(idle, 'just-woken')).toEqual({ code: 'just-woken', again });
    const risky = { risk: 0.03, tolerated: 0.05, days: 20, daysUsed: 4 };
    expect(left(idle, 'likely-soon')).toEqual({ code: 'likely-soon', ...risky, again });
    expect(left(idle, 'unconfirmed')).toEqual({ code: 'idle-unconfirmed', ...risky, again });
    expect(left(idle, 'likely-soon', NOON + 1)).toMatchObject({ again: null }); // the next hour is not later than usual
    expect(left(idle, 'likely-soon', NOON + 2)).toMatchObject({ again: addSeconds(noon, 2 * HOUR) });
  });
});

describe('one that we stopped for idleness', () => {
  const slept = addSeconds(noon, -5 * HOUR);
  const stopped = { state: 'stopped', stoppedAt: slept } as const;
  const memory = (other: Partial<InstanceMemory> = {}) => ({ stop: debt(slept, 'idle'), ...other });
  const asked = (wish: Wish, other: Partial<IdleThought> = {}, seen: Seen = {}) =>
    because(thought({ wish, ...other }), { one: stopped, memory: memory(), ...seen });
  const wake: Wish = { wish: 'wake', next: 0.2 };
  const sleepOn: Wish = { wish: 'sleep-on', next: 0.02 };

  test('is brought back when use is likely, as a whole change', () => {
    expect(decided(thought({ wish: wake }), { one: stopped, memory: memory() }).plan.changes[0]).toMatchObject({
      action: { kind: 'start-instance' },
      because: { code: 'ahead-of-use', risk: 0.2, stoppedAt: slept },
      causeAt: slept,
      attempt: 1,
    });
    expect(asked(sleepOn)).toMatchObject({ code: 'asleep', because: 'idle' });
    expect(asked(rest)).toMatchObject({ code: 'asleep' });
    expect(because(null, { one: stopped, memory: memory() })).toMatchObject({ code: 'asleep' });
    expect(because({ busy: { hour: NOON, cpuMax: 9 }, again: NOON }, { one: stopped, memory: memory() })).toMatchObject({ code: 'asleep' });
  });

  test('is brought back ten minutes before the hour that is likely, or by what its starts took, and looked at again by then', () => {
    const wakes = { hour: NOON + 1, risk: 0.3 };
    const at = (minutes: number, boots: readonly number[] = [], seconds = 0) => ({
      ...{ at: addSeconds(noon, minutes * MINUTE + seconds), memory: memory({ boots }) },
    });
    expect(asked(sleepOn, { wakes }, at(50, [], -1))).toMatchObject({ code: 'asleep' });
    expect(asked(sleepOn, { wakes }, at(50))).toMatchObject({ code: 'ahead-of-use', risk: 0.3 });
    expect(asked(sleepOn, { wakes }, at(46, [90, 14 * MINUTE]))).toMatchObject({ code: 'ahead-of-use' });
    expect(asked(sleepOn, { wakes }, at(46, [90, 14 * MINUTE], -1))).toMatchObject({ code: 'asleep' });
    expect(asked(sleepOn, { wakes }, at(40, [HOUR]))).toMatchObject({ code: 'ahead-of-use' });
    expect(asked(sleepOn, { wakes }, at(40, [HOUR], -1))).toMatchObject({ code: 'asleep' });
    const sleeping = decided(thought({ wish: sleepOn, wakes }), { one: stopped, memory: memory() });
    expect(sleeping.nextAt).toBe(addSeconds(noon, 50 * MINUTE));
  });

  test('once it is being started is started, whatever the next hour says', () => {
    const start = { boundary: slept, attempt: 1, at: addSeconds(noon, -10 * MINUTE), failure: 'no room' } as InstanceMemory['start'];
    expect(asked(sleepOn, {}, { memory: memory({ start }) })).toMatchObject({ code: 'ahead-of-use', risk: 0.02 });
    expect(asked(rest, {}, { memory: memory({ start }) })).toMatchObject({ code: 'asleep' }); // thought of one that runs
    const other = { ...start, boundary: noon } as InstanceMemory['start'];
    expect(asked(sleepOn, {}, { memory: memory({ start: other }) })).toMatchObject({ code: 'asleep' });
  });

  test('is let sleep where what was learned is not asked: in off-hours, by another rule, and where nobody speaks for it', () => {
    const scheduled: InstancePolicy = { ...devTest(), idle: 'learned' };
    const hoursAt = (when: Instant) =>
      because(thought({ wish: wake, until: epochSeconds(when) / HOUR }), { at: when, one: stopped, memory: memory(), policy: scheduled });
    expect(hoursAt(noon)).toMatchObject({ code: 'ahead-of-use' });
    expect(hoursAt(instant('2025-05-14T22:00:00Z'))).toMatchObject({ code: 'asleep' });
    const fixed: InstancePolicy = { ...hourless, idle: { cpuBelow: 5, hours: 4, coverage: 0.9 } };
    expect(asked(wake, {}, { policy: fixed })).toMatchObject({ code: 'asleep' });
    expect(asked(wake, {}, { one: { ...stopped, tags: { environment: 'dev', 'ebb:keep-until': 'friday' } } })).toMatchObject({
      code: 'asleep',
    });
    expect(asked(wake, {}, { memory: { stop: debt(slept) } })).not.toMatchObject({ code: 'ahead-of-use' });
  });
});
