/** Whole answers about fleets, to the last field, and every boundary from both sides: an edge that no test stands on is an edge that moves. */
import { describe, expect, test } from '@jest/globals';
import { decideFleets } from '../../shared/decide/decide-fleets.ts';
import { enrolFleet, enrolInstance, needsBaseline } from '../../shared/decide/enrol.ts';
import { firstVerdict } from '../../shared/decide/rules/rule.ts';
import { savingOfCapacity, savingOfSleep } from '../../shared/decide/saving.ts';
import type { Baseline } from '../../shared/model/baseline.ts';
import type { FleetMemory, PendingChange } from '../../shared/model/memory.ts';
import { usd } from '../../shared/model/money.ts';
import type { Fleet } from '../../shared/model/observation.ts';
import { type Change, changeId } from '../../shared/model/plan.ts';
import { addSeconds, HOUR, type Instant, instant, MINUTE } from '../../shared/model/time.ts';
import { configOf, webFleet } from '../support/policies.ts';
import { always, answer, enrolled, fleet, fleets, lastWeek, noon, scope, unknown } from './facts.ts';

const signal = (values: readonly (number | null)[], end = addSeconds(noon, -MINUTE)) => ({
  start: addSeconds(end, -values.length * MINUTE),
  periodSeconds: MINUTE,
  values,
});
const steady = (value: number, length = 17) => new Array<number>(length).fill(value);
const known = (other: Partial<FleetMemory> = {}): FleetMemory => ({
  ...{ enrolledAt: lastWeek, baseline: always, lastScaleOut: null, lastScaleInAt: null, meter: null },
  ...other,
});
const decided = (one: Fleet, memory: FleetMemory | null = known(), policy = webFleet(), at: Instant = noon) =>
  decideFleets(fleets(at, [one], { memory: new Map(memory === null ? [] : [['web', memory]]) }), configOf({ policies: [policy] }));
const because = (...asked: Parameters<typeof decided>) => answer(decided(...asked).plan, 'web');
const minutesAgo = (n: number) => addSeconds(noon, -n * MINUTE);

describe('a resize', () => {
  test('out is a whole change', () => {
    const one = fleet({ signal: signal(steady(80)), tags: { 'ebb:owner': 'web@example.com' } });
    const action = { kind: 'set-desired-capacity', desiredCapacity: 7 } as const;
    const expects = { desiredCapacity: 4 };
    const causeAt = addSeconds(noon, -MINUTE);
    const change: Change = {
      id: changeId({ resource: one.ref, action, expects, causeAt, attempt: 1 }),
      pen: 'resize-fleets',
      resource: one.ref,
      action,
      because: { code: 'above-target', carriers: 4, value: 80, target: 50, from: 4, to: 7, datapoints: 17 },
      causeAt,
      expects,
      attempt: 1,
      policy: 'web',
      mode: 'act',
      saving: {
        window: { start: noon, end: addSeconds(noon, HOUR) },
        hours: -3,
        money: { low: usd(-0.3), high: usd(-0.3) },
        perHour: usd(0.1),
        priceSource: 'list price of 2025-04-04 (table)',
        baseline: 'measured',
      },
      losing: [],
      owner: 'web@example.com',
    };
    const { plan, next, nextAt } = decided(one, known({ capacity: { is: 4, changedAt: null } }));
    expect(plan).toEqual({ version: 1, at: noon, scopes: [scope], changes: [change], left: [], unread: [] });
    expect([next.size, nextAt]).toEqual([0, noon]);
  });

  test('in is a whole change, and what it removes is lost', () => {
    const [change] = decided(fleet({ desiredCapacity: 10, signal: signal(steady(20)) })).plan.changes;
    expect(change).toMatchObject({
      action: { kind: 'set-desired-capacity', desiredCapacity: 4 },
      because: { code: 'below-target', value: 20, target: 50, from: 10, to: 4, datapoints: 17 },
      expects: { desiredCapacity: 10 },
      causeAt: addSeconds(noon, -MINUTE),
      attempt: 1,
      saving: { hours: 6, money: { low: usd(0.6), high: usd(0.6) } },
      losing: ['capacity'],
      owner: null,
    });
  });

  test('back into its bounds expects what it saw', () => {
    const [low] = decided(fleet({ desiredCapacity: 1 })).plan.changes;
    expect(low).toMatchObject({ because: { code: 'outside-bounds', from: 1, to: 2, min: 2, max: 20 }, expects: { desiredCapacity: 1 } });
    expect(low).toMatchObject({ causeAt: noon, attempt: 1 });
    expect(because(fleet({ desiredCapacity: 2 }))).toMatchObject({ code: 'silent-metric' });
    expect(because(fleet({ desiredCapacity: 20 }))).toMatchObject({ code: 'silent-metric' });
    expect(because(fleet({ desiredCapacity: 21 }))).toMatchObject({ code: 'outside-bounds', to: 20 });
  });
});

describe('hands off', () => {
  const loud = { signal: signal(steady(80)) };

  test('of what nobody speaks for, what opted out and what a typo hides', () => {
    const left = (one: Fleet) => decided(one).plan.left;
    const stranger = fleet({ ...loud, ref: { kind: 'auto-scaling-group', id: 'other', name: 'other', scope } });
    expect(left(stranger)).toEqual([{ resource: stranger.ref, pen: 'resize-fleets', because: { code: 'no-policy' }, policy: null }]);
    const optedOut = fleet({ ...loud, tags: { 'ebb:policy': 'off' } });
    expect(left(optedOut)).toEqual([
      { resource: optedOut.ref, pen: 'resize-fleets', because: { code: 'opted-out', tag: 'ebb:policy' }, policy: null },
    ]);
    expect(left(fleet({ ...loud, tags: { 'ebb:policy': 'wep' } }))[0]?.because).toMatchObject({ code: 'bad-tag', value: 'wep' });
    expect(decided(fleet()).plan.left[0]).toMatchObject({ pen: 'resize-fleets', policy: 'web' });
  });

  test('of other writers', () => {
    expect(because(fleet({ ...loud, beanstalk: 'shop' }))).toEqual({ code: 'beanstalk-owned', environment: 'shop' });
    const tracked = fleet({ ...loud, awsPolicies: ['cpu-50'] });
    expect(because(tracked)).toEqual({ code: 'aws-scaling-policies', names: ['cpu-50'] });
    expect(because(tracked, known(), webFleet({ takeOver: true }))).toMatchObject({ code: 'above-target' });
  });

  test('of what somebody suspended, if a resize needs it', () => {
    const suspended = (...processes: string[]) => because(fleet({ ...loud, suspended: processes }));
    expect(suspended('Launch')).toEqual({ code: 'suspended', processes: ['Launch'] });
    expect(suspended('AZRebalance', 'Terminate')).toEqual({ code: 'suspended', processes: ['Terminate'] });
    expect(suspended('AZRebalance')).toMatchObject({ code: 'above-target' });
  });

  test('of bounds that contradict each other, but not of bounds that meet', () => {
    expect(because(fleet({ ...loud, maxSize: 1 }))).toEqual({
      ...{ code: 'bounds-contradict', policyMin: 2, policyMax: 20, groupMin: 0, groupMax: 1 },
    });
    expect(because(fleet({ ...loud, desiredCapacity: 2, maxSize: 2 }))).toMatchObject({ code: 'at-max', max: 2 });
  });

  test('of a question that is still open', () => {
    const [change] = decided(fleet(loud)).plan.changes;
    if (change === undefined) throw new Error('no change to ask about');
    const pending = new Map<string, PendingChange>([['web', { change, claimedAt: minutesAgo(1) }]]);
    const { plan } = decideFleets(fleets(noon, [fleet(loud)], { pending }), configOf({ policies: [webFleet()] }));
    expect(plan.changes).toEqual([]);
    expect(answer(plan, 'web')).toEqual({ code: 'unsettled', changeId: change.id, claimedAt: minutesAgo(1) });
  });
});

describe('the edges of demand', () => {
  test('at the ends of its range it says so, whatever is asked', () => {
    expect(because(fleet({ desiredCapacity: 20, signal: signal(steady(80)) }))).toEqual({ code: 'at-max', value: 80, target: 50, max: 20 });
    expect(because(fleet({ desiredCapacity: 19, signal: signal(steady(80)) }))).toMatchObject({ code: 'above-target', to: 20 });
    expect(because(fleet({ desiredCapacity: 2, signal: signal(steady(20)) }))).toEqual({ code: 'at-min', value: 20, target: 50, min: 2 });
    expect(because(fleet({ desiredCapacity: 3, signal: signal(steady(20)) }))).toMatchObject({ code: 'below-target', to: 2 });
  });

  test('silence begins after five periods, and a metric that never spoke is silent since its window', () => {
    const heard = (ago: number) => because(fleet({ signal: signal(steady(80), addSeconds(noon, -ago * MINUTE)) }));
    expect(heard(5)).toMatchObject({ code: 'above-target' });
    expect(heard(6)).toEqual({ code: 'silent-metric', metric: 'CPUUtilization', since: minutesAgo(6) });
    expect(because(fleet({ signal: null }))).toEqual({ code: 'silent-metric', metric: 'CPUUtilization', since: noon });
    const mute = signal([null, null, null]);
    expect(because(fleet({ signal: mute }))).toEqual({ code: 'silent-metric', metric: 'CPUUtilization', since: mute.start });
  });

  test('fifteen datapoints confirm a scale-in, fourteen do not', () => {
    const of = (length: number) => because(fleet({ desiredCapacity: 10, signal: signal([60, ...steady(20, length)]) }));
    expect(of(14)).toEqual({ code: 'confirming', value: 20, target: 50, seen: 14, needed: 15 });
    expect(of(15)).toMatchObject({ code: 'below-target', datapoints: 15 });
  });

  test('the peak of its window keeps it where it is', () => {
    const fifteen = (peak: number) => [99, peak, ...steady(10, 14)];
    const of = (peak: number, other: Partial<Fleet> = {}) =>
      because(fleet({ desiredCapacity: 10, ...other, signal: signal(fifteen(peak)) }));
    expect(of(44)).toMatchObject({ code: 'below-target', to: 9 });
    const three = fleet({ desiredCapacity: 3, signal: signal(steady(40)) });
    expect(because(three)).toEqual({ code: 'on-target', value: 40, target: 50, capacity: 3 });
  });

  test('a hole in the window is no load', () => {
    const values = [...steady(20, 5), null, ...steady(20, 15)];
    expect(because(fleet({ desiredCapacity: 10, signal: signal(values) }))).toMatchObject({ code: 'below-target', to: 4 });
    const late = [...steady(20, 16), null];
    expect(because(fleet({ desiredCapacity: 10, signal: signal(late, noon) }))).toMatchObject({
      code: 'below-target',
      to: 4,
      datapoints: 16,
    });
  });
});

describe('warm-up and cool-down', () => {
  /** A scale-out of so many seconds ago, from 4 to 8; warm-up 180 s and two periods of metric: 300 s. */
  const grown = (secondsAgo: number, value: number, other: Partial<Fleet> = {}) =>
    because(
      fleet({ desiredCapacity: 8, signal: signal(steady(value)), ...other }),
      known({ lastScaleOut: { at: addSeconds(noon, -secondsAgo), from: 4 } }),
      webFleet({ cooldown: 0 }),
    );

  test('while it warms, the old members alone make the metric', () => {
    expect(grown(299, 80)).toEqual({ code: 'warming-up', pending: 4, wanted: 7 });
    expect(grown(300, 80)).toMatchObject({ code: 'above-target', carriers: 8, to: 13 });
    expect(grown(299, 120)).toMatchObject({ code: 'above-target', carriers: 4, to: 10 });
    expect(grown(299, 20)).toEqual({ code: 'warming-up', pending: 4, wanted: 2 });
    expect(grown(300, 20)).toMatchObject({ code: 'below-target', to: 4 });
  });

  test('members that are not in service carry nothing', () => {
    const members = fleet({ desiredCapacity: 4 }).members.map((m, i) => ({ ...m, lifecycleState: i < 2 ? 'InService' : 'Pending' }));
    expect(because(fleet({ signal: signal(steady(120)), members }))).toMatchObject({ code: 'above-target', carriers: 2, to: 5 });
  });

  /** What the latest changes hold back, under a cool-down of ten minutes. */
  const held = (out: number | null, inward: number | null) =>
    because(
      fleet({ desiredCapacity: 10, signal: signal(steady(20)) }),
      known({
        lastScaleOut: out === null ? null : { at: minutesAgo(out), from: 10 },
        lastScaleInAt: inward === null ? null : minutesAgo(inward),
      }),
      webFleet({ cooldown: 600 }),
    );

  test('the later of the two latest changes holds a scale-in back', () => {
    expect(held(null, 9)).toEqual({ code: 'cooling-down', until: addSeconds(noon, MINUTE), wanted: 4 });
    expect(held(null, 10)).toMatchObject({ code: 'below-target' });
    expect(held(9, null)).toMatchObject({ code: 'cooling-down', until: addSeconds(noon, MINUTE) });
    expect(held(10, null)).toMatchObject({ code: 'below-target' });
    expect(held(8, 30)).toMatchObject({ code: 'cooling-down', until: addSeconds(noon, 2 * MINUTE) });
    expect(held(30, 8)).toMatchObject({ code: 'cooling-down', until: addSeconds(noon, 2 * MINUTE) });
    expect(held(30, 30)).toMatchObject({ code: 'below-target' });
  });

  test('what was measured before the latest change does not argue again', () => {
    const since = (seconds: number) =>
      because(
        fleet({ desiredCapacity: 10, signal: signal(steady(20)) }),
        known({ lastScaleInAt: addSeconds(noon, -seconds) }),
        webFleet({ cooldown: 0 }),
      );
    expect(since(119)).toEqual({ code: 'cooling-down', until: addSeconds(noon, 1), wanted: 4 });
    expect(since(120)).toMatchObject({ code: 'below-target' });
  });
});

describe('enrolment', () => {
  const policy = webFleet();

  test('begins when a policy first matches, with the baseline that was read', () => {
    const { next, plan } = decided(fleet({ baseline: always, signal: signal(steady(80)) }), null);
    const capacity = { is: 4, changedAt: null };
    expect([...next]).toEqual([['web', { ...known({ asleep: null, floor: null, launch: null, capacity }), enrolledAt: noon }]]);
    expect(plan.changes[0]?.saving?.baseline).toBe('measured');
    expect([...decided(fleet({ baseline: always }), known({ capacity })).next]).toEqual([]);
    const stranger = fleet({ baseline: always, ref: { kind: 'auto-scaling-group', id: 'other', name: null, scope } });
    expect([...decided(stranger, null, policy).next]).toEqual([]);
  });

  test('is kept open while nothing could be read', () => {
    const unread: Baseline = { kind: 'unknown', why: 'not-read-yet', frozenAt: noon };
    expect(enrolFleet(null, null, noon)).toEqual({
      enrolledAt: noon,
      baseline: unread,
      lastScaleOut: null,
      lastScaleInAt: null,
      meter: null,
    });
    const unseen = known({ baseline: unread });
    expect(enrolFleet(unseen, null, noon)).toBe(unseen);
    const waiting = known({ baseline: unread, lastScaleInAt: lastWeek });
    expect(enrolFleet(waiting, always, noon)).toEqual({ ...waiting, baseline: always });
    const seen = known();
    expect(enrolFleet(seen, unknown, noon)).toBe(seen);

    expect(enrolInstance(null, null, noon)).toEqual({ enrolledAt: noon, baseline: unread, stop: null, start: null, failedStop: null });
    expect(enrolInstance(null, always, noon)).toEqual({ ...enrolled(), enrolledAt: noon });
    const box = enrolled({ baseline: unread, failedStop: { causeAt: noon, attempt: 2 } });
    expect(enrolInstance(box, always, noon)).toEqual({ ...box, baseline: always });
    expect(enrolInstance(box, null, noon)).toBe(null);
    expect(enrolInstance(enrolled(), unknown, noon)).toBe(null);
  });

  test('asks for a baseline until there is one, or until it is known that there will be none', () => {
    const of = (baseline: Baseline) => needsBaseline({ baseline });
    expect([needsBaseline(null), needsBaseline(undefined), of({ kind: 'unknown', why: 'not-read-yet', frozenAt: noon })]).toEqual([
      true,
      true,
      true,
    ]);
    expect([of(always), of(unknown)]).toEqual([false, false]);
  });
});

describe('what a change is worth', () => {
  const price = { perHour: usd(0.1), source: 'the list' };

  test('of capacity: an hour of each member', () => {
    expect(savingOfCapacity(noon, 3, { price, baseline: unknown, commitments: 'unknown' })).toEqual({
      window: { start: noon, end: addSeconds(noon, HOUR) },
      ...{ hours: 3, money: { low: 0, high: usd(0.3) }, perHour: usd(0.1), priceSource: 'the list', baseline: 'unknown' },
    });
    expect(savingOfCapacity(noon, -3, { price, baseline: always, commitments: 'unknown' }).money).toEqual({
      low: usd(-0.3),
      high: usd(-0.3),
    });
    expect(savingOfCapacity(noon, 0, { price, baseline: always, commitments: 'unknown' }).money).toEqual({ low: 0, high: 0 });
    expect(savingOfCapacity(noon, 3, { price: null, baseline: always, commitments: 'none' })).toMatchObject({
      ...{ money: null, perHour: null, priceSource: null },
    });
  });

  test('of sleep: the hours that the baseline would have run, or all of them and no money', () => {
    const night = { start: instant('2025-05-14T19:30:00Z'), end: instant('2025-05-15T07:00:00Z') };
    const of = (baseline: Baseline, other = {}) => savingOfSleep(night, { price, baseline, commitments: 'none', ...other });
    expect(of(always)).toEqual({
      window: night,
      ...{ hours: 11.5, money: { low: usd(1.15), high: usd(1.15) }, perHour: usd(0.1), priceSource: 'the list', baseline: 'measured' },
    });
    expect(of(always, { commitments: 'unknown' }).money).toEqual({ low: 0, high: usd(1.15) });
    expect(of(unknown)).toMatchObject({ hours: 11.5, money: null, baseline: 'unknown' });
    expect(of(always, { price: null })).toMatchObject({ hours: 11.5, money: null, perHour: null, priceSource: null });
    // Ran in half of the weeks from 19:00 to 20:00 of a Wednesday, never afterwards.
    const evenings =
      always.kind === 'measured' ? { ...always, runs: always.runs.map((_, hour) => (hour === 2 * 24 + 19 ? 2 : 0)) } : always;
    expect(of(evenings)).toMatchObject({ hours: 0.25, money: { low: usd(0.025) } });
    // … and the hours after it, told apart from those before.
    const nights = always.kind === 'measured' ? { ...always, runs: always.runs.map((_, hour) => (hour === 2 * 24 + 20 ? 4 : 0)) } : always;
    expect(of(nights)).toMatchObject({ hours: 1 });
  });
});

test('a list of rules whose last has nothing to say is a bug, and says so', () => {
  expect(() => firstVerdict([() => null], {}, {})).toThrow('no rule answered: the last rule of a list must');
});
