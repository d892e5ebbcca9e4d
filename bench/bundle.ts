/**
 * What a cold start pays: size and init time of each bundle next to an empty handler. `npm run bench:bundle [-- RUNS]`
 * Fresh processes, medians, and ratios of wall time, since milliseconds differ from machine to machine.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../scripts/build.ts';

const RUNS = Number(process.argv[2] ?? 11);

const folder = mkdtempSync(join(tmpdir(), 'ebbtide-bench-'));
try {
  const bundles = await build(folder);
  mkdirSync(join(folder, 'empty'));
  writeFileSync(join(folder, 'empty', 'index.mjs'), 'export const handler = async () => {};\n');
  print(measure([{ name: 'empty', entryBytes: 39, bytes: 39 }, ...bundles]));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

interface Row {
  readonly name: string;
  readonly entryBytes: number;
  readonly bytes: number;
  readonly initMs: number;
  readonly wallMs: number;
}

/** Medians of fresh processes, of the import alone and of the whole process; in turns, so that a busy minute meets all of them. */
function measure<Sized extends Pick<Row, 'name' | 'entryBytes' | 'bytes'>>(bundles: readonly Sized[]): Row[] {
  const runs = bundles.map((): { init: number; wall: number }[] => []);
  for (let i = 0; i < RUNS; i++) for (const [j, { name }] of bundles.entries()) runs[j]?.push(start(name));
  return bundles.map(({ name, entryBytes, bytes }, j) => ({
    ...{ name, entryBytes, bytes },
    initMs: median((runs[j] ?? []).map(({ init }) => init)),
    wallMs: median((runs[j] ?? []).map(({ wall }) => wall)),
  }));
}

function start(name: string): { init: number; wall: number } {
  const bundle = JSON.stringify(join(folder, name, 'index.mjs'));
  const code = `const t = performance.now(); await import(${bundle}); console.log(performance.now() - t); process.exit(0)`;
  const begun = performance.now();
  const init = Number(execFileSync(process.execPath, ['--enable-source-maps', '--input-type=module', '-e', code], { encoding: 'utf8' }));
  return { init, wall: performance.now() - begun };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function print(rows: readonly Row[]): void {
  const empty = rows[0]?.wallMs ?? Number.NaN;
  const kb = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`.padStart(12);
  const ms = (value: number) => `${value.toFixed(1)} ms`.padStart(11);
  console.log(`Node ${process.version}, medians of ${RUNS} fresh processes`);
  console.log('handler                 at init       in all       init       wall  ratio of wall to empty');
  for (const { name, entryBytes, bytes, initMs, wallMs } of rows)
    console.log(`${name.padEnd(20)}${kb(entryBytes)}${kb(bytes)}${ms(initMs)}${ms(wallMs)}${(wallMs / empty).toFixed(2).padStart(7)}`);
}
