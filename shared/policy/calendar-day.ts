/** A date of the calendar, by its number: days since 1970-01-01 on whatever wall clock it is looked at. */
import type { Monthdays, Weekdays } from './calendar-fields.ts';

export interface CalendarDay {
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly monthday: number;
  /** 0 is Monday. */
  readonly weekday: number;
  readonly daysInMonth: number;
}

const MS = 86_400_000;

/** Days recur in every look at a schedule, and there are not many of them: the last few hundred are kept. */
const known = new Map<number, CalendarDay>();

export function calendarDay(day: number): CalendarDay {
  const before = known.get(day);
  if (before !== undefined) return before;
  const date = new Date(day * MS);
  const month = date.getUTCMonth() + 1;
  const found = {
    month,
    monthday: date.getUTCDate(),
    weekday: (date.getUTCDay() + 6) % 7,
    daysInMonth: new Date(Date.UTC(date.getUTCFullYear(), month, 0)).getUTCDate(),
  };
  if (known.size > 10_000) known.clear();
  known.set(day, found);
  return found;
}

/** `2025-05-14` → its number; `null` for the 30th of February and everything else that is no date. */
export function dayNumber(date: string): number | null {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(date);
  if (parts === null) return null;
  const time = Date.UTC(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]));
  return dateText(time / MS) === date ? time / MS : null;
}

/** The number → `2025-05-14`. */
export const dateText = (day: number): string => new Date(day * MS).toISOString().slice(0, 10);

export const onWeekday = ({ every, last, nth }: Weekdays, { weekday, monthday, daysInMonth }: CalendarDay): boolean =>
  ((every >> weekday) & 1) === 1 ||
  (((last >> weekday) & 1) === 1 && monthday > daysInMonth - 7) ||
  nth.some(only => only.weekday === weekday && only.n === Math.ceil(monthday / 7));

export const onMonthday = ({ every, last, lastWeekday, nearest }: Monthdays, day: CalendarDay): boolean =>
  ((every >> (day.monthday - 1)) & 1) === 1 ||
  (last && day.monthday === day.daysInMonth) ||
  (lastWeekday && day.monthday === nearestWeekday(day.daysInMonth, day)) ||
  nearest.some(target => day.monthday === nearestWeekday(target, day));

/** The Monday to Friday nearest to a day of this month without leaving the month; `null` where the month has no such day. */
function nearestWeekday(target: number, { monthday, weekday, daysInMonth }: CalendarDay): number | null {
  if (target > daysInMonth) return null;
  const falls = (((weekday + target - monthday) % 7) + 7) % 7;
  if (falls === 5) return target === 1 ? 3 : target - 1;
  if (falls === 6) return target === daysInMonth ? target - 2 : target + 1;
  return target;
}
