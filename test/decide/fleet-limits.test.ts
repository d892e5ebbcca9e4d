/** What a group can do and must not be asked for: launches that fail, instances that are protected, a refresh that goes on. */
import { describe, expect, test } from '@jest/globals';
import { missing, nextLaunch, sameCause } from '../../shared/decide/launches.ts';
import type { FailingLaunches } from '../../shared/model/memory.ts';
import { addSeconds, instant, MINUTE } from '../../shared/model/time.ts';
import { webFleet } from '../support/policies.ts';
import { fleet, noon } from './facts.ts';
import { because, change, cpu, member, next } from './fleet-facts.ts';

const why = 'We currently do not have sufficient m5.large capacity in the Availability Zone you requested (eu-west-1a).';
const ago = (minutes: number) => addSeconds(noon, -minutes * MINUTE);
const failing = (other: Partial<FailingLaunches> = {}): FailingLaunches => ({
  ...{ why, since: ago(30), tries: 2, nextAt: ago(-5), told: null, recoveredAt: null },
  ...other,
});
/** Seven are wanted, four are there. */
const lacking = (other: Parameters<typeof fleet>[0] = {}) =>
  fleet({
    desiredCapacity: 7,
    members: [0, 1, 2, 3].map(i => member({}, i)),
    signal: cpu(95),
    launchFailure: { why, at: ago(30) },
    ...other,
  });

describe('while launches fail', () => {
  test('more is not asked for, and the answer says what is missing, since when and until when', () => {
    const launch = failing();
    expect(because(lacking(), { memory: { launch } })).toEqual({
      ...{ code: 'launch-failing', why, since: ago(30), missing: 3, tries: 2, nextAt: ago(-5) },
    });
    expect(because(lacking({ signal: cpu(48) }), { memory: { launch } })).toMatchObject({ code: 'launch-failing' });
  });

  test('more is asked for again from its minute on, but only where something argues for it', () => {
    const more = (launch: FailingLaunches, signal = cpu(95)) => because(lacking({ signal }), { memory: { launch } });
    expect(more(failing({ nextAt: noon }))).toMatchObject({ code: 'above-target', from: 7, to: 8 });
    expect(more(failing({ nextAt: addSeconds(noon, 1) }))).toMatchObject({ code: 'launch-failing' });
    expect(more(failing({ nextAt: null }))).toMatchObject({ code: 'launch-failing', nextAt: null });
    expect(more(failing({ nextAt: noon }), cpu(48))).toMatchObject({ code: 'launch-failing' });
  });

  test('nothing is said of it once nothing is missing any more', () => {
    const launch = failing({ recoveredAt: ago(1) });
    expect(because(fleet({ signal: cpu(90) }), { memory: { launch } })).toMatchObject({ code: 'above-target' });
  });

  test('less is given back as ever, and a floor below what there is launches nothing', () => {
    const launch = failing({ nextAt: null });
    expect(because(lacking({ signal: cpu(10) }), { memory: { launch } })).toMatchObject({ code: 'below-target' });
    const floored = (maxSize: number) => ({ policies: [webFleet({ capacity: 'floor', minSize: 1, maxSize })], memory: { launch } });
    expect(because(lacking({ minSize: 1 }), floored(7))).toMatchObject({ code: 'floor', from: 1, to: 7 });
    expect(because(lacking({ minSize: 1 }), floored(20))).toMatchObject({ code: 'launch-failing' }); // 8 are argued for
  });
});

describe('what is remembered of launches', () => {
  const one = lacking();

  test('begins with the first failure, five minutes before the next request', () => {
    expect(nextLaunch(null, one, noon, null)).toEqual({
      ...{ why, since: ago(30), tries: 1, nextAt: ago(-5), told: null, recoveredAt: null },
    });
    expect(nextLaunch(failing({ recoveredAt: ago(90), told: why, tries: 4 }), one, noon, null)).toMatchObject({
      ...{ tries: 1, since: ago(30), told: null, recoveredAt: null },
    });
    expect(next(one)?.launch).toMatchObject({ tries: 1 });
  });

  test('counts a request that was made when it was time for it, and waits for 5, 10, 20, 40 and 60 minutes, then for good', () => {
    const after = (tries: number) => nextLaunch(failing({ tries: tries - 1, nextAt: ago(3) }), one, noon, ago(3));
    expect([2, 3, 4, 5].map(tries => after(tries)?.nextAt)).toEqual([ago(-7), ago(-17), ago(-37), ago(-57)]);
    expect(after(6)).toMatchObject({ tries: 6, nextAt: null });
  });

  test('counts no request that came before its time, and none after the last', () => {
    const held = failing({ nextAt: ago(3) });
    expect(nextLaunch(held, one, noon, addSeconds(ago(3), -1))).toBe(held);
    expect(nextLaunch(held, one, noon, null)).toBe(held);
    const last = failing({ tries: 6, nextAt: null });
    expect(nextLaunch(last, one, noon, ago(1))).toBe(last);
  });

  test('has the latest words of Auto Scaling', () => {
    const other = 'You have requested more vCPU capacity than your current vCPU limit allows.';
    expect(nextLaunch(failing(), lacking({ launchFailure: { why: other, at: ago(1) } }), noon, null)).toEqual(failing({ why: other }));
    expect(nextLaunch(failing({ nextAt: ago(3) }), lacking({ launchFailure: { why: other, at: ago(1) } }), noon, ago(2))).toMatchObject({
      ...{ why: other, tries: 3, since: ago(30) },
    });
  });

  test('ends when nothing is missing, once', () => {
    const fine = fleet();
    expect(nextLaunch(null, fine, noon, null)).toBeNull();
    expect(nextLaunch(failing(), fine, noon, null)).toEqual(failing({ recoveredAt: noon }));
    const over = failing({ recoveredAt: ago(1) });
    expect(nextLaunch(over, fine, noon, null)).toBe(over);
    const still = failing();
    expect(nextLaunch(still, lacking({ launchFailure: null }), noon, null)).toBe(still);
  });

  test('a look that finds nothing new writes nothing', () => {
    expect(next(fleet({ signal: cpu(48) }), { memory: { capacity: { is: 4, changedAt: null } } })).toBeUndefined();
  });

  test('what is there counts by weight, on its way or in service, and no number is below nothing', () => {
    const states = ['InService', 'Pending', 'Pending:Wait', 'Terminating', 'Standby'];
    const members = states.map((lifecycleState, i) => member({ lifecycleState, weight: 2 }, i));
    expect([9, 6, 5].map(desiredCapacity => missing({ desiredCapacity, members }))).toEqual([3, 0, 0]);
  });

  test('a cause is the same wherever and for however many', () => {
    const of = (zone: string, n: number, image: string) => `No capacity in ${zone} for ${n} of ${image} (0.${n} tried).`;
    expect(sameCause(of('eu-west-1a', 3, 'ami-0123456789abcdef0'), of('us-gov-west-1b', 12, 'ami-00aa11bb'))).toBe(true);
    expect(sameCause(of('eu-west-1a', 3, 'ami-0123456789abcdef0'), 'The image does not exist.')).toBe(false);
    expect(sameCause(why, null)).toBe(false);
  });
});

describe('what is protected from scale-in', () => {
  const guarded = (n: number, other: Parameters<typeof fleet>[0] = {}) =>
    fleet({ desiredCapacity: 6, signal: cpu(20), members: [0, 1, 2, 3, 4, 5].map(i => member({ scaleInProtected: i < n }, i)), ...other });

  test('is kept: the way down ends there, and says so', () => {
    expect(change(guarded(3))).toMatchObject({
      action: { kind: 'set-desired-capacity', desiredCapacity: 3 },
      because: { code: 'below-target', from: 6, to: 3, value: 20 },
      expects: { desiredCapacity: 6 },
    });
    expect(change(guarded(4))).toMatchObject({ action: { desiredCapacity: 4 }, because: { code: 'below-target', from: 6, to: 4 } });
    expect(change(guarded(2))).toMatchObject({ action: { desiredCapacity: 3 }, because: { to: 3 } });
  });

  test('is all there is: nothing is asked for', () => {
    expect(because(guarded(6))).toEqual({ code: 'scale-in-protected', protected: 6, capacity: 6, wanted: 3 });
    expect(because(guarded(5))).toMatchObject({ code: 'below-target', to: 5 });
  });

  test('counts by weight, and in service alone', () => {
    const members = [0, 1, 2].map(i => member({ scaleInProtected: i < 2, weight: 2 }, i));
    expect(change(guarded(0, { members, weighted: true }))).toMatchObject({ action: { desiredCapacity: 4 } });
    const standby = [0, 1, 2, 3, 4, 5].map(i => member({ scaleInProtected: true, lifecycleState: i < 4 ? 'InService' : 'Standby' }, i));
    expect(change(guarded(0, { members: standby }))).toMatchObject({ action: { desiredCapacity: 4 } });
  });

  test('is kept at night as well, with room for it', () => {
    const evening = instant('2025-05-14T19:00:00Z');
    const policies = [webFleet({ schedule: 'office-hours', offHours: { minSize: 0, maxSize: 2 } })];
    const down = (n: number) => change(guarded(n, { signal: cpu(20, evening), minSize: 1, maxSize: 8 }), { policies, at: evening })?.action;
    expect(down(0)).toEqual({ kind: 'set-sizes', minSize: 0, maxSize: 2, desiredCapacity: 0 });
    expect(down(1)).toEqual({ kind: 'set-sizes', minSize: 0, maxSize: 2, desiredCapacity: 1 });
    expect(down(3)).toEqual({ kind: 'set-sizes', minSize: 0, maxSize: 3, desiredCapacity: 3 });
    expect(down(6)).toBeUndefined();
  });
});

describe('while a refresh goes on', () => {
  test('nothing is taken away, and more is given', () => {
    const at = (value: number) => because(fleet({ refreshing: 40, signal: cpu(value) }));
    expect(at(20)).toEqual({ code: 'refreshing', percent: 40, wanted: 2 });
    expect(at(90)).toMatchObject({ code: 'above-target' });
    expect(at(48)).toMatchObject({ code: 'on-target' });
  });
});
