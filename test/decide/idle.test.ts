/** The learnt idle decision, played for weeks by the shipped model: whatever is seen, and whatever ticks are lost. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { activityOf, IDLE, IN_USE } from '../../shared/decide/idle/activity.ts';
import { consider, earliestRest, type Mind } from '../../shared/decide/idle/consider.ts';
import { featuresOf } from '../../shared/decide/idle/features.ts';
import { hourly, type IdleFleet, type InstanceHour, newFleet } from '../../shared/decide/idle/fleet.ts';
import { follow, type Happened, type OurStop, type Terms } from '../../shared/decide/idle/follow.ts';
import { earlierBy, emptyHistory, HISTORY_HOURS, type History, type HourSeen, tell } from '../../shared/decide/idle/history.ts';
import { type Learner, newLearner, wishOf } from '../../shared/decide/idle/learner.ts';
import { riskOf, shippedModel } from '../../shared/decide/idle/risk.ts';
import { packMind, unpackMind } from '../../shared/runtime/idle-items.ts';

/** A Monday, 00:00 UTC: 2025-05-12. */
const MONDAY = 485_280;
const QUIET = { cpuMax: 1.2, netMax: 3 };
const BUSY = { cpuMax: 45, netMax: 900 };

const historyOf = (hours: readonly HourSeen[], from = MONDAY): History =>
  hours.reduce<History>((history, seen, i) => tell(history, from + i, seen), emptyHistory(from));
const hoursWhere = (n: number, busy: (hour: number) => boolean): HourSeen[] =>
  Array.from({ length: n }, (_, h) => (busy(h) ? BUSY : QUIET));

const seenHour: fc.Arbitrary<HourSeen> = fc.oneof(
  { weight: 6, arbitrary: fc.constant(QUIET) },
  { weight: 2, arbitrary: fc.constant(BUSY) },
  {
    weight: 2,
    arbitrary: fc.record({
      cpuMax: fc.option(fc.double({ min: -5, max: 120 })),
      netMax: fc.option(fc.double({ min: -1, max: 1e7 })),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom<HourSeen>('undisturbed', 'woken') },
);

describe('a history', () => {
  test('keeps four weeks in less than 2 KB of JSON, and forgets the oldest hour first', () => {
    const history = historyOf(hoursWhere(2000, h => h === 1998));
    expect(history.cpu).toHaveLength(HISTORY_HOURS);
    expect(history.end).toBe(MONDAY + 2000);
    expect(JSON.stringify(history).length).toBeLessThan(2048);
    expect(activityOf(history).hours.at(-2)).toBe(IN_USE);
  });

  test('an hour that nobody told of is not known, and is neither idle nor in use', () => {
    const history = tell(tell(emptyHistory(MONDAY), MONDAY, QUIET), MONDAY + 3, QUIET);
    expect([...activityOf(history).hours]).toEqual([0, 2, 2, 0]);
  });

  test('an hour is told once: telling it again changes nothing', () => {
    const history = historyOf(hoursWhere(50, () => false));
    expect(tell(history, MONDAY + 10, BUSY)).toBe(history);
  });

  test('whatever is told, it stays printable, as long as it is, and survives JSON', () => {
    fc.assert(
      fc.property(fc.array(seenHour, { maxLength: 60 }), hours => {
        const history = historyOf(hours);
        expect(history.cpu).toHaveLength(hours.length);
        expect(history.net).toHaveLength(hours.length);
        expect(JSON.parse(JSON.stringify(history))).toEqual(history);
        expect(history.cpu).toMatch(/^[ -~]*$/);
      }),
    );
  });
});

describe('use', () => {
  test('is told from an instance’s own floor: an agent that keeps 4 % is idleness, twice of it is use', () => {
    const agent = { cpuMax: 4, netMax: 2 };
    const { hours, floor } = activityOf(historyOf([...Array<HourSeen>(100).fill(agent), { cpuMax: 8, netMax: 2 }, agent]));
    expect([...hours.slice(-3)]).toEqual([IDLE, IN_USE, IDLE]);
    expect(floor.cpu).toBeCloseTo(4, 0);
    expect(floor.cpuInUse).toBeCloseTo(6, 0);
  });

  test('above 8 % it is use whatever the floor, and traffic alone is use too', () => {
    expect(activityOf(historyOf(Array<HourSeen>(100).fill({ cpuMax: 30, netMax: 1 }))).hours.at(-1)).toBe(IN_USE);
    expect(activityOf(historyOf([...hoursWhere(100, () => false), { cpuMax: 1.2, netMax: 40 }])).hours.at(-1)).toBe(IN_USE);
  });
});

describe('the risk', () => {
  test('is a probability whatever was seen, and every feature is a number', () => {
    fc.assert(
      fc.property(fc.array(seenHour, { minLength: 1, maxLength: 400 }), fc.integer({ min: -12, max: 14 }), (seen, offset) => {
        const history = historyOf(seen);
        for (const value of featuresOf(activityOf(history), history.end + offset, 4).row) expect(value).toEqual(expect.any(Number));
        expect([...featuresOf(activityOf(history), history.end, 1).row].every(Number.isFinite)).toBe(true);
        const risk = riskOf(history, offset, shippedModel);
        if (risk.state !== 'idle') return;
        expect(risk.soon).toBeGreaterThan(0);
        expect(risk.soon).toBeLessThan(1);
      }),
      { numRuns: 60 },
    );
  });

  test('silence is not idleness', () => {
    const silent = { cpuMax: null, netMax: null };
    expect(riskOf(historyOf([...hoursWhere(400, () => false), silent]), 0, shippedModel).state).toBe('unknown');
  });

  test('is far lower in the evening than before a working day of somebody who comes from nine to five', () => {
    const office = (h: number) => h % 24 >= 9 && h % 24 < 17 && Math.floor(h / 24) % 7 < 5;
    const at = (hour: number) => {
      const risk = riskOf(historyOf(hoursWhere(21 * 24 + hour, office)), 0, shippedModel);
      return risk.state === 'idle' ? risk.soon : Number.NaN;
    };
    expect(at(20)).toBeLessThan(0.1);
    expect(at(7)).toBeGreaterThan(4 * at(20));
  });
});

describe('a fleet, hour by hour', () => {
  /** Three weeks on paper, then a week in which it may act; somebody who needs a stopped instance starts it. */
  function play(busy: (hour: number) => boolean, days = 7) {
    let fleet: IdleFleet = newFleet;
    let running = true;
    const told: string[] = [];
    for (let h = 0; h < 24 * (21 + days); h++) {
      if (!running && busy(h)) running = true;
      const seen: InstanceHour[] = [{ id: 'i-1', running, ...(running ? (busy(h) ? BUSY : QUIET) : { cpuMax: null, netMax: null }) }];
      const { next, stop, start } = hourly(fleet, MONDAY + h, seen, {
        act: h >= 21 * 24,
        utcOffsetOf: () => 0,
        modelOf: () => shippedModel,
      });
      fleet = next;
      if (stop.length > 0) told.push(`stop ${(h + 1) % 24}`);
      if (start.length > 0) told.push(`start ${(h + 1) % 24}`);
      running = stop.length > 0 ? false : start.length > 0 ? true : running;
    }
    return { told, fleet };
  }

  test('rests between nightly jobs and is brought back in time for each', () => {
    const { told } = play(h => h % 24 === 2);
    expect(told.filter(t => t.startsWith('stop')).length).toBeGreaterThanOrEqual(6);
    expect(told.filter(t => t.startsWith('start')).every(t => ['start 22', 'start 23', 'start 0', 'start 1', 'start 2'].includes(t))).toBe(
      true,
    );
  });

  test('what is always in use is never stopped', () => {
    expect(play(() => true).told).toEqual([]);
  });

  test('what is never in use is stopped once and left so', () => {
    expect(play(() => false).told).toHaveLength(1);
  });

  test('a stop rests on two agreeing ticks: the series that ends now, and the one that ends an hour earlier', () => {
    fc.assert(
      fc.property(
        fc.array(seenHour, { minLength: 205, maxLength: 320 }),
        fc.double({ min: 0.01, max: 0.5, noNaN: true }),
        (seen, tolerance) => {
          const history = historyOf([...seen, QUIET, QUIET]);
          const wish = wishOf({ ...newLearner(MONDAY), history }, tolerance, 0, shippedModel);
          if (wish.wish !== 'rest') return;
          for (const h of [history, earlierBy(history, 1)]) {
            const risk = riskOf(h, 0, shippedModel);
            expect(risk.state === 'idle' && risk.soon < tolerance).toBe(true);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('nothing is wished for what is stopped by others, and the same hours give the same wishes', () => {
    const hour = [{ id: 'i-1', running: false, cpuMax: null, netMax: null }];
    const { fleet } = play(() => false);
    const others: IdleFleet = { ...fleet, learners: new Map([...fleet.learners].map(([id, l]) => [id, { ...l, rest: null }])) };
    const at = MONDAY + 24 * 28;
    const options = { act: true, utcOffsetOf: () => 0, modelOf: () => shippedModel };
    expect(hourly(others, at, hour, options)).toMatchObject({ stop: [], start: [] });
    expect(hourly(fleet, at, hour, options)).toEqual(hourly(fleet, at, hour, options));
  });
});

describe('in a real account, where ticks come late or not at all', () => {
  const HOURS = 420;
  const terms: Terms = { tolerance: 0.1, utcOffset: 0, model: shippedModel, onPaper: false };
  const measuredAs = (seen: readonly HourSeen[], stops: readonly OurStop[] = []): Happened => ({
    stops,
    closed: () => false,
    measured: hour => {
      const at = seen[hour - MONDAY] ?? QUIET;
      return typeof at === 'string' ? { cpuMax: null, netMax: null } : at;
    },
  });
  const stopsOf = (starts: readonly number[]): OurStop[] =>
    starts.map((hour, i) => ({
      ...{ hour: MONDAY + hour, idle: i % 3 !== 2 },
      back: { hour: MONDAY + hour + 1 + ((hour * 7) % 9), by: i % 2 === 0 ? ('us' as const) : ('someone' as const) },
    }));
  const past = fc.tuple(fc.array(seenHour, { minLength: HOURS, maxLength: HOURS }), fc.boolean());

  test('told in one go or tick by tick, an instance teaches the same, and each end of a rest is told once', () => {
    fc.assert(
      fc.property(past, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 3, maxLength: 12 }), ([seen, onPaper], ticks) => {
        const happened = measuredAs(seen, stopsOf([210, 260, 300, 350]));
        const whole = follow(newLearner(MONDAY), MONDAY + HOURS, happened, { ...terms, onPaper });
        let learner = newLearner(MONDAY);
        const ends = [];
        for (let at = MONDAY, i = 0; at < MONDAY + HOURS; i++) {
          at = Math.min(MONDAY + HOURS, at + (ticks[i % ticks.length] ?? 1));
          const step = follow(learner, at, happened, { ...terms, onPaper });
          learner = step.next;
          ends.push(...step.ends);
        }
        expect(learner).toEqual(whole.next);
        expect(ends).toEqual(whole.ends);
      }),
      { numRuns: 20 },
    );
  });

  test('a tick lost, told twice or played by a process that knows only the shelf decides the same', () => {
    fc.assert(
      fc.property(past, fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }), ([seen], lost) => {
        const happened = measuredAs(
          seen,
          stopsOf([330]).concat({ hour: MONDAY + 334, idle: true, back: { hour: MONDAY + 336, by: 'someone' } }),
        );
        let warm: Mind = { learner: follow(newLearner(MONDAY), MONDAY + 340, happened, terms).next, askAt: 0 };
        let cold = warm;
        for (const [i, isLost] of lost.entries()) {
          const hour = MONDAY + 342 + i;
          const one = consider(warm.learner, hour, happened, terms);
          warm = one.mind;
          if (isLost) continue; // … and nothing was written
          const other = consider(cold.learner, hour, happened, terms);
          expect(other.thought).toEqual(one.thought);
          cold = unpackMind(JSON.parse(JSON.stringify(packMind(other.mind)))) ?? warm;
        }
      }),
      { numRuns: 4 },
    );
  });

  test('the hour of a start of ours is no use, and the hours in which a schedule keeps it stopped are no rest', () => {
    const stop: OurStop = { hour: MONDAY + 300, idle: true, back: { hour: MONDAY + 310, by: 'us' } };
    const happened = {
      ...measuredAs(
        hoursWhere(HOURS, h => h >= 310),
        [stop],
      ),
      closed: (hour: number) => hour >= MONDAY + 305,
    };
    const { next, ends } = follow(newLearner(MONDAY), MONDAY + 312, happened, terms);
    expect(next.history.cpu.slice(300, 312)).toMatch(/^-{5} {6}[^ -]$/);
    expect(ends).toEqual([{ rightful: true, blocked: false }]);
    expect(next.rest).toBeNull();
  });

  test('a rest that nobody owes any more is over, and teaches nothing', () => {
    const dangling = { ...newLearner(MONDAY), rest: { since: MONDAY, onPaper: false } };
    expect(follow(dangling, MONDAY + 1, measuredAs([BUSY]), terms)).toMatchObject({ next: { rest: null, trust: 1 }, ends: [] });
  });

  test('what is always in use is asked a few times a day, and what could rest at the next hour is asked then', () => {
    const learnerOf = (hours: readonly HourSeen[]): Learner => ({ ...newLearner(MONDAY), history: historyOf(hours) });
    const always = learnerOf(hoursWhere(500, () => true));
    expect(earliestRest(always, terms) - always.history.end).toBeGreaterThanOrEqual(3);
    const quiet = learnerOf(hoursWhere(500, h => h === 498));
    expect(earliestRest(quiet, { ...terms, tolerance: 1 }) - quiet.history.end).toBe(1);
  });

  test('nothing but quiet never brings it to rest earlier than foretold', () => {
    fc.assert(
      fc.property(fc.array(seenHour, { minLength: 210, maxLength: 330 }), seen => {
        const learner: Learner = { ...newLearner(MONDAY), history: historyOf([...seen, BUSY]) };
        const first = earliestRest(learner, terms);
        let quiet = learner;
        for (let hour = learner.history.end; hour < first - 1; hour++) {
          quiet = { ...quiet, history: tell(quiet.history, hour, { cpuMax: 0, netMax: 0 }) };
          expect(wishOf(quiet, terms.tolerance, 0, shippedModel).wish).not.toBe('rest');
        }
      }),
      { numRuns: 20 },
    );
  });
});
