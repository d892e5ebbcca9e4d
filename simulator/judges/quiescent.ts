/** Quiescent: a pen that is rung again a second later writes nothing and argues for nothing, unless a budget cut short what it had begun to stop. */
import { policiesAt } from './facts.ts';
import type { Judge } from './verdict.ts';

export const quiescent: Judge = function* (evidence) {
  for (const { at, pen, before, wrote, argued } of evidence.echoes) {
    const isTight = policiesAt(evidence, at).some(p => p.kind === 'instances' && p.budget.perRun < 20);
    const wasCutShort = isTight && pen === 'stop-start-instances' && before.some(write => write.startsWith('StopInstances'));
    const again = [...wrote, ...argued];
    if (again.length > 0 && !wasCutShort) yield { at, what: `${pen}, rung twice, had more to say: ${again.join('; ')}` };
  }
};
