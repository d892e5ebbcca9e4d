/** docs/schedules.md is executed: its files load, its tables hold, its drawing and its answers are what is printed. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { page as importedPage } from '../../cli/commands/import.ts';
import { answerLine } from '../../cli/commands/schedule-state.ts';
import { draw } from '../../cli/preview/draw.ts';
import { preview } from '../../cli/preview/weeks.ts';
import { instant } from '../../shared/model/time.ts';
import { priceOf } from '../../shared/observe/prices.ts';
import { parseCustodianTag } from '../../shared/policy/custodian-tag.ts';
import { freeDays } from '../../shared/policy/holidays.ts';
import { loadConfig } from '../../shared/policy/load.ts';
import { stateAt, transitions } from '../../shared/policy/schedule.ts';
import type { Config, Schedule } from '../../shared/policy/schema.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(ROOT, 'docs/schedules.md'), 'utf8');
const files = [...page.matchAll(/```yaml\n# (\S+\.yml)\n([\s\S]*?)```/g)].map(([, file = '', text = '']) => [file, text] as const);

function load(file: string, text: string): Config {
  const dir = mkdtempSync(join(tmpdir(), 'ebb-schedules-'));
  try {
    cpSync(join(ROOT, 'config'), dir, { recursive: true });
    writeFileSync(join(dir, file), text);
    return loadConfig(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** The block after a marker, and what the marker says. */
function marked(name: string): { readonly says: string; readonly blocks: readonly string[] } {
  const [, says = '', rest = ''] = new RegExp(`<!-- ${name}:? ?(.*?) ?-->\\n([\\s\\S]*)`).exec(page) ?? [];
  return { says, blocks: [...rest.matchAll(/```\w*\n([\s\S]*?)```/g)].map(([, text = '']) => text) };
}

test.each(files)('%s %#: loads', (file, text) => {
  expect(Object.keys(load(file, text).schedules)).toContain('office-hours');
});

test('the drawing is what is printed', () => {
  const [, text = ''] = files[1] ?? [];
  const schedule = load('schedules.yml', text).schedules['office-hours'] as Schedule;
  const { says, blocks } = marked('drawing');
  const [, at = '', weeks = '', type = '', region = ''] = /at (\S+) for (\d+) weeks, (\S+) in (\S+)/.exec(says) ?? [];
  const costs = [{ type, region, price: priceOf({ region, type, platform: 'linux', tenancy: 'default' }) }];
  const asked = {
    at: instant(at),
    weeks: Number(weeks),
    timeZone: schedule.timeZone,
    freeDays: freeDays(schedule.holidays, ROOT).days,
    costs,
  };
  expect(`${draw(schedule, preview(schedule, asked)).trimEnd()}\n`).toBe(blocks[0]);
});

describe('the table of periods', () => {
  const found = [...page.matchAll(/^\| (?:`(\[.*?\])` )?\| (\d{4}-\d\d-\d\d \d\d:\d\d) \| (\w+) \|$/gm)];
  /** A row without periods is about those above it. */
  const rows = found.map(([, , at = '', says = ''], i) => ({
    at,
    says,
    periods: found.slice(0, i + 1).findLast(row => row[1])?.[1] ?? '',
  }));
  test.each(rows)('$periods at $at: $says', ({ periods, at, says }) => {
    const schedule: Schedule = { name: 'row', timeZone: 'UTC', periods: parse(periods) };
    expect(stateAt(schedule, instant(`${at.replace(' ', 'T')}Z`)).state).toBe(says);
  });
  test('has rows', () => expect(rows.length).toBeGreaterThan(15));
});

describe('the table of changed clocks', () => {
  const rows = [...page.matchAll(/^\| (\w+\/\w+) \| (\d\d:\d\d)–(\d\d:\d\d) \| (\S+), .*? \| (?:(\d\d:\d\d)–(\d\d:\d\d)|–) \|$/gm)];
  test.each(rows.map(row => row.slice(1) as string[]))('%s %s–%s on %s', (timeZone = '', begin = '', end = '', day = '', from, to) => {
    const schedule: Schedule = { name: 'row', timeZone, periods: [{ begin, end, effectiveFrom: day, effectiveTo: day }] };
    const midnight = Date.parse(`${day}T00:00Z`);
    const window = { start: instant(midnight - 14 * 3_600_000), end: instant(midnight + 30 * 3_600_000) };
    const running = [...transitions(schedule, window)]
      .map(({ at, to }) => `${to} ${at.slice(11, 16)}`)
      .filter(text => !text.startsWith('any'));
    const states = running.filter(text => text.startsWith('running'));
    if (from === undefined) return expect(states).toEqual([]);
    expect(states).toEqual([`running ${from}`]);
    expect(running).toContain(`stopped ${to}`);
  });
  test('has rows', () => expect(rows.length).toBe(6));
});

test('the imported tag is what is printed', () => {
  const { says, blocks } = marked('import');
  const read = parseCustodianTag(says);
  if ('bad' in read || read.ok === 'opted-out') throw new Error('cannot be read');
  expect(importedPage([{ name: 'from-custodian', schedule: { ...read.ok }, notes: read.notes }], []).trimStart()).toBe(blocks[0]);
});

test('the answers are what is answered', () => {
  const [asked = '', answered = ''] = marked('state').blocks;
  expect(
    asked
      .trim()
      .split('\n')
      .map(line => JSON.stringify(answerLine(line))),
  ).toEqual(answered.trim().split('\n'));
});
