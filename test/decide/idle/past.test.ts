/** What is kept of an instance's hours, and what is read from them: use, risk, and the risk that may be taken. */
import { describe, expect, test } from '@jest/globals';
import { type Activity, activityOf, IDLE, IN_USE, NOT_KNOWN } from '../../../shared/decide/idle/activity.ts';
import {
  CPU,
  earlierBy,
  emptyHistory,
  HISTORY_HOURS,
  type History,
  type HourSeen,
  hoursKnown,
  LEVELS,
  latestOf,
  levels,
  measureAt,
  NET,
  tell,
  UNDISTURBED,
  UNKNOWN,
  WOKEN,
} from '../../../shared/decide/idle/history.ts';
import { nextHourRisk, type RiskModel, riskOf } from '../../../shared/decide/idle/risk.ts';
import { newTolerance, steer, tolerated } from '../../../shared/decide/idle/tolerance.ts';
import { probability } from '../../../shared/decide/idle/trees.ts';
import { constant, when } from './models.ts';

const BEGIN = 485_280;
const seen = (cpuMax: number | null, netMax: number | null = 1) => ({ cpuMax, netMax });
const historyOf = (hours: readonly HourSeen[], from = BEGIN): History =>
  hours.reduce<History>((history, hour, i) => tell(history, from + i, hour), emptyHistory(from));

describe('an hour', () => {
  test('is kept as one character for each metric, and read as finely as it is kept', () => {
    expect(LEVELS).toBe(90); // what prints and JSON does not escape, but for the marks
    for (const [value, cpu] of [
      [0, 0],
      [0.5, 12],
      [1, 19],
      [3, 33],
      [8, 48],
      [100, 89],
      [1e9, 89],
    ] as const) {
      expect([value, levels(historyOf([seen(value)]).cpu)]).toEqual([value, Int8Array.of(cpu)]); // 11.7 × log₂(1 + value ÷ 0.5)
    }
    for (const [value, net] of [
      [0, 0],
      [2, 9],
      [6, 17],
      [50, 40],
      [1e9, 89],
    ] as const)
      expect([value, levels(historyOf([seen(1, value)]).net)]).toEqual([value, Int8Array.of(net)]); // 8.5 × log₂(1 + value ÷ 2)
    const all = Array.from({ length: LEVELS }, (_, level) => seen(measureAt(level, CPU), measureAt(level, NET)));
    const { cpu, net } = historyOf(all);
    expect([...levels(cpu)]).toEqual([...all.keys()]);
    expect(net).toBe(cpu);
    expect(JSON.stringify(cpu)).toBe(`"${cpu}"`);
    expect(measureAt(0, CPU)).toBe(0);
    expect(measureAt(11.7, CPU)).toBe(0.5);
    expect(measureAt(17, NET)).toBe(6);
  });

  test('that was not measured, or not to be believed, is not known', () => {
    for (const odd of [null, Number.NaN, Number.POSITIVE_INFINITY, -0.1]) {
      const history = historyOf([seen(odd, odd)]);
      expect([...levels(history.cpu), ...levels(history.net)]).toEqual([UNKNOWN, UNKNOWN]);
      expect(latestOf(history)).toEqual({ cpuMax: null, netMax: null });
      expect(hoursKnown(history)).toBe(0);
    }
    expect(latestOf(historyOf([seen(3, null)]))).toEqual({ cpuMax: measureAt(33, CPU), netMax: null });
    expect(latestOf(historyOf([seen(9), seen(3, 6)]))).toEqual({ cpuMax: measureAt(33, CPU), netMax: 6 });
    expect(latestOf(historyOf([seen(0, 0)]))).toEqual({ cpuMax: 0, netMax: 0 });
    expect(latestOf(emptyHistory(BEGIN))).toEqual({ cpuMax: null, netMax: null });
    expect(levels('\u{1f4a4}é~')).toEqual(Int8Array.of(UNKNOWN, UNKNOWN, UNKNOWN, 89));
  });

  test('in which it rested or was woken says so, and nothing of traffic', () => {
    const history = historyOf(['undisturbed', 'woken', seen(1)]);
    expect([...levels(history.cpu)]).toEqual([UNDISTURBED, WOKEN, 19]);
    expect([...levels(history.net)]).toEqual([UNKNOWN, UNKNOWN, 5]);
    expect(hoursKnown(history)).toBe(3);
    expect(latestOf(earlierBy(history, 1))).toEqual({ cpuMax: null, netMax: null });
  });

  test('nobody told of is not known, and one that was told is not told again', () => {
    const history = historyOf([seen(1), seen(2)]);
    expect(tell(history, BEGIN + 1, seen(50))).toBe(history);
    const gap = tell(history, BEGIN + 5, seen(3));
    expect([...levels(gap.cpu)]).toEqual([19, 27, UNKNOWN, UNKNOWN, UNKNOWN, 33]);
    expect([...levels(gap.net)]).toEqual([5, 5, UNKNOWN, UNKNOWN, UNKNOWN, 5]);
    expect(gap).toMatchObject({ version: 1, end: BEGIN + 6 });
    expect(tell(history, BEGIN + 2, seen(3)).cpu).toHaveLength(3);
    const years = tell(history, BEGIN + 100_000, seen(3));
    expect([years.cpu.length, years.net.length, hoursKnown(years)]).toEqual([HISTORY_HOURS, HISTORY_HOURS, 1]);
  });

  test('is forgotten after four weeks', () => {
    const full = historyOf([seen(50, 900), ...Array<HourSeen>(HISTORY_HOURS - 1).fill(seen(1))]);
    expect([full.cpu.length, levels(full.cpu)[0]]).toEqual([28 * 24 + 1, 78]);
    const next = tell(full, full.end, seen(3, 6));
    expect([next.cpu.length, next.net.length, levels(next.cpu)[0], levels(next.net)[0]]).toEqual([HISTORY_HOURS, HISTORY_HOURS, 19, 5]);
    expect(levels(next.cpu).at(-1)).toBe(33);
  });

  test('what was known earlier is the same without the latest', () => {
    const history = historyOf([seen(1, 2), seen(2, 50), seen(3, 6)]);
    expect(earlierBy(history, 2)).toEqual(historyOf([seen(1, 2)]));
    expect(emptyHistory(7)).toEqual({ version: 1, end: 7, cpu: '', net: '' });
  });
});

describe('use', () => {
  /** The same from the levels, one hour at a time. */
  function reckoned(history: History): Pick<Activity, 'hours' | 'floor'> & { height: number[] } {
    const floorOf = (text: string, scale: typeof CPU) => {
      const known = [...levels(text)]
        .slice(-504)
        .filter(level => level >= 0)
        .sort((a, b) => a - b);
      const level = known[Math.floor((known.length - 1) / 5)];
      return level === undefined ? null : measureAt(level, scale);
    };
    const cpu = floorOf(history.cpu, CPU);
    const net = floorOf(history.net, NET);
    const floor = {
      ...{ cpu: cpu ?? 0, net },
      cpuInUse: Math.min(8, (cpu ?? 0) + Math.max(1.5, (cpu ?? 0) / 2)),
      netInUse: net === null ? null : Math.min(50, net + Math.max(5, net)),
    };
    const traffic = levels(history.net);
    const told = [...levels(history.cpu)].map((level, i) => {
      if (level === UNDISTURBED) return [IDLE, Math.log(0.02)] as const;
      if (level === WOKEN) return [IN_USE, 0.5] as const;
      if (level === UNKNOWN) return [NOT_KNOWN, Math.log(0.02)] as const;
      const sent = traffic[i] ?? UNKNOWN;
      const byNet = sent < 0 || floor.netInUse === null ? 0 : measureAt(sent, NET) / floor.netInUse;
      const ratio = Math.max(measureAt(level, CPU) / floor.cpuInUse, byNet);
      return [ratio > 1 ? IN_USE : IDLE, Math.max(Math.log(0.02), Math.log(ratio))] as const;
    });
    return { hours: Uint8Array.from(told, ([hour]) => hour), height: told.map(([, height]) => height), floor };
  }

  /** No two hours alike, and the same ones each time. */
  const mixed = (n: number, salt: number): HourSeen[] =>
    Array.from({ length: n }, (_, i) => {
      const at = (i * 7919 + salt * 104_729) % 1009;
      if (at % 23 === 0) return 'undisturbed';
      if (at % 29 === 0) return 'woken';
      return seen(at % 11 === 0 ? null : ((at % 97) * salt) / 40, at % 7 === 0 ? null : (at % 89) * salt);
    });

  test.each([
    ['nothing', []],
    ['one quiet hour', [seen(0, 0)]],
    ['an hour nobody measured', [seen(null, null)]],
    ['CPU alone', [seen(1, null), seen(5, null), seen(1.2, null)]],
    ['traffic alone', [seen(null, 5), seen(null, 80)]],
    ['six hours', [1, 2, 3, 4, 5, 6].map(x => seen(x, 10 * x))],
    ['a quiet month', mixed(700, 1)],
    ['a lively month', mixed(673, 3)],
    ['a busy week', mixed(170, 40)],
    ['a floor that fell three weeks ago', [...mixed(170, 40), ...mixed(504, 1)]],
  ])('is told from its own floor: %s', (_what, hours: readonly HourSeen[]) => {
    const history = historyOf(hours);
    const told = activityOf(history);
    const { height, ...expected } = reckoned(history);
    expect({ hours: told.hours, floor: told.floor }).toEqual(expected);
    expect([...told.height]).toEqual(height.map(h => expect.closeTo(h, 5)));
  });

  test('begins above its threshold, not at it', () => {
    // A floor of nothing: use begins above 1.5 % and 5 KB/s; levels do not hit them, so a floor at the cap has to.
    const busy = activityOf(historyOf(Array<HourSeen>(9).fill(seen(measureAt(60, CPU), 0))));
    expect(busy.floor.cpuInUse).toBe(8);
    expect(busy.hours[0]).toBe(IN_USE);
    const agent = activityOf(historyOf([...Array<HourSeen>(99).fill(seen(4, 2)), seen(8, 2), seen(4, 2), seen(4, 40)]));
    expect([...agent.hours.slice(-3)]).toEqual([IN_USE, IDLE, IN_USE]);
    expect(agent.floor.cpu).toBeCloseTo(4, 0);
    expect(agent.floor.cpuInUse).toBeCloseTo(6, 0);
  });
});

describe('a model', () => {
  test('adds up the leaves that a row falls to', () => {
    const trees = {
      bias: -1,
      trees: [
        {
          nodes: [
            [0, 5, 1, -3],
            [1, 2, -1, -2],
          ],
          leaves: [10, 20, 40],
        },
        { nodes: [[2, 0, -1, -2]], leaves: [0.25, 0.5] },
      ],
    };
    const odds = (...row: number[]) => {
      const p = probability(trees, Float64Array.from(row));
      return Math.log(p / (1 - p));
    };
    expect(odds(5, 2, 0)).toBeCloseTo(-1 + 10 + 0.25, 3);
    expect(odds(5, 2.1, 0)).toBeCloseTo(-1 + 20 + 0.25, 0);
    expect(probability({ ...trees, bias: -40 }, Float64Array.of(5.1, 0, 1))).toBeCloseTo(1 / (1 + Math.exp(-0.5)), 9);
    expect(probability({ bias: 0, trees: [] }, new Float64Array(3))).toBe(0.5);
  });

  const model: RiskModel = { soon: when('hourOfDay', 12, 0.1, 0.7), next: when('hourOfDay', 12, 0.2, 0.6) };

  test('is asked in local time of what is idle, and of nothing else', () => {
    const noon = BEGIN + 12;
    const quiet = historyOf(Array<HourSeen>(30).fill(seen(1)), noon - 30);
    expect(riskOf(quiet, 0, model)).toMatchObject({ state: 'idle', soon: expect.closeTo(0.1, 9), evidence: { idleHours: 30 } });
    expect(riskOf(quiet, 1, model)).toMatchObject({ soon: expect.closeTo(0.7, 9) });
    expect([nextHourRisk(quiet, 0, model), nextHourRisk(quiet, 1, model)]).toEqual([expect.closeTo(0.2, 9), expect.closeTo(0.6, 9)]);
    const { floor } = activityOf(quiet);
    expect(riskOf(quiet, 0, model).floor).toEqual(floor);
    expect(riskOf(tell(quiet, noon, seen(90)), 0, model)).toEqual({ state: 'in-use', floor });
    expect(riskOf(tell(quiet, noon, seen(null)), 0, model)).toEqual({ state: 'unknown', floor });
    expect(riskOf(emptyHistory(noon), 0, model)).toMatchObject({ state: 'unknown' });
  });

  test('looks four hours ahead for a stop, and one for the next hour', () => {
    const weekends: RiskModel = { soon: when('weekendAhead', 0.5, 0.1, 0.7), next: when('weekendAhead', 0.5, 0.1, 0.7) };
    const friday = BEGIN + 4 * 24 + 21; // three hours before Saturday
    const quiet = historyOf(Array<HourSeen>(30).fill(seen(1)), friday - 30);
    expect(riskOf(quiet, 0, weekends)).toMatchObject({ soon: expect.closeTo(0.7, 9) });
    expect(nextHourRisk(quiet, 0, weekends)).toBeCloseTo(0.1, 9);
    expect(probability(constant(0.3), new Float64Array(1))).toBeCloseTo(0.3, 9);
  });
});

describe('the tolerance', () => {
  const wrong = { rightful: false, blocked: false };
  const right = { rightful: true, blocked: false };
  const told = { rightful: null, blocked: true };
  const begin = Math.log(0.08);

  test('begins at eight in a hundred, and the lower of the two counts', () => {
    expect(newTolerance).toEqual({ version: 1, ofWrong: begin, ofBlocked: begin });
    expect(tolerated({ version: 1, ofWrong: Math.log(0.05), ofBlocked: Math.log(0.07) })).toBeCloseTo(0.05, 12);
    expect(tolerated({ version: 1, ofWrong: Math.log(0.07), ofBlocked: Math.log(0.05) })).toBeCloseTo(0.05, 12);
  });

  test('falls with a wrong stop by nineteen times what it rises by with a right one', () => {
    const step = (ends: Parameters<typeof steer>[2], instances = 0) => {
      const { ofWrong, ofBlocked, version } = steer(newTolerance, instances, ends);
      expect(version).toBe(1);
      return [ofWrong - begin, ofBlocked - begin];
    };
    const near = (...steps: number[]) => steps.map(s => expect.closeTo(s, 12));
    expect(step([wrong])).toEqual(near(-0.05 * 0.95, 0));
    expect(step([right])).toEqual(near(0.05 * 0.05, 0));
    expect(step([...Array(19).fill(right), wrong])).toEqual(near(0, 0));
    expect(step([told])).toEqual(near(0, -0.02));
    expect(step([{ rightful: false, blocked: true }])).toEqual(near(-0.05 * 0.95, -0.02));
    // An hour of a hundred instances of which nobody was found stopped.
    expect(step([], 100)).toEqual(near(0, 0.02 * (1.85 / 720) * 100));
    expect(step([], 1)).toEqual(near(0, 0.02 * (1.85 / 720)));
    // Of twice as many as it was made for, each weighs a half.
    expect(step([told, wrong], 500)).toEqual(near(-0.05 * 0.95 * 0.5, 0.5 * 0.02 * ((1.85 / 720) * 500 - 1)));
  });

  test('stays between one and twenty in a hundred', () => {
    const bounded = (ends: Parameters<typeof steer>[2]) => steer(newTolerance, 250, ends).ofWrong;
    expect(bounded(Array(9999).fill(wrong))).toBe(Math.log(0.01));
    expect(bounded(Array(9999).fill(right))).toBe(Math.log(0.2));
    let { ofBlocked } = newTolerance;
    for (let i = 0; i < 999; i++) ({ ofBlocked } = steer({ ...newTolerance, ofBlocked }, 250, []));
    expect(ofBlocked).toBe(Math.log(0.2));
    expect(steer(newTolerance, 0, Array(999).fill(told)).ofBlocked).toBe(Math.log(0.01));
  });
});
