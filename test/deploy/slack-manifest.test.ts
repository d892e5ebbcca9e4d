/** The app as the manifest describes it, against what the code asks of Slack; and the page that sets it up. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { loadConfig } from '../../shared/policy/load.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const manifest = parse(read('config/slack-manifest.yml'));
const page = read('docs/slack.md');

/** By docs.slack.dev/reference/methods: what a bot needs for each. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  'auth.test': [],
  'chat.postEphemeral': ['chat:write'],
  'chat.postMessage': ['chat:write'],
  'chat.update': ['chat:write'],
  'conversations.info': ['channels:read', 'groups:read'],
  'files.completeUploadExternal': ['files:write'],
  'files.getUploadURLExternal': ['files:write'],
  'users.info': ['users:read', 'users:read.email'],
  'users.lookupByEmail': ['users:read.email'],
  'views.open': [],
};

describe('the manifest', () => {
  test('asks for the scopes of the methods that the code calls, and for no other', () => {
    const sources = readdirSync(join(ROOT, 'shared/runtime')).filter(file => file.endsWith('.ts'));
    const called = new Set(
      sources.flatMap(file => [...read(`shared/runtime/${file}`).matchAll(/callSlack\([^']*'([\w.]+)'/g)].map(([, name]) => name ?? '')),
    );
    expect([...called].toSorted()).toEqual(Object.keys(NEEDS));
    const needed = new Set(['commands', ...[...called].flatMap(name => NEEDS[name] ?? [])]);
    expect(manifest.oauth_config.scopes.bot.toSorted()).toEqual([...needed].toSorted());
  });

  test('is within what Slack takes: names of 35 characters, descriptions of 140, long ones from 174 on', () => {
    const { name, description, long_description: long } = manifest.display_information;
    expect(name.length).toBeLessThanOrEqual(35);
    expect(description.length).toBeLessThanOrEqual(140);
    expect(long.length).toBeGreaterThanOrEqual(174);
    const [command] = manifest.features.slash_commands;
    expect([command.command, command.url]).toEqual(['/ebb', manifest.settings.interactivity.request_url]);
    expect(manifest.settings).toMatchObject({ interactivity: { is_enabled: true }, socket_mode_enabled: false });
  });
});

describe('docs/slack.md', () => {
  test('names every secret by the parameter that the functions read', () => {
    const asked = readdirSync(join(ROOT, 'shared/runtime')).flatMap(file =>
      [...(file.endsWith('.ts') ? read(`shared/runtime/${file}`) : '').matchAll(/slackSecret\('([\w-]+)'\)/g)].map(([, name]) => name),
    );
    expect(new Set(asked)).toEqual(new Set(['bot-token', 'signing-secret', 'webhook']));
    for (const name of asked) expect(page).toContain(`/ebbtide/dev/slack/${name}`);
  });

  test('its example loads', () => {
    const [, example = ''] = /```yaml\n\s*(# slack\.yml\n[\s\S]*?)```/.exec(page) ?? [];
    const folder = mkdtempSync(join(tmpdir(), 'ebb-slack-'));
    cpSync(join(ROOT, 'config'), folder, { recursive: true });
    writeFileSync(join(folder, 'slack.yml'), example.replace(/^ {3}/gm, ''));
    expect(loadConfig(folder).slack).toMatchObject({
      teams: { payments: '#payments-cost' },
      owners: 'dm',
      approvers: ['U0123ABCD', 'boss@example.com'],
    });
    rmSync(folder, { recursive: true });
  });

  test('says that nobody has tried it on the real thing', () => expect(page).toContain('Not yet run against a real workspace'));
});
