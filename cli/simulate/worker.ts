/** A worker process: is sent seeds one at a time, answers what each came to, and ends when its parent lets go. */
import { plotOf } from '../../simulator/swarm/generate.ts';
import type { FaultKind } from '../../simulator/swarm/plot.ts';
import { runPlot } from './run-seed.ts';
import { type SeedSummary, summaryOf } from './summary.ts';

export interface Task {
  readonly seed: number;
  readonly faults?: readonly FaultKind[];
  readonly days?: number;
  /** Plays every story once more without faults; one in three otherwise. */
  readonly twin?: boolean;
}

/** A twin costs as much as the story: one seed in three has one. */
const hasTwin = (seed: number): boolean => seed % 3 === 0;

process.on('message', (task: Task) => void answer(task).then(summary => process.send?.(summary)));
process.on('disconnect', () => process.exit(0));

async function answer({ seed, twin = hasTwin(seed), ...options }: Task): Promise<SeedSummary> {
  try {
    return summaryOf(seed, await runPlot(plotOf(seed, options), twin), twin);
  } catch (error) {
    const broke = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { seed, faults: {}, writes: 0, deeds: 0, healsJudged: false, violations: [], broke };
  }
}
