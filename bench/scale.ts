/**
 * Ten thousand instances in one account and region at the evening's boundary, through the packaged worker at AWS's page sizes and rates:
 * how long one Lambda would take, and how much memory. `npm run bench:scale [-- INSTANCES DUE [MEMORY_MB]]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build as bundle } from 'esbuild';
import { build } from '../scripts/build.ts';
import { instant } from '../shared/model/time.ts';
import { createCloud } from '../simulator/cloud.ts';
import { openTables } from '../simulator/tables.ts';
import { configOf, devTest, officeHours } from '../test/support/policies.ts';
import { runShard, type ShardRun } from './scale/shard.ts';

const [instances = 10_000, due = 2_000, memoryMb = 512] = process.argv.slice(2).map(Number);
const TIMEOUT = 900;
const AT = instant('2025-05-14T19:00:05Z');

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
  print(await evening(child));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** All have been enrolled before: the first look of all, with its four weeks of metrics, is told apart. */
async function evening(child: string): Promise<{ first: ShardRun; boundary: ShardRun; stopped: number }> {
  const tables = await openTables();
  const cloud = createCloud({ seed: 1, at: instant('2025-05-14T18:00:00Z') });
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
      ...{ pen: 'stop-start-instances', scope: { account: cloud.account, region: 'eu-west-1' }, look, at: cloud.now(), cause: 'tick' },
      dedupId: `tick-${look}`,
    };
    const event = { Records: [{ messageId: 'm-1', body: JSON.stringify(doorbell), attributes: { MessageGroupId: 'g' } }] };
    return runShard({ cloud, tables, child, bundle: bundlePath, config, environment, event, memoryMb, timeoutSeconds: TIMEOUT });
  };
  const first = await run('all');
  await cloud.advanceTo(AT);
  const boundary = await run('due');
  const stopped = cloud.record.writes.filter(w => w.action === 'StopInstances').reduce((sum, w) => sum + w.changed.length, 0);
  await tables.close();
  return { first, boundary, stopped };
}

function print({ first, boundary, stopped }: Awaited<ReturnType<typeof evening>>): void {
  console.log(
    `${instances} instances, ${due} of them due at the boundary; Lambda of ${memoryMb} MB, ${TIMEOUT} s; Node ${process.version}`,
  );
  show('first look of all (18:00): enrolment and baselines', first);
  show(`the boundary (19:00): ${stopped} stopped`, boundary);
}

function show(title: string, run: ShardRun): void {
  const share = ((run.seconds / TIMEOUT) * 100).toFixed(0);
  console.log(`\n${title}`);
  console.log(
    `  ${run.seconds.toFixed(0)} s of virtual time (${share} % of a Lambda's ${TIMEOUT} s), of which ${run.cpuSeconds.toFixed(1)} s CPU of this machine`,
  );
  console.log(
    `  memory: ${run.rssMb.toFixed(0)} MB resident at most, ${run.heapMb.toFixed(0)} MB of heap; answer ${JSON.stringify(run.answer)} ${run.error ?? ''}`,
  );
  for (const [call, count] of [...run.calls].toSorted((a, b) => b[1] - a[1]))
    console.log(`  ${String(count).padStart(8)} ${call}${run.throttled.has(call) ? `, ${run.throttled.get(call)} of them throttled` : ''}`);
  console.log(`  (the bench took ${run.wallSeconds.toFixed(0)} s)`);
}
