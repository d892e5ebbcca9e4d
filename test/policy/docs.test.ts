import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { editorSchema, fieldsOf, withFieldTables } from '../../scripts/policy-reference.ts';
import { loadConfig } from '../../shared/policy/load.ts';
import { POLICY_KINDS, schedulesSchema, scopesSchema, slackSchema } from '../../shared/policy/schema.ts';
import { readTags } from '../../shared/policy/tags.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(ROOT, 'docs/policies.md'), 'utf8');
const EXAMPLE = /```yaml\n# (\S+\.yml)\n([\s\S]*?)```/g;

/** Our config folder with `files` in place of its own; a policy file stands alone. */
function inFolder<T>(files: Readonly<Record<string, string>>, use: (dir: string) => T): T {
  const dir = mkdtempSync(join(tmpdir(), 'ebb-docs-'));
  try {
    cpSync(join(ROOT, 'config'), dir, { recursive: true });
    if (Object.keys(files).some(file => file.startsWith('policies/'))) {
      rmSync(join(dir, 'policies'), { recursive: true });
      mkdirSync(join(dir, 'policies'));
    }
    for (const [file, text] of Object.entries(files)) writeFileSync(join(dir, file), text);
    return use(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

describe('docs/policies.md', () => {
  const blocks = [...page.matchAll(EXAMPLE)].map(([, file = '', text = '']) => [file, text] as const);

  test('has an example of every kind of file', () => {
    expect(page.split('```yaml').length - 1).toBe(blocks.length);
    expect([...new Set(blocks.map(([file]) => file.replace(/\/.*/, '/')))].sort()).toEqual([
      'policies/',
      'schedules.yml',
      'scopes.yml',
      'slack.yml',
    ]);
    for (const kind of Object.keys(POLICY_KINDS)) expect(blocks.some(([, text]) => text.includes(`kind: ${kind}`))).toBe(true);
  });

  test.each(blocks)('the example of %s loads', (file, text) => {
    expect(inFolder({ [file]: text }, loadConfig).policies.length).toBeGreaterThan(0);
  });

  test('shows refusals as they are printed', () => {
    const spoil = (file: string, from: string, to: string): string =>
      inFolder({}, dir => {
        const path = join(dir, file);
        writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
        try {
          loadConfig(dir);
          return 'loaded';
        } catch (error) {
          return (error as Error).message.replaceAll(dir, 'config');
        }
      });
    expect(page).toContain(spoil('policies/dev-test.yml', 'schedule: office-hours', 'schedule: offcie-hours'));
    expect(page).toContain(spoil('schedules.yml', 'Europe/Berlin', 'Pacific'));
  });

  test('tells every field: run `node scripts/policy-reference.ts` after changing the schema', () => {
    expect(withFieldTables(page)).toBe(page);
    for (const name of [...Object.keys(POLICY_KINDS), 'schedules', 'scopes', 'slack']) expect(page).toContain(`<!-- fields: ${name} -->`);
  });

  test('speaks of tags that are read as it says', () => {
    const rows = [...page.matchAll(/^\| `(ebb:keep-until)` \| (.*?) \|/gm)].flatMap(([, tag = '', values = '']) =>
      [...values.matchAll(/`([^`]+)`/g)].map(([, value = '']) => ({ [tag]: value })),
    );
    expect(rows).toHaveLength(3);
    for (const tags of rows) expect(readTags(tags, undefined, {})).toHaveProperty('ok');
    expect(readTags({ 'ebb:keepuntil': '2025-05-16' }, undefined, {})).toHaveProperty('bad');
  });
});

describe('docs/fleets.md', () => {
  const fleets = readFileSync(join(ROOT, 'docs/fleets.md'), 'utf8');
  const blocks = [...fleets.matchAll(EXAMPLE)].map(([, file = '', text = '']) => [file, text] as const);

  test.each(blocks)('the example of %s loads', (file, text) => {
    expect(inFolder({ [file]: text }, loadConfig).policies.map(p => `policies/${p.name}.yml`)).toEqual([file]);
  });

  test('every example names its file', () => {
    expect(fleets.split('```yaml').length - 1).toBe(blocks.length);
  });
});

test('every field of every file is described', () => {
  const schemas = [...Object.values(POLICY_KINDS), schedulesSchema, scopesSchema, slackSchema];
  expect(schemas.flatMap(fieldsOf).filter(field => field.meaning === '')).toEqual([]);
});

test('the schema for editors is up to date: run `node scripts/policy-reference.ts`', () => {
  // As values: the formatter lays out the file.
  expect(JSON.parse(readFileSync(join(ROOT, 'config/policy.schema.json'), 'utf8'))).toEqual(JSON.parse(editorSchema()));
});
