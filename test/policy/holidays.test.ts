import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { instant } from '../../shared/model/time.ts';
import { freeDays, HOLIDAY_YEARS } from '../../shared/policy/holidays.ts';
import { compileConfig, loadConfig } from '../../shared/policy/load.ts';
import { stateAt } from '../../shared/policy/schedule.ts';
import type { Schedule } from '../../shared/policy/schema.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'ebb-holidays-'));
  cpSync(resolve(import.meta.dirname, '../../config'), dir, { recursive: true });
});
afterAll(() => rmSync(dir, { recursive: true }));

const days = (...holidays: NonNullable<Schedule['holidays']>) => {
  const { days: found, findings } = freeDays(holidays, dir);
  expect(findings).toEqual([]);
  return found;
};
const inYear = (year: number, ...holidays: NonNullable<Schedule['holidays']>): string[] =>
  days(...holidays).flatMap(({ date }) => (date.startsWith(String(year)) ? [date.slice(5)] : []));

describe('public holidays', () => {
  test('of a country, and of a region of it', () => {
    const everywhere = ['01-01', '04-18', '04-21', '05-01', '05-29', '06-09', '10-03', '12-25', '12-26'];
    expect(inYear(2025, { country: 'DE' })).toEqual(everywhere);
    expect(inYear(2025, { country: 'DE', region: 'BE' })).toEqual([...everywhere, '03-08', '05-08'].sort()); // 8 May in that year alone
    expect(inYear(2026, { country: 'US' })).toEqual(expect.arrayContaining(['01-19', '07-03', '11-26', '12-25']));
  });

  test('with the days in their stead, and feasts of several days', () => {
    expect(inYear(2027, { country: 'GB', region: 'ENG' })).toEqual(expect.arrayContaining(['12-25', '12-26', '12-27', '12-28']));
    expect(inYear(2025, { country: 'SA' })).toEqual(expect.arrayContaining(['03-30', '03-31', '04-01', '04-02']));
  });

  test('of several calendars are one list, in order, each date once, over the same years every time', () => {
    const all = days({ country: 'DE' }, { country: 'FR' }, { country: 'DE', region: 'BY' }).map(({ date }) => date);
    expect(all).toEqual([...new Set(all)].sort());
    expect(all.at(0)).toBe(`${HOLIDAY_YEARS.first}-01-01`);
    expect(all.at(-1)).toBe(`${HOLIDAY_YEARS.last}-12-26`);
  });
});

const event = (...lines: string[]): string =>
  ['BEGIN:VEVENT', `UID:${lines.join('')}`, 'DTSTAMP:20250101T000000Z', ...lines, 'END:VEVENT'].join('\r\n');
const calendar = (...events: string[]): string =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//example//days//EN', ...events, 'END:VCALENDAR', ''].join('\r\n');

describe('an iCalendar file', () => {
  test('gives its all-day events: of several days, repeated, and not those that were cancelled', () => {
    writeFileSync(
      join(dir, 'company.ics'),
      calendar(
        event('DTSTART;VALUE=DATE:20251224', 'DTEND;VALUE=DATE:20251227', 'SUMMARY:Works holiday'),
        event('DTSTART;VALUE=DATE:20250613', 'RRULE:FREQ=YEARLY;COUNT=3', 'EXDATE;VALUE=DATE:20260613', 'SUMMARY:Founders’ day'),
        event('DTSTART;VALUE=DATE:20250601', 'STATUS:CANCELLED', 'SUMMARY:Bridge'),
      ),
    );
    expect(days({ calendar: 'company.ics' })).toEqual([
      { date: '2025-06-13', name: 'Founders’ day' },
      { date: '2025-12-24', name: 'Works holiday' },
      { date: '2025-12-25', name: 'Works holiday' },
      { date: '2025-12-26', name: 'Works holiday' },
      { date: '2027-06-13', name: 'Founders’ day' },
    ]);
  });

  test('with an event of some hours, of other years, or of no calendar at all is refused', () => {
    writeFileSync(join(dir, 'timed.ics'), calendar(event('DTSTART:20250614T100000Z', 'DTEND:20250614T120000Z', 'SUMMARY:Meeting')));
    writeFileSync(join(dir, 'bad.ics'), calendar(event('DTSTART;VALUE=DATE:2025', 'SUMMARY:Year')));
    writeFileSync(join(dir, 'old.ics'), calendar(event('DTSTART;VALUE=DATE:20010101', 'SUMMARY:Then')));
    writeFileSync(join(dir, 'page.ics'), '<html></html>');
    const refusals = ['timed', 'bad', 'old', 'page', 'none'].map(name => freeDays([{ calendar: `${name}.ics` }], dir).findings[0]?.message);
    expect(refusals).toEqual([
      'timed.ics has an event that is not all day long: "Meeting"',
      'bad.ics has an event that is not all day long: "Year"',
      'old.ics has no event from 2024 to 2035',
      'page.ics is not an iCalendar file',
      'there is no file none.ics beside schedules.yml',
    ]);
  });
});

const schedules = (holidays: string): string => `office-hours:
  timeZone: Europe/Berlin
  periods: [{ weekdays: mon-fri, begin: '07:00', end: '19:00' }]
  holidays:
    - ${holidays}
`;

test('a compiled schedule carries the dates of its calendars, and is off on them', () => {
  writeFileSync(join(dir, 'schedules.yml'), schedules('{ country: DE, region: BE }'));
  const schedule = loadConfig(dir).schedules['office-hours'] as Schedule;
  expect(stateAt(schedule, instant('2025-10-03T10:00Z'))).toEqual({
    state: 'stopped',
    since: '2025-10-02T17:00:00Z',
    until: '2025-10-06T05:00:00Z',
  });
  const compiled = JSON.parse(compileConfig(dir)).schedules['office-hours'];
  expect(compiled.daysOff).toContain('2025-10-03');
  expect(JSON.stringify(compiled)).not.toContain('Einheit');
  expect(compileConfig(dir)).toBe(compileConfig(dir));
});

test.each([
  ['{ country: UK }', 'office-hours.holidays[0].country: "UK" is a country whose holidays are not known; did you mean "GB"?'],
  ['{ country: DE, region: BX }', 'office-hours.holidays[0].region: "BX" is not a region of DE; did you mean "BB"?'],
  [
    '{ calendar: no.ics }',
    'office-hours.holidays[0].calendar: there is no file no.ics beside schedules.yml; put it there, or correct its name',
  ],
])('%s is refused on its line', (holidays, problem) => {
  writeFileSync(join(dir, 'schedules.yml'), schedules(holidays));
  expect(() => loadConfig(dir)).toThrow(`schedules.yml:5 › ${problem}`);
});
