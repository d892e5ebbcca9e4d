import { describe, expect, test } from '@jest/globals';
import { draw } from '../../cli/preview/draw.ts';
import { preview } from '../../cli/preview/weeks.ts';
import { usd } from '../../shared/model/money.ts';
import { instant } from '../../shared/model/time.ts';
import type { Schedule } from '../../shared/policy/schema.ts';

const office: Schedule = {
  name: 'office-hours',
  timeZone: 'Europe/Berlin',
  periods: [
    { weekdays: 'mon-fri', begin: '07:00', end: '19:00' },
    { weekdays: 'sat', end: '12:00' },
  ],
  daysOff: ['2026-04-03', '2026-04-06'],
  exceptions: [{ date: '2026-04-01', begin: '09:00', end: '14:30', why: 'we move house' }],
  overrides: [
    { state: 'running', from: '2026-03-27T19:00', to: '2026-03-29', why: 'release weekend' },
    { state: 'stopped', to: '2025-12-31', why: 'last year' },
  ],
};
const asked = {
  at: instant('2026-03-25T12:00:00Z'),
  weeks: 2,
  timeZone: 'Europe/Berlin',
  freeDays: [{ date: '2026-04-03', name: 'Good Friday' }],
  costs: [
    { type: 'm5.large', region: 'eu-west-1', price: { perHour: usd(0.107), source: 'list price of 2025-04-04 (table)' } },
    { type: 'x9.vast', region: 'eu-west-1', price: null },
  ],
};

describe('the coming weeks', () => {
  const { weeks, now, transitions, stale } = preview(office, asked);

  test('begin on the Monday of this one, and their hours add up', () => {
    expect(weeks.map(({ days }) => days[0]?.date)).toEqual(['2026-03-23', '2026-03-30']);
    // Mon–Thu 12 h each, Friday from seven to midnight, the whole weekend, whose Sunday has 23 hours.
    expect(weeks[0]).toMatchObject({ running: (4 * 12 + 17 + 24 + 23) * 3600, all: 167 * 3600 });
    // Mon and Tue 12 h, Wednesday 5½, Thursday 12, Good Friday none.
    expect(weeks[1]).toMatchObject({ running: (12 + 12 + 5.5 + 12) * 3600, all: 168 * 3600 });
    expect(weeks[1]?.costs).toEqual([
      { type: 'm5.large', running: usd(0.107 * 41.5), all: usd(0.107 * 168) },
      { type: 'x9.vast', running: null, all: null },
    ]);
  });

  test('tell what is special about a day', () => {
    const of = (date: string) => weeks.flatMap(({ days }) => days).find(day => day.date === date);
    expect(of('2026-03-29')).toMatchObject({
      clocks: { from: '02:00', to: '03:00', hours: 23 },
      notes: ['override: running, release weekend'],
    });
    expect(of('2026-04-01')).toMatchObject({
      notes: ['we move house'],
      parts: [{}, { state: 'running', from: '09:00', to: '14:30' }, { to: '24:00' }],
    });
    expect(of('2026-04-03')).toMatchObject({ notes: ['Good Friday'], running: 0 });
    expect(of('2026-04-04')?.parts).toMatchObject([{ state: 'any', to: '12:00' }, { state: 'stopped' }]);
    expect(of('2026-03-24')).toMatchObject({ clocks: null, notes: [] });
  });

  test('tell what holds now, what comes, and what may be taken out', () => {
    expect(now).toMatchObject({
      state: 'running',
      next: [
        { at: '2026-03-25T18:00:00Z', to: 'stopped' },
        { at: '2026-03-26T06:00:00Z', to: 'running' },
      ],
    });
    expect(transitions.every(({ at }) => at > asked.at)).toBe(true);
    expect(transitions).toContainEqual({ at: '2026-04-04T10:00:00Z', to: 'stopped' });
    expect(stale).toEqual(['the override stopped (last year) ended 2025-12-31; remove it from office-hours']);
  });

  test('an hour that is repeated makes a day of 25, and a schedule that never changes says so', () => {
    const always: Schedule = { name: 'always', timeZone: 'Europe/Berlin', periods: [{ weekdays: '*' }] };
    const autumn = preview(always, { ...asked, at: instant('2026-10-21T12:00:00Z'), weeks: 1, costs: [] });
    expect(autumn.weeks[0]?.days[6]).toMatchObject({ clocks: { from: '03:00', to: '02:00', hours: 25 }, running: 25 * 3600 });
    expect(draw(always, autumn)).toContain('Now running, and nothing will change.');
  });
});

test('are drawn a line a day, half an hour a cell, with an hour that is skipped left out', () => {
  const lines = draw(office, preview(office, asked)).split('\n');
  expect(lines.slice(0, 2)).toEqual([
    'office-hours  Europe/Berlin',
    'Now running since Wed 25 Mar 07:00; stops Wed 25 Mar 19:00, starts Thu 26 Mar 07:00.',
  ]);
  for (const line of [
    '▸Wed 25 Mar ··············████████████████████████··········    12 h  07:00–19:00',
    ' Sun 29 Mar ████  ██████████████████████████████████████████    23 h  all day  clocks go 02:00 → 03:00, 23 h · override: running, release weekend',
    ' Wed  1 Apr ··················███████████···················   5.5 h  09:00–14:30  we move house',
    ' Fri  3 Apr ················································     0 h    Good Friday',
    ' Sat  4 Apr ░░░░░░░░░░░░░░░░░░░░░░░░························     0 h  open 00:00–12:00',
    '            41.5 h of 168 h running · m5.large $4.44 of $17.98 · x9.vast of unknown price',
    'm5.large in eu-west-1: $16.42 instead of $35.85 around the clock, at $0.107/h (list price of 2025-04-04 (table), Linux)',
    'x9.vast in eu-west-1: its price is not in the table, so hours are all that can be said',
    'over  the override stopped (last year) ended 2025-12-31; remove it from office-hours',
  ])
    expect(lines).toContain(line);
});

test('on eighty columns an hour is a cell, and its halves are told apart', () => {
  const lines = draw(office, preview(office, asked), 80).split('\n');
  for (const line of [
    '            0     6     12    18    24  runs',
    '▸Wed 25 Mar ·······████████████·····    12 h  07:00–19:00',
    ' Wed  1 Apr ·········█████▌·········   5.5 h  09:00–14:30  we move house',
    ' Sat  4 Apr ░░░░░░░░░░░░············     0 h  open 00:00–12:00',
    'Now running since Wed 25 Mar 07:00; stops Wed 25 Mar 19:00, starts Thu 26 Mar',
  ])
    expect(lines).toContain(line);
  const sunday = lines.find(line => line.startsWith(' Sun 29 Mar')) ?? '';
  expect(sunday).toMatch(/^ Sun 29 Mar ██ █{21} /);
  // What people read beside a day may run on; its hours do not.
  expect(lines.filter(line => /^[ ▸]\w{3} /.test(line) && line.replace(/ {2}(clocks|override|we move|Good).*/, '').length > 80)).toEqual(
    [],
  );
});

test('on another clock', () => {
  const drawn = draw(office, preview(office, { ...asked, timeZone: 'America/New_York' }));
  expect(drawn).toContain('office-hours  Europe/Berlin, shown on the clock of America/New_York');
  expect(drawn).toContain(' Tue 24 Mar ····████████████████████████····················    12 h  02:00–14:00');
});
