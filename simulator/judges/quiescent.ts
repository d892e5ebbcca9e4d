/** Quiescent: where no budget bound, a pen that is rung again in the same second writes nothing. */
import { policiesAt } from './facts.ts';
import type { Judge } from './verdict.ts';

export const quiescent: Judge = function* (evidence) {
  for (const { at, pen, wrote } of evidence.echoes) {
    const isBudgetBound = policiesAt(evidence, at).some(p => p.kind === 'instances' && p.budget.perRun < 20);
    if (wrote.length > 0 && !isBudgetBound) yield { at, what: `${pen}, rung twice, wrote again: ${wrote.join('; ')}` };
  }
};
