/** `ebb:start-after`: in which order a morning starts and an evening stops, and how long anybody waits for it. */
import { describe, expect, test } from '@jest/globals';
import { decideInstances, type InstanceFacts } from '../../shared/decide/decide-instances.ts';
import type { InstanceMemory } from '../../shared/model/memory.ts';
import type { Instance } from '../../shared/model/observation.ts';
import { addSeconds, HOUR, type Instant, instant, MINUTE } from '../../shared/model/time.ts';
import type { InstancePolicy } from '../../shared/policy/schema.ts';
import { configOf, devTest, officeHours } from '../support/policies.ts';
import { answer, box, debt, enrolled, instances } from './facts.ts';

const yesterday = instant('2025-05-13T19:00:00Z');
const morning = instant('2025-05-14T07:00:00Z'); // office hours begin
const evening = instant('2025-05-14T19:00:00Z'); // … and end
const after = (minutes: number, at = morning): Instant => addSeconds(at, minutes * MINUTE);

const named = (id: string, name: string | null, startsAfter: string | null, other: Partial<Instance> = {}): Instance =>
  box(id, {
    ref: { ...box(id).ref, name },
    tags: { environment: 'dev', ...(startsAfter !== null && { 'ebb:start-after': startsAfter }) },
    ...other,
  });
const asleep = (id: string, name: string | null, startsAfter: string | null = null, other: Partial<Instance> = {}) =>
  named(id, name, startsAfter, { state: 'stopped', stoppedAt: yesterday, ...other });
const owed = enrolled({ stop: debt(yesterday) });

interface Seen {
  readonly at?: Instant;
  /** Of each, unless named: owed back. */
  readonly memory?: Readonly<Record<string, InstanceMemory | null>>;
  readonly facts?: Partial<InstanceFacts>;
  readonly policy?: Partial<InstancePolicy>;
}

function plan(boxes: readonly Instance[], { at = morning, memory = {}, facts = {}, policy = {} }: Seen = {}) {
  const known = boxes.flatMap(({ ref: { id } }): [string, InstanceMemory][] => {
    const held = memory[id] === undefined ? owed : memory[id];
    return held === null ? [] : [[id, held]];
  });
  return decideInstances(instances(at, boxes, { memory: new Map(known), ...facts }), configOf({ policies: [devTest(policy)] })).plan;
}
const of = (boxes: readonly Instance[], id: string, seen: Seen = {}) => answer(plan(boxes, seen), id);

const db = asleep('i-db', 'db');
const app = asleep('i-app', 'app', 'db');
const waits = { code: 'waits-for', turn: 'start', names: ['db'], until: after(30) };
const starts = { code: 'on-hours', since: morning };
const up = (id: string, name: string, launchedAt: Instant) => named(id, name, null, { state: 'running', launchedAt });

describe('in the morning', () => {
  test('who starts after another waits for it, and the other starts at once', () => {
    expect(of([db, app], 'i-app')).toEqual(waits);
    expect(of([db, app], 'i-db')).toMatchObject(starts);
    expect(plan([db, app]).changes.map(c => c.resource.id)).toEqual(['i-db']);
    expect(plan([db, app]).left).toMatchObject([{ resource: { id: 'i-app' }, pen: 'stop-start-instances', policy: 'dev-test' }]);
  });

  test('waiting ends when its checks have passed, or three minutes after somebody else’s start', () => {
    const boot = { boundary: morning, startedAt: morning, runningAt: after(1), failing: null };
    const at = after(10);
    const checking = { at, memory: { 'i-db': enrolled({ boot }) } };
    expect(of([up('i-db', 'db', morning), app], 'i-app', checking)).toMatchObject({ code: 'waits-for' });
    const passed = { at, memory: { 'i-db': enrolled() } };
    expect(of([up('i-db', 'db', morning), app], 'i-app', passed)).toEqual({
      ...{ code: 'on-hours', schedule: 'office-hours', since: morning, stoppedAt: yesterday, lastFailure: null },
    });
    expect(of([up('i-db', 'db', addSeconds(after(7), 1)), app], 'i-app', passed)).toMatchObject({ code: 'waits-for' });
    expect(of([up('i-db', 'db', after(7)), app], 'i-app', passed)).toMatchObject(starts);
    expect(of([named('i-db', 'db', null, { state: 'pending', launchedAt: after(1) }), app], 'i-app', passed)).toMatchObject({
      code: 'waits-for',
    });
  });

  test('nobody waits for longer than half an hour after the transition', () => {
    expect(of([db, app], 'i-app', { at: addSeconds(after(30), -1) })).toEqual(waits);
    expect(of([db, app], 'i-app', { at: after(30) })).toMatchObject({ ...starts, unordered: [{ name: 'db', why: 'late' }] });
  });

  test('what runs and is nobody’s of ours is up like any other', () => {
    const theirs = named('i-db', 'db', null, { tags: {}, launchedAt: yesterday });
    const answer = of([theirs, app], 'i-app', { memory: { 'i-db': null } });
    expect(answer).toMatchObject(starts);
    expect(answer).not.toHaveProperty('unordered');
  });

  test('what is owed is waited for, though a question about it is still open', () => {
    const start = plan([db]).changes[0];
    if (start === undefined) throw new Error('no start to ask about');
    const pending = new Map([['i-db', { change: start, claimedAt: morning }]]);
    expect(of([db, app], 'i-app', { facts: { pending } })).toEqual(waits);
  });

  test('nobody waits for what nobody is about to start', () => {
    const stopped = asleep('i-db', 'db', null, { tags: {} });
    expect(of([stopped, app], 'i-app', { memory: { 'i-db': null } })).toMatchObject({
      ...starts,
      unordered: [{ name: 'db', why: 'stopped' }],
    });
    const stopping = asleep('i-db', 'db', null, { state: 'stopping' });
    expect(of([stopping, app], 'i-app')).toMatchObject({ unordered: [{ why: 'stopped' }] });
    const inFlight = enrolled({ start: { boundary: morning, attempt: 1, at: morning, failure: null } as InstanceMemory['start'] });
    expect(of([db, app], 'i-app', { memory: { 'i-db': inFlight } })).toMatchObject({ code: 'waits-for' });
    const enforced = { policy: { enforced: true }, memory: { 'i-db': enrolled(), 'i-app': owed } };
    expect(of([db, app], 'i-app', enforced)).toMatchObject({ code: 'waits-for' }); // started for its schedule, though nothing is owed
  });

  test('a schedule that is enforced starts in order as well', () => {
    const enforced = { policy: { enforced: true }, memory: { 'i-db': enrolled(), 'i-app': enrolled() } };
    expect(of([db, app], 'i-app', enforced)).toEqual(waits);
    expect(of([db, app], 'i-app', { ...enforced, at: after(30) })).toMatchObject({ code: 'enforced', unordered: [{ why: 'late' }] });
  });

  test('a name means all who bear it, and an id the one', () => {
    const two = [asleep('i-db1', 'db'), up('i-db2', 'db', yesterday)];
    expect(of([...two, app], 'i-app')).toMatchObject({ code: 'waits-for' });
    expect(of([...two, asleep('i-app', 'app', 'i-db2')], 'i-app')).toMatchObject(starts);
    expect(of([...two, asleep('i-app', 'app', 'i-db1')], 'i-app')).toMatchObject({ code: 'waits-for', names: ['i-db1'] });
    const theirs = asleep('i-db2', 'db', null, { tags: {} }); // stopped by somebody, while the other is on its way
    expect(of([asleep('i-db1', 'db'), theirs, app], 'i-app', { memory: { 'i-db2': null } })).toMatchObject({ code: 'waits-for' });
    const nameless = [asleep('i-db', null), asleep('i-app', 'app', 'i-db')];
    expect(of(nameless, 'i-app')).toMatchObject({ code: 'waits-for', names: ['i-db'] });
  });

  test('several names are waited for, each for itself', () => {
    const boxes = [db, up('i-q', 'queue', yesterday), asleep('i-app', 'app', 'queue, db , nobody')];
    expect(of(boxes, 'i-app')).toMatchObject({ code: 'waits-for', names: ['db'] });
    expect(of(boxes, 'i-app', { at: after(30) })).toMatchObject({
      unordered: [
        { name: 'db', why: 'late' },
        { name: 'nobody', why: 'unknown' },
      ],
    });
  });

  test('a name that means nothing holds nobody, unless it may mean somebody who was not looked at', () => {
    expect(of([app], 'i-app')).toMatchObject({ ...starts, unordered: [{ name: 'db', why: 'unknown' }] });
    expect(of([app], 'i-app', { facts: { whole: false } })).toEqual(waits);
    const late = { at: after(30), facts: { whole: false } };
    expect(of([app], 'i-app', late)).toMatchObject({ ...starts, unordered: [{ name: 'db', why: 'late' }] });
    const gone = (state: 'terminated' | 'shutting-down') => of([asleep('i-db', 'db', null, { state }), app], 'i-app');
    expect(gone('terminated')).toMatchObject({ unordered: [{ why: 'unknown' }] });
    expect(gone('shutting-down')).toMatchObject({ unordered: [{ why: 'unknown' }] });
  });

  test('who means itself in the end waits for nobody', () => {
    const ring = [asleep('i-a', 'a', 'b'), asleep('i-b', 'b', 'c'), asleep('i-c', 'c', 'a')];
    for (const id of ['i-a', 'i-b', 'i-c']) expect(of(ring, id)).toMatchObject({ ...starts, unordered: [{ why: 'cycle' }] });
    expect(of([asleep('i-a', 'a', 'a')], 'i-a')).toMatchObject({ unordered: [{ name: 'a', why: 'cycle' }] });
    const twins = [asleep('i-a', 'a', 'b'), asleep('i-b1', 'b'), asleep('i-b2', 'b', 'a')];
    expect(of(twins, 'i-a')).toMatchObject({ unordered: [{ name: 'b', why: 'cycle' }] }); // through one of two
    const aside = [asleep('i-a', 'a', 'b'), asleep('i-b', 'b', 'a, leaf'), asleep('i-leaf', 'leaf')];
    expect(of(aside, 'i-a')).toMatchObject({ unordered: [{ name: 'b', why: 'cycle' }] }); // wherever else it leads
    const beside = [asleep('i-app', 'app', 'a'), ...ring];
    expect(of(beside, 'i-app')).toMatchObject({ code: 'waits-for', names: ['a'] }); // it is in no ring itself
  });

  test('a chain starts link by link', () => {
    const chain = [db, app, asleep('i-web', 'web', 'app')];
    expect(plan(chain).changes.map(c => c.resource.id)).toEqual(['i-db']);
    expect(of(chain, 'i-web')).toMatchObject({ code: 'waits-for', names: ['app'] });
  });

  test('what is given back for another reason waits for nobody', () => {
    const { schedule: _, ...always } = devTest();
    const released = decideInstances(
      instances(morning, [db, app], {
        memory: new Map([
          ['i-db', owed],
          ['i-app', owed],
        ]),
      }),
      configOf({ policies: [always] }),
    );
    expect(answer(released.plan, 'i-app')).toMatchObject({ code: 'released' });
  });
});

describe('in the evening', () => {
  const running = [named('i-db', 'db', null), named('i-app', 'app', 'db')];
  const stays = { code: 'waits-for', turn: 'stop', names: ['app'], until: after(15, evening) };
  const at = (when: Instant, policy: Partial<InstancePolicy> = {}) => ({
    at: when,
    memory: { 'i-db': enrolled(), 'i-app': enrolled() },
    policy,
  });

  test('what others start after is stopped after them, a quarter of an hour later at most', () => {
    expect(of(running, 'i-db', at(evening))).toEqual(stays);
    expect(of(running, 'i-app', at(evening))).toMatchObject({ code: 'off-hours' });
    expect(of(running, 'i-db', at(addSeconds(after(15, evening), -1)))).toEqual(stays);
    expect(of(running, 'i-db', at(after(15, evening)))).toMatchObject({ code: 'off-hours' });
  });

  test('and at once when they are gone, or not to be stopped by us', () => {
    const [base, top] = running as [Instance, Instance];
    expect(of([base, { ...top, state: 'stopped', stoppedAt: evening }], 'i-db', at(evening))).toMatchObject({ code: 'off-hours' });
    expect(of([base, { ...top, tags: { ...top.tags, 'ebb:keep-until': '2025-05-20' } }], 'i-db', at(evening))).toMatchObject({
      code: 'off-hours',
    });
    expect(of(running, 'i-db', at(evening, { mode: 'plan' }))).toMatchObject({ code: 'off-hours' });
  });

  test('and at once when those stop for another reason, at another hour, or are about to start', () => {
    const schedules = [
      officeHours(),
      { name: 'early', timeZone: 'UTC', periods: [{ begin: '07:00', end: '18:00' }] },
      { name: 'nights', timeZone: 'UTC', periods: [{ begin: '19:00', end: '23:00' }] },
    ];
    const beside = (schedule: string, other: Partial<Instance> = {}, memory = enrolled(), facts: Partial<InstanceFacts> = {}) => {
      const top = named('i-app', 'app', 'db', {
        ...other,
        tags: { environment: 'dev', 'ebb:start-after': 'db', 'ebb:schedule': schedule },
      });
      const held = new Map([
        ['i-db', enrolled()],
        ['i-app', memory],
      ]);
      const config = configOf({ policies: [devTest()], schedules });
      const decided = decideInstances(instances(evening, [named('i-db', 'db', null), top], { memory: held, ...facts }), config).plan;
      return [answer(decided, 'i-app').code, answer(decided, 'i-db').code];
    };
    expect(beside('office-hours')).toEqual(['off-hours', 'waits-for']);
    expect(beside('early')).toEqual(['off-hours', 'off-hours']); // it is an hour late already
    const slept = enrolled({ stop: debt(yesterday) });
    expect(beside('nights', { state: 'stopped', stoppedAt: yesterday }, slept)).toEqual(['on-hours', 'off-hours']);
    const wish = { id: 'w', at: evening, by: 'U1', via: 'slack', why: null, want: 'stopped' } as const;
    expect(beside('office-hours', {}, enrolled(), { wishes: new Map([['i-app', wish]]) })).toEqual(['asked', 'off-hours']);
  });

  test('whatever else those start after, and whoever else bears its name', () => {
    const boxes = [
      ...[named('i-db', 'db', null), named('i-db2', 'db', null), named('i-q', 'queue', null)],
      ...[named('i-app', 'app', 'queue, db'), named('i-web', 'web', 'queue')],
    ];
    const seen = { ...at(evening), memory: Object.fromEntries(boxes.map(({ ref }) => [ref.id, enrolled()])) };
    expect([of(boxes, 'i-db', seen), of(boxes, 'i-db2', seen)]).toEqual([stays, stays]);
    expect(of(boxes, 'i-q', seen)).toEqual({ ...stays, names: ['app', 'web'] });
  });

  test('who has no name is named by its id, and a ring is no order', () => {
    expect(of([named('i-db', 'db', null), named('i-app', null, 'db')], 'i-db', at(evening))).toMatchObject({ names: ['i-app'] });
    const ring = [named('i-db', 'db', 'app'), named('i-app', 'app', 'db')];
    for (const id of ['i-db', 'i-app']) expect(of(ring, id, at(evening))).toMatchObject({ code: 'off-hours' });
  });

  test('a stop that is not for the hours waits for nobody', () => {
    const wish = { id: 'w', at: evening, by: 'U1', via: 'slack', why: null, want: 'stopped' } as const;
    const asked = { ...at(addSeconds(evening, HOUR / 4 - 60)), facts: { wishes: new Map([['i-db', wish]]) } };
    expect(of(running, 'i-db', asked)).toMatchObject({ code: 'asked' });
  });
});
