import { describe, expect, test } from '@jest/globals';
import { rememberFleet, rememberInstance, rememberTags } from '../../shared/memory/remember.ts';
import {
  AGENDA_KEY,
  birthKey,
  demandShelf,
  fleetKey,
  idleShelf,
  instanceKey,
  LEFT_KEY,
  laneKey,
  offeredKey,
  parseKey,
  pendingKey,
  proposedKey,
  rollShelf,
  shelfOf,
  sortShelf,
  taggedKey,
  typeFamilyKey,
  typesShelf,
  valuesOf,
  wishKey,
} from '../../shared/memory/shelves.ts';
import { MARK_TAG } from '../../shared/model/ids.ts';
import type { FleetMemory, InstanceMemory, TagMemory } from '../../shared/model/memory.ts';
import type { Action, Change, ChangeReason, Expects } from '../../shared/model/plan.ts';
import type { Outcome, Receipt } from '../../shared/model/receipt.ts';
import { instant } from '../../shared/model/time.ts';

const scope = { account: '111122223333', region: 'eu-west-1' };
const evening = instant('2025-05-14T17:00:00Z');
const taken = instant('2025-05-14T17:00:07Z');
const deadline = instant('2025-05-21T17:00:00Z');

const offHours: ChangeReason = { code: 'off-hours', schedule: 'office', since: evening, until: null };
const onHours: ChangeReason = { code: 'on-hours', schedule: 'office', since: evening, stoppedAt: evening, lastFailure: null };

interface Told {
  readonly because?: ChangeReason;
  readonly expects?: Expects;
  readonly attempt?: number;
  readonly detail?: string;
}

const receipt = (action: Action, outcome: Outcome, { because = offHours, expects = {}, attempt = 1, detail }: Told = {}): Receipt => {
  const kind = action.kind === 'set-desired-capacity' ? 'auto-scaling-group' : 'instance';
  const resource = { kind, id: 'the-resource', name: null, scope } as const;
  const change: Change = {
    id: `chg-${action.kind}-${attempt}`,
    pen: 'stop-start-instances',
    resource,
    action,
    because,
    causeAt: evening,
    expects,
    attempt,
    policy: 'dev-test',
    mode: 'act',
    saving: null,
    losing: [],
    owner: null,
  };
  return { change, outcome, at: taken, requestId: null, detail: detail ?? null };
};

const enrolled: InstanceMemory = {
  enrolledAt: instant('2025-05-01T00:00:00Z'),
  baseline: { kind: 'unknown', why: 'no-metrics', frozenAt: instant('2025-05-01T00:00:00Z') },
  stop: null,
  start: null,
  failedStop: null,
};
const asleep: InstanceMemory = {
  ...enrolled,
  stop: { changeId: 'chg-stop-instance-1', at: taken, because: 'off-hours', meterId: 'mtr-1' },
};
const stop: Action = { kind: 'stop-instance', hibernate: false };
const start: Action = { kind: 'start-instance' };

describe('an instance', () => {
  test('that EC2 took to stop is a debt from that second on, and what was in flight or had failed is over', () => {
    const restless = {
      ...enrolled,
      start: { changeId: 'chg-0', boundary: evening, attempt: 2, at: evening, failure: 'InsufficientInstanceCapacity' },
      failedStop: { causeAt: evening, attempt: 1 },
    };
    expect(rememberInstance(restless, receipt(stop, 'done'), 'mtr-1')).toEqual(asleep);
  });

  test('that was idle is owed its return as an idle one', () => {
    const idle: ChangeReason = { code: 'idle', cpuMax: 1.8, threshold: 5, window: { start: evening, end: taken }, coverage: 1 };
    expect(rememberInstance(enrolled, receipt(stop, 'done', { because: idle }), 'mtr-1')?.stop?.because).toBe('idle');
    expect(() => rememberInstance(enrolled, receipt(stop, 'done', { because: onHours }), 'mtr-1')).toThrow('not argued from on-hours');
  });

  test('that was stopped when the deadline of its tags was over is owed its return as such', () => {
    const because: ChangeReason = { code: 'tag-deadline', missing: ['owner'], deadline };
    expect(rememberInstance(enrolled, receipt(stop, 'done', { because }), 'mtr-1')).toEqual({
      ...enrolled,
      stop: { changeId: 'chg-stop-instance-1', at: taken, because: 'tags', meterId: 'mtr-1' },
    });
  });

  test('that a person asked to stop is owed nothing, and nothing of ours is in flight any more', () => {
    const because: ChangeReason = { code: 'asked', by: 'U1', via: 'slack', at: evening, why: null, lastFailure: null };
    const restless: InstanceMemory = {
      ...enrolled,
      start: { changeId: 'chg-0', boundary: evening, attempt: 2, at: evening, failure: null },
      failedStop: { causeAt: evening, attempt: 1 },
    };
    expect(rememberInstance(restless, receipt(stop, 'done', { because }), 'mtr-1')).toEqual(enrolled);
    expect(rememberInstance(null, receipt(stop, 'done', { because }), 'mtr-1')).toMatchObject({ enrolledAt: taken, stop: null });
  });

  test('that a person asked to start remembers who', () => {
    const because: ChangeReason = { code: 'asked', by: 'U1', via: 'command', at: evening, why: null, lastFailure: null };
    expect(rememberInstance(asleep, receipt(start, 'done', { because }), 'mtr-9')?.start?.asked).toBe('U1');
    expect(rememberInstance(asleep, receipt(start, 'done', { because: onHours }), 'mtr-9')?.start).not.toHaveProperty('asked');
  });

  test('of which nothing is remembered is owed its return all the same, with nothing claimed to be measured', () => {
    expect(rememberInstance(null, receipt(stop, 'done'), 'mtr-1')).toEqual({
      enrolledAt: taken,
      baseline: { kind: 'unknown', why: 'not-read-yet', frozenAt: taken },
      stop: asleep.stop,
      start: null,
      failedStop: null,
    });
  });

  test('whose stop AWS failed gets a new attempt, one that was refused does not', () => {
    const failed = rememberInstance(enrolled, receipt(stop, 'failed', { attempt: 2 }), 'mtr-1');
    expect(failed).toEqual({ ...enrolled, failedStop: { causeAt: evening, attempt: 2 } });
    expect(rememberInstance(enrolled, receipt(stop, 'refused'), 'mtr-1')).toBe(enrolled);
    expect(rememberInstance(null, receipt(stop, 'failed'), 'mtr-1')).toMatchObject({ stop: null, failedStop: { attempt: 1 } });
  });

  test('that would not hibernate is counted, as often as that was the reason and no other', () => {
    const hibernate: Action = { kind: 'stop-instance', hibernate: true };
    const awake = 'UnsupportedHibernationConfiguration: not ready to Hibernate yet';
    const failed = (memory: InstanceMemory | null, action: Action, detail?: string) =>
      rememberInstance(memory, receipt(action, 'failed', detail === undefined ? {} : { detail }), 'mtr-1');
    const times = (memory: InstanceMemory | null) => memory?.unhibernated?.times;
    const once = failed(null, hibernate, awake);
    expect(once?.failedStop).toStrictEqual({ causeAt: evening, attempt: 1 });
    expect(once?.unhibernated).toStrictEqual({ times: 1, at: taken });
    expect(failed(once, hibernate, awake)).toStrictEqual(once); // the same receipt, told again
    const later = { ...receipt(hibernate, 'failed', { detail: awake }), at: instant('2025-05-14T17:10:00Z') };
    const twice = rememberInstance(once, later, 'mtr-1');
    expect(times(twice)).toBe(2);
    expect(times(failed(twice, hibernate, 'InternalError'))).toBe(2);
    expect(times(failed(twice, hibernate))).toBe(2);
    expect(times(failed(twice, stop, awake))).toBe(2);
    for (const never of [failed(enrolled, hibernate), failed(enrolled, hibernate, 'InternalError'), failed(enrolled, stop, awake)])
      expect(never).not.toHaveProperty('unhibernated');
    const done = (action: Action) => rememberInstance(twice, receipt(action, 'done'), 'mtr-1');
    expect(times(done(stop))).toBe(2);
    expect(done(hibernate)).not.toHaveProperty('unhibernated');
    expect(rememberInstance(enrolled, receipt(stop, 'done'), 'mtr-1')).not.toHaveProperty('unhibernated');
  });

  test('that was stopped before we wrote is nobody we owe: people stop their own boxes', () => {
    expect(rememberInstance(enrolled, receipt(stop, 'already-so'), 'mtr-1')).toBe(enrolled);
    expect(rememberInstance(null, receipt(stop, 'already-so'), 'mtr-1')).toBeNull();
  });

  test('that was asked to start is in flight, and its debt stands until it is seen to run', () => {
    expect(rememberInstance(asleep, receipt(start, 'done', { because: onHours, attempt: 3 }), 'mtr-9')).toEqual({
      ...asleep,
      start: { changeId: 'chg-start-instance-3', boundary: evening, attempt: 3, at: taken, failure: null },
    });
  });

  test.each(['failed', 'refused'] as const)('whose start was %s carries the named cause', outcome => {
    const told = { because: onHours, detail: 'InsufficientInstanceCapacity: no m5.large in eu-west-1a' };
    const next = rememberInstance(asleep, receipt(start, outcome, told), 'mtr-9');
    expect(next?.stop).toEqual(asleep.stop);
    expect(next?.start?.failure).toBe(told.detail);
    expect(rememberInstance(asleep, receipt(start, outcome, { because: onHours }), 'mtr-9')?.start?.failure).toBe(outcome);
  });

  test('is remembered as it was after what wrote nothing, and after what is not its state', () => {
    for (const outcome of ['stale', 'not-attempted'] as const) {
      expect(rememberInstance(asleep, receipt(stop, outcome), 'mtr-9')).toBe(asleep);
    }
    expect(rememberInstance(asleep, receipt(start, 'not-attempted'), 'mtr-9')).toBe(asleep);
    // its id is spent: without this the box would wait for the next boundary
    expect(rememberInstance(asleep, receipt(start, 'stale'), 'mtr-9')?.start).toMatchObject({ attempt: 1, failure: 'stale' });
    // the meter is closed where the return is observed: clearing the debt here would leave it running for ever
    expect(rememberInstance(asleep, receipt(start, 'already-so'), 'mtr-9')).toBe(asleep);
  });

  test('is not touched by what is done to tags and to sizes', () => {
    const sizes = { minSize: 1, maxSize: 3, desiredCapacity: 2 };
    const others: readonly Action[] = [
      { kind: 'set-desired-capacity', desiredCapacity: 2 },
      { kind: 'set-min-size', minSize: 1 },
      { kind: 'set-sizes', ...sizes },
      { kind: 'set-environment-min-size', minSize: 1 },
      { kind: 'pause-environment', pauseAt: evening, resumeAt: taken, down: sizes, back: sizes },
      { kind: 'resume-environment', resumeAt: taken, back: sizes },
      { kind: 'create-tags', tags: { a: 'b' } },
      { kind: 'delete-tags', keys: ['x'] },
      { kind: 'replace-tags', tags: { a: 'b' }, keys: ['A'] },
      { kind: 'tag-group', propagated: {}, tags: { a: 'b' }, keys: [] },
      { kind: 'tag-environment', tags: { a: 'b' }, keys: [] },
    ];
    for (const action of others) expect(rememberInstance(asleep, receipt(action, 'done'), 'mtr-9')).toBe(asleep);
  });
});

describe('a fleet', () => {
  const known: FleetMemory = {
    enrolledAt: evening,
    baseline: enrolled.baseline,
    lastScaleOut: null,
    lastScaleInAt: null,
    meter: null,
  };
  const resize = (desiredCapacity: number): Action => ({ kind: 'set-desired-capacity', desiredCapacity });

  test('that grew remembers when and from what, one that shrank when', () => {
    expect(rememberFleet(known, receipt(resize(6), 'done', { expects: { desiredCapacity: 4 } }))).toEqual({
      ...known,
      lastScaleOut: { at: taken, from: 4 },
      capacity: { is: 6, changedAt: null },
    });
    expect(rememberFleet(known, receipt(resize(3), 'done', { expects: { desiredCapacity: 4 } }))).toEqual({
      ...known,
      lastScaleInAt: taken,
      capacity: { is: 3, changedAt: null },
    });
  });

  test('that others changed before stays changed then', () => {
    const capacity = { is: 4, changedAt: evening };
    expect(rememberFleet({ ...known, capacity }, receipt(resize(6), 'done', { expects: { desiredCapacity: 4 } }))?.capacity).toEqual({
      ...{ is: 6, changedAt: evening },
    });
  });

  test('is believed by its reason where the change expected nothing', () => {
    const because: ChangeReason = { code: 'outside-bounds', from: 9, to: 6, min: 2, max: 6 };
    expect(rememberFleet(null, receipt(resize(6), 'done', { because }))).toMatchObject({ lastScaleInAt: taken, lastScaleOut: null });
    // neither says from what: whether it grew is not known
    expect(rememberFleet(known, receipt(resize(6), 'done'))).toBe(known);
  });

  test('that grew while earlier launches warmed grew from those that carried the load', () => {
    const because: ChangeReason = { code: 'above-target', carriers: 2, value: 90, target: 60, from: 4, to: 6, datapoints: 3 };
    const grown = rememberFleet(known, receipt(resize(6), 'done', { because, expects: { desiredCapacity: 4 } }));
    expect(grown?.lastScaleOut).toEqual({ at: taken, from: 2 });
  });

  test('that stayed as it was, or was not written, is remembered as it was', () => {
    expect(rememberFleet(known, receipt(resize(4), 'done', { expects: { desiredCapacity: 4 } }))).toEqual(known);
    for (const outcome of ['already-so', 'stale', 'refused', 'failed', 'not-attempted'] as const) {
      expect(rememberFleet(known, receipt(resize(6), outcome))).toBe(known);
      expect(rememberFleet(null, receipt(resize(6), outcome))).toBeNull();
    }
  });
});

describe('a mark', () => {
  const because: ChangeReason = { code: 'tags-missing', missing: ['owner'], deadline };
  const mark: Action = { kind: 'create-tags', tags: { [MARK_TAG]: 'owner missing' } };
  const marked: TagMemory = { mark: { missing: ['owner'], markedAt: taken, deadline } };

  test.each(['done', 'already-so'] as const)('is set and cleared when its tag is %s', outcome => {
    expect(rememberTags(null, receipt(mark, outcome, { because }))).toEqual(marked);
    const cleared = receipt({ kind: 'delete-tags', keys: [MARK_TAG] }, outcome, { because: { code: 'tags-completed', markedAt: taken } });
    expect(rememberTags(marked, cleared)).toBeNull();
  });

  test('is set anew where one was cleared', () => {
    expect(rememberTags({ mark: null }, receipt(mark, 'done', { because }))).toEqual(marked);
  });

  test('keeps the instant it was first set while its deadline stands', () => {
    const since = instant('2025-05-14T11:00:00Z');
    const standing: TagMemory = { mark: { missing: ['owner', 'team'], markedAt: since, deadline } };
    expect(rememberTags(standing, receipt(mark, 'done', { because }))).toEqual({ mark: { missing: ['owner'], markedAt: since, deadline } });
    const renewed = { ...because, deadline: instant('2025-06-01T00:00:00Z') };
    expect(rememberTags(standing, receipt(mark, 'done', { because: renewed }))?.mark?.markedAt).toBe(taken);
  });

  test('keeps the warnings that were given of it, and a new one has none', () => {
    const warned = [{ stage: 'half-time', at: evening } as const];
    const standing: TagMemory = { mark: { missing: ['owner'], markedAt: taken, deadline, warned } };
    expect(rememberTags(standing, receipt(mark, 'done', { because }))).toStrictEqual(standing);
    const renewed = { ...because, deadline: instant('2025-06-01T00:00:00Z') };
    expect(rememberTags(standing, receipt(mark, 'done', { because: renewed }))?.mark).not.toHaveProperty('warned');
  });

  test('is not made by other tags, nor by what was not written', () => {
    expect(rememberTags(null, receipt({ kind: 'create-tags', tags: { team: 'default' } }, 'done', { because }))).toBeNull();
    expect(rememberTags(marked, receipt({ kind: 'delete-tags', keys: ['team'] }, 'done'))).toBe(marked);
    expect(rememberTags(marked, receipt(start, 'done'))).toBe(marked);
    expect(rememberTags(marked, receipt(mark, 'done', { because: { code: 'tags-completed', markedAt: taken } }))).toBe(marked);
    for (const outcome of ['stale', 'refused', 'failed', 'not-attempted'] as const)
      expect(rememberTags(marked, receipt({ kind: 'delete-tags', keys: [MARK_TAG] }, outcome))).toBe(marked);
  });
});

test('each fleet has a lane of its own, and a shelf for its demand', () => {
  expect(laneKey('web')).toBe('lane#web');
  expect(demandShelf(scope, 'web')).toBe('111122223333/eu-west-1#demand#web');
});

test('what is long, or read by others, lies on a shelf of its own in its scope', () => {
  const shelves = [idleShelf(scope), rollShelf(scope), typesShelf(scope)];
  expect(shelves).toEqual(['idle', 'roll', 'instance-types'].map(name => `111122223333/eu-west-1#${name}`));
  expect(parseKey(typeFamilyKey('m5'))).toEqual({ kind: 'family', id: 'm5' });
  expect(parseKey(AGENDA_KEY)).toEqual({ kind: 'agenda', id: '' });
});

test('a shelf is sorted by what lies on it, each item with its version, and keys of a later release are passed over', () => {
  const item = (key: string, value: unknown = { of: key }) => ({ key, value, version: 7 });
  const items = [
    item(AGENDA_KEY),
    item(fleetKey('web#blue')),
    item(instanceKey('i-1')),
    item(LEFT_KEY),
    item(pendingKey('chg-1')),
    item(taggedKey('i-2')),
    item(proposedKey('i-4'), 'stop-instance idle'),
    item(wishKey('i-5')),
    item(offeredKey('i-8'), 'f00d'),
    item(birthKey('event-6'), { ids: ['i-6', 'i-7'], birth: { call: 'RunInstances' } }),
    item('premonition#i-3'),
  ];
  const sorted = sortShelf(items);
  expect(sorted).toEqual({
    instances: new Map([['i-1', item('instance#i-1')]]),
    fleets: new Map([['web#blue', item('fleet#web#blue')]]),
    tags: new Map([['i-2', item('tagged#i-2')]]),
    proposed: new Map([['i-4', item('proposed#i-4', 'stop-instance idle')]]),
    wishes: new Map([['i-5', item('wish#i-5')]]),
    offered: new Map([['i-8', item('offered#i-8', 'f00d')]]),
    births: new Map(['i-6', 'i-7'].map(id => [id, { call: 'RunInstances' }])),
    pending: new Map([['chg-1', item('pending#chg-1')]]),
    agenda: item('agenda'),
    left: item('left'),
  });
  expect(valuesOf(sorted.fleets)).toEqual(new Map([['web#blue', { of: 'fleet#web#blue' }]]));
  expect(sortShelf([])).toMatchObject({ agenda: null, left: null });
  expect(shelfOf('enforce-tags', scope)).toBe('111122223333/eu-west-1#enforce-tags');
});
