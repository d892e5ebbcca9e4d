/** Elastic Beanstalk: option settings are all that is ever written, in pairs where the second must not be forgotten, and when it is ready. */
import { describe, expect, test } from '@jest/globals';
import type { FleetMemory, SleepDebt } from '../../shared/model/memory.ts';
import type { Fleet } from '../../shared/model/observation.ts';
import { addSeconds, DAY, HOUR, type Instant, instant, MINUTE } from '../../shared/model/time.ts';
import type { FleetPolicy, Schedule } from '../../shared/policy/schema.ts';
import { webFleet } from '../support/policies.ts';
import { fleet, noon } from './facts.ts';
import { because, change, cpu, decide, member, next, shop } from './fleet-facts.ts';

const evening = instant('2025-05-14T19:00:00Z'); // office hours end
const night = instant('2025-05-14T23:00:00Z');
const morning = instant('2025-05-15T07:00:00Z'); // … and begin
const before = (minutes: number, at = evening): Instant => addSeconds(at, -minutes * MINUTE);

const was = { minSize: 2, maxSize: 6, desiredCapacity: 3 };
const is = { minSize: 0, maxSize: 0, desiredCapacity: 0 };
const paused = (other: Partial<SleepDebt> = {}): SleepDebt => ({
  ...{ changeId: 'chg-1', at: before(30), was, is, back: null, pause: { from: evening, until: morning } },
  ...other,
});
const nightly = (other: Partial<FleetPolicy> = {}): FleetPolicy =>
  webFleet({ beanstalk: true, schedule: 'office-hours', offHours: { minSize: 0 }, ...other });
const at = (when: Instant, memory: Partial<FleetMemory> = {}, other: Partial<FleetPolicy> = {}) => ({
  ...{ at: when, memory, policies: [nightly(other)] },
});
const times = (oneTime: Readonly<Record<string, Instant>>) => shop({}, { oneTime });

describe('a pause', () => {
  test('is a whole change, forty minutes ahead and no sooner', () => {
    expect(because(shop(), at(addSeconds(before(40), -1)))).toMatchObject({ code: 'silent-metric' });
    expect(change(shop(), at(before(40)))).toMatchObject({
      action: { kind: 'pause-environment', pauseAt: evening, resumeAt: morning, down: is, back: was },
      because: { code: 'off-hours', schedule: 'office-hours', since: evening, until: morning },
      causeAt: evening,
      expects: { minSize: 2, maxSize: 6, tags: { 'ebb:keep-until': null } },
      attempt: 1,
      saving: { hours: 36, window: { start: evening, end: morning } },
      losing: ['capacity'],
    });
  });

  test('that is written late begins a quarter of an hour after, on five minutes', () => {
    const begins = (when: Instant) => {
      const action = change(shop(), at(when))?.action;
      return action?.kind === 'pause-environment' ? action.pauseAt : null;
    };
    expect(begins(before(15))).toBe(evening);
    expect(begins(before(14))).toBe(before(-5));
    expect(begins(before(-3))).toBe(before(-20));
    expect(change(shop(), at(before(-3)))).toMatchObject({ because: { since: before(-3) }, causeAt: evening });
  });

  test('ends where an override begins, and is not written across one', () => {
    const override = (from: string, to: string) => ({ overrides: [{ from, to, timeZone: 'UTC', minSize: 3 }] });
    const across = override('2025-05-15T03:00', '2025-05-15T05:00');
    expect(change(shop(), at(before(40), {}, across))).toMatchObject({
      action: { pauseAt: evening, resumeAt: instant('2025-05-15T03:00:00Z') },
      because: { until: instant('2025-05-15T03:00:00Z') },
    });
    const until = instant('2025-05-15T05:00:00Z');
    expect(change(shop(), at(until, {}, across))).toMatchObject({ action: { pauseAt: addSeconds(until, 15 * MINUTE), resumeAt: morning } });
    const outlasting = override('2025-05-14T18:45', '2025-05-14T22:00');
    expect(because(shop(), at(before(40), {}, outlasting))).toMatchObject({ code: 'silent-metric' });
  });

  test('is not written for hours that are left open after those that are on', () => {
    const beginning: Schedule = { name: 'office-hours', timeZone: 'UTC', periods: [{ begin: '07:00' }] };
    const late = instant('2025-05-14T23:45:00Z');
    expect(because(shop(), { ...at(late), schedules: [beginning] })).toMatchObject({ code: 'silent-metric' });
  });

  test('of less than an hour is not worth two updates', () => {
    expect(change(shop(), at(before(75, morning)))).toMatchObject({ action: { pauseAt: before(60, morning), resumeAt: morning } });
    expect(because(shop(), at(before(74, morning)))).toMatchObject({ code: 'silent-metric' });
  });

  test('takes nothing from who has no more than the night would leave', () => {
    const down = (desiredCapacity: number, minSize: number, maxSize?: number) =>
      change(shop({ desiredCapacity }), at(before(10), {}, { offHours: { minSize, ...(maxSize !== undefined && { maxSize }) } }))?.action;
    expect(down(0, 0)).toBeUndefined();
    expect(down(1, 0)).toMatchObject({ down: is });
    expect(down(2, 2)).toBeUndefined();
    expect(down(3, 2)).toMatchObject({ down: { minSize: 2, maxSize: 6, desiredCapacity: 2 } });
    expect(down(3, 2, 4)).toMatchObject({ down: { minSize: 2, maxSize: 4, desiredCapacity: 2 } });
    expect(down(3, 2, 9)).toMatchObject({ down: { minSize: 2, maxSize: 6, desiredCapacity: 2 } });
    expect(down(9, 8)).toMatchObject({ down: { minSize: 8, maxSize: 8, desiredCapacity: 8 } });
  });

  test('of a whole weekend saves a day at most, as far as it is told', () => {
    const friday = instant('2025-05-16T19:00:00Z');
    expect(change(shop(), at(before(30, friday)))).toMatchObject({
      action: { pauseAt: friday, resumeAt: instant('2025-05-19T07:00:00Z') },
      saving: { hours: 72, window: { start: friday, end: addSeconds(friday, DAY) } },
    });
  });

  test('leaves protected instances to Beanstalk, unless they are all there is', () => {
    const guarded = (n: number) => shop({ members: [0, 1, 2].map(i => member({ scaleInProtected: i < n }, i)) });
    expect(change(guarded(2), at(before(30)))?.action).toMatchObject({ kind: 'pause-environment', down: is });
    expect(because(guarded(3), at(before(30)))).toEqual({ code: 'scale-in-protected', protected: 3, capacity: 3, wanted: 0 });
    expect(because(shop({ refreshing: 10 }), at(before(30)))).toMatchObject({ code: 'refreshing', wanted: 0 });
  });

  test('waits for who keeps it beyond its beginning', () => {
    const kept = (until: string) => because(shop({ tags: { 'ebb:keep-until': until } }), at(before(30)));
    expect(kept('2025-05-14T19:01Z')).toEqual({ code: 'kept', until: addSeconds(evening, MINUTE) });
    expect(kept('2025-05-14T19:00Z')).toMatchObject({ code: 'off-hours' });
  });

  test('goes to the next free minute where another scheduled action has its own, and heeds not our own', () => {
    const begins = (oneTime: Readonly<Record<string, Instant>>) => change(times(oneTime), at(before(30)))?.action;
    expect(begins({ theirs: evening })).toMatchObject({ pauseAt: addSeconds(evening, MINUTE), resumeAt: morning });
    expect(begins({ theirs: evening, more: addSeconds(evening, MINUTE) })).toMatchObject({ pauseAt: addSeconds(evening, 2 * MINUTE) });
    expect(begins({ theirs: morning })).toMatchObject({ pauseAt: evening, resumeAt: addSeconds(morning, MINUTE) });
    expect(begins({ 'ebb-pause': evening, 'ebb-resume': morning })).toMatchObject({ pauseAt: evening, resumeAt: morning });
  });

  test('is tried five times, each a while after the last, for each evening anew', () => {
    const failed = (attempt: number, when: Instant, causeAt = evening) => at(when, { failedSleep: { causeAt, attempt, at: evening } });
    expect(because(shop(), failed(1, addSeconds(evening, 5 * MINUTE - 1)))).toMatchObject({ code: 'silent-metric' });
    expect(change(shop(), failed(1, addSeconds(evening, 5 * MINUTE)))).toMatchObject({ attempt: 2, causeAt: evening });
    expect(change(shop(), failed(4, night))).toMatchObject({ attempt: 5 });
    expect(because(shop(), failed(5, night))).toMatchObject({ code: 'silent-metric' });
    expect(change(shop(), failed(5, evening, before(24 * 60)))).toMatchObject({ attempt: 1 });
  });

  test('is set, and then sleeps, until its end', () => {
    expect(because(shop(), at(before(1), { asleep: paused() }))).toEqual({ code: 'pause-set', from: evening, until: morning, was });
    expect(because(shop(), at(evening, { asleep: paused() }))).toEqual({
      ...{ code: 'fleet-asleep', since: evening, until: morning, was, changed: false },
    });
  });

  test('is not for hours that a schedule leaves open, nor where it would never end', () => {
    const schedules = (...periods: Schedule['periods']) => [{ name: 'office-hours', timeZone: 'UTC', periods }];
    const open = schedules({ weekdays: 'wed', end: '19:00' }, { weekdays: 'thu', begin: '10:00' });
    expect(because(shop(), { ...at(before(60)), schedules: open })).toMatchObject({ code: 'silent-metric' });
    const once = schedules({ weekdays: 'wed', end: '19:00' });
    expect(because(shop(), { ...at(before(-10)), schedules: once })).toMatchObject({ code: 'never-returns', schedule: 'office-hours' });
    const { offHours: _, ...always } = nightly();
    expect(because(shop(), { at: evening, policies: [always] })).toMatchObject({ code: 'silent-metric' });
  });
});

describe('the way back', () => {
  const down = shop({ ...is });
  const late = addSeconds(morning, 15 * MINUTE);

  test('is made by its own scheduled action; what has not come back a quarter of an hour later is brought', () => {
    expect(because(down, at(addSeconds(late, -1), { asleep: paused() }))).toMatchObject({ code: 'fleet-asleep' });
    expect(change(down, at(late, { asleep: paused() }, { mode: 'plan' }))).toMatchObject({
      action: { kind: 'resume-environment', resumeAt: addSeconds(late, 15 * MINUTE), back: was },
      because: { code: 'on-hours', schedule: 'office-hours', since: morning, stoppedAt: evening, lastFailure: null },
      causeAt: morning,
      expects: {},
      attempt: 1,
      mode: 'act',
      losing: [],
    });
    const taken = shop({ ...is }, { oneTime: { theirs: addSeconds(late, 15 * MINUTE) } });
    expect(change(taken, at(late, { asleep: paused() }))?.action).toMatchObject({ resumeAt: addSeconds(late, 16 * MINUTE) });
  });

  test('is over when its group has other sizes again: what has come back has just been launched', () => {
    expect(next(shop({ ...was }), at(morning, { asleep: paused() }))).toMatchObject({
      ...{ asleep: null, lastScaleOut: { at: morning, from: 0 } },
    });
    expect(next(shop({ ...is, maxSize: 1 }), at(morning, { asleep: paused() }))?.asleep).toBeNull();
    expect(next(shop({ ...is, minSize: 1 }), at(morning, { asleep: paused() }))?.asleep).toBeNull();
    expect(next(shop({ ...was }), at(addSeconds(morning, -1), { asleep: paused() }))).toBeUndefined();
    expect(next(down, at(late, { asleep: paused() }))).toBeUndefined();
  });

  test('that fails is tried again, ever more seldom, and tells of it', () => {
    const back = { boundary: morning, attempt: 1, at: late, failure: 'busy' };
    const again = addSeconds(late, 5 * MINUTE);
    expect(because(down, at(addSeconds(again, -1), { asleep: paused({ back }) }))).toEqual({
      ...{ code: 'start-failing', attempts: 1, why: 'busy', nextAt: again },
    });
    expect(change(down, at(again, { asleep: paused({ back }) }))).toMatchObject({ attempt: 2, because: { lastFailure: 'busy' } });
    const other = { ...back, boundary: addSeconds(morning, -DAY) };
    expect(change(down, at(late, { asleep: paused({ back: other }) }))).toMatchObject({ attempt: 1 });
  });

  test('is brought at once where nobody speaks for the pause any more, unless its own action does so soon', () => {
    const released = (policies: readonly FleetPolicy[], tags: Fleet['tags'] = {}, when = night) =>
      because(shop({ ...is, tags }), { at: when, memory: { asleep: paused() }, policies });
    const of = (why: string) => ({ code: 'released', stoppedAt: before(30), why });
    expect(released([])).toEqual(of('no-policy'));
    expect(released([nightly()], { 'ebb:policy': 'off' })).toEqual(of('opted-out'));
    const { offHours: _, ...always } = nightly();
    expect(released([always])).toEqual(of('no-schedule'));
    expect(released([nightly({ beanstalk: false })])).toEqual(of('no-schedule'));
    expect(released([nightly()], { 'ebb:keep-until': 'friday' })).toMatchObject({ code: 'bad-tag' });
    expect(released([], {}, before(20, morning))).toEqual({ code: 'no-policy' });
    expect(released([], {}, addSeconds(before(20, morning), -1))).toEqual(of('no-policy'));
    expect(released([], {}, late)).toMatchObject({ code: 'on-hours', schedule: 'its schedule', since: morning });
    expect(change(down, { at: night, memory: { asleep: paused() }, policies: [] })).toMatchObject({ causeAt: before(30), policy: 'none' });
  });
});

describe('a floor', () => {
  const floored = (other: Partial<FleetPolicy> = {}) => nightly({ minSize: 1, ...other });
  const busy = (seen: Partial<Fleet> = {}, said: Parameters<typeof shop>[1] = {}) => shop({ signal: cpu(60), ...seen }, said);

  test('is written as a setting of its environment, above the setting that there is', () => {
    expect(change(busy(), { policies: [floored()] })).toMatchObject({
      action: { kind: 'set-environment-min-size', minSize: 4 },
      because: { code: 'floor', from: 2, to: 4 },
      expects: { minSize: 2 },
      saving: null,
    });
    expect(because(busy({ minSize: 4, desiredCapacity: 4 }, { minSize: 3 }), { policies: [floored()] })).toMatchObject({ from: 3, to: 5 });
  });

  test('rests for an hour after a change before it rises, and for four before it falls', () => {
    const memory = (changedAt: Instant) => ({ floor: { was: 2, is: 3, changedAt: [changedAt] } });
    const high = busy({ minSize: 3 }, { minSize: 3 });
    expect(because(high, { memory: memory(before(60, noon)), policies: [floored()] })).toMatchObject({ code: 'floor', to: 4 });
    expect(because(high, { memory: memory(addSeconds(before(60, noon), 1)), policies: [floored()] })).toMatchObject({
      code: 'floor-resting',
    });
    const low = busy({ minSize: 3, signal: cpu(10) }, { minSize: 3 });
    expect(because(low, { memory: memory(addSeconds(noon, -4 * HOUR)), policies: [floored()] })).toMatchObject({ code: 'floor', to: 2 });
    expect(because(low, { memory: memory(addSeconds(noon, -4 * HOUR + 1)), policies: [floored()] })).toMatchObject({
      ...{ code: 'floor-resting', until: addSeconds(noon, 1) },
    });
  });

  test('changes four times a day', () => {
    const changes = (n: number, first: Instant) => [first, ...Array.from({ length: n - 1 }, () => before(90, noon))];
    const asked = (changedAt: Instant[]) =>
      because(busy({ minSize: 3 }, { minSize: 3 }), { memory: { floor: { was: 2, is: 3, changedAt } }, policies: [floored()] });
    expect(asked(changes(4, addSeconds(noon, -DAY)))).toMatchObject({ code: 'floor' });
    expect(asked(changes(4, addSeconds(noon, -DAY + 60)))).toMatchObject({ code: 'floor-resting', until: addSeconds(noon, 60) });
    expect(asked(changes(3, addSeconds(noon, -DAY + 60)))).toMatchObject({ code: 'floor' });
  });

  test('that its group does not show is on its way for twenty minutes, and somebody else’s after', () => {
    const memory = (changedAt: Instant[]) => ({ floor: { was: 2, is: 5, changedAt } });
    const asked = (changedAt: Instant[]) => next(shop(), { memory: memory(changedAt), policies: [floored()] });
    expect(asked([addSeconds(before(20, noon), 1)])).toBeUndefined();
    expect(asked([before(20, noon)])?.floor).toEqual({ was: 2, is: 2, changedAt: [before(20, noon)] });
    expect(asked([])?.floor).toEqual({ was: 2, is: 2, changedAt: [] });
    expect(next(fleet({ minSize: 2 }), { memory: memory([before(1, noon)]) })?.floor).toMatchObject({ is: 2 }); // a group shows it at once
  });

  test('is kept while the policy minds environments, and given back when it does not', () => {
    const memory = { floor: { was: 2, is: 4, changedAt: [before(90, noon)] } };
    const one = shop({ minSize: 4 }, { minSize: 4 });
    expect(because(one, { memory, policies: [floored()] })).toMatchObject({ code: 'silent-metric' });
    expect(change(one, { memory, policies: [floored({ beanstalk: false })] })).toMatchObject({
      action: { kind: 'set-environment-min-size', minSize: 2 },
      because: { code: 'floor-released', why: 'no-floor' },
    });
  });
});

describe('an environment', () => {
  const busy = { signal: cpu(60) };
  const asked = (said: Fleet['environment']) => because(shop({ ...busy, environment: said }), { policies: [nightly({ minSize: 1 })] });
  const ready = shop().environment as Exclude<Fleet['environment'], null | { unread: string }>;

  test('is written to when it is ready, has more than one instance, and could be read', () => {
    expect(asked({ unread: 'AccessDenied' })).toEqual({ code: 'environment-unread', why: 'AccessDenied' });
    expect(asked({ ...ready, singleInstance: true })).toEqual({ code: 'single-instance' });
    expect(asked({ ...ready, status: 'Updating' })).toEqual({ code: 'environment-busy', status: 'Updating' });
    expect(asked(ready)).toMatchObject({ code: 'floor' });
    expect(asked(null)).toMatchObject({ code: 'floor' }); // it is asked before it is written to
  });

  test('says why it is left alone, rather than that it could not be written to', () => {
    const quiet = shop({ environment: { unread: 'AccessDenied' } });
    expect(because(quiet, { policies: [nightly()] })).toMatchObject({ code: 'silent-metric' });
    const pausing = shop({ environment: { unread: 'AccessDenied' } });
    expect(because(pausing, at(before(10)))).toMatchObject({ code: 'environment-unread' });
  });

  test('is Beanstalk’s, unless its policy minds environments; and its group is never ours', () => {
    expect(because(shop(busy), { policies: [nightly({ beanstalk: false })] })).toEqual({ code: 'beanstalk-owned', environment: 'shop' });
    expect(because(fleet({ ...busy, beanstalk: 'shop' }), { policies: [nightly()] })).toMatchObject({ code: 'beanstalk-owned' });
    expect(because(shop({ ...busy, awsPolicies: ['cpu'] }), { policies: [nightly({ minSize: 1 })] })).toMatchObject({ code: 'floor' });
  });

  test('that sleeps is not woken as a group would be', () => {
    const { plan } = decide(shop({ ...is }), at(addSeconds(morning, MINUTE), { asleep: paused() }));
    expect(plan.changes).toEqual([]);
  });
});
