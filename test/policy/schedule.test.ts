import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addSeconds, DAY, type Instant, instant } from '../../shared/model/time.ts';
import { nextRunning, stateAt, stateOnly, transitions } from '../../shared/policy/schedule.ts';
import type { Schedule } from '../../shared/policy/schema.ts';
import { firstInstantAt } from '../../shared/policy/wall-clock.ts';
import { monthdayField, monthField, weekdayField } from './dates-and-fields.ts';
import { type Meant, type MeantPeriod, oracle } from './oracle.ts';

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

describe('what periods say', () => {
  const says = (s: Schedule, ...at: string[]): string[] => at.map(t => stateAt(s, instant(t)).state);
  const of = (...periods: Schedule['periods']): Schedule => ({ name: 'under-test', timeZone: 'UTC', periods });

  test('a begin alone: any before it, running from there to midnight, stopped on other days', () => {
    const s = of({ weekdays: 'wed', begin: '10:00' });
    expect(says(s, '2025-05-14T09:59:59Z', '2025-05-14T10:00Z', '2025-05-14T23:59:59Z', '2025-05-15T00:00Z')).toEqual([
      'any',
      'running',
      'running',
      'stopped',
    ]);
  });

  test('an end alone: any before it, stopped from there', () => {
    const s = of({ weekdays: 'wed', end: '19:00' });
    expect(says(s, '2025-05-14T00:00Z', '2025-05-14T18:59:59Z', '2025-05-14T19:00Z', '2025-05-15T12:00Z')).toEqual([
      'any',
      'any',
      'stopped',
      'stopped',
    ]);
  });

  test('neither: all day; all fields must match', () => {
    const s = of({ weekdays: 'mon-fri', monthdays: '14', months: 'may' });
    expect(says(s, '2025-05-14T00:00Z', '2025-05-13T12:00Z', '2025-08-14T12:00Z', '2023-05-14T12:00Z')).toEqual([
      'running',
      'stopped',
      'stopped',
      'stopped',
    ]);
  });

  test('running outweighs any, and any outweighs stopped', () => {
    const s = of({ begin: '10:00' }, { begin: '06:00', end: '08:00' }, { end: '12:00' });
    expect(says(s, '2025-05-14T05:00Z', '2025-05-14T07:00Z', '2025-05-14T09:00Z', '2025-05-14T11:00Z')).toEqual([
      'any',
      'running',
      'any',
      'running',
    ]);
  });

  test('an empty period says nothing', () => {
    expect(stateAt(of({ begin: '10:00', end: '10:00' }), instant('2025-05-14T10:00Z'))).toEqual({
      state: 'stopped',
      since: null,
      until: null,
    });
  });

  test('a single minute between two of several periods is filled, two minutes are not, and a lone period is not wrapped', () => {
    const at = ['2025-05-14T23:58:59Z', '2025-05-14T23:59:30Z', '2025-05-15T00:00Z'];
    expect(says(of({ begin: '05:00', end: '23:59' }, { begin: '00:00', end: '03:00' }), ...at)).toEqual(['running', 'running', 'running']);
    expect(says(of({ begin: '05:00', end: '23:58' }, { begin: '00:00', end: '03:00' }), ...at)).toEqual(['stopped', 'stopped', 'running']);
    expect(says(of({ begin: '00:00', end: '23:59' }), ...at)).toEqual(['running', 'stopped', 'running']);
  });

  test('a period may have its own clock', () => {
    const s: Schedule = {
      ...of(
        { weekdays: 'mon-fri', begin: '09:00', end: '17:00' },
        { weekdays: 'mon-fri', begin: '09:00', end: '17:00', timeZone: 'America/New_York' },
      ),
      timeZone: 'Europe/Berlin',
    };
    expect(story(s, '2025-05-14', '2025-05-15')).toEqual(['2025-05-14T07:00:00Z running', '2025-05-14T21:00:00Z stopped']);
  });
});

describe('dates', () => {
  const office = (other: Partial<Schedule>): Schedule => ({ ...schedule('Europe/Berlin', 'mon-fri 07:00 19:00'), ...other });

  test('on a free day no period takes place, and the night before ends as it should', () => {
    const late = { ...schedule('UTC', 'mon-sun 22:00 06:00'), daysOff: ['2025-05-14'] };
    expect(story(late, '2025-05-13T12:00Z', '2025-05-15T12:00Z')).toEqual(['2025-05-13T22:00:00Z running', '2025-05-14T06:00:00Z stopped']);
  });

  test('a free day may be one on which nobody minds', () => {
    const s = office({ daysOff: ['2025-05-01'], onHolidays: 'any' });
    expect(story(s, '2025-04-30T12:00Z', '2025-05-02T12:00Z')).toEqual([
      '2025-04-30T17:00:00Z stopped',
      '2025-04-30T22:00:00Z any',
      '2025-05-01T22:00:00Z stopped',
      '2025-05-02T05:00:00Z running',
    ]);
  });

  test('an exception outweighs a holiday: hours of its own, a whole day, or several', () => {
    const s = office({
      daysOff: ['2025-12-24', '2025-12-25'],
      exceptions: [
        { date: '2025-12-24', begin: '08:00', end: '12:00' },
        { from: '2025-12-29', to: '2025-12-31', state: 'stopped' },
        { date: '2026-01-03', state: 'running' },
      ],
    });
    expect(story(s, '2025-12-24', '2026-01-05')).toEqual([
      '2025-12-24T07:00:00Z running',
      '2025-12-24T11:00:00Z stopped',
      '2025-12-26T06:00:00Z running',
      '2025-12-26T18:00:00Z stopped',
      '2026-01-01T06:00:00Z running',
      '2026-01-01T18:00:00Z stopped',
      '2026-01-02T06:00:00Z running',
      '2026-01-02T18:00:00Z stopped',
      '2026-01-02T23:00:00Z running',
      '2026-01-03T23:00:00Z stopped',
    ]);
  });

  test('before and after its time a schedule says nothing, a period merely does not take place', () => {
    const s = office({ effectiveFrom: '2025-05-14', effectiveTo: '2025-05-14' });
    expect(story(s, '2025-05-01', '2025-06-01')).toEqual([
      '2025-05-13T22:00:00Z stopped',
      '2025-05-14T05:00:00Z running',
      '2025-05-14T17:00:00Z stopped',
      '2025-05-14T22:00:00Z any',
    ]);
    expect(nextRunning(s, instant('2025-05-14T12:00Z'))).toBeNull();
    const period = { ...office({}), periods: [{ weekdays: 'mon-fri', begin: '07:00', effectiveTo: '2025-05-14' }] };
    expect(stateAt(period, instant('2025-05-15T12:00Z'))).toEqual({ state: 'stopped', since: '2025-05-14T22:00:00Z', until: null });
  });

  test('an override says what holds until it is over, and the last one written wins', () => {
    const s = office({
      overrides: [
        { state: 'running', from: '2025-05-16T18:00', to: '2025-05-17' },
        { state: 'any', from: '2025-05-17T10:00Z', to: '2025-05-17T11:00Z' },
      ],
    });
    expect(story(s, '2025-05-16T06:00Z', '2025-05-19')).toEqual([
      '2025-05-17T10:00:00Z any',
      '2025-05-17T11:00:00Z running',
      '2025-05-17T22:00:00Z stopped',
    ]);
    const now = office({ overrides: [{ state: 'stopped', to: '2025-05-14T12:00' }] });
    expect(stateAt(now, instant('2025-05-14T09:00Z'))).toMatchObject({ state: 'stopped', until: '2025-05-14T10:00:00Z' });
  });

  test('a day that comes once in years is found', () => {
    const leap: Schedule = { name: 'leap', timeZone: 'UTC', periods: [{ monthdays: '29', months: 'feb' }] };
    expect(stateAt(leap, instant('2025-05-14'))).toEqual({
      state: 'stopped',
      since: '2024-03-01T00:00:00Z',
      until: '2028-02-29T00:00:00Z',
    });
    const never: Schedule = { name: 'never', timeZone: 'UTC', periods: [{ monthdays: '30', months: 'feb' }] };
    expect(stateAt(never, instant('2025-05-14'))).toEqual({ state: 'stopped', since: null, until: null });
  });

  test('when it next runs, whatever lies between', () => {
    const s = office({ overrides: [{ state: 'any', from: '2025-05-14', to: '2025-05-15T12:00' }] });
    expect(nextRunning(s, instant('2025-05-13T20:00Z'))).toBe('2025-05-15T10:00:00Z');
    expect(nextRunning(s, instant('2025-05-16T05:00Z'))).toBe('2025-05-19T05:00:00Z');
    expect(nextRunning({ ...s, periods: [{ end: '19:00' }] }, instant('2025-05-16T05:00Z'))).toBeNull();
    expect(nextRunning({ ...s, periods: [{ weekdays: '*' }] }, instant('2025-05-16T05:00Z'))).toBeNull();
    const yearly: Schedule = { name: 'yearly', timeZone: 'UTC', periods: [{ monthdays: '1', months: 'jan' }, { end: '12:00' }] };
    expect(nextRunning(yearly, instant('2025-01-01T05:00Z'))).toBe('2026-01-01T00:00:00Z');
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

/** Times near the small hours, where clocks change, near midnight, and anywhere. */
const minute = fc.oneof(
  fc.integer({ min: 0, max: 40 }).map(n => n * 10),
  fc.integer({ min: 1435, max: 1439 }),
  fc.integer({ min: 0, max: 1439 }),
);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
const seldom = <T>(value: fc.Arbitrary<T>) => fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
/** Fields that match now and then say little about hours: most periods are on weekdays that come every week. */
const often = maybe(
  fc.oneof({ weight: 3, arbitrary: fc.constant({ text: 'mon-sun', matches: () => true }) }, { weight: 2, arbitrary: weekdayField }),
);

const period: fc.Arbitrary<MeantPeriod> = fc.record({
  weekdays: often,
  monthdays: seldom(monthdayField),
  months: seldom(monthField),
  begin: maybe(minute),
  end: maybe(minute),
  timeZone: seldom(fc.constantFrom('UTC', 'Asia/Tokyo', 'America/New_York', 'Pacific/Apia')),
});

/** Now and then two periods that nearly touch. */
const periods = fc.oneof(
  fc.array(period, { minLength: 1, maxLength: 4 }),
  fc.tuple(minute, fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 900 })).map(([seam, gap, length]): MeantPeriod[] => {
    const at = (m: number) => ((m % 1440) + 1440) % 1440;
    const none = { weekdays: undefined, monthdays: undefined, months: undefined, timeZone: undefined };
    return [
      { ...none, begin: at(seam - length), end: seam },
      { ...none, begin: at(seam + gap), end: at(seam + gap + 60) },
    ];
  }),
);

/** Most schedules know of no dates; some have days off, an end, an exception, an override around the day. */
const datesAround = (day: string): fc.Arbitrary<Meant['dates']> => {
  const near = fc.integer({ min: -2, max: 2 }).map(n => addSeconds(instant(`${day}T00:00Z`), n * DAY).slice(0, 10));
  const says = fc.oneof(
    fc.constantFrom('running' as const, 'any' as const, 'stopped' as const),
    fc.tuple(minute, minute).map(([begin, end]) => ({ begin, end: begin === end ? (end + 1) % 1440 : end })),
  );
  const override = fc
    .tuple(
      fc.constantFrom('running' as const, 'any' as const, 'stopped' as const),
      fc.integer({ min: -1440, max: 2880 }),
      fc.integer({ min: 1, max: 900 }),
    )
    .map(([state, from, length]) => {
      const begins = addSeconds(instant(`${day}T00:00Z`), from * 60);
      return { state, from: begins, to: addSeconds(begins, length * 60) };
    });
  return fc.record({
    effectiveFrom: seldom(near),
    effectiveTo: seldom(near),
    daysOff: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.uniqueArray(near, { maxLength: 3 }) }),
    onHolidays: fc.constantFrom(undefined, 'stopped' as const, 'any' as const),
    exception: seldom(fc.record({ date: near, says })),
    override: seldom(override),
  });
};

const meant: fc.Arbitrary<Meant> = fc
  .constantFrom(...DAYS)
  .chain(([timeZone, day]) => fc.record({ timeZone: fc.constant(timeZone), day: fc.constant(day), periods, dates: datesAround(day) }));

const clockOf = (at: number | undefined): string | undefined => (at === undefined ? undefined : clock(at));

/** The schedule as people would have written it. */
const written = ({ timeZone, periods, dates }: Meant): Schedule => ({
  name: 'any',
  timeZone,
  periods: periods.map(({ weekdays, monthdays, months, begin, end, timeZone: own }) => ({
    ...{
      weekdays: weekdays?.text,
      monthdays: monthdays?.text,
      months: months?.text,
      begin: clockOf(begin),
      end: clockOf(end),
      timeZone: own,
    },
  })),
  ...{ effectiveFrom: dates.effectiveFrom, effectiveTo: dates.effectiveTo, daysOff: [...dates.daysOff], onHolidays: dates.onHolidays },
  exceptions: (dates.exception === undefined ? [] : [dates.exception]).map(({ date, says }) =>
    typeof says === 'string' ? { date, state: says } : { date, begin: clock(says.begin), end: clock(says.end) },
  ),
  overrides: dates.override === undefined ? [] : [dates.override],
});

describe('properties', () => {
  test('agrees, minute by minute, with a clock that Intl shows and nobody turns back', () => {
    fc.assert(
      fc.property(meant, any => {
        const s = written(any);
        for (const { at, state } of oracle(any, addSeconds(instant(`${any.day}T00:00Z`), -DAY), 2.5 * DAY))
          if (stateOnly(s, at) !== state) throw new Error(`${at} ${any.timeZone}: the clock says ${state}\n${JSON.stringify(s.periods)}`);
      }),
      { numRuns: 40 },
    );
  });

  test('is constant from since until until, and another at both', () => {
    fc.assert(
      fc.property(
        meant,
        fc.integer({ min: -9 * DAY, max: 9 * DAY }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (any, shift, share) => {
          const s = written(any);
          const at = addSeconds(instant(`${any.day}T00:00Z`), shift);
          const { state, since, until } = stateAt(s, at);
          const fresh = (when: Instant) => stateAt({ ...s }, when);
          expect(fresh(at)).toEqual({ state, since, until });
          const soon = { start: addSeconds(at, 1), end: addSeconds(at, 20 * DAY) };
          const next = [...transitions(s, soon)].find(({ to }) => to === 'running')?.at;
          const running = nextRunning(s, at);
          if (next !== undefined) expect(running).toBe(next);
          else expect(running === null || running >= soon.end).toBe(true);
          if (since !== null) {
            expect(since <= at).toBe(true);
            expect(fresh(since)).toEqual({ state, since, until });
            const before = fresh(addSeconds(since, -1));
            expect(before.until).toBe(since);
            expect(before.state).not.toBe(state);
          }
          if (until !== null) {
            expect(at < until).toBe(true);
            expect(fresh(until)).toMatchObject({ since: until });
            expect(fresh(until).state).not.toBe(state);
            const length = (Date.parse(until) - Date.parse(at)) / 1000;
            expect(stateOnly(s, addSeconds(at, Math.floor(share * length)))).toBe(state);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test('what was asked before does not change the answer', () => {
    fc.assert(
      fc.property(meant, fc.array(fc.integer({ min: -20 * DAY, max: 20 * DAY }), { maxLength: 10 }), (any, shifts) => {
        const s = written(any);
        for (const shift of shifts) {
          const at = addSeconds(instant(`${any.day}T00:00Z`), shift);
          expect(stateAt(s, at)).toEqual(stateAt({ ...s }, at));
        }
      }),
      { numRuns: 15 },
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
