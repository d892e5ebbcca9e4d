/** What is seldom seen of an instance, and must not be misread. */
import { describe, expect, test } from '@jest/globals';
import { activityOf, IDLE, IN_USE } from '../../../shared/decide/idle/activity.ts';
import { consider } from '../../../shared/decide/idle/consider.ts';
import { echoes } from '../../../shared/decide/idle/echoes.ts';
import { FEATURES, featuresOf } from '../../../shared/decide/idle/features.ts';
import { follow, type Happened, type OurStop, type Terms } from '../../../shared/decide/idle/follow.ts';
import { emptyHistory, type HourSeen, hoursKnown, tell } from '../../../shared/decide/idle/history.ts';
import { type Learner, newLearner } from '../../../shared/decide/idle/learner.ts';
import { begin } from '../../../shared/decide/idle/newcomers.ts';
import type { RiskModel } from '../../../shared/decide/idle/risk.ts';
import { newTolerance } from '../../../shared/decide/idle/tolerance.ts';
import { constant, when } from './models.ts';

/** A Monday, 00:00 UTC: 2025-05-12. */
const MONDAY = 485_280;
const QUIET = { cpuMax: 1.2, netMax: 3 };
const historyOf = (hours: readonly HourSeen[]) =>
  hours.reduce((history, seen, i) => tell(history, MONDAY - hours.length + i, seen), emptyHistory(MONDAY - hours.length));
const hoursOf = (n: number, seen: HourSeen) => Array<HourSeen>(n).fill(seen);
const learnerOf = (other: Partial<Learner> = {}): Learner => ({ ...newLearner(MONDAY), history: historyOf(hoursOf(300, QUIET)), ...other });

const calm: RiskModel = { soon: constant(0.01), next: constant(0.01) };
const terms: Terms = { tolerance: 0.05, utcOffset: 0, model: calm, onPaper: false };
const happened = (stops: readonly OurStop[]): Happened => ({ stops, closed: () => false, measured: () => QUIET });

describe('of the floor', () => {
  test('traffic of a month ago is none: nothing is measured against it', () => {
    const { hours, floor } = activityOf(historyOf([{ cpuMax: 1, netMax: 900 }, ...hoursOf(504, { cpuMax: 1, netMax: null })]));
    expect([hours[0], floor.net, floor.netInUse]).toEqual([IDLE, null, null]);
    const { hours: later, floor: known } = activityOf(
      historyOf([{ cpuMax: 1, netMax: 900 }, ...hoursOf(503, { cpuMax: 1, netMax: null })]),
    );
    expect([later[0], known.net === null]).toEqual([IN_USE, false]); // nine hundred are its own floor …
    expect(known.netInUse).toBe(50); // … but above fifty it is use whatever the floor
  });

  test('a fifth of the hours lie below it, counted down', () => {
    const floorOf = (...cpu: number[]) => activityOf(historyOf(cpu.map(cpuMax => ({ cpuMax, netMax: null })))).floor.cpu;
    expect(floorOf(4, 3, 2, 1)).toBeCloseTo(1, 1); // three fifths of an hour
    expect(floorOf(5, 4, 3, 2, 1)).toBeCloseTo(1, 1);
    expect(floorOf(6, 5, 4, 3, 2, 1)).toBeCloseTo(2, 1); // one whole hour
    expect(floorOf(0, 0, 0, 0, 0, 9)).toBe(0);
  });
});

test('a little less than nothing is no measurement, not even nothing', () => {
  expect(hoursKnown(historyOf([{ cpuMax: -0.001, netMax: 1 }]))).toBe(0);
  expect(hoursKnown(historyOf([{ cpuMax: 0, netMax: 1 }]))).toBe(1);
});

test('an echo of six tenths to the last bit is one of six tenths', () => {
  const text = '01010010101010100101001001001001010101010101010010010100101010010101010010101001';
  const hours = Uint8Array.from(text, Number);
  const lags = Array.from({ length: 79 }, (_, i) => i + 1);
  const past = [...hours.keys()].filter(t => t > 0 && hours[t - 1] === IDLE);
  const used = past.filter(t => hours[t] === IN_USE);
  const base = (used.length + 0.3) / (past.length + 3);
  const strengths = lags.map(lag => {
    const echoed = past.filter(t => hours[t - lag] === IN_USE);
    const share = (echoed.filter(t => used.includes(t)).length + base) / (echoed.length + 1);
    return { lag, echoed, strength: share - Math.sqrt((share * (1 - share)) / (echoed.length + 1)) };
  });
  expect(strengths.map(({ strength }) => strength)).toContain(0.6);
  const announced = new Set(strengths.filter(({ strength }) => strength >= 0.6).flatMap(({ echoed }) => echoed));
  const { alike } = echoes({ hours, height: new Float32Array(80), floor: { cpu: 0, cpuInUse: 1.5, net: null, netInUse: null } }, 1);
  expect(alike).toEqual({ hours: announced.size, used: used.filter(t => announced.has(t)).length });
});

test('the weekend is ahead from the hour in which it begins', () => {
  const activity = activityOf(historyOf([QUIET]));
  const ahead = (hour: number, reach: number) => featuresOf(activity, MONDAY + 4 * 24 + hour, reach).row[FEATURES.indexOf('weekendAhead')];
  expect([ahead(20, 4), ahead(21, 4), ahead(23, 1), ahead(24, 1)]).toEqual([0, 1, 0, 1]);
});

describe('of our own stops', () => {
  test('who is brought back by a schedule is not left alone for it', () => {
    const stop: OurStop = { hour: MONDAY + 1, idle: false, back: { hour: MONDAY + 3, by: 'us' } };
    expect(follow(learnerOf(), MONDAY + 5, happened([stop]), terms)).toMatchObject({ next: { notBefore: 0, rest: null }, ends: [] });
  });

  test('while one lasts nothing is played on paper', () => {
    const stop: OurStop = { hour: MONDAY, idle: true, back: null };
    const stirring = { ...terms, onPaper: true, model: { ...calm, next: constant(0.5) } };
    expect(follow(learnerOf(), MONDAY + 3, happened([stop]), stirring)).toMatchObject({
      next: { rest: { since: MONDAY, onPaper: false }, notBefore: 0 },
      ends: [],
    });
  });

  test('one more undisturbed hour is one more idle hour, when the next but one is looked at', () => {
    const byRun = { ...calm, next: when('idleHours', 303, 0.01, 0.3) };
    const asleep = learnerOf({ rest: { since: MONDAY - 20, onPaper: false } });
    const stop: OurStop = { hour: MONDAY - 20, idle: true, back: null };
    const { thought } = consider(asleep, MONDAY + 3, happened([stop]), { ...terms, model: byRun });
    expect(thought).toMatchObject({ wish: { wish: 'sleep-on' }, wakes: { hour: MONDAY + 4, risk: expect.closeTo(0.3, 9) } });
  });
});

test('nobody is asked what a newcomer did before it was there', () => {
  const asked: number[] = [];
  const measured = (hour: number) => {
    asked.push(hour);
    return QUIET;
  };
  const young = { id: 'i-1', first: MONDAY - 5, utcOffset: 0, measured };
  begin([young], MONDAY, newTolerance, calm);
  expect(asked).toEqual([5, 4, 3, 2, 1].map(ago => MONDAY - ago));
});
