/** A fleet's floor and its off-hours sizes are debts: what was there before is written once, and given back once. */
import { describe, expect, test } from '@jest/globals';
import { rememberFleet } from '../../shared/memory/remember.ts';
import type { FleetMemory, SleepDebt } from '../../shared/model/memory.ts';
import type { Action, Change, ChangeReason, Sizes } from '../../shared/model/plan.ts';
import type { Outcome, Receipt } from '../../shared/model/receipt.ts';
import { addSeconds, DAY, instant } from '../../shared/model/time.ts';

const scope = { account: '111122223333', region: 'eu-west-1' };
const evening = instant('2025-05-14T17:00:00Z');
const taken = instant('2025-05-14T17:00:07Z');
const was: Sizes = { minSize: 2, maxSize: 8, desiredCapacity: 4 };
const zero: Sizes = { minSize: 0, maxSize: 8, desiredCapacity: 0 };

const offHours: ChangeReason = { code: 'off-hours', schedule: 'office', since: evening, until: null };
const onHours: ChangeReason = { code: 'on-hours', schedule: 'office', since: evening, stoppedAt: evening, lastFailure: null };

const receipt = (action: Action, outcome: Outcome, other: Partial<Change> = {}, detail: string | null = null): Receipt => ({
  change: {
    ...{ id: 'chg-1', pen: 'resize-fleets', action, because: offHours, causeAt: evening, expects: was, attempt: 1 },
    ...{ resource: { kind: 'auto-scaling-group', id: 'web', name: 'web', scope }, policy: 'web', mode: 'act' },
    ...{ saving: null, losing: [], owner: null },
    ...other,
  },
  ...{ outcome, at: taken, requestId: null, detail },
});

const baseline = { kind: 'unknown', why: 'not-read-yet', frozenAt: taken } as const;
const born: FleetMemory = { enrolledAt: taken, baseline, lastScaleOut: null, lastScaleInAt: null, meter: null };
const known: FleetMemory = { ...born, enrolledAt: evening };
const OUTCOMES: readonly Outcome[] = ['done', 'already-so', 'stale', 'refused', 'failed', 'not-attempted'];

describe('a floor', () => {
  const floor: Action = { kind: 'set-min-size', minSize: 3 };
  const since = (seconds: number) => addSeconds(taken, -seconds);

  test.each([floor, { kind: 'set-environment-min-size', minSize: 3 } as const])(
    'by $kind keeps what was there before the first of ours',
    action => {
      expect(rememberFleet(null, receipt(action, 'done'))).toEqual({
        ...born,
        floor: { was: 2, is: 3, changedAt: [taken] },
        failedFloorAt: null,
      });
      const held = { ...known, floor: { was: 1, is: 2, changedAt: [since(DAY), since(DAY - 1), since(60)] }, failedFloorAt: evening };
      expect(rememberFleet(held, receipt(action, 'done'))).toEqual({
        ...known,
        floor: { was: 1, is: 3, changedAt: [since(DAY - 1), since(60), taken] },
        failedFloorAt: null,
      });
    },
  );

  test('of zero before us is a floor too', () => {
    const held = { ...known, floor: { was: 0, is: 2, changedAt: [] } };
    expect(rememberFleet(held, receipt(floor, 'done'))?.floor?.was).toBe(0);
  });

  test('that AWS would not take is remembered by when', () => {
    for (const outcome of ['failed', 'refused'] as const) {
      expect(rememberFleet(null, receipt(floor, outcome))).toEqual({ ...born, failedFloorAt: taken });
      expect(rememberFleet(known, receipt(floor, outcome))).toEqual({ ...known, failedFloorAt: taken });
    }
    for (const outcome of ['already-so', 'stale', 'not-attempted'] as const) {
      expect(rememberFleet(known, receipt(floor, outcome))).toBe(known);
      expect(rememberFleet(null, receipt(floor, outcome))).toBeNull();
    }
  });

  test('that does not say what was there before is a bug', () => {
    expect(() => rememberFleet(known, receipt(floor, 'done', { expects: {} }))).toThrow(
      'chg-1: a floor that does not say what was there before',
    );
  });
});

describe('off-hours sizes', () => {
  const down: Action = { kind: 'set-sizes', ...zero };
  const debt: SleepDebt = { changeId: 'chg-1', at: taken, was, is: zero, back: null };

  test('are owed what was there before, and a second telling changes nothing', () => {
    const first = rememberFleet(null, receipt(down, 'done'));
    expect(first).toEqual({ ...born, asleep: debt, failedSleep: null, lastScaleInAt: taken });
    expect(rememberFleet({ ...known, failedSleep: { causeAt: evening, attempt: 1, at: evening } }, receipt(down, 'done'))).toEqual({
      ...known,
      ...{ asleep: debt, failedSleep: null, lastScaleInAt: taken },
    });
    expect(rememberFleet(first, receipt(down, 'done', { expects: zero }))).toBe(first);
  });

  test('that were not taken get a new attempt, and others are nobody we owe', () => {
    for (const outcome of ['failed', 'refused', 'stale'] as const) {
      const failedSleep = { causeAt: evening, attempt: 3, at: taken };
      expect(rememberFleet(null, receipt(down, outcome, { attempt: 3 }))).toEqual({ ...born, failedSleep });
      expect(rememberFleet(known, receipt(down, outcome, { attempt: 3 }))).toEqual({ ...known, failedSleep });
    }
    for (const outcome of ['already-so', 'not-attempted'] as const) expect(rememberFleet(known, receipt(down, outcome))).toBe(known);
  });

  test.each(['minSize', 'maxSize', 'desiredCapacity'] as const)('without a %s before them are a bug', size => {
    const { [size]: _, ...expects } = was;
    expect(() => rememberFleet(known, receipt(down, 'done', { expects }))).toThrow('chg-1: sizes that do not say what was there before');
  });

  test('that demand moved are ours as moved', () => {
    const grown = rememberFleet({ ...known, asleep: debt }, receipt({ kind: 'set-desired-capacity', desiredCapacity: 6 }, 'done'));
    const capacity = (is: number) => ({ is, changedAt: null });
    expect(grown).toEqual({
      ...{ ...known, asleep: { ...debt, is: { ...zero, desiredCapacity: 6 } } },
      ...{ lastScaleOut: { at: taken, from: 4 }, capacity: capacity(6) },
    });
    const shrunk = rememberFleet({ ...known, asleep: debt }, receipt({ kind: 'set-desired-capacity', desiredCapacity: 1 }, 'done'));
    expect(shrunk).toEqual({
      ...{ ...known, asleep: { ...debt, is: { ...zero, desiredCapacity: 1 } }, lastScaleInAt: taken },
      capacity: capacity(1),
    });
  });
});

describe('the way back', () => {
  const up: Action = { kind: 'set-sizes', ...was };
  const debt: SleepDebt = { changeId: 'chg-0', at: evening, was, is: zero, back: null };
  const sleeping: FleetMemory = { ...known, asleep: debt };
  const back = (outcome: Outcome, detail: string | null = null) =>
    receipt(up, outcome, { because: onHours, expects: zero, attempt: 2 }, detail);

  test('pays the debt when it was taken, or was so before', () => {
    expect(rememberFleet(sleeping, back('done'))).toEqual({ ...known, asleep: null, lastScaleOut: { at: taken, from: 0 } });
    expect(rememberFleet(sleeping, receipt(up, 'done', { because: onHours, expects: {} }))?.lastScaleOut?.from).toBe(0);
    expect(rememberFleet(sleeping, receipt(up, 'done', { because: onHours }))?.lastScaleOut?.from).toBe(4);
    expect(rememberFleet(sleeping, back('already-so'))).toEqual({ ...known, asleep: null });
  });

  test.each(['failed', 'refused', 'stale'] as const)('that is %s is owed on, with the named cause', outcome => {
    const failure = { boundary: evening, attempt: 2, at: taken };
    expect(rememberFleet(sleeping, back(outcome))?.asleep).toEqual({ ...debt, back: { ...failure, failure: outcome } });
    expect(rememberFleet(sleeping, back(outcome, 'no capacity'))).toEqual({
      ...known,
      asleep: { ...debt, back: { ...failure, failure: 'no capacity' } },
    });
  });

  test('that was not attempted, or that nobody owes, changes nothing', () => {
    expect(rememberFleet(sleeping, back('not-attempted'))).toBe(sleeping);
    const paid: FleetMemory = { ...known, asleep: null };
    for (const outcome of OUTCOMES) {
      expect(rememberFleet(known, back(outcome))).toBe(known);
      expect(rememberFleet(paid, back(outcome))).toBe(paid);
      expect(rememberFleet(null, back(outcome))).toBeNull();
    }
  });
});

describe('a pause of an environment', () => {
  const [pauseAt, resumeAt] = [addSeconds(taken, 60), addSeconds(taken, DAY)];
  const pause: Action = { kind: 'pause-environment', pauseAt, resumeAt, down: zero, back: was };
  const debt: SleepDebt = { changeId: 'chg-1', at: taken, was, is: zero, back: null, pause: { from: pauseAt, until: resumeAt } };
  const paused: FleetMemory = { ...known, asleep: debt };
  const resume: Action = { kind: 'resume-environment', resumeAt: addSeconds(taken, 120), back: was };

  test('is a debt with its two instants', () => {
    expect(rememberFleet(known, receipt(pause, 'done'))).toEqual({ ...known, asleep: debt, failedSleep: null, lastScaleInAt: taken });
  });

  test('that is called back ends when the update says, and began no later than now', () => {
    const until = addSeconds(taken, 120);
    const failed = { ...debt, back: { boundary: evening, attempt: 1, at: evening, failure: 'not Ready' } };
    expect(rememberFleet({ ...paused, asleep: failed }, receipt(resume, 'done'))?.asleep).toEqual({
      ...debt,
      pause: { from: taken, until },
    });
    const begun = { ...paused, asleep: { ...debt, pause: { from: evening, until: resumeAt } } };
    expect(rememberFleet(begun, receipt(resume, 'done'))?.asleep?.pause).toEqual({ from: evening, until });
    expect(rememberFleet(paused, receipt(resume, 'already-so'))).toBe(paused);
    expect(rememberFleet(paused, receipt(resume, 'failed'))?.asleep?.back).toEqual({
      ...{ boundary: evening, attempt: 1, at: taken, failure: 'failed' },
    });
  });

  test('that nobody owes has nothing to be called back', () => {
    const asleepByGroup: FleetMemory = { ...known, asleep: { changeId: 'chg-0', at: evening, was, is: zero, back: null } };
    for (const held of [null, known, asleepByGroup]) expect(rememberFleet(held, receipt(resume, 'done'))).toBe(held);
  });
});

test('what is not of a fleet leaves it as it is', () => {
  const others: readonly Action[] = [
    { kind: 'stop-instance', hibernate: false },
    { kind: 'start-instance' },
    { kind: 'modify-instance-type', type: 'm5.large' },
    { kind: 'create-tags', tags: { a: 'b' } },
    { kind: 'delete-tags', keys: ['a'] },
    { kind: 'replace-tags', tags: { a: 'b' }, keys: ['A'] },
    { kind: 'tag-group', propagated: {}, tags: { a: 'b' }, keys: [] },
    { kind: 'tag-environment', tags: { a: 'b' }, keys: [] },
  ];
  for (const action of others) expect(rememberFleet(known, receipt(action, 'done'))).toBe(known);
});
