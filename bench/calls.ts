/**
 * AWS calls of one look of each pen over a whole scope, counted behind real SDK clients in the virtual cloud, next to what AWS's page limits
 * allow at best: Σ ⌈items / limit⌉. `npm run bench:calls [-- INSTANCES …]`
 */
import type { Doorbell } from '../shared/model/doorbell.ts';
import type { Pen } from '../shared/model/ids.ts';
import { addSeconds, HOUR, instant, MINUTE } from '../shared/model/time.ts';
import type { FleetPolicy, SignalSpec } from '../shared/policy/schema.ts';
import { type Outside, useOutside } from '../shared/runtime/outside.ts';
import { reconcile } from '../shared/runtime/reconcile.ts';
import { runOf } from '../shared/runtime/run.ts';
import { type Cloud, createCloud } from '../simulator/cloud.ts';
import { openTables } from '../simulator/tables.ts';
import { configOf, idleOnly, requiredTags, webFleet } from '../test/support/policies.ts';

const SIZES = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [100, 1_000, 5_000];
const BUDGET = { perRun: 20, perDay: 200, perOwner: 10 };

/** Two of five instances are dev-test, and one of twenty of those is idle; there is a fleet of two for every fifty. */
interface Population {
  readonly instances: number;
  readonly devTest: number;
  readonly idle: number;
  readonly fleets: number;
}

const populationOf = (instances: number): Population => ({
  instances,
  devTest: Math.floor(instances * 0.4),
  idle: Math.floor(instances * 0.02),
  fleets: Math.floor(instances / 50),
});

/** AWS's own limits for one call. */
const LIMIT = { instances: 1_000, instanceIds: 200, groups: 100, queries: 500, datapoints: 100_800 };
const pages = (items: number, limit: number): number => Math.ceil(items / limit);
/** All queries of a call share its window, so long windows make small calls. */
const metricCalls = (queries: number, datapointsEach: number): number =>
  pages(queries, Math.min(LIMIT.queries, Math.floor(LIMIT.datapoints / datapointsEach)));

const IDLE_HOURS = 24;
const HISTORY_HOURS = 4 * 7 * 24;
/** Of each fleet: its CPU, a queue, and an expression, which counts together with its metric. */
const SIGNALS: readonly SignalSpec[] = [
  { kind: 'cpu' },
  { kind: 'queue', queue: 'jobs-of-{group}', perInstance: 100 },
  {
    ...{ kind: 'metric', of: 'fleet', perInstance: 40, expression: 'orders / 60' },
    metrics: { orders: { namespace: 'Shop', metric: 'Orders', dimensions: { Fleet: '{group}' }, statistic: 'Sum' } },
  },
];
const QUERIES_OF_A_FLEET = 4;
const TAIL_MINUTES = 180;

interface Look {
  readonly what: string;
  readonly pen: Pen;
  readonly look: Doorbell['look'];
  /** Seconds after the look before it. */
  readonly after: number;
  readonly formula: (p: Population) => Readonly<Record<string, number>>;
}

const sweepOfInstances = (p: Population) => ({
  DescribeInstances: pages(p.instances, LIMIT.instances),
  GetMetricData: metricCalls(p.devTest, IDLE_HOURS + 1),
  DescribeInstanceAttribute: Math.min(p.idle, BUDGET.perRun), // one call for each that would be stopped: EC2 tells it of one instance at a time
});
const minuteOfFleets = (p: Population) => ({
  DescribeAutoScalingGroups: pages(p.fleets, LIMIT.groups),
  GetMetricData: metricCalls(p.fleets * QUERIES_OF_A_FLEET, TAIL_MINUTES),
});

/** In the order in which a deployment would ring them. */
const LOOKS: readonly Look[] = [
  {
    ...{ what: 'instances, the first time: four weeks of history', pen: 'stop-start-instances', look: 'all', after: 0 },
    formula: p => ({
      ...sweepOfInstances(p),
      GetMetricData: metricCalls(p.devTest, IDLE_HOURS + 1) + metricCalls(p.devTest, HISTORY_HOURS),
    }),
  },
  { what: 'instances, hourly', pen: 'stop-start-instances', look: 'all', after: HOUR, formula: sweepOfInstances },
  { what: 'instances, every 5 minutes', pen: 'stop-start-instances', look: 'due', after: 5 * MINUTE, formula: () => ({}) },
  {
    ...{ what: 'fleets, the first time: four weeks of history', pen: 'resize-fleets', look: 'all', after: 0 },
    formula: p => ({
      ...minuteOfFleets(p),
      GetMetricData: metricCalls(p.fleets * QUERIES_OF_A_FLEET, TAIL_MINUTES) + metricCalls(p.fleets, HISTORY_HOURS),
      DescribePolicies: 1, // of all groups: none here has any
      DescribeInstances: pages(p.fleets, LIMIT.instanceIds), // a member of each, for its price
    }),
  },
  { what: 'fleets, every minute', pen: 'resize-fleets', look: 'all', after: MINUTE, formula: minuteOfFleets },
  {
    ...{ what: 'tags, every 6 hours', pen: 'enforce-tags', look: 'all', after: 0 },
    formula: p => ({ DescribeInstances: pages(p.instances, LIMIT.instances) }),
  },
];

const CONFIG = configOf({
  policies: [
    idleOnly(IDLE_HOURS, { mode: 'plan', budget: BUDGET }),
    followingSignals(),
    requiredTags({ mode: 'plan', required: [{ key: 'owner' }] }),
  ],
});

function followingSignals(): FleetPolicy {
  const { target: _, ...policy } = webFleet({ mode: 'plan', signals: [...SIGNALS] });
  return policy;
}

for (const size of SIZES) await bench(populationOf(size));

async function bench(population: Population): Promise<void> {
  const { instances, devTest, idle, fleets } = population;
  console.log(`${instances} instances: ${devTest} dev-test, ${idle} of them idle; ${fleets} fleets of two`);
  console.log(`  ${'look'.padEnd(50)}  calls  formula  ratio`);
  const tables = await openTables();
  const cloud = createCloud({ seed: 1, at: instant('2025-05-14T12:00:00Z') });
  furnish(cloud, population);
  const { aws, table, counted } = counters();
  const environment = {
    ...{ AWS_REGION: 'eu-west-1', EBB_LEDGER_TABLE: tables.ledger, EBB_MEMORY_TABLE: tables.memory },
    ...{ POWERTOOLS_LOG_LEVEL: 'SILENT', POWERTOOLS_METRICS_DISABLED: 'true' },
  };
  const restore = useOutside(counted(cloud.outside({ config: CONFIG, tables, environment })));
  const scope = { account: cloud.account, region: 'eu-west-1' };
  for (const { what, pen, look, after, formula } of LOOKS) {
    await cloud.advanceTo(addSeconds(cloud.now(), after));
    aws.clear();
    table.clear();
    await reconcile(await runOf(pen, scope, cloud.account, () => 900_000), look);
    print(what, aws, table, formula(population));
  }
  console.log();
  restore();
  await tables.close();
}

function furnish(cloud: Cloud, { instances, devTest, idle, fleets }: Population): void {
  const owner = { owner: 'team@example.com' };
  for (let i = 0; i < fleets; i++) {
    cloud.createGroup({
      name: `web-${i}`,
      minSize: 2,
      maxSize: 9,
      desiredCapacity: 2,
      demand: () => 0.96,
      tags: owner,
      monitoring: 'detailed',
    });
  }
  for (let i = 0; i < instances - 2 * fleets; i++) {
    const environment = i < devTest ? 'dev' : 'prod';
    cloud.launch({ tags: { environment, ...owner }, cpu: () => (i < idle ? 1 : 60) });
  }
}

/** Counts commands as they are sent, retries not counted again: those to AWS, and those to the two tables apart. */
function counters() {
  const aws = new Map<string, number>();
  const table = new Map<string, number>();
  const counted = (world: Outside): Outside => ({
    ...world,
    equip: client => {
      const equipped = world.equip(client);
      const counts = (client.config as { serviceId?: string }).serviceId === 'DynamoDB' ? table : aws;
      equipped.middlewareStack.add(
        (next, { commandName }) =>
          async args => {
            const name = String(commandName).replace(/Command$/, '');
            counts.set(name, (counts.get(name) ?? 0) + 1);
            return next(args);
          },
        { step: 'initialize', name: 'counted' },
      );
      return equipped;
    },
  });
  return { aws, table, counted };
}

type Counts = ReadonlyMap<string, number>;

function print(what: string, aws: Counts, table: Counts, formula: Readonly<Record<string, number>>): void {
  const [calls, best] = [sum(aws.values()), sum(Object.values(formula))];
  const ratio = best > 0 ? (calls / best).toFixed(2) : calls === 0 ? '1.00' : '∞';
  console.log(`  ${what.padEnd(50)} ${String(calls).padStart(6)} ${String(best).padStart(8)} ${ratio.padStart(6)}`);
  console.log(`      ${list(aws)}; to the tables: ${list(table)}`);
  for (const name of new Set([...aws.keys(), ...Object.keys(formula)])) {
    const [n, expected] = [aws.get(name) ?? 0, formula[name] ?? 0];
    if (n !== expected) console.log(`      not as the formula says: ${n} ${name}, not ${expected}`);
  }
}

function sum(counts: Iterable<number>): number {
  return [...counts].reduce((a, b) => a + b, 0);
}

function list(counts: Counts): string {
  return [...counts].map(([name, n]) => `${n} ${name}`).join(', ') || 'none';
}
