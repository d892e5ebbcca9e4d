/** A schedule with a begin alone or an end alone leaves hours open: in them nobody is stopped, and nobody started. */
import { describe, expect, test } from '@jest/globals';
import { decideInstances, standings, wouldMeasure } from '../../shared/decide/decide-instances.ts';
import type { InstanceMemory } from '../../shared/model/memory.ts';
import type { Instance } from '../../shared/model/observation.ts';
import { addSeconds, DAY, HOUR, type Instant, instant } from '../../shared/model/time.ts';
import type { InstancePolicy, Schedule } from '../../shared/policy/schema.ts';
import { sentence } from '../../shared/report/sentences.ts';
import { configOf, devTest } from '../support/policies.ts';
import { answer, box, debt, enrolled, hourly, instances } from './facts.ts';

/** Stopped at seven in the evening, for whom it may concern; running again from Monday's and Thursday's ten o'clock on. */
const mornings: Schedule = {
  name: 'mornings',
  timeZone: 'UTC',
  periods: [{ end: '19:00' }, { weekdays: 'mon,thu', begin: '10:00', end: '12:00' }],
};
const policy = devTest({ schedule: 'mornings', idle: { cpuBelow: 5, hours: 4, coverage: 0.9 } });
const wednesday = instant('2025-05-14T00:00:00Z');
const hour = (n: number): Instant => addSeconds(wednesday, n * HOUR);

const decide = (at: Instant, one: Instance, memory?: InstanceMemory, schedule = mornings, policy_: InstancePolicy = policy) =>
  decideInstances(
    instances(at, [one], { memory: memory === undefined ? new Map() : new Map([[one.ref.id, memory]]) }),
    configOf({ policies: [policy_], schedules: [schedule] }),
  );
const because = (...all: Parameters<typeof decide>) => answer(decide(...all).plan, all[1].ref.id);

describe('an hour that a schedule leaves open', () => {
  test('stops nobody: neither for the hours nor for idleness, which is not even measured', () => {
    const idle = box('i-1', { cpuMax: hourly(hour(12), [1, 1, 1, 1, 1]) });
    expect(because(hour(12), idle)).toEqual({ code: 'left-open', schedule: 'mornings', until: hour(19) });
    expect(sentence(because(hour(12), idle), 'UTC')).toBe('Left alone: mornings says neither on nor off until Wed 14 May 19:00 UTC.');
    const config = configOf({ policies: [policy], schedules: [mornings] });
    expect(wouldMeasure(idle, standings(instances(hour(12), [idle]), config)(idle))).toBe(false);
    expect(wouldMeasure(idle, standings(instances(hour(35), [idle]), config)(idle))).toBe(true); // Thursday, 11:00: running
  });

  test('ends like any other: what runs into the evening is stopped, and who starts it there keeps it', () => {
    expect(because(hour(19), box('i-1'))).toMatchObject({ code: 'off-hours', since: hour(19) });
    expect(because(hour(20), box('i-1', { launchedAt: hour(19.5) }))).toMatchObject({ code: 'started-by-hand', until: hour(24) });
  });

  test('starts nobody: what we stopped comes back when it is next meant to run', () => {
    const asleep = box('i-1', { state: 'stopped', stoppedAt: hour(-5), launchedAt: hour(-24) });
    const memory = enrolled({ stop: debt(hour(-5)) });
    for (const at of [hour(-1), hour(0), hour(12), hour(23), hour(33.9)])
      expect(because(at, asleep, memory)).toMatchObject({ code: 'asleep', until: hour(34) });
    expect(because(hour(34), asleep, memory)).toMatchObject({ code: 'on-hours', since: hour(34) });
    expect(because(hour(12), box('i-1', { state: 'stopped', stoppedAt: hour(1) }))).toMatchObject({ code: 'stopped-by-someone' });
  });

  test('is looked at again when it ends', () => {
    expect(decide(hour(12), box('i-1'), enrolled()).nextAt).toBe(hour(19));
  });
});

test('a schedule with ends alone stops and never starts: that is what it says', () => {
  const evenings: Schedule = { ...mornings, periods: [{ end: '19:00' }] };
  const asleep = box('i-1', { state: 'stopped', stoppedAt: hour(19), launchedAt: hour(-24) });
  expect(because(hour(36), asleep, enrolled({ stop: debt(hour(19)) }), evenings)).toMatchObject({ code: 'asleep', until: null });
});

test('a schedule that has come to its end gives back what it stopped', () => {
  const ended: Schedule = { ...mornings, effectiveTo: '2025-05-14' };
  const asleep = box('i-1', { state: 'stopped', stoppedAt: hour(19), launchedAt: hour(-24) });
  const memory = enrolled({ stop: debt(hour(19)) });
  expect(because(hour(20), asleep, memory, ended)).toMatchObject({ code: 'asleep', until: null });
  expect(because(addSeconds(wednesday, DAY), asleep, memory, ended)).toMatchObject({ code: 'released', why: 'no-schedule' });
});
