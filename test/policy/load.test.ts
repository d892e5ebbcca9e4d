import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { enablePolicy } from '../../shared/policy/enable.ts';
import { compileConfig, loadConfig } from '../../shared/policy/load.ts';
import { PolicyError } from '../../shared/policy/problems.ts';
import { AWS_REGIONS } from '../../shared/policy/regions.ts';

const OURS = resolve(import.meta.dirname, '../../config');
const rooms: string[] = [];
afterAll(() => {
  for (const room of rooms) rmSync(room, { recursive: true });
});

/** A copy of the config that comes with the project, and means to spoil it. */
function folder() {
  const dir = mkdtempSync(join(tmpdir(), 'ebb-config-'));
  rooms.push(dir);
  cpSync(OURS, dir, { recursive: true });
  const devTest = join(dir, 'policies/dev-test.yml');
  writeFileSync(devTest, readFileSync(devTest, 'utf8').replace(/^idle: learned$/m, 'idle:\n  cpuBelow: 5\n  hours: 24\n  coverage: 0.9'));
  const read = (file: string): string => readFileSync(join(dir, file), 'utf8');
  const write = (file: string, text: string): void => writeFileSync(join(dir, file), text);
  /** The line on which `text` stands. */
  const line = (file: string, text: string): number =>
    read(file)
      .split('\n')
      .findIndex(l => l.includes(text)) + 1;
  /** Replaces the one place where `from` stands. */
  const edit = (file: string, from: string, to: string): void => {
    const parts = read(file).split(from);
    if (parts.length !== 2) throw new Error(`${JSON.stringify(from)} stands ${parts.length - 1} times in ${file}`);
    write(file, parts.join(to));
  };
  return { dir, read, write, line, edit };
}

/** What loadConfig has to say against the folder, without the folder's own path. */
function troubles(dir: string): string[] {
  try {
    loadConfig(dir);
    return [];
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return error.message.split('\n').map(line => line.replaceAll(`${dir}/`, ''));
  }
}

const IDLE = 'kind: instances\nname: idlers\nmatch: { tags: { a: b } }\nidle: { cpuBelow: 5 }\n';
const INSTANCES = 'kind: instances\nname: extra\nmatch: { tags: { a: b } }\nschedule: office-hours\n';
const FLEETS = 'kind: fleets\nname: extra\nmatch: { names: [web-*] }\ntarget: { value: 50 }\nminSize: 1\nmaxSize: 4\n';

describe('the config that comes with the project', () => {
  test('loads, is born in mode plan, and keeps the order of its files', () => {
    const config = loadConfig(OURS);
    expect(config.policies.map(p => `${p.kind} ${p.name} ${p.mode}`)).toEqual([
      'instances dev-test plan',
      'tags tagging plan',
      'fleets web-fleets plan',
    ]);
    expect(config.accounts).toEqual([{ account: 'self', regions: ['eu-west-1'], commitments: 'unknown' }]);
    expect(config.schedules['office-hours']).toEqual({
      name: 'office-hours',
      timeZone: 'Europe/Berlin',
      periods: [{ weekdays: 'mon-fri', begin: '07:00', end: '19:00' }],
    });
  });

  test('compiles to the same bytes in whatever order keys were written, and to what was loaded', () => {
    const { dir, edit, write } = folder();
    edit('policies/dev-test.yml', '    environment: [dev, test]', '    a: b\n    environment: [dev, test]');
    const before = compileConfig(dir);
    edit('policies/dev-test.yml', '    a: b\n    environment: [dev, test]', '    environment: [dev, test]\n    a: b');
    expect(compileConfig(dir)).toBe(before);
    write('policies/dev-test.yml', INSTANCES);
    expect(compileConfig(dir)).not.toBe(before);
    expect(JSON.parse(compileConfig(OURS))).toEqual(loadConfig(OURS));
  });
});

describe('what a policy may be', () => {
  test('idleness is learned, or a fixed rule, and a slip of the pen is neither', () => {
    const { dir, write, read } = folder();
    const slipped = read('policies/dev-test.yml').replace(/^idle:\n( .*\n)+/m, 'idle: lerned\n');
    write('policies/dev-test.yml', slipped);
    expect(troubles(dir)).toEqual([expect.stringContaining('idle: "lerned" is not a choice here; did you mean "learned"?')]);
    write('policies/dev-test.yml', slipped.replace('lerned', 'learned'));
    expect(loadConfig(dir).policies).toContainEqual(expect.objectContaining({ name: 'dev-test', idle: 'learned' }));
  });

  test('a schedule without idleness, idleness without a schedule, several policies in one file, anchors', () => {
    const { dir, write } = folder();
    write(
      'policies/more.yaml',
      [
        '- { kind: instances, name: clock-only, match: &ours { tags: { team: [a, "b*"] } }, schedule: always }',
        '- { kind: instances, name: idle-only, match: *ours, idle: { cpuBelow: 2.5 } }',
      ].join('\n'),
    );
    const [, clockOnly, idleOnly] = loadConfig(dir).policies;
    expect(clockOnly).toMatchObject({ name: 'clock-only', schedule: 'always', match: { tags: { team: ['a', 'b*'] } } });
    expect(idleOnly).toMatchObject({
      name: 'idle-only',
      idle: { cpuBelow: 2.5, hours: 24, coverage: 0.9 },
      match: { tags: { team: ['a', 'b*'] } },
    });
  });

  test('files that are not YAML are nobody’s policy', () => {
    const { dir, write } = folder();
    write('policies/.hidden.yml', 'nonsense');
    write('policies/dev-test.yml~', 'nonsense');
    expect(troubles(dir)).toEqual([]);
  });
});

describe('a config that is in doubt is refused, with line and remedy:', () => {
  test.each<readonly [what: string, file: string, from: string, to: string, expected: string, linesBelow?: number]>([
    [
      'unknown schedule',
      'policies/dev-test.yml',
      'schedule: office-hours',
      'schedule: offcie-hours',
      'schedule: "offcie-hours" is not a schedule; did you mean "office-hours"?',
    ],
    [
      'unknown key',
      'policies/dev-test.yml',
      '  coverage: 0.9',
      '  covrage: 0.9',
      'idle.covrage: "covrage" is not a key here; did you mean "coverage"?',
    ],
    [
      'unknown key at the top',
      'policies/dev-test.yml',
      'schedule: office-hours',
      'shedule: office-hours',
      'shedule: "shedule" is not a key here; did you mean "schedule"?',
    ],
    [
      'merge key',
      'policies/dev-test.yml',
      'schedule: office-hours',
      '<<: { schedule: office-hours }',
      '["<<"]: "<<" is not a key here; there are "kind", "name"',
    ],
    [
      'unknown kind',
      'policies/dev-test.yml',
      'kind: instances',
      'kind: instance',
      'kind: "instance" is not a choice here; did you mean "instances"?',
    ],
    ['unknown mode', 'policies/dev-test.yml', 'mode: plan', 'mode: true', 'mode: true is not a choice here; write plan or act'],
    ['bad name', 'policies/dev-test.yml', 'name: dev-test', 'name: Dev Test', 'name: "Dev Test" is not a name; write lower-case letters'],
    [
      'repeated name',
      'policies/web-fleets.yml',
      'name: web-fleets',
      'name: dev-test',
      'name: "dev-test" is already the name of a policy in policies/dev-test.yml:4; choose another name',
    ],
    [
      'number as text',
      'policies/dev-test.yml',
      'cpuBelow: 5',
      "cpuBelow: '5'",
      'idle.cpuBelow: "5" must be a number; write digits, without quotes',
    ],
    ['number too big', 'policies/dev-test.yml', 'cpuBelow: 5', 'cpuBelow: 500', 'idle.cpuBelow: 500 is too big; write at most 100'],
    ['number too small', 'policies/dev-test.yml', 'hours: 24', 'hours: 1', 'idle.hours: 1 is too small; write at least 2'],
    [
      'half an hour',
      'policies/dev-test.yml',
      'hours: 24',
      'hours: 24.5',
      'idle.hours: 24.5 must be a whole number; docs/policies.md has an example',
    ],
    ['not a number', 'policies/dev-test.yml', 'hours: 24', 'hours: .nan', 'idle.hours: must be a number; write digits, without quotes'],
    ['left empty', 'policies/dev-test.yml', 'hours: 24', 'hours:', 'idle.hours: is left empty; write a number, or remove the key'],
    [
      'number as tag value',
      'policies/dev-test.yml',
      '[dev, test]',
      '[dev, 1]',
      'match.tags.environment: must be a text or a list of texts; put numbers and yes or no in quotes',
    ],
    [
      'star inside',
      'policies/dev-test.yml',
      '[dev, test]',
      '[d*v, test]',
      'match.tags.environment[0]: "d*v" has a * inside; only at the end does it stand for anything',
    ],
    ['value twice', 'policies/dev-test.yml', '[dev, test]', '[dev, dev]', 'match.tags.environment[1]: "dev" stands here twice; remove one'],
    ['no values', 'policies/dev-test.yml', '[dev, test]', '[]', 'match.tags.environment: is empty; write at least one'],
    [
      'every group',
      'policies/web-fleets.yml',
      "['web-*']",
      "['*']",
      'match.names[0]: "*" would match everything; write a name or its beginning, such as "web-*"',
    ],
    [
      'metric period',
      'policies/web-fleets.yml',
      'period: 60',
      'period: 61',
      'period: 61 is not a period of the metric; write 60 (detailed monitoring) or 300',
    ],
    ['min above max', 'policies/web-fleets.yml', 'minSize: 2', 'minSize: 200', 'minSize: is above maxSize; lower minSize or raise maxSize'],
    [
      'tag required twice',
      'policies/tagging.yml',
      'key: environment',
      'key: owner',
      'required[1].key: is required above already; keep one of the two',
    ],
    [
      'key of AWS',
      'policies/tagging.yml',
      'key: environment',
      'key: AWS:x',
      'required[1].key: "AWS:x" is a key that AWS keeps for itself; choose one that does not begin with aws:',
    ],
    [
      'default not allowed',
      'policies/tagging.yml',
      '    values: [dev',
      '    default: none\n    values: [dev',
      'required[1].default: is not among the allowed values; add it to `values` or choose one of them',
    ],
    [
      'unknown zone',
      'schedules.yml',
      'timeZone: Europe/Berlin # summer',
      'timeZone: Pacific # summer',
      'office-hours.timeZone: "Pacific" is not an IANA zone; try "America/Los_Angeles"',
    ],
    [
      'zone misspelt',
      'schedules.yml',
      'timeZone: Europe/Berlin # summer',
      'timeZone: Europe/Berln # summer',
      'office-hours.timeZone: "Europe/Berln" is not an IANA zone; did you mean "Europe/Berlin"?',
    ],
    [
      'zone by city',
      'schedules.yml',
      'timeZone: Europe/Berlin # summer',
      'timeZone: new york # summer',
      'office-hours.timeZone: "new york" is not an IANA zone; try "America/New_York"',
    ],
    [
      'zone in other case',
      'schedules.yml',
      'timeZone: Europe/Berlin # summer',
      'timeZone: europe/berlin # summer',
      'office-hours.timeZone: "europe/berlin" is not an IANA zone; try "Europe/Berlin"',
    ],
    [
      'abbreviated zone',
      'schedules.yml',
      'timeZone: Europe/Berlin # summer',
      'timeZone: EST # summer',
      'office-hours.timeZone: "EST" is an abbreviation, not a place; try "America/New_York"',
    ],
    [
      'fixed offset',
      'schedules.yml',
      'timeZone: Europe/Berlin # summer',
      "timeZone: '+02:00' # summer",
      'office-hours.timeZone: "+02:00" is not an IANA zone; write continent and city, such as "Europe/Berlin"',
    ],
    [
      'unknown weekday',
      'schedules.yml',
      "mon-fri, begin: '07:00'",
      "mon-fry, begin: '07:00'",
      'office-hours.periods[0].weekdays: "fry" is not a weekday or a range of them; did you mean "fri"?',
    ],
    [
      'time of day',
      'schedules.yml',
      "begin: '07:00'",
      'begin: 7:60',
      'office-hours.periods[0].begin: "7:60" is not a time of day; write HH:MM, 00:00 to 23:59',
    ],
    ['time as number', 'schedules.yml', "begin: '07:00'", 'begin: 7', 'office-hours.periods[0].begin: 7 must be a text; put it in quotes'],
    [
      'zero step',
      'schedules.yml',
      "{ weekdays: mon-fri, begin: '07:00', end: '19:00' }",
      '{ monthdays: 1/0 }',
      'office-hours.periods[0].monthdays: "1/0" is not a day of the month or a range of them; a step is a whole number from 1 on: write 1/2',
    ],
    [
      'days that run backwards',
      'schedules.yml',
      "{ weekdays: mon-fri, begin: '07:00', end: '19:00' }",
      '{ monthdays: 20-15 }',
      'office-hours.periods[0].monthdays: "20-15" is not a day of the month or a range of them; days of a month do not wrap: write 20-L,1-15',
    ],
    [
      'a day twice',
      'schedules.yml',
      "{ weekdays: mon-fri, begin: '07:00', end: '19:00' }",
      '{ weekdays: [mon, Mon] }',
      'office-hours.periods[0].weekdays[1]: "Mon" stands here twice; remove one',
    ],
    [
      'an empty text',
      'schedules.yml',
      "{ weekdays: mon-fri, begin: '07:00', end: '19:00' }",
      "{ months: '' }",
      'office-hours.periods[0].months: "" is not a month or a range of them; there are',
    ],
    [
      'a list without a day',
      'schedules.yml',
      "{ weekdays: mon-fri, begin: '07:00', end: '19:00' }",
      '{ weekdays: [] }',
      'office-hours.periods[0].weekdays: "" is not a weekday or a range of them; write mon-fri, or leave the field out',
    ],
    [
      'a day that never comes',
      'schedules.yml',
      "{ weekdays: mon-fri, begin: '07:00', end: '19:00' }",
      "{ monthdays: 31, months: 'feb,apr' }",
      'office-hours.periods[0].monthdays: never comes, because none of its months has such a day; correct one of the two',
    ],
    [
      'a period of nothing',
      'schedules.yml',
      "{ weekdays: mon-fri, begin: '07:00', end: '19:00' }",
      '{ timeZone: UTC }',
      'office-hours.periods[0]: a period without any field says nothing; write `weekdays: mon-sun` for every day, all day long',
    ],
    [
      'nothing before midnight',
      'schedules.yml',
      "{ weekdays: mon-fri, begin: '07:00', end: '19:00' }",
      "{ end: '00:00' }",
      'office-hours.periods[0].end: is where the day begins, so nothing comes before it; write a begin as well',
    ],
    [
      'a zone of a period',
      'schedules.yml',
      "{ weekdays: mon-fri, begin: '07:00', end: '19:00' }",
      '{ weekdays: mon, timeZone: Berlin }',
      'office-hours.periods[0].timeZone: "Berlin" is not an IANA zone; try "Europe/Berlin"',
    ],
    [
      'dates that run backwards',
      'schedules.yml',
      "{ weekdays: mon-fri, begin: '07:00', end: '19:00' }",
      "{ weekdays: mon, effectiveFrom: '2025-05-14', effectiveTo: '2025-05-13' }",
      'office-hours.periods[0].effectiveTo: is before 2025-05-14; exchange the two',
    ],
    [
      'an impossible date',
      'schedules.yml',
      "{ weekdays: mon-fri, begin: '07:00', end: '19:00' }",
      "{ weekdays: mon, effectiveTo: '2025-02-30' }",
      'office-hours.periods[0].effectiveTo: "2025-02-30" is not a date of the calendar; correct the day or the month',
    ],
    [
      'an unknown field',
      'schedules.yml',
      "{ weekdays: mon-fri, begin: '07:00', end: '19:00' }",
      '{ weekday: mon }',
      'office-hours.periods[0].weekday: "weekday" is not a key here; did you mean "weekdays"?',
    ],
    [
      'an exception without a date',
      'schedules.yml',
      'office-hours:',
      'office-hours:\n  exceptions: [{ state: stopped }]',
      'office-hours.exceptions[0]: an exception needs a date; write `date`, or `from` and `to`',
      1,
    ],
    [
      'an exception of nothing',
      'schedules.yml',
      'office-hours:',
      "office-hours:\n  exceptions: [{ date: '2025-12-24' }]",
      'office-hours.exceptions[0]: an exception needs something to say; write `state: stopped`, or both begin and end',
      1,
    ],
    [
      'two exceptions for one date',
      'schedules.yml',
      'office-hours:',
      "office-hours:\n  exceptions: [{ date: '2025-12-24', state: any }, { from: '2025-12-20', to: '2025-12-24', state: stopped }]",
      'office-hours.exceptions[1]: speaks of a date that an exception above has settled; keep one of the two',
      1,
    ],
    [
      'an override that ends before it begins',
      'schedules.yml',
      'office-hours:',
      "office-hours:\n  overrides: [{ state: running, from: '2025-05-16', to: '2025-05-14' }]",
      'office-hours.overrides[0].to: is not after 2025-05-16; exchange the two',
      1,
    ],
    [
      'an override without an end',
      'schedules.yml',
      'office-hours:',
      'office-hours:\n  overrides: [{ state: running }]',
      'office-hours.overrides[0].to: is missing; write a text',
      1,
    ],
    [
      'an override at no time',
      'schedules.yml',
      'office-hours:',
      "office-hours:\n  overrides: [{ state: running, to: '2025-13-01' }]",
      'office-hours.overrides[0].to: "2025-13-01" is not a day or a time; write 2025-05-14',
      1,
    ],
    [
      'holidays that are none',
      'schedules.yml',
      'office-hours:',
      'office-hours:\n  onHolidays: any',
      'office-hours.onHolidays: says what holidays are, and there are none; write `holidays` as well',
      1,
    ],
    [
      'a country in full',
      'schedules.yml',
      'office-hours:',
      'office-hours:\n  holidays: [{ country: Germany }]',
      'office-hours.holidays[0].country: "Germany" is not a country; write its two letters, such as DE',
      1,
    ],
    ['a region of nowhere', 'schedules.yml', 'office-hours:', 'office-hours:\n  holidays: [{ region: BY }]', 'office-hours.holidays[0]', 1],
    [
      'an alias that is a name',
      'schedules.yml',
      'office-hours:',
      'office-hours:\n  aliases: [Weekdays]',
      'office-hours.aliases[0]: "Weekdays" is the name of a schedule already',
      1,
    ],
    [
      'empty period',
      'schedules.yml',
      "begin: '07:00'",
      "begin: '19:00'",
      'office-hours.periods[0].end: is the same as begin, so the period is empty; write 00:00 and 24:00 for the whole day',
    ],
    [
      'bad schedule name',
      'schedules.yml',
      'late-shift:',
      'Late Shift:',
      '["Late Shift"]: "Late Shift" is not a name; write lower-case letters',
    ],
    [
      'unknown region',
      'scopes.yml',
      'regions: [eu-west-1]',
      'regions: [eu-wset-1]',
      'accounts[0].regions[0]: "eu-wset-1" is not an AWS region; did you mean "eu-west-1"?',
    ],
    [
      'zone as region',
      'scopes.yml',
      'regions: [eu-west-1]',
      'regions: [Ireland]',
      'accounts[0].regions[0]: "Ireland" is not an AWS region; write a code such as "eu-west-1"',
    ],
    [
      'region twice',
      'scopes.yml',
      'regions: [eu-west-1]',
      'regions: [eu-west-1, eu-west-1]',
      'accounts[0].regions[1]: "eu-west-1" stands here twice; remove one',
    ],
    [
      'account without quotes',
      'scopes.yml',
      'account: self',
      'account: 012345678901',
      'accounts[0].account: 12345678901 is not an account; write self, or its 12 digits in quotes',
    ],
    [
      'external id alone',
      'scopes.yml',
      'account: self',
      'externalId: abc',
      'accounts[0].externalId: is of no use without a role; name the `role` to assume',
    ],
    [
      'commitments',
      'scopes.yml',
      'commitments: unknown # or',
      'commitments: nothing # or',
      'accounts[0].commitments: "nothing" is not a choice here; there are "none", "unknown", "ask"',
    ],
    ['hour of the summary', 'slack.yml', 'hour: 9', 'hour: 24', 'summary.hour: 24 is too big; write at most 23'],
    ['duplicate key', 'policies/dev-test.yml', 'schedule: office-hours', 'mode: act', '"mode" stands here twice; keep one of them'],
    [
      'bad YAML',
      'policies/dev-test.yml',
      'schedule: office-hours',
      'schedule: a: b',
      'is not good YAML: Nested mappings are not allowed in compact mappings; mend the indentation, the brackets or the quotes here',
    ],
    ['tab', 'policies/dev-test.yml', '  coverage: 0.9', '\tcoverage: 0.9', 'a tab indents this line; indent with spaces'],
    [
      'alias without anchor',
      'policies/dev-test.yml',
      'schedule: office-hours',
      'schedule: *there',
      '*there has no &there above it; write the value out',
    ],
    ['unknown YAML tag', 'policies/dev-test.yml', 'cpuBelow: 5', 'cpuBelow: !percent 5', 'is not good YAML: Unresolved tag: !percent'],
    [
      'second document',
      'policies/dev-test.yml',
      'schedule: office-hours',
      '---',
      'a second document begins; write one list of policies instead of ---',
    ],
  ])('%s', (_what, file, from, to, expected, linesBelow = 0) => {
    const { dir, edit, line } = folder();
    const place = line(file, from) + linesBelow;
    edit(file, from, to);
    expect(troubles(dir)).toContainEqual(expect.stringContaining(`${file}:${place} › ${expected}`));
  });

  test.each<readonly [what: string, text: string, expected: readonly string[]]>([
    [
      'an empty match',
      INSTANCES.replace('{ tags: { a: b } }', '{}'),
      ['3 › match: an empty match would match everything; name at least one tag or name'],
    ],
    [
      'an empty map of tags',
      INSTANCES.replace('{ a: b }', '{}'),
      ['3 › match: an empty match would match everything; name at least one tag or name'],
    ],
    ['no match', FLEETS.replace('match: { names: [web-*] }\n', ''), ['1 › match: is missing; write a map of keys and values']],
    [
      'neither schedule nor idleness',
      INSTANCES.replace(/schedule.*\n/, ''),
      ['1 › the policy would never do anything; give it a `schedule`, an `idle` rule, or both'],
    ],
    [
      'hours enforced that nobody names',
      `${IDLE}enforced: true\n`,
      [
        '4 › idle: stops in on-hours what `enforced` says is running then; remove one of the two',
        '5 › enforced: has no hours to enforce; give the policy a `schedule` or `scheduleTags`, or remove this',
      ],
    ],
    [
      'retained without an end',
      `${IDLE}retainRunning: true\n`,
      ['5 › retainRunning: has no hours that could end; give the policy a `schedule` or `scheduleTags`, or remove this'],
    ],
    [
      'two words that contradict each other',
      `${INSTANCES}enforced: true\nretainRunning: true\n`,
      ['6 › retainRunning: keeps what `enforced` stops; remove one of the two'],
    ],
    [
      'a warning of what never comes',
      `${INSTANCES}notice: { minutes: 30 }\n`,
      ['5 › notice: warns of idle stops, and the policy has no `idle` rule; add one, or remove this'],
    ],
    ['no kind', INSTANCES.replace(/kind.*\n/, ''), ['1 › kind: is missing; write instances or fleets or tags']],
    ['no maximum', FLEETS.replace(/maxSize.*\n/, ''), ['1 › maxSize: is missing; write a number']],
    ['nothing', '# later\n', ['1 › holds no policy; write one, or delete the file']],
    ['an empty list', '[]\n', ['1 › holds no policy; write one, or delete the file']],
    ['no policy', 'hello\n', ['1 › "hello" must be a map of keys and values; docs/policies.md has an example']],
    [
      'a list with one bad and one good',
      '- 5\n- { kind: instances, name: x, match: { tags: { a: b } }, schedule: always }\n',
      ['1 › [0]: 5 must be a map of keys and values; docs/policies.md has an example'],
    ],
    [
      'all problems at once',
      FLEETS.replace('value: 50', 'value: 0').replace('maxSize: 4', 'maxSize: 1.5').replace('web-*', 'w*b'),
      [
        '3 › match.names[0]: "w*b" has a * inside; only at the end does it stand for anything',
        '4 › target.value: 0 is too small; write more than 0',
        '6 › maxSize: 1.5 must be a whole number; docs/policies.md has an example',
      ],
    ],
  ])('a policy file with %s', (_what, text, expected) => {
    const { dir, write } = folder();
    write('policies/extra.yml', text);
    expect(troubles(dir)).toEqual(expected.map(line => `policies/extra.yml:${line}`));
  });

  test('missing files and folders, each with its remedy, and all problems of all files together', () => {
    const { dir } = folder();
    rmSync(join(dir, 'slack.yml'));
    rmSync(join(dir, 'policies'), { recursive: true });
    renameSync(join(dir, 'scopes.yml'), join(dir, 'scopes.yaml'));
    writeFileSync(join(dir, 'schedules.yml'), 'a: { timeZone: UTC, periods: [] }\n');
    expect(troubles(dir)).toEqual([
      'scopes.yaml › is not read; call it scopes.yml',
      'schedules.yml:1 › a.periods: is empty; write at least one',
      'slack.yml › there is no such file; copy slack.yml from the config folder that comes with the project',
      'policies › there are no policies; write one such as dev-test.yml here',
    ]);
  });

  test('a folder that is not there', () => {
    expect(() => loadConfig('/nowhere/at/all')).toThrow('/nowhere/at/all/scopes.yml › there is no such file; copy');
  });

  test('a second scopes.yaml beside scopes.yml', () => {
    const { dir } = folder();
    copyFileSync(join(dir, 'scopes.yml'), join(dir, 'scopes.yaml'));
    expect(troubles(dir)).toEqual(['scopes.yaml › is not read; call it scopes.yml']);
  });

  test('one account under two entries', () => {
    const { dir, write } = folder();
    write('scopes.yml', 'accounts:\n  - regions: [eu-west-1]\n  - account: self\n    regions: [us-east-1]\n');
    expect(troubles(dir)).toEqual(['scopes.yml:3 › accounts[1].account: is listed above already; put all its regions there']);
  });

  test('an unreadable schedules.yml spoils no policy that names a schedule', () => {
    const { dir, write } = folder();
    write('schedules.yml', 'a: [');
    expect(troubles(dir)).toEqual([expect.stringMatching(/^schedules\.yml:1 › is not good YAML/)]);
  });

  test('the problems are values too, and a line is null only where the file itself is the trouble', () => {
    const f = folder();
    f.edit('policies/dev-test.yml', 'schedule: office-hours', 'schedule: offcie-hours');
    expect.assertions(1);
    try {
      loadConfig(f.dir);
    } catch (error) {
      expect((error as PolicyError).problems).toEqual([
        {
          file: join(f.dir, 'policies/dev-test.yml'),
          line: f.line('policies/dev-test.yml', 'offcie'),
          path: 'schedule',
          message: '"offcie-hours" is not a schedule',
          remedy: 'did you mean "office-hours"?',
        },
      ]);
    }
  });

  test('whatever the text, the answer is a config or a PolicyError', () => {
    const { dir, read, write } = folder();
    const good = read('policies/dev-test.yml');
    fc.assert(
      fc.property(
        fc.nat(good.length),
        fc.nat(30),
        fc.oneof(fc.string(), fc.constantFrom('\n', ': ', '- ', '{', '[', '*a', '&a ', '!!set ', '"')),
        (at, cut, put) => {
          write('policies/dev-test.yml', good.slice(0, at) + put + good.slice(at + cut));
          troubles(dir);
        },
      ),
      { numRuns: 150 },
    );
  });
});

test('the regions are those that the AWS SDK knows', () => {
  const source = readFileSync(
    resolve(import.meta.dirname, '../../node_modules/@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws/partitions.js'),
    'utf8',
  );
  const known = [...source.matchAll(/"([a-z]{2,4}(?:-[a-z]+)+-\d)":/g)].map(match => match[1] ?? '');
  expect(known.length).toBeGreaterThan(30);
  expect(known.filter(region => !AWS_REGIONS.includes(region))).toEqual([]);
});

describe('enabling a policy', () => {
  test('changes plan to act and no other byte, and tells the line', () => {
    const { dir, read } = folder();
    const before = read('policies/dev-test.yml');
    expect(enablePolicy(dir, 'dev-test')).toEqual({ file: join(dir, 'policies/dev-test.yml'), line: 7 });
    expect(read('policies/dev-test.yml')).toBe(before.replace('mode: plan\n', 'mode: act\n'));
    expect(loadConfig(dir).policies.map(p => p.mode)).toEqual(['act', 'plan', 'plan']);
    expect(readdirSync(join(dir, 'policies'))).toEqual(['dev-test.yml', 'tagging.yml', 'web-fleets.yml']);
  });

  test('twice is the same as once, and the second time writes nothing', () => {
    const { dir, read } = folder();
    const first = enablePolicy(dir, 'web-fleets');
    const after = read('policies/web-fleets.yml');
    const file = join(dir, 'policies/web-fleets.yml');
    const { ino } = statSync(file);
    expect(enablePolicy(dir, 'web-fleets')).toEqual(first);
    expect(read('policies/web-fleets.yml')).toBe(after);
    expect(statSync(file).ino).toBe(ino);
  });

  const A = '{kind: fleets, name: a, match: {names: [a]}, target: {value: 50}, minSize: 0, maxSize: 3}';
  test.each([
    [
      'adds the key behind the name',
      `# first\r\n${FLEETS.replaceAll('\n', '\r\n')}`,
      'name: extra\r\n',
      'name: extra\r\nmode: act\r\n',
      'extra',
      4,
    ],
    ['adds it at the very end', `${FLEETS.replace('name: extra\n', '')}name: extra`, 'name: extra', 'name: extra\nmode: act', 'extra', 7],
    ['adds it within braces', `- ${A}\n`, 'name: a,', 'name: a, mode: act,', 'a', 1],
    [
      'adds it to the second of a list',
      `- ${A}\n- kind: fleets\n  name: "extra" # hm\n  match: {names: [b]}\n  target: {value: 5}\n  minSize: 0\n  maxSize: 1\n`,
      '# hm\n',
      '# hm\n  mode: act\n',
      'extra',
      4,
    ],
    ['keeps quotes elsewhere and comments behind', `${FLEETS}mode:   'plan'   # for now\n`, "'plan'", 'act', 'extra', 7],
    [
      'unfolds an alias',
      `- ${A.replace('name: a', 'name: a, mode: &m plan')}\n- ${A.replace('name: a', 'name: extra, mode: *m')}\n`,
      '*m',
      'act',
      'extra',
      2,
    ],
  ])('%s', (_what, text, from, to, name, line) => {
    const { dir, read, write } = folder();
    write('policies/extra.yml', text);
    expect(enablePolicy(dir, name)).toEqual({ file: join(dir, 'policies/extra.yml'), line });
    expect(read('policies/extra.yml')).toBe(text.replace(from, to));
  });

  test('refuses where an anchor would carry the change to another policy', () => {
    const { dir, read, write } = folder();
    const text = `- ${A.replace('name: a', 'name: a, mode: &m plan')}\n- ${A.replace('name: a', 'name: extra, mode: *m')}\n`;
    write('policies/extra.yml', text);
    expect(() => enablePolicy(dir, 'a')).toThrow('extra.yml:1 › mode: cannot be changed without changing something else too');
    expect(read('policies/extra.yml')).toBe(text);
  });

  test('refuses an unknown name and lists the names', () => {
    const { dir } = folder();
    expect(() => enablePolicy(dir, 'dev-tset')).toThrow(
      '"dev-tset" is not a policy; did you mean "dev-test"? There are "dev-test", "tagging", "web-fleets"',
    );
    expect(() => enablePolicy(dir, 'zzz')).toThrow('"zzz" is not a policy; there are "dev-test", "tagging", "web-fleets"');
  });

  test('refuses while the config is in doubt', () => {
    const f = folder();
    f.edit('slack.yml', 'hour: 9', 'hour: 99');
    expect(() => enablePolicy(f.dir, 'dev-test')).toThrow('summary.hour');
    expect(f.read('policies/dev-test.yml')).toContain('mode: plan');
  });

  test('keeps the file’s permissions, and a link stays a link', () => {
    const { dir, read } = folder();
    mkdirSync(join(dir, 'elsewhere'));
    const real = join(dir, 'elsewhere/dev-test.yml');
    renameSync(join(dir, 'policies/dev-test.yml'), real);
    chmodSync(real, 0o640);
    symlinkSync(real, join(dir, 'policies/dev-test.yml'));
    enablePolicy(dir, 'dev-test');
    expect(read('elsewhere/dev-test.yml')).toContain('mode: act');
    expect(statSync(real).mode & 0o777).toBe(0o640);
  });
});
