import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
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

const twin = (date: string): string => event(`DTSTART;VALUE=DATE:${date}`).replace(/UID:.*/, 'UID:twin');

interface Written {
  /** Days since 2023-12-20. */
  readonly start: number;
  readonly length: number;
  readonly ends: 'DTEND' | 'DURATION';
  readonly again: {
    readonly freq: 'WEEKLY' | 'DAILY';
    readonly interval: number;
    readonly count: number;
    readonly without: readonly number[];
  } | null;
  readonly cancelled: boolean;
}

const written: fc.Arbitrary<Written> = fc.record({
  start: fc.oneof(fc.nat(4400), fc.nat(30), fc.integer({ min: 4380, max: 4400 })),
  length: fc.integer({ min: 1, max: 16 }),
  ends: fc.constantFrom('DTEND', 'DURATION'),
  again: fc.option(
    fc.record({
      freq: fc.constantFrom('WEEKLY', 'DAILY'),
      interval: fc.integer({ min: 1, max: 60 }),
      count: fc.integer({ min: 1, max: 6 }),
      without: fc.uniqueArray(fc.nat(5), { maxLength: 2 }),
    }),
  ),
  cancelled: fc.boolean(),
});

const dayNumbered = (n: number): string => new Date(Date.UTC(2023, 11, 20 + n)).toISOString().slice(0, 10);
const stepOf = ({ again }: Written): number => (again === null ? 0 : again.interval * (again.freq === 'WEEKLY' ? 7 : 1));

function icsOf(one: Written, i: number): string {
  const { start, length, ends, again, cancelled } = one;
  const day = (n: number): string => dayNumbered(n).replaceAll('-', '');
  const without = again?.without.map(nth => day(start + nth * stepOf(one))) ?? [];
  return event(
    `DTSTART;VALUE=DATE:${day(start)}`,
    ends === 'DTEND' ? `DTEND;VALUE=DATE:${day(start + length)}` : `DURATION:P${length}D`,
    ...(again === null ? [] : [`RRULE:FREQ=${again.freq};INTERVAL=${again.interval};COUNT=${again.count}`]),
    ...(without.length === 0 ? [] : [`EXDATE;VALUE=DATE:${without.join(',')}`]),
    `SUMMARY:Day ${i}`,
    ...(cancelled ? ['STATUS:CANCELLED'] : []),
  );
}

function datesOf(one: Written): string[] {
  const { start, length, again, cancelled } = one;
  if (cancelled) return [];
  const times = Array.from({ length: again?.count ?? 1 }, (_, nth) => nth).filter(nth => !again?.without.includes(nth));
  return times.flatMap(nth => Array.from({ length }, (_, n) => dayNumbered(start + nth * stepOf(one) + n)));
}

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
      'bad.ics has a date that is none: "2025"',
      'old.ics has no event from 2024 to 2035',
      'page.ics is not an iCalendar file',
      'there is no file none.ics beside schedules.yml',
    ]);
  });

  test.each([
    ['a rule that is none', calendar(event('DTSTART;VALUE=DATE:20250613', 'RRULE:FREQ=NEVER')), 'cannot be read: Invalid FREQ value'],
    ['a date that is none', calendar(event('DTSTART;VALUE=DATE:20250231')), 'has a date that is none: "20250231"'],
    ['single dates beside a rule', calendar(event('DTSTART;VALUE=DATE:20250613', 'RDATE;VALUE=DATE:20250620')), 'RDATE'],
    [
      'an event without an end',
      calendar(event('DTSTART;VALUE=DATE:20250613')).split('END:VEVENT')[0] ?? '',
      'says BEGIN:VEVENT 1 times, and only 0',
    ],
    ['two events of one name', calendar(twin('20250613'), twin('20250614')), 'says BEGIN:VEVENT 2 times, and only 1'],
  ])('with %s is refused instead of read in part', (_what, text, message) => {
    writeFileSync(join(dir, 'odd.ics'), text);
    expect(freeDays([{ calendar: 'odd.ics' }], dir)).toMatchObject({ days: [], findings: [{ message: expect.stringContaining(message) }] });
  });

  test('that is a folder is refused by name', () => {
    mkdirSync(join(dir, 'folder.ics'));
    const finding = { path: [0, 'calendar'], message: 'folder.ics cannot be read (EISDIR)', remedy: 'make it a file that you may read' };
    expect(freeDays([{ calendar: 'folder.ics' }], dir)).toEqual({ days: [], findings: [finding] });
  });

  test('gives every day of every event, within the years that are compiled, and no other', () => {
    fc.assert(
      fc.property(fc.array(written, { minLength: 1, maxLength: 4 }), fc.constantFrom('\r\n', '\n'), fc.boolean(), (events, end, folded) => {
        const text = calendar(...events.map(icsOf)).replaceAll('\r\n', end);
        writeFileSync(join(dir, 'told.ics'), folded ? text.replaceAll(/^(SUMMARY:..)/gm, `$1${end} `) : text);
        const dates = new Set(events.flatMap(datesOf).filter(date => date >= '2024' && date < '2036'));
        const { days: found, findings } = freeDays([{ calendar: 'told.ics' }], dir);
        expect(found.map(({ date }) => date)).toEqual([...dates].sort());
        expect(findings.length).toBe(dates.size === 0 ? 1 : 0);
      }),
      { numRuns: 60 },
    );
  });

  test('whatever is in it is read whole or refused by name, and spoils no other', () => {
    jest.spyOn(console, 'warn').mockImplementation(() => {}); // node-ical grumbles as it reads
    writeFileSync(join(dir, 'good.ics'), calendar(event('DTSTART;VALUE=DATE:20250613', 'SUMMARY:Bridge')));
    const line = fc.constantFrom(
      ...['BEGIN:VEVENT', 'END:VEVENT', 'END:VCALENDAR', 'UID:__proto__', 'UID:constructor', 'UID;X=1:a', 'RRULE:FREQ=DAILY;INTERVAL=0'],
      ...[
        'RRULE:',
        'RRULE:FREQ=YEARLY;UNTIL=soon',
        'RRULE:FREQ=MONTHLY;BYDAY=9XX',
        'DTSTART:20250101',
        'DTSTART;TZID=Mars:20250101T000000',
      ],
      ...['DTEND;VALUE=DATE:99991231', 'DTEND;VALUE=DATE:1', 'DURATION:P', 'EXDATE:x', 'RECURRENCE-ID;VALUE=DATE:20250613', '__proto__:x'],
      ...['STATUS:CANCELLED', 'BEGIN:VTIMEZONE', ' folded', 'type:VEVENT', 'SEQUENCE:-1', 'SUMMARY;LANGUAGE=de:Tag'],
    );
    const spoilt = fc.record({
      events: fc.array(written, { maxLength: 3 }),
      at: fc.nat(30),
      cut: fc.nat(2),
      put: fc.oneof(line, fc.string()),
    });
    fc.assert(
      fc.property(spoilt, ({ events, at, cut, put }) => {
        const lines = calendar(...events.map(icsOf)).split('\r\n');
        writeFileSync(join(dir, 'any.ics'), lines.toSpliced(at % lines.length, cut, put).join('\r\n'));
        const { days: found, findings } = freeDays([{ calendar: 'any.ics' }], dir);
        for (const { message, remedy } of findings)
          expect([message, remedy]).toEqual([expect.stringContaining('any.ics '), expect.stringMatching(/.../)]);
        expect(found.length > 0).toBe(findings.length === 0);
        const dates = found.map(({ date }) => date);
        expect(dates).toEqual([...new Set(dates)].sort());
        for (const date of dates) expect(new Date(date).toISOString()).toMatch(/^20(2[4-9]|3[0-5])-/);
        expect(days({ calendar: 'good.ics' })).toEqual([{ date: '2025-06-13', name: 'Bridge' }]);
      }),
      { numRuns: 120 },
    );
    jest.restoreAllMocks();
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
