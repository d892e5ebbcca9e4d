/** What `ebb import` prints loads, says the same at every hour, and loses nothing in silence. */

import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { page } from '../../cli/commands/import.ts';
import { Refusal } from '../../cli/exit.ts';
import { type Imported, translate, unused } from '../../cli/import/instance-scheduler.ts';
import { readDefinitions } from '../../cli/import/read-instance-scheduler.ts';
import { addSeconds, HOUR, instant } from '../../shared/model/time.ts';
import { judge } from '../../shared/policy/explain.ts';
import { stateOnly } from '../../shared/policy/schedule.ts';
import { type Schedule, schedulesSchema } from '../../shared/policy/schema.ts';

const imported = (text: string): Imported[] => translate(readDefinitions(text, 'file'));

/** As it would be after it was pasted into schedules.yml. */
function loaded(text: string): Readonly<Record<string, Schedule>> {
  const result = judge(schedulesSchema, parse(page(imported(text), [])));
  if ('findings' in result) throw new Error(JSON.stringify(result.findings));
  return Object.fromEntries(Object.entries(result.ok).map(([name, schedule]) => [name, { name, ...schedule }]));
}

const office = { type: 'period', name: 'office', begintime: '9:00', endtime: '17:00', weekdays: new Set(['mon-fri']) };
const quarter = { type: 'period', name: 'quarter', months: new Set(['jan/3']), weekdays: new Set(['mon#1']) };
const london = {
  type: 'schedule',
  name: 'London',
  timezone: 'Europe/London',
  periods: new Set(['office@t3.large', 'quarter']),
  retain_running: false,
};
const items = [london, office, quarter];
const lists = (item: object) => JSON.parse(JSON.stringify(item, (_, v) => (v instanceof Set ? [...v] : v)));
const printed = (item: object) =>
  Object.fromEntries(Object.entries(lists(item)).map(([k, v]) => [k.charAt(0).toUpperCase() + k.slice(1), v]));
const template = {
  Resources: {
    London: {
      Type: 'Custom::ServiceInstanceSchedule',
      Properties: {
        ...{ NoStackPrefix: 'True', Timezone: 'Europe/London' },
        Periods: [
          { BeginTime: '9:00', EndTime: '17:00', WeekDays: 'mon-fri', InstanceType: 't3.large' },
          { Months: 'jan/3', WeekDays: 'mon#1' },
        ],
      },
    },
    Other: { Type: 'AWS::SNS::Topic' },
  },
};

describe('schedules of Instance Scheduler mean the same', () => {
  const shapes: readonly [string, string][] = [
    ['a scan of its table', JSON.stringify({ Items: items.map(item => marshall(item)) })],
    ['an export of its table', items.map(item => JSON.stringify({ Item: marshall(item) })).join('\n')],
    ['what its command line prints', JSON.stringify({ Schedules: [printed(london)], Periods: [printed(office), printed(quarter)] })],
    [
      'its template as YAML',
      stringify(template).replace('Timezone: Europe/London', 'Timezone: Europe/London\n      ServiceToken: !Ref Token'),
    ],
    ['its template as JSON', JSON.stringify(template)],
    [
      'by name',
      stringify({
        schedules: { London: { ...lists(london), name: undefined } },
        periods: { office: lists(office), quarter: lists(quarter) },
      }),
    ],
  ];
  test.each(shapes)('%s', (_what, text) => {
    const { london: schedule } = loaded(text);
    if (schedule === undefined) throw new Error('not there');
    expect(schedule.aliases).toEqual(['London']);
    const start = instant('2025-03-31T00:00Z');
    const states = Array.from({ length: 8 * 24 }, (_, hour) => stateOnly(schedule, addSeconds(start, hour * HOUR)));
    // British Summer Time; Monday 7 April is the first Monday of a month that begins a quarter.
    const means = Array.from({ length: 8 * 24 }, (_, hour) => {
      const [day, of] = [Math.floor((hour + 1) / 24), (hour + 1) % 24];
      return day === 7 || (day < 5 && of >= 9 && of < 17) ? 'running' : 'stopped';
    });
    expect(states).toEqual(means);
  });
});

test('whatever its hours and days, a schedule says the same at every hour of a week, whichever way it came', () => {
  const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
  const period = fc.record({
    weekdays: fc.uniqueArray(fc.nat(6), { minLength: 1, maxLength: 4 }),
    begin: fc.integer({ min: 0, max: 22 }),
    hours: fc.integer({ min: 1, max: 12 }),
  });
  const shape = fc.constantFrom<(schedule: object, periods: readonly object[]) => string>(
    (schedule, periods) => JSON.stringify({ Items: [schedule, ...periods].map(item => marshall(item)) }),
    (schedule, periods) => JSON.stringify({ Schedules: [printed(schedule)], Periods: periods.map(printed) }),
    (schedule, periods) => stringify([schedule, ...periods].map(lists)),
  );
  fc.assert(
    fc.property(fc.array(period, { minLength: 1, maxLength: 3 }), shape, fc.boolean(), (periods, write, padded) => {
      const items = periods.map(({ weekdays, begin, hours }, i) => ({
        ...{ type: 'period', name: `p${i}`, weekdays: new Set(weekdays.map(day => days[day])) },
        begintime: `${`${begin}`.padStart(padded ? 2 : 1, '0')}:00`,
        endtime: `${Math.min(23, begin + hours)}:30`,
      }));
      const schedule = { type: 'schedule', name: 'office', timezone: 'UTC', periods: new Set(items.map(({ name }) => name)) };
      const { office: read } = loaded(write(schedule, items));
      if (read === undefined) throw new Error('not there');
      const means = (hour: number): boolean =>
        periods.some(({ weekdays, begin, hours }) => {
          const last = Math.min(23, begin + hours); // to half past, so an hour that begins then still runs
          return weekdays.includes(Math.floor(hour / 24)) && hour % 24 >= begin && hour % 24 <= last;
        });
      const monday = instant('2025-05-12T00:00:00Z');
      for (let hour = 0; hour < 168; hour++)
        expect([hour, stateOnly(read, addSeconds(monday, hour * HOUR))]).toEqual([hour, means(hour) ? 'running' : 'stopped']);
    }),
    { numRuns: 25 },
  );
});

test('whatever a file says, what is printed loads and has each of its schedules, as one or as a comment; or the file is refused by name', () => {
  const value = fc.oneof(
    fc.constantFrom(
      '9:00',
      '24:00',
      'mon-fri',
      'mon#1',
      'jan/3',
      'office',
      'UTC',
      'Mars',
      'true',
      true,
      5,
      null,
      '',
      'a\nb: c',
      '\r# x',
      '\u001b[31m',
    ),
    fc.constantFrom<unknown>({ toString: 1 }, ['office', 'x@t3', 3], [['mon']], { a: { b: 1 } }),
    fc.string(),
  );
  const key = fc.constantFrom(
    'timezone',
    'periods',
    'begintime',
    'weekdays',
    'description',
    'override_status',
    'enforced',
    'instancetype',
    'name',
  );
  const fields = fc.dictionary(key, value, { maxKeys: 4 });
  const schedule = fields.map(some => ({ type: 'schedule', name: 'London', periods: ['office'], ...some }));
  const period = fields.map(some => ({ type: 'period', name: 'office', begintime: '9:00', ...some }));
  const typed = fc.dictionary(
    key,
    fc.tuple(fc.constantFrom('S', 'N', 'SS', 'NS', 'BOOL', 'L', 'M', 'NULL'), value).map(pair => Object.fromEntries([pair])),
  );
  const names = fc.constantFrom('London', 'london', 'LONDON', 'a b', '1', '__proto__');
  const any = fc.oneof(
    fc.array(fc.oneof(schedule, period), { minLength: 1, maxLength: 4 }),
    fc.record({ schedules: fc.dictionary(names, schedule), periods: fc.dictionary(key, period) }),
    fc.record({ Items: fc.array(typed, { maxLength: 3 }) }),
    fc.jsonValue(),
  );
  const aliases = [
    'a: *b',
    'schedules: &a { x: { periods: *a } }',
    ['a: &a [1,1,1,1,1,1,1,1,1,1]', ...Array.from('bcdef', (c, i) => `${c}: &${c} [${`*${'abcde'[i]},`.repeat(10)}]`)].join('\n'),
  ];
  const text = fc.oneof({ weight: 9, arbitrary: any.map(it => JSON.stringify(it)) }, fc.constantFrom(...aliases), fc.string());
  fc.assert(
    fc.property(text, written => {
      let read: ReturnType<typeof readDefinitions>;
      try {
        read = readDefinitions(written, 'the-file');
      } catch (error) {
        expect([error instanceof Refusal, (error as Error).message]).toEqual([true, expect.stringMatching(/^the-file/)]);
        return;
      }
      const all = translate(read);
      const out = page(all, unused(read));
      const result = judge(schedulesSchema, parse(out));
      if ('findings' in result) throw new Error(JSON.stringify(result.findings));
      expect(all).toHaveLength(read.schedules.length);
      expect(Object.keys(result.ok)).toEqual(expect.arrayContaining(all.flatMap(({ name, schedule: s }) => (s === null ? [] : [name]))));
      for (const { name, schedule: s } of all) if (s === null) expect(out).toContain(`# ${name}:\n#   cannot be translated: `);
      expect(out).not.toMatch(/[^\P{Cc}\n]/u);
    }),
    { numRuns: 60, examples: aliases.map(it => [it] as [string]) },
  );
});

test('what a schedule cannot say here is told beside it', () => {
  const fields = {
    ...lists(london),
    override_status: 'running',
    enforced: true,
    hibernate: 'true',
    stop_new_instances: false,
    use_maintenance_window: true,
  };
  const { timezone: _, ...rest } = fields;
  const [one] = imported(
    JSON.stringify([
      { ...rest, periods: ['office@t3.large', 'nights', 'empty'] },
      lists({ ...office, monthdays: ['1/15'] }),
      { type: 'period', name: 'empty', begintime: '9:00', endtime: '9:00' },
    ]),
  );
  const notes = one?.notes.join('\n') ?? '';
  const [kept, torn] = imported(
    JSON.stringify([{ ...lists(london), retain_running: true }, { ...fields, name: 'torn', retain_running: true }, lists(office)]),
  );
  expect(kept?.notes.join('\n')).toContain('`retainRunning: true` in the policy');
  expect(torn?.notes.join('\n')).toContain('contradict each other');
  for (const word of [
    't3.large',
    'nights is not in the file',
    'was empty',
    '1/15',
    'no time zone',
    'London',
    'override_status',
    '`enforced: true` in the policy',
    'hibernate',
    'stop_new_instances',
    'maintenance',
  ])
    expect(notes).toContain(word);
});

test('one that cannot be read is a comment, and the others still load', () => {
  const text = JSON.stringify([lists(london), lists(office), lists(quarter), { ...lists(london), name: 'mars', timezone: 'Mars' }]);
  expect(Object.keys(loaded(text))).toEqual(['london']);
  expect(page(imported(text), [])).toContain('# mars:\n#   cannot be translated: timeZone: "Mars" is not an IANA zone');
});

test('names stay apart, and what nobody names is told', () => {
  const text = JSON.stringify([
    { ...lists(london), name: 'A b' },
    { ...lists(london), name: 'A_b' },
    lists(office),
    lists(quarter),
    { type: 'period', name: 'lonely', begintime: '9:00' },
  ]);
  expect(imported(text).map(({ name }) => name)).toEqual(['a-b', 'a-b-2']);
  const stacks = JSON.stringify([lists(london), { ...lists(london), name: 'LONDON' }, lists(office), lists(quarter)]);
  expect(Object.entries(loaded(stacks)).map(([name, { aliases }]) => [name, aliases])).toEqual([
    ['london', ['London']],
    ['london-2', undefined],
  ]);
  expect(imported(stacks)[1]?.notes).toContain('was called LONDON, as another is: tags that say so mean that one');
  expect(unused(readDefinitions(text, 'file'))).toEqual(['lonely']);
});

test.each([
  ['{"Items": []}', 'has no schedule and no period'],
  ['a: [1', 'file:1 is neither JSON nor YAML'],
  ['', 'has no schedule and no period'],
])('%s is refused', (text, message) => expect(() => readDefinitions(text, 'file')).toThrow(message));
