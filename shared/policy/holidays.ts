/**
 * Free days from calendars, as dates: public holidays of countries and regions, and iCalendar files. Package time and CLI only: the bundles
 * carry the dates of the calendars that schedules name, and none of the data sets.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type DateHolidays from 'date-holidays';
import type NodeIcal from 'node-ical';
import type { CalendarResponse, VEvent } from 'node-ical';
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
  if (!existsSync(file)) return refused('calendar', `there is no file ${name} beside schedules.yml`, 'put it there, or correct its name');
  const text = readFileSync(file, 'utf8');
  if (!/^BEGIN:VCALENDAR/m.test(text)) return refused('calendar', `${name} is not an iCalendar file`, 'export it as .ics');
  const ical = require('node-ical') as typeof NodeIcal;
  const events = eventsOf(ical.sync.parseICS(text));
  const timed = events.find(event => event.datetype !== 'date' || !(event.start instanceof Date));
  if (timed !== undefined)
    return refused(
      'calendar',
      `${name} has an event that is not all day long: ${JSON.stringify(titleOf(timed))}`,
      'take it out, or write it under `overrides`',
    );

  const [from, to] = [new Date(HOLIDAY_YEARS.first, 0, 1), new Date(HOLIDAY_YEARS.last, 11, 31)];
  const days = events
    .flatMap(event => ical.expandRecurringEvent(event, { from, to }))
    .flatMap(({ start, end, event }) => datesFrom(localDate(start), nights(start, end)).map(date => ({ date, name: titleOf(event) })));
  return days.length > 0
    ? { days }
    : refused('calendar', `${name} has no event from ${HOLIDAY_YEARS.first} to ${HOLIDAY_YEARS.last}`, 'remove it, or export another');
}

const eventsOf = (calendar: CalendarResponse): VEvent[] =>
  Object.values(calendar).filter((component): component is VEvent => component?.type === 'VEVENT' && component.status !== 'CANCELLED');

const titleOf = ({ summary }: VEvent): string => (typeof summary === 'string' ? summary : (summary?.val ?? 'without a title'));

/** All-day events come as midnights of this process's own zone. */
const localDate = (date: Date): string => dateText(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / DAY_MS);
