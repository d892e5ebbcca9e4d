/** The coming weeks of a schedule as a value: what each day looks like on a wall clock, what it is, and what its hours cost. Pure. */
import { type MicroUsd, rateOver } from '../../shared/model/money.ts';
import type { Price } from '../../shared/model/observation.ts';
import { epochSeconds, type Instant, secondsBetween, type Window } from '../../shared/model/time.ts';
import { calendarDay, dateText, dayNumber } from '../../shared/policy/calendar-day.ts';
import { readMoment } from '../../shared/policy/dates.ts';
import { datesOf } from '../../shared/policy/day-plan.ts';
import type { FreeDay } from '../../shared/policy/holidays.ts';
import { type State, stateAt, stateOnly, type Transition, transitions } from '../../shared/policy/schedule.ts';
import type { Schedule } from '../../shared/policy/schema.ts';
import { staleNotes } from '../../shared/policy/stale.ts';
import { firstInstantAt, stretchAt, wallMinuteAt } from '../../shared/policy/wall-clock.ts';

export interface Part {
  readonly state: State;
  /** On the wall clock, `07:00`; the last ends at `24:00`. */
  readonly from: string;
  readonly to: string;
  readonly seconds: number;
}

export interface Day {
  readonly date: string;
  /** 0 is Monday. */
  readonly weekday: number;
  readonly window: Window;
  readonly parts: readonly Part[];
  readonly running: number;
  /** `02:00` becomes `03:00`; `null` on a day of 24 hours. */
  readonly clocks: { readonly from: string; readonly to: string; readonly hours: number } | null;
  /** Holidays, exceptions and overrides that speak of this day. */
  readonly notes: readonly string[];
}

export interface Cost {
  readonly type: string;
  readonly region: string;
  /** `null`: the table does not know it. */
  readonly price: Price | null;
}

export interface Week {
  readonly days: readonly Day[];
  /** Seconds. */
  readonly running: number;
  readonly all: number;
  readonly costs: readonly { readonly type: string; readonly running: MicroUsd | null; readonly all: MicroUsd | null }[];
}

export interface Preview {
  readonly schedule: string;
  readonly timeZone: string;
  readonly now: {
    readonly at: Instant;
    readonly state: State;
    readonly since: Instant | null;
    /** The next two transitions, however far away. */
    readonly next: readonly Transition[];
  };
  readonly weeks: readonly Week[];
  readonly transitions: readonly Transition[];
  readonly costs: readonly Cost[];
  /** Overrides that have ended, and calendars that will: what should be looked after. */
  readonly stale: readonly string[];
}

export interface Asked {
  readonly at: Instant;
  readonly weeks: number;
  /** The clock to show it on. */
  readonly timeZone: string;
  readonly freeDays: readonly FreeDay[];
  readonly costs: readonly Cost[];
}

const MINUTES = 1440;

/** From the Monday of the week of `at`. */
export function preview(schedule: Schedule, asked: Asked): Preview {
  const { at, timeZone, costs } = asked;
  const today = Math.floor(wallMinuteAt(timeZone, at) / MINUTES);
  const monday = today - calendarDay(today).weekday;
  const weeks = Array.from({ length: asked.weeks }, (_, week) => {
    const days = Array.from({ length: 7 }, (_, i) => dayOf(schedule, monday + week * 7 + i, asked));
    const [running, all] = [total(days, day => day.running), total(days, ({ window }) => secondsBetween(window.start, window.end))];
    return { days, running, all, costs: costs.map(cost => ({ type: cost.type, running: worth(cost, running), all: worth(cost, all) })) };
  });
  const window = { start: at, end: firstInstantAt(timeZone, (monday + asked.weeks * 7) * MINUTES) };
  const now = stateAt(schedule, at);
  const next = [now.until, now.until === null ? null : stateAt(schedule, now.until).until];
  return {
    ...{ schedule: schedule.name, timeZone, weeks, costs, stale: staleNotes(schedule, at) },
    now: {
      at,
      state: now.state,
      since: now.since,
      next: next.flatMap(t => (t === null ? [] : [{ at: t, to: stateAt(schedule, t).state }])),
    },
    transitions: [...transitions(schedule, window)],
  };
}

const total = (days: readonly Day[], of: (day: Day) => number): number => days.reduce((sum, day) => sum + of(day), 0);
const worth = ({ price }: Cost, seconds: number): MicroUsd | null => (price === null ? null : rateOver(price.perHour, seconds));

function dayOf(schedule: Schedule, day: number, { timeZone, freeDays }: Asked): Day {
  const window = { start: firstInstantAt(timeZone, day * MINUTES), end: firstInstantAt(timeZone, (day + 1) * MINUTES) };
  const parts = partsOf(schedule, window, day, timeZone);
  return {
    ...{ date: dateText(day), weekday: calendarDay(day).weekday, window, parts, clocks: clocksOf(window, day, timeZone) },
    running: parts.reduce((sum, { state, seconds }) => sum + (state === 'running' ? seconds : 0), 0),
    notes: notesOf(schedule, day, window, freeDays),
  };
}

function partsOf(schedule: Schedule, window: Window, day: number, timeZone: string): Part[] {
  const changes = [...transitions(schedule, window)];
  const starts = [{ at: window.start, to: stateAt(schedule, window.start).state }, ...changes.filter(({ at }) => at > window.start)];
  const shown = (at: Instant): string => (at === window.end ? '24:00' : clock(wallMinuteAt(timeZone, at) - day * MINUTES));
  return starts.flatMap(({ at, to: state }, i) => {
    const end = starts[i + 1]?.at ?? window.end;
    return at === end ? [] : [{ state, from: shown(at), to: shown(end), seconds: secondsBetween(at, end) }];
  });
}

export const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** What the clocks do on a day that has not 24 hours. */
function clocksOf({ start, end }: Window, day: number, timeZone: string): Day['clocks'] {
  const before = stretchAt(timeZone, epochSeconds(start));
  if (before.to >= epochSeconds(end)) return null;
  const after = stretchAt(timeZone, before.to);
  const shown = (offset: number): string => clock(Math.floor((before.to + offset) / 60) - day * MINUTES);
  return { from: shown(before.offset), to: shown(after.offset), hours: secondsBetween(start, end) / 3600 };
}

function notesOf(
  { exceptions = [], overrides = [], timeZone }: Schedule,
  day: number,
  { start, end }: Window,
  freeDays: readonly FreeDay[],
): string[] {
  const exception = exceptions.find(e => datesOf(e).from <= day && day <= datesOf(e).to);
  const holiday = freeDays.find(({ date }) => date === dateText(day));
  const inForce = overrides.filter(({ from, to }) => {
    const [begins, ends] = [from === undefined ? null : readMoment(from, timeZone, 'begin'), readMoment(to, timeZone, 'end')];
    return (begins === null || begins < end) && (ends === null || ends > start);
  });
  return [
    ...(exception === undefined ? [] : [exception.why ?? 'exception']),
    ...(holiday === undefined ? [] : [holiday.name]),
    ...inForce.map(({ state, why }) => `override: ${state}${why === undefined ? '' : `, ${why}`}`),
  ];
}

/** The state in the middle of each half hour of the wall clock; `null` where the clock skips it. */
export function halfHours(schedule: Schedule, { date }: Pick<Day, 'date'>, timeZone: string): (State | null)[] {
  const midnight = (dayNumber(date) ?? 0) * MINUTES;
  return Array.from({ length: 48 }, (_, i) => {
    const minute = midnight + i * 30 + 15;
    const at = firstInstantAt(timeZone, minute);
    return wallMinuteAt(timeZone, at) > minute ? null : stateOnly(schedule, at);
  });
}
