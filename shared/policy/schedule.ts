/**
 * The schedule language: when is something meant to run? Pure and cheap: ask for every instance.
 *
 * A schedule is running inside any of its periods and stopped outside. Periods that touch or overlap are one: no transition at a seam.
 * A period whose end is before its begin lasts into the next day and belongs to the weekday on which it begins.
 *
 * **Daylight saving time.** A schedule follows a wall clock that is never turned back:
 *   · an hour that is skipped: boundaries in it happen at the jump, which is the next instant that exists;
 *   · an hour that is repeated: boundaries in it happen the first time only; while the hour is shown again, nothing changes.
 * So a period may be an hour shorter or longer on those two days, and one that lies wholly in a skipped hour does not take place.
 */
import type { Instant, Window } from '../model/time.ts';
import type { Schedule } from './schema.ts';
import { firstInstantAt, wallMinuteAt } from './wall-clock.ts';
import { parseWeekdays } from './weekdays.ts';

export { parseWeekdays } from './weekdays.ts';

export interface ScheduleState {
  readonly state: 'running' | 'stopped';
  /** The latest transition at or before the instant asked about; `null` when the schedule never changes. */
  readonly since: Instant | null;
  /** The next transition strictly after it; `null` when the schedule never changes. */
  readonly until: Instant | null;
}

export interface Transition {
  readonly at: Instant;
  readonly to: 'running' | 'stopped';
}

/**
 * The state at `at`, and for how long it has been and will be so. The last answer per schedule is kept for as long as it holds, so
 * thousands of instances on a handful of schedules cost a handful of reckonings.
 * @throws Error when the schedule is one that loadConfig would have refused.
 */
export function stateAt(schedule: Schedule, at: Instant): ScheduleState {
  const week = compiled(schedule);
  if (week.last === null || !holds(week.last, at)) week.last = reckon(week, at);
  return week.last;
}

/** Every transition in the half-open window, in order. */
export function* transitions(schedule: Schedule, window: Window): Generator<Transition> {
  let now = stateAt(schedule, window.start);
  if (now.since === window.start) yield { at: now.since, to: now.state };
  while (now.until !== null && now.until < window.end) {
    const at = now.until;
    now = stateAt(schedule, at);
    yield { at, to: now.state };
  }
}

const DAY = 1440;
const WEEK = 7 * DAY;
/** 1970-01-05 was a Monday: wall minutes are counted in weeks from there. */
const FIRST_MONDAY = 4 * DAY;

interface Week {
  readonly timeZone: string;
  /** Minutes of the week (0 is Monday 00:00) at which the state changes, in order. Empty when it never does. */
  readonly boundaries: readonly number[];
  /** The state from the first boundary on; it alternates from there. */
  readonly first: 'running' | 'stopped';
  last: ScheduleState | null;
}

const weeks = new WeakMap<Schedule, Week>();

function compiled(schedule: Schedule): Week {
  const known = weeks.get(schedule);
  if (known !== undefined) return known;
  const running = paint(schedule);
  const boundaries = [...running.keys()].filter(minute => running[minute] !== running[(minute + WEEK - 1) % WEEK]);
  const first = running[boundaries[0] ?? 0] ? 'running' : 'stopped';
  const week: Week = { timeZone: schedule.timeZone, boundaries, first, last: null };
  weeks.set(schedule, week);
  return week;
}

/** Every minute of the week, painted where a period covers it: so overlaps, seams and the turn of the week need no thought. */
function paint(schedule: Schedule): boolean[] {
  const running = new Array<boolean>(WEEK).fill(false);
  for (const { weekdays, begin, end } of schedule.periods) {
    const days = parseWeekdays(weekdays);
    if ('bad' in days) throw new Error(`schedule ${schedule.name}: "${days.bad.value}" is not a weekday; ${days.bad.remedy}`);
    const from = minuteOfDay(begin);
    const length = minuteOfDay(end) - from;
    for (const day of days.ok)
      for (let minute = 0; minute < (length < 0 ? length + DAY : length); minute++) running[(day * DAY + from + minute) % WEEK] = true;
  }
  return running;
}

/** `07:30` → 450. The schema has seen to the shape. */
export const minuteOfDay = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));

const holds = ({ since, until }: ScheduleState, at: Instant): boolean => (since === null || since <= at) && (until === null || at < until);

function reckon(week: Week, at: Instant): ScheduleState {
  if (week.boundaries.length === 0) return { state: week.first, since: null, until: null };
  const current = currentBoundary(week, at);
  return { state: stateFrom(week, current), since: changeBefore(week, current), until: changeAfter(week, current) };
}

/** Boundaries are numbered through all weeks; the current one is the last that has happened at or before `at`. */
function currentBoundary(week: Week, at: Instant): number {
  const sinceMonday = wallMinuteAt(week.timeZone, at) - FIRST_MONDAY;
  let n = Math.floor(sinceMonday / WEEK) * week.boundaries.length;
  while (instantOf(week, n) > at) n--;
  while (instantOf(week, n + 1) <= at) n++;
  return n;
}

/**
 * Boundaries that share an instant (a skipped hour brings them together) are one change when they are odd in number and none when they
 * are even, because each flips the state.
 */
function changeBefore(week: Week, current: number): Instant {
  for (let n = current; ; ) {
    const at = instantOf(week, n);
    let flips = 0;
    for (; instantOf(week, n) === at; n--) flips++;
    if (flips % 2 === 1) return at;
  }
}

function changeAfter(week: Week, current: number): Instant {
  for (let n = current + 1; ; ) {
    const at = instantOf(week, n);
    let flips = 0;
    for (; instantOf(week, n) === at; n++) flips++;
    if (flips % 2 === 1) return at;
  }
}

function instantOf({ timeZone, boundaries }: Week, n: number): Instant {
  const inWeek = boundaries[modulo(n, boundaries.length)];
  return firstInstantAt(timeZone, FIRST_MONDAY + Math.floor(n / boundaries.length) * WEEK + (inWeek ?? 0));
}

/** Boundaries alternate, and a week has an even number of them. */
const stateFrom = (week: Week, n: number): 'running' | 'stopped' =>
  modulo(n, 2) === 0 ? week.first : week.first === 'running' ? 'stopped' : 'running';

const modulo = (a: number, b: number): number => ((a % b) + b) % b;
