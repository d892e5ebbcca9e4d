/** README's promises that a machine can keep: its commands exist, its YAML loads, its links lead somewhere. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { loadConfig } from '../shared/policy/load.ts';

const ROOT = resolve(import.meta.dirname, '..');
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].map(([, language, text]) => ({ language, text: text ?? '' }));

test('the first block is the two commands', () => {
  const [first] = blocks;
  const commands = first?.text
    .trim()
    .split('\n')
    .map(line => line.replace(/ *#.*/, ''));
  expect(commands).toEqual(['npm install && npm start', 'npm test']);
});

test('every npm script that README and docs name exists', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
  const docs = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.md'));
  const texts = [readme, ...docs.map(file => readFileSync(join(ROOT, 'docs', file), 'utf8'))].join('\n');
  const named = [...texts.matchAll(/npm run (?:--silent )?([a-z][a-z:-]*)/g)].map(([, name]) => name ?? '');
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter(name => scripts[name] === undefined)).toEqual([]);
});

test('every ebb command that README names is one, with the options it is shown with', () => {
  const shown = [...readme.matchAll(/npm run --silent ebb -- ([a-z]+(?: [a-z]+(?= |$))?)([^\n#]*)/gm)];
  expect(shown.length).toBeGreaterThan(4);
  for (const [, command, rest] of shown) {
    const help = execFileSync(process.execPath, ['cli/ebb.ts', ...(command ?? '').split(' '), '--help'], { cwd: ROOT, encoding: 'utf8' });
    for (const [option] of rest?.matchAll(/--[a-z-]+/g) ?? []) expect(help).toContain(option);
  }
});

test('its policies load', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ebb-readme-'));
  try {
    cpSync(join(ROOT, 'config'), folder, { recursive: true });
    rmSync(join(folder, 'policies'), { recursive: true });
    const yaml = blocks.filter(b => b.language === 'yaml').map(b => b.text);
    expect(yaml.length).toBeGreaterThan(0);
    cpSync(join(ROOT, 'config/policies/tagging.yml'), join(folder, 'policies/tagging.yml'));
    for (const [i, text] of yaml.entries()) writeFileSync(join(folder, `policies/readme-${i}.yml`), text);
    expect(loadConfig(folder).policies.map(p => p.name)).toContain('dev-test');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each(['README.md', 'docs/architecture.md', 'CONTRIBUTING.md'])('the links of %s lead somewhere', file => {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, link]) => link ?? '');
  expect(links.filter(link => !existsSync(join(ROOT, dirname(file), link)))).toEqual([]);
});
