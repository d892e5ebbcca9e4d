import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { decideTags, type TagFacts } from '../../shared/decide/decide-tags.ts';
import { offering } from '../../shared/decide/rules/tags/clues.ts';
import { bestOf } from '../../shared/decide/rules/tags/offers.ts';
import type { Birth, Person } from '../../shared/model/birth.ts';
import { MARK_TAG, type ResourceKind, type Tags } from '../../shared/model/ids.ts';
import type { Tagged } from '../../shared/model/observation.ts';
import { removedKeys, writtenTags } from '../../shared/model/tagging.ts';
import { addSeconds, DAY, instant } from '../../shared/model/time.ts';
import { loadConfig } from '../../shared/policy/load.ts';
import { loadPatterns } from '../../shared/policy/patterns.ts';
import type { Config, TagPolicy } from '../../shared/policy/schema.ts';
import { taggeds } from '../decide/facts.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(ROOT, 'docs/tagging.md'), 'utf8');
const PAIR = /```yaml\n# (\S+\.yml)\n([\s\S]*?)```\s+```tags\n([\s\S]*?)```/g;
const sections = [...page.matchAll(PAIR)].map(([, file = '', yaml = '', lines = '']) => ({ file, yaml, lines: lines.trim().split('\n') }));

function configOf(file: string, yaml: string): Config {
  const dir = mkdtempSync(join(tmpdir(), 'ebb-tagging-'));
  try {
    mkdirSync(join(dir, 'policies'));
    writeFileSync(join(dir, 'scopes.yml'), 'accounts: [{ account: self, regions: [eu-west-1] }]\n');
    writeFileSync(
      join(dir, 'schedules.yml'),
      "always:\n  timeZone: UTC\n  periods: [{ weekdays: mon-sun, begin: '00:00', end: '24:00' }]\n",
    );
    writeFileSync(join(dir, 'slack.yml'), "channel: '#costs'\n");
    writeFileSync(join(dir, file), yaml);
    return loadConfig(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const scope = { account: '111122223333', region: 'eu-west-1' };
const at = instant('2025-05-14T12:00:00Z');
const made = addSeconds(at, -DAY);

function carrier(id: string, kind: string, tags: Tags, more: Partial<Tagged> = {}): Tagged {
  const ref = { kind: kind as ResourceKind, id, name: null, scope };
  const rest = { unread: null, unpropagated: [], state: 'running', parent: null, source: null, subnet: null, price: null };
  return { ref, tags, createdAt: made, ...rest, ...more };
}

const LEFT =
  /^(\S+)((?: [^\s=]+=\S*)*)(?: of (\S+)((?: [^\s=]+=\S*)*))?(?: in subnet((?: [^\s=]+=\S*)+))?(?: by (\S+) \((\S+)\)(?: through (\S+))?)?$/;
const tagsIn = (text = ''): Tags =>
  Object.fromEntries(
    text
      .trim()
      .split(' ')
      .filter(Boolean)
      .map(pair => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );

function factsOf(left: string): TagFacts {
  const [, kind = '', tags, above, aboveTags, subnetTags, who, known, through] = LEFT.exec(left) ?? [];
  if (kind === '') throw new Error(`cannot be read: ${left}`);
  const source = above === undefined ? null : carrier('above', above, tagsIn(aboveTags));
  const subnet = subnetTags === undefined ? null : 'subnet-1';
  const it = carrier('it', kind, tagsIn(tags), { source: source === null ? null : 'above', subnet });
  const person = who === undefined ? null : { who, known: known as Person['known'] };
  const birth: Birth = { at: made, call: 'RunInstances', by: { name: who ?? '', service: through ?? null, person } };
  return taggeds(at, [it], {
    sources: new Map(source === null ? [] : [['above', source]]),
    births: new Map(person === null ? [] : [['it', birth]]),
    network: new Map(subnet === null ? [] : [[subnet, [{ id: subnet, tags: tagsIn(subnetTags) }]]]),
  });
}

/** What the page says after the arrow. */
function answer(facts: TagFacts, config: Config): string {
  const [change] = decideTags(facts, config).plan.changes;
  if (change === undefined) return 'nothing';
  const written = Object.entries(writtenTags(change.action)).flatMap(([key, value]) => (key === MARK_TAG ? [] : `${key}=${value}`));
  const done = [...written, ...removedKeys(change.action).map(key => `−${key}`)].join(' ');
  const missing = change.because.code === 'tags-missing' ? change.because.missing : [];
  const [it] = facts.resources;
  const offers = it === undefined ? [] : bestOf(offering(facts, config.policies).offers(it, config.policies[0] as TagPolicy, missing));
  const marked = missing.length === 0 ? '' : `marked: ${missing.join(', ')}`;
  const offered = offers.length === 0 ? '' : `; offered: ${offers.map(o => `${o.key}=${o.value} (${o.confidence})`).join(', ')}`;
  return `${[done, marked].filter(Boolean).join(', ')}${offered}`;
}

describe('docs/tagging.md', () => {
  test('every policy has its examples, and every example its policy', () => {
    expect(sections.length).toBe(page.split('```yaml').length - 1);
    expect(sections.length).toBe(page.split('```tags').length - 1);
    expect(sections.flatMap(s => s.lines).length).toBeGreaterThan(20);
  });

  test.each(sections.map(s => [s.file, s] as const))('%s does what it says', async (_, { file, yaml, lines }) => {
    const config = configOf(file, yaml);
    await loadPatterns(config.policies);
    const played = lines.map(line => {
      const [left = ''] = line.split(' → ');
      return `${left} → ${answer(factsOf(left), config)}`;
    });
    expect(played).toEqual(lines);
  });
});
