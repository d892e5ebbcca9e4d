/** The arithmetic under a fleet's forecasts, each piece against an example that was worked by hand or by another road. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  demandAt,
  errorAt,
  type History,
  KEPT,
  knows,
  learnMinute,
  levelAt,
  meanDemand,
  openHistory,
} from '../../../shared/decide/fleet/history.ts';
import { addSample, dot, fade, normalEquations, solve } from '../../../shared/decide/fleet/least-squares.ts';
import { cheapestCapacity } from '../../../shared/decide/fleet/newsvendor.ts';
import {
  BINS,
  chanceAbove,
  FEATURES,
  learnError,
  openSpread,
  reach,
  refitSpread,
  type Spread,
  scaleOf,
  spreadFeatures,
  survival,
} from '../../../shared/decide/fleet/spread.ts';

const learned = (first: number, demands: readonly number[]): History => {
  const history = openHistory(first);
  for (const demand of demands) learnMinute(history, demand);
  return history;
};

describe('the history of a fleet', () => {
  test('begins with nothing', () => {
    const history = openHistory(100);
    expect([history.first, history.last]).toEqual([100, 99]);
    expect([99, 100].map(minute => knows(history, minute))).toEqual([false, false]);
    expect([errorAt(history, 100), demandAt(history, 100), levelAt(history, 100)]).toEqual([Number.NaN, 0, 0]);
    expect(meanDemand(history, 90, 110)).toBe(0);
  });

  test('takes one minute after the other, and keeps the level of the five that end there', () => {
    const history = learned(100, [2, 4, 6, 8, 10, 12]);
    expect([history.first, history.last]).toEqual([100, 105]);
    expect([99, 100, 105, 106].map(minute => knows(history, minute))).toEqual([false, true, true, false]);
    expect([100, 103, 105].map(minute => demandAt(history, minute))).toEqual([2, 8, 12]);
    for (const [minute, mean] of [
      [100, 2],
      [102, 4],
      [104, 6],
      [105, 8],
    ] as const)
      expect(levelAt(history, minute)).toBeCloseTo(Math.log(mean + 1), 6);
    expect(levelAt(history, 3)).toBe(levelAt(history, 100)); // before it was first seen: as it was then
  });

  test('means are of what is known', () => {
    const history = learned(100, [2, 4, 6, 8]);
    expect(meanDemand(history, 101, 103)).toBe(6);
    expect(meanDemand(history, 102, 102)).toBe(6);
    expect(meanDemand(history, 90, 101)).toBe(3);
    expect(meanDemand(history, 103, 200)).toBe(8);
    expect(meanDemand(history, 104, 110)).toBe(0);
  });

  test('is eighteen days long: the next minute takes the place of the oldest, and of what was in error then', () => {
    expect(KEPT).toBe(18 * 1440);
    const history: History = { ...openHistory(7), last: 7 + KEPT - 1 };
    history.error[7] = 0.5;
    history.demand.fill(3);
    expect([knows(history, 7), knows(history, 6), errorAt(history, 7)]).toEqual([true, false, 0.5]);
    learnMinute(history, 8);
    expect([knows(history, 7), knows(history, 8), knows(history, 7 + KEPT)]).toEqual([false, true, true]);
    expect([demandAt(history, 7 + KEPT), errorAt(history, 7 + KEPT)]).toEqual([8, Number.NaN]);
    expect(levelAt(history, 7 + KEPT)).toBeCloseTo(Math.log(4 + 1), 6); // (3 + 3 + 3 + 3 + 8) ÷ 5
  });
});

describe('least squares', () => {
  const samples = fc.array(fc.tuple(fc.double({ min: -5, max: 5, noNaN: true }), fc.double({ min: -5, max: 5, noNaN: true })), {
    minLength: 12,
    maxLength: 40,
  });
  const near = (answer: Float64Array, expected: readonly number[], digits: number) => {
    expect(answer).toHaveLength(expected.length);
    for (const [i, value] of expected.entries()) expect(answer[i]).toBeCloseTo(value, digits);
  };

  test('finds what made the samples, however they are weighed', () => {
    fc.assert(
      fc.property(samples, fc.double({ min: 0.5, max: 2, noNaN: true }), (points, weight) => {
        const equations = normalEquations(3);
        const corners = [
          [1, 0],
          [0, 1],
          [-1, -1],
          [2, -1],
        ] as const; // so that there is always an answer
        for (const [a, b] of [...points, ...corners]) addSample(equations, Float64Array.of(1, a, b), 3 + 2 * a - b, weight);
        fade(equations, 0.5);
        near(solve(equations, 1e-12), [3, 2, -1], 4);
      }),
      { numRuns: 20 },
    );
  });

  test('a heavier sample draws the answer to itself, and what fades still weighs as it did against its own', () => {
    const equations = normalEquations(1);
    addSample(equations, Float64Array.of(1), 10, 1);
    addSample(equations, Float64Array.of(1), 4, 2);
    expect(equations.weight).toBe(3);
    near(solve(equations, 0), [6], 9); // (10 + 2 × 4) ÷ 3
    fade(equations, 0.5);
    expect(equations).toEqual({ size: 1, matrix: Float64Array.of(1.5), vector: Float64Array.of(9), weight: 1.5 });
    addSample(equations, Float64Array.of(1), 0, 1.5);
    near(solve(equations, 0), [3], 9); // 9 ÷ 3
  });

  test('are held as sums of products, the lower half row by row', () => {
    const equations = normalEquations(3);
    addSample(equations, Float64Array.of(1, 2, 5), 7, 2);
    expect(equations.matrix).toEqual(Float64Array.of(2, 4, 8, 10, 20, 50));
    expect(equations.vector).toEqual(Float64Array.of(14, 28, 70));
    fade(equations, 0.1);
    expect(equations.matrix[5]).toBeCloseTo(5, 9);
    expect(equations.vector[2]).toBeCloseTo(7, 9);
  });

  test('a penalty draws coefficients to nothing, and leaves the constant alone', () => {
    const equations = normalEquations(2);
    for (const x of [-1, 1, -2, 2]) addSample(equations, Float64Array.of(1, x), 7 + 5 * x, 1);
    near(solve(equations, 2.5), [7, 2.5], 9); // Σx² = 10, penalty 2.5 × 4: half
    near(solve(equations, 1e9), [7, 0], 6);
  });

  test('columns that say the same do not break it: each takes its half', () => {
    const equations = normalEquations(3);
    for (const x of [-1, 1]) addSample(equations, Float64Array.of(1, x, x), x, 1);
    near(solve(equations, 0), [0, 0.5, 0.5], 4);
    const nothing = normalEquations(2);
    addSample(nothing, Float64Array.of(0, 0), 0, 1);
    near(solve(nothing, 0), [0, 0], 9);
  });

  test('what four columns mean is their sum', () => {
    expect(dot(Float64Array.of(1, -2, 3, 0.5), Float64Array.of(4, 5, 6, 8))).toBe(16);
  });
});

/** Errors of so many scales, each with its share. */
const shaped = (shares: Readonly<Record<number, number>>): Spread => {
  const spread = openSpread();
  for (const [scales, share] of Object.entries(shares)) {
    spread.shape[200 + Math.round(Number(scales) * 20)] = share;
    spread.mass += share;
  }
  return spread;
};

describe('how far off a forecast may be', () => {
  test('nothing is known at first: a scale has its least', () => {
    const spread = openSpread();
    expect(spread).toMatchObject({ recent: new Float64Array(3), coefficients: null, mass: 0 });
    expect(spread.shape).toEqual(new Float32Array(BINS));
    expect(spread.equations.size).toBe(FEATURES);
    expect(scaleOf(spread, new Float64Array(FEATURES))).toBe(0.02);
  });

  test('before a scale is learned, it is the size of the errors of forty minutes; then what its features say, within reason', () => {
    const spread = openSpread();
    spread.recent.set([1, 0.3, 2]);
    expect(scaleOf(spread, new Float64Array(FEATURES))).toBeCloseTo(0.31, 12);
    spread.coefficients = Float64Array.of(1, 2, ...new Array<number>(10).fill(0));
    const scale = (a: number, b: number) => scaleOf(spread, Float64Array.of(a, b, ...new Array<number>(10).fill(7)));
    expect(scale(1, -1.25)).toBeCloseTo(Math.exp(-1.5), 12);
    expect(scale(1, 50)).toBeCloseTo(Math.exp(1.2), 12);
    expect(scale(1, -50)).toBe(0.02); // e⁻⁴ is less than the least
  });

  test('an error is remembered for 8, 40 and 300 minutes, and no more of it than three', () => {
    const spread = openSpread();
    learnError(spread, -0.6, 0.5, new Float64Array(FEATURES));
    for (const [i, minutes] of [8, 40, 300].entries()) expect(spread.recent[i]).toBeCloseTo(0.6 / minutes, 12);
    learnError(spread, 100, 0.5, new Float64Array(FEATURES));
    expect(spread.recent[0]).toBeCloseTo(0.075 + (3 - 0.075) / 8, 12);
  });

  test('its shape counts errors in twentieths of a scale, the far ones at the ends, and forgets slowly', () => {
    const spread = openSpread();
    const learn = (error: number, scale: number) => learnError(spread, error, scale, new Float64Array(FEATURES));
    const bins = () => [...spread.shape.entries()].filter(([, share]) => share > 0).map(([bin]) => bin);
    learn(0.5, 1);
    expect([bins(), spread.mass]).toEqual([[210], 1]);
    learn(0, 1);
    expect(bins()).toEqual([200, 210]);
    expect(spread.shape[210]).toBeCloseTo(1 - 1 / 4320, 6);
    expect(spread.mass).toBeCloseTo(2 - 1 / 4320, 6);
    learn(0.5, 1);
    expect(spread.shape[210]).toBeCloseTo(1 + (1 - 1 / 4320) ** 2, 5);
    learn(-0.5, 0.25);
    learn(1000, 1);
    learn(-1000, 1);
    expect(bins()).toEqual([0, 160, 200, 210, 400]);
  });

  test('a scale is learned from what came in higher than foreseen, once there is enough of it', () => {
    const spread = openSpread();
    const features = Float64Array.of(1, ...new Array<number>(11).fill(0));
    learnError(spread, -0.5, 1, features);
    learnError(spread, 0, 1, features);
    expect(spread.equations.weight).toBe(0);
    learnError(spread, 0.49, 1, features);
    expect(spread.equations.weight).toBe(1);
    expect(spread.equations.vector[0]).toBeCloseTo(Math.log(0.5), 12);
    learnError(spread, -1, 1, features);
    expect(spread.equations.weight).toBeCloseTo(1 - 1 / 10_080, 12);
    spread.equations.weight = 299.9;
    refitSpread(spread);
    expect(spread.coefficients).toBeNull();
    for (const exactly of [300, 301]) {
      Object.assign(spread, { coefficients: null });
      spread.equations.weight = exactly;
      refitSpread(spread);
      expect(spread.coefficients).toHaveLength(FEATURES);
    }
    // The constant bears no penalty, and the others know nothing.
    const share = (spread.equations.matrix[0] ?? 0) / (1 - 1 / 10_080);
    expect(share).toBeCloseTo(1, 9);
    expect(spread.coefficients?.[0]).toBeCloseTo(Math.log(0.5), 9);
    expect(spread.coefficients?.[1]).toBeCloseTo(0, 9);
  });

  test('what foretells it: the errors before, the hour and the day, and how much is about to move', () => {
    // Every minute another demand, and another error, for three days; some minutes were never measured.
    const minutes = 3 * 1440 + 100;
    const first = 50_000;
    const demandOf = (minute: number) => 10 + ((minute * 7) % 23);
    const errorOf = (minute: number) => (minute % 5 === 0 ? Number.NaN : (((minute * 13) % 101) - 50) / (minute % 17 === 0 ? 5 : 50));
    const history = learned(
      first,
      Array.from({ length: minutes }, (_, i) => demandOf(first + i)),
    );
    for (let minute = first; minute <= history.last; minute++) history.error[minute % KEPT] = errorOf(minute);
    const spread = openSpread();
    spread.recent.set([0.1, 0.2, 0.3]);
    const { last } = history;
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    const usual = (period: number, count: number, reach: number) => {
      const sizes: number[] = [];
      for (let back = 1; back <= count; back++)
        for (let off = -reach; off <= reach; off++) {
          const minute = last + 5 - period * back + off;
          if (minute >= first && minute <= last && !Number.isNaN(errorOf(minute))) sizes.push(Math.min(3, Math.abs(errorOf(minute))));
        }
      return mean(sizes);
    };
    const level = (minute: number) => Math.log(1 + mean([0, 1, 2, 3, 4].map(i => demandOf(minute - i))));
    const now = Math.log(1 + mean([0, 1, 2].map(i => demandOf(last - i))));
    const size = (x: number) => Math.log(x + 0.01);
    const expected = (forecast: number, usually: number, calm: number) => {
      const jump = forecast - now;
      const momentum = level(last) - level(last - 10);
      return [
        ...[1, size(0.1), size(0.2), size(0.3), size(usual(1440, 10, 6)), size(usual(60, 12, 2))],
        ...[Math.min(forecast, 6), jump > 0 ? jump : 0, jump < 0 ? -jump : 0, momentum > 0 ? momentum : 0, momentum < 0 ? -momentum : 0],
        size(Math.abs(usually - calm)),
      ];
    };
    for (const [forecast, calm, usually] of [
      [3.5, 3, 2.5],
      [2.1, 2, 3],
      [7, 1, 1],
    ] as const) {
      const told = spreadFeatures(spread, history, 5, Float64Array.of(calm, 99, usually), forecast);
      expect(told).toHaveLength(FEATURES);
      for (const [i, value] of expected(forecast, usually, calm).entries()) expect([i, told[i]]).toEqual([i, expect.closeTo(value, 6)]);
    }
    // A rising fleet has the other half of its momentum.
    learnMinute(history, 80);
    const rising = spreadFeatures(spread, history, 5, Float64Array.of(1, 1, 1), 3);
    const momentum = levelAt(history, last + 1) - levelAt(history, last - 9);
    expect([rising[9], rising[10]].map(x => Math.sign(x ?? 0))).toEqual(momentum > 0 ? [1, 0] : [0, 1]);
    expect(momentum).toBeGreaterThan(0);
    expect(rising[9]).toBeCloseTo(momentum, 6);
  });

  test('what was in error eighteen days ago is not what will be', () => {
    const history: History = { ...openHistory(0), last: KEPT + 99 };
    history.error.fill(0.5);
    const hourAhead = spreadFeatures(openSpread(), history, 70, Float64Array.of(1, 1, 1), 1);
    expect(hourAhead[5]).toBeCloseTo(Math.log(0.51), 6);
    for (let minute = 108; minute <= 112; minute++) history.error[minute] = 2; // they stand where minutes will be that have not come
    expect(spreadFeatures(openSpread(), history, 70, Float64Array.of(1, 1, 1), 1)).toEqual(hourAhead);
  });

  test('where no error is known of that time, the errors of five hours stand for it', () => {
    const spread = openSpread();
    spread.recent.set([0.1, 0.2, 0.3]);
    const told = spreadFeatures(spread, learned(0, [5, 5, 5]), 5, Float64Array.of(1, 1, 1), 1);
    expect([told[4], told[5]]).toEqual([expect.closeTo(Math.log(0.31), 9), expect.closeTo(Math.log(0.31), 9)]);
  });
});

describe('the chance of more', () => {
  const spread = shaped({ '-1': 2, 0: 5, 1: 2, 2: 1 });

  test('falls from one to nothing over the shape', () => {
    const chances = survival(spread);
    expect(chances).toHaveLength(BINS + 1);
    for (const [bin, chance] of [
      [0, 1],
      [180, 1],
      [181, 0.8],
      [200, 0.8],
      [201, 0.3],
      [220, 0.3],
      [221, 0.1],
      [240, 0.1],
      [241, 0],
      [401, 0],
    ] as const)
      expect([bin, chances[bin]]).toEqual([bin, expect.closeTo(chance, 6)]);
  });

  test('is told for a load by how many scales it lies above the forecast', () => {
    const chances = survival(spread);
    const above = (scales: number) => chanceAbove(chances, Math.exp(2 + 0.4 * scales) - 1, 2, 0.4);
    expect(above(-50)).toBe(1);
    expect(above(50)).toBe(0);
    for (const [scales, chance] of [
      [-1.02, 1],
      [-0.97, 0.8],
      [-0.02, 0.8],
      [0.03, 0.3],
      [0.98, 0.3],
      [1.03, 0.1],
      [2.03, 0],
    ] as const)
      expect([scales, above(scales)]).toEqual([scales, expect.closeTo(chance, 6)]);
    expect(chanceAbove(chances, 0, 400, 1)).toBe(1); // far below all that ever came
  });

  test('reaches from the lowest error to beyond the highest', () => {
    const { low, high } = reach(spread, 2, 0.4);
    expect(low).toBeCloseTo(Math.exp(2 - 0.4) - 1, 9);
    expect(high).toBeCloseTo(Math.exp(2 + 0.4 * 2.05) - 1, 9);
  });
});

describe('the cheapest capacity', () => {
  /** Load 10, 20 or 40: a forecast of eleven (as log), errors of so many scales of a twentieth of log 2 each. */
  const scale = 0.4;
  const forecast = Math.log(21);
  const spread = shaped({ '-1': 5, 0: 4, 1: 1 });
  const terms = { utilization: 0.8, min: 1, max: 400, price: 100 };

  /** What `n` cost, from the shares themselves. */
  function costOf(n: number, { utilization, price }: typeof terms): number {
    const shares = [
      [-1, 0.5],
      [0, 0.4],
      [1, 0.1],
    ] as const;
    const over = (load: number) => {
      const bin = Math.ceil((Math.log(load + 1) - forecast) / scale / 0.05);
      return shares.filter(([scales]) => scales * 20 >= bin).reduce((sum, [, share]) => sum + share, 0);
    };
    return n + price * (over(n * utilization) + 0.5 * over(n));
  }
  const cheapest = (asked: typeof terms): number => {
    const all = Array.from({ length: asked.max - asked.min + 1 }, (_, i) => asked.min + i);
    return all.reduce((best, n) => (costOf(n, asked) < costOf(best, asked) - 1e-9 ? n : best));
  };

  test.each([1, 4, 10, 30, 60, 100, 300, 1000, 20_000])('is found among all, at a price of %d for a minute that is short', price => {
    const asked = { ...terms, price };
    expect(cheapestCapacity(spread, forecast, scale, asked)).toBe(cheapest({ ...asked, min: 16, max: 60 }));
  });

  test('stays within its bounds', () => {
    expect(cheapestCapacity(spread, forecast, scale, { ...terms, max: 20, price: 20_000 })).toBe(17); // as much risk as 20
    expect(cheapestCapacity(spread, forecast, scale, { ...terms, max: 17, price: 20_000 })).toBe(17);
    expect(cheapestCapacity(spread, forecast, scale, { ...terms, min: 30, price: 20_000 })).toBe(
      cheapest({ ...terms, min: 30, max: 60, price: 20_000 }),
    );
    expect(cheapestCapacity(spread, forecast, scale, { ...terms, min: 300, price: 1 })).toBe(300);
    expect(cheapestCapacity(spread, forecast, scale, { ...terms, price: 0 })).toBe(16); // what came least, 13.1 ÷ 0.8
  });

  test('is the smaller of two that cost the same', () => {
    const halves = shaped({ '-1': 2, 0: 1, 1: 1 });
    const at = (price: number) => cheapestCapacity(halves, forecast, scale, { ...terms, max: 17, price });
    // 16 carry 12.8: all is more than that, and half of it is more than 16. 17 carry 13.6: the lowest quarter of the risk is gone.
    expect([at(1.9), at(2), at(2.1)]).toEqual([16, 16, 17]); // 16 + 2 × 1.25 = 17 + 2 × 0.75
  });

  test('may lie at the very end of what may come', () => {
    const sure = shaped({ 0: 1 });
    expect(cheapestCapacity(sure, Math.log(20.9), 0.02, { ...terms, price: 20_000 })).toBe(25); // 19.9 ÷ 0.8 = 24.9
    expect(cheapestCapacity(sure, Math.log(21.7), 0.02, { ...terms, price: 20_000 })).toBe(26); // 20.7 ÷ 0.8 = 25.9
  });

  test('of a large fleet is found to a thirty-second', () => {
    const asked: number[] = [];
    for (let n = 167; n < 400; n += Math.floor(n / 32)) asked.push(n); // load 133.7 ÷ 0.8
    const large = (n: number) => {
      const over = (load: number, scales: number) => Math.log(load + 1) > Math.log(201) + scale * scales;
      const risk = (load: number) =>
        [
          [-1, 0.5],
          [0, 0.4],
          [1, 0.1],
        ].reduce((sum, [at = 0, share = 0]) => sum + (over(load, at) ? 0 : share), 0);
      return n + 2000 * (risk(0.8 * n) + 0.5 * risk(n));
    };
    const best = asked.reduce((a, b) => (large(b) < large(a) - 1e-9 ? b : a));
    expect(cheapestCapacity(spread, Math.log(201), scale, { ...terms, max: 1000, price: 2000 })).toBe(best);
  });
});
