import { describe, expect, test } from '@jest/globals';
import { declaredBaseline } from '../../shared/decide/declared.ts';
import { enrolInstance } from '../../shared/decide/enrol.ts';
import { instant } from '../../shared/model/time.ts';
import type { InstancePolicy, Schedule } from '../../shared/policy/schema.ts';
import { officeHours } from '../support/policies.ts';
import { enrolled } from './facts.ts';

const noon = instant('2025-05-14T12:00:00Z');
const schedules = { 'office-hours': officeHours() };
const declares = (baseline?: string, of: Record<string, Schedule> = schedules) =>
  declaredBaseline({ baseline } as InstancePolicy, of, noon);
const unknown = { kind: 'unknown', why: 'no-metrics', frozenAt: noon } as const;

describe('a declared baseline', () => {
  test('is every hour of the week, or nothing where a policy declares none or a schedule that nobody wrote', () => {
    expect(declares('always-on')).toEqual({ kind: 'declared', weeks: 1, says: 'always-on', frozenAt: noon, runs: new Array(168).fill(1) });
    expect(declares('gone')).toBeNull();
    expect(declares()).toBeNull();
    expect(declares(undefined, { undefined: officeHours() })).toBeNull();
  });

  const OFFICE = [0, 1, 2, 3, 4];
  const on = (days: readonly number[], from: number, to: number, share = 1) => ({ days, from, to, share });
  test.each<[string, Partial<Schedule>, ReturnType<typeof on>[]]>([
    ['office hours', {}, [on(OFFICE, 7, 19)]],
    // 07:00 of a summer's day in Berlin is 05:00 in UTC
    ['those of another zone', { timeZone: 'Europe/Berlin' }, [on(OFFICE, 5, 17)]],
    [
      'parts of hours, added where there are several in one',
      {
        periods: [
          { weekdays: 'mon', begin: '07:45', end: '09:30' },
          { weekdays: 'mon', begin: '09:45', end: '10:15' },
          { weekdays: 'sun', begin: '12:10', end: '12:40' },
        ],
      },
      [on([0], 7, 8, 0.25), on([0], 8, 9), on([0], 9, 10, 0.75), on([0], 10, 11, 0.25), on([6], 12, 13, 0.5)],
    ],
    [
      'a night over the turn of the week',
      { periods: [{ weekdays: 'sun', begin: '22:30', end: '02:00' }] },
      [on([0], 0, 2), on([6], 22, 23, 0.5), on([6], 23, 24)],
    ],
    ['all of it', { periods: [{ weekdays: 'mon-sun', begin: '00:00', end: '24:00' }] }, [on([...OFFICE, 5, 6], 0, 24)]],
  ])('is the share of each hour of the week, from Monday 00:00 in UTC, that a schedule says: %s', (_, schedule, said) => {
    const runs: number[] = new Array(168).fill(0);
    for (const { days, from, to, share } of said) for (const day of days) runs.fill(share, day * 24 + from, day * 24 + to);
    for (const at of [noon, instant('2025-05-12T00:00:00Z'), instant('2025-05-18T23:59:59Z')]) {
      const found = declaredBaseline({ baseline: 'hours' } as InstancePolicy, { hours: { ...officeHours(), ...schedule } }, at);
      expect(found?.kind === 'declared' && found.runs.length).toBe(168);
      expect(found).toEqual({ kind: 'declared', weeks: 1, says: 'hours', frozenAt: at, runs });
    }
  });

  test('stands in where four weeks could not be measured, also later, and never takes the place of what was', () => {
    const always = declares('always-on');
    expect(enrolInstance(null, unknown, noon, always)?.baseline).toBe(always);
    expect(enrolInstance(enrolled({ baseline: unknown }), null, noon, always)?.baseline).toBe(always);
    expect(enrolInstance(enrolled({ baseline: { ...unknown, why: 'not-read-yet' } }), null, noon, always)).toBeNull();
    expect(enrolInstance(enrolled(), null, noon, always)).toBeNull();
  });
});
