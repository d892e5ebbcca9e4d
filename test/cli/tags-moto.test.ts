/** Tags of an account that the AWS CLI made in moto: planned, applied as shown, and quiet after that. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import type { Plan } from '../../shared/model/plan.ts';
import { moto } from '../support/moto.ts';
import { aws, ebb, hasAwsCli } from './shell.ts';

const server = await moto();
const isPlayed = server !== null && hasAwsCli();
const url = server?.url ?? '';
const REGION = 'eu-west-1';
const folder = mkdtempSync(join(tmpdir(), 'ebb-tags-'));
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true });
});

const TABLES = { EBB_LEDGER_TABLE: 'ledger', EBB_MEMORY_TABLE: 'memory' };
const cli = (...args: string[]) => aws(url, REGION, args);

const POLICY = `kind: tags
name: tagging
match: { resources: [instance, volume, snapshot, elastic-ip, auto-scaling-group] }
required:
  - { key: owner, pattern: '[a-z]+' }
  - { key: environment, values: [dev, prod], case: ignore }
  - { key: centre, default: none }
normalise: { keys: { environment: [Env] } }
inherit: [owner, environment]
grace: { days: 7 }
settle: 0
`;

function configure(): string {
  mkdirSync(join(folder, 'policies'), { recursive: true });
  writeFileSync(join(folder, 'scopes.yml'), `stage: dev\naccounts:\n  - account: self\n    regions: [${REGION}]\n`);
  writeFileSync(
    join(folder, 'schedules.yml'),
    "always:\n  timeZone: UTC\n  periods: [{ weekdays: mon-sun, begin: '00:00', end: '24:00' }]\n",
  );
  writeFileSync(join(folder, 'slack.yml'), "channel: '#costs'\n");
  writeFileSync(join(folder, 'policies/tagging.yml'), POLICY);
  return folder;
}

async function makeAccount() {
  const tags = (kind: string, ...pairs: string[]) =>
    `ResourceType=${kind},Tags=[${pairs.map(p => `{Key=${p.split('=')[0]},Value=${p.split('=')[1]}}`).join(',')}]`;
  const box = await cli(
    'ec2',
    'run-instances',
    '--image-id',
    'ami-785db401',
    '--tag-specifications',
    tags('instance', 'owner=ann', 'Env=PROD'),
    '--query',
    'Instances[0].InstanceId',
  );
  const root = await cli(
    'ec2',
    'describe-volumes',
    '--filters',
    `Name=attachment.instance-id,Values=${box}`,
    '--query',
    'Volumes[0].VolumeId',
  );
  const alone = await cli(
    'ec2',
    'create-volume',
    '--availability-zone',
    `${REGION}a`,
    '--size',
    '8',
    '--query',
    'VolumeId',
    '--tag-specifications',
    tags('volume', 'owner=Ann'),
  );
  const snapshot = await cli('ec2', 'create-snapshot', '--volume-id', root, '--query', 'SnapshotId');
  const address = await cli('ec2', 'allocate-address', '--domain', 'vpc', '--query', 'AllocationId');
  await cli(
    'autoscaling',
    'create-launch-configuration',
    '--launch-configuration-name',
    'web',
    '--image-id',
    'ami-785db401',
    '--instance-type',
    't3.micro',
  );
  const group = ['--auto-scaling-group-name', 'web', '--launch-configuration-name', 'web', '--min-size', '1', '--max-size', '2'];
  await cli(
    'autoscaling',
    'create-auto-scaling-group',
    ...group,
    '--availability-zones',
    `${REGION}a`,
    '--tags',
    'Key=owner,Value=web,PropagateAtLaunch=false',
  );
  const member = await cli('autoscaling', 'describe-auto-scaling-groups', '--query', 'AutoScalingGroups[0].Instances[0].InstanceId');
  const schema = ['--attribute-definitions', 'AttributeName=pk,AttributeType=S', 'AttributeName=sk,AttributeType=S'];
  const keys = ['--key-schema', 'AttributeName=pk,KeyType=HASH', 'AttributeName=sk,KeyType=RANGE', '--billing-mode', 'PAY_PER_REQUEST'];
  for (const table of ['ledger', 'memory']) await cli('dynamodb', 'create-table', '--table-name', table, ...schema, ...keys);
  return { box, root, alone, snapshot, address, member, group: 'web' };
}

const tagsOf = async (id: string): Promise<Record<string, string>> => {
  const lines = await cli('ec2', 'describe-tags', '--filters', `Name=resource-id,Values=${id}`, '--query', 'Tags[].[Key,Value]');
  return Object.fromEntries(
    lines
      .split('\n')
      .filter(Boolean)
      .map(line => line.split('\t')),
  );
};

(isPlayed ? test : test.skip)(
  'what the AWS CLI made is put right, kind by kind, and the rest is marked or left with its reason',
  async () => {
    const made = await makeAccount();
    const there = ['--endpoint-url', url, '--config', configure()];
    const planned = async (): Promise<Plan> => {
      const { code, out, err } = await ebb(['plan', ...there, '--json', '--out', join(folder, 'plan.json')], TABLES);
      if (code !== 0) throw new Error(err);
      return JSON.parse(out);
    };
    const said = ({ changes, left }: Plan, id: string) =>
      [...changes, ...left]
        .filter(a => a.resource.id === id && a.pen === 'enforce-tags')
        .map(a => ('action' in a ? `${a.action.kind} ${a.because.code}` : a.because.code));

    // An address tells no birth: it is seen for the first time now, and `settle: 0` asks for no more.
    const plan = await planned();
    expect(Object.fromEntries(Object.entries(made).map(([role, id]) => [role, said(plan, id).join()]))).toEqual({
      box: 'replace-tags tags-fixed',
      root: 'create-tags tags-fixed',
      alone: 'create-tags tags-missing',
      snapshot: 'create-tags tags-fixed',
      address: 'create-tags tags-missing',
      member: 'parent-owns-tags',
      group: 'tag-group tags-missing',
    });
    expect(plan.changes.every(change => change.mode === 'plan')).toBe(true);
    expect(await tagsOf(made.box)).toEqual({ owner: 'ann', Env: 'PROD' });

    const { code, out } = await ebb(['apply', join(folder, 'plan.json'), ...there, '--yes', '--json'], TABLES);
    expect([code, new Set((JSON.parse(out) as { outcome: string }[]).map(r => r.outcome))]).toEqual([0, new Set(['done'])]);
    expect(await tagsOf(made.box)).toEqual({ owner: 'ann', environment: 'prod', centre: 'none' });
    for (const id of [made.root, made.snapshot]) expect(await tagsOf(id)).toEqual({ owner: 'ann', environment: 'prod', centre: 'none' });
    expect(await tagsOf(made.alone)).toMatchObject({
      owner: 'Ann',
      centre: 'none',
      'ebb:mark': expect.stringContaining('missing owner environment'),
    });
    expect(await tagsOf(made.address)).toMatchObject({ 'ebb:mark': expect.stringContaining('missing owner environment') });
    const group = await cli('autoscaling', 'describe-tags', '--query', 'Tags[].[Key,PropagateAtLaunch]');
    expect(group.split('\n').toSorted()).toEqual(['centre\tTrue', 'ebb:mark\tFalse', 'owner\tTrue']);

    const again = await planned();
    expect(again.changes).toEqual([]);
    expect(said(again, made.alone)).toEqual(['marked']);
  },
  300_000,
);
