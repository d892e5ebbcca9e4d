/**
 * AWS calls of one look of each pen over a whole scope, counted behind real SDK clients in the virtual cloud, next to what AWS's page limits
 * allow at best: Σ ⌈items / limit⌉; and a day's metrics, next to a sweep that asks for all of them every hour. `npm run bench:calls [-- INSTANCES …]`
 * Exit code 1 where a look sends one call more or less than its formula says.
 */
import type { Doorbell } from '../shared/model/doorbell.ts';
import type { Pen } from '../shared/model/ids.ts';
import { addSeconds, HOUR, instant, MINUTE } from '../shared/model/time.ts';
import type { FleetPolicy, InstancePolicy, SignalSpec } from '../shared/policy/schema.ts';
import { type Outside, useOutside } from '../shared/runtime/outside.ts';
import { reconcile } from '../shared/runtime/reconcile.ts';
import { runOf } from '../shared/runtime/run.ts';
import { type Cloud, createCloud } from '../simulator/cloud.ts';
import { openTables } from '../simulator/tables.ts';
import { configOf, devTest, requiredTags, webFleet } from '../test/support/policies.ts';
import { type Counts, parted } from './formula.ts';

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

/** Of a day: CPU, network in and network out of each instance that is asked for. */
const SIGNALS_OF_AN_INSTANCE = 3;
const TAIL_HOURS = 26;
const PAST_HOURS = 42 * 24;
/** Newcomers whose past is learned in one look. */
const FIRSTS = 500;
/** Disks of those that would be stopped, over two weeks. */
const DISK_QUERIES = 4;
const DISK_HOURS = 14 * 24;
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
  /** Looks of the same kind before the one that is counted. */
  readonly warmUp?: number;
  readonly formula: (p: Population) => Readonly<Record<string, number>>;
}

/** Those that would be stopped are idle, and asked for every hour, until they are; who is at work is not asked for again within the hour. */
const wouldStop = (p: Population): number => Math.min(p.idle, BUDGET.perRun);
const firstLook = (p: Population) => ({
  DescribeInstances: pages(p.instances, LIMIT.instances),
  GetMetricData:
    metricCalls(Math.min(p.devTest, FIRSTS) * SIGNALS_OF_AN_INSTANCE, PAST_HOURS) +
    metricCalls(p.devTest, HISTORY_HOURS) +
    metricCalls(wouldStop(p) * DISK_QUERIES, DISK_HOURS) +
    CREDITS,
  DescribeInstanceAttribute: wouldStop(p), // one call for each that would be stopped, once a day: EC2 tells it of one instance at a time
  DescribeInstanceStatus: 1, // of those for which maintenance is announced, once a day: none here
  GetProducts: 1, // the price of each type, once a week
  DescribeInstanceTypes: 1, // the families of those that would be stopped, once a month
});
const hourOfInstances = (p: Population) => ({
  DescribeInstances: pages(p.instances, LIMIT.instances),
  GetMetricData: metricCalls(p.idle * SIGNALS_OF_AN_INSTANCE, TAIL_HOURS) + metricCalls(wouldStop(p) * DISK_QUERIES, DISK_HOURS) + CREDITS,
});
/** T instances that would be stopped: their balance, and what they have borrowed. */
const CREDITS = 2;
const minuteOfFleets = (p: Population) => ({
  DescribeAutoScalingGroups: pages(p.fleets, LIMIT.groups),
  GetMetricData: metricCalls(p.fleets * QUERIES_OF_A_FLEET, TAIL_MINUTES),
});

/** In the order in which a deployment would ring them. */
const LOOKS: readonly Look[] = [
  {
    ...{ what: 'instances, the first time: six weeks of history', pen: 'stop-start-instances', look: 'all', after: 0 },
    formula: firstLook,
  },
  { what: 'instances, hourly', pen: 'stop-start-instances', look: 'all', after: HOUR, warmUp: 6, formula: hourOfInstances },
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
  policies: [learned(), followingSignals(), requiredTags({ mode: 'plan', required: [{ key: 'owner' }] })],
});

function learned(): InstancePolicy {
  const { schedule: _, ...policy } = devTest({ mode: 'plan', budget: BUDGET, idle: 'learned', breaker: { share: 1, atLeast: 1 } });
  return policy;
}

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
  const { aws, table, asked, counted } = counters();
  const environment = {
    ...{ AWS_REGION: 'eu-west-1', EBB_LEDGER_TABLE: tables.ledger, EBB_MEMORY_TABLE: tables.memory },
    ...{ POWERTOOLS_LOG_LEVEL: 'SILENT', POWERTOOLS_METRICS_DISABLED: 'true' },
  };
  const restore = useOutside(counted(cloud.outside({ config: CONFIG, tables, environment })));
  const scope = { account: cloud.account, region: 'eu-west-1' };
  for (const { what, pen, look, after, warmUp = 0, formula } of LOOKS) {
    for (let i = 0; i <= warmUp; i++) {
      await cloud.advanceTo(addSeconds(cloud.now(), after));
      aws.clear();
      table.clear();
      await reconcile(await runOf(pen, scope, cloud.account, () => 900_000), look);
    }
    print(what, aws, table, formula(population));
  }
  await day(cloud, population, { asked, table });
  console.log();
  restore();
  await tables.close();
}

/** Twenty-four hourly looks. A fixed rule that sweeps asks for the CPU of each every hour; one that hears what we hear asks for three metrics. */
async function day(
  cloud: Cloud,
  { devTest: boxes }: Population,
  { asked, table }: { asked: Asked; table: Map<string, number> },
): Promise<void> {
  asked.metrics = 0;
  table.clear();
  for (let hour = 0; hour < 24; hour++) {
    await cloud.advanceTo(addSeconds(cloud.now(), HOUR));
    await reconcile(
      await runOf('stop-start-instances', { account: cloud.account, region: 'eu-west-1' }, cloud.account, () => 900_000),
      'all',
    );
  }
  const each = (count: number) => (count / boxes).toFixed(1);
  console.log(`  a day of hourly looks: ${asked.metrics} metrics, ${each(asked.metrics)} an instance-day of ${boxes} dev-test instances`);
  console.log(
    `      always asking would be 24 × ${SIGNALS_OF_AN_INSTANCE} = ${24 * SIGNALS_OF_AN_INSTANCE}; written: ${table.get('PutItem') ?? 0} items`,
  );
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
  const asked: Asked = { metrics: 0 };
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
            const { MetricDataQueries: queries = [] } = args.input as { MetricDataQueries?: readonly { MetricStat?: object }[] };
            asked.metrics += queries.filter(q => q.MetricStat !== undefined).length;
            return next(args);
          },
        { step: 'initialize', name: 'counted' },
      );
      return equipped;
    },
  });
  return { aws, table, asked, counted };
}

/** Metrics are what CloudWatch charges for. */
interface Asked {
  metrics: number;
}

function print(what: string, aws: Counts, table: Counts, formula: Readonly<Record<string, number>>): void {
  const [calls, best] = [sum(aws.values()), sum(Object.values(formula))];
  const ratio = best > 0 ? (calls / best).toFixed(2) : calls === 0 ? '1.00' : '∞';
  console.log(`  ${what.padEnd(50)} ${String(calls).padStart(6)} ${String(best).padStart(8)} ${ratio.padStart(6)}`);
  console.log(`      ${list(aws)}; to the tables: ${list(table)}`);
  for (const gap of parted(aws, formula)) {
    console.log(`      not as the formula says: ${gap}`);
    process.exitCode = 1;
  }
}

function sum(counts: Iterable<number>): number {
  return [...counts].reduce((a, b) => a + b, 0);
}

function list(counts: Counts): string {
  return [...counts].map(([name, n]) => `${n} ${name}`).join(', ') || 'none';
}
