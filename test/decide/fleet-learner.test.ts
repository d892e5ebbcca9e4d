/** What a fleet teaches, and what is made of it: judged by playing a group under made-up demand. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { playGroup, type Run, type Scaler, type Terms } from '../../cli/fleet-replay/group.ts';
import { standardNormals } from '../../cli/fleet-replay/normals.ts';
import { learnMinute, openHistory } from '../../shared/decide/fleet/history.ts';
import { nextMinute, openLearner, type Service } from '../../shared/decide/fleet/learner.ts';
import type { Reading } from '../../shared/decide/fleet/load.ts';
import { hear, type Mind } from '../../shared/decide/fleet/mind.ts';
import { learnRhythm, type Rhythm, rhythmForecast } from '../../shared/decide/fleet/rhythm.ts';

const service: Service = { utilization: 0.9, minutes: 0.01, boot: 3, lag: 1, min: 2, max: 400 };
const DAY = 1440;

const cpu = (value: number | null): Reading => ({ kind: 'cpu', of: 'instance', full: 100, value });
const requests = (value: number | null, full: number | null = null): Reading => ({ kind: 'requests', of: 'fleet', full, value });

/** Learns the minutes as a group would tell them: late, and none before the first is published. */
function learning(terms: Service): Scaler {
  const learner = openLearner(0);
  return ({ newest, demand, desired }) => (newest < 0 ? desired : nextMinute(learner, demand, terms));
}

function played(demand: Float64Array, warmupDays: number): Run {
  const terms: Terms = { ...service, warmup: warmupDays * DAY };
  return playGroup(demand, terms, learning(service));
}

/** A day's wave with noise in proportion to it, the same for the same name. */
function noisyDays(days: number, noise: number, name: string): Float64Array {
  const normals = standardNormals(name);
  return Float64Array.from({ length: days * DAY }, (_, i) => {
    const wave = 20 + 12 * Math.sin((i * 2 * Math.PI) / DAY);
    return Math.max(0, wave * (1 + noise * normals()));
  });
}

describe('the margin', () => {
  let calm: Run;
  let wild: Run;
  beforeAll(() => {
    calm = played(noisyDays(8, 0.02, 'calm'), 2);
    wild = played(noisyDays(8, 0.2, 'wild'), 2);
  });

  test('comes to what the policy allows, on a calm fleet as on a wild one', () => {
    expect(calm.score.under).toBeLessThanOrEqual(1);
    expect(wild.score.under).toBeLessThanOrEqual(1);
    expect(wild.score.under).toBeGreaterThan(0.1); // a margin that is never used up was not learned, but bought
  });

  test('is small where demand can be foreseen, and large where it cannot', () => {
    expect(calm.score.utilization).toBeGreaterThan(78);
    expect(wild.score.utilization).toBeLessThan(70);
    expect(wild.score.utilization).toBeGreaterThan(45);
  });

  test('on the first day it is plain: six tenths more than the forecast, until errors have a shape', () => {
    const learner = openLearner(0);
    const asked = Array.from({ length: 50 }, () => nextMinute(learner, 10, service));
    expect(new Set(asked)).toEqual(new Set([18])); // 1.6 × 10 ÷ 0.9
  });

  test('a tighter policy buys more of it', () => {
    const demand = noisyDays(3, 0.1, 'tight');
    const play = (minutes: number) => playGroup(demand, { ...service, warmup: DAY }, learning({ ...service, minutes })).score;
    expect(play(0.002).instanceHours).toBeGreaterThan(1.03 * play(0.05).instanceHours);
  });
});

describe('what the clock does', () => {
  /** Every three hours a burst of twenty minutes, over next to nothing. */
  const bursts = Float64Array.from({ length: 6 * DAY }, (_, i) => (i % 180 >= 150 && i % 180 < 170 ? 40 : 6 + (i % 3) / 10));
  const shortMinutes = ({ inService }: Run, day: number) =>
    Array.from({ length: DAY }, (_, i) => day * DAY + i).filter(i => (bursts[i] ?? 0) > 0.9 * (inService[i] ?? 0)).length;
  const play = (minutes: number) => playGroup(bursts, { ...service, warmup: 0 }, learning({ ...service, minutes }));
  let strict: Run;
  beforeAll(() => {
    strict = play(0.001);
  });

  test('is foreseen after some days: capacity is up before the burst, and gone between two', () => {
    expect(shortMinutes(strict, 0)).toBeGreaterThan(30); // nobody could know
    expect([4, 5].map(day => shortMinutes(strict, day))).toEqual([0, 0]);
    for (let burst = 4 * DAY + 150; burst < 6 * DAY; burst += 180) {
      expect(strict.inService[burst]).toBeGreaterThanOrEqual(45); // ordered before any datapoint of it
      expect(strict.inService[burst - 60]).toBeLessThan(30);
    }
  });

  test('is met late as often as the policy allows, where that is cheaper', () => {
    const lenient = play(0.01);
    const late = [4, 5].reduce((sum, day) => sum + shortMinutes(lenient, day), 0);
    expect(late).toBeGreaterThan(0);
    expect(late).toBeLessThanOrEqual(2 * 14.4);
    expect(lenient.score.instanceHours).toBeLessThan(strict.score.instanceHours);
  });
});

test('a rhythm that is none of the calendar is found: every hundred minutes, a burst', () => {
  const history = openHistory(0);
  const load = (minute: number) => (minute % 100 >= 80 && minute % 100 < 95 ? 30 : 5 + (minute % 3) / 10);
  for (let minute = 0; minute < 3 * DAY; minute++) learnMinute(history, load(minute));
  const rhythm = learnRhythm(history, 5);
  expect(rhythm?.periods.slice(0, 3)).toContain(100);
  // Five minutes after each of these one is before, in the middle of, and just after a burst.
  const foretold = (minute: number) => Math.exp(rhythmForecast(rhythm as Rhythm, history, minute)) - 1;
  const cycle = 3 * DAY - 320;
  const [calm = 0, burst = 0, after = 0] = [70, 82, 92].map(into => foretold(cycle + into));
  expect(calm).toBeLessThan(10);
  expect(burst).toBeGreaterThan(20);
  expect(after).toBeLessThan(12);
  expect(learnRhythm(openHistory(0), 5)).toBeNull();
});

describe('whatever comes', () => {
  const loads = fc.array(fc.oneof(fc.double({ min: 0, max: 60, noNaN: true }), fc.constantFrom(0, 1, 500, 1e6)), {
    minLength: 1,
    maxLength: 60,
  });
  /** Each load for a few minutes. */
  const minutes = fc.tuple(loads, fc.integer({ min: 1, max: 9 })).map(([values, each]) => values.flatMap(v => Array<number>(each).fill(v)));

  test('a forecast is held against the minute it was for, however far ahead one looked in between', () => {
    const learner = openLearner(0);
    const foretold = new Map<number, number>();
    for (const [minute, load] of noisyDays(1, 0.1, 'warm pool').slice(0, 400).entries()) {
      // A warm pool that is now full, now empty.
      nextMinute(learner, load, { ...service, boot: minute % 90 < 50 ? 3 : 12 });
      const error = learner.history.error[minute] ?? Number.NaN;
      const made = foretold.get(minute);
      expect([minute, error]).toEqual([minute, made === undefined ? Number.NaN : Math.fround(Math.log(load + 1) - made)]);
      const newest = learner.open.at(-1);
      if (newest !== undefined) foretold.set(newest.minute, newest.forecast);
    }
    expect(learner.open.length).toBeLessThan(20);
  });

  test('the same minutes ask for the same capacities', () => {
    const demand = noisyDays(2, 0.1, 'same');
    const run = () => {
      const learner = openLearner(7);
      return Array.from(demand, load => nextMinute(learner, load, service));
    };
    expect(run()).toEqual(run());
  });

  test('capacity stays within its bounds, and is never less than what is there now needs', () => {
    const bounded = { ...service, min: 3, max: 120 };
    fc.assert(
      fc.property(minutes, demand => {
        const learner = openLearner(0);
        for (const [i, load] of demand.entries()) {
          const capacity = nextMinute(learner, load, bounded);
          expect(Number.isInteger(capacity)).toBe(true);
          expect(capacity).toBeGreaterThanOrEqual(3);
          expect(capacity).toBeLessThanOrEqual(120);
          const lately = demand.slice(Math.max(0, i - 2), i + 1);
          const present = lately.reduce((a, b) => a + b, 0) / lately.length;
          expect(capacity).toBeGreaterThanOrEqual(Math.min(120, Math.floor(present / 0.9)));
        }
      }),
      { numRuns: 40 },
    );
  });

  test('not even in its first hour does a fleet let go what a steep fall still needs', () => {
    const learner = openLearner(0);
    const loads = Array.from({ length: 50 }, (_, i) => 300 * 0.85 ** Math.max(0, i - 15));
    for (const [i, load] of loads.entries()) {
      const present = (load + (loads[i - 1] ?? load) + (loads[i - 2] ?? load)) / 3;
      expect([i, nextMinute(learner, load, service) >= Math.floor(present / 0.9)]).toEqual([i, true]);
    }
  });

  test('no datapoint, however odd, makes the next answer anything but a number within the bounds', () => {
    const odd = fc.oneof(
      fc.constantFrom<number | null>(null, Number.NaN, Number.POSITIVE_INFINITY, -1, -1e9, 1e300, 0),
      fc.double({ min: 0, max: 100 }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(odd, odd, fc.integer({ min: 0, max: 30 })), { minLength: 1, maxLength: 90 }), told => {
        let mind: Mind | null = null;
        for (const [minute, [load, asked, carriers]] of told.entries()) {
          mind = hear(mind, { minute, readings: [cpu(load), requests(asked)], carriers }, service)?.mind ?? null;
        }
        const heard = hear(mind, { minute: told.length, readings: [requests(500, 100)], carriers: 5 }, service);
        const capacity = heard?.capacity ?? Number.NaN;
        expect(capacity >= service.min && capacity <= service.max).toBe(true);
        const { demand, level } = (heard as { mind: Mind }).mind.learner.history;
        expect(demand.every(Number.isFinite) && level.every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

describe('npm run protocol:fleet', () => {
  const init = {
    type: 'init',
    bootSeconds: 180,
    metricLagMinutes: 1,
    min: 2,
    max: 400,
    sloUtilisation: 0.9,
    periodSeconds: 60,
    startEpoch: 0,
  };
  function protocol(lines: readonly (object | string)[]) {
    const input = lines.map(line => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
    const { status, stdout, stderr } = spawnSync(process.execPath, ['bench/protocol/fleet.ts'], {
      cwd: join(import.meta.dirname, '../..'),
      input,
      encoding: 'utf8',
    });
    return { status, answers: stdout.split('\n').filter(line => line !== ''), told: stderr };
  }

  test('answers as the functions do, line by line', () => {
    const load = (i: number) => 300 + 150 * Math.sin(i / 20) + (i % 5);
    const lines = Array.from({ length: 300 }, (_, i) => {
      const told = { metricT: 60 * (i - 2), cpu: load(i) / 10, requests: load(i), metricInService: 10 };
      return { t: 60 * i, inService: 10, pending: 0, desired: 10, ...(i >= 2 && told) };
    });
    let mind: Mind | null = null;
    const expected = lines.map((line, i) => {
      if (i < 2) return 10;
      const heard = hear(mind, { minute: i - 2, readings: [cpu(load(i) / 10), requests(load(i))], carriers: 10 }, service);
      mind = heard?.mind ?? null;
      return heard?.capacity ?? line.desired;
    });
    const { status, answers, told } = protocol([init, ...lines, { type: 'end' }, 'what comes after is not read']);
    expect({ status, told }).toEqual({ status: 0, told: '' });
    expect(answers.map(line => JSON.parse(line))).toEqual(expected.map(desired => ({ desired })));
  });

  test.each([
    ['no JSON', [init, '{"desired":'], 'protocol:fleet: line 2: is not a JSON object\n'],
    ['no object', [init, '7'], 'protocol:fleet: line 2: is not a JSON object\n'],
    ['a minute before the terms', [{ t: 0, desired: 3 }], 'protocol:fleet: line 1: the first line must be of type init\n'],
    ['terms that mean nothing', [{ ...init, sloUtilisation: 90 }], /^protocol:fleet: line 1: sloUtilisation: .+\n$/],
    ['a capacity that is none', [init, { t: 0, desired: 'many' }], /^protocol:fleet: line 2: desired: .+\n$/],
    ['a least that is more than the most', [{ ...init, min: 9, max: 3 }], /^protocol:fleet: line 1: max: .+\n$/],
  ])('%s ends the talk with a sentence and exit code 2', (_what, lines, sentence) => {
    const { status, answers, told } = protocol(lines);
    expect({ status, answers }).toEqual({ status: 2, answers: [] });
    expect(told).toMatch(sentence);
  });
});
