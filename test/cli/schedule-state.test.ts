/** `ebb schedule state` as a stream, and what another scheduler's unit tests expect of the language that we share with it. */
import { readFileSync } from 'node:fs';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { answerLines } from '../../cli/commands/schedule-state.ts';

async function ask(lines: readonly (string | object)[]): Promise<Record<string, unknown>[]> {
  const input = lines.map(line => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`);
  const output = new PassThrough();
  const [said] = await Promise.all([text(output), answerLines(Readable.from(input), output).then(() => output.end())]);
  return said
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line));
}

const office = { timeZone: 'Europe/Berlin', periods: [{ weekdays: ['mon-fri'], begin: '7:00', end: '19:00' }] };
const at = '2025-05-14T12:00:00+02:00';
const asking = (schedule: unknown, other: object = {}) => ({ id: 'x', schedule, at, ...other });
const period = (fields: object) => asking({ timeZone: 'Europe/Berlin', periods: [fields] });

describe('a line in, a line out', () => {
  test('in order, whatever the id, and good lines after bad ones', async () => {
    expect(
      await ask([
        asking(office, { id: 1 }),
        '',
        'no json',
        asking(office, { at: '2025-05-14T19:00:00+02:00' }),
        asking(office, { id: 'b' }),
      ]),
    ).toEqual([
      { id: 1, state: 'running' },
      { id: null, error: expect.stringContaining('is not a JSON object') },
      { id: 'x', state: 'stopped' },
      { id: 'b', state: 'running' },
    ]);
  });

  test('whatever the lines, each has one answer, in its place: a state, or what is wrong', async () => {
    const good = asking({
      ...office,
      periods: [{ name: 'a', weekdays: ['mon-fri'], monthdays: '1-20', months: null, begin: '7:00', end: '19:00' }],
    });
    const put = fc.oneof(
      fc.constantFrom<unknown>(
        '',
        '24:00',
        'mon#6',
        '32',
        'feb/0',
        'Mars',
        '2025-02-30T00:00:00Z',
        '9999-12-31T23:59:59-14:00',
        'a\u2028b',
        -1,
        [],
        {},
      ),
      fc.constantFrom<unknown>({ toString: 1 }, [[null]], { __proto__: null }),
      fc.jsonValue(),
    );
    const spoilt = fc.tuple(fc.nat(16), put).map(([nth, value]) => {
      let seen = 0;
      return JSON.stringify(good, (_, was: unknown) => (seen++ === nth ? value : was)) ?? 'null';
    });
    const line = fc.oneof(
      { weight: 5, arbitrary: spoilt },
      fc.string({ minLength: 1 }).filter(some => some.trim() !== '' && !some.includes('\n')),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 8 }), async lines => {
        const answers = await ask(lines.flatMap((one, i) => [one, asking(office, { id: i })]));
        expect(answers).toHaveLength(2 * lines.length);
        for (const [i, one] of answers.entries()) {
          if (i % 2 === 1) expect(one).toEqual({ id: (i - 1) / 2, state: 'running' });
          else if ('error' in one) expect(one['error']).toMatch(/^[^\n]+$/);
          else expect(['running', 'stopped', 'any']).toContain(one['state']);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('more lines than a pipe holds at once', async () => {
    const many = Array.from({ length: 5_000 }, (_, id) => asking(office, { id }));
    const answers = await ask(many);
    expect(answers).toHaveLength(many.length);
    expect(answers.at(-1)).toEqual({ id: 4_999, state: 'running' });
  });

  test.each<[string, object, string]>([
    ['texts and lists are as good as each other', period({ weekdays: 'wed', monthdays: [14], months: ['5', 'dec'] }), 'running'],
    ['null is as good as absent', period({ weekdays: null, begin: '12:00', end: null }), 'running'],
    ['without a zone it is UTC', asking({ periods: [{ begin: '11:00', end: '12:00' }] }), 'stopped'],
    ['an end before its begin is on the next day', period({ begin: '22:00', end: '12:30' }), 'running'],
    ['an empty period is stopped', period({ begin: '12:00', end: '12:00' }), 'stopped'],
    ['a day that never comes is stopped', period({ monthdays: '30', months: 'feb' }), 'stopped'],
    ['a period may have a name', period({ name: 'core', begin: '13:00' }), 'any'],
    ['abbreviations that IANA knows', asking({ timeZone: 'EST', periods: [{ begin: '05:00', end: '06:00' }] }), 'running'],
  ])('%s', async (_what, line, state) => expect(await ask([line])).toEqual([{ id: 'x', state }]));

  test.each<[string, object | string, string]>([
    ['a list', '[]', 'is not a JSON object'],
    ['no id', { schedule: office, at }, 'id: is missing'],
    ['an id of another kind', { id: [1], schedule: office, at }, 'id: is neither; write a text or a number'],
    ['a stray key', asking(office, { now: at }), 'now: is not a key here'],
    ['no schedule', { id: 'x', at }, 'schedule: is missing'],
    ['no periods', asking({ timeZone: 'UTC' }), 'schedule.periods: is missing'],
    ['an empty list of periods', asking({ periods: [] }), 'schedule.periods: is empty; write at least one'],
    ['a period of nothing', period({}), 'schedule.periods[0]: a period without any field'],
    [
      'a stray field of a schedule',
      asking({ ...office, timezone: 'UTC' }),
      'schedule.timezone: "timezone" is not a key here; did you mean "timeZone"?',
    ],
    [
      'a stray field of a period',
      period({ begin: '07:00', ende: '19:00' }),
      'schedule.periods[0].ende: "ende" is not a key here; did you mean "end"?',
    ],
    ['an unknown zone', asking({ ...office, timeZone: 'Europe/Berln' }), 'did you mean "Europe/Berlin"?'],
    ['an offset for a zone', asking({ ...office, timeZone: '+02:00' }), 'is not an IANA zone'],
    ['24:00', period({ begin: '07:00', end: '24:00' }), '"24:00" is not a time of day; write HH:MM, 00:00 to 23:59'],
    ['a number for a time', period({ begin: 7 }), 'schedule.periods[0].begin'],
    ['an empty time', period({ begin: '' }), '"" is not a time of day'],
    ['a step of zero', period({ monthdays: '1/0' }), 'a step is a whole number from 1 on'],
    ['monthdays backwards', period({ monthdays: '20-15' }), 'days of a month do not wrap'],
    ['an empty text', period({ weekdays: '' }), 'is not a weekday'],
    ['an empty list', period({ months: [] }), 'leave the field out'],
    ['no instant', { id: 'x', schedule: office }, 'at: is missing'],
    ['a time without its zone', asking(office, { at: '2025-05-14T12:00:00' }), 'write one with its zone'],
    ['an impossible date', asking(office, { at: '2025-02-30T12:00:00Z' }), 'is not an instant'],
    ['a day alone', asking(office, { at: '2025-05-14' }), 'is not an instant'],
    ['a number for an instant', asking(office, { at: 1747216800 }), 'at: must be a text'],
  ])('%s is an error with its path and remedy', async (_what, line, error) => {
    const [answer] = await ask([line]);
    expect(answer).toEqual({ id: answer?.['id'], error: expect.stringContaining(error) });
  });
});

const samples = process.env['EBB_SAMPLES'];
if (samples === undefined) console.warn('SKIPPED: facts of another scheduler; EBB_SAMPLES names no file of them');
const facts: Samples = samples === undefined ? { schedules: [], validity: [] } : JSON.parse(readFileSync(samples, 'utf8'));

interface Samples {
  readonly schedules: readonly {
    id: string;
    timezone?: string;
    periods: readonly Record<string, unknown>[];
    now: string;
    expected: string;
  }[];
  readonly validity: readonly { id: string; field: string; input: unknown; valid: boolean }[];
}

/** Its names are not all ours; the type of an instance is no business of a schedule. */
const OURS: Readonly<Record<string, string>> = {
  begintime: 'begin',
  endtime: 'end',
  weekdays: 'weekdays',
  monthdays: 'monthdays',
  months: 'months',
};
const translated = (fields: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(fields).flatMap(([key, value]) => (OURS[key] === undefined ? [] : [[OURS[key], value]])));

(samples === undefined ? describe.skip : describe)('facts of another scheduler', () => {
  test('every state', async () => {
    const lines = facts.schedules.map(({ id, timezone, periods, now }) => ({
      id,
      schedule: { timeZone: timezone, periods: periods.map(translated) },
      at: now,
    }));
    expect(lines.length).toBeGreaterThan(0);
    expect(await ask(lines)).toEqual(facts.schedules.map(({ id, expected }) => ({ id, state: expected })));
  });

  test('every input that it takes or refuses', async () => {
    // A schedule that is overridden for ever and has no periods is not of this language: an override here has an end.
    const asked = facts.validity.filter(({ field }) => field !== 'schedule');
    const scheduleOf = ({ field, input }: Samples['validity'][number]) => {
      if (field === 'timezone') return { timeZone: input, periods: [{ weekdays: '*' }] };
      return { periods: [translated(field === 'period' ? (input as Record<string, unknown>) : { [field]: input })] };
    };
    const answers = await ask(asked.map(fact => ({ id: fact.id, schedule: scheduleOf(fact), at })));
    expect(answers.map(({ id, error }) => [id, error === undefined])).toEqual(asked.map(({ id, valid }) => [id, valid]));
  });
});
