/** What is heard of a fleet: from datapoints to demand, from demand to a capacity that is held. */
import { describe, expect, test } from '@jest/globals';
import type { Service } from '../../../shared/decide/fleet/learner.ts';
import { type Learned, loadOf, type Reading } from '../../../shared/decide/fleet/load.ts';
import { hear, type Mind } from '../../../shared/decide/fleet/mind.ts';
import { openRestraint, restrain } from '../../../shared/decide/fleet/restraint.ts';
import { type FleetMind, openMind, serviceOf, think, unitsInService } from '../../../shared/decide/fleet/think.ts';
import { allowedResizes, openYardstick, playTargetTracking, type Yardstick } from '../../../shared/decide/fleet/yardstick.ts';
import type { Signal } from '../../../shared/model/observation.ts';
import { addSeconds, epochSeconds, fromEpochSeconds, MINUTE } from '../../../shared/model/time.ts';
import type { FleetPolicy } from '../../../shared/policy/schema.ts';
import { fleet, noon } from '../facts.ts';

const service: Service = { utilization: 0.9, minutes: 0.01, boot: 3, lag: 1, min: 2, max: 400 };
const DAY = 1440;

const cpu = (value: number | null): Reading => ({ kind: 'cpu', of: 'instance', full: 100, value });
const requests = (value: number | null, full: number | null = null): Reading => ({ kind: 'requests', of: 'fleet', full, value });

describe('hearing', () => {
  const say = (mind: Mind | null, minute: number, value: number | null) =>
    hear(mind, { minute, readings: [cpu(value)], carriers: 10 }, service);
  /** Some minutes of a load between 50 and 60 %. */
  function someMinutes(): Mind {
    let mind: Mind | null = null;
    for (let minute = 0; minute < 20; minute++) mind = say(mind, minute, 50 + (minute % 11))?.mind ?? null;
    return mind as unknown as Mind;
  }

  test('a minute that was heard before changes nothing', () => {
    const once = someMinutes();
    const twice = someMinutes();
    for (const minute of [19, 18, 3]) expect(say(twice, minute, 100)).toEqual({ mind: twice, capacity: null });
    expect(say(twice, 20, 55)?.capacity).toBe(say(once, 20, 55)?.capacity);
    expect(twice.learner.price).toBe(once.learner.price);
  });

  test('silence says nothing: no answer, nothing learned', () => {
    const mind = someMinutes();
    const { last } = mind.learner.history;
    for (let minute = 20; minute < 40; minute++) expect(say(mind, minute, null)).toEqual({ mind, capacity: null });
    expect(mind.learner.history.last).toBe(last);
    expect(say(null, 0, null)).toBeNull();
  });

  test('a gap holds the margin that was learned, and lets nothing go', () => {
    const mind = someMinutes();
    const { price, restraint } = mind.learner;
    const held = restraint.capacity;
    const after = say(mind, 35, 55) as { mind: Mind; capacity: number };
    expect(after.mind.learner.history.last).toBe(35);
    expect(Array.from(after.mind.learner.history.demand.slice(18, 37), x => Math.round(10 * x))).toEqual([
      ...[57, 58, ...Array<number>(15).fill(58), 55, 0], // taken to have been like the last one
    ]);
    // The minutes nobody measured were neither kept nor missed.
    expect(after.mind.learner.price).toBe(price);
    expect(after.mind.learner.history.error.slice(20, 35).every(Number.isNaN)).toBe(true);
    expect(after.capacity).toBeGreaterThanOrEqual(Math.ceil(5.5 / 0.9));
    expect(after.capacity).toBeLessThanOrEqual(held + 2);
  });

  test('after a day of silence the fleet is a new one, and what its instances carry is still known', () => {
    const told = (mind: Mind | null, minute: number) =>
      hear(mind, { minute, readings: [cpu(50), requests(1000)], carriers: 10 }, service)?.mind ?? null;
    const mind = told(null, 0);
    expect(mind?.learned.get(0 + 1)?.samples).toBe(1);
    const after = told(mind, DAY + 1);
    expect(after?.learner.history.first).toBe(DAY + 1);
    expect(after?.learned.get(1)?.samples).toBe(2);
    expect(told(told(null, 0), DAY)?.learner.history.first).toBe(0);
  });

  test('a CPU at its limit is told as such', () => {
    expect(say(null, 0, 100)?.mind.saturated).toBe(true);
    expect(say(null, 0, 50)?.mind.saturated).toBe(false);
  });
});

describe('load', () => {
  const of = (readings: readonly Reading[], carriers = 10, known: ReadonlyMap<number, Learned> = new Map()) =>
    loadOf(readings, carriers, 0.9, known);

  test('CPU counts in instances at 100 %; at its limit it says only "at least", and a quarter is added', () => {
    expect(of([cpu(40)])).toMatchObject({ demand: 4, saturated: false });
    expect(of([cpu(96.9)])).toMatchObject({ saturated: false });
    expect(of([cpu(97)])).toMatchObject({ demand: 9.7 * 1.25, saturated: true });
    expect(of([cpu(100)])).toMatchObject({ demand: 12.5, saturated: true });
  });

  test('what an instance carries is learned from CPU, and requests go on counting where CPU cannot', () => {
    const first = of([cpu(50), requests(1000)]);
    expect(first.demand).toBeCloseTo(5, 9);
    expect(first.learned.get(1)).toEqual({ full: 200, samples: 1 });
    const rush = of([cpu(100), requests(4000)], 10, first.learned);
    expect(rush).toMatchObject({ demand: 20, saturated: false });
    expect(rush.learned).toBe(first.learned); // a CPU at its limit teaches nothing
    expect(of([cpu(97), requests(4000)], 10, first.learned).learned).toBe(first.learned);
    expect(of([cpu(50), requests(4000)], 0, first.learned).learned).toBe(first.learned); // nobody carried it
    expect(of([requests(4000)], 10, first.learned).learned).toBe(first.learned); // and nobody measured it
    const each: Reading = { kind: 'metric', of: 'instance', full: null, value: 30 };
    expect(of([cpu(50), each]).learned.get(1)?.full).toBe(60);
    expect(of([cpu(50), each], 10, new Map([[1, { full: 20, samples: 9 }]])).demand).toBeCloseTo(300 / 22, 9); // 20 + 5 % of 40
  });

  test('where CPU has taught what an instance carries it is no witness of its own', () => {
    const known = new Map([[1, { full: 200, samples: 9 }]]);
    expect(of([cpu(50), requests(400)], 10, known).demand).toBeCloseTo(400 / 194, 9); // not 5; 200 − 5 % of 120
    expect(of([cpu(50), requests(400, 400)], 10, known).demand).toBe(5); // the policy says what one carries: CPU is asked as well
    expect(of([cpu(50), requests(null)], 10, known).demand).toBe(5);
    expect(of([cpu(1), requests(2)], 10, new Map()).demand).toBeCloseTo(0.1, 9);
  });

  test('later samples bend what is known, they do not replace it', () => {
    let learned: ReadonlyMap<number, Learned> = new Map();
    for (const [i, value] of [800, 900, 1000].entries()) {
      learned = of([cpu(50), requests(value)], 10, learned).learned;
      expect(learned.get(1)).toEqual({ full: value / 5, samples: i + 1 }); // the first three are believed
    }
    learned = of([cpu(50), requests(2000)], 10, learned).learned;
    expect(learned.get(1)?.full).toBeCloseTo(200 + 0.05 * 200, 9);
    expect(of([cpu(1), requests(9)], 10, learned).learned).toBe(learned); // asleep: what runs then is the system's own
    expect(of([cpu(50), requests(0)], 10, learned).learned).toEqual(learned);
    expect(of([cpu(50), requests(null)], 10, learned)).toMatchObject({ demand: 5 }); // no requests told: CPU has to do
  });

  test('of several signals the neediest wins', () => {
    const readings: Reading[] = [cpu(30), requests(700, 100), { kind: 'metric', of: 'instance', full: 50, value: 20 }];
    expect(of(readings).demand).toBeCloseTo(7, 9);
    expect(of([cpu(80), ...readings.slice(1)]).demand).toBeCloseTo(8, 9);
    expect(of([cpu(30), { kind: 'metric', of: 'instance', full: 50, value: 45 }]).demand).toBeCloseTo(9, 9);
    expect(of([requests(700, 100), cpu(30)]).demand).toBeCloseTo(7, 9);
  });

  test('a backlog asks for as many instances as may each have its share waiting, not for a margin on top', () => {
    const demand = of([{ kind: 'queue', of: 'fleet', full: 100, value: 1000 }], 3).demand ?? 0;
    expect(demand / 0.9).toBeCloseTo(10, 9);
  });

  test('nothing told is nothing known, not zero', () => {
    expect(of([cpu(null), requests(null, 100)]).demand).toBeNull();
    expect(of([cpu(null), requests(0, 100)]).demand).toBe(0);
    expect(of([cpu(0)]).demand).toBe(0);
    expect(of([requests(500)]).demand).toBeNull(); // nobody has taught what one instance carries
  });

  test('what is no number was not told, what is below nothing is nothing, and no fleet needs a million', () => {
    for (const odd of [Number.NaN, Number.POSITIVE_INFINITY]) expect(of([cpu(odd)]).demand).toBeNull();
    expect(of([cpu(-4)]).demand).toBe(0);
    expect(of([requests(1e300, 1)]).demand).toBe(1_000_000);
  });
});

describe('restraint', () => {
  const table = (wants: readonly number[], worth = 12) => {
    const restraint = { ...openRestraint(), worth };
    return wants.map(wanted => restrain(restraint, wanted, 0, false));
  };

  test('takes more at once, and lets nothing go for a dip of two minutes', () => {
    expect(table([5, 8, 8, 7, 7, 8])).toEqual([5, 8, 8, 8, 8, 8]);
    expect(table([5, 50, 10, 10, 50], 1)).toEqual([5, 50, 50, 50, 50]);
  });

  test('lets go when those that would go have idled for what a resize is worth', () => {
    // Three minutes back it was 10; from then on four a minute are idle: 4, 8, 12.
    expect(table([10, 6, 6, 6, 6, 6, 6])).toEqual([10, 10, 10, 10, 10, 6, 6]);
    // What was idle before it was needed again does not count.
    expect(table([10, 6, 6, 6, 6, 10, 6, 6, 6, 6])).toEqual(Array<number>(10).fill(10));
    // Nor what has been let go.
    expect(table([10, 4, 4, 4, 4, 3, 3, 3, 3, 3], 6).slice(3)).toEqual([4, 4, 4, 4, 4, 4, 4]);
  });

  test('is worth more where a fleet is resized more than allowed, and less where it is resized less, within bounds', () => {
    const restraint = { ...openRestraint(), worth: 100 };
    restrain(restraint, 5, 0.2, true);
    expect(restraint.worth).toBeCloseTo(100 * Math.exp(0.01 * 0.8), 9);
    restrain(restraint, 5, 0.2, true);
    expect(restraint.worth).toBeCloseTo(100 * Math.exp(0.01 * 0.6), 9);
    restrain(restraint, 9, 0.2, false);
    expect(restraint.worth).toBeCloseTo(100 * Math.exp(0.01 * 0.6), 9);
    for (let i = 0; i < 9; i++) restrain(restraint, i, -100, true);
    expect(restraint.worth).toBe(400);
    for (let i = 0; i < 9; i++) restrain(restraint, i, 100, true);
    expect(restraint.worth).toBe(10);
    expect(openRestraint()).toEqual({ wanted: [], capacity: 0, idled: 0, worth: 12 });
  });
});

describe('the yardstick', () => {
  const bounds = { min: 2, max: 30 };
  /** Capacity in service after each minute, and resizes so far (hardly any is forgotten). */
  const play = (demands: readonly number[], boot = 3, y: Yardstick = openYardstick()) => {
    const rows = demands.map((demand, minute) => {
      playTargetTracking(y, minute, demand, boot, bounds);
      return [y.inService, Math.round(y.resizes)];
    });
    return { y, rows, inService: rows.map(([n]) => n), resizes: rows.map(([, n]) => n) };
  };
  const times = (n: number, demand: number) => Array<number>(n).fill(demand);

  test('begins with what half of each would carry, and stays while that is so', () => {
    expect(play([5]).inService).toEqual([10]);
    expect(play([5.1]).inService).toEqual([11]);
    expect(play([0.1]).inService).toEqual([2]);
    expect(play(times(40, 5)).rows.at(-1)).toEqual([10, 0]);
    expect(play(times(40, 5)).y.warming).toEqual([]); // nothing is on its way
    expect(play(times(40, 4.5)).rows.at(-1)).toEqual([9, 0]);
  });

  test('scales out after three minutes above its target, and what it launches serves when it has booted', () => {
    const { rows } = play([5, 8, 8, 8, 8, 8, 8, 8]);
    expect(rows).toEqual([
      [10, 0],
      [10, 0],
      [10, 0],
      [10, 1],
      [10, 1],
      [10, 1],
      [16, 1],
      [16, 1],
    ]);
    // A minute at the target in between begins the count anew.
    expect(play([5, 8, 8, 5, 8, 8]).resizes.at(-1)).toBe(0);
    // What is on its way is not launched twice, and of all that serve none shows more than 100 %.
    expect(play([5, 99, 99, 99, 99, 99, 99, 99]).rows).toEqual([
      [10, 0],
      [10, 0],
      [10, 0],
      [10, 1],
      [10, 1],
      [10, 1],
      [20, 2],
      [20, 2],
    ]);
    expect(play([5, ...times(12, 99)]).inService.at(-1)).toBe(30);
  });

  test('scales in after a quarter of an hour well below its target', () => {
    const { rows } = play([5, ...times(16, 4.4)]);
    expect(rows.slice(14)).toEqual([
      [10, 0],
      [9, 1],
      [9, 1],
    ]);
    expect(play([5, ...times(40, 4.5)]).resizes.at(-1)).toBe(0); // nine tenths of it is not well below
    expect(play([5, ...times(14, 4.4), 4.6, ...times(14, 4.4)]).resizes.at(-1)).toBe(0);
    expect(play([5, ...times(40, 0)]).inService.at(-1)).toBe(2);
  });

  test('does not scale in while launches are on their way', () => {
    const { rows } = play([5, 8, 8, 8, ...times(20, 1)], 18);
    expect(rows.map(([n]) => n).slice(17, 22)).toEqual([10, 10, 10, 10, 2]);
  });

  test('allows twice of what it did, or a hundred a day, and of that what is kept back', () => {
    expect(allowedResizes(openYardstick())).toBeCloseTo((100 * 0.84) / 1440, 12);
    expect(allowedResizes({ ...openYardstick(), resizes: 50, minutes: 1440 })).toBeCloseTo((100 * 0.84) / 1440, 12);
    expect(allowedResizes({ ...openYardstick(), resizes: 60, minutes: 720 })).toBeCloseTo((240 * 0.84) / 1440, 12);
  });

  test('forgets over four days', () => {
    const y = { ...openYardstick(), inService: 10, resizes: 100, minutes: 1000 };
    playTargetTracking(y, 0, 5, 3, bounds);
    expect([y.resizes, y.minutes]).toEqual([expect.closeTo(100 * (1 - 1 / 5760), 9), expect.closeTo(1000 * (1 - 1 / 5760) + 1, 9)]);
  });
});

describe('thinking', () => {
  const NOON = epochSeconds(noon) / 60;
  /** Datapoints up to `end`, the last of them the minute before. */
  const signal = (values: readonly (number | null)[], other: Partial<Signal> = {}, end = noon, periodSeconds: 60 | 300 = 60): Signal => ({
    ...{ name: 'CPU', kind: 'cpu', of: 'instance', full: 100 },
    series: { start: addSeconds(end, -values.length * periodSeconds), periodSeconds, values },
    ...other,
  });
  const learnedBy = ({ mind }: FleetMind) => mind?.learner.history;
  const thoughtOf = (signals: readonly Signal[], before: FleetMind = openMind, at = noon) => think(fleet({ signals }), before, service, at);

  test('hears each whole minute that had a minute to settle', () => {
    const { next, thought } = thoughtOf([signal([10, 20, 30, 40, 50])]);
    expect(learnedBy(next)).toMatchObject({ first: NOON - 5, last: NOON - 2 });
    expect(thought.heardAt).toBe(addSeconds(noon, -MINUTE));
    expect(thought.foresight).toMatchObject({ demand: 1.6, ahead: 5, learned: 4, saturated: false, utilization: 90, minutes: 1 });
    const { last } = learnedBy(next) ?? { last: 0 };
    expect([0, 1, 2, 3].map(i => learnedBy(next)?.demand[(last - i) % (18 * 1440)])).toEqual([1.6, 1.2, 0.8, 0.4].map(Math.fround));
    expect(thought.silent).toEqual([]);
    // Seconds into a minute are no minute.
    expect(learnedBy(thoughtOf([signal([10, 20, 30, 40, 50])], openMind, addSeconds(noon, 59)).next)?.last).toBe(NOON - 2);
    expect(learnedBy(thoughtOf([signal([10, 20, 30, 40, 50])], openMind, addSeconds(noon, 60)).next)?.last).toBe(NOON - 1);
  });

  test('goes on where it left off, and hears nothing twice', () => {
    const first = thoughtOf([signal([10, 20, 30])]);
    const later = addSeconds(noon, 2 * MINUTE);
    const second = thoughtOf([signal([90, 90, 90, 40, 50], {}, later)], first.next, later);
    expect(learnedBy(second.next)).toMatchObject({ first: NOON - 3, last: NOON });
    const values = [3, 2, 1, 0].map(i => Math.round(10 * (learnedBy(second.next)?.demand[(NOON - i) % (18 * 1440)] ?? 0)));
    expect(values).toEqual([4, 8, 36, 16]);
    const again = thoughtOf([signal([90, 90, 90, 40, 50], {}, later)], second.next, later);
    expect(again.thought).toEqual(second.thought);
    expect(again.next.served).toBe(second.next.served);
  });

  test('a signal that is five periods late is silent, and what it said is still thought', () => {
    const late = (minutes: number, period: 60 | 300 = 60) => {
      const series = signal([10, 20, 30], {}, addSeconds(noon, -minutes * MINUTE), period);
      return thoughtOf([series]).thought;
    };
    expect(late(5).silent).toEqual([]); // its newest minute began six minutes ago
    expect(late(6).silent).toEqual(['CPU']);
    expect(late(6)).toEqual({ capacity: null, foresight: null, heardAt: null, silent: ['CPU'] });
    expect(late(25, 300).silent).toEqual([]);
    expect(late(26, 300).silent).toEqual(['CPU']);
    const before = thoughtOf([signal([10, 20, 30])]);
    const { thought } = thoughtOf([signal([10, 20, 30])], before.next, addSeconds(noon, 20 * MINUTE));
    expect(thought).toEqual({ ...before.thought, silent: ['CPU'] });
  });

  test('one that could not be read, or is all holes, is silent; the others are heard', () => {
    const silent = [signal([], { name: 'lost', kind: 'queue', series: null }), signal([null, null], { name: 'holes', kind: 'queue' })];
    const { next, thought } = thoughtOf([...silent, signal([10, 20, 30])]);
    expect(thought.silent).toEqual(['lost', 'holes']);
    expect(learnedBy(next)?.last).toBe(NOON - 2);
    expect(thoughtOf(silent).thought).toMatchObject({ capacity: null, silent: ['lost', 'holes'] });
    expect(thoughtOf([]).thought).toEqual({ capacity: null, foresight: null, heardAt: null, silent: [] });
  });

  test('a hole at the beginning is no beginning, and the one that goes back farthest is heard from there', () => {
    expect(learnedBy(thoughtOf([signal([null, 20, 30, 40])]).next)).toMatchObject({ first: NOON - 3, last: NOON - 2 });
    const queue = signal([9, 9], { name: 'queue', kind: 'queue', of: 'fleet', full: 10 });
    expect(learnedBy(thoughtOf([queue, signal([10, 20, 30, 40])]).next)).toMatchObject({ first: NOON - 4, last: NOON - 2 });
    expect(learnedBy(thoughtOf([signal([10, 20, 30, 40]), queue]).next)).toMatchObject({ first: NOON - 4, last: NOON - 2 });
  });

  test('one that is a little late is waited for', () => {
    const queue = signal([5, 6, 7, null, null], { name: 'queue', kind: 'queue', of: 'fleet', full: 10 });
    const { next, thought } = thoughtOf([queue, signal([10, 20, 30, 40, 50])]);
    expect(thought.silent).toEqual([]);
    expect(learnedBy(next)?.last).toBe(NOON - 3);
  });

  test('every minute of a period of five is like its datapoint', () => {
    const { next } = thoughtOf([signal([10, 20], {}, noon, 300)]);
    const history = learnedBy(next);
    expect(history).toMatchObject({ first: NOON - 10, last: NOON - 2 });
    const demands = Array.from({ length: 9 }, (_, i) => Math.round(10 * (history?.demand[(NOON - 10 + i) % (18 * 1440)] ?? 0)));
    expect(demands).toEqual([4, 4, 4, 4, 4, 8, 8, 8, 8]);
  });

  test('what was told late is the work of those who served then', () => {
    const members = (n: number) => fleet({ desiredCapacity: n }).members;
    const look = (n: number, minute: number, before: FleetMind, values: readonly (number | null)[]) => {
      const at = addSeconds(noon, minute * MINUTE);
      return think(fleet({ members: members(n), signals: [signal(values, {}, at)] }), before, service, at).next;
    };
    let mind = look(4, 0, openMind, [50, 50, 50]);
    expect(mind.served).toEqual([{ minute: NOON, units: 4 }]);
    mind = look(4, 1, mind, [null, null, null]);
    expect(mind.served).toHaveLength(1);
    mind = look(8, 2, mind, [null, null, null]);
    expect(mind.served).toEqual([
      { minute: NOON, units: 4 },
      { minute: NOON + 2, units: 8 },
    ]);
    mind = look(8, 4, mind, [50, 50, 50, 50, 50]);
    const demands = [-1, 0, 1, 2].map(i => learnedBy(mind)?.demand[(NOON + i) % (18 * 1440)]);
    expect(demands).toEqual([2, 2, 4, 4]); // a resize of ours falls into the first seconds of a minute: who was there at its end did its work
    for (let i = 0; i < 40; i++) mind = look(1 + (i % 2), 5 + i, mind, [null]);
    expect(mind.served).toHaveLength(30);
    expect(mind.served.at(-1)).toEqual({ minute: NOON + 44, units: 2 });
  });

  test('counts the units in service, and no others', () => {
    const [one] = fleet().members;
    if (one === undefined) throw new Error('a fleet of four has members');
    const members = [
      { ...one, weight: 3 },
      { ...one, weight: 2 },
      { ...one, lifecycleState: 'Pending', weight: 8 },
    ];
    expect(unitsInService({ members })).toBe(5);
  });

  test('says what it foresees, and by how much more is held', () => {
    const { next, thought } = thoughtOf([signal(Array<number>(20).fill(80))]);
    const open = next.mind?.learner.open.at(-1);
    expect(thought.capacity).toBe(6); // 1.6 × 3.2 ÷ 0.9 = 5.7
    expect(open?.forecast).toBeCloseTo(Math.log(3.2 + 1), 6);
    expect(thought.foresight).toEqual({
      ...{ demand: 3.2, forecast: 3.2, ahead: 5, margin: 0.69, utilization: 90, minutes: 1, learned: 19, saturated: false },
    });
    expect(thoughtOf([signal([100, 100, 100])]).thought.foresight?.saturated).toBe(true);
  });

  test('speaks of the latest forecast', () => {
    const { next, thought } = thoughtOf([signal([5, 5, 5, 10, 20, 40, 60, 90, 90])]);
    const { open, restraint } = next.mind?.learner ?? { open: [], restraint: { wanted: [] } };
    const forecast = Math.exp(open.at(-1)?.forecast ?? Number.NaN) - 1;
    const wanted = Math.ceil((1.6 * forecast) / 0.9);
    expect(restraint.wanted.at(-1)).toBe(wanted);
    expect(restraint.wanted[1]).toBeLessThan(wanted);
    expect(thought.foresight?.forecast).toBeCloseTo(forecast, 2);
    expect(thought.foresight?.margin).toBeCloseTo(wanted / (forecast / 0.9) - 1, 2);
    expect(
      thoughtOf([], { ...next, mind: next.mind && { ...next.mind, learner: { ...next.mind.learner, open: [] } } }).thought.capacity,
    ).toBeNull();
  });

  test('of nothing forecasts nothing, and stays within bounds that have changed since', () => {
    const idle = thoughtOf([signal([0, 0, 0, 0])]);
    expect(idle.thought).toMatchObject({ capacity: 2, foresight: { demand: 0, forecast: 0 } });
    const busy = thoughtOf([signal(Array<number>(20).fill(80))]);
    const within = (min: number, max: number) => think(fleet({ signals: [] }), busy.next, { ...service, min, max }, noon).thought.capacity;
    expect([within(1, 400), within(9, 400), within(1, 3)]).toEqual([6, 9, 3]);
  });

  test('a policy tells what service is: percent as shares, seconds as whole minutes, and how late its datapoints are', () => {
    const policy = (period: 60 | 300) => ({ slo: { utilization: 70, minutes: 2 }, period }) as FleetPolicy;
    expect(serviceOf(policy(60), 121, { min: 1, max: 9 })).toEqual({ utilization: 0.7, minutes: 0.02, boot: 3, lag: 1, min: 1, max: 9 });
    expect(serviceOf(policy(300), 0, { min: 1, max: 9 })).toMatchObject({ boot: 1, lag: 6 });
    expect(fromEpochSeconds(60 * NOON)).toBe(noon);
  });
});
