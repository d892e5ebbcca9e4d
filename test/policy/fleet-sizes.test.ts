import { expect, test } from '@jest/globals';
import { readMoment } from '../../shared/policy/dates.ts';
import { judge } from '../../shared/policy/explain.ts';
import { policySchema } from '../../shared/policy/schema.ts';

const usual = {
  ...{ kind: 'fleets', name: 'web', match: { names: ['web-*'] }, target: { value: 50 }, minSize: 2, maxSize: 20 },
};
const findings = (other: object): string[] => {
  const result = judge(policySchema, { ...usual, ...other });
  return 'ok' in result ? [] : result.findings.map(f => `${f.path.join('.')}: ${f.message}; ${f.remedy}`);
};

test('what a fleet writes and when it sleeps has defaults that change nothing', () => {
  const result = judge(policySchema, usual);
  expect('ok' in result && result.ok).toMatchObject({ capacity: 'desired', beanstalk: false, overrides: [] });
});

test.each<readonly [what: string, other: object, finding: string]>([
  ['min above max', { minSize: 30 }, 'minSize: is above maxSize; lower minSize or raise maxSize'],
  ['a schedule without sizes', { schedule: 'office-hours' }, 'schedule: a schedule and offHours go together; write both'],
  ['sizes without a schedule', { offHours: { minSize: 0 } }, 'schedule: a schedule and offHours go together; write both'],
  [
    'off-hours above the day',
    { schedule: 'office-hours', offHours: { minSize: 3 } },
    'offHours.minSize: is above minSize, and off-hours only go down; lower it',
  ],
  [
    'off-hours without room',
    { schedule: 'office-hours', offHours: { minSize: 2, maxSize: 1 } },
    'offHours.maxSize: is below its minSize; raise it',
  ],
  ['a capacity that is none', { capacity: 'flour' }, 'capacity: "flour" is not a choice here; did you mean "floor"?'],
  [
    'a date that is none',
    { overrides: [{ from: '2025-02-30', to: '2025-03-02', minSize: 3 }] },
    'overrides.0.from: "2025-02-30" is not a date; write one such as 2025-11-28',
  ],
  [
    'an override that ends before it begins',
    { overrides: [{ from: '2025-11-28', to: '2025-11-27', minSize: 3 }] },
    'overrides.0.to: is not after from, so the override would never hold; write a later end',
  ],
  [
    'an override whose bounds contradict',
    { overrides: [{ from: '2025-11-28', to: '2025-11-28', minSize: 30, maxSize: 20 }] },
    'overrides.0.minSize: is above maxSize; lower minSize or raise maxSize',
  ],
  [
    'an override in no zone',
    { overrides: [{ from: '2025-11-28', to: '2025-11-30', timeZone: 'Berlin', minSize: 3 }] },
    'overrides.0.timeZone: "Berlin" is not an IANA zone; try "Europe/Berlin"',
  ],
])('%s is refused, with the remedy', (_, other, finding) => {
  expect(findings(other)).toContainEqual(expect.stringContaining(finding));
});

test('a day is its beginning or its end on the wall clock of its zone, a time is that very time', () => {
  expect(readMoment('2025-03-30', 'Europe/Berlin', 'begin')).toBe('2025-03-29T23:00:00Z');
  expect(readMoment('2025-03-30', 'Europe/Berlin', 'end')).toBe('2025-03-30T22:00:00Z'); // an hour shorter
  expect(readMoment('2025-11-28T06:00', 'America/New_York', 'begin')).toBe('2025-11-28T11:00:00Z');
  expect(readMoment('2025-11-28T06:00+02:00', 'America/New_York', 'end')).toBe('2025-11-28T04:00:00Z');
  expect([readMoment('28.11.2025', 'UTC', 'begin'), readMoment('2025-02-30', 'UTC', 'end')]).toEqual([null, null]);
});
