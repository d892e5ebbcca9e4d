import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decideInstances } from '../../shared/decide/decide-instances.ts';
import { hasInstanceStore } from '../../shared/decide/rules/protection.ts';
import type { InstanceMemory } from '../../shared/model/memory.ts';
import type { Instance } from '../../shared/model/observation.ts';
import { addSeconds, DAY, HOUR, type Instant, instant, MINUTE } from '../../shared/model/time.ts';
import type { InstancePolicy } from '../../shared/policy/schema.ts';
import { sentence } from '../../shared/report/sentences.ts';
import { configOf, devTest, idleOnly } from '../support/policies.ts';
import { answer, box, debt, enrolled, hourly, instances, noon } from './facts.ts';

const evening = instant('2025-05-14T19:00:00Z');
const morning = instant('2025-05-15T07:00:00Z');

const decide = (at: Instant, boxes: readonly Instance[], memory: Record<string, InstanceMemory> = {}, policy: InstancePolicy = devTest()) =>
  decideInstances(instances(at, boxes, { memory: new Map(Object.entries(memory)) }), configOf({ policies: [policy] }));

const because = (at: Instant, one: Instance, memory?: InstanceMemory, policy?: InstancePolicy) =>
  answer(decide(at, [one], memory === undefined ? {} : { [one.ref.id]: memory }, policy).plan, one.ref.id);

describe('off-hours', () => {
  test('argue for a stop from their very first second, for every box that has run since before', () => {
    expect(because(addSeconds(evening, -1), box('i-1'))).toMatchObject({ code: 'on-hours-now', until: evening });
    expect(because(evening, box('i-1'))).toMatchObject({ code: 'off-hours', since: evening, until: morning });
    expect(because(evening, box('i-1', { launchedAt: addSeconds(evening, -1) }))).toMatchObject({ code: 'off-hours' });
    expect(because(evening, box('i-1', { launchedAt: evening }))).toMatchObject({ code: 'started-by-hand', until: morning });
  });

  test('name the same change at every tick of one evening, another on the next, and another after a failure', () => {
    const idAt = (at: Instant, memory?: InstanceMemory) => decide(at, [box('i-1')], memory && { 'i-1': memory }).plan.changes[0]?.id;
    const first = idAt(evening);
    expect(idAt(addSeconds(evening, 3 * HOUR))).toBe(first);
    expect(idAt(addSeconds(evening, DAY))).not.toBe(first);
    expect(idAt(evening, enrolled({ failedStop: { causeAt: evening, attempt: 1 } }))).not.toBe(first);
    expect(idAt(evening, enrolled({ failedStop: { causeAt: addSeconds(evening, -DAY), attempt: 3 } }))).toBe(first);
  });

  test('say what is lost, expect what argued, and count the hours that the baseline would have run', () => {
    const { plan } = decide(evening, [box('i-1', { publicIpv4: 'auto', hibernation: true })], { 'i-1': enrolled() });
    expect(plan.changes).toMatchObject([
      {
        losing: ['public-ipv4', 'memory'],
        expects: { launchedAt: box('i-1').launchedAt, tags: { 'ebb:policy': null, 'ebb:schedule': null, 'ebb:keep-until': null } },
        saving: { hours: 12, money: { low: 1_260_000, high: 1_260_000 }, baseline: 'measured' },
      },
    ]);
    const asleep = decide(evening, [box('i-1', { hibernation: true })], {}, devTest({ hibernate: true })).plan.changes[0];
    expect(asleep).toMatchObject({ action: { hibernate: true }, losing: [] });
  });
});

describe('what we owe', () => {
  const asleep = box('i-1', { state: 'stopped', stoppedAt: evening });
  const owing = enrolled({ stop: debt(evening) });

  test('is owed to a stopped box alone: one that runs again is judged like any other', () => {
    expect(because(addSeconds(evening, HOUR), asleep, owing)).toMatchObject({ code: 'asleep' });
    expect(because(addSeconds(evening, HOUR), box('i-1', { launchedAt: addSeconds(evening, 60) }), owing)).toMatchObject({
      code: 'started-by-hand',
    });
  });

  test('is nothing to a stopped box without a debt: its policy speaks first', () => {
    const stranger = box('i-1', { state: 'stopped', stoppedAt: evening, tags: { environment: 'prod' } });
    expect(because(morning, stranger, enrolled())).toEqual({ code: 'no-policy' });
    expect(because(morning, asleep, enrolled())).toEqual({ code: 'stopped-by-someone', at: evening });
  });

  test('outlives a start by others that never arrived: the box shows a launch, and no later stop', () => {
    const fellBack = { ...asleep, launchedAt: addSeconds(evening, HOUR), stoppedAt: evening };
    expect(because(addSeconds(evening, 2 * HOUR), fellBack, owing)).toMatchObject({ code: 'asleep' });
    const theirs = { ...fellBack, stoppedAt: addSeconds(evening, HOUR + 60) };
    expect(because(addSeconds(evening, 2 * HOUR), theirs, owing)).toMatchObject({ code: 'stopped-by-someone' });
  });
});

describe('idleness', () => {
  const policy = idleOnly(4);
  const at = noon;
  const of = (values: readonly (number | null)[], other: Partial<Instance> = {}) =>
    because(at, box('i-1', { cpuMax: hourly(noon, values), ...other }), undefined, policy);

  test('needs every hour of two windows', () => {
    expect(of([2, 2, 2, 2, 2])).toMatchObject({ code: 'idle', cpuMax: 2, coverage: 1 });
    expect(of([2, 2, 2, 2, 5])).toMatchObject({ code: 'in-use', cpuMax: 5 });
    expect(of([5, 2, 2, 2, 2])).toMatchObject({ code: 'in-use' }); // the earlier tick would not have agreed
    expect(of([2, 2, 2, 2, 4.999])).toMatchObject({ code: 'idle', cpuMax: 4.999 });
    expect(of([0, 0, 0, 0, 0])).toMatchObject({ code: 'idle', cpuMax: 0 }); // zero is a measurement
  });

  test('takes a hole for a hole', () => {
    expect(of([2, 2, null, 2, 2])).toMatchObject({ code: 'thin-data', coverage: 0.75, needed: 0.9 });
    expect(of([null, 2, 2, 2, 2])).toMatchObject({ code: 'thin-data' });
    expect(of([null, null, null, null, null])).toMatchObject({ code: 'thin-data', coverage: 0 });
    expect(of([])).toMatchObject({ code: 'thin-data', coverage: 0 });
    expect(because(at, box('i-1'), undefined, policy)).toMatchObject({ code: 'not-measured' });
  });

  test('does not judge a box by hours in which it was not up', () => {
    const started = addSeconds(noon, -5 * HOUR);
    expect(of([2, 2, 2, 2, 2], { launchedAt: started })).toMatchObject({ code: 'idle' });
    expect(of([2, 2, 2, 2, 2], { launchedAt: addSeconds(started, 1) })).toMatchObject({ code: 'just-started' });
  });

  test('is refused by the breaker when it argues for too many', () => {
    const few = Array.from({ length: 10 }, (_, i) => box(`i-${i}`, { cpuMax: hourly(noon, new Array(5).fill(i < 5 ? 2 : 90)) }));
    expect(decide(at, few, {}, policy).plan.changes).toHaveLength(5); // a half is believed
    const many = Array.from({ length: 10 }, (_, i) => box(`i-${i}`, { cpuMax: hourly(noon, new Array(5).fill(i < 6 ? 2 : 90)) }));
    const { plan } = decide(at, many, {}, policy);
    expect(plan.changes).toEqual([]);
    expect(answer(plan, 'i-0')).toMatchObject({ code: 'breaker', touched: 6, of: 10, would: { code: 'idle' } });
  });
});

describe('what we stopped', () => {
  const asleep = (other: Partial<InstanceMemory> = {}) => enrolled({ stop: debt(evening), ...other });
  const stopped = box('i-1', { state: 'stopped', stoppedAt: evening });
  const failing = (attempt: number, at: Instant, boundary = morning) =>
    asleep({ start: { changeId: 'chg-2', boundary, attempt, at, failure: 'no capacity' } });

  test('sleeps until on-hours and not a second longer', () => {
    expect(because(addSeconds(morning, -1), stopped, asleep())).toMatchObject({ code: 'asleep', until: morning });
    expect(because(morning, stopped, asleep())).toMatchObject({ code: 'on-hours', stoppedAt: evening, lastFailure: null });
    expect(because(addSeconds(morning, 9 * HOUR), stopped, asleep())).toMatchObject({ code: 'on-hours' });
  });

  test('is tried again after 5, 5, 10, 15 and then every 30 minutes, each try a change of its own', () => {
    const ids = new Set<string>();
    for (const [attempt, minutes] of [
      [1, 5],
      [2, 5],
      [3, 10],
      [4, 15],
      [5, 30],
      [40, 30],
    ] as const) {
      const tried = addSeconds(morning, HOUR);
      const due = addSeconds(tried, minutes * MINUTE);
      expect(because(addSeconds(due, -1), stopped, failing(attempt, tried))).toEqual({
        code: 'start-failing',
        attempts: attempt,
        why: 'no capacity',
        nextAt: due,
      });
      const [change] = decide(due, [stopped], { 'i-1': failing(attempt, tried) }).plan.changes;
      expect(change).toMatchObject({ attempt: attempt + 1, because: { code: 'on-hours', lastFailure: 'no capacity' } });
      ids.add(change?.id ?? '');
    }
    expect(ids.size).toBe(6);
  });

  test('starts counting anew on another morning', () => {
    const nextDay = addSeconds(morning, DAY);
    const memory = { ...failing(7, addSeconds(morning, HOUR)), stop: debt(addSeconds(evening, DAY)) };
    expect(decide(nextDay, [stopped], { 'i-1': memory }).plan.changes).toMatchObject([{ attempt: 1 }]);
  });

  test('is not started while nobody knows whether the last try arrived', () => {
    const start = { changeId: 'chg-2', boundary: morning, attempt: 1, at: morning, failure: null };
    expect(because(addSeconds(morning, 60), stopped, asleep({ start }))).toMatchObject({ code: 'in-transition' });
  });

  test('and others started and stopped since is theirs; a launch that fell back is not, whosever it was', () => {
    const launchedAt = addSeconds(morning, 10);
    const since = box('i-1', { state: 'stopped', launchedAt, stoppedAt: addSeconds(morning, 600) });
    expect(because(addSeconds(morning, HOUR), since, asleep())).toMatchObject({ code: 'stopped-by-someone' });
    expect(because(addSeconds(morning, HOUR), { ...since, stoppedAt: null }, asleep())).toMatchObject({ code: 'on-hours' });
    expect(because(addSeconds(morning, HOUR), since, failing(1, morning))).toMatchObject({ code: 'on-hours' });
  });

  test('is given back when nobody speaks for it any more, whatever it was stopped for; a stop in mode plan is only thought', () => {
    const orphan = box('i-1', { state: 'stopped', tags: {} });
    expect(because(addSeconds(evening, HOUR), orphan, asleep())).toMatchObject({ code: 'released', why: 'no-policy' });
    const opted = box('i-1', { state: 'stopped', tags: { environment: 'dev', 'ebb:policy': 'OFF' } });
    expect(because(noon, opted, enrolled({ stop: debt(noon, 'idle') }))).toMatchObject({ code: 'released', why: 'opted-out' });
    expect(because(noon, stopped, enrolled({ stop: debt(noon, 'idle') }), idleOnly(4))).toMatchObject({ code: 'asleep', until: null });
    const { plan } = decide(morning, [stopped], { 'i-1': asleep() }, devTest({ mode: 'plan' }));
    expect(plan.changes).toMatchObject([{ action: { kind: 'start-instance' }, mode: 'act' }]);
    expect(decide(evening, [box('i-1')], {}, devTest({ mode: 'plan' })).plan.changes).toMatchObject([{ mode: 'plan' }]);
  });

  test('comes back however many there are: starts know no budget', () => {
    const many = Array.from({ length: 50 }, (_, i) => box(`i-${i}`, { state: 'stopped' }));
    const memory = Object.fromEntries(many.map(m => [m.ref.id, asleep()]));
    const policy = devTest({ budget: { perRun: 1, perDay: 1, perOwner: 1 } });
    const facts = instances(morning, many, { memory: new Map(Object.entries(memory)), disruptionsToday: 99 });
    expect(decideInstances(facts, configOf({ policies: [policy] })).plan.changes).toHaveLength(50);
  });
});

describe('the agenda', () => {
  test('wakes at the next boundary, at the end of a wish, at the next try; at once where something is unfinished', () => {
    expect(decide(noon, [box('i-1')]).nextAt).toBe(evening);
    expect(decide(noon, []).nextAt).toBeNull();
    const kept = box('i-1', { tags: { environment: 'dev', 'ebb:keep-until': '2025-05-14T21:30:00Z' } });
    expect(decide(evening, [kept]).nextAt).toBe('2025-05-14T21:30:00Z');
    expect(decide(evening, [box('i-1')]).nextAt).toBe(evening); // proposed: argued again at the next tick until it is so
    expect(decide(noon, [box('i-1', { state: 'pending' })]).nextAt).toBe(noon);
    const old = enrolled({ stop: debt(evening), start: { changeId: 'c', boundary: noon, attempt: 9, at: noon, failure: 'no capacity' } });
    expect(decide(addSeconds(evening, HOUR), [box('i-1', { state: 'stopped' })], { 'i-1': old }).nextAt).toBe(morning);
  });
});

test.each([
  'm5d.large',
  'c6gd.xlarge',
  'r5dn.metal',
  'i3.large',
  'i4i.large',
  'm7gd.medium',
  'd3.xlarge',
  'm3.medium',
  'c5ad.large',
  'g5.xlarge',
  'g6e.xlarge',
  'gr6.4xlarge',
  'dl1.24xlarge',
  'f2.6xlarge',
  'p5en.48xlarge',
  'trn2.48xlarge',
  'im4gn.large',
])('%s carries disks that a stop would wipe', type => expect(hasInstanceStore(type)).toBe(true));
test.each(['m5.large', 't3.micro', 'c6g.large', 'r5n.large', 'm6a.large', 'inf2.xlarge', 'd.large', 'x2iezn.large', 'g5g.xlarge'])(
  '%s carries none',
  type => expect(hasInstanceStore(type)).toBe(false),
);

describe('over any facts', () => {
  const state = fc.constantFrom<Instance['state'][]>('pending', 'running', 'stopping', 'stopped', 'shutting-down', 'terminated');
  const moment = fc.integer({ min: -4 * 24, max: 4 * 24 }).map(quarters => addSeconds(evening, quarters * 900));
  const cpu = fc.option(fc.array(fc.option(fc.constantFrom(0, 2, 4.9, 5, 80)), { minLength: 5, maxLength: 5 }), { nil: undefined });
  const tags = fc.record(
    {
      environment: fc.constantFrom('dev', 'prod'),
      'ebb:policy': fc.constantFrom('off', 'dev-test', 'dev-tst', 'none', ''),
      'ebb:schedule': fc.constantFrom('office-hours', 'ofice-hours', ''),
      'ebb:keep-until': fc.constantFrom('2025-05-14', '2025-05-14T20:00', 'soon', '2025-13-40'),
      'ebb:owner': fc.constantFrom('ann', 'bob'),
    },
    { requiredKeys: [] },
  );
  const start = fc.option(
    fc.record({
      changeId: fc.constant('chg-2'),
      boundary: fc.constantFrom(evening, morning),
      attempt: fc.integer({ min: 1, max: 9 }),
      at: moment,
      failure: fc.option(fc.constant('no capacity')),
    }),
  );
  const one = fc.record({
    seen: fc.record({
      state,
      tags: tags as fc.Arbitrary<Record<string, string>>,
      launchedAt: moment,
      lifecycle: fc.constantFrom<Instance['lifecycle'][]>('on-demand', 'on-demand', 'spot'),
      stopProtection: fc.constantFrom(true, false, null),
      price: fc.constantFrom(null, box('x').price),
    }),
    cpu,
    memory: fc.option(fc.record({ stop: fc.option(fc.tuple(moment, fc.constantFrom('off-hours' as const, 'idle' as const))), start })),
  });

  const worlds = fc.record({ at: moment, boxes: fc.array(one, { maxLength: 30 }), spent: fc.integer({ min: 0, max: 12 }) });
  const policy = devTest({ idle: { cpuBelow: 5, hours: 4, coverage: 0.9 }, budget: { perRun: 4, perDay: 10, perOwner: 2 } });
  const config = configOf({ policies: [policy] });

  const factsOf = ({ at, boxes, spent }: typeof worlds extends fc.Arbitrary<infer W> ? W : never) => {
    const memory = new Map<string, InstanceMemory>();
    const seen = boxes.map(({ seen, cpu, memory: held }, i) => {
      const stop = held?.stop == null ? null : debt(...held.stop);
      if (held !== null) memory.set(`i-${i}`, enrolled({ stop, start: held.start }));
      return box(`i-${i}`, { ...seen, cpuMax: cpu === undefined ? null : hourly(addSeconds(at, -((Date.parse(at) / 1000) % HOUR)), cpu) });
    });
    return instances(at, seen, { memory, disruptionsToday: spent });
  };

  test('explained: each resource has exactly one answer, and each answer is a sentence', () => {
    fc.assert(
      fc.property(worlds, world => {
        const facts = factsOf(world);
        const { plan } = decideInstances(facts, config);
        for (const { ref } of facts.resources) expect(sentence(answer(plan, ref.id))).toMatch(/^\S.*\.$/);
        expect(plan.changes.length + plan.left.length).toBe(facts.resources.length);
        expect(new Set(plan.changes.map(c => c.id)).size).toBe(plan.changes.length);
      }),
    );
  });

  test('bounded: never more stops than the budget has, whoever asks; never a stop of what is not running', () => {
    fc.assert(
      fc.property(worlds, world => {
        const facts = factsOf(world);
        const stops = decideInstances(facts, config).plan.changes.filter(c => c.action.kind === 'stop-instance');
        expect(stops.length).toBeLessThanOrEqual(Math.min(4, Math.max(0, 10 - world.spent)));
        for (const [owner, mine] of Map.groupBy(stops, c => c.owner)) if (owner !== null) expect(mine.length).toBeLessThanOrEqual(2);
        for (const { resource } of stops) {
          const seen = facts.resources.find(r => r.ref.id === resource.id);
          expect(seen).toMatchObject({ state: 'running', lifecycle: 'on-demand' });
          expect(seen?.tags['ebb:policy'] ?? seen?.tags['environment']).toMatch(/^dev/); // asked for by name, or matched
          expect(seen?.stopProtection).not.toBe(true);
        }
      }),
    );
  });

  test('never starts what it does not owe', () => {
    fc.assert(
      fc.property(worlds, world => {
        const facts = factsOf(world);
        for (const { action, resource } of decideInstances(facts, config).plan.changes)
          if (action.kind === 'start-instance') expect(facts.memory.get(resource.id)?.stop).not.toBeNull();
      }),
    );
  });

  test('the order in which EC2 lists them decides nothing', () => {
    fc.assert(
      fc.property(worlds, world => {
        const facts = factsOf(world);
        const backwards = { ...facts, resources: facts.resources.toReversed() };
        const ids = (f: typeof facts) => decideInstances(f, config).plan.changes.map(c => c.id);
        expect(ids(backwards)).toEqual(ids(facts));
      }),
    );
  });
});
