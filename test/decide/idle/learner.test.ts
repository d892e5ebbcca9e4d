/** What one instance teaches, what it wishes, and how a whole fleet of them is played: by small models whose answer one can see. */
import { describe, expect, test } from '@jest/globals';
import { consider, earliestRest, recall } from '../../../shared/decide/idle/consider.ts';
import { hourly, type IdleFleet, type InstanceHour, newFleet } from '../../../shared/decide/idle/fleet.ts';
import { follow, type Happened, type OurStop, type Terms } from '../../../shared/decide/idle/follow.ts';
import { emptyHistory, type History, type HourSeen, levels, tell, UNDISTURBED, WOKEN } from '../../../shared/decide/idle/history.ts';
import {
  broughtBack,
  hasLearned,
  type Learner,
  learn,
  newLearner,
  type Rest,
  rests,
  type Wish,
  wishOf,
} from '../../../shared/decide/idle/learner.ts';
import { begin, type Newcomer } from '../../../shared/decide/idle/newcomers.ts';
import type { RiskModel } from '../../../shared/decide/idle/risk.ts';
import { newTolerance, steer } from '../../../shared/decide/idle/tolerance.ts';
import { constant, when } from './models.ts';

/** A Monday, 00:00 UTC: 2025-05-12. */
const MONDAY = 485_280;
const QUIET = { cpuMax: 1.2, netMax: 3 };
const BUSY = { cpuMax: 45, netMax: 900 };
const SILENT = { cpuMax: null, netMax: null };

/** So many hours that end with Sunday, quiet but for those told. */
const pastOf = (n: number, latest: readonly HourSeen[] = []): History => {
  let history = emptyHistory(MONDAY - n);
  for (let i = 0; i < n; i++) history = tell(history, MONDAY - n + i, latest[i - n + latest.length] ?? QUIET);
  return history;
};
const learnerOf = (other: Partial<Learner> = {}): Learner => ({ ...newLearner(MONDAY), history: pastOf(300), ...other });
const resting = (hours: number, onPaper = false): { readonly rest: Rest } => ({ rest: { since: MONDAY - hours, onPaper } });

const calm: RiskModel = { soon: constant(0.01), next: constant(0.01) };
const stirring: RiskModel = { soon: constant(0.01), next: constant(0.5) };
const sleepy: RiskModel = { soon: constant(0.5), next: constant(0.01) };

describe('an instance is learned', () => {
  test('from eight days of which half are known', () => {
    const known = (known: number, unknown: number) =>
      hasLearned(learnerOf({ history: pastOf(known + unknown, Array<HourSeen>(unknown).fill(SILENT)) }));
    expect([known(199, 0), known(200, 0), known(100, 100), known(99, 101), known(99, 500)]).toEqual([false, true, true, false, false]);
    expect(newLearner(5)).toEqual({ version: 1, history: emptyHistory(5), trust: 1, rest: null, notBefore: 0 });
  });

  test('hour by hour, and earns trust back slowly', () => {
    const { next, end } = learn(learnerOf({ trust: 0.5 }), MONDAY, QUIET);
    expect(next).toEqual({ ...learnerOf(), history: tell(pastOf(300), MONDAY, QUIET), trust: 0.5 * 1.003 });
    expect(end).toBeNull();
    expect(learn(learnerOf(), MONDAY, BUSY)).toMatchObject({ next: { trust: 1, rest: null, notBefore: 0 }, end: null });
  });
});

describe('a rest', () => {
  const wrong = { rightful: false, blocked: true };
  const blocked = { rightful: null, blocked: true };
  const right = { rightful: true, blocked: false };

  test.each<readonly [string, number, HourSeen, boolean, object]>([
    ['somebody woke at once', 0, 'woken', false, { end: wrong, trust: 0.4 * 0.5015, rest: null, notBefore: MONDAY + 2 }],
    ['somebody woke in its fourth hour', 3, 'woken', false, { end: wrong, trust: 0.4 * 0.5015, rest: null, notBefore: MONDAY + 2 }],
    ['somebody woke later', 4, 'woken', false, { end: blocked, trust: 0.5015, rest: null, notBefore: MONDAY + 2 }],
    ['on paper, in use at once', 0, BUSY, true, { end: wrong, trust: 0.4 * 0.5015, rest: null, notBefore: MONDAY + 2 }],
    ['nobody came to for two hours', 2, 'undisturbed', false, { end: null, trust: 0.5015, ...resting(2), notBefore: 0 }],
    ['nobody came to for four hours', 3, 'undisturbed', false, { end: right, trust: 1.6 * 0.5015, ...resting(3), notBefore: 0 }],
    ['nobody came to for five hours', 4, 'undisturbed', false, { end: null, trust: 0.5015, ...resting(4), notBefore: 0 }],
    ['on paper, quiet for four hours', 3, QUIET, true, { end: right, trust: 1.6 * 0.5015, ...resting(3, true), notBefore: 0 }],
    ['of which nothing was measured', 2, SILENT, false, { end: null, trust: 0.5015, ...resting(2), notBefore: 0 }],
  ])('that %s', (_what, hours, seen, onPaper, expected) => {
    const { next, end } = learn(learnerOf({ trust: 0.5, ...resting(hours, onPaper) }), MONDAY, seen);
    expect({ end, trust: next.trust, rest: next.rest, notBefore: next.notBefore }).toEqual({
      ...expected,
      trust: expect.closeTo((expected as { trust: number }).trust, 9),
    });
    expect(next.history.end).toBe(MONDAY + 1);
  });

  test('trust is never more than whole', () => {
    expect(learn(learnerOf({ trust: 0.9, ...resting(3) }), MONDAY, 'undisturbed').next.trust).toBe(1);
  });

  test('begins with the hour after what is known', () => {
    expect(rests(learnerOf(), true).rest).toEqual({ since: MONDAY, onPaper: true });
    expect(rests(learnerOf(), false)).toEqual(learnerOf({ rest: { since: MONDAY, onPaper: false } }));
  });

  test('that we end ourselves was right while it was young, and has been told when it was not', () => {
    const back = (other: Partial<Learner>) => broughtBack(learnerOf(other));
    expect(back(resting(3))).toEqual({ next: learnerOf({ notBefore: MONDAY + 2 }), end: right });
    expect(back(resting(4))).toEqual({ next: learnerOf({ notBefore: MONDAY + 2 }), end: null });
    expect(back({}).end).toBeNull();
  });
});

describe('the wish', () => {
  const wish = (other: Partial<Learner>, model: RiskModel, tolerance = 0.05, offset = 0): Wish =>
    wishOf(learnerOf(other), tolerance, offset, model);
  const risky = (soon: number, next = 0.01): RiskModel => ({ soon: constant(soon), next: constant(next) });

  test('of what is idle and likely to stay so is to rest, and says at what risk', () => {
    expect(wish({ trust: 0.5 }, risky(0.02))).toMatchObject({
      wish: 'rest',
      may: 0.025,
      risk: { state: 'idle', soon: expect.closeTo(0.02, 9) },
    });
    expect(wish({ trust: 0.3 }, risky(0.02))).toMatchObject({ wish: 'leave', why: 'likely-soon', may: 0.015, risk: { state: 'idle' } });
    expect(wish({}, risky(0.5), 0.5)).toMatchObject({ why: 'likely-soon' }); // as high as tolerated is too high
  });

  test('of what is in use, or not known, or was just woken is to be left', () => {
    expect(wish({ history: pastOf(300, [BUSY]) }, calm)).toMatchObject({
      wish: 'leave',
      why: 'in-use',
      may: 0.05,
      risk: { state: 'in-use' },
    });
    expect(wish({ history: pastOf(300, [SILENT]) }, calm)).toMatchObject({ wish: 'leave', why: 'unknown', risk: { state: 'unknown' } });
    expect(wish({ notBefore: MONDAY + 1 }, calm)).toMatchObject({ wish: 'leave', why: 'just-woken', may: 0.05, risk: { state: 'idle' } });
    expect(wish({ notBefore: MONDAY }, calm)).toMatchObject({ wish: 'rest' });
  });

  test('has to be confirmed by the hour before, and by the one to come', () => {
    const left = { wish: 'leave', why: 'unconfirmed', may: 0.05, risk: { state: 'idle' } };
    expect(wish({ history: pastOf(300, [BUSY, QUIET]) }, calm)).toMatchObject(left);
    expect(wish({ history: pastOf(300, [SILENT, QUIET]) }, calm)).toMatchObject(left);
    // An hour ago, at 23, the risk was higher.
    expect(wish({}, { ...calm, soon: when('hourOfDay', 22, 0.01, 0.3) })).toMatchObject(left);
    expect(wish({}, { ...calm, soon: when('hourOfDay', 22, 0.01, 0.5) }, 0.5)).toMatchObject({ ...left, may: 0.5 });
    expect(wish({}, { ...calm, soon: when('hourOfDay', 22, 0.01, 0.04) })).toMatchObject({ wish: 'rest' });
    expect(wish({}, risky(0.01, 0.11))).toMatchObject(left);
    expect(wish({}, risky(0.01, 0.09))).toMatchObject({ wish: 'rest' });
    // Local time: at eight hours ahead it is another hour.
    expect(wish({}, { ...calm, soon: when('hourOfDay', 7, 0.01, 0.3) }, 0.05, 8)).toMatchObject({ why: 'likely-soon' });
    expect(wish({}, { ...calm, soon: when('hourOfDay', 8, 0.3, 0.01) }, 0.05, 9)).toMatchObject(left);
    expect(wish({}, { ...calm, next: when('hourOfDay', 7, 0.01, 0.3) }, 0.05, 8)).toMatchObject(left);
  });

  test('of what rests is to be brought back ahead of use, sooner while its rest is young', () => {
    const next = (hours: number, p: number, offset = 0, model: RiskModel = { ...calm, next: constant(p) }) =>
      wish(resting(hours), model, 0.05, offset).wish;
    expect([next(3, 0.05), next(3, 0.03), next(4, 0.05), next(4, 0.11)]).toEqual(['wake', 'sleep-on', 'sleep-on', 'wake']);
    expect(wish(resting(9), stirring)).toEqual({ wish: 'wake', next: expect.closeTo(0.5, 9) });
    expect(wish(resting(9), calm)).toEqual({ wish: 'sleep-on', next: expect.closeTo(0.01, 9) });
    const byHour = { ...calm, next: when('hourOfDay', 7, 0.01, 0.3) };
    expect([next(9, 0, 0, byHour), next(9, 0, 8, byHour)]).toEqual(['sleep-on', 'wake']);
  });
});

describe('a fleet, hour by hour', () => {
  const box = (other: Partial<InstanceHour> = {}): InstanceHour => ({ id: 'i-1', running: true, ...QUIET, ...other });
  const fleetOf = (other: Partial<Learner> = {}): IdleFleet => ({
    learners: new Map([['i-1', learnerOf(other)]]),
    tolerance: newTolerance,
  });
  const play = (fleet: IdleFleet, seen: InstanceHour, model: RiskModel, act = true, offset = 0) => {
    const { next, stop, start } = hourly(fleet, MONDAY, [seen], { act, utcOffsetOf: () => offset, modelOf: () => model });
    const { rest, history, notBefore } = next.learners.get('i-1') ?? learnerOf();
    return { stop, start, rest, latest: levels(history.cpu).at(-1), notBefore, tolerance: next.tolerance };
  };
  const quiet = levels(pastOf(1).cpu)[0];
  const hourOf = (ends: Parameters<typeof steer>[2], known = 1) => steer(newTolerance, known, ends);
  const STOPPED = { running: false, ...SILENT };

  test('begins with nobody, and learns whom it sees', () => {
    expect(newFleet).toEqual({ learners: new Map(), tolerance: newTolerance });
    const told = hourly(newFleet, MONDAY, [box()], { act: true, utcOffsetOf: () => 0, modelOf: () => calm });
    expect(told).toMatchObject({ stop: [], start: [] });
    expect(told.next.learners.get('i-1')).toEqual({ ...newLearner(MONDAY), history: tell(emptyHistory(MONDAY), MONDAY, QUIET) });
    expect(told.next.tolerance).toEqual(newTolerance); // nobody is decided for yet
    expect(newFleet.learners.size).toBe(0);
  });

  test('stops what wishes to rest, or does so on paper', () => {
    const expected = { start: [], latest: quiet, notBefore: 0, tolerance: hourOf([]) };
    expect(play(fleetOf(), box(), calm)).toEqual({ ...expected, stop: ['i-1'], rest: { since: MONDAY + 1, onPaper: false } });
    expect(play(fleetOf(), box(), calm, false)).toEqual({ ...expected, stop: [], rest: { since: MONDAY + 1, onPaper: true } });
    expect(play(fleetOf(), box(), sleepy)).toEqual({ ...expected, stop: [], rest: null });
    expect(play(fleetOf(), box(BUSY), calm)).toMatchObject({ stop: [], rest: null });
  });

  test('asks each by its own model, at its own time, with the tolerance of all', () => {
    const evening = { ...calm, soon: when('hourOfDay', 3, 0.01, 0.5) };
    expect(play(fleetOf(), box(), evening).stop).toEqual(['i-1']);
    expect(play(fleetOf(), box(), evening, true, 3).stop).toEqual([]);
    const strict = { ...newTolerance, ofWrong: Math.log(0.02) };
    const risky = { ...calm, soon: constant(0.03) };
    expect(play(fleetOf(), box(), risky).stop).toEqual(['i-1']);
    expect(play({ ...fleetOf(), tolerance: strict }, box(), risky).stop).toEqual([]);
    const ids = ['i-1', 'i-2'];
    const two = { learners: new Map(ids.map(id => [id, learnerOf()])), tolerance: newTolerance };
    const models = (id: string) => (id === 'i-2' ? calm : sleepy);
    const told = hourly(
      two,
      MONDAY,
      ids.map(id => box({ id })),
      { act: true, utcOffsetOf: () => 0, modelOf: models },
    );
    expect(told.stop).toEqual(['i-2']);
    expect(told.next.tolerance).toEqual(hourOf([], 2));
  });

  test('leaves asleep what rests, and brings it back ahead of use', () => {
    const rested = box(STOPPED);
    expect(play(fleetOf(resting(9)), rested, calm)).toMatchObject({ stop: [], start: [], ...resting(9), latest: UNDISTURBED });
    expect(play(fleetOf(resting(9)), rested, stirring)).toMatchObject({ start: ['i-1'], rest: null, notBefore: MONDAY + 3 });
    // A rest that ends young was right, which is told once the hour is.
    const right = { rightful: true, blocked: false };
    expect(play(fleetOf(resting(1)), rested, stirring).tolerance).toEqual(steer(hourOf([]), 0, [right]));
    expect(play(fleetOf(resting(9)), rested, stirring).tolerance).toEqual(hourOf([]));
    expect(play(fleetOf(resting(3)), rested, calm).tolerance).toEqual(hourOf([right]));
  });

  test('learns from who is woken', () => {
    const woken = play(fleetOf(resting(1)), box(), calm);
    expect(woken).toMatchObject({ stop: [], start: [], rest: null, latest: WOKEN, notBefore: MONDAY + 2 });
    expect(woken.tolerance).toEqual(hourOf([{ rightful: false, blocked: true }]));
  });

  test('plays on paper what nobody may stop, by what it really does', () => {
    expect(play(fleetOf(resting(9, true)), box(), calm, false)).toMatchObject({ stop: [], start: [], ...resting(9, true), latest: quiet });
    const stirred = play(fleetOf(resting(9, true)), box(), stirring, false);
    expect(stirred).toMatchObject({ stop: [], start: [], rest: null, notBefore: MONDAY + 3 });
    expect(play(fleetOf(resting(1, true)), box(BUSY), calm, false).tolerance).toEqual(hourOf([{ rightful: false, blocked: true }]));
    // Once something may be done, what was played is over, and teaches nothing.
    const real = play(fleetOf(resting(1, true)), box(BUSY), calm);
    expect(real).toMatchObject({ stop: [], rest: null, tolerance: hourOf([]) });
    expect(play(fleetOf(resting(9, true)), box(), calm)).toMatchObject({ stop: ['i-1'], rest: { since: MONDAY + 1, onPaper: false } });
  });

  test('wishes nothing of what others stopped, nor of what too little is known of', () => {
    expect(play(fleetOf(), box({ running: false }), calm)).toMatchObject({ stop: [], start: [], rest: null });
    expect(play(fleetOf(resting(9, true)), box({ running: false }), stirring, false)).toMatchObject(resting(9, true));
    const young = play(fleetOf({ history: pastOf(198) }), box(), calm);
    expect(young).toMatchObject({ stop: [], rest: null, tolerance: hourOf([], 0) });
    expect(play(fleetOf({ history: pastOf(199) }), box(), calm).stop).toEqual(['i-1']);
  });
});

describe('followed in a real account', () => {
  const terms: Terms = { tolerance: 0.05, utcOffset: 0, model: calm, onPaper: false };
  const happened = (stops: readonly OurStop[], other: Partial<Happened> = {}): Happened => ({
    ...{ stops, closed: () => false, measured: () => QUIET },
    ...other,
  });
  const stopped = (from: number, to: number | null = null, by: 'us' | 'someone' = 'us', idle = true): OurStop => ({
    ...{ hour: MONDAY + from, idle, back: to === null ? null : { hour: MONDAY + to, by } },
  });
  /** Each hour as it is kept: q for quiet, b for busy. */
  const told = ({ history }: Learner, before = 300) =>
    [...levels(history.cpu)]
      .slice(before)
      .map(level => (level >= 0 ? (level > 40 ? 'b' : 'q') : ({ [UNDISTURBED]: '-', [WOKEN]: '!' }[level] ?? ' ')))
      .join('');

  test('tells each hour once, to the one named', () => {
    const asked: number[] = [];
    const measured = (hour: number) => {
      asked.push(hour - MONDAY);
      return hour % 2 === 0 ? BUSY : QUIET;
    };
    const { next, ends } = follow(learnerOf(), MONDAY + 4, happened([], { measured }), terms);
    expect([told(next), asked, ends, next.rest]).toEqual(['bqbq', [0, 1, 2, 3], [], null]);
    expect(follow(learnerOf(), MONDAY, happened([]), terms)).toEqual({ next: learnerOf(), ends: [] });
  });

  test.each<readonly [string, readonly OurStop[], string, Rest | null, readonly object[]]>([
    ['one that lasts', [stopped(1)], 'q-------', { since: MONDAY + 1, onPaper: false }, [{ rightful: true, blocked: false }]],
    ['one that somebody ended young', [stopped(1, 3, 'someone')], 'q--!qqqq', null, [{ rightful: false, blocked: true }]],
    ['one that somebody ended at once', [stopped(1, 1, 'someone')], 'q!qqqqqq', null, [{ rightful: false, blocked: true }]],
    ['one that we ended young', [stopped(1, 3)], 'q-- qqqq', null, [{ rightful: true, blocked: false }]],
    ['one that we ended later', [stopped(1, 6)], 'q----- q', null, [{ rightful: true, blocked: false }]],
    [
      'two of them',
      [stopped(1, 2), stopped(4, 5, 'someone')],
      'q- q-!qq',
      null,
      [
        { rightful: true, blocked: false },
        { rightful: false, blocked: true },
      ],
    ],
    ['one of a schedule', [stopped(1, 4, 'us', false)], 'q    qqq', null, []],
    ['one of a schedule that somebody ended', [stopped(1, 4, 'someone', false)], 'q   !qqq', null, []],
  ])('a stop of ours is a rest while we owe it: %s', (_what, stops, hours, rest, ends) => {
    const { next, ends: found } = follow(learnerOf(), MONDAY + 8, happened(stops), terms);
    expect([told(next), next.rest, found]).toEqual([hours, rest, ends]);
  });

  test('who was woken, and who was brought back, is left alone for two hours', () => {
    expect(follow(learnerOf(), MONDAY + 8, happened([stopped(1, 3, 'someone')]), terms).next.notBefore).toBe(MONDAY + 3 + 2);
    expect(follow(learnerOf(), MONDAY + 8, happened([stopped(1, 3)]), terms).next.notBefore).toBe(MONDAY + 3 + 2);
  });

  test('where a schedule keeps it stopped nobody could come, which proves nothing', () => {
    const closed = (hour: number) => hour >= MONDAY + 3;
    expect(told(follow(learnerOf(), MONDAY + 6, happened([stopped(1)], { closed }), terms).next)).toBe('q--   ');
    expect(told(follow(learnerOf(), MONDAY + 6, happened([stopped(1, 4, 'someone')], { closed }), terms).next)).toBe('q-- !q');
    expect(told(follow(learnerOf(), MONDAY + 3, happened([stopped(1, 4, 'us', false)], { closed: () => false }), terms).next)).toBe('q  ');
  });

  test('a rest that nobody owes any more is over, and teaches nothing', () => {
    const dangling = learnerOf(resting(1));
    const busy = happened([], { measured: () => BUSY });
    expect(follow(dangling, MONDAY + 1, busy, terms)).toMatchObject({ next: { rest: null, trust: 1 }, ends: [] });
    expect(follow(dangling, MONDAY + 1, busy, { ...terms, onPaper: true })).toMatchObject({ next: { rest: null }, ends: [] });
    expect(follow(learnerOf(resting(1, true)), MONDAY + 1, busy, terms)).toMatchObject({ next: { rest: null }, ends: [] });
    expect(follow(dangling, MONDAY + 1, happened([stopped(0, null, 'us', false)]), terms).next.rest).toBeNull();
  });

  test('a rest goes on as it began; one on paper becomes real with a stop of ours', () => {
    const since = (learner: Learner) => follow(learner, MONDAY + 1, happened([stopped(0)]), terms).next.rest;
    expect(since(learnerOf(resting(2)))).toEqual({ since: MONDAY - 2, onPaper: false });
    expect(since(learnerOf(resting(2, true)))).toEqual({ since: MONDAY, onPaper: false });
    const stays = follow(learnerOf(resting(1, true)), MONDAY + 1, happened([]), { ...terms, onPaper: true });
    expect(stays.next.rest).toEqual({ since: MONDAY - 1, onPaper: true });
  });

  test('on paper it rests and is brought back in thought, and what it really does is told of it', () => {
    const onPaper = { ...terms, onPaper: true };
    const { next } = follow(learnerOf(), MONDAY + 3, happened([]), onPaper);
    expect([told(next), next.rest]).toEqual(['qqq', { since: MONDAY + 1, onPaper: true }]);
    const busy = { measured: (hour: number) => (hour === MONDAY + 2 ? BUSY : QUIET) };
    const woken = follow(learnerOf(), MONDAY + 3, happened([], busy), onPaper);
    expect([woken.next.rest, woken.ends]).toEqual([null, [{ rightful: false, blocked: true }]]);
    const stirred = { ...onPaper, model: { ...calm, next: when('hourOfDay', 1, 0.01, 0.5) } };
    const back = follow(learnerOf(resting(2, true)), MONDAY + 2, happened([]), stirred);
    expect([back.next.rest, back.next.notBefore, back.ends]).toEqual([null, MONDAY + 4, [{ rightful: true, blocked: false }]]);
    // Not before enough is known, not while it is stopped, and not where something may be done.
    expect(follow(learnerOf({ history: pastOf(150) }), MONDAY + 3, happened([]), onPaper).next.rest).toBeNull();
    expect(follow(learnerOf(), MONDAY + 3, happened([stopped(0, null, 'us', false)]), onPaper).next.rest).toBeNull();
    expect(follow(learnerOf(), MONDAY + 3, happened([]), terms).next.rest).toBeNull();
    const local = { ...onPaper, utcOffset: 12, model: { ...calm, soon: when('hourOfDay', 11, 0.01, 0.5) } };
    expect(follow(learnerOf(), MONDAY + 3, happened([]), local).next.rest).toBeNull();
    expect(follow(learnerOf(), MONDAY + 3, happened([]), { ...local, utcOffset: 0 }).next.rest).not.toBeNull();
    expect(follow(learnerOf(), MONDAY + 3, happened([]), { ...local, utcOffset: 0, tolerance: 0.009 }).next.rest).toBeNull();
  });

  describe('at a tick', () => {
    const at = (learner: Learner, now: number, measured: (hour: number) => HourSeen = () => QUIET, other: Partial<Terms> = {}) =>
      consider(learner, MONDAY + now, happened([], { measured } as Partial<Happened>), { ...terms, ...other });

    test('the latest hour is thought of, and not yet kept', () => {
      const { mind, ends, thought } = at(learnerOf(), 3, hour => (hour === MONDAY + 2 ? { cpuMax: 3, netMax: 6 } : QUIET));
      expect(mind.learner).toEqual(learnerOf({ history: tell(tell(pastOf(300), MONDAY, QUIET), MONDAY + 1, QUIET) }));
      expect(thought).toMatchObject({
        until: MONDAY + 3,
        latest: { cpuMax: expect.closeTo(3, 0), netMax: 6 },
        learning: null,
        wakes: null,
      });
      expect(ends).toEqual([]);
    });

    test('rests that ended in what is kept are told, and the latest hour’s are not yet', () => {
      const paper = { onPaper: true };
      const busyAt = (hour: number) => at(learnerOf(resting(1, true)), 3, h => (h === MONDAY + hour ? BUSY : QUIET), paper).ends;
      expect(busyAt(1)).toEqual([{ rightful: false, blocked: true }]);
      expect(busyAt(2)).toEqual([{ rightful: true, blocked: false }].slice(1));
    });

    test('one that would rest is asked again in an hour; one that is left, when it could first rest', () => {
      const rest = at(learnerOf(), 3);
      expect([rest.thought.wish.wish, rest.thought.again, rest.mind.askAt]).toEqual(['rest', MONDAY + 4, MONDAY + 4]);
      const busy = at(learnerOf(), 3, () => BUSY);
      expect([busy.thought.wish.wish, busy.thought.again, busy.mind.askAt]).toEqual(['leave', MONDAY + 5, MONDAY + 5]); // two quiet ones agree
      expect(busy.thought.latest.cpuMax).toBeGreaterThan(40);
    });

    test('what is known of one of which too little is known is counted', () => {
      const learning = (n: number, silent = 0) =>
        at(learnerOf({ history: pastOf(n, Array<HourSeen>(silent).fill(SILENT)) }), 3).thought.learning;
      expect([learning(50), learning(196), learning(197)]).toEqual([{ hours: 53, needed: 200 }, { hours: 199, needed: 200 }, null]);
      expect(learning(590, 500)).toEqual({ hours: 93, needed: 200 });
      expect(learning(400, 310)).toEqual({ hours: 93, needed: 200 });
    });

    test('one that rests on paper is thought of as if it stood, since what is asked is whether it would be stopped now', () => {
      const { thought, mind } = at(learnerOf(resting(5, true)), 2, () => QUIET, { onPaper: true });
      expect(thought).toMatchObject({ wish: { wish: 'rest' }, wakes: null, again: MONDAY + 3 });
      expect(mind.learner.rest).toEqual({ since: MONDAY - 5, onPaper: true });
    });

    const asleep = (model: RiskModel, now = 3, from = -20) => {
      const { thought } = consider(learnerOf({ rest: { since: MONDAY + from, onPaper: false } }), MONDAY + now, happened([stopped(from)]), {
        ...terms,
        model,
      });
      return [thought.wish.wish, thought.wakes, thought.again];
    };
    test('one that sleeps says into which hour it would not, should nobody come before', () => {
      expect(asleep(calm)).toEqual(['sleep-on', null, MONDAY + 4]);
      const soon = { ...calm, next: when('hourOfDay', 3, 0.01, 0.3) };
      expect(asleep(soon)).toEqual(['sleep-on', { hour: MONDAY + 4, risk: expect.closeTo(0.3, 9) }, MONDAY + 4]);
      expect(asleep(soon, 2)).toEqual(['sleep-on', null, MONDAY + 3]);
      expect(asleep(soon, 4)).toEqual(['wake', null, MONDAY + 5]);
    });

    test('one that is not measured now is thought of as it was', () => {
      const { thought, mind } = at(learnerOf(), 1);
      const kept = { learner: { ...mind.learner, history: tell(mind.learner.history, MONDAY, QUIET) }, askAt: MONDAY + 9 };
      expect(recall(kept, terms)).toEqual({ ...thought, again: MONDAY + 9 });
    });
  });

  describe('when it could first rest', () => {
    const first = (learner: Learner, model: RiskModel, tolerance = 0.05) => earliestRest(learner, { ...terms, model, tolerance }) - MONDAY;

    test('is the first hour at which enough quiet would have passed', () => {
      expect(first(learnerOf(), calm)).toBe(1);
      expect(first(learnerOf({ history: pastOf(300, [BUSY]) }), calm)).toBe(2);
      expect(first(learnerOf({ notBefore: MONDAY + 7 }), calm)).toBe(7);
      expect(first(learnerOf(), { ...calm, soon: when('hourOfDay', 4, 0.5, 0.01) })).toBe(6); // two in agreement
      expect(first(learnerOf(), { ...calm, soon: when('idleHours', 304, 0.5, 0.01) })).toBe(6);
    });

    test('is no farther ahead than half a day', () => {
      expect(first(learnerOf(), sleepy)).toBe(12);
      expect(first(learnerOf({ notBefore: MONDAY + 11 }), calm)).toBe(11);
    });

    test('is a little earlier than its tolerance says, which may grow meanwhile', () => {
      expect(first(learnerOf(), { ...calm, soon: constant(0.054) })).toBe(1);
      expect(first(learnerOf(), { ...calm, soon: constant(0.056) })).toBe(12);
    });

    test('is not before enough is known', () => {
      expect(first(learnerOf({ history: pastOf(195) }), calm)).toBe(5);
      expect(first(learnerOf({ history: pastOf(120) }), calm)).toBe(12);
    });

    test('is by its own local time', () => {
      const local = (utcOffset: number) =>
        earliestRest(learnerOf(), { ...terms, utcOffset, model: { ...calm, soon: when('hourOfDay', 10, 0.5, 0.01) } }) - MONDAY;
      expect([local(0), local(8)]).toEqual([12, 4]);
    });
  });
});

describe('newcomers', () => {
  const newcomer = (id: string, first: number, busy: (hour: number) => boolean = () => false, utcOffset = 0): Newcomer => ({
    ...{ id, first, utcOffset },
    measured: hour => (busy(hour) ? BUSY : QUIET),
  });
  const historyOf = (from: number, busy: (hour: number) => boolean = () => false) => {
    let history = emptyHistory(from);
    for (let hour = from; hour < MONDAY; hour++) history = tell(history, hour, busy(hour) ? BUSY : QUIET);
    return history;
  };

  test('bring their past, of which the last two weeks are played on paper', () => {
    const { learners, tolerance } = begin([newcomer('i-1', MONDAY - 540)], MONDAY, newTolerance, calm);
    expect(learners.get('i-1')).toEqual({
      ...{ version: 1, history: historyOf(MONDAY - 540), trust: 1, notBefore: 0 },
      rest: { since: MONDAY - 14 * 24 + 1, onPaper: true },
    });
    let expected = newTolerance; // one instance for two weeks, and one stop that was right
    for (let hour = 0; hour < 14 * 24; hour++) expected = steer(expected, 1, hour === 4 ? [{ rightful: true, blocked: false }] : []);
    expect(tolerance).toEqual(expected);
  });

  test('teach by what they did while they would have rested', () => {
    const busy = (hour: number) => hour === MONDAY - 2;
    const { learners, tolerance } = begin([newcomer('i-1', MONDAY - 204, busy)], MONDAY, newTolerance, calm);
    expect(learners.get('i-1')).toMatchObject({ history: historyOf(MONDAY - 204, busy), rest: null, trust: 0.4 * 1.003 });
    expect(tolerance.ofWrong).toBeLessThan(newTolerance.ofWrong);
  });

  test('of whom something is known since yesterday are young', () => {
    const young = begin([newcomer('i-1', MONDAY - 30), newcomer('i-2', MONDAY - 210)], MONDAY, newTolerance, calm).learners;
    expect(young.get('i-1')).toEqual({ ...newLearner(MONDAY - 30), history: historyOf(MONDAY - 30) });
    expect(young.get('i-2')?.rest).not.toBeNull();
    expect(young.get('i-2')?.history).toEqual(historyOf(MONDAY - 210));
  });

  test('each live by their own clock', () => {
    // At the last hour it is midnight in one place and noon in the other; only in the morning a rest may begin.
    const morning = { ...calm, soon: when('hourOfDay', 11, 0.01, 0.5) };
    const since = (offset: number) => begin([newcomer('i-1', MONDAY - 212, () => false, offset)], MONDAY, newTolerance, morning);
    // Enough is known from noon on.
    expect(since(0).learners.get('i-1')?.rest).toBeNull();
    expect(since(6).learners.get('i-1')?.rest?.since).toBe(MONDAY - 5);
  });
});
