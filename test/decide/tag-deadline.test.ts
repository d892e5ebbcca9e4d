/** What the instance pen makes of a mark whose deadline is over: within its preflight, budget and breaker, and back again. */
import { describe, expect, test } from '@jest/globals';
import { decideInstances, type InstanceFacts } from '../../shared/decide/decide-instances.ts';
import type { StopDebt, TagMark } from '../../shared/model/memory.ts';
import type { Instance } from '../../shared/model/observation.ts';
import { addSeconds, DAY, HOUR, type Instant } from '../../shared/model/time.ts';
import type { InstancePolicy, TagPolicy } from '../../shared/policy/schema.ts';
import { configOf, devTest, requiredTags } from '../support/policies.ts';
import { answer, box, debt, enrolled, instances, lastWeek, noon } from './facts.ts';

const always = { name: 'office-hours', timeZone: 'UTC', periods: [{ weekdays: 'mon-sun', begin: '00:00', end: '24:00' }] };
const night = { name: 'office-hours', timeZone: 'UTC', periods: [{ weekdays: 'mon-sun', begin: '20:00', end: '24:00' }] };

const overdue: TagMark = {
  ...{ missing: ['owner'], markedAt: addSeconds(noon, -8 * DAY), deadline: addSeconds(noon, -DAY) },
  warned: [{ stage: 'last-day', at: addSeconds(noon, -2 * DAY) }],
};
const launchedAt = addSeconds(noon, -5 * DAY);

interface Asked {
  readonly mark?: TagMark;
  readonly tags?: Partial<TagPolicy>;
  readonly machines?: Partial<InstancePolicy>;
  readonly schedule?: typeof always;
  readonly facts?: Partial<InstanceFacts>;
  readonly at?: Instant;
}

function decide(resources: readonly Instance[], { mark = overdue, tags, machines, schedule = always, facts, at = noon }: Asked = {}) {
  const policies = [requiredTags({ escalate: 'stop', ...tags }), devTest(machines)];
  const marks = new Map(resources.map(({ ref }) => [ref.id, mark]));
  return decideInstances(instances(at, resources, { marks, ...facts }), configOf({ policies, schedules: [schedule] }));
}
const lacking = (id = 'i-1', other: Partial<Instance> = {}) => box(id, { launchedAt, ...other });
const codeOf = (one: Instance, asked?: Asked) => answer(decide([one], asked).plan, one.ref.id).code;

describe('a deadline that is over', () => {
  test('argues for one stop, as of the instant from which it counts, while the tags are still missing', () => {
    const [change] = decide([lacking()]).plan.changes;
    expect(change).toMatchObject({
      ...{ action: { kind: 'stop-instance', hibernate: false }, causeAt: overdue.deadline, attempt: 1, policy: 'dev-test', mode: 'act' },
      because: { code: 'tag-deadline', missing: ['owner'], deadline: overdue.deadline },
      expects: { launchedAt, tags: { owner: null, 'ebb:policy': null } },
    });
    const failedStop = { causeAt: overdue.deadline, attempt: 1 };
    const tried = decide([lacking()], { facts: { memory: new Map([['i-1', enrolled({ failedStop })]]) } });
    expect(tried.plan.changes[0]?.attempt).toBe(2);
  });

  test.each<readonly [string, Instance, Asked]>([
    ['the tags are there by now', lacking('i-1', { tags: { environment: 'dev', owner: 'ann' } }), {}],
    ['it is still to come', lacking(), { at: addSeconds(overdue.deadline, -1) }],
    ['nobody was warned on its last day', lacking(), { mark: { ...overdue, warned: [] } }],
    ['the last warning came late', lacking(), { mark: { ...overdue, warned: [{ stage: 'last-day', at: addSeconds(noon, -HOUR) }] } }],
    ['somebody has started it since', lacking('i-1', { launchedAt: overdue.deadline }), {}],
    ['the policy of tags only plans', lacking(), { tags: { mode: 'plan' } }],
    ['the policy of tags lets nothing follow', lacking(), { tags: { escalate: undefined } as Partial<TagPolicy> }],
    [
      'it is exempt',
      lacking('i-1', { tags: { environment: 'dev', tagging: 'exempt' } }),
      { tags: { match: { resources: ['instance'], except: { tagging: ['exempt'] } } } },
    ],
  ])('argues for nothing where %s', (_why, one, asked) => {
    expect(codeOf(one, asked)).toBe('on-hours-now');
  });

  test.each<readonly [string, Instance, string]>([
    ['whoever keeps it', lacking('i-1', { tags: { environment: 'dev', 'ebb:keep-until': '2099-01-01' } }), 'kept'],
    ['what is protected', lacking('i-1', { stopProtection: true }), 'stop-protected'],
    ['Spot', lacking('i-1', { lifecycle: 'spot' }), 'spot'],
    ['a member', lacking('i-1', { parent: { kind: 'auto-scaling-group', name: 'web' } }), 'member'],
    ['what no policy of instances speaks for', lacking('i-1', { tags: { environment: 'prod' } }), 'no-policy'],
  ])('heeds %s', (_whom, one, code) => {
    expect(codeOf(one)).toBe(code);
  });

  test('stays within the budget and the breaker of the policy of instances, and only plans where that only plans', () => {
    const ten = Array.from({ length: 10 }, (_, i) => lacking(`i-${i}`));
    const within = decide(ten, { machines: { budget: { perRun: 3, perDay: 200, perOwner: 10 }, breaker: { share: 1, atLeast: 5 } } }).plan;
    expect([within.changes.length, within.left.filter(l => l.because.code === 'over-budget').length]).toEqual([3, 7]);
    const tripped = decide(ten, { machines: { breaker: { share: 0.5, atLeast: 5 } } }).plan;
    expect([tripped.changes.length, tripped.left.filter(l => l.because.code === 'breaker').length]).toEqual([0, 10]);
    expect(decide([lacking()], { machines: { mode: 'plan' } }).plan.changes[0]?.mode).toBe('plan');
  });

  test('is held against nobody who was not marked', () => {
    expect(codeOf(lacking(), { facts: { marks: new Map() } })).toBe('on-hours-now');
  });

  test('counts from its very second', () => {
    expect(codeOf(lacking(), { at: overdue.deadline })).toBe('tag-deadline');
  });

  test('wakes the pen when it comes, and is argued again at each tick until it is done', () => {
    const at = addSeconds(overdue.deadline, -HOUR);
    expect(decide([lacking()], { at }).nextAt).toBe(overdue.deadline);
    expect(decide([lacking()]).nextAt).toBe(noon);
  });
});

describe('what sleeps', () => {
  const sleeping = (because: StopDebt['because'], tags: Instance['tags'], asked: Asked = {}) => {
    const one = lacking('i-1', { state: 'stopped', tags, stoppedAt: addSeconds(noon, -HOUR), launchedAt: lastWeek });
    const stop = debt(addSeconds(noon, -HOUR), because);
    return decide([one], { ...asked, facts: { memory: new Map([['i-1', enrolled({ stop })]]) } });
  };
  const asleep = (because: StopDebt['because'], tags: Instance['tags'] = { environment: 'dev' }, asked: Asked = {}) =>
    answer(sleeping(because, tags, asked).plan, 'i-1');

  test.each(['off-hours', 'idle', 'tags'] as const)('for %s is not started while the deadline is over', because => {
    expect(asleep(because)).toEqual({ code: 'untagged', since: addSeconds(noon, -HOUR), missing: ['owner'], deadline: overdue.deadline });
  });

  test('is started as ever until the very second of the deadline, and not looked at for its sake from then on', () => {
    const warned = [{ stage: 'last-day' as const, at: addSeconds(noon, -DAY) }];
    const due = (deadline: Instant) => ({ mark: { ...overdue, deadline, warned } });
    expect(asleep('off-hours', undefined, due(addSeconds(noon, 1)))).toMatchObject({ code: 'on-hours' });
    expect(asleep('off-hours', undefined, due(noon))).toMatchObject({ code: 'untagged' });
    expect(sleeping('off-hours', { environment: 'dev' }, { ...due(noon), schedule: night }).nextAt).toBe(addSeconds(noon, 8 * HOUR));
  });

  test('for its tags comes back when nothing is held against it any more: at once, or with its next hours', () => {
    const owned = { environment: 'dev', owner: 'ann' };
    expect(asleep('tags', owned)).toMatchObject({ code: 'released', why: 'tags-forgiven' });
    expect(asleep('tags', owned, { schedule: night })).toMatchObject({ code: 'asleep', because: 'tags' });
    expect(asleep('tags', { environment: 'dev' }, { tags: { mode: 'plan' } })).toMatchObject({ code: 'released', why: 'tags-forgiven' });
    const unscheduled = { schedule: undefined } as Partial<InstancePolicy>;
    expect(asleep('tags', owned, { machines: unscheduled })).toMatchObject({ code: 'released', why: 'tags-forgiven' });
    expect(asleep('off-hours', owned)).toMatchObject({ code: 'on-hours' });
  });
});
