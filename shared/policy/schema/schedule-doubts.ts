/** What can be read, and still cannot be meant: a file that people maintain is held to more than the language itself. */
import { dayNumber } from '../calendar-day.ts';
import { type FieldText, parseMonthdays, parseMonths } from '../calendar-fields.ts';
import { twice } from '../judges.ts';

export interface Doubt {
  readonly path: PropertyKey[];
  /** What is wrong, and after `; ` what to do. */
  readonly message: string;
}

type Optional<T> = { readonly [K in keyof T]?: T[K] | undefined };
type Dates = Optional<{ effectiveFrom: string; effectiveTo: string }>;
type PeriodFields = Dates & Optional<{ weekdays: FieldText; monthdays: FieldText; months: FieldText; begin: string; end: string }>;
type ExceptionFields = Optional<{ date: string; from: string; to: string; state: string; begin: string; end: string }>;
type ScheduleFields = Dates &
  Optional<{
    onHolidays: string;
    holidays: readonly unknown[];
    exceptions: readonly ExceptionFields[];
    overrides: readonly OverrideFields[];
  }>;
type OverrideFields = Optional<{ from: string; to: string }>;

export function doubtsOfPeriod(period: PeriodFields): Doubt[] {
  const doubts = [...twiceIn(period, 'weekdays'), ...twiceIn(period, 'monthdays'), ...twiceIn(period, 'months')];
  if (period.begin !== undefined && period.begin === period.end)
    doubts.push({ path: ['end'], message: 'is the same as begin, so the period is empty; write 00:00 and 24:00 for the whole day' });
  if (period.begin === undefined && period.end === '00:00')
    doubts.push({ path: ['end'], message: 'is where the day begins, so nothing comes before it; write a begin as well' });
  if (!saysAnything(period)) doubts.push({ path: [], message: NOTHING_SAID });
  if (neverComes(period))
    doubts.push({ path: ['monthdays'], message: 'never comes, because none of its months has such a day; correct one of the two' });
  return [...doubts, ...backwards(period.effectiveFrom, period.effectiveTo, 'effectiveTo')];
}

export const NOTHING_SAID = 'a period without any field says nothing; write `weekdays: mon-sun` for every day, all day long';

export const saysAnything = (period: Readonly<Record<string, unknown>>): boolean =>
  ['weekdays', 'monthdays', 'months', 'begin', 'end'].some(key => period[key] !== undefined && period[key] !== null);

function twiceIn(period: PeriodFields, key: 'weekdays' | 'monthdays' | 'months'): Doubt[] {
  const value = period[key];
  if (!Array.isArray(value)) return [];
  const index = twice(value.map(v => String(v).trim().toLowerCase()));
  return index === null ? [] : [{ path: [key, index], message: `${JSON.stringify(value[index])} stands here twice; remove one` }];
}

/** 29 February counts as a day that comes. */
const DAYS_AT_MOST = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function neverComes({ monthdays, months }: PeriodFields): boolean {
  if (monthdays === undefined || months === undefined) return false;
  const [days, inMonths] = [parseMonthdays(monthdays), parseMonths(months)];
  if ('bad' in days || 'bad' in inMonths || days.ok.last || days.ok.lastWeekday) return false;
  const longest = Math.max(...DAYS_AT_MOST.filter((_, month) => ((inMonths.ok >> month) & 1) === 1));
  return (days.ok.every & (2 ** longest - 1)) === 0 && days.ok.nearest.every(day => day > longest);
}

export function doubtsOfException({ date, from, to, state, begin, end }: ExceptionFields): Doubt[] {
  if (date === undefined && from === undefined)
    return [{ path: [], message: 'an exception needs a date; write `date`, or `from` and `to`' }];
  if (date !== undefined && (from ?? to) !== undefined)
    return [{ path: ['date'], message: 'stands beside from or to; write either one date, or from and to' }];
  if (from !== undefined && to === undefined)
    return [{ path: ['from'], message: 'stands alone; write `to` as well, or `date` for a single day' }];
  if (state !== undefined && (begin ?? end) !== undefined)
    return [{ path: ['state'], message: 'stands beside begin or end; write either the state of the whole day, or its hours' }];
  if (state === undefined && (begin === undefined || end === undefined))
    return [{ path: [], message: 'an exception needs something to say; write `state: stopped`, or both begin and end' }];
  if (state === undefined && begin === end)
    return [{ path: ['end'], message: 'is the same as begin, so nothing runs; write `state: stopped`' }];
  return backwards(from, to, 'to');
}

export function doubtsOfSchedule({
  effectiveFrom,
  effectiveTo,
  onHolidays,
  holidays,
  exceptions = [],
  overrides = [],
}: ScheduleFields): Doubt[] {
  const doubts = backwards(effectiveFrom, effectiveTo, 'effectiveTo');
  if (onHolidays !== undefined && holidays === undefined)
    doubts.push({ path: ['onHolidays'], message: 'says what holidays are, and there are none; write `holidays` as well' });
  const spans = exceptions.map(({ date, from, to }) => [dayNumber(date ?? from ?? '') ?? 0, dayNumber(date ?? to ?? '') ?? 0] as const);
  const settled = spans.findIndex(([from, to], i) => spans.slice(0, i).some(([first, last]) => from <= last && to >= first));
  if (settled !== -1)
    doubts.push({ path: ['exceptions', settled], message: 'speaks of a date that an exception above has settled; keep one of the two' });
  for (const [i, { from, to }] of overrides.entries())
    if (from !== undefined && to !== undefined && sameKind(from, to) && (to < from || (to === from && from.length > 10)))
      doubts.push({ path: ['overrides', i, 'to'], message: `is not after ${from}; exchange the two` });
  return doubts;
}

/** Two days, or two times on the same clock, can be compared as they stand. */
const sameKind = (a: string, b: string): boolean => a.length === b.length && a.slice(16) === b.slice(16);

const backwards = (from: string | undefined, to: string | undefined, path: string): Doubt[] =>
  from !== undefined && to !== undefined && to < from ? [{ path: [path], message: `is before ${from}; exchange the two` }] : [];

/** Names and aliases, in any case, belong to one schedule each; its own name in another case is an alias like any other. */
export function doubtsOfNames(schedules: Readonly<Record<string, { readonly aliases?: readonly string[] | undefined }>>): Doubt[] {
  const all = Object.entries(schedules).flatMap(([name, s]) => (s.aliases ?? []).map((alias, i) => ({ name, alias, i })));
  const aliases = all.filter(({ name, alias }) => alias.toLowerCase() !== name);
  const words = [...Object.keys(schedules), ...aliases.map(({ alias }) => alias.toLowerCase())];
  const index = twice(words);
  const double = index === null ? undefined : aliases[index - Object.keys(schedules).length];
  if (double === undefined) return [];
  return [
    {
      path: [double.name, 'aliases', double.i],
      message: `${JSON.stringify(double.alias)} is the name of a schedule already; remove it`,
    },
  ];
}
