/**
 * What one date of a schedule looks like: the pieces of a day in which its periods say running, any or stopped.
 *
 * A period takes place on the dates that all its fields match. Between begin and end it says running; with a begin alone it says any before
 * and running from there to midnight; with an end alone any before, stopped from there; with neither, running all day. An end before the
 * begin is on the next day, and that night belongs to the date on which it begins. Where periods disagree, running outweighs any, and any
 * outweighs stopped. Where a schedule has several periods, a single stopped minute between two running ones is running: so `…–23:59` and
 * `00:00–…` join.
 */
import { type CalendarDay, calendarDay, dayNumber, onMonthday, onWeekday } from './calendar-day.ts';
import {
  type BadField,
  type FieldText,
  type Monthdays,
  parseMonthdays,
  parseMonths,
  parseWeekdays,
  type Weekdays,
} from './calendar-fields.ts';
import type { DayException, Period, Schedule } from './schema.ts';
import { minuteOfDay } from './wall-clock.ts';

export type State = 'running' | 'any' | 'stopped';

/** From this minute of the day on, until the next piece or midnight. The first piece begins at 0. */
export interface Piece {
  readonly from: number;
  readonly state: State;
}

/** The periods of a schedule that share a wall clock. */
export interface DayPlanner {
  readonly timeZone: string;
  plan(day: number): readonly Piece[];
}

/** One planner per time zone; the one of the schedule's own zone knows its exceptions, holidays and end as well. */
export function plannersOf(schedule: Schedule): DayPlanner[] {
  const special = specialDays(schedule);
  const zones = [...new Set([schedule.timeZone, ...schedule.periods.map(period => period.timeZone ?? schedule.timeZone)])];
  return zones.map(timeZone => {
    const own = timeZone === schedule.timeZone;
    const periods = schedule.periods.filter(period => (period.timeZone ?? schedule.timeZone) === timeZone).map(ruleOf(schedule.name));
    const raw = rawPlanner(periods, special, own);
    return { timeZone, plan: schedule.periods.length > 1 ? day => joined(day, raw) : raw };
  });
}

/** Whether every week is like the next: no months, monthdays, counted weekdays, dates. */
export const isWeekly = (schedule: Schedule): boolean =>
  [schedule.exceptions, schedule.overrides, schedule.daysOff].every(dates => (dates ?? []).length === 0) &&
  [schedule, ...schedule.periods].every(({ effectiveFrom, effectiveTo }) => effectiveFrom === undefined && effectiveTo === undefined) &&
  schedule.periods
    .map(ruleOf(schedule.name))
    .every(r => r.monthdays === null && r.months === ALL_YEAR && r.weekdays.last === 0 && r.weekdays.nth.length === 0);

const ALL_YEAR = 2 ** 12 - 1;
const EVERY_DAY: Weekdays = { every: 2 ** 7 - 1, last: 0, nth: [] };

/** A period as the fields mean it. */
interface Rule {
  readonly weekdays: Weekdays;
  readonly monthdays: Monthdays | null;
  readonly months: number;
  readonly from: number;
  readonly to: number;
  readonly begin: number | null;
  readonly end: number | null;
}

const ruleOf =
  (schedule: string) =>
  (period: Period): Rule => ({
    weekdays: read(schedule, period.weekdays, parseWeekdays) ?? EVERY_DAY,
    monthdays: read(schedule, period.monthdays, parseMonthdays),
    months: read(schedule, period.months, parseMonths) ?? ALL_YEAR,
    from: dateOf(period.effectiveFrom) ?? Number.NEGATIVE_INFINITY,
    to: dateOf(period.effectiveTo) ?? Number.POSITIVE_INFINITY,
    begin: minuteOf(period.begin),
    end: minuteOf(period.end),
  });

/** @throws Error when the field is one that loadConfig would have refused. */
function read<T>(
  schedule: string,
  text: FieldText | null | undefined,
  parse: (text: FieldText) => { ok: T } | { bad: BadField },
): T | null {
  if (text === undefined || text === null) return null;
  const found = parse(text);
  if ('bad' in found) throw new Error(`schedule ${schedule}: "${found.bad.value}" cannot be read; ${found.bad.remedy}`);
  return found.ok;
}

const dateOf = (date: string | undefined): number | null => (date === undefined ? null : dayNumber(date));
const minuteOf = (clock: string | null | undefined): number | null => (clock === undefined || clock === null ? null : minuteOfDay(clock));

const takesPlace = ({ weekdays, monthdays, months, from, to }: Rule, day: number, date: CalendarDay): boolean =>
  ((months >> (date.month - 1)) & 1) === 1 &&
  onWeekday(weekdays, date) &&
  (monthdays === null || onMonthday(monthdays, date)) &&
  from <= day &&
  day <= to;

/** Half-open, in minutes of one day. */
interface Span {
  readonly from: number;
  readonly to: number;
  readonly state: State;
}

const MIDNIGHT = 1440;

/** The part of a date's plan that lies on the date itself, and the part that its nights take of the next. */
const today = ({ begin, end }: Pick<Rule, 'begin' | 'end'>): Span[] => {
  if (begin === null && end === null) return [{ from: 0, to: MIDNIGHT, state: 'running' }];
  if (begin === null) return [{ from: 0, to: end ?? 0, state: 'any' }];
  if (end === null)
    return [
      { from: 0, to: begin, state: 'any' },
      { from: begin, to: MIDNIGHT, state: 'running' },
    ];
  return [{ from: begin, to: end < begin ? MIDNIGHT : end, state: 'running' }];
};
const nextDay = ({ begin, end }: Pick<Rule, 'begin' | 'end'>): Span[] =>
  begin !== null && end !== null && end < begin ? [{ from: 0, to: end, state: 'running' }] : [];

/**
 * A date's pieces before seams are joined. Days on which the same periods take place look alike, and so do most days: each look is worked
 * out once. Dates with something of their own are worked out one by one.
 */
function rawPlanner(rules: readonly Rule[], special: SpecialDays, own: boolean): (day: number) => Piece[] {
  const looks = new Map<string, Piece[]>();
  let last = { day: Number.NaN, taking: '' };
  const takingOn = (day: number): string => {
    if (last.day !== day) {
      const date = calendarDay(day);
      let taking = '';
      for (const rule of rules) taking += takesPlace(rule, day, date) ? '1' : '0';
      last = { day, taking };
    }
    return last.taking;
  };
  return day => {
    if (special(day) !== null || special(day - 1) !== null) return pieces(spansOf(day, rules, special, own));
    const look = `${takingOn(day - 1)} ${takingOn(day)}`;
    let found = looks.get(look);
    if (found === undefined) {
      found = pieces(spansOf(day, rules, special, own));
      looks.set(look, found);
    }
    return found;
  };
}

function spansOf(day: number, rules: readonly Rule[], special: SpecialDays, own: boolean): Span[] {
  const spans: Span[] = [];
  for (const [date, part] of [
    [day - 1, nextDay],
    [day, today],
  ] as const) {
    const exception = special(date);
    if (exception === null) {
      const calendar = calendarDay(date);
      for (const rule of rules) if (takesPlace(rule, date, calendar)) spans.push(...part(rule));
    } else if (own) {
      if (typeof exception !== 'string') spans.push(...part(exception));
      else if (part === today && exception !== 'stopped') spans.push({ from: 0, to: MIDNIGHT, state: exception });
    }
  }
  return spans;
}

/** What stands in place of the periods on a date; `null` on ordinary days. */
type SpecialDays = (day: number) => State | { readonly begin: number | null; readonly end: number | null } | null;

/** A dated exception outweighs a holiday; before and after its time a schedule says nothing. */
function specialDays({ effectiveFrom, effectiveTo, exceptions = [], daysOff = [], onHolidays = 'stopped' }: Schedule): SpecialDays {
  const first = dateOf(effectiveFrom) ?? Number.NEGATIVE_INFINITY;
  const last = dateOf(effectiveTo) ?? Number.POSITIVE_INFINITY;
  const holidays = new Set(daysOff.map(dayNumber));
  const dated = exceptions.map(exception => ({ ...datesOf(exception), says: saysOf(exception) }));
  if (dated.length === 0 && holidays.size === 0) return day => (day < first || day > last ? 'any' : null);
  return day => {
    if (day < first || day > last) return 'any';
    const exception = dated.find(({ from, to }) => from <= day && day <= to);
    return exception?.says ?? (holidays.has(day) ? onHolidays : null);
  };
}

export function datesOf({ date, from, to }: DayException): { readonly from: number; readonly to: number } {
  const begins = dateOf(date ?? from) ?? Number.NaN;
  return { from: begins, to: dateOf(date ?? to) ?? begins };
}

const saysOf = ({ state, begin, end }: DayException) => state ?? { begin: minuteOf(begin), end: minuteOf(end) };

const WEIGHT: Readonly<Record<State, number>> = { stopped: 0, any: 1, running: 2 };
export const weightier = (a: State, b: State): State => (WEIGHT[a] >= WEIGHT[b] ? a : b);

function pieces(spans: readonly Span[]): Piece[] {
  if (spans.length === 0) return [{ from: 0, state: 'stopped' }];
  const cuts = [...new Set([0, ...spans.flatMap(({ from, to }) => [from, to])])].filter(cut => cut < MIDNIGHT).sort((a, b) => a - b);
  const found: Piece[] = [];
  for (const cut of cuts) {
    let state: State = 'stopped';
    for (const span of spans) if (span.from <= cut && cut < span.to) state = weightier(span.state, state);
    if (found.at(-1)?.state !== state) found.push({ from: cut, state });
  }
  return found;
}

/** With single stopped minutes between two running ones filled, at the turn of the day too. */
function joined(day: number, raw: (day: number) => Piece[]): Piece[] {
  const plan = raw(day);
  if (plan.every(({ state }) => state !== 'stopped')) return plan;
  const filled = plan.map((piece, i): Piece => {
    const end = plan[i + 1]?.from ?? MIDNIGHT;
    if (piece.state !== 'stopped' || end - piece.from !== 1) return piece;
    const before = i > 0 ? plan[i - 1] : raw(day - 1).at(-1);
    const after = plan[i + 1] ?? raw(day + 1)[0];
    return before?.state === 'running' && after?.state === 'running' ? { from: piece.from, state: 'running' } : piece;
  });
  return filled.filter(({ state }, i) => filled[i - 1]?.state !== state);
}
