/**
 * Ten thousand instances in one account and region at the evening's boundary, through the packaged worker at AWS's page sizes and rates:
 * how long one Lambda would take, and how much memory; and the morning after, when they come back.
 * `npm run bench:scale [-- INSTANCES DUE MEMORY_MB TIMEOUT SHARDS LATENCY] [--morning]`, the first two for each shard, LATENCY a factor.
 * Exit code 1 where not all were moved, a run broke, or what was called is not what the formula says.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build as bundle } from 'esbuild';
import { build } from '../scripts/build.ts';
import { addSeconds, floorTo, type Instant, instant, MINUTE } from '../shared/model/time.ts';
import { createCloud } from '../simulator/cloud.ts';
import { openTables, type Tables } from '../simulator/tables.ts';
import { configOf, devTest, officeHours } from '../test/support/policies.ts';
import { type Counts, type Formula, parted, type Slack } from './formula.ts';
import { runShard, type ShardRun } from './scale/shard.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { morning: { type: 'boolean', default: false } } });
const [instances = 10_000, due = 10_000, memoryMb = 512, timeout = 900, shards = 1, latencyFactor = 1] = positionals.map(Number);
/** Whom a plan asks for their protection at most, for its own sake. */
const ASKED_MAX = 500;
const EVENING = instant('2025-05-14T19:00:05Z');
const MORNING = instant('2025-05-15T07:00:05Z');

/** Runs of one boundary at most. */
const RUNS_MAX = 12;
const nextTick = (at: Instant): Instant => addSeconds(floorTo(at, 5 * MINUTE), 5 * MINUTE + 5);

/** One in a hundred: of AWS at least one call, for a batch that is cut in two; of the tables at least ten, for pages of what is kept together. */
const SLACK: Slack = (call, expected) => {
  if (expected === null) return FEW;
  return Math.max(TABLE.test(call) ? FEW : 1, Math.floor(expected / 100));
};
const TABLE = /^(Get|Put|Delete)Item$/;
/** Of what is asked once for all, and named by no formula: prices, types; pages of a query, which hold a thousand answers or more. */
const FEW = Math.max(10, Math.ceil(instances / 500));

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
  const all: Day[] = [];
  for (let shard = 0; shard < shards; shard++) {
    all.push(await day(child, tables, String(123_456_789_012 + shard)));
    if (shards > 1)
      console.log(
        `shard ${shard + 1}: ${all
          .at(-1)
          ?.evening.map(r => `${r.moved} in ${r.seconds.toFixed(0)} s`)
          .join(', ')}`,
      );
  }
  await tables.close();
  print(all);
  const unmoved = all.some(({ evening }) => evening.reduce((sum, run) => sum + run.moved, 0) < due);
  const gaps = all.flatMap(gapsOf);
  for (const gap of gaps) console.log(`not as the formula says: ${gap}`);
  if (unmoved || gaps.length > 0 || all.some(({ first }) => first.error !== null)) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

type Moved = ShardRun & { readonly moved: number };

interface Day {
  readonly first: ShardRun;
  /** The boundary and, where one run was not enough, the ticks that follow. */
  readonly evening: readonly Moved[];
  readonly morning: readonly Moved[];
}

/** The first look of all, with its four weeks of metrics, is told apart: at the boundary all have been enrolled for long. */
async function day(child: string, tables: Tables, account: string): Promise<Day> {
  const cloud = createCloud({ seed: 1, at: instant('2025-05-14T18:00:00Z'), account, throttling: true });
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
    return runShard({
      cloud,
      tables,
      child,
      bundle: bundlePath,
      config,
      environment,
      event,
      memoryMb,
      timeoutSeconds: timeout,
      latencyFactor,
    });
  };
  const first = await run('all');
  const until = async (action: string, boundary: Instant): Promise<Moved[]> => {
    const soFar = () => cloud.record.writes.filter(w => w.action === action).reduce((sum, w) => sum + w.changed.length, 0);
    const runs: Moved[] = [];
    for (let at = boundary; soFar() < due && runs.length < RUNS_MAX; at = nextTick(cloud.now())) {
      await cloud.advanceTo(at);
      const before = soFar();
      const made = await run('due');
      runs.push({ ...made, moved: soFar() - before });
    }
    return runs;
  };
  const evening = await until('StopInstances', EVENING);
  return { first, evening, morning: values.morning ? await until('StartInstances', MORNING) : [] };
}

function print(all: readonly Day[]): void {
  const [one] = all;
  if (one === undefined) return;
  console.log(
    `${instances} instances, ${due} of them due at 19:00; Lambda of ${memoryMb} MB, ${timeout} s; latencies × ${latencyFactor}; Node ${process.version}`,
  );
  show('first look of all (18:00): enrolment and baselines', one.first, atFirst());
  for (const [n, run] of one.evening.entries()) show(`${n === 0 ? '19:00' : `tick ${n + 1}`}: ${run.moved} stopped`, run, atEvening(run));
  for (const [n, run] of one.morning.entries()) show(`${n === 0 ? '07:00' : `tick ${n + 1}`}: ${run.moved} started`, run, atMorning(run));
  if (all.length === 1) return;
  const runs = all.flatMap(d => d.evening);
  const sum = (of: (run: Moved) => number) => runs.reduce((total, run) => total + of(run), 0);
  const slowest = Math.max(...all.map(d => d.evening.reduce((total, run) => total + run.seconds, 0)));
  const writes = sum(run => (run.calls.get('PutItem') ?? 0) + (run.calls.get('DeleteItem') ?? 0));
  console.log(`\n${all.length} shards: ${sum(run => run.moved)} stopped of ${due * all.length}, in ${runs.length} runs`);
  console.log(
    `  side by side: the slowest in ${slowest.toFixed(0)} s, both tables together ${(writes / slowest).toFixed(0)} writes a second`,
  );
  console.log(
    `  ${Math.max(...runs.map(r => r.rssMb)).toFixed(0)} MB resident at most, ${Math.max(...runs.map(r => r.heapMb)).toFixed(0)} MB of heap`,
  );
}

/** A run that was cut short has done a part, and the next one looks after it: then nothing is held against the formula. */
function gapsOf({ first, evening, morning }: Day): string[] {
  if ([first, ...evening, ...morning].some(run => run.error !== null)) return [];
  const gaps = (run: ShardRun, formula: Formula) => parted(sent(run), formula, SLACK);
  return [
    ...gaps(first, atFirst()),
    ...evening.flatMap(run => gaps(run, atEvening(run))),
    ...morning.flatMap(run => gaps(run, atMorning(run))),
  ];
}

/** Without what was refused and sent once more. */
function sent({ calls, throttled }: ShardRun): Counts {
  return new Map([...calls].filter(([call]) => call !== 'sleep').map(([call, count]) => [call, count - (throttled.get(call) ?? 0)]));
}

function atFirst(): Formula {
  return {
    DescribeInstances: Math.ceil(instances / 1000),
    GetMetricData: Math.ceil(instances / 150), // 672 hourly datapoints each, 100,800 in a call
    PutItem: instances + 2, // what is remembered of each; the agenda and the digest
  };
}

function atEvening({ moved }: Moved): Formula {
  return {
    DescribeInstances: Math.ceil(instances / 1000) + Math.ceil(moved / 20), // and again before each batch
    DescribeInstanceAttribute: Math.min(moved, ASKED_MAX) + moved, // for the plan, and when the pen is lifted
    StopInstances: Math.ceil(moved / 20),
    GetParameter: 1,
    // question, claim, outcome, meter, memory; whose protection was asked for the plan; notices; the agenda
    PutItem: 5 * moved + Math.min(moved, ASKED_MAX) + Math.ceil(moved / 300) + 1,
    GetItem: 2 * moved + 2, // baseline and memory; the agenda, twice
    DeleteItem: moved, // the question
  };
}

function atMorning({ moved }: Moved): Formula {
  return {
    DescribeInstances: Math.ceil(instances / 1000) + Math.ceil(moved / 20),
    StartInstances: Math.ceil(moved / 20),
    GetParameter: 1,
    PutItem: 4 * moved + Math.ceil(moved / 300) + 1, // question, claim, outcome, meter; notices; the agenda
    GetItem: 2 * moved + 2,
    DeleteItem: moved,
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
  for (const [call, count] of [...sent(run)].toSorted((a, b) => b[1] - a[1])) {
    const throttled = run.throttled.get(call);
    const beside = `${formula[call] === undefined ? '' : `  formula ${formula[call]}`}${throttled === undefined ? '' : `, and ${throttled} throttled`}`;
    console.log(`  ${String(count).padStart(8)} ${call.padEnd(26)}${beside}`);
  }
  console.log(`  (the bench took ${run.wallSeconds.toFixed(0)} s)`);
}
