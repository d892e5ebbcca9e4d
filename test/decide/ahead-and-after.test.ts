/** Starts ahead of their hours, who is retained after them, maintenance that is due, and what a change says of its own worth. */
import { describe, expect, test } from '@jest/globals';
import { type Checked, decideInstances, type InstanceFacts } from '../../shared/decide/decide-instances.ts';
import { savingOfSize, savingOfSleep } from '../../shared/decide/saving.ts';
import type { InstanceMemory, Retype } from '../../shared/model/memory.ts';
import { usd } from '../../shared/model/money.ts';
import type { Instance, Maintenance } from '../../shared/model/observation.ts';
import { addSeconds, DAY, HOUR, type Instant, instant, MINUTE } from '../../shared/model/time.ts';
import type { InstancePolicy, Schedule } from '../../shared/policy/schema.ts';
import { configOf, devTest } from '../support/policies.ts';
import { always, answer, box, debt, enrolled, instances, lastWeek, noon } from './facts.ts';

const evening = instant('2025-05-14T19:00:00Z'); // office hours end
const night = instant('2025-05-14T23:00:00Z');
const morning = instant('2025-05-15T07:00:00Z'); // … and begin

interface Seen {
  readonly at?: Instant;
  readonly one?: Partial<Instance>;
  readonly memory?: Partial<InstanceMemory> | null;
  readonly policy?: Partial<InstancePolicy>;
  readonly facts?: Partial<InstanceFacts>;
}
function decided({ at = noon, one = {}, memory = {}, policy = {}, facts = {} }: Seen = {}) {
  const held = new Map(memory === null ? [] : [['i-1', enrolled(memory)]]);
  return decideInstances(instances(at, [box('i-1', one)], { memory: held, ...facts }), configOf({ policies: [devTest(policy)] }));
}
const because = (seen?: Seen) => answer(decided(seen).plan, 'i-1');
const change = (seen?: Seen) => decided(seen).plan.changes[0];

describe('a start ahead of its hours', () => {
  const early = { start: { early: true, fallbackTypes: [] } } as unknown as Partial<InstancePolicy>;
  const asleep = (boots: readonly number[]) => ({
    one: { state: 'stopped', stoppedAt: evening } as const,
    memory: { stop: debt(evening), boots },
  });
  const five = asleep([240, 300]);

  test('is made so long before as its starts take, for the transition that it is ahead of', () => {
    expect(because({ ...five, at: addSeconds(morning, -301), policy: early })).toMatchObject({ code: 'asleep', until: morning });
    expect(change({ ...five, at: addSeconds(morning, -300), policy: early })).toMatchObject({
      because: { code: 'on-hours', schedule: 'office-hours', since: morning, stoppedAt: evening, lastFailure: null, takes: 300 },
      causeAt: morning,
    });
    expect(decided({ ...five, at: night, policy: early }).nextAt).toBe(addSeconds(morning, -300));
  });

  test('is made for no hour that is left open, nor out of one', () => {
    const at = (when: Instant, begin = '07:00', { one, memory } = five) => {
      const schedule: Schedule = { name: 'office-hours', timeZone: 'UTC', periods: [{ end: '19:00' }, { begin, end: '12:00' }] };
      const facts = instances(when, [box('i-1', one)], { memory: new Map([['i-1', enrolled(memory)]]) });
      return answer(decideInstances(facts, configOf({ policies: [devTest(early)], schedules: [schedule] })).plan, 'i-1');
    };
    const midnight = addSeconds(night, HOUR);
    for (const when of [addSeconds(midnight, -1), midnight, addSeconds(morning, -1)])
      expect(at(when)).toMatchObject({ code: 'asleep', until: morning });
    expect(at(morning)).toMatchObject({ code: 'on-hours' });
    // Off until midnight, open for five minutes, then on: a start in between would be one in off-hours.
    expect(at(addSeconds(midnight, -60), '00:05', asleep([600, 600]))).toMatchObject({ code: 'asleep' });
  });

  test('is made for nobody who does not ask, and of whom too few starts are known', () => {
    expect(because({ ...five, at: addSeconds(morning, -60) })).toMatchObject({ code: 'asleep' });
    expect(because({ ...asleep([300]), at: addSeconds(morning, -60), policy: early })).toMatchObject({ code: 'asleep' });
    const on = because({ ...five, at: addSeconds(noon, 60), policy: early });
    expect(on).toMatchObject({ code: 'on-hours' });
    expect(on).not.toHaveProperty('takes');
  });

  test('is not undone before the hours that it was ahead of, and those end like any others', () => {
    const ahead = { at: addSeconds(morning, -60), one: { launchedAt: addSeconds(morning, -200) }, memory: { aheadOf: morning } };
    expect(because(ahead)).toEqual({ code: 'started-ahead', schedule: 'office-hours', of: morning });
    expect(because({ ...ahead, at: morning })).toMatchObject({ code: 'on-hours-now' });
    expect(because({ ...ahead, memory: { aheadOf: addSeconds(morning, DAY) } })).toMatchObject({ code: 'started-by-hand' });
    expect(because({ ...ahead, memory: {} })).toMatchObject({ code: 'started-by-hand' });
    expect(because({ memory: { aheadOf: evening } })).toMatchObject({ code: 'on-hours-now' }); // its hours have been moved since
    const { schedule: _, ...rest } = devTest();
    const unscheduled = decideInstances(
      instances(ahead.at, [box('i-1', ahead.one)], { memory: new Map([['i-1', enrolled(ahead.memory)]]) }),
      configOf({ policies: [rest] }),
    );
    expect(answer(unscheduled.plan, 'i-1')).toMatchObject({ code: 'on-hours-now', schedule: 'none' });
  });
});

test('hours that never come stop nobody, and start nobody', () => {
  const never: Schedule = {
    name: 'office-hours',
    timeZone: 'UTC',
    periods: [{ months: 'feb', monthdays: '30', begin: '07:00', end: '19:00' }],
  };
  const of = (one: Partial<Instance>, memory: Partial<InstanceMemory> = {}) => {
    const facts = instances(noon, [box('i-1', one)], { memory: new Map([['i-1', enrolled(memory)]]) });
    return answer(decideInstances(facts, configOf({ schedules: [never] })).plan, 'i-1');
  };
  expect(of({})).toMatchObject({ code: 'on-hours-now', until: null });
  expect(of({ state: 'stopped', stoppedAt: noon }, { stop: debt(lastWeek) })).toMatchObject({ code: 'asleep', until: null });
});

describe('who was started outside of its hours', () => {
  const retaining = { retainRunning: true };
  const nextEvening = addSeconds(evening, DAY);
  const started = (launchedAt: Instant, memory: Partial<InstanceMemory> = {}, policy = retaining) =>
    because({ at: nextEvening, one: { launchedAt }, memory, policy });

  test('is retained through the hours that follow, where the policy says so', () => {
    expect(started(night)).toEqual({ code: 'retained', at: night, schedule: 'office-hours' });
    expect(started(night, {}, { retainRunning: false })).toMatchObject({ code: 'off-hours' });
    expect(started(addSeconds(morning, HOUR))).toMatchObject({ code: 'off-hours' });
  });

  test('but not where that was us, ahead of them', () => {
    const ahead = addSeconds(morning, -200);
    expect(started(ahead, { aheadOf: morning })).toMatchObject({ code: 'off-hours' });
    expect(started(ahead, { aheadOf: addSeconds(ahead, -DAY) })).toMatchObject({ code: 'retained' });
    expect(started(ahead, { aheadOf: ahead })).toMatchObject({ code: 'retained' });
  });
});

describe('maintenance of AWS', () => {
  const event = (notBefore: Instant, notAfter: Instant | null = null, code = 'system-reboot'): Maintenance =>
    ({ code, notBefore, notAfter }) as Maintenance;
  const left = (...events: Maintenance[]) => {
    const checked = new Map<string, Checked>([['i-1', { events, surplus: 0 }]]);
    return because({ at: night, facts: { checked } });
  };

  test('that is due within a day is not collided with', () => {
    const tomorrow = addSeconds(night, DAY);
    expect(left(event(tomorrow))).toEqual({ code: 'scheduled-event', event: 'system-reboot', from: tomorrow, until: null });
    expect(left(event(addSeconds(tomorrow, 1)))).toMatchObject({ code: 'off-hours' });
    expect(left()).toMatchObject({ code: 'off-hours' });
  });

  test('that is over is none, and of several the first is told', () => {
    expect(left(event(noon, night))).toMatchObject({ code: 'off-hours' });
    expect(left(event(noon, addSeconds(night, 1)))).toMatchObject({ code: 'scheduled-event', until: addSeconds(night, 1) });
    const later = event(addSeconds(night, HOUR), null, 'instance-retirement');
    expect(left(later, event(night))).toMatchObject({ event: 'system-reboot' });
    expect(left(event(night), later)).toMatchObject({ event: 'system-reboot' });
    expect(left(event(night), event(night, null, 'instance-retirement'))).toMatchObject({ event: 'system-reboot' });
  });
});

describe('credits that a burstable instance has borrowed', () => {
  const left = (surplus: number, policy: Partial<InstancePolicy> = {}, other: object = {}) => {
    const price = { perHour: usd(0.0416), source: 'list', ...other };
    const checked = new Map<string, Checked>([['i-1', { events: [], surplus }]]);
    return because({ at: night, one: { type: 't3.medium', price }, policy, facts: { checked } });
  };

  test('keep it running where its stop would bill as much for them as its hours save', () => {
    // Eight hours at $0.0416 are $0.3328; 400 credits at $0.05 a vCPU-hour are $0.333333.
    expect(left(400)).toEqual({ code: 'surplus-credits', credits: 400, charge: 333_333, saving: 332_800 });
    expect([left(399), left(0)]).toMatchObject([{ code: 'off-hours' }, { code: 'off-hours' }]);
  });

  test('are asked about before what is paid for', () => {
    const covered = { coverage: { covered: 10_000, source: 'Cost Explorer' } };
    expect(left(0, { covered: 'leave' }, covered)).toEqual({ code: 'covered', source: 'Cost Explorer' });
    expect(left(400, { covered: 'leave' }, covered)).toMatchObject({ code: 'surplus-credits' });
  });
});

describe('local disks', () => {
  const gb = (type: string, instanceStoreGb: number) =>
    new Map([[type, { type, instanceStoreGb }]]) as unknown as NonNullable<InstanceFacts['types']>;

  test('are known by what EC2 tells of the type, and by its name where it has not been asked', () => {
    const left = (type: string, types?: InstanceFacts['types']) =>
      because({ at: night, one: { type }, facts: types === undefined ? {} : { types } });
    expect(left('new9.large', gb('new9.large', 100))).toEqual({ code: 'instance-store-data', type: 'new9.large' });
    expect(left('m5d.large', gb('m5d.large', 0))).toMatchObject({ code: 'off-hours' });
    expect(left('m5d.large', gb('other', 0))).toMatchObject({ code: 'instance-store-data' });
  });
});

describe('what a stop is said to be worth', () => {
  const saving = (seen: Seen) => change({ at: night, ...seen })?.saving;

  test('is with its public address where a stop gives that back', () => {
    expect(saving({ one: { publicIpv4: 'auto' } })).toMatchObject({ addressPerHour: usd(0.005), hours: 8 });
    expect(change({ at: night, one: { publicIpv4: 'auto' } })?.losing).toEqual(['public-ipv4', 'memory']);
    expect(saving({})).not.toHaveProperty('addressPerHour');
  });

  test('is reckoned by hours that were declared as by those that were measured', () => {
    const window = { start: night, end: morning };
    const price = { perHour: usd(0.1), source: 'list' };
    const half = { ...always, runs: new Array(168).fill(2) };
    const worth = (baseline: typeof always) => savingOfSleep(window, { price, baseline, commitments: 'none' });
    expect(worth(half)).toMatchObject({ hours: 4, money: { low: usd(0.4), high: usd(0.4) }, baseline: 'measured' });
    expect(worth({ ...half, kind: 'declared' } as unknown as typeof always)).toMatchObject({
      hours: 4,
      money: { high: usd(0.4) },
      baseline: 'declared',
    });
  });

  test('says how its price is billed, where that is another', () => {
    const price = { perHour: usd(0.1), source: 'list', billedAs: 'RunInstances:0002' } as unknown as NonNullable<Instance['price']>;
    expect(saving({ one: { price } })).toMatchObject({ billedAs: 'RunInstances:0002' });
    expect(saving({})).not.toHaveProperty('billedAs');
  });

  test('of a smaller type is a day of the hours that it runs, and no hour is avoided', () => {
    const evidence = {
      days: 14,
      hours: 336,
      cpuMax: 30,
      cpuAfter: 60,
      memoryMax: 30,
      memoryAfter: 60,
      perHour: usd(0.1),
      priceSource: 'list',
    };
    const because_ = { code: 'rightsize', fromType: 'm5.xlarge', toType: 'm5.large', ...evidence } as const;
    expect(savingOfSize(because_, noon, { baseline: always, commitments: 'none' })).toMatchObject({
      ...{ window: { start: noon, end: addSeconds(noon, DAY) }, hours: 0, money: { low: usd(2.4), high: usd(2.4) } },
      ...{ perHour: usd(0.1), priceSource: 'list', baseline: 'measured' },
    });
    expect(
      savingOfSize({ code: 'released', stoppedAt: noon, why: 'no-policy' }, noon, { baseline: always, commitments: 'none' }),
    ).toBeNull();
  });

  test('is unknown money where no baseline was read yet', () => {
    expect(saving({ memory: null })).toMatchObject({ money: null, hours: 8 });
  });
});

describe('whose leave a change waits for', () => {
  test('undoing our own doing waits for nobody’s, a smaller type for that of its own rule', () => {
    const planning = { mode: 'plan' as const };
    const retype: Retype = { at: evening, own: 'm5.xlarge', to: 'm5.large', because: 'rightsize', failing: 'impaired', back: null };
    const boot = { boundary: morning, startedAt: morning, runningAt: morning, failing: 'impaired' };
    const undone = { at: addSeconds(morning, 11 * MINUTE), one: { launchedAt: morning }, memory: { retype, boot }, policy: planning };
    expect(change({ ...undone, facts: { checks: new Map([['i-1', 'impaired']]) } })).toMatchObject({
      because: { code: 'resize-undone' },
      mode: 'act',
    });
    expect(change({ at: night, policy: planning })).toMatchObject({ because: { code: 'off-hours' }, mode: 'plan' });
    const owed = { at: morning, one: { state: 'stopped', stoppedAt: evening } as const, memory: { stop: debt(evening) }, policy: planning };
    expect(change(owed)).toMatchObject({ because: { code: 'on-hours' }, mode: 'act' });
  });

  test('a smaller type expects what people say with their tags, like a stop', () => {
    const resize = { mode: 'plan', days: 14, cpuTo: 80, memoryTo: 80 } as const;
    const evidence = {
      days: 14,
      hours: 336,
      cpuMax: 30,
      cpuAfter: 60,
      memoryMax: 30,
      memoryAfter: 60,
      perHour: usd(0.1),
      priceSource: 'list',
    };
    const sized = { at: noon, from: 'm5.xlarge', to: 'm5.large', why: null, evidence, since: null } as const;
    const asleep = { state: 'stopped', stoppedAt: evening, type: 'm5.xlarge' } as const;
    expect(
      change({ at: night, one: asleep, memory: { stop: debt(evening), sized }, policy: { resize } as Partial<InstancePolicy> }),
    ).toMatchObject({
      because: { code: 'rightsize' },
      mode: 'plan',
      expects: { launchedAt: lastWeek, tags: { 'ebb:policy': null, 'ebb:schedule': null, 'ebb:keep-until': null, environment: 'dev' } },
      saving: { hours: 0, baseline: 'measured', money: { high: usd(2.4) } },
    });
  });
});
