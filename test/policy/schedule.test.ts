import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addSeconds, DAY, HOUR, type Instant, instant, MINUTE } from '../../shared/model/time.ts';
import { parseWeekdays, stateAt, transitions } from '../../shared/policy/schedule.ts';
import type { Period, Schedule } from '../../shared/policy/schema.ts';
import { firstInstantAt } from '../../shared/policy/wall-clock.ts';

const schedule = (timeZone: string, ...periods: string[]): Schedule => ({
  name: 'under-test',
  timeZone,
  periods: periods.map(text => {
    const [weekdays = '', begin = '', end = ''] = text.split(' ');
    return { weekdays, begin, end };
  }),
});

/** `mon 07:00 running`, … in the schedule's own wall clock, and the instants beside them. */
const story = (s: Schedule, from: string, to: string): string[] =>
  [...transitions(s, { start: instant(from), end: instant(to) })].map(t => `${t.at} ${t.to}`);

describe('weekdays', () => {
  test.each([
    ['mon-fri', [0, 1, 2, 3, 4]],
    ['fri-mon,wed', [0, 2, 4, 5, 6]],
    ['sun-mon', [0, 6]],
    ['Sat , SUNDAY', [5, 6]],
    ['thu', [3]],
    ['mon-sun', [0, 1, 2, 3, 4, 5, 6]],
    ['tue-tue', [1]],
  ])('%s', (text, days) => expect(parseWeekdays(text)).toEqual({ ok: days }));

  test.each([
    ['mon-fry', 'fry', 'did you mean "fri"?'],
    ['', '', 'there are "mon"'],
    ['mon,', '', 'there are "mon"'],
    ['mon-wed-fri', 'mon-wed-fri', 'a range has one dash, such as mon-fri'],
    ['Wednesay', 'Wednesay', 'did you mean "wednesday"?'],
  ])('"%s" is refused with a remedy', (text, value, remedy) => {
    expect(parseWeekdays(text)).toEqual({ bad: { value, remedy: expect.stringContaining(remedy) } });
  });
});

describe('a working week', () => {
  const office = schedule('Europe/Berlin', 'mon-fri 07:00 19:00');

  test('is running from seven to seven, half-open, and stopped over the weekend', () => {
    const friday = { state: 'running', since: '2025-05-16T05:00:00Z', until: '2025-05-16T17:00:00Z' };
    expect(stateAt(office, instant('2025-05-16T05:00Z'))).toEqual(friday);
    expect(stateAt(office, instant('2025-05-16T16:59:59Z'))).toEqual(friday);
    const weekend = { state: 'stopped', since: '2025-05-16T17:00:00Z', until: '2025-05-19T05:00:00Z' };
    expect(stateAt(office, instant('2025-05-16T17:00Z'))).toEqual(weekend);
    expect(stateAt(office, instant('2025-05-19T04:59:59Z'))).toEqual(weekend);
  });

  test('an overnight period belongs to the weekday it begins on', () => {
    const late = schedule('UTC', 'fri 22:00 06:00');
    expect(story(late, '2025-05-12', '2025-05-19')).toEqual(['2025-05-16T22:00:00Z running', '2025-05-17T06:00:00Z stopped']);
  });

  test('an overnight period of Sunday reaches into Monday', () => {
    const late = schedule('UTC', 'sun 22:00 06:00');
    expect(stateAt(late, instant('2025-05-19T05:59:59Z')).state).toBe('running');
    expect(stateAt(late, instant('2025-05-18T05:00:00Z')).state).toBe('stopped');
  });

  test('24:00 is the end of the day, and touching periods have no transition at their seam', () => {
    const joined = schedule('UTC', 'mon 08:00 24:00', 'tue 00:00 09:00', 'tue 08:30 12:00');
    expect(story(joined, '2025-05-12', '2025-05-19')).toEqual(['2025-05-12T08:00:00Z running', '2025-05-13T12:00:00Z stopped']);
  });

  test('around the clock never changes', () => {
    const always = schedule('Europe/Berlin', 'mon-fri 00:00 24:00', 'sat-sun 00:00 24:00');
    expect(stateAt(always, instant('2025-05-12T00:00Z'))).toEqual({ state: 'running', since: null, until: null });
    expect(story(always, '2025-05-12', '2025-05-19')).toEqual([]);
  });

  test('a window begins with the transition at its start and leaves out the one at its end', () => {
    expect(story(office, '2025-05-14T05:00Z', '2025-05-14T17:00Z')).toEqual(['2025-05-14T05:00:00Z running']);
  });

  test('ten thousand instances on one schedule cost one reckoning', () => {
    const at = instant('2025-05-14T12:00Z');
    const once = stateAt(office, at);
    for (let i = 0; i < 10_000; i++) expect(stateAt(office, at) === once).toBe(true);
  });
});

describe('daylight saving time: a wall clock that is never turned back', () => {
  test.each([
    // zone, what happens, periods, window, transitions
    [
      'Europe/Berlin',
      'a beginning in the skipped hour happens at the jump',
      'sun 02:30 06:00',
      '2025-03-30',
      ['01:00:00Z running', '04:00:00Z stopped'],
    ],
    [
      'Europe/Berlin',
      'an end in the skipped hour happens at the jump',
      'sun 01:00 02:30',
      '2025-03-30',
      ['00:00:00Z running', '01:00:00Z stopped'],
    ],
    ['Europe/Berlin', 'a period inside the skipped hour does not take place', 'sun 02:10 02:50', '2025-03-30', []],
    ['Europe/Berlin', 'the first skipped minute is the jump', 'sun 02:00 03:00', '2025-03-30', []],
    ['Europe/Berlin', 'a night is an hour shorter', 'sun 00:00 07:00', '2025-03-30', ['05:00:00Z stopped']],
    [
      'Europe/Berlin',
      'a period inside the repeated hour happens the first time',
      'sun 02:10 02:50',
      '2025-10-26',
      ['00:10:00Z running', '00:50:00Z stopped'],
    ],
    [
      'Europe/Berlin',
      'a beginning in the repeated hour happens the first time',
      'sun 02:30 06:00',
      '2025-10-26',
      ['00:30:00Z running', '05:00:00Z stopped'],
    ],
    ['Europe/Berlin', 'the whole repeated hour lasts two', 'sun 02:00 03:00', '2025-10-26', ['00:00:00Z running', '02:00:00Z stopped']],
    ['America/New_York', 'skipped', 'sun 02:30 06:00', '2025-03-09', ['07:00:00Z running', '10:00:00Z stopped']],
    ['America/New_York', 'repeated', 'sun 01:15 01:45', '2025-11-02', ['05:15:00Z running', '05:45:00Z stopped']],
    ['America/New_York', 'end in the repeated hour', 'sun 00:30 01:30', '2025-11-02', ['04:30:00Z running', '05:30:00Z stopped']],
    ['Australia/Lord_Howe', 'half an hour is skipped', 'sun 02:15 04:00', '2025-10-04', ['15:30:00Z running', '17:00:00Z stopped']],
    ['Australia/Lord_Howe', 'half an hour is repeated', 'sun 01:45 04:00', '2025-04-05', ['14:45:00Z running', '17:30:00Z stopped']],
    [
      'America/Sao_Paulo',
      'midnight is skipped: the day begins at one',
      'sun 00:00 06:00',
      '2018-11-04',
      ['03:00:00Z running', '08:00:00Z stopped'],
    ],
    [
      'America/Sao_Paulo',
      'the last hour of Saturday is repeated',
      'sat 22:00 23:30',
      '2018-02-18',
      ['00:00:00Z running', '01:30:00Z stopped'],
    ],
    [
      'America/Sao_Paulo',
      'a Saturday that ends at 24:00 ends once',
      'sat 22:00 24:00',
      '2018-02-18',
      ['00:00:00Z running', '03:00:00Z stopped'],
    ],
  ])('%s: %s', (zone, _what, period, day, expected) => {
    expect(story(schedule(zone, period), `${day}T00:00Z`, `${day}T23:59:59Z`)).toEqual(expected.map(t => `${day}T${t}`));
  });

  test('a whole skipped day (Samoa, 30 December 2011) takes its period with it', () => {
    const fridays = schedule('Pacific/Apia', 'fri 08:00 18:00');
    expect(story(fridays, '2011-12-24T12:00Z', '2012-01-07')).toEqual(['2012-01-05T18:00:00Z running', '2012-01-06T04:00:00Z stopped']);
  });

  test('a weekly period that lies in a skipped hour leaves two quiet weeks', () => {
    const sundays = schedule('Europe/Berlin', 'sun 02:10 02:50');
    expect(stateAt(sundays, instant('2025-03-30T12:00Z'))).toEqual({
      state: 'stopped',
      since: '2025-03-23T01:50:00Z',
      until: '2025-04-06T00:10:00Z',
    });
  });
});

/** Days with a change of clocks in them, and quiet ones. */
const DAYS: readonly (readonly [zone: string, day: string])[] = [
  ['Europe/Berlin', '2025-03-30'],
  ['Europe/Berlin', '2025-10-26'],
  ['America/New_York', '2025-03-09'],
  ['America/New_York', '2025-11-02'],
  ['Australia/Lord_Howe', '2025-04-06'],
  ['Australia/Lord_Howe', '2025-10-05'],
  ['America/Sao_Paulo', '2018-02-18'],
  ['America/Sao_Paulo', '2018-11-04'],
  ['Antarctica/Troll', '2025-03-30'],
  ['Antarctica/Troll', '2025-10-26'],
  ['Africa/Cairo', '2025-04-25'],
  ['Africa/Casablanca', '2025-02-23'],
  ['America/Santiago', '2025-09-07'],
  ['Europe/Dublin', '2025-10-26'],
  ['Pacific/Apia', '2011-12-30'],
  ['Asia/Kathmandu', '2025-06-01'],
  ['UTC', '2024-02-29'],
];

const clock = (minute: number): string => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
const SHORT = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

const period: fc.Arbitrary<Period> = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1 }),
    fc.integer({ min: 0, max: 1439 }),
    fc.integer({ min: 0, max: 1440 }),
  )
  .filter(([, begin, end]) => begin !== end)
  .map(([days, begin, end]) => ({ weekdays: days.map(d => SHORT[d]).join(','), begin: clock(begin), end: clock(end) }));

/** Boundaries near the small hours, where clocks change, come up as often as all others. */
const nightPeriod: fc.Arbitrary<Period> = fc
  .tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 20 }))
  .map(([begin, length]) => ({ weekdays: 'mon-sun', begin: clock(begin * 10), end: clock((begin + length) * 10) }));

const schedules = fc.record({
  place: fc.constantFrom(...DAYS),
  periods: fc.array(fc.oneof(period, nightPeriod), { minLength: 1, maxLength: 4 }),
});

describe('properties', () => {
  test('agrees, minute by minute, with a clock that Intl shows and nobody turns back', () => {
    fc.assert(
      fc.property(schedules, ({ place: [timeZone, day], periods }) => {
        const s: Schedule = { name: 'any', timeZone, periods };
        for (const { at, state } of oracle(s, addSeconds(instant(`${day}T00:00Z`), -DAY), 2.5 * DAY))
          if (stateAt(s, at).state !== state) throw new Error(`${at} ${timeZone}: the clock says ${state}`);
      }),
      { numRuns: 40 },
    );
  });

  test('is constant from since until until, and flips at both', () => {
    const opposite = { running: 'stopped', stopped: 'running' } as const;
    fc.assert(
      fc.property(
        schedules,
        fc.integer({ min: -9 * DAY, max: 9 * DAY }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (any, shift, share) => {
          const s: Schedule = { name: 'any', timeZone: any.place[0], periods: any.periods };
          const at = addSeconds(instant(`${any.place[1]}T00:00Z`), shift);
          const { state, since, until } = stateAt(s, at);
          if (since === null || until === null) return since === until;
          const length = (Date.parse(until) - Date.parse(since)) / 1000;
          const fresh = (when: Instant) => stateAt({ ...s }, when);
          expect(since <= at && at < until).toBe(true);
          expect(fresh(addSeconds(since, Math.floor(share * length)))).toEqual({ state, since, until });
          expect(fresh(until)).toMatchObject({ state: opposite[state], since: until });
          expect(fresh(addSeconds(since, -1))).toMatchObject({ state: opposite[state], until: since });
          return true;
        },
      ),
      { numRuns: 120 },
    );
  });

  test('what was asked before does not change the answer', () => {
    fc.assert(
      fc.property(schedules, fc.array(fc.integer({ min: -20 * DAY, max: 20 * DAY }), { maxLength: 10 }), (any, shifts) => {
        const s: Schedule = { name: 'any', timeZone: any.place[0], periods: any.periods };
        for (const shift of shifts) {
          const at = addSeconds(instant(`${any.place[1]}T00:00Z`), shift);
          expect(stateAt(s, at)).toEqual(stateAt({ ...s }, at));
        }
      }),
      { numRuns: 50 },
    );
  });

  test('a later wall minute is never an earlier instant', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...DAYS),
        fc.integer({ min: -1440, max: 2880 }),
        fc.integer({ min: 0, max: 300 }),
        ([zone, day], minute, more) => {
          const midnight = Date.parse(`${day}T00:00Z`) / 60_000;
          expect(firstInstantAt(zone, midnight + minute) <= firstInstantAt(zone, midnight + minute + more)).toBe(true);
        },
      ),
    );
  });
});

/** The slow truth: read the zone's clock every minute, keep the highest reading, and look that up in the periods. */
function* oracle(s: Schedule, from: Instant, seconds: number): Generator<{ at: Instant; state: string }> {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: s.timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  let highest = -Infinity;
  for (let t = -3 * HOUR; t < seconds; t += MINUTE) {
    const at = addSeconds(from, t);
    const parts = Object.fromEntries(format.formatToParts(new Date(at)).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0 } = parts;
    highest = Math.max(highest, Date.UTC(year, month - 1, day, hour, minute));
    if (t >= 0) yield { at, state: s.periods.some(p => covers(p, new Date(highest))) ? 'running' : 'stopped' };
  }
}

function covers({ weekdays, begin, end }: Period, shown: Date): boolean {
  const time = shown.toISOString().slice(11, 16);
  const on = (daysAgo: number): boolean => {
    const index = (shown.getUTCDay() + 6 - daysAgo) % 7;
    return weekdays === 'mon-sun' || weekdays.split(',').includes(SHORT[index] ?? '');
  };
  if (begin < end) return on(0) && begin <= time && time < end;
  return (on(0) && begin <= time) || (on(1) && time < end);
}
