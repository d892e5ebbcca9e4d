import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { calendarDay, dateText, dayNumber, onMonthday, onWeekday } from '../../shared/policy/calendar-day.ts';
import { type FieldText, parseMonthdays, parseMonths, parseWeekdays } from '../../shared/policy/calendar-fields.ts';
import { type Field, monthdayField, monthField, weekdayField } from './dates-and-fields.ts';

type Parse = (text: FieldText) => { ok: unknown } | { bad: { value: string; remedy: string } };
const read = <T>(parse: (text: FieldText) => { ok: T } | { bad: unknown }, text: FieldText): T => {
  const found = parse(text);
  if ('bad' in found) throw new Error(`${JSON.stringify(text)}: ${JSON.stringify(found.bad)}`);
  return found.ok;
};

/** Ten years with leap days and every weekday on every date. */
const FIRST = dayNumber('2019-12-25') ?? 0;
const DAYS = Array.from({ length: 3660 }, (_, i) => FIRST + i);

describe('whatever is written means the dates that it counts through', () => {
  const check = (fields: fc.Arbitrary<Field>, on: (text: string) => (day: number) => boolean) =>
    fc.assert(
      fc.property(fields, ({ text, matches }) => {
        const says = on(text);
        for (const day of DAYS)
          if (says(day) !== matches(new Date(day * 86_400_000))) throw new Error(`${text} on ${dateText(day)}: not ${says(day)}`);
      }),
      { numRuns: 60 },
    );

  test('weekdays: names, numbers, ranges that wrap, steps, the n-th and the last', () =>
    check(weekdayField, text => {
      const field = read(parseWeekdays, text);
      return day => onWeekday(field, calendarDay(day));
    }));

  test('monthdays: ranges, steps, the last, the nearest weekday', () =>
    check(monthdayField, text => {
      const field = read(parseMonthdays, text);
      return day => onMonthday(field, calendarDay(day));
    }));

  test('months: names, numbers, ranges that wrap, steps', () =>
    check(monthField, text => {
      const field = read(parseMonths, text);
      return day => ((field >> (calendarDay(day).month - 1)) & 1) === 1;
    }));

  test('a list is as good as commas, and a number as its digits', () => {
    expect(parseWeekdays(['0', 3, 'sat-sun'])).toEqual(parseWeekdays('0, 3, sat-sun'));
    expect(parseMonthdays(15)).toEqual(parseMonthdays('15'));
  });
});

describe('what cannot be read', () => {
  test.each<[string, Parse, FieldText, string, string]>([
    ['weekdays', parseWeekdays, 'mon-fry', 'fry', 'did you mean "fri"?'],
    ['weekdays', parseWeekdays, 'Wednesay', 'Wednesay', 'did you mean "wednesday"?'],
    ['weekdays', parseWeekdays, '', '', 'there are "mon"'],
    ['weekdays', parseWeekdays, 'mon,', '', 'there are "mon"'],
    ['weekdays', parseWeekdays, [], '', 'write mon-fri'],
    ['weekdays', parseWeekdays, 'mon-wed-fri', 'mon-wed-fri', 'a range has one dash'],
    ['weekdays', parseWeekdays, '7', '7', 'write 0 to 6 (monday to sunday)'],
    ['weekdays', parseWeekdays, 'mon#6', 'mon#6', 'write #1 to #5'],
    ['weekdays', parseWeekdays, 'mon#0', 'mon#0', 'write #1 to #5'],
    ['weekdays', parseWeekdays, '0#-1', '0#', ''],
    ['weekdays', parseWeekdays, 'L-2', 'L', ''],
    ['weekdays', parseWeekdays, '3-L', 'L', ''],
    ['weekdays', parseWeekdays, '^-6', '^', ''],
    ['weekdays', parseWeekdays, '-1', '-1', ''],
    ['weekdays', parseWeekdays, 'mon/0', 'mon/0', 'from 1 on: write mon/2'],
    ['weekdays', parseWeekdays, 'mon/', 'mon/', 'from 1 on'],
    ['weekdays', parseWeekdays, '*/2', '*', ''],
    ['monthdays', parseMonthdays, '32', '32', 'write 1 to 31, L for the last day, or 15W'],
    ['monthdays', parseMonthdays, '0', '0', 'write 1 to 31'],
    ['monthdays', parseMonthdays, '20-15', '20-15', 'do not wrap: write 20-L,1-15'],
    ['monthdays', parseMonthdays, '1/0', '1/0', 'from 1 on: write 1/2'],
    ['monthdays', parseMonthdays, '1/x', '1/x', 'from 1 on'],
    ['monthdays', parseMonthdays, '32W', '32', ''],
    ['monthdays', parseMonthdays, 'W', 'W', ''],
    ['monthdays', parseMonthdays, '2W-15', '2W', ''],
    ['monthdays', parseMonthdays, 'L-13', 'L', ''],
    ['monthdays', parseMonthdays, 'mon', 'mon', ''],
    ['months', parseMonths, '13', '13', 'write 1 to 12 (january to december)'],
    ['months', parseMonths, '0', '0', ''],
    ['months', parseMonths, 'L', 'L', ''],
    ['months', parseMonths, '3-L', 'L', ''],
    ['months', parseMonths, 'W', 'W', ''],
    ['months', parseMonths, 'mar/00', 'mar/00', 'from 1 on'],
    ['months', parseMonths, 'septembr', 'septembr', 'did you mean "september"?'],
    ['months', parseMonths, ['jan', ''], '', 'there are "jan"'],
  ])('%s %#: is refused with the word and a remedy', (_field, parse, text, value, remedy) => {
    const found = parse(text);
    if ('ok' in found) throw new Error(`${JSON.stringify(text)} was read`);
    expect(found.bad.value).toBe(value);
    expect(found.bad.remedy).toContain(remedy);
    expect(found.bad.remedy).not.toBe('');
  });

  test('no text at all is read as no days', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^(mon|tue|l|w|1|31|x|-|\/|#|,| ){1,6}$/));
    fc.assert(
      fc.property(text, any => {
        const [weekdays, monthdays, months] = [parseWeekdays(any), parseMonthdays(any), parseMonths(any)];
        if ('ok' in weekdays) expect(weekdays.ok.every | weekdays.ok.last | weekdays.ok.nth.length).not.toBe(0);
        if ('ok' in monthdays)
          expect(Boolean(monthdays.ok.every) || monthdays.ok.last || monthdays.ok.lastWeekday || monthdays.ok.nearest.length > 0).toBe(
            true,
          );
        if ('ok' in months) expect(months.ok).not.toBe(0);
        for (const found of [weekdays, monthdays, months]) if ('bad' in found) expect(found.bad.remedy).not.toBe('');
      }),
      { numRuns: 500 },
    );
  });
});
