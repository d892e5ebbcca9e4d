/** A fleet's off-hours: the way down, the night, the way back, and what overrides, tags and failures make of them. */
import { describe, expect, test } from '@jest/globals';
import { fleetStandings } from '../../shared/decide/decide-fleets.ts';
import type { FleetMemory, SleepDebt } from '../../shared/model/memory.ts';
import type { Fleet } from '../../shared/model/observation.ts';
import { addSeconds, DAY, HOUR, type Instant, instant, MINUTE } from '../../shared/model/time.ts';
import type { FleetPolicy, Schedule } from '../../shared/policy/schema.ts';
import { configOf, officeHours, webFleet } from '../support/policies.ts';
import { fleet } from './facts.ts';
import { because, change, cpu, next } from './fleet-facts.ts';

const evening = instant('2025-05-14T19:00:00Z'); // office hours end
const night = instant('2025-05-14T23:00:00Z');
const morning = instant('2025-05-15T07:00:00Z'); // … and begin

const was = { minSize: 2, maxSize: 9, desiredCapacity: 4 };
const is = { minSize: 0, maxSize: 9, desiredCapacity: 0 };
const seen = ({ desiredCapacity: is }: typeof was) => ({ is, changedAt: null });
const asleep = (other: Partial<SleepDebt> = {}): SleepDebt => ({ changeId: 'chg-1', at: evening, was, is, back: null, ...other });

const nightly = (other: Partial<FleetPolicy> = {}): FleetPolicy =>
  webFleet({ schedule: 'office-hours', offHours: { minSize: 0 }, ...other });
const at = (when: Instant, memory: Partial<FleetMemory> = {}, other: Partial<FleetPolicy> = {}) => ({
  ...{ at: when, memory, policies: [nightly(other)] },
});

describe('the way down', () => {
  test('expects the tags by which its policy speaks of it', () => {
    const one = fleet({ ...was, tags: { team: 'web' } });
    const match = { tags: { team: ['web', 'shop'] } };
    expect(change(one, at(addSeconds(evening, MINUTE), {}, { match }))?.expects.tags).toMatchObject({ team: 'web' });
  });

  test('is a whole change, which expects that people still say what they said', () => {
    const one = fleet({ ...was, tags: { 'ebb:schedule': 'office-hours', 'ebb:owner': 'web@example.com', team: 'web' } });
    expect(change(one, at(addSeconds(evening, MINUTE)))).toMatchObject({
      action: { kind: 'set-sizes', ...is },
      because: { code: 'off-hours', schedule: 'office-hours', since: evening, until: morning },
      causeAt: evening,
      expects: { ...was, tags: { 'ebb:policy': null, 'ebb:schedule': 'office-hours', 'ebb:keep-until': null } },
      attempt: 1,
      policy: 'web',
      mode: 'act',
      saving: { hours: 47.93, window: { end: morning } },
      losing: ['capacity'],
      owner: 'web@example.com',
    });
  });

  test('in mode plan is only thought, and saves a day at most', () => {
    const friday = instant('2025-05-16T19:00:00Z');
    expect(change(fleet(was), at(friday, {}, { mode: 'plan' }))).toMatchObject({
      ...{ mode: 'plan', saving: { window: { start: friday, end: addSeconds(friday, DAY) } } },
    });
  });

  test('begins with the off-hours and not a second before, and not for a policy without them', () => {
    expect(because(fleet(was), at(addSeconds(evening, -1)))).toMatchObject({ code: 'silent-metric' });
    const { offHours: _, ...always } = nightly();
    expect(because(fleet(was), { at: night, policies: [always] })).toMatchObject({ code: 'silent-metric' });
    const { schedule: __, ...unscheduled } = nightly();
    expect(because(fleet(was), { at: night, policies: [unscheduled] })).toMatchObject({ code: 'silent-metric' });
  });

  test('never raises a maximum, and takes it down where the policy says so', () => {
    const sizes = (maxSize: number) => change(fleet(was), at(evening, {}, { offHours: { minSize: 0, maxSize } }))?.action;
    expect(sizes(1)).toEqual({ kind: 'set-sizes', minSize: 0, maxSize: 1, desiredCapacity: 0 });
    expect(sizes(20)).toEqual({ kind: 'set-sizes', minSize: 0, maxSize: 9, desiredCapacity: 0 });
  });

  test('waits for who keeps the group, and not a second longer', () => {
    const kept = fleet({ ...was, tags: { 'ebb:keep-until': '2025-05-14T21:00Z' } });
    const until = instant('2025-05-14T21:00:00Z');
    expect(because(kept, at(addSeconds(until, -1)))).toEqual({ code: 'kept', until });
    expect(because(kept, at(until))).toMatchObject({ code: 'off-hours', since: evening });
  });

  test('is tried five times, each a while after the last, and not again that night', () => {
    const failed = (attempt: number, when: Instant, causeAt = evening) => at(when, { failedSleep: { causeAt, attempt, at: evening } });
    const soon = addSeconds(evening, 5 * MINUTE);
    expect(because(fleet(was), failed(1, addSeconds(soon, -1)))).toMatchObject({ code: 'silent-metric' });
    expect(change(fleet(was), failed(1, soon))).toMatchObject({ attempt: 2, causeAt: evening });
    expect(change(fleet(was), failed(4, night))).toMatchObject({ attempt: 5 });
    expect(because(fleet(was), failed(5, night))).toMatchObject({ code: 'silent-metric' });
    expect(change(fleet(was), failed(5, evening, addSeconds(evening, -DAY)))).toMatchObject({ attempt: 1 });
  });
});

describe('by night', () => {
  test('it sleeps until the next hours, and says what was there', () => {
    const down = fleet({ ...is, signal: cpu(90, night) });
    expect(because(down, at(night, { asleep: asleep() }))).toEqual({
      ...{ code: 'fleet-asleep', since: evening, until: morning, was, changed: false },
    });
    expect(because(down, at(night))).toEqual({ code: 'fleet-asleep', since: evening, until: morning, was: is, changed: false });
  });

  test('what somebody changes stands, whatever demand says', () => {
    const theirs = fleet({ ...is, desiredCapacity: 2, signal: cpu(90, night) });
    expect(because(theirs, at(night, { asleep: asleep() }))).toMatchObject({ code: 'fleet-asleep', changed: true, was });
    const wider = fleet({ ...is, maxSize: 12 });
    expect(because(wider, at(night, { asleep: asleep() }))).toMatchObject({ code: 'fleet-asleep', changed: true });
  });

  test('above a floor demand decides, within the bounds of the night', () => {
    const lower = { offHours: { minSize: 1, maxSize: 5 }, instanceWarmup: 0 };
    const busy = fleet({ minSize: 1, maxSize: 5, desiredCapacity: 4, signal: cpu(90, night) });
    expect(because(busy, at(night, {}, lower))).toMatchObject({ code: 'above-target', to: 5 });
    expect(because(fleet({ ...busy, signal: cpu(90, morning) }), at(morning, {}, lower))).toMatchObject({ to: 5 });
    const low = fleet({ minSize: 1, maxSize: 9, desiredCapacity: 4, signal: cpu(2, night) });
    expect(change(low, at(night, { asleep: asleep({ is: { minSize: 1, maxSize: 9, desiredCapacity: 4 } }) }, lower))?.action).toEqual({
      ...{ kind: 'set-desired-capacity', desiredCapacity: 1 },
    });
  });

  test('a debt is forgotten by day, once somebody has brought it all back; by night it is kept, lest it be put to sleep again', () => {
    const back = fleet({ ...was, signal: cpu(48, morning) });
    expect(next(back, at(morning, { asleep: asleep() }))?.asleep).toBeNull();
    expect(next(fleet({ ...was }), at(night, { asleep: asleep(), capacity: seen(was) }))).toBeUndefined();
    expect(next(fleet({ ...is }), at(morning, { asleep: asleep(), capacity: seen(is) }))).toBeUndefined();
    expect(next(fleet({ ...was, desiredCapacity: 3 }), at(morning, { asleep: asleep() }))).toBeDefined(); // each size is somebody's by now
    const nothing = asleep({ was: is });
    expect(next(fleet({ ...is }), at(morning, { asleep: nothing, capacity: seen(is) }))).toBeUndefined();
  });

  test('a floor of ours that sleeps is nobody else’s number: it counts on in the morning', () => {
    const memory = { asleep: asleep(), floor: { was: 1, is: 2, changedAt: [] }, capacity: seen(is) };
    expect(next(fleet({ ...is }), at(night, memory))).toBeUndefined();
    expect(next(fleet({ ...is }), at(night, { ...memory, asleep: null }))?.floor).toEqual({ was: 0, is: 0, changedAt: [] });
  });
});

describe('the way back', () => {
  const down = fleet(is);

  test('is a whole change, by nobody’s leave', () => {
    expect(change(down, at(addSeconds(morning, MINUTE), { asleep: asleep() }, { mode: 'plan' }))).toMatchObject({
      action: { kind: 'set-sizes', ...was },
      because: { code: 'on-hours', schedule: 'office-hours', since: morning, stoppedAt: evening, lastFailure: null },
      causeAt: morning,
      expects: is,
      attempt: 1,
      mode: 'act',
      losing: [],
    });
    expect(change(down, at(morning, { asleep: asleep() }))?.expects).toEqual(is);
  });

  test('is tried again after a failure, ever more seldom, and tells of it', () => {
    const back = { boundary: morning, attempt: 2, at: morning, failure: 'AlreadyExists: busy' };
    const again = addSeconds(morning, 5 * MINUTE);
    expect(because(down, at(addSeconds(again, -1), { asleep: asleep({ back }) }))).toEqual({
      ...{ code: 'start-failing', attempts: 2, why: 'AlreadyExists: busy', nextAt: again },
    });
    expect(change(down, at(again, { asleep: asleep({ back }) }))).toMatchObject({
      ...{ attempt: 3, because: { lastFailure: 'AlreadyExists: busy' } },
    });
    const yesterday = { ...back, boundary: addSeconds(morning, -DAY) };
    expect(change(down, at(morning, { asleep: asleep({ back: yesterday }) }))).toMatchObject({
      ...{ attempt: 1, because: { lastFailure: null } },
    });
  });

  test('is made at once where nobody speaks for the night any more, and says why', () => {
    const released = (policies: readonly FleetPolicy[], tags: Fleet['tags'] = {}) =>
      because(fleet({ ...is, tags }), { at: night, memory: { asleep: asleep() }, policies });
    expect(released([])).toEqual({ code: 'released', stoppedAt: evening, why: 'no-policy' });
    expect(released([nightly()], { 'ebb:policy': 'off' })).toEqual({ code: 'released', stoppedAt: evening, why: 'opted-out' });
    const { offHours: _, ...always } = nightly();
    expect(released([always])).toEqual({ code: 'released', stoppedAt: evening, why: 'no-schedule' });
    expect(released([nightly()], { 'ebb:keep-until': 'friday' })).toMatchObject({ code: 'bad-tag' });
    expect(released([nightly()])).toMatchObject({ code: 'fleet-asleep' });
    const gone = change(down, { at: night, memory: { asleep: asleep() }, policies: [] });
    expect(gone).toMatchObject({ policy: 'none', mode: 'act', causeAt: evening, action: { kind: 'set-sizes', ...was } });
  });
});

test.each([
  ['who has opted out', { 'ebb:policy': 'off' }],
  ['whose tag cannot be read', { 'ebb:schedule': 'ofice-hours' }],
] as const)('what somebody has brought back is owed no more, of %s as well', (_whose, tags) => {
  const asked = at(night, { asleep: asleep() });
  expect(next(fleet({ ...was, tags }), asked)?.asleep).toBeNull();
  expect(next(fleet({ ...is, tags }), asked)).toBeUndefined(); // still as we left it
});

describe('an override', () => {
  const sale = { from: '2025-05-14', to: '2025-05-14', timeZone: 'Europe/Berlin', minSize: 3, why: 'sale' };
  const ends = instant('2025-05-14T22:00:00Z');
  const selling = (when: Instant, memory: Partial<FleetMemory> = {}) => at(when, memory, { overrides: [sale] });

  test('has no off-hours while it lasts: nobody is put to sleep, and who sleeps is brought back', () => {
    const up = fleet({ ...was, minSize: 3, signal: cpu(48, evening) });
    expect(because(up, selling(evening))).toMatchObject({ code: 'on-target' });
    expect(because(fleet(is), selling(evening, { asleep: asleep() }))).toMatchObject({
      ...{ code: 'on-hours', schedule: 'office-hours', since: instant('2025-05-13T22:00:00Z') },
    });
  });

  test('is followed by off-hours that begin at its end, for what began before it', () => {
    expect(change(fleet(was), selling(ends))).toMatchObject({ because: { code: 'off-hours', since: ends }, causeAt: ends });
    expect(because(fleet(was), selling(addSeconds(ends, -1)))).not.toMatchObject({ code: 'off-hours' });
    const tomorrow = addSeconds(evening, DAY);
    expect(change(fleet(was), selling(tomorrow))).toMatchObject({ causeAt: tomorrow });
    const later = { ...sale, from: '2025-05-14T15:00', to: '2025-05-14T21:00' }; // ends with office hours
    expect(change(fleet(was), at(evening, {}, { overrides: [later] }))).toMatchObject({ causeAt: evening });
  });

  const never: Schedule = { ...officeHours(), periods: [{ months: 'feb', monthdays: '30', begin: '07:00', end: '19:00' }] };
  const ever: Schedule = { ...officeHours(), periods: [{ weekdays: 'mon-sun', begin: '00:00', end: '24:00' }] };
  const open: Schedule = { ...officeHours(), periods: [{ weekdays: 'mon,wed', begin: '10:00', end: '12:00' }, { end: '19:00' }] };
  const day = (hour: number) => addSeconds(instant('2025-05-14T00:00:00Z'), hour * HOUR);
  const on = (from: number) => ({ until: day(from), nextOn: day(from), turnsTo: 'running' });

  test.each<readonly [string, number, Schedule, readonly [string, string], object]>([
    ['ends the night that it begins in', 23, officeHours(), ['2025-05-15T03:00', '2025-05-15T05:00'], { since: evening, ...on(27) }],
    ['begins with the day', 23, officeHours(), ['2025-05-15T07:00', '2025-05-15T09:00'], { since: evening, ...on(31) }],
    ['begins after the night is over', 23, officeHours(), ['2025-05-15T09:00', '2025-05-15T10:00'], { since: evening, ...on(31) }],
    ['ends what no schedule would', 23, never, ['2025-05-15T03:00', '2025-05-15T05:00'], on(27)],
    ['begins in an hour that is left open', 33, open, ['2025-05-15T13:00', '2025-05-15T14:00'], { state: 'any', ...on(37) }],
    [
      'begins after an hour that is left open',
      33,
      open,
      ['2025-05-15T20:00', '2025-05-15T21:00'],
      { state: 'any', until: day(43), turnsTo: 'stopped', nextOn: day(44) },
    ],
    [
      'begins in the hours that are on, and may outlast them',
      12,
      officeHours(),
      ['2025-05-14T18:45', '2025-05-14T22:00'],
      { state: 'running', until: null, nextOn: null },
    ],
    ['begins as they end', 12, officeHours(), ['2025-05-14T19:00', '2025-05-14T22:00'], { state: 'running', until: null, nextOn: null }],
    ['begins in hours that never end', 12, ever, ['2025-05-15T03:00', '2025-05-15T05:00'], { state: 'running', until: null, nextOn: null }],
    [
      'begins in the night to come',
      12,
      officeHours(),
      ['2025-05-15T03:00', '2025-05-15T05:00'],
      { state: 'running', until: evening, turnsTo: 'stopped', nextOn: day(27) },
    ],
    ['has just ended in the night', 29, officeHours(), ['2025-05-15T03:00', '2025-05-15T05:00'], { since: day(29), ...on(31) }],
    ['ended before the night', 44, officeHours(), ['2025-05-15T09:00', '2025-05-15T10:00'], { since: day(43), until: day(55) }],
    ['ended in a night without a beginning', 29, never, ['2025-05-15T03:00', '2025-05-15T05:00'], { since: day(29), until: null }],
    ['ended in the hours that are on', 33, officeHours(), ['2025-05-15T07:30', '2025-05-15T08:00'], { state: 'running', since: morning }],
  ])('that %s moves the hours accordingly', (_what, hour, schedule, [from, to], expected) => {
    const policies = [nightly({ overrides: [{ from, to, timeZone: 'UTC', minSize: 3 }] })];
    const config = configOf({ policies, schedules: [schedule] });
    expect(fleetStandings({ at: day(hour), memory: new Map() }, config)(fleet()).hours).toMatchObject(expected);
  });

  test('that is over says nothing by day', () => {
    const up = fleet({ ...was, signal: cpu(48, addSeconds(morning, HOUR)) });
    expect(because(up, selling(addSeconds(morning, HOUR)))).toMatchObject({ code: 'on-target' });
    expect(because(fleet(is), selling(addSeconds(morning, HOUR), { asleep: asleep() }))).toMatchObject({
      code: 'on-hours',
      since: morning,
    });
  });
});

describe('a schedule that leaves hours open', () => {
  const ends: Schedule = { name: 'office-hours', timeZone: 'UTC', periods: [{ end: '19:00' }, { weekdays: 'thu', begin: '10:00' }] };

  test('puts to sleep at its end, and brings back at its beginning alone', () => {
    const asked = (when: Instant) => ({ ...at(when, { asleep: asleep() }), schedules: [ends] });
    expect(because(fleet(is), asked(night))).toMatchObject({ code: 'fleet-asleep' });
    expect(because(fleet(is), asked(instant('2025-05-15T10:00:00Z')))).toMatchObject({ code: 'on-hours' });
  });
});
