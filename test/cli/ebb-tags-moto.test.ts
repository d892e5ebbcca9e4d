/** `ebb tags` on resources of every kind that the AWS CLI made in an emulator that others wrote. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { moto } from '../support/moto.ts';
import { aws, ebb, hasAwsCli, isOneLine } from './shell.ts';

const server = await moto();
const isPlayed = server !== null && hasAwsCli();
const url = server?.url ?? '';
const REGION = 'eu-west-1';
const folder = mkdtempSync(join(tmpdir(), 'ebb-tags-'));
const there = ['--endpoint-url', url, '--config', folder];

const POLICY = `kind: tags
name: tagging
match:
  resources: [instance, volume, snapshot, elastic-ip, auto-scaling-group, beanstalk-environment]
  except: { tagging: exempt }
required:
  - key: owner
  - { key: environment, values: [dev, prod], from: [network] }
  - { key: cost-center, default: unassigned }
normalise: { keys: { environment: [Env] }, values: { environment: { prod: [Prod] } } }
inherit: [owner, environment, cost-center]
grace: { days: 7 }
settle: 0
`;

/** One that the emulator has always known, of Linux. */
const IMAGE = 'ami-785db401';
const NAME = '=cmd|calc \u202e🦀 <!channel>';
const OWNED = ['owner=payroll', 'environment=dev', 'cost-center=CC-1', 'team=payroll'];

function wearing(tags: readonly string[]): string[] {
  const list = tags.map(tag => ({ Key: tag.slice(0, tag.indexOf('=')), Value: tag.slice(tag.indexOf('=') + 1) }));
  return ['--tag-specifications', JSON.stringify([{ ResourceType: 'instance', Tags: list }])];
}

async function makeAll() {
  const here = (command: string, ...more: readonly string[]) => aws(url, REGION, [...command.split(' '), ...more]);
  const run = (...tags: readonly string[]) =>
    here(
      `ec2 run-instances --image-id ${IMAGE} --instance-type m5.large --query Instances[0].InstanceId`,
      ...(tags.length > 0 ? wearing(tags) : []),
    );
  const owned = await run(...OWNED);
  const bare = await run(`Name=${NAME}`);
  const spelt = await run('owner=shop', 'Env=Prod');
  const root = await here('ec2 describe-volumes --query Volumes[0].VolumeId', '--filters', `Name=attachment.instance-id,Values=${owned}`);
  const loose = await here(`ec2 create-volume --availability-zone ${REGION}a --size 8 --query VolumeId`);
  const snapshot = await here(`ec2 create-snapshot --volume-id ${root} --query SnapshotId`);
  const address = await here('ec2 allocate-address --domain vpc --query AllocationId');
  await here(`autoscaling create-launch-configuration --launch-configuration-name box --image-id ${IMAGE} --instance-type t3.micro`);
  const group =
    'autoscaling create-auto-scaling-group --auto-scaling-group-name web --launch-configuration-name box --min-size 0 --max-size 1';
  await here(group, '--availability-zones', `${REGION}a`);
  await here('elasticbeanstalk create-application --application-name shop');
  const stack = ['--solution-stack-name', '64bit Amazon Linux 2023 v6.5.1 running Node.js 22'];
  const made = 'elasticbeanstalk create-environment --application-name shop --environment-name shop-dev --query EnvironmentId';
  return { owned, bare, spelt, root, loose, snapshot, address, environment: await here(made, ...stack) };
}

interface Told {
  readonly compliance: { readonly all: { readonly resources: number; readonly complete: number } };
  readonly resources: readonly {
    readonly resource: { readonly kind: string; readonly id: string };
    readonly fixes: readonly { readonly key: string; readonly value: string | null }[];
  }[];
}

async function told(...args: readonly string[]): Promise<Told> {
  const { code, out, err } = await ebb(['tags', ...there, '--json', ...args]);
  if (code !== 0) throw new Error(`ebb tags exits ${code}: ${err}`);
  return JSON.parse(out);
}

let made: Awaited<ReturnType<typeof makeAll>>;

(isPlayed ? describe : describe.skip)('every kind of resource', () => {
  beforeAll(async () => {
    mkdirSync(join(folder, 'policies'), { recursive: true });
    writeFileSync(join(folder, 'scopes.yml'), `stage: dev\naccounts:\n  - { account: self, regions: [${REGION}] }\n`);
    writeFileSync(
      join(folder, 'schedules.yml'),
      "always:\n  timeZone: UTC\n  periods: [{ weekdays: mon-sun, begin: '00:00', end: '24:00' }]\n",
    );
    writeFileSync(join(folder, 'slack.yml'), "channel: '#costs'\n");
    writeFileSync(join(folder, 'policies/tagging.yml'), POLICY);
    made = await makeAll();
  }, 120_000);
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true });
  });

  test('has its row: what it lacks, what will be written, what it costs', async () => {
    const { resources, compliance } = await told();
    const kinds = new Set(resources.map(({ resource }) => resource.kind));
    expect([...kinds].sort()).toEqual(['auto-scaling-group', 'beanstalk-environment', 'elastic-ip', 'instance', 'snapshot', 'volume']);
    const of = (id: string) => resources.find(({ resource }) => resource.id === id);
    const all = ['owner', 'environment', 'cost-center'];
    expect(of(made.owned)).toMatchObject({ standing: 'complete', missing: [], team: 'payroll', price: { perMonth: 78_110_000 } });
    expect(of(made.bare)).toMatchObject({ standing: 'lacking', missing: all });
    expect(of(made.spelt)?.fixes).toEqual(
      expect.arrayContaining([
        { key: 'environment', value: 'prod' },
        { key: 'Env', value: null },
        { key: 'cost-center', value: 'unassigned' },
      ]),
    );
    const inherited = all.map((key, i) => ({ key, value: ['payroll', 'dev', 'CC-1'][i] }));
    for (const id of [made.root, made.snapshot]) expect(of(id)?.fixes).toEqual(expect.arrayContaining(inherited));
    expect(of(made.address)).toMatchObject({ missing: all, price: { perMonth: 3_650_000 } });
    for (const id of [made.loose, 'web', made.environment]) expect(of(id)).toMatchObject({ standing: 'lacking' });
    expect(compliance.all.complete).toBe(1);
    // The emulator keeps some thousand snapshots of others.
    expect(resources.filter(({ resource }) => resource.kind === 'snapshot').map(({ resource }) => resource.id)).toEqual([made.snapshot]);
  }, 60_000);

  test('shown, listed and narrowed: nothing that others wrote steers the terminal or the spreadsheet', async () => {
    const text = await ebb(['tags', ...there, '--zone', 'Europe/Berlin']);
    const csv = await ebb(['tags', ...there, '--csv']);
    expect([text.code, csv.code]).toEqual([0, 0]);
    expect(text.out).toMatch(/% complete: 1 of \d+ resources carry every required tag/);
    expect(text.out).toContain(made.bare);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    for (const out of [text.out, csv.out.replaceAll('\r\n', '\n')]) expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202a-\u202e]/);
    expect(csv.out.split('\r\n').find(line => line.includes(made.bare))).toContain(`,'=cmd|calc 🦀 <!channel>,`);
    const volumes = await told('--kind', 'volume');
    expect(new Set(volumes.resources.map(({ resource }) => resource.kind))).toEqual(new Set(['volume']));
    const team = await told('--team', 'payroll');
    expect(team.resources.map(({ resource }) => resource.id)).toEqual([made.owned]);
  }, 60_000);

  test('why tells what is on offer for one of them, and how sure it is', async () => {
    const subnet = await aws(url, REGION, [
      'ec2',
      'describe-instances',
      '--instance-ids',
      made.bare,
      '--query',
      'Reservations[0].Instances[0].SubnetId',
    ]);
    await aws(url, REGION, ['ec2', 'create-tags', '--resources', subnet, '--tags', 'Key=owner,Value=net']);
    const box = await ebb(['why', made.bare, ...there]);
    expect(box.out.replace(/\s+/g, ' ')).toContain(`On offer (guess): owner=net: ${subnet} carries it.`);
    const address = await ebb(['why', made.address, ...there]);
    expect([address.code, address.out]).toEqual([0, expect.stringContaining('Required tags are missing (owner and environment)')]);
  }, 60_000);

  test('whatever is wrong is one clear line, and the exit code says whose move it is', async () => {
    const cases: [RegExp, readonly string[]][] = [
      [/--csv and --json are two forms of one answer/, ['--csv', '--json']],
      [/--csv has a line for each resource and none for each key/, ['--csv', '--cost-allocation']],
      [/there is no team "payrol"; did you mean "payroll"/, ['--team', 'payrol']],
      [/Allowed choices are instance, volume/, ['--kind', 'bucket']],
    ];
    for (const [line, args] of cases) {
      const ran = await ebb(['tags', ...there, ...args]);
      expect([ran.code, ran.out]).toEqual([2, '']);
      expect(ran.err).toMatch(line);
      if (!args.includes('--kind')) expect(isOneLine(ran)).toBe(true);
    }
    // Nobody answers for Cost Explorer there: the rest is told all the same.
    const ran = await ebb(['tags', ...there, '--cost-allocation']);
    expect([ran.code, ran.out]).toEqual([1, expect.stringContaining('Cost Explorer did not tell which keys are activated')]);
    const help = await ebb(['tags', '--help']);
    for (const option of ['--team', '--kind', '--cost-allocation', '--csv', '--json', '--zone', 'Exit codes'])
      expect(help.out).toContain(option);
  }, 60_000);
});
