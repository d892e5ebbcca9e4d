/** Plants a bug: applies a patch to a copy of the sources, and plays seeds there until a judge finds it. */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Promised, Violation } from '../../simulator/judges/verdict.ts';
import { idsOf } from '../../simulator/swarm/cut.ts';
import type { Plot } from '../../simulator/swarm/plot.ts';

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
export const plant = (promise: Promised, where: Where): Promise<Found> => withBug(where.bug, simulate => hunt(simulate, promise, where));

export interface Shortest {
  /** As it is printed: the options of the shortest story that breaks the promise. */
  readonly options: string;
  /** How many boxes, fleets, deeds and faults are left of how many. */
  readonly parts: number;
  readonly of: number;
  /** What the printed command breaks, played anew; and the seed as a whole. */
  readonly again: readonly Violation[];
  readonly whole: readonly Violation[];
}

/** The first seed that breaks the promise, cut down to the shortest story; and what its command comes to. */
export function plantAndShrink(promise: Promised, where: Where): Promise<Shortest> {
  return withBug(where.bug, async simulate => {
    const { failed } = await hunt(simulate, promise, where);
    const seed = failed.find(one => one.violations.some(v => v.promise === promise))?.seed;
    if (seed === undefined) throw new Error(`none of ${where.seeds} seeds from ${where.from} on breaks ${promise}`);
    const printed = await simulate(['--seed', String(seed), '--faults', where.faults, '--shrink']);
    const options = /npm run simulate -- (.*)/.exec(printed)?.[1];
    if (options === undefined) throw new Error(`no command was printed: ${printed}`);
    const read = async (how: string[]) => JSON.parse(await simulate([...how, '--json'])) as { plot: Plot; violations: Violation[] };
    const [shortest, whole] = [await read(options.split(' ')), await read(['--seed', String(seed), '--faults', where.faults])];
    return {
      ...{ options, parts: idsOf(shortest.plot).length, of: idsOf(whole.plot).length },
      ...{ again: shortest.violations, whole: whole.violations },
    };
  });
}

type Simulate = (options: readonly string[]) => Promise<string>;

async function hunt(simulate: Simulate, promise: Promised, { bug, from, seeds, faults }: Where): Promise<Found> {
  const twins = bug === 'heals' ? ['--twins'] : [];
  const which = ['--first', promise, '--from', String(from), '--seeds', String(seeds), '--faults', faults];
  const { seeds: played, failed } = JSON.parse(await simulate([...which, ...twins, '--workers', '1', '--json'])) as Found;
  return { seeds: played, failed };
}

/** `npm run simulate` in a copy of the sources with the bug. */
async function withBug<T>(bug: string, play: (simulate: Simulate) => Promise<T>): Promise<T> {
  const copy = mkdtempSync(join(tmpdir(), 'ebbtide-planted-'));
  try {
    for (const source of SOURCES) cpSync(join(ROOT, source), join(copy, source), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    await run('git', ['apply', join(import.meta.dirname, 'planted', `${bug}.patch`)], { cwd: copy });
    return await play(async options => {
      // A broken promise is exit code 1: what we are after.
      const { stdout } = await run(process.execPath, ['cli/simulate.ts', ...options], { cwd: copy, maxBuffer: 1e8 }).catch(
        failed => failed,
      );
      return stdout;
    });
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
