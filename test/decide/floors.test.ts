/** Mode `floor`: what demand argues is written as MinSize, above what it was, raised at once and lowered late. */
import { describe, expect, test } from '@jest/globals';
import { standingFloor } from '../../shared/decide/rules/floor.ts';
import type { FloorDebt } from '../../shared/model/memory.ts';
import type { Fleet } from '../../shared/model/observation.ts';
import { addSeconds, HOUR, type Instant, instant, MINUTE } from '../../shared/model/time.ts';
import type { FleetPolicy } from '../../shared/policy/schema.ts';
import { webFleet } from '../support/policies.ts';
import { fleet, noon } from './facts.ts';
import { because, change, cpu, next } from './fleet-facts.ts';

const ago = (minutes: number): Instant => addSeconds(noon, -minutes * MINUTE);
const ours = (was: number, is: number, ...changedAt: Instant[]): FloorDebt => ({ was, is, changedAt });
const floored = (other: Partial<FleetPolicy> = {}) => webFleet({ capacity: 'floor', minSize: 1, maxSize: 20, ...other });
const asked = (one: Partial<Fleet>, floor: FloorDebt | null = null, other: Partial<FleetPolicy> = {}) =>
  because(fleet({ minSize: 2, maxSize: 12, ...one }), { memory: { floor }, policies: [floored(other)] });

describe('a floor rises', () => {
  test('to what demand argues for, as a whole change', () => {
    const argued = { code: 'above-target', carriers: 4, value: 80, target: 50, from: 4, to: 7, datapoints: 16 };
    expect(change(fleet({ minSize: 2, maxSize: 12, signal: cpu(80) }), { policies: [floored()] })).toMatchObject({
      action: { kind: 'set-min-size', minSize: 7 },
      because: { code: 'floor', from: 2, to: 7, wanted: 7, argued },
      causeAt: addSeconds(noon, -MINUTE),
      expects: { minSize: 2 },
      attempt: 1,
      mode: 'act',
      saving: null,
      losing: [],
    });
  });

  test('as far as the maxima allow, and never below what it was', () => {
    expect(asked({ signal: cpu(95), maxSize: 6 })).toMatchObject({ code: 'floor', to: 6, wanted: 6 });
    expect(asked({ signal: cpu(95) }, null, { maxSize: 5 })).toMatchObject({ code: 'floor', to: 5 });
    expect(asked({ signal: cpu(95), minSize: 5, desiredCapacity: 5 }, null, { maxSize: 5 })).toMatchObject({
      code: 'floor-holds',
      floor: 5,
    });
  });

  test('where capacity has its maximum, to that maximum', () => {
    expect(asked({ signal: cpu(95), desiredCapacity: 12 })).toMatchObject({
      code: 'floor',
      to: 12,
      wanted: 12,
      argued: { code: 'at-max' },
    });
  });

  test('a quarter of an hour after the latest change and no sooner', () => {
    const busy = { minSize: 4, signal: cpu(80) };
    expect(asked(busy, ours(2, 4, ago(15)))).toMatchObject({ code: 'floor', from: 4, to: 7 });
    const resting = ours(2, 4, addSeconds(ago(15), 1));
    expect(asked(busy, resting)).toEqual({ code: 'floor-resting', floor: 4, wanted: 7, until: addSeconds(noon, 1) });
  });

  test('not where capacity suits its load: a floor under it would only keep AWS from letting it go', () => {
    expect(asked({ signal: cpu(48) })).toEqual({ code: 'floor-holds', floor: 2, wanted: 4 });
    expect(asked({ signal: null })).toMatchObject({ code: 'silent-metric' });
  });
});

describe('a floor falls', () => {
  const low = { desiredCapacity: 10, signal: cpu(20) }; // work for 4

  test('an hour after the latest change and no sooner, and no lower than it was', () => {
    expect(asked({ ...low, minSize: 8 }, ours(2, 8, ago(60)))).toMatchObject({ code: 'floor', from: 8, to: 4, wanted: 4 });
    expect(asked({ ...low, minSize: 8 }, ours(5, 8, ago(60)))).toMatchObject({ code: 'floor', from: 8, to: 5, wanted: 5 });
    expect(asked({ ...low, minSize: 8 }, ours(2, 8, addSeconds(ago(60), 1)))).toMatchObject({
      ...{ code: 'floor-resting', until: addSeconds(noon, 1) },
    });
  });

  test('where a fifth of it is too much, and not for less', () => {
    const load = (value: number) => asked({ desiredCapacity: 12, minSize: 10, signal: cpu(value) }, ours(2, 10, ago(60)));
    expect(load(33)).toMatchObject({ code: 'floor', from: 10, to: 8 });
    expect(load(34)).toEqual({ code: 'floor-holds', floor: 10, wanted: 9 });
  });

  test('to the capacity that serves at its target, and to what warms up or cools down would come to', () => {
    const hour = ours(2, 10, ago(60));
    expect(asked({ desiredCapacity: 7, minSize: 10, signal: cpu(48) }, hour)).toMatchObject({ to: 7, argued: { code: 'on-target' } });
    const cooling = { floor: hour, lastScaleInAt: ago(4) };
    const one = fleet({ ...low, minSize: 10, maxSize: 12 });
    expect(because(one, { memory: cooling, policies: [floored()] })).toMatchObject({ to: 4, argued: { code: 'cooling-down' } });
    const warming = { floor: hour, lastScaleOut: { at: ago(2), from: 10 } };
    expect(because(one, { memory: warming, policies: [floored()] })).toMatchObject({ to: 4, argued: { code: 'warming-up' } });
    expect(asked({ desiredCapacity: 1, minSize: 10, signal: cpu(10) }, hour)).toMatchObject({ to: 2, argued: { code: 'at-min' } });
  });
});

describe('a floor changes 24 times in a day', () => {
  const busy = { minSize: 4, signal: cpu(80) };
  /** So many changes, the first of them so long ago, the latest half an hour ago. */
  const many = (n: number, first: Instant) => ours(2, 4, first, ...Array.from({ length: n - 2 }, () => ago(300)), ago(30));

  test('and the next time when the oldest of those is a day old', () => {
    const yesterday = addSeconds(noon, -24 * HOUR);
    expect(asked(busy, many(24, yesterday))).toMatchObject({ code: 'floor' });
    expect(asked(busy, many(24, addSeconds(yesterday, 60)))).toMatchObject({ code: 'floor-resting', until: addSeconds(noon, 60) });
    expect(asked(busy, many(23, addSeconds(yesterday, 60)))).toMatchObject({ code: 'floor' });
  });
});

describe('a floor that AWS would not take', () => {
  test('is tried again five minutes later and no sooner', () => {
    const tried = (failedFloorAt: Instant) =>
      because(fleet({ minSize: 2, signal: cpu(80) }), { memory: { failedFloorAt }, policies: [floored()] });
    expect(tried(ago(5))).toMatchObject({ code: 'floor' });
    expect(tried(addSeconds(ago(5), 1))).toMatchObject({ code: 'floor-resting', until: addSeconds(noon, 1) });
  });
});

describe('a floor of ours is owed back', () => {
  const memory = { floor: ours(2, 6, ago(90)) };
  const at = instant('2025-05-14T12:34:00Z');

  test('when nothing argues for floors any more: exactly, hour by hour until AWS takes it', () => {
    expect(change(fleet({ minSize: 6 }), { memory, at })).toMatchObject({
      action: { kind: 'set-min-size', minSize: 2 },
      because: { code: 'floor-released', from: 6, to: 2, why: 'no-floor' },
      causeAt: noon,
      expects: { minSize: 6 },
      attempt: 1,
      mode: 'act',
    });
  });

  test('and says why', () => {
    const why = (policies: readonly FleetPolicy[], tags: Fleet['tags'] = {}) => because(fleet({ minSize: 6, tags }), { memory, policies });
    expect(why([])).toMatchObject({ code: 'floor-released', why: 'no-policy' });
    expect(why([floored({ mode: 'plan' })])).toMatchObject({ code: 'floor-released', why: 'only-plans' });
    expect(why([floored()], { 'ebb:policy': 'off' })).toMatchObject({ code: 'floor-released', why: 'opted-out' });
    expect(why([floored({ match: { tags: {}, names: ['shop*'] } })])).toMatchObject({ why: 'no-policy' });
    expect(why([floored()])).toMatchObject({ code: 'silent-metric' });
    expect(why([floored()], { 'ebb:keep-until': 'friday' })).toMatchObject({ code: 'bad-tag' });
  });

  test('and no more once MinSize is somebody else’s, or what it was', () => {
    expect(because(fleet({ minSize: 5, desiredCapacity: 5 }), { memory })).toMatchObject({ code: 'silent-metric' });
    expect(next(fleet({ minSize: 5 }), { memory })?.floor).toEqual(ours(5, 5, ago(90)));
    expect(because(fleet({ minSize: 2 }), { memory: { floor: ours(2, 2, ago(90)) } })).toMatchObject({ code: 'silent-metric' });
    expect(next(fleet({ minSize: 6 }), { memory })).toBeUndefined();
    expect([standingFloor({ minSize: 6 }, memory.floor), standingFloor({ minSize: 5 }, memory.floor)]).toEqual([memory.floor, null]);
    expect(standingFloor({ minSize: 0 }, null)).toBeNull();
  });

  test('and binds nobody: bounds are those that the group had before', () => {
    expect(asked({ minSize: 6, desiredCapacity: 6, signal: cpu(10) }, ours(2, 6, ago(60)))).toMatchObject({ to: 2, wanted: 2 });
  });
});
