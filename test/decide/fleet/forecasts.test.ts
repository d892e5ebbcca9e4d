/** What a fleet's past foretells, and what the learner makes of it minute by minute: each against a reckoning by another road. */
import { describe, expect, test } from '@jest/globals';
import { consensus, EXPERTS, expertForecasts, judgeExperts } from '../../../shared/decide/fleet/experts.ts';
import { type History, KEPT, levelAt, openHistory } from '../../../shared/decide/fleet/history.ts';
import { horizon, type Learner, nextMinute, openLearner, type Service, skipMinute } from '../../../shared/decide/fleet/learner.ts';
import { learnRhythm, type Rhythm, rhythmForecast } from '../../../shared/decide/fleet/rhythm.ts';

const DAY = 1440;
const service: Service = { utilization: 0.9, minutes: 0.01, boot: 3, lag: 1, min: 2, max: 400 };

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

interface Past {
  readonly history: History;
  /** Mean of the minutes from one to another. */
  readonly over: (from: number, to: number) => number;
  /** Log of five minutes and one instance. */
  readonly level: (minute: number) => number;
}

/** A past of so many minutes, written down by hand. */
function past(first: number, minutes: number, demandOf: (minute: number) => number): Past {
  const history = openHistory(first);
  const demands = range(first, first + minutes - 1).map(demandOf);
  const at = (minute: number) => demands[minute - first] ?? Number.NaN;
  const over = (from: number, to: number) => mean(range(Math.max(first, from), to).map(at));
  const level = (minute: number) => Math.log(over(minute - 4, minute) + 1);
  for (const [i, demand] of demands.entries()) {
    history.demand[(first + i) % KEPT] = demand;
    history.level[(first + i) % KEPT] = level(first + i);
  }
  history.last = first + minutes - 1;
  return { history, over, level };
}

/** Never twice the same, and exact in single precision. */
const uneven = (minute: number): number => 8 + ((minute * 29) % 61) / 8 + (minute % 60 < 20 ? 6 : 0) + (minute % DAY < 700 ? 4 : 0);

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[half] ?? Number.NaN) : ((sorted[half - 1] ?? Number.NaN) + (sorted[half] ?? Number.NaN)) / 2;
};

describe('experts', () => {
  const named = (history: History, ahead: number, rhythm: Rhythm | null = null) => {
    const told = expertForecasts(history, rhythm, ahead);
    expect(told).toHaveLength(EXPERTS.length);
    return Object.fromEntries(EXPERTS.map((name, i) => [name, Math.exp(told[i] ?? Number.NaN) - 1]));
  };
  const close = (forecasts: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(forecasts).map(([name, value]) => [name, expect.closeTo(value, 6)]));

  /** The same forecasts from the minutes themselves, where a past of `days` is known. */
  function reckoned({ over }: Past, first: number, last: number, ahead: number) {
    const level = over(last - 2, last);
    const grown = (lags: readonly number[]) =>
      lags
        .filter(lag => lag > ahead + 2 && last - lag - 2 >= first)
        .map(lag => over(last + ahead - lag - 2, last + ahead - lag + 2) / over(last - lag - 2, last - lag));
    const times = (ratios: readonly number[]) => level * (ratios.length === 0 ? 1 : median(ratios));
    const day = grown([1, 2, 3, 4, 5, 6, 7, 14].map(d => d * DAY));
    const week = grown([7, 14].map(d => d * DAY));
    const before = last - 10 >= first ? over(last - 12, last - 10) : level;
    const days = [1, 2, 3, 7].filter(d => last - d * DAY >= first).map(d => last + ahead - d * DAY);
    return {
      level,
      trend: Math.max(0.3 * level, level + ((level - before) / 10 / 2) * ahead),
      'same time of day': times(day),
      'same time of week': times(week.length === 0 ? day : week),
      'same minute of the hour': times(grown(range(1, 12).map(h => 60 * h))),
      'past days': days.length === 0 ? level : mean(days.map(m => over(m - 2, m + 2))),
      rhythm: level,
    };
  }

  test.each([
    ['minutes', 8, 5],
    ['ten minutes', 10, 5],
    ['eleven minutes', 11, 5],
    ['an hour less a minute', 62, 5],
    ['an hour and two minutes before', 63, 5],
    ['half a day', 700, 5],
    ['a day', DAY, 5],
    ['a day and a minute', DAY + 1, 5],
    ['a day and two minutes before', DAY + 3, 5],
    ['four days', 4 * DAY + 77, 5],
    ['four days, far ahead', 4 * DAY + 77, 58],
    ['four days, an hour ahead', 4 * DAY + 77, 57],
    ['a fortnight and more', 14 * DAY + 50, 12],
  ])('after %s say what the minutes themselves say', (_name, minutes, ahead) => {
    const first = 77_777;
    const known = past(first, minutes, uneven);
    expect(named(known.history, ahead)).toEqual(close(reckoned(known, first, first + minutes - 1, ahead)));
  });

  test('a steep fall is no fall below three tenths, and nothing is not divided by', () => {
    const fall = past(0, 20, minute => 1000 - 50 * minute);
    expect(named(fall.history, 60)['trend']).toBeCloseTo(0.3 * 100, 4);
    const asleep = named(past(0, 2 * DAY, () => 0).history, 5);
    for (const [name, demand] of Object.entries(asleep)) expect([name, demand]).toEqual([name, expect.closeTo(0, 5)]);
    const woken = past(0, 2 * DAY, minute => (minute === 2 * DAY - 1 - DAY + 5 ? 10 : 0));
    expect(named(woken.history, 5)['same time of day']).toBeCloseTo(2, 3); // from nothing (a millionth) to two
  });

  test('the rhythm says what it has learned, once it has', () => {
    const { history, level } = past(0, 200, uneven);
    const rhythm = { ahead: 5, periods: [], coefficients: Float64Array.of(0.25) };
    expect(Math.log((named(history, 5, rhythm)['rhythm'] ?? 0) + 1)).toBeCloseTo(level(199) + 0.25, 6);
  });

  test('are judged by what came, and what was wrong long ago weighs less', () => {
    const losses = Float64Array.of(2, 0, 1);
    judgeExperts(losses, Float64Array.of(3, 5, 4), 4);
    expect([...losses]).toEqual([2 * (1 - 1 / 720) + 1, 1, 1 - 1 / 720]);
  });

  test('the one that was nearest has the most to say', () => {
    expect(consensus(Float64Array.of(0, 0), Float64Array.of(2, 4))).toBe(3);
    expect(consensus(Float64Array.of(1, 1), Float64Array.of(2, 4))).toBe(3);
    const next = Math.exp(-12 * 0.1);
    expect(consensus(Float64Array.of(10, 11), Float64Array.of(2, 4))).toBeCloseTo((2 + 4 * next) / (1 + next), 9);
    expect(consensus(Float64Array.of(11, 10), Float64Array.of(2, 4))).toBeCloseTo((2 * next + 4) / (1 + next), 9);
    const small = Math.exp(-12 * 0.5); // a thousandth is the least difference that counts
    expect(consensus(Float64Array.of(0, 0.0005), Float64Array.of(2, 4))).toBeCloseTo((2 + 4 * small) / (1 + small), 9);
  });
});

describe('the rhythm', () => {
  const CALENDAR = [1440, 2880, 4320, 10_080, 60, 120, 180];
  /** What a forecast reads, in its order, from the minutes themselves. */
  function read({ level, over }: Past, first: number, minute: number, ahead: number, periods: readonly number[]): number[] {
    const now = level(minute);
    const then = (at: number) => (Math.min(at, minute) < first ? 0 : level(Math.min(at, minute)) - now);
    return [
      1,
      Math.log(over(minute - 1, minute) + 1) - now,
      ...range(1, 12).map(i => level(Math.max(first, minute - 5 * i)) - now),
      ...[...CALENDAR, ...periods].flatMap(lag => [then(minute + ahead + 2 - lag), then(minute - lag)]),
    ];
  }
  const SIZE = 44;
  const unit = (k: number, size = 1) => Float64Array.from({ length: SIZE }, (_, i) => (i === k ? size : 0));
  const EIGHT = [35, 50, 75, 100, 200, 250, 300, 800];

  test.each([
    ['within its first day', 700],
    ['after four days', 4 * DAY + 33],
    ['before a period is over', 5],
  ])('%s reads the last hour, the calendar and its periods, all against the present level', (_name, minutes) => {
    const first = 31_000;
    const known = past(first, minutes, uneven);
    const last = first + minutes - 1;
    for (const ahead of [5, 70]) {
      const expected = read(known, first, last, ahead, EIGHT);
      expect(expected).toHaveLength(SIZE);
      for (const [k, value] of expected.entries()) {
        const forecast = rhythmForecast({ ahead, coefficients: unit(k), periods: EIGHT }, known.history, last);
        expect([k, forecast - known.level(last)]).toEqual([k, expect.closeTo(value, 5)]);
      }
    }
  });

  test('foretells no step of more than e⁴', () => {
    const { history, level } = past(0, 100, uneven);
    const step = (by: number) => rhythmForecast({ ahead: 5, coefficients: unit(0, by), periods: EIGHT }, history, 99) - level(99);
    expect([3, 9, -9].map(step)).toEqual([3, 4, -4].map(x => expect.closeTo(x, 5)));
  });

  test('is learned from half a day on', () => {
    expect(learnRhythm(openHistory(0), 5)).toBeNull();
    expect(learnRhythm(past(0, 740, uneven).history, 5)).toBeNull();
    expect(learnRhythm(past(0, 741, uneven).history, 5)).toMatchObject({ ahead: 5 });
  });

  /** By how much the changes of five minutes repeat themselves after each lag. */
  function strengths({ level }: Past, start: number, last: number): { readonly lag: number; readonly strength: number }[] {
    const count = Math.floor((last - start) / 5);
    const change = (i: number) => level(start + 5 * i + 5) - level(start + 5 * i);
    const changes = range(0, count - 1).map(change);
    const found = [];
    for (let steps = 3; steps < Math.min(300, count / 3); steps++) {
      const pairs = range(Math.max(steps, count - 3024), count - 1);
      found.push({ lag: 5 * steps, strength: pairs.reduce((sum, i) => sum + (changes[i] ?? 0) * (changes[i - steps] ?? 0), 0) });
    }
    return found.sort((a, b) => b.strength - a.strength || a.lag - b.lag);
  }

  test('finds the eight lags after which most is repeated, none beside another', () => {
    const first = 400;
    for (const minutes of [760, 2000]) {
      const known = past(first, minutes, minute => uneven(minute) + (minute % 95 < 30 ? 20 : 0));
      const last = first + minutes - 1;
      const chosen: number[] = [];
      for (const { lag } of strengths(known, first + 20, last))
        if (chosen.length < 8 && chosen.every(c => Math.abs(c - lag) > 5)) chosen.push(lag);
      const rhythm = learnRhythm(known.history, 7);
      expect(rhythm?.periods).toEqual(chosen);
      expect(chosen.slice(0, 3)).toContain(95);
    }
  });

  test('finds what has just been repeated, once it has been seen three times as long', () => {
    const first = 400;
    // Flat, but for what began at the end, and once before.
    const periods = (minutes: number, lag: number) => {
      const known = past(first, minutes, minute => ([0, lag].includes(first + minutes - 6 - minute) ? 90 : 8));
      const chosen: number[] = [];
      for (const found of strengths(known, first + 20, first + minutes - 1))
        if (chosen.length < 8 && chosen.every(c => Math.abs(c - found.lag) > 5)) chosen.push(found.lag);
      expect(learnRhythm(known.history, 7)?.periods).toEqual(chosen);
      return chosen[0];
    };
    expect(periods(1971, 645)).toBe(645);
    expect(periods(1971, 650)).not.toBe(650); // 390 steps: fewer than a third of them
    expect(periods(5000, 1495)).toBe(1495);
    expect(periods(5000, 1500)).not.toBe(1500);
  });

  test('of changes that repeat themselves after no lag more than after another the shortest lags are taken', () => {
    const level = past(0, 900, () => 8);
    expect(learnRhythm(level.history, 5)?.periods).toEqual([15, 25, 35, 45, 55, 65, 75, 85]);
  });

  /**
   * The coefficients are those at which the penalised squares are least: there, each of their slopes is nothing. Samples are every seventh
   * minute, and one of five days ago weighs 1/e.
   */
  test.each([
    ['a day', 1498, 5],
    ['twelve days, of which ten are read', 12 * DAY + 9, 3],
  ])('of %s has the least squares', (_name, minutes, ahead) => {
    const first = 29_000_000;
    const wave = (minute: number) =>
      40 + Math.round(128 * (20 * Math.sin(minute / 31) + 9 * Math.sin(minute / 229))) / 128 + ((minute * 29) % 64) / 8;
    const known = past(first, minutes, wave);
    const last = first + minutes - 1;
    const rhythm = learnRhythm(known.history, ahead);
    if (rhythm === null) throw new Error('nothing was learned');
    const start = Math.max(first + 20, last - 10 * DAY);
    const slopes = new Float64Array(SIZE);
    const sizes = new Float64Array(SIZE);
    let weights = 0;
    const stored = { level: (minute: number) => levelAt(known.history, minute), over: known.over } as Past;
    for (let minute = start; minute + ahead + 2 <= last; minute += 7) {
      const weight = Math.exp((minute - last) / (5 * DAY));
      const x = read(stored, first, minute, ahead, rhythm.periods);
      const came = stored.level(minute + ahead + 2) - stored.level(minute);
      const off = came - x.reduce((sum, value, k) => sum + value * (rhythm.coefficients[k] ?? 0), 0);
      for (const [k, value] of x.entries()) {
        slopes[k] = (slopes[k] ?? 0) - weight * value * off;
        sizes[k] = (sizes[k] ?? 0) + weight * Math.abs(value * off);
      }
      weights += weight;
    }
    for (let k = 0; k < SIZE; k++) {
      const slope = (slopes[k] ?? 0) + (k === 0 ? 0 : 0.0002 * weights * (rhythm.coefficients[k] ?? 0));
      expect([k, Math.abs(slope) <= 1e-6 * Math.max(1, sizes[k] ?? 0)]).toEqual([k, true]);
    }
    expect(Math.max(...rhythm.coefficients.map(Math.abs))).toBeGreaterThan(0.1);
  });
});

describe('the learner', () => {
  const BORN = 29_000_000;
  /** One that has seen so many minutes of a demand, and nothing was forecast. */
  const seen = (minutes: number, demandOf: (minute: number) => number = () => 9, other: Partial<Learner> = {}): Learner => ({
    ...openLearner(0),
    history: past(BORN, minutes, minute => demandOf(minute - BORN)).history,
    ...other,
  });

  test('looks as far ahead as an instance ordered now takes to serve', () => {
    expect(horizon(service)).toBe(3 + 1 + 1);
    expect(horizon({ ...service, boot: 7, lag: 6 })).toBe(14);
    const learner = openLearner(100);
    nextMinute(learner, 9, service);
    nextMinute(learner, 9, { ...service, boot: 8 });
    expect(learner.open.map(({ minute }) => minute)).toEqual([105, 111]);
    expect(learner.open[0]).toMatchObject({ forecast: expect.closeTo(Math.log(10), 6), scale: 0.02 });
    expect(learner.open[0]?.forecasts).toHaveLength(EXPERTS.length);
  });

  test('begins with what is there, and a price', () => {
    expect(openLearner(5)).toMatchObject({ rhythm: null, open: [], held: [], price: 400, balance: 0, losses: new Float64Array(7) });
  });

  test('on the first day asks for six tenths more than the forecast, until errors have a shape', () => {
    const learner = openLearner(0);
    const asked = range(1, 60).map(() => nextMinute(learner, 10, service));
    expect(new Set(asked)).toEqual(new Set([18])); // 1.6 × 10 ÷ 0.9
    // From then on by the shape of errors, which there were none of: what is there, and what the smallest scale may add.
    const wanted = range(1, 3).map(() => {
      nextMinute(learner, 10, service);
      return learner.restraint.wanted.at(-1);
    });
    expect(wanted).toEqual([12, 12, 12]);
    // Who has no shape by then keeps the plain margin.
    const shapeless = seen(100, () => 10);
    nextMinute(shapeless, 10, service);
    expect(shapeless.restraint.wanted).toEqual([18]);
  });

  test('asks for no less than what is there now, and for nothing beyond its bounds', () => {
    const steep = seen(50, () => 0, { losses: Float64Array.of(0, 9, 9, 9, 9, 9, 9) });
    expect(nextMinute(steep, 90, service)).toBe(54); // a level of 30: 1.6 × 30 ÷ 0.9
    const falling = seen(50, minute => (minute <= 40 ? 300 : 0), { losses: Float64Array.of(9, 0, 9, 9, 9, 9, 9) });
    expect(nextMinute(falling, 90, service)).toBe(34); // the trend would have it that nine are left: 16; but there are 30 now
    // A forecast of nothing does not argue away a present of 20: 18 ÷ 0.9.
    const argued = seen(200, () => 18);
    argued.losses.set([9, 9, 9, 9, 9, 9, 0]);
    argued.rhythm = { ahead: 5, periods: [], coefficients: Float64Array.of(-4) };
    argued.spread.shape[200] = 1;
    argued.spread.mass = 1;
    nextMinute(argued, 18, service);
    expect(argued.open.at(-1)?.forecast).toBeLessThan(0.5);
    expect(argued.restraint.wanted).toEqual([20]);
    expect(nextMinute(seen(20), 9, { ...service, min: 40 })).toBe(40);
    expect(nextMinute(seen(20), 9, { ...service, max: 7 })).toBe(7);
  });

  test('holds a forecast against the minute that it was for, the latest that was made', () => {
    const learner = openLearner(0);
    for (const [i, boot] of [3, 3, 5, 4, 3].entries()) nextMinute(learner, 5 + i, { ...service, boot });
    expect(learner.open.map(({ minute }) => minute)).toEqual([5, 6, 9, 9, 9]);
    const forecasts = learner.open.map(({ forecast }) => forecast);
    for (let minute = 5; minute < 10; minute++) nextMinute(learner, 20 + minute, service);
    const errors = range(5, 9).map(minute => learner.history.error[minute]);
    expect(errors).toEqual([
      ...[expect.closeTo(Math.log(26) - (forecasts[0] ?? 0), 6), expect.closeTo(Math.log(27) - (forecasts[1] ?? 0), 6)],
      ...[Number.NaN, Number.NaN, expect.closeTo(Math.log(30) - (forecasts[4] ?? 0), 6)],
    ]);
    expect(learner.spread.recent[0]).toBeGreaterThan(0);
    expect(learner.losses[0]).toBeGreaterThan(0);
    expect(Math.min(...learner.open.map(({ minute }) => minute))).toBe(10); // what has come is not open any more
  });

  test('a minute that nobody measured teaches time: what was forecast for it is dropped, and capacity stays', () => {
    const learner = openLearner(0);
    for (let i = 0; i < 7; i++) nextMinute(learner, 9, service);
    const before = {
      price: learner.price,
      balance: learner.balance,
      capacity: learner.restraint.capacity,
      recent: [...learner.spread.recent],
    };
    for (let i = 0; i < 3; i++) skipMinute(learner, 9, service);
    expect(learner.history.last).toBe(9);
    expect(learner.open.map(({ minute }) => minute)).toEqual([10, 11, 12, 13, 14]);
    expect(learner.held).toEqual(Array(5).fill(before.capacity));
    expect([learner.price, learner.balance, [...learner.spread.recent]]).toEqual([before.price, before.balance, before.recent]);
    expect(learner.history.error[8]).toBeNaN();
  });

  test('remembers what it held for as long as it looks ahead', () => {
    const learner = seen(80, () => 9);
    for (const demand of [9, 20, 30, 40, 50, 60, 70]) nextMinute(learner, demand, service);
    expect(learner.held).toHaveLength(5);
    expect(learner.held.at(-1)).toBe(learner.restraint.capacity);
    expect(learner.held.every((n, i) => i === 0 || n > (learner.held[i - 1] ?? 0))).toBe(true);
  });

  test('plays target tracking beside it, and counts its own resizes, each once it is old enough', () => {
    const learner = openLearner(0);
    const played = range(0, 8).map(() => {
      nextMinute(learner, 9, service);
      return Math.round(learner.yardstick.minutes);
    });
    expect(played).toEqual([0, 0, 0, 0, 0, 0, 1, 2, 3]);
    expect(learner.yardstick.inService).toBe(18);
    const worths = [239, 240, 241, 242].map(age => {
      const old = seen(age);
      nextMinute(old, 9, service);
      return old.restraint.worth === 12;
    });
    expect(worths).toEqual([true, true, false, false]); // older than four hours
    const resized = seen(300); // from none to eleven: a resize is worth more afterwards
    nextMinute(resized, 9, service);
    expect(resized.restraint.worth).toBeCloseTo(12 * Math.exp(0.01 * (1 - (100 * 0.84) / 1440)), 9);
  });

  describe('charges for what was short', () => {
    const ALLOWED = 0.9 * 0.01;
    /** The minute after so many, with what was held; five minutes, of which the newest has not come to serve. */
    function charged(held: readonly number[], demand: number, { minutes = 200, balance = 0, price = 400, lag = 1 } = {}) {
      const learner = seen(minutes, () => 9, { held: [...held], balance, price });
      nextMinute(learner, demand, { ...service, lag, boot: 4 - lag });
      return { balance: learner.balance, price: learner.price };
    }
    const BUSY = [20, 20, 20, 20, 20];

    test('the price rises with a minute that was, and falls slowly with those that were not', () => {
      const short = charged(BUSY, 18.01);
      expect(short.balance).toBeCloseTo(ALLOWED - 1, 12);
      const careful = ALLOWED * (1 + (0.3 * (ALLOWED - 1)) / (1440 * ALLOWED)); // a minute of a day's worth of thirteen is overspent
      expect(short.price).toBeCloseTo(400 * Math.exp(0.05 * (1 - careful)), 9);
      const enough = charged(BUSY, 18);
      expect(enough.balance).toBeCloseTo(ALLOWED, 12);
      expect(enough.price).toBeCloseTo(400 * Math.exp(-0.05 * ALLOWED), 9);
    });

    test('what served is the least of what was held, but for what is too new', () => {
      const wasShort = (held: readonly number[], lag = 1) => charged(held, 12, { lag }).balance < 0;
      expect(wasShort([20, 13, 20, 20, 20])).toBe(true);
      expect(wasShort([20, 14, 20, 20, 20])).toBe(false);
      expect(wasShort([10, 20, 20, 20, 20])).toBe(true);
      expect(wasShort([20, 20, 20, 10, 20])).toBe(true);
      expect(wasShort([20, 20, 20, 20, 10])).toBe(false);
      expect(wasShort([20, 20, 20, 10, 10], 2)).toBe(false);
      expect(wasShort([20, 20, 20, 10, 10], 0)).toBe(true);
    });

    test('who overspent is careful, who has to spare is not bolder than allowed', () => {
      const after = (balance: number) => charged(BUSY, 9, { balance });
      const day = 1440 * ALLOWED;
      for (const before of [-0.1 * day, -0.5 * day, -2 * day, -5 * day, 0.5 * day]) {
        const balance = before * (1 - 1 / 28_800) + ALLOWED;
        const careful = ALLOWED * Math.min(1, Math.max(0.3, 1 + (0.3 * balance) / day));
        const { balance: told, price } = after(before);
        expect(told).toBeCloseTo(balance, 9);
        expect(price).toBeCloseTo(400 * Math.exp(-0.05 * careful), 9);
      }
      expect(after(2 * day).balance).toBeCloseTo(day, 9); // no more than a day's worth is saved
    });

    test('a price has its bounds', () => {
      expect(charged(BUSY, 50, { price: 19_999 }).price).toBe(20_000);
      expect(charged(BUSY, 9, { price: 4 }).price).toBe(4);
    });

    test('not before the first hour is over', () => {
      const untouched = range(64, 68).map(minutes => charged(BUSY, 9, { minutes }).balance === 0);
      expect(untouched).toEqual([true, true, false, false, false]); // an hour, and as long as it looks ahead
    });
  });

  describe('learns its rhythm', () => {
    const after = (minutes: number, rhythm: Rhythm | null = null) => {
      const learner = seen(minutes, uneven, { rhythm });
      const held = learner.rhythm;
      learner.spread.equations.weight = 300;
      nextMinute(learner, 9, service);
      return [learner.rhythm !== held, learner.spread.coefficients !== null];
    };
    const old: Rhythm = { ahead: 5, periods: [], coefficients: new Float64Array(44) };

    test('once a day is known, and the spread with it', () => {
      expect([1380, 1439, 1440, 1441].map(minutes => after(minutes))).toEqual([
        ...[
          [false, false],
          [false, false],
          [true, true],
          [false, false],
        ],
      ]);
    });

    test('within the hour where that minute was missed, and once a day from then on', () => {
      expect([1499, 1500, 1560].map(minutes => after(minutes))).toEqual([
        [false, false],
        [true, true],
        [true, true],
      ]);
      expect([1500, 1560, 2880].map(minutes => after(minutes, old))).toEqual([
        [false, false],
        [false, false],
        [true, true],
      ]);
    });

    test('for as far as it looks ahead', () => {
      const learner = seen(1440, uneven);
      nextMinute(learner, 9, { ...service, boot: 11 });
      expect(learner.rhythm?.ahead).toBe(13);
    });
  });
});
