/** Many seeds in worker processes: each worker asks for the next seed when it is done with one. */
import { fork } from 'node:child_process';
import { resolve } from 'node:path';
import type { Promised } from '../../simulator/judges/verdict.ts';
import type { SeedSummary } from './summary.ts';
import type { Task } from './worker.ts';

export interface Many {
  readonly seeds: readonly number[];
  readonly workers: number;
  readonly options: Omit<Task, 'seed'>;
  /** No further seed once this promise was broken. */
  readonly stopAt?: Promised;
  readonly onSeed?: (summary: SeedSummary, done: number) => void;
}

export async function runMany({ seeds, workers, options, stopAt, onSeed }: Many): Promise<SeedSummary[]> {
  const waiting = [...seeds];
  const done: SeedSummary[] = [];
  const work = () =>
    new Promise<void>((finish, fail) => {
      const child = fork(resolve(import.meta.dirname, 'worker.ts'));
      const next = () => {
        const seed = waiting.shift();
        if (seed === undefined) child.disconnect();
        else child.send({ seed, ...options } satisfies Task);
      };
      child.on('message', (summary: SeedSummary) => {
        done.push(summary);
        if (summary.violations.some(v => v.promise === stopAt)) waiting.length = 0;
        onSeed?.(summary, done.length);
        next();
      });
      child.on('error', fail);
      child.on('exit', code => (code === 0 ? finish() : fail(new Error(`a worker ended with ${code}`))));
      next();
    });
  await Promise.all(Array.from({ length: Math.min(workers, seeds.length) }, work));
  return done;
}
