/** What tells idle hours that last from idle hours that end: one row of numbers per instance and hour, the same for learning and for deciding. */
import { type Activity, IDLE, IN_USE, NOT_KNOWN } from './activity.ts';
import { type Echoes, echoes } from './echoes.ts';

/** In the order of a row. */
export const FEATURES = [
  'idleHours', // since the last hour of use or without a measurement
  'hoursSinceUse',
  'usualDaily', // share of past days in use at this time: near days and alike days count more
  'usualDayType', // … of workdays on a workday, of weekend days on a weekend
  'usualWeekly', // … of the same weekday
  'yesterday',
  'twoDaysAgo',
  'weekAgo',
  'use3w', // share of hours in use, over three weeks …
  'use1w',
  'use1d',
  'echo',
  'echoSecond',
  'echoQuiet',
  'alikeUsed',
  'alikeHours',
  'surprise3w', // share of idle hours that ended unannounced
  'surprise5d',
  'runsEnded', // of the idle runs that came this far, the share that ended now
  'runsThisLong',
  'longestRun',
  'runsLonger',
  'height1h', // how close to its threshold it came: log of level over threshold
  'height3h',
  'height12h',
  'height48h',
  'meanHeight1d',
  'nearUse2w', // share of hours that came near the threshold or above it
  'hourOfDay',
  'dayOfWeek',
  'weekendAhead',
  'floorInUse',
  'notMeasured1w',
] as const;

export interface Evidence {
  readonly idleHours: number;
  /** Days like this one on which it was known at this time, and on how many of them it was in use. */
  readonly days: number;
  readonly daysUsed: number;
  readonly echoes: Echoes;
}

/** The row for use within `ahead` hours after the history ends; `hour` is that end, in hours since the epoch, local time. */
export function featuresOf(activity: Activity, hour: number, ahead: number): { readonly row: Float64Array; readonly evidence: Evidence } {
  const { hours } = activity;
  const n = hours.length;
  const run = idleRun(hours);
  const known3w = knownAndUsed(hours, n - 504, n);
  const base = (known3w.used + 0.5) / (known3w.known + 1);
  const usual = usualAt(hours, hour, ahead, Math.min(1, base * (ahead > 1 ? 2.5 : 1)));
  const echo = echoes(activity, ahead);
  const runs = pastRuns(hours, run, ahead);
  const week = knownAndUsed(hours, n - 168, n);
  const day = knownAndUsed(hours, n - 24, n);

  const row = new Float64Array(FEATURES.length);
  let i = 0;
  const put = (value: number) => {
    row[i++] = value;
  };
  put(run);
  put(n - 1 - hours.lastIndexOf(IN_USE));
  put(usual.daily);
  put(usual.dayType);
  put(usual.weekly);
  put(usual.ago(1));
  put(usual.ago(2));
  put(usual.ago(7));
  put(base);
  put(week.used / Math.max(1, week.known));
  put(day.used / Math.max(1, day.known));
  put(echo.strongest);
  put(echo.second);
  put(echo.quietest);
  put((echo.alike.used + 0.2) / (echo.alike.hours + 2));
  put(echo.alike.hours);
  put((echo.surprises.used + 0.3) / (echo.surprises.hours + 30));
  put((echo.surprises.usedLately + 0.3) / (echo.surprises.lately + 30));
  put((runs.ended + 0.3) / (runs.reached + 1));
  put(runs.reached);
  put(runs.longest);
  put(runs.longer);
  putHeights(activity, put);
  put(((hour % 24) + 24) % 24);
  put(dayOfWeek(hour));
  put(isWeekend(hour + ahead - 1) ? 1 : 0);
  put(activity.floor.cpuInUse);
  put(1 - week.known / 168);
  return { row, evidence: { idleHours: run, days: usual.days, daysUsed: usual.daysUsed, echoes: echo } };
}

/** 0 is Monday; 1970-01-01 was a Thursday. */
const dayOfWeek = (hour: number): number => (((Math.floor(hour / 24) + 3) % 7) + 7) % 7;
const isWeekend = (hour: number): boolean => dayOfWeek(hour) >= 5;

function idleRun(hours: Uint8Array): number {
  let i = hours.length - 1;
  while (hours[i] === IDLE) i--;
  return hours.length - 1 - i;
}

function knownAndUsed(hours: Uint8Array, from: number, to: number): { known: number; used: number } {
  let known = 0;
  let used = 0;
  for (let i = Math.max(0, from); i < to; i++) {
    if (hours[i] !== NOT_KNOWN) known++;
    if (hours[i] === IN_USE) used++;
  }
  return { known, used };
}

/** Whether it was in use within `ahead` hours at this time of day, `days` ago: 0, 1, or null where nothing is known. */
function usedAt(hours: Uint8Array, at: number, ahead: number): 0 | 1 | null {
  if (at < 0) return null;
  let known = false;
  for (let k = 0; k < ahead; k++) {
    if (hours[at + k] === IN_USE) return 1;
    if (hours[at + k] === IDLE) known = true;
  }
  return known ? 0 : null;
}

const NEAR_DAYS = 0.93;

function usualAt(hours: Uint8Array, hour: number, ahead: number, prior: number) {
  const sums = { daily: 0, dailyOf: 0, dayType: 0, dayTypeOf: 0, weekly: 0, weeklyOf: 0 };
  const ago = new Map<number, number>();
  const today = isWeekend(hour);
  for (let day = 1; day <= 28; day++) {
    const used = usedAt(hours, hours.length - 24 * day, ahead);
    if (used === null) continue;
    ago.set(day, used);
    const alike = isWeekend(hour - 24 * day) === today;
    const weight = (alike ? 1 : 0.25) * (day % 7 === 0 ? 2 : 1) * NEAR_DAYS ** day;
    sums.daily += weight * used;
    sums.dailyOf += weight;
    if (alike) {
      sums.dayType += used;
      sums.dayTypeOf += 1;
    }
    if (day % 7 === 0) {
      sums.weekly += used;
      sums.weeklyOf += 1;
    }
  }
  const share = (used: number, of: number) => (used + prior) / (of + 1);
  return {
    daily: share(sums.daily, sums.dailyOf),
    dayType: share(sums.dayType, sums.dayTypeOf),
    weekly: share(sums.weekly, sums.weeklyOf),
    days: sums.dayTypeOf,
    daysUsed: sums.dayType,
    ago: (day: number): number => ago.get(day) ?? 0.5,
  };
}

/** Idle runs of the last three weeks that ended in use, against the present one. */
function pastRuns(hours: Uint8Array, present: number, ahead: number) {
  const found = { reached: 0, ended: 0, longest: 0, longer: 0 };
  let length = 0;
  for (let i = Math.max(0, hours.length - 504); i < hours.length; i++) {
    if (hours[i] === IDLE) {
      length++;
      continue;
    }
    if (hours[i] === IN_USE && length > 0) {
      found.longest = Math.max(found.longest, length);
      if (length >= present) found.reached++;
      if (length >= present && length < present + ahead) found.ended++;
      if (length >= present + ahead) found.longer++;
    }
    length = 0;
  }
  return found.longest > 0 ? found : { ...found, longest: 504 };
}

const NEAR_USE = Math.log(0.7);

function putHeights({ hours, height }: Activity, put: (value: number) => void): void {
  const n = hours.length;
  const top = (from: number) => {
    let max = -4;
    for (let i = Math.max(0, n - from); i < n; i++) if (hours[i] !== NOT_KNOWN) max = Math.max(max, height[i] ?? -4);
    return max;
  };
  put(top(1));
  put(top(3));
  put(top(12));
  put(top(48));
  let sum = 0;
  let known = 0;
  for (let i = Math.max(0, n - 24); i < n; i++) {
    if (hours[i] === NOT_KNOWN) continue;
    sum += height[i] ?? 0;
    known++;
  }
  put(sum / Math.max(1, known));
  let near = 0;
  let of = 0;
  for (let i = Math.max(0, n - 336); i < n; i++) {
    if (hours[i] === NOT_KNOWN) continue;
    of++;
    if ((height[i] ?? -4) > NEAR_USE) near++;
  }
  put((near + 0.5) / (of + 1));
}
