/** docs/report.md shows commands: each is one, with the options it is shown with, and every finding it names can be found. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '../..');
const text = readFileSync(join(ROOT, 'docs/report.md'), 'utf8');
const helpOf = (command: string): string =>
  execFileSync(process.execPath, ['cli/ebb.ts', ...command.split(' '), '--help'], { cwd: ROOT, encoding: 'utf8' });

test('every command and every option that the page names is there', () => {
  const shown = [...text.matchAll(/npm run --silent ebb -- ((?:ledger )?[a-z]+)([^\n#]*)/g)].map(([, command = '', rest = '']) => ({
    command,
    rest,
  }));
  expect([...new Set(shown.map(({ command }) => command))]).toEqual(['statement', 'summary', 'report', 'ledger verify']);
  for (const { command, rest } of shown) for (const [option] of rest.matchAll(/--[a-z-]+/g)) expect(helpOf(command)).toContain(option);
  for (const option of ['--json', '--csv', '--by']) expect(helpOf('statement')).toContain(option);
  expect(helpOf('report')).toContain('--upload');
  expect(helpOf('demo')).toContain('--report');
}, 60_000);

test('what the examples of --help name are options of their command', () => {
  for (const command of ['statement', 'summary', 'report', 'ledger verify']) {
    const help = helpOf(command);
    const [options = '', examples = ''] = help.split('Examples:');
    expect(examples).toContain(`ebb ${command}`);
    for (const line of examples.split('\n').filter(one => one.includes(`ebb ${command}`)))
      for (const [option] of line.matchAll(/--[a-z-]+/g)) expect(options).toContain(option);
  }
}, 60_000);
