import { expect, test } from '@jest/globals';
import { instant } from '../../shared/model/time.ts';
import type { Schedule } from '../../shared/policy/schema.ts';
import { staleNotes } from '../../shared/policy/stale.ts';

const office: Schedule = {
  name: 'office',
  timeZone: 'Europe/Berlin',
  effectiveTo: '2025-12-31',
  periods: [{ weekdays: 'mon-fri', begin: '07:00', effectiveTo: '2025-06-30' }, { weekdays: 'sat' }],
  exceptions: [
    { date: '2025-05-02', state: 'stopped', why: 'bridge' },
    { from: '2025-12-27', to: '2025-12-31', state: 'stopped' },
  ],
  overrides: [{ state: 'running', to: '2025-05-16T18:00' }],
  daysOff: ['2025-01-01', '2025-12-26'],
};

test('what is over is told from its very end on, on the clock of the schedule, and nothing before', () => {
  const at = (text: string) => staleNotes(office, instant(text));
  expect(at('2025-05-02T21:59:59Z')).toEqual([]);
  expect(at('2025-05-02T22:00:00Z')).toEqual(['the exception of 2025-05-02 (bridge) is over; remove it from office']);
  expect(at('2025-05-16T15:59:59Z')).toHaveLength(1);
  expect(at('2025-05-16T16:00:00Z')).toContain('the override running ended 2025-05-16T18:00; remove it from office');
  expect(at('2026-01-01T12:00:00Z')).toEqual([
    'the override running ended 2025-05-16T18:00; remove it from office',
    'the exception of 2025-05-02 (bridge) is over; remove it from office',
    'the exception of 2025-12-31 is over; remove it from office',
    'a period ended 2025-06-30; remove it from office',
    'office ended 2025-12-31 and says nothing any more',
    'the holidays of office are known until 2025-12-26 only; update Ebbtide',
  ]);
});
