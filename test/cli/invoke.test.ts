import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { ebb, isOneLine, pooled, ROOT } from './shell.ts';

const folder = mkdtempSync(join(tmpdir(), 'ebb-invoke-'));
afterAll(() => rmSync(folder, { recursive: true }));

const at = '2025-05-12T00:00:00Z';
const scope = { account: '123456789012', region: 'eu-west-1' };
let files = 0;
function event(value: unknown): string {
  const file = join(folder, `event-${++files}.json`);
  writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
  return file;
}

const bell = (pen: string, look: unknown = 'all') => ({
  Records: [
    {
      messageId: 'm1',
      body: JSON.stringify({ pen, scope, look, at, cause: 'tick', dedupId: 'ring-1' }),
      attributes: { MessageGroupId: 'g' },
    },
  ],
});
const stopping = {
  ...{ id: 'e1', 'detail-type': 'EC2 Instance State-change Notification', source: 'aws.ec2', ...scope, time: at },
  ...{
    resources: ['arn:aws:ec2:eu-west-1:123456789012:instance/i-0123456789abcdef0'],
    detail: { 'instance-id': 'i-0123456789abcdef0', state: 'stopping' },
  },
};

describe('ebb invoke, against the virtual cloud', () => {
  test('every function answers with JSON', async () => {
    const cases: [string, unknown, unknown][] = [
      ['dispatch', { tick: 'resize-fleets', look: 'all', at }, { rung: ['resize-fleets 123456789012/eu-west-1 all'], ignored: null }],
      ['resize-fleets', bell('resize-fleets'), { batchItemFailures: [] }],
      ['stop-start-instances', bell('stop-start-instances'), { batchItemFailures: [] }],
      ['enforce-tags', bell('enforce-tags'), { batchItemFailures: [] }],
      ['watch-changes', stopping, { written: [], ignored: 'i-0123456789abcdef0 is not enrolled' }],
      ['tell-slack', { tick: 'outbox' }, { told: 0, kept: 0, failed: [] }],
    ];
    const ran = await pooled(
      cases.map(
        ([name, value]) =>
          () =>
            ebb(['invoke', name, '--event', event(value)]),
      ),
      2,
    );
    expect(ran.map(({ code }) => code)).toEqual(cases.map(() => 0));
    expect(ran.map(({ out }) => JSON.parse(out))).toEqual(cases.map(([, , answer]) => answer));
    expect(ran[2]?.err).toMatch(/^INFO looked cause="tick" .* changes=\d+ left=\d+\n$/);
  }, 60_000);

  test('an event that cannot be read is one clear line and exit 2', async () => {
    const cases: [RegExp, string, string][] = [
      [/cannot be read \(ENOENT\)/, 'dispatch', join(folder, 'missing.json')],
      [/is not JSON/, 'dispatch', event('{"tick"')],
      [/neither a tick, an EventBridge event, an alarm nor/, 'dispatch', event({ nope: 1 })],
      [/not a JSON object/, 'watch-changes', event([1, 2])],
      [/time: /, 'watch-changes', event({ 'detail-type': 'EC2 Instance State-change Notification' })],
      [/tick must be "outbox" or "summary"/, 'tell-slack', event({})],
      [/no Records: not a batch of SQS messages/, 'enforce-tags', event({})],
      [/m1: /, 'stop-start-instances', event({ Records: [{ messageId: 'm1', body: '?', attributes: {} }] })],
      [/there is no function "stop-instances"; .*"stop-start-instances"/, 'stop-instances', event({})],
    ];
    const ran = await pooled(
      cases.map(
        ([, name, file]) =>
          () =>
            ebb(['invoke', name, '--event', file]),
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
  }, 60_000);

  test('against AWS, what a deployment would set is asked for by name', async () => {
    const url = 'http://127.0.0.1:9'; // nobody is there: the answer must not depend on it
    const ran = await ebb(['invoke', 'tell-slack', '--event', event({ tick: 'outbox' }), '--endpoint-url', url], {
      EBB_LEDGER_TABLE: 'ledger',
      EBB_MEMORY_TABLE: undefined,
    });
    expect([ran.code, isOneLine(ran)]).toEqual([2, true]);
    expect(ran.err).toContain('tell-slack needs EBB_MEMORY_TABLE, ');
  }, 30_000);
});

describe('ebb enable', () => {
  test('switches a policy on in its own file, once', async () => {
    const config = join(folder, 'config');
    cpSync(join(ROOT, 'config'), config, { recursive: true });
    const file = join(config, 'policies/dev-test.yml');
    const before = readFileSync(file, 'utf8');

    const first = await ebb(['enable', 'dev-test', '--config', config]);
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out).toMatch(/dev-test\.yml:\d+ now says `mode: act`/);
    expect(readFileSync(file, 'utf8')).toBe(before.replace('\nmode: plan', '\nmode: act'));

    const again = await ebb(['enable', 'dev-test', '--config', config]);
    expect(again).toMatchObject({ code: 0, err: '' });
    expect(again.out).toContain('already');
  }, 30_000);

  test('an unknown policy is refused, and the known ones are named', async () => {
    const { code, err } = await ebb(['enable', 'nope']);
    expect(code).toBe(2);
    expect(err).toContain('"dev-test", "tagging", "web-fleets"');
  }, 30_000);
});

test('the help of each command names its options, and fits 80 columns', async () => {
  const aws = ['--profile', '--region', '--endpoint-url', '--config'];
  const options: Record<string, string[]> = {
    demo: ['--seed', '--days', '--trace', '--observe-only', '--report', '--json', '--config'],
    plan: [...aws, '--out', '--json', '--at', '--zone'],
    apply: [...aws, '--yes', '--json', '--zone'],
    why: [...aws, '--json', '--at', '--zone'],
    invoke: [...aws, '--event'],
    pause: ['--profile', '--endpoint-url', '--config', '--reason'],
    resume: ['--profile', '--endpoint-url', '--config'],
    enable: ['--config'],
  };
  const [all, ...each] = await pooled([() => ebb(['--help']), ...Object.keys(options).map(name => () => ebb([name, '--help']))], 2);
  expect(Object.keys(options).filter(name => !all?.out.includes(`\n  ${name} `))).toEqual([]);
  for (const [i, [name, wanted]] of Object.entries(options).entries()) {
    const help = each[i]?.out ?? '';
    expect([
      name,
      each[i]?.code,
      help
        .match(/^ {2}(?:-\w, )?(--[\w-]+)/gm)
        ?.map(o => o.trim().split(' ').at(-1))
        .sort(),
    ]).toEqual([name, 0, [...wanted, '--help'].sort()]);
    expect(help.split('\n').filter(line => line.length > 80)).toEqual([]);
  }
}, 60_000);

test('a reader that has read enough, as head does, is no failure', () => {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', `node cli/ebb.ts --help | head -1; echo "$PIPESTATUS"`], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout.split('\n').slice(1)).toEqual(['0', '']);
}, 30_000);
