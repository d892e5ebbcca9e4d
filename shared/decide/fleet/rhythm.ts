/**
 * The fleet's own rhythm: a regression of the demand that an instance ordered now will meet, on the last hour, on the same time of past days
 * and hours, and on whatever period this fleet turns out to repeat itself with. Refitted once a day on the last ten days.
 */
import { type History, knows, levelAt, meanDemand, OFFSET } from './history.ts';
import { addSample, dot, normalEquations, solve } from './least-squares.ts';

export interface Rhythm {
  /** Minutes that it looks ahead: what it was learned for, until the next refit. */
  readonly ahead: number;
  readonly coefficients: Float64Array;
  /** Minutes after which this fleet tends to do the same again, strongest first. */
  readonly periods: readonly number[];
}

/** Five-minute levels of the last hour that a forecast reads. */
const RECENT = 12;
const CALENDAR = [1440, 2880, 4320, 10080, 60, 120, 180];
const PERIODS = 8;
const SIZE = 2 + RECENT + 2 * (CALENDAR.length + PERIODS);

const DAYS = 10;
/** Every seventh minute: all minutes of the hour are met in turn. */
const STRIDE = 7;
const RIDGE = 0.0002;

/** Log of the level (with `OFFSET`) that is to be met after `minute`, as the rhythm has it. */
export function rhythmForecast({ ahead, coefficients, periods }: Rhythm, history: History, minute: number): number {
  const step = dot(coefficients, features(history, minute, ahead, periods));
  return levelAt(history, minute) + Math.min(Math.max(step, -4), 4);
}

/** Learned from the last ten days, newer ones first; `null` until there is a day to learn from. */
export function learnRhythm(history: History, ahead: number): Rhythm | null {
  const { last } = history;
  const start = Math.max(history.first + 20, last - DAYS * 1440);
  if (last - start < 720) return null;
  const periods = findPeriods(history, start);
  const equations = normalEquations(SIZE);
  for (let minute = start; minute + ahead + 2 <= last; minute += STRIDE) {
    const came = levelAt(history, minute + ahead + 2) - levelAt(history, minute);
    addSample(equations, features(history, minute, ahead, periods), came, Math.exp((minute - last) / (DAYS * 720)));
  }
  return { ahead, coefficients: solve(equations, RIDGE), periods };
}

/** Everything relative to the present level, so that a rhythm outlives growth. */
function features(history: History, minute: number, ahead: number, periods: readonly number[]): Float64Array {
  const x = new Float64Array(SIZE);
  const now = levelAt(history, minute);
  const back = (i: number) => (knows(history, Math.min(i, minute)) ? levelAt(history, Math.min(i, minute)) - now : 0);
  let n = 0;
  x[n++] = 1;
  x[n++] = Math.log(meanDemand(history, minute - 1, minute) + OFFSET) - now;
  for (let i = 1; i <= RECENT; i++) x[n++] = levelAt(history, minute - 5 * i) - now;
  for (const lag of [...CALENDAR, ...periods]) {
    x[n++] = back(minute + ahead + 2 - lag); // five minutes around the one that is forecast
    x[n++] = back(minute - lag);
  }
  return x;
}

/** Lags in minutes, multiples of five up to a day, at which the changes of a week and a half repeat themselves most. */
function findPeriods(history: History, start: number): number[] {
  const length = Math.floor((history.last - start) / 5);
  const changes = Float64Array.from({ length }, (_, i) => levelAt(history, start + 5 * i + 5) - levelAt(history, start + 5 * i));
  const found: { readonly lag: number; readonly strength: number }[] = [];
  for (let steps = 3; steps < Math.min(300, length / 3); steps++) {
    let strength = 0;
    for (let i = steps; i < length; i++) strength += (changes[i] ?? 0) * (changes[i - steps] ?? 0);
    found.push({ lag: 5 * steps, strength });
  }
  found.sort((a, b) => b.strength - a.strength);
  const chosen: number[] = [];
  for (const { lag } of found) {
    if (chosen.length === PERIODS) break;
    if (chosen.every(other => Math.abs(other - lag) > 5)) chosen.push(lag);
  }
  return chosen;
}
