import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ebb, isOneLine, pooled, type Ran } from './shell.ts';

const folder = mkdtempSync(join(tmpdir(), 'ebb-demo-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A day of demand by the quarter hour: quiet nights, a busy noon. */
const TRACE = `t,v\n${Array.from({ length: 96 }, (_, i) => `${1_400_000_000 + i * 900},${Math.round(100 - 80 * Math.cos((i / 96) * 2 * Math.PI))}`).join('\n')}\n`;
function file(name: string, content: string | Buffer): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

describe('a day of the demo', () => {
  let plain: Ran;
  let zipped: Ran;
  let handsOff: Ran;
  beforeAll(async () => {
    const day = ['demo', '--days', '1'];
    const runs = await pooled(
      [
        () => ebb([...day, '--json', '--trace', file('day.csv', TRACE)]),
        () => ebb([...day, '--json', '--trace', file('day.csv.gz', gzipSync(TRACE))]),
        () => ebb([...day, '--observe-only', '--report', join(folder, 'day.html')]),
      ],
      2,
    );
    [plain, zipped, handsOff] = runs as [Ran, Ran, Ran];
  }, 120_000);

  test('the same seed tells the same story, to the byte; a trace may be zipped', () => {
    expect([plain.code, plain.err]).toEqual([0, '']);
    expect(zipped.out === plain.out).toBe(true);
  });

  test('its value says what was done, at which cadence, and agrees with the world', () => {
    const { seed, days, check, story, cadence, summary } = JSON.parse(plain.out);
    expect({ seed, days }).toEqual({ seed: 7, days: 1 });
    expect(check.worldSeconds).toBeGreaterThan(10 * 3600);
    expect(check).toMatchObject({ ledgerSeconds: check.worldSeconds, unsigned: 0 });
    expect(check.writes).toBeGreaterThan(10);
    expect(summary.total.money.total.low).toBeGreaterThan(0);
    expect(story.length).toBeGreaterThan(5);
    expect(cadence.find((c: { expression: string }) => c.expression === 'rate(1 minute)')).toMatchObject({ runs: 1441, longestGap: 60 });
  });

  test('with hands off, people do the same, nothing is written and nothing is saved', () => {
    const people = JSON.parse(plain.out).story.filter((line: { who: string }) => line.who === 'people');
    const told = handsOff.out
      .match(/○ .*/g)
      ?.slice(1)
      .map(line => line.slice(2));
    expect(handsOff.code).toBe(0);
    expect(told).toEqual(people.map((line: { text: string }) => line.text));
    expect(handsOff.out).toContain('● would stop ');
    expect(handsOff.out).not.toMatch(/● (stopped|started) /);
    expect(handsOff.out.replaceAll(/\s+/g, ' ')).toMatch(/; 0 writes took effect, .* Saved, before our own cost: \$0\.00 over 24 h/);
    const page = readFileSync(join(folder, 'day.html'), 'utf8');
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).toContain('not done: mode plan');
    expect(handsOff.err).toMatch(/^1 day in \d+ s\. /);
  });
});

test('what cannot be played is refused in a line, before anything is', async () => {
  const cases: [RegExp, string[]][] = [
    [/missing\.csv › cannot be read: ENOENT/, ['--trace', join(folder, 'missing.csv')]],
    [/head\.csv:1 › expected the header `t,v`/, ['--trace', file('head.csv', 'time,value\n1,2\n2,3\n')]],
    [/value\.csv:3 › v is not a number of 0 or more: "many"/, ['--trace', file('value.csv', 't,v\n1,2\n2,many\n')]],
    [/broken\.csv\.gz › looks like gzip and is broken/, ['--trace', file('broken.csv.gz', gzipSync(TRACE).subarray(0, 40))]],
    [/nowhere\/week\.html cannot be written \(ENOENT\)/, ['--report', join(folder, 'nowhere/week.html')]],
    [/there is no folder/, ['--config', join(folder, 'nowhere')]],
  ];
  const ran = await pooled(
    cases.map(
      ([, args]) =>
        () =>
          ebb(['demo', '--days', '1', ...args]),
    ),
    2,
  );
  for (const [i, [line]] of cases.entries()) {
    expect({ ...ran[i], isOneLine: ran[i] && isOneLine(ran[i]) }).toMatchObject({
      code: 2,
      err: expect.stringMatching(line),
      isOneLine: true,
    });
  }
  for (const args of [
    ['--days', '0'],
    ['--days', 'two'],
    ['--seed', '-1'],
  ]) {
    expect(await ebb(['demo', ...args])).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(/is invalid\. Write a whole number from /),
    });
  }
}, 60_000);
