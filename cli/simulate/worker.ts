/** A worker process: is sent stories one at a time, answers what each came to, and ends when its parent lets go. */
import type { Plot } from '../../simulator/swarm/plot.ts';
import { runPlot } from './run-seed.ts';
import { type SeedSummary, summaryOf } from './summary.ts';

export interface Task {
  readonly plot: Plot;
  /** Whether it is played once more without faults. */
  readonly twin: boolean;
}

process.on('message', (task: Task) => void answer(task).then(summary => process.send?.(summary)));
process.on('disconnect', () => process.exit(0));

async function answer({ plot, twin }: Task): Promise<SeedSummary> {
  try {
    return summaryOf(plot.seed, await runPlot(plot, twin), twin);
  } catch (error) {
    const broke = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { seed: plot.seed, faults: {}, writes: 0, acts: {}, deeds: 0, healsJudged: false, violations: [], digest: '', broke };
  }
}
