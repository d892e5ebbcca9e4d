import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createMemory } from '../../shared/memory/dynamo-memory.ts';
import type { Action, Plan } from '../../shared/model/plan.ts';
import type { Receipt } from '../../shared/model/receipt.ts';
import { addSeconds, type Instant } from '../../shared/model/time.ts';
import { type Moto, moto } from '../support/moto.ts';
import { BASELINE_LATER, type Cast, clockwork, EAST, HOME, makeAccount } from './account.ts';
import { writeFolders } from './folders.ts';
import { guard, reader } from './guard.ts';
import { shown } from './reasons.ts';
import { remembered } from './remembered.ts';
import { aws, ebb, hasAwsCli, isOneLine, pooled } from './shell.ts';
import { answersOf, codesOf, expectedAnswers, type Seen, seen, stateOf, tagOf } from './world.ts';

const server = await moto();
const isPlayed = server !== null && hasAwsCli();
const url = server?.url ?? '';
const folder = mkdtempSync(join(tmpdir(), 'ebb-moto-'));
const clock = clockwork();
const { config, measured } = writeFolders(folder, clock);
const file = (name: string) => join(folder, name);

const TABLES = { EBB_LEDGER_TABLE: 'ledger', EBB_MEMORY_TABLE: 'memory' };
const there = ['--endpoint-url', url, '--config', config];
/** The home region is not the first that is looked at: tables and pause stay at home. */
const everywhere = [...there, '--region', EAST, HOME];

/** Every reason that some plan of this file gave. */
const told = new Set<string>();

async function planned(at: Instant, environment = {}, args: readonly string[] = everywhere): Promise<Plan> {
  const { code, out, err } = await ebb(['plan', ...args, '--at', at, '--json'], environment);
  if (code !== 0) throw new Error(`ebb plan exits ${code}: ${err}`);
  return heard(JSON.parse(out));
}

function heard(plan: Plan): Plan {
  for (const { because } of [...plan.changes, ...plan.left]) told.add(because.code);
  return plan;
}

const outcomes = (out: string): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { outcome } of JSON.parse(out) as Receipt[]) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
};

let cast: Cast;
let before: Seen;
let tables: readonly string[] = [];
const look = (): Promise<Seen> => seen(server as Moto, [HOME, EAST], tables);

(isPlayed ? describe : describe.skip)('ebb on an account that others emulate', () => {
  beforeAll(async () => {
    cast = await makeAccount(url, clock, folder);
    before = await look();
  }, 120_000);
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true });
  });

  test('a plan answers for every resource once, as it was made for, and writes nothing', async () => {
    const out = file('first.json');
    const { code, out: json, err } = await ebb(['plan', ...everywhere, '--at', clock.evening, '--json', '--out', out]);
    expect(code).toBe(0);
    expect(err).toContain('Without EBB_LEDGER_TABLE and EBB_MEMORY_TABLE');
    expect(await readFile(out, 'utf8')).toBe(json);
    expect(await look()).toEqual(before);

    const plan = heard(JSON.parse(json));
    expect(before.instances.length).toBeGreaterThanOrEqual(200);
    expect(answersOf(plan)).toEqual(expectedAnswers(before));
    const answers = (Object.keys(cast) as (keyof Cast)[]).map(role => [role, [...new Set(codesOf(plan, cast[role]))].join()]);
    expect(Object.fromEntries(answers)).toEqual({
      ...{ prod: 'no-policy', office: 'off-hours', ownerless: 'off-hours', payroll: 'off-hours', evening: 'started-by-hand' },
      ...{ kept: 'kept', spot: 'spot', scratch: 'instance-store-data', guarded: 'stop-protected', misspelt: 'bad-tag' },
      ...{ optedOut: 'opted-out', idle: 'idle', busy: 'in-use', patchy: 'thin-data', young: 'just-started', always: 'on-hours-now' },
      ...{ frugal: 'off-hours,over-budget', wild: 'breaker', halted: 'stopped-by-someone', ended: 'gone', crowded: 'no-policy' },
      ...{ untagged: 'no-policy', measured: 'no-policy', eastDev: 'off-hours', eastProd: 'no-policy', eastNew: 'no-policy' },
    });
    // Moto does not know DescribeInstanceRefreshes, and answers with a page of HTML: told, and no reason to stop here.
    const unread = plan.unread.map(u => u.what);
    expect(unread).toContainEqual(expect.stringMatching(/^instance refresh of web-/));
    // moto has no price list either, and the table that is shipped stands in for it.
    expect(unread.filter(what => !what.startsWith('instance refresh of ') && what !== 'prices of today')).toEqual([]);
    expect(plan.changes.every(change => change.mode === 'plan')).toBe(true);
  }, 60_000);

  test('the page says it in words, within its width', async () => {
    const { code, out } = await ebb(['plan', ...everywhere, '--at', clock.evening, '--zone', 'Asia/Tokyo']);
    expect(code).toBe(0);
    expect(out).toContain('(Asia/Tokyo)');
    expect(out).toMatch(/STOP {2}payroll-test \(i-[0-9a-f]+\) {2}123456789012\/eu-west-1\n {4}Outside day since /);
    expect(out.split('\n').filter(line => [...line].length > 100)).toEqual([]);
  }, 60_000);

  test('a box with four weeks of history is worth money', async () => {
    const { changes } = await planned(addSeconds(clock.evening, BASELINE_LATER), {}, ['--endpoint-url', url, '--config', measured]);
    expect(changes.map(c => [c.resource.id, c.saving?.baseline, (c.saving?.money?.high ?? 0) > 0])).toEqual([
      [cast.measured[0], 'measured', true],
    ]);
  }, 60_000);

  test('without tables nothing is applied, and the remedy is named', async () => {
    const { code, out, err } = await ebb(['apply', file('first.json'), ...there, '--yes']);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^ebb: there are no tables .* set EBB_LEDGER_TABLE and EBB_MEMORY_TABLE to its tables\n$/);
    expect(await look()).toEqual(before);
  }, 60_000);

  test('with tables, exactly the plan is carried out; what changed in between is stale', async () => {
    const keys = 'AttributeName=pk,AttributeType=S AttributeName=sk,AttributeType=S'.split(' ');
    const schema = 'AttributeName=pk,KeyType=HASH AttributeName=sk,KeyType=RANGE'.split(' ');
    const table = (name: string) => () =>
      aws(url, HOME, [
        'dynamodb',
        'create-table',
        '--table-name',
        name,
        '--billing-mode',
        'PAY_PER_REQUEST',
        '--attribute-definitions',
        ...keys,
        '--key-schema',
        ...schema,
      ]);
    await pooled([table('ledger'), table('memory')]);
    tables = ['ledger', 'memory'];
    await remembered(createMemory(dynamo, 'memory'), cast, clock);

    const out = file('second.json');
    const plan = await planned(clock.evening, TABLES, [...everywhere, '--out', out]);

    const [tagged, stopped, ended, ...others] = cast.office;
    await pooled([
      () => aws(url, HOME, ['ec2', 'create-tags', '--resources', String(tagged), '--tags', 'Key=ebb:keep-until,Value=2099-01-01']),
      () => aws(url, HOME, ['ec2', 'stop-instances', '--instance-ids', String(stopped)]),
      () => aws(url, HOME, ['ec2', 'terminate-instances', '--instance-ids', String(ended)]),
    ]);
    const applied = await ebb(['apply', out, ...there, '--yes', '--json'], TABLES);
    expect(applied.err).toContain('It is carried out now.');
    expect(outcomes(applied.out)).toEqual({ done: plan.changes.length - 3, stale: 2, 'already-so': 1 });
    expect(applied.code).toBe(0);

    const after = await look();
    const targets = (kind: Action['kind']) => plan.changes.filter(c => c.action.kind === kind).map(c => c.resource.id);
    const halted = boxesOf(before).filter(id => stateOf(before, id) === 'running' && stateOf(after, id) !== 'running');
    expect(halted.sort()).toEqual(
      targets('stop-instance')
        .filter(id => id !== tagged)
        .sort(),
    );
    expect(targets('stop-instance')).toEqual(expect.arrayContaining([...others, ...cast.idle, ...cast.eastDev]));
    const marked = after.instances.filter(i => tagOf(i, 'ebb:mark')?.startsWith('missing owner - due '));
    expect(marked.map(i => i.InstanceId).sort()).toEqual(targets('create-tags').sort());
    const sizes = after.groups.map(g => [g.AutoScalingGroupName, g.DesiredCapacity]);
    for (const { resource, action } of plan.changes) {
      if (action.kind === 'set-desired-capacity') expect(sizes).toContainEqual([resource.id, action.desiredCapacity]);
    }
  }, 120_000);

  test('the same plan a second time writes nothing: every change was claimed', async () => {
    const was = await look();
    const { code, out } = await ebb(['apply', file('second.json'), ...there, '--yes', '--json'], TABLES);
    expect([code, Object.keys(outcomes(out))]).toEqual([0, ['not-attempted']]);
    const { instances, groups } = await look();
    expect([instances, groups]).toEqual([was.instances, was.groups]);
  }, 60_000);

  test('a plan that somebody edited is refused', async () => {
    const plan = JSON.parse(await readFile(file('second.json'), 'utf8'));
    plan.changes.find((c: Plan['changes'][number]) => c.action.kind === 'stop-instance').resource.id = cast.prod[0];
    writeFileSync(file('edited.json'), JSON.stringify(plan));
    const ran = await ebb(['apply', file('edited.json'), ...there, '--yes'], TABLES);
    expect([ran.code, isOneLine(ran)]).toEqual([2, true]);
    expect(ran.err).toContain('was edited by hand');
  }, 60_000);

  test('paused, stops are refused and starts still go; resumed, the rest is done', async () => {
    const tag = (id: string | undefined, key: string, value: string) => () =>
      aws(url, HOME, ['ec2', 'create-tags', '--resources', String(id), '--tags', `Key=${key},Value=${value}`]);
    await pooled([tag(cast.payroll[0], 'ebb:policy', 'off'), tag(cast.untagged[0], 'owner', 'found@example.com')]);
    await planned(clock.evening, TABLES);
    const out = file('third.json');
    const { changes } = await planned(clock.morning, TABLES, [...everywhere, '--out', out]);
    const starts = changes.filter(c => c.action.kind === 'start-instance').map(c => c.resource.id);
    expect(starts.length).toBeGreaterThan(5);

    const pause = await ebb(['pause', ...there, '--reason', 'audit'], TABLES);
    expect(pause).toMatchObject({ code: 0, out: 'Paused (/ebbtide/dev/pause in eu-west-1): audit. `ebb resume` ends it.\n' });
    const paused = await ebb(['apply', out, ...there, '--yes', '--json'], TABLES);
    expect(paused.code).toBe(1);
    expect(outcomes(paused.out)).toEqual({ done: starts.length, refused: changes.length - starts.length });
    const after = await look();
    expect(starts.filter(id => stateOf(after, id) !== 'running')).toEqual([]);
    expect(cast.evening.map(id => stateOf(after, id))).toEqual(['running', 'running']);

    expect((await ebb(['resume', ...there], TABLES)).out).toBe('Resumed: the next tick acts again.\n');
    const resumed = await ebb(['apply', out, ...there, '--yes', '--json'], TABLES);
    expect(resumed.code).toBe(0);
    expect(outcomes(resumed.out)).toEqual({ done: changes.length - starts.length, 'not-attempted': starts.length });
    const last = await look();
    expect(cast.evening.map(id => stateOf(last, id))).toEqual(['stopped', 'stopped']);
  }, 120_000);

  test('what may not be read is told, and is never a reason to stop anything', async () => {
    const deny = ['ec2:DescribeInstanceAttribute', 'cloudwatch:GetMetricData', 'monitoring:GetMetricData']; // the emulator's name for it is the third
    const keys = await reader(url, deny);
    await guard(url, '0');
    const plan = await planned(clock.evening, keys);
    await guard(url, 'inf');
    expect([codesOf(plan, cast.busy), codesOf(plan, cast.always)]).toEqual([
      ['not-measured', 'not-measured'],
      ['on-hours-now', 'on-hours-now'],
    ]);
    expect(codesOf(plan, cast.evening.concat(cast.guarded))).toContain('stop-protection-unread');
    expect(plan.changes.filter(c => c.action.kind === 'stop-instance')).toEqual([]);
    expect(plan.unread.map(u => u.why).join()).toMatch(/AccessDenied|UnauthorizedOperation/);
  }, 60_000);

  test('why answers for one: by id, by name, for a group', async () => {
    const why = async (id: string | undefined) => (await ebb(['why', String(id), ...there, '--at', clock.evening])).out;
    const [spot, busy, group, member] = await pooled([
      () => why(cast.spot[0]),
      () => why(cast.busy[0]),
      () => why('web-halted'),
      () => why('payroll-test'),
    ]);
    expect(spot).toContain('it is a Spot Instance');
    expect(busy).toContain('88 %');
    expect(group).toContain('Launch');
    expect(member).toContain(String(cast.payroll[0]));
  }, 60_000);

  test('whatever is wrong is one clear line, and the exit code says whose move it is', async () => {
    writeFileSync(file('bad.json'), '{"version":2}');
    writeFileSync(file('not.json'), 'changes: []');
    const nobody = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined, HOME: folder };
    const cases: [number, RegExp, readonly string[], object?][] = [
      [1, /nothing answers: .*--endpoint-url/, ['plan', '--endpoint-url', 'http://127.0.0.1:9', '--config', config]],
      [2, /"nonsense" is not a URL/, ['plan', '--endpoint-url', 'nonsense', '--config', config]],
      [2, /no AWS credentials/, ['plan', ...there], nobody],
      [2, /no AWS credentials.*\[nobody\]/, ['plan', ...there, '--profile', 'nobody'], { HOME: folder }],
      [2, /"eu-west-9" is not an AWS region; did you mean/, ['plan', ...there, '--region', 'eu-west-9']],
      [2, /there is no folder/, ['plan', '--endpoint-url', url, '--config', file('nowhere')]],
      [2, /bad\.json.*ebb plan --out/, ['apply', file('bad.json'), ...there]],
      [2, /is not JSON/, ['apply', file('not.json'), ...there]],
      [2, /cannot be read \(ENOENT\)/, ['apply', file('missing.json'), ...there]],
      [2, /nobody is there to ask/, ['apply', file('third.json'), ...there], TABLES],
      [2, /there is no i-0123456789abcdef0 in 123456789012\/eu-west-1; /, ['why', 'i-0123456789abcdef0', ...there]],
      [2, /finds no such table/, ['plan', ...there], { EBB_LEDGER_TABLE: 'nope', EBB_MEMORY_TABLE: 'nope' }],
    ];
    const ran = await pooled(
      cases.map(
        ([, , args, environment]) =>
          () =>
            ebb(args, environment as Record<string, string>),
      ),
    );
    for (const [i, [code, line]] of cases.entries()) {
      expect({ ...ran[i], isOneLine: ran[i] && isOneLine(ran[i]) }).toMatchObject({
        code,
        err: expect.stringMatching(line),
        isOneLine: true,
      });
    }
  }, 120_000);

  test('every reason that such an account can show was shown', () => {
    expect([...told].sort()).toEqual(shown);
  });
});

const dynamo = new DynamoDBClient({
  endpoint: url || 'http://127.0.0.1',
  region: HOME,
  credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
});

/** Ids of all that are no group's members, which come and go with its size. */
const boxesOf = ({ instances }: Seen): string[] =>
  instances.flatMap(i => (tagOf(i, 'aws:autoscaling:groupName') === undefined ? (i.InstanceId ?? []) : []));
