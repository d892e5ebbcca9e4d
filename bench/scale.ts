/**
 * Ten thousand instances in one account and region at the evening's boundary, through the packaged worker at AWS's page sizes and rates:
 * how long one Lambda would take, and how much memory. `npm run bench:scale [-- INSTANCES DUE MEMORY_MB TIMEOUT SHARDS]`, the first two for each shard
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build as bundle } from 'esbuild';
import { build } from '../scripts/build.ts';
import { addSeconds, floorTo, type Instant, instant, MINUTE } from '../shared/model/time.ts';
import { createCloud } from '../simulator/cloud.ts';
import { openTables, type Tables } from '../simulator/tables.ts';
import { configOf, devTest, officeHours } from '../test/support/policies.ts';
import { runShard, type ShardRun } from './scale/shard.ts';

const [instances = 10_000, due = 2_000, memoryMb = 512, timeout = 900, shards = 1] = process.argv.slice(2).map(Number);
const AT = instant('2025-05-14T19:00:05Z');

const RUNS_MAX = 6;
const nextTick = (at: Instant): Instant => addSeconds(floorTo(at, 5 * MINUTE), 5 * MINUTE + 5);

const budget = { perRun: instances, perDay: instances, perOwner: instances };
const allDay = { name: 'always', timeZone: 'UTC', periods: [{ weekdays: 'mon-sun', begin: '00:00', end: '24:00' }] };
const config = configOf({
  policies: [devTest({ budget, breaker: { share: 1, atLeast: instances } })],
  schedules: [officeHours(), allDay],
});

const folder = mkdtempSync(join(tmpdir(), 'ebbtide-scale-'));
try {
  await build(join(folder, 'dist'));
  const child = join(folder, 'handler.mjs');
  const entry = join(import.meta.dirname, 'scale/handler.ts');
  await bundle({ entryPoints: [entry], outfile: child, bundle: true, format: 'esm', platform: 'node', target: 'node24' });
  const tables = await openTables();
  const all: Evening[] = [];
  for (let shard = 0; shard < shards; shard++) all.push(await evening(child, tables, String(123_456_789_012 + shard)));
  await tables.close();
  print(all);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

interface Evening {
  readonly first: ShardRun;
  /** The boundary and, where one run was not enough, the ticks that follow. */
  readonly runs: readonly (ShardRun & { readonly stopped: number })[];
}

/** The first look of all, with its four weeks of metrics, is told apart: at the boundary all have been enrolled for long. */
async function evening(child: string, tables: Tables, account: string): Promise<Evening> {
  const cloud = createCloud({ seed: 1, at: instant('2025-05-14T18:00:00Z'), account });
  for (let i = 0; i < instances; i++) {
    const schedule = i < due ? {} : { 'ebb:schedule': 'always' };
    cloud.launch({ tags: { environment: 'dev', Name: `box-${i}`, 'ebb:owner': `team-${i % 200}@example.com`, ...schedule } });
  }
  const environment = {
    ...{ AWS_REGION: 'eu-west-1', EBB_LEDGER_TABLE: tables.ledger, EBB_MEMORY_TABLE: tables.memory },
    ...{ POWERTOOLS_LOG_LEVEL: 'SILENT', POWERTOOLS_METRICS_DISABLED: 'true' },
  };
  const bundlePath = join(folder, 'dist/stop-start-instances/index.mjs');
  const run = (look: 'all' | 'due') => {
    const doorbell = {
      ...{ pen: 'stop-start-instances', scope: { account, region: 'eu-west-1' }, look, at: cloud.now(), cause: 'tick' },
      dedupId: `tick-${cloud.now()}`,
    };
    const event = { Records: [{ messageId: 'm-1', body: JSON.stringify(doorbell), attributes: { MessageGroupId: account } }] };
    return runShard({ cloud, tables, child, bundle: bundlePath, config, environment, event, memoryMb, timeoutSeconds: timeout });
  };
  const stoppedSoFar = () => cloud.record.writes.filter(w => w.action === 'StopInstances').reduce((sum, w) => sum + w.changed.length, 0);
  const first = await run('all');
  const runs: Evening['runs'][number][] = [];
  for (let at = AT; stoppedSoFar() < due && runs.length < RUNS_MAX; at = nextTick(cloud.now())) {
    await cloud.advanceTo(at);
    const before = stoppedSoFar();
    const made = await run('due');
    runs.push({ ...made, stopped: stoppedSoFar() - before });
  }
  return { first, runs };
}

function print(all: readonly Evening[]): void {
  const [one] = all;
  if (one === undefined) return;
  console.log(`${instances} instances, ${due} of them due at 19:00; Lambda of ${memoryMb} MB, ${timeout} s; Node ${process.version}`);
  show('first look of all (18:00): enrolment and baselines', one.first, atFirst());
  for (const [n, run] of one.runs.entries())
    show(`${n === 0 ? 'the boundary' : `tick ${n + 1}`}: ${run.stopped} stopped`, run, atBoundary(run));
  if (all.length === 1) return;
  const each = all.map(e => e.runs.reduce((sum, r) => sum + r.seconds, 0));
  const writes = all.flatMap(e => e.runs).reduce((sum, r) => sum + (r.calls.get('PutItem') ?? 0) + (r.calls.get('DeleteItem') ?? 0), 0);
  const stopped = all.flatMap(e => e.runs).reduce((sum, r) => sum + r.stopped, 0);
  console.log(
    `\n${all.length} shards, side by side: ${stopped} stopped of ${due * all.length}, the slowest in ${Math.max(...each).toFixed(0)} s`,
  );
  console.log(`  both tables together: ${(writes / Math.max(...each)).toFixed(0)} writes a second`);
}

type Formula = Readonly<Record<string, number>>;

function atFirst(): Formula {
  return {
    DescribeInstances: Math.ceil(instances / 1000),
    GetMetricData: Math.ceil(instances / 150), // 672 hourly datapoints each, 100,800 in a call
    PutItem: instances + 2, // what is remembered of each; the agenda and the digest
  };
}

function atBoundary({ stopped, calls, throttled }: Evening['runs'][number]): Formula {
  return {
    DescribeInstances: Math.ceil(instances / 1000) + Math.ceil(stopped / 20), // and again before each batch
    DescribeInstanceAttribute: (calls.get('DescribeInstanceAttribute') ?? 0) - (throttled.get('DescribeInstanceAttribute') ?? 0),
    StopInstances: Math.ceil(stopped / 20),
    GetParameter: 1,
    PutItem: 5 * stopped + Math.ceil(stopped / 300) + 1, // question, claim, outcome, meter, memory; notices; the agenda
    GetItem: 2 * stopped + 2, // baseline and memory; the agenda, twice
    DeleteItem: stopped, // the question
  };
}

function show(title: string, run: ShardRun, formula: Formula): void {
  const share = ((run.seconds / timeout) * 100).toFixed(0);
  console.log(`\n${title}`);
  console.log(
    `  ${run.seconds.toFixed(0)} s of virtual time (${share} % of ${timeout} s), with ${run.cpuSeconds.toFixed(1)} s of this machine's CPU`,
  );
  console.log(
    `  ${run.rssMb.toFixed(0)} MB resident at most, ${run.heapMb.toFixed(0)} MB of heap; ${run.error ?? JSON.stringify(run.answer)}`,
  );
  for (const [call, count] of [...run.calls].toSorted((a, b) => b[1] - a[1])) {
    const throttled = run.throttled.get(call);
    const beside = `${formula[call] === undefined ? '' : `  formula ${formula[call]}`}${throttled === undefined ? '' : `, ${throttled} throttled`}`;
    console.log(`  ${String(count).padStart(8)} ${call.padEnd(26)}${beside}`);
  }
  console.log(`  (the bench took ${run.wallSeconds.toFixed(0)} s)`);
}
