import { describe, expect, test } from '@jest/globals';
import { decideInstances } from '../../shared/decide/decide-instances.ts';
import { instant } from '../../shared/model/time.ts';
import { stateAt } from '../../shared/policy/schedule.ts';
import type { ScheduleTag } from '../../shared/policy/schedule-tags.ts';
import type { Schedule } from '../../shared/policy/schema.ts';
import { readSchedule, readTags } from '../../shared/policy/tags.ts';
import { answer, box, instances } from '../decide/facts.ts';
import { configOf, devTest, officeHours } from '../support/policies.ts';

const office: Schedule = { ...officeHours('Europe/Berlin'), aliases: ['Uk_Office_Hours'] };
const schedules = { 'office-hours': office };
const others: readonly ScheduleTag[] = [
  { key: 'Schedule', language: 'names' },
  { key: 'maid_offhours', language: 'custodian', timeZone: 'Europe/Berlin', onHour: 8 },
];
const asked = (tags: Record<string, string>) => readSchedule(tags, undefined, schedules, others);

describe('a tag that was written for another scheduler', () => {
  test('names a schedule by its name or an alias, whose case does not count', () => {
    expect(asked({ Schedule: 'office-hours' })).toEqual({ ok: office });
    expect(asked({ Schedule: 'uk_office_hours' })).toEqual({ ok: office });
    expect(asked({ schedule: 'office-hours' })).toEqual({ ok: null });
  });

  test('describes one, with the defaults that the policy names', () => {
    const read = asked({ Maid_OffHours: 'off=(M-F,20)' });
    expect(read).toEqual({
      ok: { name: 'its tag Maid_OffHours', timeZone: 'Europe/Berlin', periods: [{ weekdays: 'mon-fri', begin: '08:00', end: '20:00' }] },
    });
    expect(asked({ Maid_OffHours: 'off=(M-F,20)' })).toEqual(read);
    expect('ok' in read && read.ok === (asked({ Maid_OffHours: 'off=(M-F,20)' }) as typeof read & { ok: Schedule }).ok).toBe(true);
  });

  test('opts out, even where the policy has a schedule', () => {
    expect(readSchedule({ maid_offhours: 'off' }, 'office-hours', schedules, others)).toEqual({ ok: null });
    expect(readTags({ Maid_OffHours: 'off' }, 'office-hours', schedules, others)).toEqual({
      ok: { schedule: null, keepUntil: null, optedOut: 'Maid_OffHours' },
    });
  });

  test('is read after ours, in the order of the policy, and before its schedule', () => {
    expect(asked({ 'ebb:schedule': 'office-hours@UTC', Schedule: 'none' })).toMatchObject({ ok: { name: 'office-hours@UTC' } });
    expect(asked({ maid_offhours: 'off', Schedule: 'office-hours' })).toEqual({ ok: office });
    expect(readSchedule({}, 'office-hours', schedules, others)).toEqual({ ok: office });
  });

  test('that cannot be read is told with its own key, and nothing is stopped', () => {
    expect(asked({ Schedule: 'ofice-hours' })).toEqual({
      bad: { tag: 'Schedule', value: 'ofice-hours', remedy: 'did you mean "office-hours"?' },
    });
    expect(asked({ maid_offhours: 'never' })).toEqual({
      bad: { tag: 'maid_offhours', value: 'never', remedy: '“never”: write off=(M-F,19);on=(M-F,7);tz=et' },
    });
  });

  test('is nobody’s business where the policy does not say so', () => {
    expect(readTags({ Schedule: 'x', maid_offhours: 'y' }, 'office-hours', schedules)).toEqual({
      ok: { schedule: office, keepUntil: null },
    });
  });
});

describe('a zone in a tag', () => {
  test('puts the schedule on another clock, one object for all who ask', () => {
    const read = asked({ 'ebb:schedule': 'office-hours@America/New_York' });
    if ('bad' in read || read.ok === null) throw new Error('not read');
    expect(stateAt(read.ok, instant('2025-05-14T12:00Z'))).toMatchObject({ since: '2025-05-14T11:00:00Z' });
    const again = asked({ 'ebb:schedule': ' office-hours @ America/New_York' });
    expect('ok' in again && again.ok === read.ok).toBe(true);
  });

  test('that is none is told', () => {
    expect(asked({ 'ebb:schedule': 'office-hours@Pacific' })).toMatchObject({
      bad: { remedy: 'its zone is none; try "America/Los_Angeles"' },
    });
  });
});

test('what was said in such a tag must still be said when the pen is lifted', () => {
  const policy = devTest({ schedule: undefined, scheduleTags: [...others] });
  const one = box('i-1', { tags: { environment: 'dev', MAID_offhours: 'off=(M-F,19);on=(M-F,7);tz=utc' } });
  const { plan } = decideInstances(instances(instant('2025-05-14T19:05Z'), [one]), configOf({ policies: [policy] }));
  expect(answer(plan, 'i-1')).toMatchObject({ code: 'off-hours', schedule: 'its tag MAID_offhours' });
  expect(plan.changes[0]?.expects).toMatchObject({
    tags: { MAID_offhours: one.tags['MAID_offhours'], Schedule: null, 'ebb:schedule': null },
  });
});
