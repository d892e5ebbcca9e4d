/** Many stories in worker processes: each worker is given the next one when it is done with one. */
import { fork } from 'node:child_process';
import { resolve } from 'node:path';
import type { Promised } from '../../simulator/judges/verdict.ts';
import type { Plot } from '../../simulator/swarm/plot.ts';
import type { SeedSummary } from './summary.ts';
import type { Task } from './worker.ts';

export interface Many {
  /** Taken one by one, as workers are free. */
  readonly plots: Iterable<Plot>;
  readonly workers: number;
  /** Whether a story is played once more without faults: one in three otherwise, since a twin costs as much as the story. */
  readonly twins?: boolean;
  /** No further story once this promise was broken. */
  readonly stopAt?: Promised;
  readonly onSeed?: (summary: SeedSummary, done: number) => void;
}

/** @returns what each came to, in the order in which they were done. */
export async function runMany({ plots, workers, twins, stopAt, onSeed }: Many): Promise<SeedSummary[]> {
  const waiting = plots[Symbol.iterator]();
  const done: SeedSummary[] = [];
  let stopped = false;
  const nextTask = (): Task | null => {
    const next = stopped ? null : waiting.next();
    if (next === null || next.done) return null;
    return { plot: next.value, twin: twins ?? next.value.seed % 3 === 0 };
  };
  const work = (first: Task) =>
    new Promise<void>((finish, fail) => {
      const child = fork(resolve(import.meta.dirname, 'worker.ts'));
      const give = (task: Task | null) => (task === null ? child.disconnect() : void child.send(task));
      child.on('message', (summary: SeedSummary) => {
        done.push(summary);
        stopped ||= summary.violations.some(v => v.promise === stopAt);
        onSeed?.(summary, done.length);
        give(nextTask());
      });
      child.on('error', fail);
      child.on('exit', code => (code === 0 ? finish() : fail(new Error(`a worker ended with ${code}`))));
      give(first);
    });
  const firsts = Array.from({ length: workers }, nextTask).filter(task => task !== null);
  await Promise.all(firsts.map(work));
  return done;
}

/** So many stories, the first drawn from the seed `from`. */
export function* drawn(count: number, from: number, draw: (seed: number) => Plot): Generator<Plot> {
  for (let seed = from; seed < from + count; seed++) yield draw(seed);
}
