import { describe, expect, test } from '@jest/globals';
import { declaredBaseline } from '../../shared/decide/declared.ts';
import { enrolInstance } from '../../shared/decide/enrol.ts';
import { instant } from '../../shared/model/time.ts';
import type { InstancePolicy } from '../../shared/policy/schema.ts';
import { officeHours } from '../support/policies.ts';
import { enrolled } from './facts.ts';

const noon = instant('2025-05-14T12:00:00Z');
const schedules = { 'office-hours': officeHours() };
const declares = (baseline?: string) => declaredBaseline({ baseline } as InstancePolicy, schedules, noon);
const unknown = { kind: 'unknown', why: 'no-metrics', frozenAt: noon } as const;

describe('a declared baseline', () => {
  test('is every hour, the hours of a schedule in UTC, or nothing', () => {
    const always = declares('always-on');
    expect(always?.kind === 'declared' && always.runs.every(run => run === 1)).toBe(true);
    const office = declares('office-hours');
    const hours = office?.kind === 'declared' ? office.runs.map((run, hour) => (run > 0 ? hour % 24 : null)).filter(h => h !== null) : [];
    // 07:00 to 19:00 on five days
    expect([hours.length, Math.min(...hours), Math.max(...hours)]).toEqual([60, 7, 18]);
    expect(declares()).toBeNull();
  });

  test('stands in where four weeks could not be measured, also later, and never takes the place of what was', () => {
    const always = declares('always-on');
    expect(enrolInstance(null, unknown, noon, always)?.baseline).toBe(always);
    expect(enrolInstance(enrolled({ baseline: unknown }), null, noon, always)?.baseline).toBe(always);
    expect(enrolInstance(enrolled({ baseline: { ...unknown, why: 'not-read-yet' } }), null, noon, always)).toBeNull();
    expect(enrolInstance(enrolled(), null, noon, always)).toBeNull();
  });
});
