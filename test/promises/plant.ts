/** Plants a bug: applies a patch to a copy of the sources, and plays seeds there until a judge finds it. */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Promised } from '../../simulator/judges/verdict.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const SOURCES = ['cli', 'config', 'functions', 'scripts', 'shared', 'simulator', 'package.json', 'serverless.yml', 'tsconfig.json'];
const run = promisify(execFile);

export interface Found {
  /** How many seeds were played. */
  readonly seeds: number;
  readonly failed: readonly {
    readonly seed: number;
    readonly violations: readonly { readonly promise: Promised; readonly what: string }[];
  }[];
}

export interface Where {
  /** Name of the patch. */
  readonly bug: string;
  /** The first seed. */
  readonly from: number;
  /** How many at most. */
  readonly seeds: number;
  /** `all`, `none`, or those that bring it to light, by comma. */
  readonly faults: string;
}

/** Plays seeds until one breaks the promise. */
export async function plant(promise: Promised, { bug, from, seeds, faults }: Where): Promise<Found> {
  const copy = mkdtempSync(join(tmpdir(), 'ebbtide-planted-'));
  try {
    for (const source of SOURCES) cpSync(join(ROOT, source), join(copy, source), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    await run('git', ['apply', join(import.meta.dirname, 'planted', `${bug}.patch`)], { cwd: copy });
    const twins = bug === 'heals' ? ['--twins'] : [];
    const options = [
      '--first',
      promise,
      '--from',
      String(from),
      '--seeds',
      String(seeds),
      '--workers',
      '1',
      '--json',
      '--faults',
      faults,
      ...twins,
    ];
    // A broken promise is exit code 1: what we are after.
    const { stdout } = await run(process.execPath, ['cli/simulate.ts', ...options], { cwd: copy, maxBuffer: 1e8 }).catch(failed => failed);
    const { seeds: played, failed } = JSON.parse(stdout) as Found;
    return { seeds: played, failed };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
