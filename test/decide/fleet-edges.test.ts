/** Edges of a fleet's context: what is warm, which bounds hold, what is remembered, and what is not told twice. */
import { describe, expect, test } from '@jest/globals';
import { fleetStandings, serviceFor } from '../../shared/decide/decide-fleets.ts';
import { sameCause } from '../../shared/decide/launches.ts';
import type { SleepDebt } from '../../shared/model/memory.ts';
import { addSeconds, HOUR, type Instant, instant, MINUTE } from '../../shared/model/time.ts';
import type { FleetPolicy } from '../../shared/policy/schema.ts';
import { configOf, webFleet } from '../support/policies.ts';
import { fleet, noon } from './facts.ts';
import { because, change, cpu, member, next, shop } from './fleet-facts.ts';

const ago = (minutes: number): Instant => addSeconds(noon, -minutes * MINUTE);
const morning = instant('2025-05-15T07:00:00Z');
const evening = instant('2025-05-14T19:00:00Z');
const is = { minSize: 0, maxSize: 9, desiredCapacity: 0 };
const asleep = (other: Partial<SleepDebt> = {}): SleepDebt => ({
  ...{ changeId: 'chg-1', at: evening, was: { minSize: 2, maxSize: 9, desiredCapacity: 4 }, is, back: null },
  ...other,
});
const nightly = (other: Partial<FleetPolicy> = {}) => webFleet({ schedule: 'office-hours', offHours: { minSize: 0 }, ...other });

describe('what is warm', () => {
  const grown = (launched: number, policy: Partial<FleetPolicy>, group = 600) =>
    because(fleet({ desiredCapacity: 7, instanceWarmup: group, signal: cpu(80) }), {
      ...{ memory: { lastScaleOut: { at: ago(launched), from: 4 } }, policies: [webFleet(policy)] },
    });

  test('is said by the policy before the group, and two periods of its metric later', () => {
    expect(grown(4, { instanceWarmup: 60 })).toMatchObject({ code: 'above-target' });
    const slow = { instanceWarmup: 60, target: { metric: 'CPUUtilization', value: 50, period: 300 } } as const;
    expect(grown(10, slow)).toMatchObject({ code: 'warming-up' });
  });

  test('carries its load from the very second on: one more then, where a rounding would keep it', () => {
    const members = [0, 1, 2, 3, 4, 5].map(i => member({}, i));
    const one = fleet({ desiredCapacity: 7, members, signal: cpu(51) });
    expect(because(one, { memory: { lastScaleOut: { at: ago(5), from: 4 } } })).toMatchObject({ code: 'above-target', carriers: 6, to: 8 });
  });

  test('the peak is that of its window and of nothing before', () => {
    const values = [44, 44, ...new Array<number>(15).fill(20)];
    const signal = { start: addSeconds(noon, -18 * MINUTE), periodSeconds: MINUTE, values };
    expect(because(fleet({ desiredCapacity: 10, signal }))).toMatchObject({ code: 'below-target', to: 4 });
  });
});

describe('bounds', () => {
  test('of the night are none of the day', () => {
    const policies = [nightly({ offHours: { minSize: 1, maxSize: 3 } })];
    expect(because(fleet({ desiredCapacity: 5, signal: cpu(48) }), { policies })).toMatchObject({ code: 'on-target' });
  });

  test('are those that a forecast provisions for', () => {
    const one = fleet({ minSize: 1, maxSize: 9 });
    const policy = webFleet();
    const standing = fleetStandings({ at: noon, memory: new Map() }, configOf({ policies: [policy] }))(one);
    if (standing.policy === null) throw new Error('nobody speaks for it');
    expect(serviceFor(one, standing)).toMatchObject({ min: 2, max: 9, boot: 3 });
  });

  test('are restored in a group without members, whose units weigh as they come', () => {
    const [saved, weighted] = [false, true].map(w => change(fleet({ desiredCapacity: 30, weighted: w, members: [] }))?.saving);
    expect(saved).toMatchObject({ hours: 10 });
    expect(weighted).toEqual(saved);
  });
});

describe('the way back', () => {
  test('costs the hour to come', () => {
    const at = addSeconds(morning, MINUTE);
    const back = change(fleet(is), { at, memory: { asleep: asleep() }, policies: [nightly()] });
    expect(back?.saving).toMatchObject({ hours: -4, window: { start: at, end: addSeconds(at, HOUR) } });
    const pause = { from: evening, until: morning };
    const down = { minSize: 0, maxSize: 0, desiredCapacity: 0 };
    const late = addSeconds(morning, 20 * MINUTE);
    const debt = asleep({ is: down, pause });
    const policies = [nightly({ beanstalk: true })];
    expect(change(shop(down), { at: late, memory: { asleep: debt }, policies })?.saving).toMatchObject({ hours: -4 });
  });

  test('gives back a maximum that was taken down, and is none where nothing was', () => {
    const low = { minSize: 0, maxSize: 1, desiredCapacity: 0 };
    const asked = (debt: SleepDebt, seen: typeof is) =>
      change(fleet(seen), { at: morning, memory: { asleep: debt }, policies: [nightly()] })?.action;
    expect(asked(asleep({ is: low }), low)).toEqual({ kind: 'set-sizes', minSize: 2, maxSize: 9, desiredCapacity: 4 });
    expect(asked(asleep({ was: is }), is)).toMatchObject({ kind: 'set-desired-capacity' }); // its bounds ask for two
  });

  test('is no launch of ours, but where an environment came back by itself', () => {
    const brought = fleet({ minSize: 2, maxSize: 9, desiredCapacity: 4 });
    expect(next(brought, { at: morning, memory: { asleep: asleep() }, policies: [nightly()] })).toMatchObject({
      asleep: null,
      lastScaleOut: null,
    });
    const floor = { was: 2, is: 5, changedAt: [ago(30)] };
    expect(next(shop(), { memory: { floor }, policies: [nightly({ beanstalk: true })] })).toMatchObject({ lastScaleOut: null });
    const launch = { launchFailure: { why: 'no room', at: ago(1) } };
    const pause = { from: ago(60), until: morning };
    const memory = { asleep: asleep({ pause }) };
    expect(next(shop(launch), { memory, policies: [nightly({ beanstalk: true })] })).toMatchObject({ lastScaleOut: null });
  });

  test('is for the hours that are, though an override ended in them', () => {
    const override = { from: '2025-05-15T09:00', to: '2025-05-15T10:00', timeZone: 'UTC', minSize: 3, why: 'sale' };
    const at = addSeconds(morning, 4 * HOUR);
    const asked = { at, memory: { asleep: asleep() }, policies: [nightly({ overrides: [override] })] };
    expect(because(fleet(is), asked)).toMatchObject({ code: 'on-hours', since: morning });
  });
});

describe('a floor does not rise', () => {
  const floored = (other: Partial<FleetPolicy> = {}) => webFleet({ capacity: 'floor', minSize: 1, ...other });
  const low = fleet({ minSize: 2, maxSize: 12, desiredCapacity: 10, signal: cpu(20) });

  test('for capacity that is being taken away, nor while that rests or is at its minimum', () => {
    const holds = { code: 'floor-holds', floor: 2, wanted: 4 };
    expect(because(low, { policies: [floored()] })).toEqual(holds);
    expect(because(low, { policies: [floored()], memory: { lastScaleInAt: ago(4) } })).toEqual(holds);
    const least = fleet({ minSize: 2, maxSize: 12, desiredCapacity: 5, signal: cpu(10) });
    expect(because(least, { policies: [floored({ minSize: 5 })] })).toMatchObject({ code: 'floor-holds', floor: 2, wanted: 5 });
  });

  test('by a refresh that goes on is nothing said of a floor that launches nothing', () => {
    const one = fleet({ desiredCapacity: 7, minSize: 1, refreshing: 40, signal: cpu(95) });
    expect(because(one, { policies: [floored({ maxSize: 7 })] })).toMatchObject({ code: 'floor', to: 7 });
  });
});

describe('an environment', () => {
  const policies = [nightly({ beanstalk: true, minSize: 1 })];
  const before = addSeconds(evening, -30 * MINUTE);

  test('that could not be read is held by its group’s sizes', () => {
    const one = shop({ signal: cpu(48), environment: { unread: 'AccessDenied' } });
    expect(because(one, { policies })).toEqual({ code: 'floor-holds', floor: 2, wanted: 3 });
    expect(change(shop({ environment: null }), { at: before, policies })?.action).toMatchObject({ pauseAt: evening });
  });

  test('is paused as a whole, its protected instances with it', () => {
    const members = [0, 1, 2].map(i => member({ scaleInProtected: i < 2 }, i));
    expect(change(shop({ members }), { at: before, policies })?.action).not.toHaveProperty('desiredCapacity');
  });

  test('without a schedule has no pause', () => {
    const { schedule: _, ...unscheduled } = nightly({ beanstalk: true });
    expect(because(shop(), { at: before, policies: [unscheduled] })).toMatchObject({ code: 'silent-metric' });
  });
});

test('a tag that nobody can read holds every resize, whatever demand says', () => {
  const garbled = { tags: { 'ebb:keep-until': 'friday' } };
  for (const load of [10, 90])
    expect(because(fleet({ ...garbled, signal: cpu(load) }))).toMatchObject({ code: 'bad-tag', value: 'friday' });
  expect(because(fleet({ ...garbled, desiredCapacity: 1 }))).toMatchObject({ code: 'bad-tag' });
});

test('somebody who suspended launches is told of that, not of those that fail', () => {
  const launch = { why: 'no room', since: ago(30), tries: 2, nextAt: null, told: null, recoveredAt: null };
  const one = fleet({ desiredCapacity: 7, members: [member()], suspended: ['Launch'], launchFailure: { why: 'no room', at: ago(30) } });
  expect(because(one, { memory: { launch } })).toMatchObject({ code: 'suspended' });
});

test('a cause is the same in every region', () => {
  expect(sameCause('No capacity in eu-west-1.', 'No capacity in us-east-1.')).toBe(true);
});
