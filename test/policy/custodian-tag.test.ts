import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addSeconds, HOUR, instant } from '../../shared/model/time.ts';
import { parseCustodianTag } from '../../shared/policy/custodian-tag.ts';
import { stateOnly } from '../../shared/policy/schedule.ts';
import type { Schedule } from '../../shared/policy/schema.ts';

const read = (tag: string): Pick<Schedule, 'timeZone' | 'periods'> => {
  const found = parseCustodianTag(tag);
  if ('bad' in found || found.ok === 'opted-out') throw new Error(`${tag}: ${JSON.stringify(found)}`);
  return found.ok;
};
const OFFICE = [{ weekdays: 'mon-fri', begin: '07:00', end: '19:00' }];

describe('what a tag means', () => {
  test.each<[string, string, object[]]>([
    ['off=(M-F,19);on=(M-F,7)', 'America/New_York', OFFICE],
    ['off=(m-f,19); on=(m-f,7) ;tz=pt;', 'America/Los_Angeles', OFFICE],
    ['"off=(M-F,19);on=(M-F,7);tz=europe/berlin"', 'Europe/Berlin', OFFICE],
    [
      'off=[(M-F,21),(U,18)];on=[(M-F,6),(U,10)];tz=pt',
      'America/Los_Angeles',
      [
        { weekdays: 'mon-fri', begin: '06:00', end: '21:00' },
        { weekdays: 'sun', begin: '10:00', end: '18:00' },
      ],
    ],
    [
      'on=(M,7);off=(F,19);tz=utc',
      'Etc/UTC',
      [{ weekdays: 'mon', begin: '07:00', end: '24:00' }, { weekdays: 'tue-thu' }, { weekdays: 'fri', begin: '00:00', end: '19:00' }],
    ],
    ['offu003du28M-Fu2C19u29', 'x', []],
    ['offu3du28M-Fu2C19u29u3bonu3d(M-F,7)', 'America/New_York', OFFICE],
    ['tz=jst', 'Asia/Tokyo', OFFICE],
    ['', 'America/New_York', OFFICE],
    ['on', 'America/New_York', OFFICE],
    [' True ', 'America/New_York', OFFICE],
  ])('%s', (tag, timeZone, periods) => {
    if (timeZone === 'x') return expect(parseCustodianTag(tag)).toHaveProperty('bad');
    expect(read(tag)).toEqual({ timeZone, periods });
  });

  test('off opts out', () => expect(parseCustodianTag(' OFF ')).toEqual({ ok: 'opted-out', notes: [] }));

  test('what it leaves unsaid is what its policy says, and is told', () => {
    const found = parseCustodianTag('off=(M-F,20)', { timeZone: 'Europe/Berlin', onHour: 8, offHour: 18 });
    expect(found).toEqual({
      ok: { timeZone: 'Europe/Berlin', periods: [{ weekdays: 'mon-fri', begin: '08:00', end: '20:00' }] },
      notes: ["it says nothing of on: 8 o'clock on Monday to Friday, the default, as Custodian takes it"],
    });
  });
});

describe('what Custodian would take for "stop at seven" is refused', () => {
  test.each([
    ['never stop this one', 'never stop this one', 'write off=(M-F,19)'],
    ['false', 'false', 'write off=(M-F,19)'],
    ['of=(M-F,19)', 'of', 'did you mean "off"?'],
    ['off=(M-F,19);off=(M-F,20)', 'off=(m-f,20)', 'stands here twice'],
    ['off=(M-F,24)', '24', 'an hour is 0 to 23'],
    ['off=(M-F,7.5)', '(m-f,7.5)', 'write off='],
    ['off=(M-X,19)', 'm-x', 'M, T, W, H (Thursday), F, S and U (Sunday)'],
    ['off=(mon-fri,19)', 'mon-fri', 'M, T, W, H (Thursday)'],
    ['off=M-F,19', 'm-f,19', 'write off='],
    ['off=[(M-F,19),]', '[(m-f,19),]', 'write off='],
    ['off=[(M-F,19)(S,19)]', '[(m-f,19)(s,19)]', 'write off='],
    ['off=()', '()', 'write off='],
    ['tz=Mars/Olympus', 'mars/olympus', 'it is no zone'],
    ['tz=Americas/Los_Angeles', 'americas/los_angeles', 'did you mean "America/Los_Angeles"?'],
    ['off=(M-F,7)', 'off=(M-F,7)', 'it goes on and off in the same hour, Monday 7'],
  ])('%s', (tag, value, remedy) => {
    const found = parseCustodianTag(tag);
    expect(found).toEqual({ bad: { value, remedy: expect.stringContaining(remedy) } });
  });

  test('and no text makes it stumble', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^(off|on|tz|=|\(|\)|\[|\]|,|;|m|f|-|u|19|7| ){1,12}$/));
    fc.assert(
      fc.property(text, any => {
        const found = parseCustodianTag(any);
        if ('bad' in found) expect(found.bad.remedy).not.toBe('');
        else if (found.ok !== 'opted-out') expect(found.ok.periods.length).toBeGreaterThan(0);
      }),
    );
  });
});

test('runs as if somebody pressed on and off at every hour that the tag names', () => {
  const times = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 23 })), {
    minLength: 1,
    maxLength: 3,
  });
  const text = (all: readonly (readonly [number, number, number])[]) =>
    `[${all.map(([from, to, hour]) => `(${'MTWHFSU'[from]}-${'MTWHFSU'[to]},${hour})`).join(',')}]`;
  const named = (all: readonly (readonly [number, number, number])[], day: number, hour: number) =>
    all.some(([from, to, at]) => at === hour && (from <= to ? from <= day && day <= to : day >= from || day <= to));
  fc.assert(
    fc.property(times, times, (on, off) => {
      const found = parseCustodianTag(`on=${text(on)};off=${text(off)};tz=utc`);
      if ('bad' in found || found.ok === 'opted-out') return; // on and off in the same hour
      const schedule = { name: 'x', ...found.ok };
      const monday = instant('2025-05-12');
      let pressed: string | null = null;
      for (let hour = 0; hour < 3 * 168; hour++) {
        const [day, of] = [Math.floor(hour / 24) % 7, hour % 24];
        if (named(on, day, of)) pressed = 'running';
        if (named(off, day, of)) pressed = 'stopped';
        if (pressed !== null && stateOnly(schedule, addSeconds(monday, hour * HOUR)) !== pressed)
          throw new Error(`hour ${hour}: not ${pressed}`);
      }
    }),
    { numRuns: 30 },
  );
});
