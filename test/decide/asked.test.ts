/** What people ask for, one wish at a time: what is done about it, and when it is over. */
import { describe, expect, test } from '@jest/globals';
import { decideInstances } from '../../shared/decide/decide-instances.ts';
import { approved, spentWishes } from '../../shared/decide/wishes.ts';
import type { InstanceMemory, StartInFlight, Wish } from '../../shared/model/memory.ts';
import type { Instance } from '../../shared/model/observation.ts';
import type { Change, LeftReason, Plan } from '../../shared/model/plan.ts';
import type { Outcome, Receipt } from '../../shared/model/receipt.ts';
import { addSeconds, HOUR, type Instant, instant, MINUTE } from '../../shared/model/time.ts';
import type { InstancePolicy } from '../../shared/policy/schema.ts';
import { configOf, devTest } from '../support/policies.ts';
import { answer, box, debt, enrolled, instances, lastWeek, noon } from './facts.ts';

const evening = instant('2025-05-14T19:00:00Z'); // office hours end
const night = instant('2025-05-14T23:00:00Z');
const said = { id: 'w', by: 'U024BE7LH', via: 'slack', why: 'demo' } as const;
const wish = (want: 'running' | 'stopped', at: Instant, other: object = {}): Wish => ({ ...said, at, want, ...other }) as Wish;
const until = (want: 'keep' | 'snooze', end: Instant): Wish => ({ ...said, at: addSeconds(noon, -60), want, until: end }) as Wish;

interface Seen {
  readonly at?: Instant;
  readonly one?: Partial<Instance>;
  readonly memory?: Partial<InstanceMemory>;
  readonly policy?: Partial<InstancePolicy>;
}
function decided(heard: Wish | null, { at = noon, one = {}, memory = {}, policy = {} }: Seen = {}) {
  const wishes = new Map(heard === null ? [] : [['i-1', heard]]);
  const facts = instances(at, [box('i-1', one)], { memory: new Map([['i-1', enrolled(memory)]]), wishes });
  return decideInstances(facts, configOf({ policies: [devTest(policy)] }));
}
const because = (heard: Wish | null, seen?: Seen) => answer(decided(heard, seen).plan, 'i-1');
const stopped = (stoppedAt: Instant): Partial<Instance> => ({ state: 'stopped', stoppedAt });

describe('"start it now"', () => {
  const at = addSeconds(night, 60);
  const asleep = { at, one: stopped(evening), memory: { stop: debt(evening) } };

  test('starts what sleeps, as a whole change that no mode holds back', () => {
    expect(decided(wish('running', night), { ...asleep, policy: { mode: 'plan' } }).plan.changes[0]).toMatchObject({
      action: { kind: 'start-instance' },
      because: { code: 'asked', by: 'U024BE7LH', via: 'slack', at: night, why: 'demo', lastFailure: null },
      causeAt: night,
      attempt: 1,
      mode: 'act',
      saving: null,
    });
  });

  test('is older than a later stop, and not than one of the same second', () => {
    expect(because(wish('running', evening), asleep)).toMatchObject({ code: 'asked' });
    expect(because(wish('running', addSeconds(evening, -1)), asleep)).toMatchObject({ code: 'asleep' });
    const undated = { ...asleep, one: { state: 'stopped', stoppedAt: null } as const };
    expect(because(wish('running', evening), undated)).toMatchObject({ code: 'asked' });
    expect(because(wish('running', addSeconds(evening, -1)), undated)).toMatchObject({ code: 'asleep' });
    expect(because(wish('running', lastWeek), { ...undated, memory: {} })).toMatchObject({ code: 'asked' });
  });

  test('is tried again after a failure, which it tells', () => {
    const start: StartInFlight = { changeId: 'chg-2', boundary: night, attempt: 1, at: night, failure: 'no room' };
    const later = { ...asleep, at: addSeconds(night, 5 * MINUTE), memory: { stop: debt(evening), start } };
    expect(decided(wish('running', night), later).plan.changes[0]).toMatchObject({ attempt: 2, because: { lastFailure: 'no room' } });
    const other = { ...later, memory: { stop: debt(evening), start: { ...start, boundary: evening } } };
    expect(decided(wish('running', night), other).plan.changes[0]).toMatchObject({ attempt: 1, because: { lastFailure: null } });
  });

  test('starts nothing that opted out, and nothing that runs', () => {
    const out = { ...asleep, memory: {}, one: { ...stopped(evening), tags: { environment: 'dev', 'ebb:policy': 'off' } } };
    expect(because(wish('running', night), out)).toMatchObject({ code: 'opted-out' });
    expect(because(wish('running', night), { ...out, one: { ...stopped(evening), tags: {} } })).toMatchObject({ code: 'no-policy' });
    const unread = { environment: 'dev', 'ebb:schedule': 'ofice-hours' };
    expect(because(wish('running', night), { ...out, one: { ...stopped(evening), tags: unread } })).toMatchObject({ code: 'bad-tag' });
    expect(because(wish('running', noon), { at: addSeconds(noon, 60) })).toMatchObject({ code: 'on-hours-now' });
  });
});

describe('"stop it now"', () => {
  test('stops what runs, as a whole change that no mode holds back and that claims no saving', () => {
    expect(decided(wish('stopped', noon), { at: addSeconds(noon, 60), policy: { mode: 'plan' } }).plan.changes[0]).toMatchObject({
      action: { kind: 'stop-instance', hibernate: false },
      because: { code: 'asked', at: noon, lastFailure: null },
      causeAt: noon,
      expects: { launchedAt: lastWeek },
      attempt: 1,
      mode: 'act',
      saving: null,
    });
  });

  test('is older than a later start, and not than one of the same second', () => {
    const at = (launchedAt: Instant) => because(wish('stopped', noon), { at: addSeconds(noon, 60), one: { launchedAt } });
    expect([at(noon), at(addSeconds(noon, 1))]).toMatchObject([{ code: 'asked' }, { code: 'on-hours-now' }]);
  });

  test('is heard once', () => {
    expect(because(wish('stopped', noon, { spentAt: noon }))).toMatchObject({ code: 'on-hours-now' });
    const lying = { at: night, one: stopped(noon) };
    expect(because(wish('running', night, { spentAt: night }), lying)).toMatchObject({ code: 'stopped-by-someone' });
  });

  test('is another attempt after it has failed', () => {
    const failed = (causeAt: Instant) =>
      decided(wish('stopped', noon), { memory: { failedStop: { causeAt, attempt: 2 } as InstanceMemory['failedStop'] } }).plan.changes[0];
    expect([failed(noon), failed(evening)]).toMatchObject([{ attempt: 3 }, { attempt: 1 }]);
  });

  test('explains who lies stopped since', () => {
    const lying = { at: night, one: stopped(noon) };
    expect(because(wish('stopped', noon), lying)).toEqual({ code: 'stopped-by-someone', at: noon, by: 'U024BE7LH' });
    expect(because(wish('running', lastWeek), lying)).toEqual({ code: 'stopped-by-someone', at: noon });
  });
});

describe('"keep it" and "not now"', () => {
  test('keep holds every stop until its end, and tells who asked', () => {
    const end = addSeconds(night, HOUR);
    expect(because(until('keep', end), { at: night })).toEqual({ code: 'kept', until: end, by: 'U024BE7LH' });
    expect(because(until('keep', night), { at: night })).toMatchObject({ code: 'off-hours' });
    expect(decided(until('keep', end), { at: night }).nextAt).toBe(end);
  });

  test('of a wish and a tag the later one holds', () => {
    const tagged = { environment: 'dev', 'ebb:keep-until': '2025-05-15T01:00Z' };
    const tag = instant('2025-05-15T01:00:00Z');
    const kept = (end: Instant) => because(until('keep', end), { at: night, one: { tags: tagged } });
    expect(kept(addSeconds(tag, 60))).toEqual({ code: 'kept', until: addSeconds(tag, 60), by: 'U024BE7LH' });
    expect(kept(tag)).toEqual({ code: 'kept', until: tag });
    expect(kept(addSeconds(tag, -60))).toEqual({ code: 'kept', until: tag });
  });

  test('snooze puts a stop off, and says what it puts off', () => {
    const end = addSeconds(night, HOUR);
    expect(because(until('snooze', end), { at: night })).toMatchObject({
      ...{ code: 'snoozed', until: end, by: 'U024BE7LH', would: { code: 'off-hours' } },
    });
    expect(because(until('snooze', night), { at: night })).toMatchObject({ code: 'off-hours' });
    expect(decided(until('snooze', end), { at: night }).nextAt).toBe(end);
    expect(because(until('snooze', end))).toMatchObject({ code: 'on-hours-now' }); // there is nothing to put off
    expect(because(until('snooze', end), { at: night, one: stopped(evening), memory: {} })).toMatchObject({ code: 'stopped-by-someone' });
  });
});

describe('a schedule that is enforced', () => {
  const enforced = { enforced: true };
  const monday = instant('2025-05-14T07:00:00Z'); // office hours begin

  test('starts what somebody stopped in its hours, as a whole change, and only in them', () => {
    const asked = (mode: 'act' | 'plan') => decided(null, { one: stopped(addSeconds(noon, -60)), policy: { ...enforced, mode } });
    expect(asked('plan').plan.changes[0]).toMatchObject({
      because: { code: 'enforced', schedule: 'office-hours', since: monday, lastFailure: null },
      ...{ causeAt: monday, mode: 'plan', action: { kind: 'start-instance' } },
    });
    expect(asked('act').nextAt).toBe(noon); // nobody tells of what is done by hand
    expect(decided(null, { policy: enforced }).nextAt).toBe(noon);
    expect(decided(null, { one: { tags: { environment: 'dev', 'ebb:schedule': 'ofice-hours' } }, policy: enforced }).nextAt).toBeNull();
    expect(because(null, { one: stopped(noon) })).toMatchObject({ code: 'stopped-by-someone' });
    expect(because(null, { at: night, one: stopped(noon), policy: enforced })).toMatchObject({ code: 'stopped-by-someone' });
  });

  test('holds nothing where there are no hours', () => {
    const { schedule: _, ...hourless } = devTest(enforced);
    const facts = instances(noon, [box('i-1', stopped(monday))]);
    expect(answer(decideInstances(facts, configOf({ policies: [hourless] })).plan, 'i-1')).toMatchObject({ code: 'stopped-by-someone' });
  });

  test('tells the failure of the latest try', () => {
    const start = (boundary: Instant): StartInFlight => ({ changeId: 'chg-2', boundary, attempt: 1, at: monday, failure: 'no room' });
    const asked = (boundary: Instant) => because(null, { one: stopped(monday), policy: enforced, memory: { start: start(boundary) } });
    expect([asked(monday), asked(evening)]).toMatchObject([{ lastFailure: 'no room' }, { lastFailure: null }]);
  });

  test('starts nothing that is kept, that is a spot instance or a member', () => {
    const one = stopped(monday);
    const left = (other: Partial<Instance>) => because(null, { one: { ...one, ...other }, policy: enforced });
    expect(left({ lifecycle: 'spot' })).toEqual({ code: 'spot' });
    expect(left({ parent: { kind: 'auto-scaling-group', name: 'web' } })).toMatchObject({ code: 'member' });
    expect(left({ tags: { environment: 'dev', 'ebb:keep-until': '2025-05-20' } })).toMatchObject({ code: 'kept' });
  });

  test('gives way to what a person asked for since it last turned', () => {
    const lying = (at: Instant) => because(wish('stopped', at), { one: stopped(noon), policy: enforced });
    expect([lying(monday), lying(addSeconds(monday, -1))]).toMatchObject([{ code: 'stopped-by-someone' }, { code: 'enforced' }]);
    const awake = (heard: Wish | null) => because(heard, { at: night, one: { launchedAt: evening }, policy: enforced });
    expect(awake(null)).toMatchObject({ code: 'off-hours' });
    expect(awake(wish('running', evening))).toMatchObject({ code: 'started-by-hand', at: evening });
    expect(awake(wish('running', addSeconds(evening, -1)))).toMatchObject({ code: 'off-hours' });
    expect(because(null, { at: night, one: { launchedAt: evening } })).toMatchObject({ code: 'started-by-hand' });
  });
});

describe('when a wish is over', () => {
  const resource = box('i-1').ref;
  const change = (other: Partial<Change> = {}): Change => ({
    ...{ id: 'chg-1', pen: 'stop-start-instances', resource, action: { kind: 'start-instance' }, causeAt: noon, expects: {}, attempt: 1 },
    because: { code: 'asked', by: 'U1', via: 'slack', at: noon, why: null, lastFailure: null },
    ...{ policy: 'dev-test', mode: 'act', saving: null, losing: [], owner: null },
    ...other,
  });
  const plan = (changes: readonly Change[], code?: LeftReason['code']): Plan => {
    const left = code === undefined ? [] : [{ resource, pen: 'stop-start-instances', because: { code }, policy: null }];
    return { version: 1, at: noon, scopes: [], changes, left, unread: [] } as unknown as Plan;
  };
  const over = (heard: Wish, of: Plan, receipts: readonly Receipt[] = []) =>
    spentWishes(new Map([['i-1', heard]]), of, receipts).get('i-1');
  const receipt = (outcome: Outcome, of: Change): Receipt => ({ change: of, outcome, at: noon, requestId: null, detail: null });
  const running = wish('running', noon);

  test('its own change was carried out, found done or refused; one that failed is tried again', () => {
    const outcome = (said_: Outcome, of = change()) => over(running, plan([]), [receipt(said_, of)]);
    for (const done of ['already-so', 'stale', 'refused'] as const) expect(outcome(done)).toEqual({ wish: running, denied: null });
    // A start that EC2 took may fall back: it is over when it is seen up.
    expect([outcome('done'), outcome('failed'), outcome('not-attempted')]).toEqual([undefined, undefined, undefined]);
    const stop = change({ action: { kind: 'stop-instance', hibernate: false } });
    expect(over(wish('stopped', noon), plan([]), [receipt('done', stop)])).toMatchObject({ denied: null });
    const other = { ...resource, id: 'i-2' };
    expect(outcome('done', change({ resource: other }))).toBeUndefined();
    expect(outcome('done', change({ causeAt: evening }))).toBeUndefined();
    expect(outcome('done', change({ because: { code: 'released', stoppedAt: noon, why: 'no-policy' } }))).toBeUndefined();
    expect(outcome('already-so', change({ because: { code: 'released', stoppedAt: noon, why: 'no-policy' } }))).toBeUndefined();
    expect(outcome('already-so', change({ resource: other }))).toBeUndefined();
  });

  test('nothing stands for it in the plan, and the reason will not pass by itself', () => {
    expect(over(running, plan([change()], 'opted-out'))).toBeUndefined();
    expect(over(running, plan([change({ causeAt: evening })], 'opted-out'))).toMatchObject({ denied: { code: 'opted-out' } });
    expect(over(running, plan([change({ resource: { ...resource, id: 'i-2' } })], 'gone'))).toMatchObject({ denied: { code: 'gone' } });
    const seen = ['unsettled', 'in-transition', 'start-failing', 'over-budget'] as const;
    const unseen = ['not-measured', 'stop-protection-unread', 'tags-unread'] as const;
    for (const passing of [...seen, ...unseen]) expect(over(running, plan([], passing))).toBeUndefined();
    expect(over(running, plan([]))).toBeUndefined();
    const others = plan([], 'opted-out');
    expect(spentWishes(new Map([['i-2', running]]), others, [])).toEqual(new Map()); // another's reason is none of its own
  });

  test('it is so, whoever saw to it', () => {
    const so = (heard: Wish, code: LeftReason['code']) => over(heard, plan([], code))?.denied;
    const lying = wish('stopped', noon);
    expect([so(lying, 'asleep'), so(lying, 'stopped-by-someone')]).toEqual([null, null]);
    expect([so(lying, 'kept'), so(lying, 'compliant')]).toMatchObject([{ code: 'kept' }, { code: 'compliant' }]);
    expect([so(running, 'on-hours-now'), so(running, 'kept')]).toEqual([null, null]);
    for (const code of ['asleep', 'stopped-by-someone', 'no-policy', 'opted-out', 'bad-tag', 'gone'] as const)
      expect(so(running, code)).toMatchObject({ code });
    const tags = { ...said, at: noon, want: 'tags', tags: { owner: 'ann' } } as unknown as Wish;
    expect([so(tags, 'compliant'), so(tags, 'marked')]).toEqual([null, null]);
    expect(so(tags, 'on-hours-now')).toMatchObject({ code: 'on-hours-now' });
    const yes = { ...said, at: noon, want: 'approve', action: 'stop-instance' } as unknown as Wish;
    expect(so(yes, 'in-use')).toMatchObject({ code: 'in-use' }); // a yes to a stop that nothing argues for any more came to nothing
  });

  test('of tags, the change that writes one of them is its own', () => {
    const tags = { ...said, at: noon, want: 'tags', tags: { owner: 'ann', team: 'blue' } } as unknown as Wish;
    const writes = (written: Record<string, string>) =>
      over(tags, plan([]), [receipt('done', change({ action: { kind: 'create-tags', tags: written } }))]);
    expect(writes({ owner: 'ann' })).toMatchObject({ denied: null });
    expect([writes({ owner: 'bob' }), writes({ centre: 'ann' })]).toEqual([undefined, undefined]);
  });

  test('of a yes, the change of its kind is its own; and one that is over is not told again', () => {
    const yes = { ...said, at: noon, want: 'approve', action: 'stop-instance' } as unknown as Wish;
    const stop = change({ action: { kind: 'stop-instance', hibernate: false } });
    expect(over(yes, plan([]), [receipt('done', stop)])).toMatchObject({ denied: null });
    expect(over(yes, plan([]), [receipt('done', change())])).toBeUndefined();
    expect(over({ ...running, spentAt: noon } as Wish, plan([], 'opted-out'))).toBeUndefined();
  });

  test('a yes turns what was only thought into an act, for its kind of change and once', () => {
    const yes = { ...said, at: noon, want: 'approve', action: 'stop-instance' } as unknown as Wish;
    const thought = change({ mode: 'plan', action: { kind: 'stop-instance', hibernate: false } });
    const mode = (of: Change, heard: Wish) => approved(plan([of]), new Map([['i-1', heard]])).changes[0]?.mode;
    expect(mode(thought, yes)).toBe('act');
    expect(mode(change({ mode: 'plan' }), yes)).toBe('plan');
    expect(mode(thought, { ...yes, spentAt: noon } as Wish)).toBe('plan');
    expect(mode(thought, running)).toBe('plan');
  });
});
