/**
 * One sweep of the tag pen over everything that carries tags, through the packaged worker held to a Lambda's memory: how many calls, beside
 * what AWS's page limits allow at best (Σ ⌈items / limit⌉), and how much heap. `npm run bench:tags [-- RESOURCES … [--memory MB] [--lacking SHARE]]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build as bundle } from 'esbuild';
import { build } from '../scripts/build.ts';
import { addSeconds, DAY, instant } from '../shared/model/time.ts';
import { type Cloud, createCloud } from '../simulator/cloud.ts';
import { openTables } from '../simulator/tables.ts';
import { configOf, requiredTags } from '../test/support/policies.ts';
import { runShard } from './scale/shard.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { memory: { type: 'string', default: '512' }, lacking: { type: 'string', default: '0.01' } },
});
const SIZES = positionals.length > 0 ? positionals.map(Number) : [1_000, 10_000, 100_000];
const LACKING = Number(values.lacking);

/** AWS's limits for one page; addresses have none, and an environment is asked for its tags by itself. */
const PAGE = { instances: 1_000, volumes: 500, snapshots: 1_000, groups: 100, environments: 1_000 };

/** Three policies of EC2 that mark, unmark and stop list the same thousand instances anew: the figure to compare with. */
const CUSTODIAN_PER_1000 = 20;

interface Population {
  readonly instances: number;
  /** One for each instance, and these beside. */
  readonly looseVolumes: number;
  readonly snapshots: number;
  readonly addresses: number;
  readonly groups: number;
  readonly environments: number;
}

/** Of a hundred resources: 30 instances with a volume each, 5 volumes alone, 34 snapshots; a group for every thousand, some addresses. */
const populationOf = (resources: number): Population => {
  const [instances, looseVolumes] = [Math.floor(resources * 0.3), Math.floor(resources * 0.05)];
  const [groups, addresses, environments] = [Math.ceil(resources / 1_000), 5, 5];
  return {
    instances,
    looseVolumes,
    groups,
    addresses,
    environments,
    snapshots: resources - 2 * instances - looseVolumes - groups - addresses - environments,
  };
};

const KINDS = ['instance', 'volume', 'snapshot', 'elastic-ip', 'auto-scaling-group', 'beanstalk-environment'] as const;
const config = configOf({
  policies: [
    requiredTags({
      match: { resources: [...KINDS], except: { tagging: ['exempt'] } },
      required: [
        { key: 'owner' },
        { key: 'environment', values: ['dev', 'prod'], case: 'ignore' },
        { key: 'cost-centre', default: 'none' },
      ],
      normalise: { keys: { environment: ['Env'] }, values: {} },
      inherit: ['owner', 'environment'],
    }),
  ],
});

const folder = mkdtempSync(join(tmpdir(), 'ebbtide-tags-'));
try {
  await build(join(folder, 'dist'));
  const child = join(folder, 'handler.mjs');
  const entry = join(import.meta.dirname, 'scale/handler.ts');
  await bundle({ entryPoints: [entry], outfile: child, bundle: true, format: 'esm', platform: 'node', target: 'node24' });
  console.log(`Node ${process.version}, Lambda of ${values.memory} MB, ${LACKING * 100} % lack a tag`);
  for (const size of SIZES) await sweep(size, child);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function sweep(resources: number, child: string): Promise<void> {
  const tables = await openTables();
  const account = '123456789012';
  const cloud = createCloud({ seed: 1, at: instant('2025-05-14T12:00:00Z'), account, throttling: true });
  const population = populationOf(resources);
  furnish(cloud, population);
  await cloud.advanceTo(addSeconds(cloud.now(), DAY)); // what is just born would only be waited for
  const environment = {
    ...{ AWS_REGION: 'eu-west-1', EBB_LEDGER_TABLE: tables.ledger, EBB_MEMORY_TABLE: tables.memory },
    ...{ POWERTOOLS_LOG_LEVEL: 'SILENT', POWERTOOLS_METRICS_DISABLED: 'true' },
  };
  const run = () => {
    const doorbell = {
      ...{ pen: 'enforce-tags', scope: { account, region: 'eu-west-1' }, look: 'all', at: cloud.now(), cause: 'tick' },
      dedupId: `tick-${cloud.now()}`,
    };
    const event = { Records: [{ messageId: 'm-1', body: JSON.stringify(doorbell), attributes: { MessageGroupId: account } }] };
    const where = { cloud, tables, child, bundle: join(folder, 'dist/enforce-tags/index.mjs'), config, environment, event };
    return runShard({ ...where, memoryMb: Number(values.memory), timeoutSeconds: 900, latencyFactor: 1 });
  };
  console.log(
    `\n${resources} resources: ${Object.entries(population)
      .map(([kind, n]) => `${n} ${kind}`)
      .join(', ')}`,
  );
  print(await run(), resources, formula(population));
  await tables.close();
}

function furnish(cloud: Cloud, { instances, looseVolumes, snapshots, addresses, groups, environments }: Population): void {
  const worn = (i: number) => ({
    ...{ Name: `box-${i}`, environment: i % 2 === 0 ? 'dev' : 'prod', 'cost-centre': `CC-${i % 100}`, project: `project-${i % 50}` },
    ...(LACKING > 0 && i % Math.round(1 / LACKING) === 0 ? {} : { owner: `team-${i % 200}@example.com` }),
  });
  for (let i = 0; i < groups; i++) {
    cloud.createGroup({ name: `web-${i}`, minSize: 0, maxSize: 1, desiredCapacity: 0, demand: () => 0, tags: worn(i) });
  }
  for (let i = 0; i < environments; i++) {
    cloud.createEnvironment({ name: `shop-${i}`, minSize: 0, maxSize: 1, desiredCapacity: 0, demand: () => 0, tags: worn(i) });
  }
  for (let i = 0; i < addresses; i++) cloud.createAddress({ tags: worn(i) });
  const volumes = Array.from({ length: looseVolumes }, (_, i) => cloud.createVolume({ tags: worn(i) }));
  for (let i = 0; i < instances; i++) {
    const [root = ''] = cloud.instance(cloud.launch({ tags: worn(i) })).volumes;
    cloud.wears(root, worn(i));
    volumes.push(root);
  }
  for (let i = 0; i < snapshots; i++) cloud.createSnapshot(volumes[i % volumes.length] ?? '', { tags: worn(i) });
}

function pages(items: number, limit: number): number {
  return Math.ceil(items / limit);
}

function formula({ instances, looseVolumes, snapshots, groups, environments }: Population): Readonly<Record<string, number>> {
  return {
    DescribeInstances: pages(instances, PAGE.instances),
    DescribeVolumes: pages(instances + looseVolumes, PAGE.volumes),
    DescribeSnapshots: pages(snapshots, PAGE.snapshots),
    DescribeAddresses: 1,
    DescribeAutoScalingGroups: pages(groups + environments, PAGE.groups),
    DescribeEnvironments: pages(environments, PAGE.environments),
    ListTagsForResource: environments,
  };
}

function print(run: Awaited<ReturnType<typeof runShard>>, resources: number, best: Readonly<Record<string, number>>): void {
  const reads = Object.keys(best).map(call => ({
    call,
    count: (run.calls.get(call) ?? 0) - (run.throttled.get(call) ?? 0),
    formula: best[call] ?? 0,
  }));
  const sum = (of: (row: (typeof reads)[number]) => number) => reads.reduce((total, row) => total + of(row), 0);
  for (const { call, count, formula: at } of reads) console.log(`  ${call.padEnd(28)} ${String(count).padStart(6)}   formula ${at}`);
  const [calls, least] = [sum(r => r.count), sum(r => r.formula)];
  console.log(
    `  reads ${calls}, formula ${least}, ratio ${(calls / least).toFixed(2)}; ${((calls / resources) * 1_000).toFixed(1)} per 1,000 resources (Cloud Custodian: ${CUSTODIAN_PER_1000} for a thousand instances)`,
  );
  const others = [...run.calls].filter(([call]) => best[call] === undefined && call !== 'sleep').map(([call, n]) => `${n} ${call}`);
  console.log(`  besides: ${others.join(', ')}`);
  console.log(
    `  ${run.heapMb.toFixed(0)} MB of heap and ${run.rssMb.toFixed(0)} MB resident at most; ${run.seconds.toFixed(0)} s of virtual time, ${run.cpuSeconds.toFixed(1)} s of CPU; ${run.error ?? JSON.stringify(run.answer)}`,
  );
}
