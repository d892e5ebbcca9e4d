/**
 * Free days from calendars, as dates: public holidays of countries and regions, and iCalendar files. Package time and CLI only: the bundles
 * carry the dates of the calendars that schedules name, and none of the data sets.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type DateHolidays from 'date-holidays';
import type NodeIcal from 'node-ical';
import type { VEvent } from 'node-ical';
import { dateText } from './calendar-day.ts';
import type { Finding } from './explain.ts';
import type { Schedule } from './schema.ts';
import { suggestion } from './suggest.ts';

export interface FreeDay {
  /** `2025-12-25`. */
  readonly date: string;
  readonly name: string;
}

/** The years whose days are compiled: a fixed span, so that the same folder gives the same bytes. The last one is told when it draws near. */
export const HOLIDAY_YEARS = { first: 2024, last: 2035 } as const;

/** Every free day of a schedule, in order, each date once; `findings` with paths below `holidays`. */
export function freeDays(
  holidays: Schedule['holidays'],
  dir: string,
): { readonly days: readonly FreeDay[]; readonly findings: readonly Finding[] } {
  const found = (holidays ?? []).map(({ country, region, calendar }, i) => {
    const read = calendar === undefined ? publicHolidays(country ?? '', region) : fromCalendar(join(dir, calendar), calendar);
    return 'finding' in read
      ? { days: [], findings: [{ ...read.finding, path: [i, ...read.finding.path] }] }
      : { days: read.days, findings: [] };
  });
  const byDate = new Map(found.flatMap(({ days }) => days.map(day => [day.date, day] as const)).reverse());
  return { days: [...byDate.values()].sort((a, b) => (a.date < b.date ? -1 : 1)), findings: found.flatMap(({ findings }) => findings) };
}

type Read = { readonly days: readonly FreeDay[] } | { readonly finding: Finding };

const refused = (key: string, message: string, remedy: string): Read => ({ finding: { path: [key], message, remedy } });

// Both packages take their time to load, and most schedules name no calendar.
const require = createRequire(import.meta.url);

const YEARS = Array.from({ length: HOLIDAY_YEARS.last - HOLIDAY_YEARS.first + 1 }, (_, i) => HOLIDAY_YEARS.first + i);

function publicHolidays(country: string, region: string | undefined): Read {
  const Holidays = require('date-holidays') as typeof DateHolidays;
  const countries = new Holidays().getCountries('en') ?? {};
  if (!Object.hasOwn(countries, country))
    return refused('country', `${JSON.stringify(country)} is a country whose holidays are not known`, meant(country, countries));
  const regions = new Holidays().getStates(country, 'en') ?? {};
  if (region !== undefined && !Object.hasOwn(regions, region))
    return refused('region', `${JSON.stringify(region)} is not a region of ${country}`, meant(region, regions));

  const calendar = region === undefined ? new Holidays(country) : new Holidays(country, region);
  const all = YEARS.flatMap(year => calendar.getHolidays(year, 'en')).filter(({ type }) => type === 'public');
  return {
    days: all.flatMap(({ date, start, end, name }) => datesFrom(date.slice(0, 10), nights(start, end)).map(date => ({ date, name }))),
  };
}

/** By code or by name: `UK` is no code, and `Bavaria` is BY. */
function meant(word: string, known: Readonly<Record<string, string>>): string {
  const byName = Object.entries(known).find(([, name]) => name.toLowerCase() === word.toLowerCase());
  const code = byName?.[0] ?? (word === 'UK' && 'GB' in known ? 'GB' : undefined);
  return code === undefined ? suggestion(word, Object.keys(known), 'leave it out') : `did you mean ${JSON.stringify(code)}?`;
}

const DAY_MS = 86_400_000;
const nights = (start: Date, end: Date): number => Math.max(1, Math.round((end.getTime() - start.getTime()) / DAY_MS));
const datesFrom = (date: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => dateText(Date.parse(date) / DAY_MS + i));

function fromCalendar(file: string, name: string): Read {
  const read = textOf(file, name);
  if (typeof read !== 'string') return read;
  // Lines that were folded are one again; a UID is a key to node-ical, and `__proto__` must not be one.
  const text = read
    .replace(/^\uFEFF/, '')
    .replaceAll(/\r?\n[ \t]/g, '')
    .replaceAll(/^UID(?=[;:])[^:\n]*:/gm, '$&uid-');
  if (!/^BEGIN:VCALENDAR/m.test(text)) return refused('calendar', `${name} is not an iCalendar file`, 'export it as .ics');
  const doubt = doubtOf(text);
  if (doubt !== null) return refused('calendar', `${name} has ${doubt}`, 'correct it, or write the days under `overrides`');
  try {
    return daysOf(text, name);
  } catch (error) {
    const why = (error as Error).message.split('\n')[0];
    return refused('calendar', `${name} has an event that cannot be read: ${why}`, 'correct it, or write the days under `overrides`');
  }
}

function textOf(file: string, name: string): string | Read {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return refused('calendar', `there is no file ${name} beside schedules.yml`, 'put it there, or correct its name');
    return refused('calendar', `${name} cannot be read (${code ?? message})`, 'make it a file that you may read');
  }
}

/** What node-ical would pass over in silence: a date that is none becomes another, and single dates beside a rule are left out. */
function doubtOf(text: string): string | null {
  const events = text.replaceAll(/^BEGIN:VTIMEZONE[\s\S]*?^END:VTIMEZONE/gm, '');
  if (/^RDATE[;:]/m.test(events)) return 'single dates beside a rule (RDATE), which are not read';
  const dated = events.matchAll(/^(?:DTSTART|DTEND|EXDATE|RECURRENCE-ID)(?:;(?:[^":]|"[^"]*")*)?:(.*)$/gm);
  const dates = [...dated].flatMap(([, dates = '']) => dates.trim().split(','));
  const odd = dates.find(date => !/^\d{8}(?:T\d{6}Z?)?$/.test(date) || !isDay(date));
  return odd === undefined ? null : `a date that is none: ${JSON.stringify(odd)}`;
}

function isDay(compact: string): boolean {
  const day = compact.replace(/^(....)(..)(..).*$/, '$1-$2-$3');
  const time = Date.parse(`${day}T00:00:00Z`);
  return Number.isFinite(time) && dateText(time / DAY_MS) === day;
}

/** @throws Error for a rule that is none. */
function daysOf(text: string, name: string): Read {
  const ical = require('node-ical') as typeof NodeIcal;
  const all = Object.values(ical.sync.parseICS(text)).filter((component): component is VEvent => component?.type === 'VEVENT');
  const written = text.match(/^BEGIN:VEVENT/gm)?.length ?? 0;
  const told = new Set(all.flatMap(entriesOf)).size;
  if (told < written)
    return refused(
      'calendar',
      `${name} says BEGIN:VEVENT ${written} times, and only ${told} of them can be told apart`,
      'end each, with a UID of its own',
    );
  const events = all.filter(({ status }) => status !== 'CANCELLED');
  const timed = events.find(event => event.datetype !== 'date' || !(event.start instanceof Date));
  if (timed !== undefined)
    return refused(
      'calendar',
      `${name} has an event that is not all day long: ${JSON.stringify(titleOf(timed))}`,
      'take it out, or write it under `overrides`',
    );

  const [from, to] = [new Date(HOLIDAY_YEARS.first, 0, 1), new Date(HOLIDAY_YEARS.last, 11, 31)];
  const days = events
    .flatMap(event => ical.expandRecurringEvent(event, { from, to, expandOngoing: true }))
    .filter(({ event }) => event.status !== 'CANCELLED')
    .flatMap(({ start, end, event }) => {
      const first = later(start, from);
      const last = earlier(later(end, dayAfter(start)), dayAfter(to));
      return datesFrom(localDate(first), Math.round((last.getTime() - first.getTime()) / DAY_MS)).map(date => ({
        date,
        name: titleOf(event),
      }));
    });
  return days.length > 0
    ? { days }
    : refused('calendar', `${name} has no event from ${HOLIDAY_YEARS.first} to ${HOLIDAY_YEARS.last}`, 'remove it, or export another');
}

/** An event and what became of single days of it; one that stands for a single day of another is only that. */
const entriesOf = (event: VEvent): unknown[] => [
  ...(event.recurrenceid === undefined ? [event] : []),
  ...Object.values(event.recurrences ?? {}),
];

const later = (a: Date, b: Date): Date => (a > b ? a : b);
const earlier = (a: Date, b: Date): Date => (a < b ? a : b);
const dayAfter = (date: Date): Date => new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1);

const titleOf = ({ summary }: VEvent): string => (typeof summary === 'string' ? summary : (summary?.val ?? 'without a title'));

/** All-day events come as midnights of this process's own zone. */
const localDate = (date: Date): string => dateText(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / DAY_MS);
