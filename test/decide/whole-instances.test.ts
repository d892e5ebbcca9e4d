/** Whole answers about instances, to the last field, and every boundary from both sides. */
import { describe, expect, test } from '@jest/globals';
import { decideInstances, type InstanceFacts, isGone, standings, wouldMeasure } from '../../shared/decide/decide-instances.ts';
import { hoursAt } from '../../shared/decide/hours.ts';
import { hasInstanceStore } from '../../shared/decide/rules/protection.ts';
import type { InstanceMemory, PendingChange, StartInFlight } from '../../shared/model/memory.ts';
import { usd } from '../../shared/model/money.ts';
import type { Instance, InstanceState } from '../../shared/model/observation.ts';
import { type Change, changeId } from '../../shared/model/plan.ts';
import { addSeconds, DAY, HOUR, type Instant, instant, MINUTE } from '../../shared/model/time.ts';
import type { Config, InstancePolicy } from '../../shared/policy/schema.ts';
import { configOf, devTest, idleOnly, officeHours } from '../support/policies.ts';
import { always, answer, box, debt, enrolled, hourly, instances, lastWeek, noon, scope } from './facts.ts';

const evening = instant('2025-05-14T19:00:00Z');
const morning = instant('2025-05-15T07:00:00Z');
const nextEvening = instant('2025-05-15T19:00:00Z');

interface Asked {
  readonly at?: Instant;
  readonly memory?: InstanceMemory;
  readonly policy?: InstancePolicy;
  readonly facts?: Partial<InstanceFacts>;
  readonly config?: Config;
}
const decided = (one: Instance, { at = noon, memory, policy = devTest(), facts = {}, config }: Asked = {}) => {
  const held = new Map(memory === undefined ? [] : [[one.ref.id, memory]]);
  return decideInstances(instances(at, [one], { memory: held, ...facts }), config ?? configOf({ policies: [policy] }));
};
const because = (one: Instance, asked: Asked = {}) => answer(decided(one, asked).plan, one.ref.id);
const idle = (other: Partial<Instance> = {}) => box('i-1', { cpuMax: hourly(noon, [1, 1, 1, 1, 1]), ...other });

describe('a stop', () => {
  test('expects the tags by which its policy speaks of it, and its name where that is one of them', () => {
    const one = box('i-1', { tags: { Name: 'lab', environment: 'dev' } });
    const policy = devTest({ match: { tags: { environment: ['dev'], team: ['lab'] }, names: ['lab*'] } });
    const spoken = { 'ebb:policy': 'dev-test' };
    const stop = decided({ ...one, tags: { ...one.tags, ...spoken } }, { at: evening, memory: enrolled(), policy }).plan.changes[0];
    expect(stop?.expects.tags).toMatchObject({ ...spoken, environment: 'dev', team: null, Name: 'lab' });
  });

  const one = box('i-1', { publicIpv4: 'auto', tags: { environment: 'dev', 'ebb:owner': 'qa@example.com' } });

  test('off-hours is a whole change, and enrolment a whole memory', () => {
    const expects = {
      launchedAt: lastWeek,
      tags: { 'ebb:policy': null, 'ebb:schedule': null, 'ebb:keep-until': null, environment: 'dev' },
    };
    const action = { kind: 'stop-instance', hibernate: false } as const;
    const change: Change = {
      id: changeId({ resource: one.ref, action, expects, causeAt: evening, attempt: 1 }),
      pen: 'stop-start-instances',
      resource: one.ref,
      action,
      because: { code: 'off-hours', schedule: 'office-hours', since: evening, until: morning },
      causeAt: evening,
      expects,
      attempt: 1,
      policy: 'dev-test',
      mode: 'act',
      saving: {
        window: { start: evening, end: morning },
        ...{ hours: 12, money: { low: usd(1.26), high: usd(1.26) }, perHour: usd(0.1), addressPerHour: usd(0.005), baseline: 'measured' },
        priceSource: 'list price of 2025-04-04 (table)',
      },
      losing: ['public-ipv4', 'memory'],
      owner: 'qa@example.com',
    };
    const { plan, next, nextAt } = decided({ ...one, baseline: always }, { at: evening });
    expect(plan).toEqual({ version: 1, at: evening, scopes: [scope], changes: [change], left: [], unread: [] });
    expect([...next]).toEqual([['i-1', { ...enrolled(), enrolledAt: evening }]]);
    expect(nextAt).toBe(evening);
    expect([...decided(one, { at: evening, memory: enrolled() }).next]).toEqual([]);
  });

  test('in mode plan asks for no look sooner than the schedule does', () => {
    expect(decided(one, { at: evening, policy: devTest({ mode: 'plan' }) })).toMatchObject({
      plan: { changes: [{ mode: 'plan' }] },
      nextAt: morning,
    });
  });

  test('saves until its box comes back, and a day at most', () => {
    const friday = instant('2025-05-16T19:00:00Z');
    const of = (at: Instant) => decided(one, { at, memory: enrolled() }).plan.changes[0]?.saving?.window;
    expect(of(friday)).toEqual({ start: friday, end: addSeconds(friday, DAY) });
    expect(of(addSeconds(evening, HOUR))).toEqual({ start: addSeconds(evening, HOUR), end: morning });
    const idled = decided(idle(), { policy: idleOnly(4), memory: enrolled() }).plan.changes[0];
    expect(idled?.saving?.window).toEqual({ start: noon, end: addSeconds(noon, DAY) });
  });

  test('of an idle box is a whole change, and hibernates only what was launched for it, where the policy wishes', () => {
    const policy = idleOnly(4);
    const [change] = decided(idle(), { policy, memory: enrolled() }).plan.changes;
    expect(change).toMatchObject({
      action: { kind: 'stop-instance', hibernate: false },
      because: { code: 'idle', cpuMax: 1, threshold: 5, window: { start: addSeconds(noon, -4 * HOUR), end: noon }, coverage: 1 },
      causeAt: noon,
      expects: { launchedAt: lastWeek },
      attempt: 1,
      losing: ['memory'],
    });
    const hibernates = (hibernate: boolean, hibernation: boolean) =>
      decided(idle({ hibernation }), { policy: { ...policy, hibernate } }).plan.changes[0]?.action;
    expect(hibernates(true, true)).toEqual({ kind: 'stop-instance', hibernate: true });
    expect(hibernates(true, false)).toEqual({ kind: 'stop-instance', hibernate: false });
    expect(hibernates(false, true)).toEqual({ kind: 'stop-instance', hibernate: false });
  });

  test('hibernates no more once EC2 has said three times that it cannot, until a week after the last', () => {
    const hibernates = (times: number, secondsAgo: number) => {
      const memory = enrolled({ unhibernated: { times, at: addSeconds(noon, -secondsAgo) } });
      return decided(idle({ hibernation: true }), { policy: idleOnly(4, { hibernate: true }), memory }).plan.changes[0]?.action;
    };
    expect(hibernates(2, HOUR)).toMatchObject({ hibernate: true }); // it may just have booted
    expect(hibernates(3, HOUR)).toMatchObject({ hibernate: false });
    expect(hibernates(9, 7 * DAY - 1)).toMatchObject({ hibernate: false });
    expect(hibernates(9, 7 * DAY)).toMatchObject({ hibernate: true });
  });

  test('after a failure is a new attempt for the same cause only', () => {
    const attempt = (causeAt: Instant) =>
      decided(one, { at: evening, memory: enrolled({ failedStop: { causeAt, attempt: 3 } }) }).plan.changes[0]?.attempt;
    expect([attempt(evening), attempt(addSeconds(evening, -DAY))]).toEqual([4, 1]);
  });
});

describe('hands off, each for its own reason', () => {
  const at = evening;
  const reasons: readonly [string, Partial<Instance>, object][] = [
    ['kept', { tags: { environment: 'dev', 'ebb:keep-until': '2025-05-14T19:00:01Z' } }, { code: 'kept', until: addSeconds(evening, 1) }],
    ['spot', { lifecycle: 'spot' }, { code: 'spot' }],
    ['a member', { parent: { kind: 'auto-scaling-group', name: 'web' } }, { code: 'member', parent: 'auto-scaling-group', of: 'web' }],
    ['an instance-store root', { rootDevice: 'instance-store' }, { code: 'instance-store-root' }],
    ['local disks', { type: 'm5d.large' }, { code: 'instance-store-data', type: 'm5d.large' }],
    ['protected', { stopProtection: true }, { code: 'stop-protected' }],
    ['nobody speaks for it', { tags: {} }, { code: 'no-policy' }],
    ['opted out', { tags: { environment: 'dev', 'ebb:policy': 'off' } }, { code: 'opted-out', tag: 'ebb:policy' }],
    ['pending', { state: 'pending' }, { code: 'in-transition', state: 'pending' }],
    ['stopping', { state: 'stopping' }, { code: 'in-transition', state: 'stopping' }],
    ['stopped by someone', { state: 'stopped', stoppedAt: noon }, { code: 'stopped-by-someone', at: noon }],
    ['terminated', { state: 'terminated' }, { code: 'gone', state: 'terminated' }],
    ['shutting down', { state: 'shutting-down' }, { code: 'gone', state: 'shutting-down' }],
  ];
  test.each(reasons)('%s', (_, other, reason) => {
    const { plan } = decided(box('i-1', other), { at });
    const policy = ['no-policy', 'opted-out'].includes((reason as { code: string }).code) ? null : 'dev-test';
    expect(plan.changes).toEqual([]);
    expect(plan.left).toEqual([{ resource: box('i-1').ref, pen: 'stop-start-instances', because: reason, policy }]);
  });

  test('a wish that has run out, a policy that is found again and unprotected boxes are no reason', () => {
    const kept = box('i-1', { tags: { environment: 'dev', 'ebb:keep-until': '2025-05-14T19:00:00Z' } });
    expect(because(kept, { at })).toMatchObject({ code: 'off-hours' });
    expect(because(box('i-1', { stopProtection: false }), { at })).toMatchObject({ code: 'off-hours' });
  });

  test('protection that could not be read, for this box and no other', () => {
    const protectionUnread = new Map([['i-1', 'AccessDenied']]);
    expect(because(box('i-1'), { at, facts: { protectionUnread } })).toEqual({ code: 'stop-protection-unread', why: 'AccessDenied' });
    expect(because(box('i-2'), { at, facts: { protectionUnread } })).toMatchObject({ code: 'off-hours' });
  });

  test('an open question, and it is looked at again at once', () => {
    const [change] = decided(box('i-1'), { at }).plan.changes;
    if (change === undefined) throw new Error('no change to ask about');
    const pending = new Map<string, PendingChange>([['i-1', { change, claimedAt: noon }]]);
    const { plan, nextAt } = decided(box('i-1'), { at: noon, facts: { pending } });
    expect(answer(plan, 'i-1')).toEqual({ code: 'unsettled', changeId: change.id, claimedAt: noon });
    expect(nextAt).toBe(noon);
    expect(because(box('i-1', { state: 'terminated' }), { at, facts: { pending } })).toEqual({ code: 'gone', state: 'terminated' });
  });

  test('a tag that cannot be read; and a policy that is misspelt is told rather than the tag', () => {
    const bad = because(box('i-1', { tags: { environment: 'dev', 'ebb:schedule': 'ofice-hours' } }), { at });
    expect(bad).toMatchObject({ code: 'bad-tag', tag: 'ebb:schedule', value: 'ofice-hours' });
    const off = box('i-1', { tags: { environment: 'dev', 'ebb:policy': 'off', 'ebb:schedule': 'ofice-hours' } });
    expect(because(off, { at })).toEqual({ code: 'opted-out', tag: 'ebb:policy' });
    const { next } = decided(box('i-1', { baseline: always, tags: { environment: 'dev', 'ebb:schedule': 'ofice-hours' } }), { at });
    expect([...next.keys()]).toEqual(['i-1']); // enrolled all the same
  });

  test('the word of another scheduler that its policy reads', () => {
    const policy = devTest({ scheduleTags: [{ key: 'custodian', language: 'custodian' }] } as Partial<InstancePolicy>);
    const out = box('i-1', { tags: { environment: 'dev', custodian: 'off' } });
    const { schedule: _, ...hourless } = policy;
    expect(because(out, { at, policy: hourless })).toEqual({ code: 'opted-out', tag: 'custodian' });
    expect(because(out, { at, policy: idleOnly(4) })).not.toMatchObject({ code: 'opted-out' });
  });

  test('what nobody speaks for has no hours that would have to be waited for', () => {
    expect(decided(box('i-1', { tags: { 'ebb:schedule': 'office-hours' } })).nextAt).toBeNull();
    expect(decided(box('i-1')).nextAt).toBe(evening);
  });

  test('hours of running are no reason to stop, with or without a schedule', () => {
    expect(because(box('i-1'))).toEqual({ code: 'on-hours-now', schedule: 'office-hours', until: evening });
    const busy = idle({ cpuMax: hourly(noon, [9, 9, 9, 9, 9]) });
    expect(because(busy, { policy: idleOnly(4) })).toMatchObject({ code: 'in-use' });
    const allDay = { name: 'always', timeZone: 'UTC', periods: [{ weekdays: 'mon-sun', begin: '00:00', end: '24:00' }] };
    const config = configOf({ schedules: [officeHours(), allDay] });
    const neither = because(box('i-1', { tags: { environment: 'dev', 'ebb:schedule': 'always' } }), { config });
    expect(neither).toEqual({ code: 'on-hours-now', schedule: 'always', until: null });
    const { idle: _, ...nothing } = idleOnly(4);
    expect(because(box('i-1'), { policy: nothing })).toEqual({ code: 'on-hours-now', schedule: 'none', until: null });
  });

  test('what is gone is not enrolled, nor is what nobody speaks for', () => {
    const enrols = (other: Partial<Instance>) => decided(box('i-1', { baseline: always, ...other })).next.size;
    expect([enrols({}), enrols({ tags: {} }), enrols({ state: 'terminated' }), enrols({ state: 'shutting-down' })]).toEqual([1, 0, 0, 0]);
    const gone = (state: InstanceState) => isGone(box('i-1', { state }));
    expect([gone('terminated'), gone('shutting-down'), gone('stopped'), gone('running')]).toEqual([true, true, false, false]);
  });
});

describe('idleness', () => {
  const policy = idleOnly(4);

  test('waits for a whole window of uptime', () => {
    const since = (launchedAt: Instant) => because(idle({ launchedAt }), { policy });
    const started = addSeconds(noon, -5 * HOUR + 1);
    expect(since(started)).toEqual({ code: 'just-started', at: started, measuredFrom: addSeconds(started, 6 * HOUR) });
    expect(since(addSeconds(noon, -5 * HOUR))).toMatchObject({ code: 'idle' });
  });

  test('is not asked of CloudWatch again while an hour of use is still in the window', () => {
    const hour = Date.parse(noon) / HOUR / 1000;
    const facts = { idle: new Map([['i-1', { busy: { hour: hour - 2, cpuMax: 61 }, again: hour + 3 }]]) };
    expect(because(box('i-1'), { policy, facts })).toEqual({
      ...{ code: 'in-use', cpuMax: 61, threshold: 5, again: addSeconds(noon, 3 * HOUR) },
      window: { start: addSeconds(noon, -5 * HOUR), end: addSeconds(noon, -HOUR) },
    });
  });

  test('is content with exactly the coverage that is asked for', () => {
    const holes = idle({ cpuMax: hourly(noon, [1, 1, 1, null, 1]) });
    const asking = (coverage: number) => because(holes, { policy: { ...policy, idle: { cpuBelow: 5, hours: 4, coverage } } });
    expect(asking(0.75)).toMatchObject({ code: 'idle', coverage: 0.75 });
    expect(asking(0.76)).toMatchObject({ code: 'thin-data', coverage: 0.75 });
  });

  test('is measured of those only whom the rule would judge', () => {
    const known = (one: Instance, spoken: InstancePolicy = policy) =>
      wouldMeasure(
        one,
        standings({ at: noon, memory: new Map(), protectionUnread: new Map(), wishes: new Map() }, configOf({ policies: [spoken] }))(one),
      );
    expect(known(box('i-1'))).toBe(true);
    expect(known(box('i-1', { state: 'stopped' }))).toBe(false);
    expect(known(box('i-1', { tags: {} }))).toBe(false);
    expect(known(box('i-1', { tags: { environment: 'dev', 'ebb:schedule': 'ofice-hours' } }))).toBe(false);
    expect(known(box('i-1'), devTest())).toBe(false);
    expect(known(box('i-1', { launchedAt: addSeconds(noon, -5 * HOUR) }))).toBe(true);
    expect(known(box('i-1', { launchedAt: addSeconds(noon, -5 * HOUR + 1) }))).toBe(false);
    const learned = (launchedAt: Instant) => known(box('i-1', { launchedAt }), { ...policy, idle: 'learned' });
    expect([learned(addSeconds(noon, -2 * HOUR - 1)), learned(addSeconds(noon, -3 * HOUR))]).toEqual([true, true]);
    expect([learned(addSeconds(noon, -2 * HOUR)), learned(noon)]).toEqual([false, false]); // their third hour is not over
    expect(known(box('i-1', { lifecycle: 'spot' }))).toBe(false);
    expect(known(box('i-1', { stopProtection: true }))).toBe(false);
  });
});

describe('what we stopped comes back', () => {
  const asleep = (other: Partial<Instance> = {}) => box('i-1', { state: 'stopped', stoppedAt: evening, ...other });
  const flight = (other: Partial<StartInFlight> = {}): StartInFlight => ({
    ...{ changeId: 'chg-2', boundary: morning, attempt: 1, at: morning, failure: null },
    ...other,
  });

  test('in the morning, as a whole change that no budget, mode or loss can hold back', () => {
    const { plan, next } = decided(asleep(), { at: morning, memory: enrolled({ stop: debt(evening) }), policy: devTest({ mode: 'plan' }) });
    const action = { kind: 'start-instance' } as const;
    const expects = { launchedAt: lastWeek };
    expect(plan.changes).toEqual([
      {
        id: changeId({ resource: asleep().ref, action, expects, causeAt: morning, attempt: 1 }),
        pen: 'stop-start-instances',
        resource: asleep().ref,
        action,
        because: { code: 'on-hours', schedule: 'office-hours', since: morning, stoppedAt: evening, lastFailure: null },
        ...{ causeAt: morning, expects, attempt: 1, policy: 'dev-test', mode: 'act', saving: null, losing: [], owner: null },
      },
    ]);
    expect(next.size).toBe(0);
  });

  test('until then it is asleep, and idle boxes sleep on to the next morning', () => {
    const of = (at: Instant, because_: 'off-hours' | 'idle', stoppedAt = evening) =>
      because(asleep(), { at, memory: enrolled({ stop: debt(stoppedAt, because_) }) });
    expect(of(addSeconds(morning, -1), 'off-hours')).toEqual({ code: 'asleep', since: evening, until: morning, because: 'off-hours' });
    const midday = addSeconds(morning, 5 * HOUR);
    expect(of(midday, 'idle', addSeconds(morning, HOUR))).toMatchObject({
      code: 'asleep',
      until: addSeconds(morning, DAY),
      because: 'idle',
    });
    expect(of(midday, 'idle', morning)).toMatchObject({ code: 'asleep' });
    expect(of(midday, 'idle', addSeconds(morning, -1))).toMatchObject({ code: 'on-hours' });
    expect(of(midday, 'off-hours', addSeconds(morning, HOUR))).toMatchObject({ code: 'on-hours', since: morning });
  });

  test('is theirs when somebody started it since, though not while a start of ours is in flight', () => {
    const launchedAt = addSeconds(evening, 1);
    const memory = enrolled({ stop: debt(evening) });
    expect(because(asleep({ launchedAt, stoppedAt: morning }), { at: morning, memory })).toEqual({
      code: 'stopped-by-someone',
      at: morning,
    });
    expect(because(asleep({ launchedAt: evening }), { at: morning, memory })).toMatchObject({ code: 'on-hours' });
    const inFlight = enrolled({ stop: debt(evening), start: flight({ failure: 'no capacity' }) });
    expect(because(asleep({ launchedAt }), { at: addSeconds(morning, HOUR), memory: inFlight })).toMatchObject({ code: 'on-hours' });
  });

  test('tries again after five, five, ten, fifteen and then thirty minutes', () => {
    const of = (attempt: number, minutes: number, failure: string | null = 'no capacity') => {
      const memory = enrolled({ stop: debt(evening), start: flight({ attempt, failure }) });
      return decided(asleep(), { at: addSeconds(morning, minutes * MINUTE), memory }).plan;
    };
    for (const [attempt, minutes] of [
      [1, 5],
      [2, 5],
      [3, 10],
      [4, 15],
      [5, 30],
      [9, 30],
    ] as const) {
      expect(answer(of(attempt, minutes - 1), 'i-1')).toEqual({
        ...{ code: 'start-failing', attempts: attempt, why: 'no capacity', nextAt: addSeconds(morning, minutes * MINUTE) },
      });
      expect(of(attempt, minutes).changes).toMatchObject([
        { attempt: attempt + 1, because: { code: 'on-hours', lastFailure: 'no capacity' } },
      ]);
    }
    expect(answer(of(1, 4, null), 'i-1')).toEqual({ code: 'in-transition', state: 'starting' });
  });

  test("another morning's failure is not this one's", () => {
    const memory = enrolled({ stop: debt(evening), start: flight({ boundary: addSeconds(morning, -DAY), failure: 'old', attempt: 7 }) });
    expect(decided(asleep(), { at: morning, memory }).plan.changes).toMatchObject([{ attempt: 1, because: { lastFailure: null } }]);
  });

  test('is given back when nobody speaks for it any more, and says why', () => {
    const of = (tags: Instance['tags'], because_: 'off-hours' | 'idle' = 'off-hours', policy?: InstancePolicy) => {
      const memory = enrolled({ stop: debt(evening, because_) });
      return because(asleep({ tags }), { at: addSeconds(evening, HOUR), memory, ...(policy && { policy }) });
    };
    const released = (why: string) => ({ code: 'released', stoppedAt: evening, why });
    expect(of({})).toEqual(released('no-policy'));
    expect(of({ environment: 'dev', 'ebb:policy': 'off' })).toEqual(released('opted-out'));
    expect(of({ environment: 'dev', 'ebb:policy': 'typo' })).toEqual(released('no-schedule'));
    expect(of({ environment: 'dev' }, 'off-hours', idleOnly(4))).toEqual(released('no-schedule'));
    expect(of({}, 'idle')).toEqual(released('no-policy'));
    expect(of({ environment: 'dev', 'ebb:policy': 'off' }, 'idle')).toEqual(released('opted-out'));
    expect(of({ environment: 'dev' }, 'idle', idleOnly(4))).toEqual({ code: 'asleep', since: evening, until: null, because: 'idle' });
    expect(of({ environment: 'dev', 'ebb:schedule': 'ofice' }, 'idle')).toMatchObject({ code: 'asleep', until: null });
    const { plan } = decided(asleep({ tags: {} }), { at: noon, memory: enrolled({ stop: debt(evening) }) });
    expect(plan.changes[0]).toMatchObject({ policy: 'none', mode: 'act', attempt: 1, causeAt: evening });
  });

  test('and is looked at again when that falls due', () => {
    const nextAt = (memory: InstanceMemory, at: Instant, one = asleep()) => decided(one, { at, memory }).nextAt;
    const failed = enrolled({ stop: debt(evening), start: flight({ failure: 'no capacity', attempt: 3 }) });
    expect(nextAt(failed, addSeconds(morning, MINUTE))).toBe(addSeconds(morning, 10 * MINUTE));
    expect(nextAt(enrolled({ stop: debt(evening) }), addSeconds(evening, HOUR))).toBe(morning);
    const arriving = enrolled({ start: flight() });
    expect(nextAt(arriving, addSeconds(morning, MINUTE), box('i-1'))).toBe(addSeconds(morning, 5 * MINUTE));
    expect(nextAt(enrolled({ start: flight({ failure: 'x' }) }), addSeconds(morning, MINUTE), box('i-1'))).toBe(nextEvening);
    const kept = box('i-1', { tags: { environment: 'dev', 'ebb:keep-until': '2025-05-14T15:00:00Z' } });
    expect(decided(kept).nextAt).toBe(instant('2025-05-14T15:00:00Z'));
    expect(decided(box('i-1', { tags: {} })).nextAt).toBe(null);
  });
});

describe('several policies', () => {
  test('are each trimmed and judged for themselves', () => {
    const idlers = idleOnly(4, { name: 'idlers', match: { tags: { team: ['idle'] } }, breaker: { share: 0.5, atLeast: 2 } });
    const policies = [devTest({ budget: { perRun: 1, perDay: 9, perOwner: 9 } }), idlers];
    const scheduled = ['i-1', 'i-2'].map(id => box(id));
    const lazy = ['i-3', 'i-4'].map(id => box(id, { tags: { team: 'idle' }, cpuMax: hourly(evening, [1, 1, 1, 1, 1]) }));
    const config = configOf({ policies });
    const { plan } = decideInstances(instances(evening, [...scheduled, ...lazy]), config);
    expect(plan.changes.map(c => c.policy)).toEqual(['dev-test']);
    expect(plan.left.map(l => [l.policy, l.because.code]).toSorted()).toEqual([
      ['dev-test', 'over-budget'],
      ['idlers', 'breaker'],
      ['idlers', 'breaker'],
    ]);
    // Those of another policy do not water down the share.
    const more = ['i-5', 'i-6', 'i-7', 'i-8'].map(id => box(id, { lifecycle: 'spot' }));
    const crowd = decideInstances(instances(evening, [...scheduled, ...lazy, ...more]), config).plan.left;
    expect(crowd.filter(l => l.because.code === 'breaker').map(l => l.because)).toMatchObject([{ of: 2 }, { of: 2 }]);
  });
});

describe('hours', () => {
  test('are asked of a schedule once, and turn to running at the next on-hours', () => {
    const hoursOf = hoursAt(noon);
    const schedule = officeHours();
    expect(hoursOf(schedule)).toEqual({
      ...{
        schedule: 'office-hours',
        timeZone: 'UTC',
        stateAt: expect.any(Function),
        state: 'running',
        since: instant('2025-05-14T07:00:00Z'),
        until: evening,
        turnsTo: 'stopped',
        nextOn: morning,
      },
    });
    expect(hoursOf(schedule)).toBe(hoursOf(schedule));
    expect(hoursAt(addSeconds(evening, HOUR))(schedule)).toMatchObject({
      state: 'stopped',
      since: evening,
      until: morning,
      turnsTo: 'running',
      nextOn: morning,
    });
    const always_ = { ...schedule, periods: [{ weekdays: 'mon-sun', begin: '00:00', end: '24:00' }] };
    expect(hoursAt(noon)(always_)).toMatchObject({ state: 'running', until: null, turnsTo: null, nextOn: null });
  });
});

test('local disks are known by the name of the type', () => {
  const carries = (type: string) => hasInstanceStore(type);
  const yes = [
    'm5d.large',
    'c6gd.xlarge',
    'r5dn.large',
    'i3.large',
    'i4i.large',
    'is4gen.large',
    'hpc6id.32xlarge',
    'im4gn.large',
    'd2.xlarge',
    'h1.2xlarge',
    'x1.16xlarge',
  ];
  const no = [
    'm5.large',
    't3.micro',
    'c7g.large',
    'r6i.large',
    'inf1.xlarge',
    'hpc7a.12xlarge',
    'g5g.xlarge',
    'm7i-flex.large',
    'mac1.metal',
    'mac2.metal',
    '',
  ];
  expect(yes.filter(type => !carries(type))).toEqual([]);
  expect(no.filter(carries)).toEqual([]);
  expect([carries('m5dn-flex.large'), carries('x2idn.16xlarge'), carries('u-3tb1.56xlarge'), carries('vt1.3xlarge')]).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
