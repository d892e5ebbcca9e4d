/**
 * How fast the virtual cloud is: instance-hours of the working week in a second, alone and with the whole house at work in it, and seeds
 * of the swarm in a minute, each played and judged. `npm run bench:simulate [-- DAYS SEEDS WORKERS]`
 */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { drawn, runMany } from '../cli/simulate/many.ts';
import { addSeconds, DAY, HOUR } from '../shared/model/time.ts';
import { loadConfig } from '../shared/policy/load.ts';
import type { Cloud } from '../simulator/cloud.ts';
import { workingWeek } from '../simulator/scenarios/working-week.ts';
import { openStage } from '../simulator/stage.ts';
import { plotOf } from '../simulator/swarm/generate.ts';
import { openTables } from '../simulator/tables.ts';

const ROOT = resolve(import.meta.dirname, '..');
const [days = 7, seeds = 20, workers = Math.min(2, availableParallelism())] = process.argv.slice(2).map(Number);

console.log(`the working week, ${days} days; Node ${process.version}`);
const alone = await measured(async cloud => async () => void cloud);
show('the world alone', alone);
const housed = await measured(withTheHouse);
show('with the house at work', housed);
await swarm();

/** Instance-hours that ran, and the seconds that it took to play them. */
async function measured(enter: (cloud: Cloud) => Promise<() => Promise<void>>): Promise<{ hours: number; seconds: number }> {
  const { cloud, start } = workingWeek({ seed: 7 });
  const leave = await enter(cloud);
  const end = addSeconds(start, days * DAY);
  const begun = performance.now();
  await cloud.advanceTo(end);
  const seconds = (performance.now() - begun) / 1000;
  await leave();
  const [from, to] = [Date.parse(start) / 1000, Date.parse(end) / 1000];
  const ran = [...cloud.world.regions.values()].flatMap(r => [...r.machines.values()]).flatMap(machine => machine.ran);
  const hours = ran.reduce((sum, span) => sum + Math.max(0, Math.min(span.to ?? to, to) - Math.max(span.from, from)), 0) / HOUR;
  return { hours, seconds };
}

async function withTheHouse(cloud: Cloud): Promise<() => Promise<void>> {
  const tables = await openTables();
  const config = loadConfig(resolve(ROOT, 'config'));
  const region = cloud.regions[0] ?? '';
  await openStage({ cloud, tables, config, serverless: resolve(ROOT, 'serverless.yml'), region });
  return () => tables.close();
}

function show(what: string, { hours, seconds }: { hours: number; seconds: number }): void {
  const rate = Math.round(hours / seconds).toLocaleString('en-US');
  console.log(
    `  ${what.padEnd(24)}${hours.toFixed(0).padStart(7)} instance-hours in ${seconds.toFixed(1).padStart(6)} s: ${rate} a second`,
  );
}

async function swarm(): Promise<void> {
  const begun = performance.now();
  const done = await runMany({ plots: drawn(seeds, 1, seed => plotOf(seed)), workers });
  const seconds = (performance.now() - begun) / 1000;
  const rate = ((done.length / seconds) * 60).toFixed(0);
  const faults = done.flatMap(one => Object.values(one.faults)).reduce((a, b) => a + b, 0);
  const writes = done.reduce((sum, one) => sum + one.writes, 0);
  console.log(
    `\nthe swarm: ${done.length} seeds in ${seconds.toFixed(0)} s on ${workers} workers: ${rate} seeds a minute (${faults} faults, ${writes} writes judged)`,
  );
}
