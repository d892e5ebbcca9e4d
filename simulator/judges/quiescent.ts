/** Quiescent: where no budget bound, a pen that is rung again a second later writes nothing and argues for nothing. */
import { policiesAt } from './facts.ts';
import type { Judge } from './verdict.ts';

export const quiescent: Judge = function* (evidence) {
  for (const { at, pen, wrote, argued } of evidence.echoes) {
    const isBudgetBound = policiesAt(evidence, at).some(p => p.kind === 'instances' && p.budget.perRun < 20);
    const again = [...wrote, ...argued];
    if (again.length > 0 && !isBudgetBound) yield { at, what: `${pen}, rung twice, had more to say: ${again.join('; ')}` };
  }
};
