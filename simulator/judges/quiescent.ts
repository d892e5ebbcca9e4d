/**
 * Quiescent: a pen that is rung again a second later writes nothing and argues for nothing, unless a budget cut short what it had begun to stop or
 * to mark, or what it began goes on in turn.
 */
import type { Policy } from '../../shared/policy/schema.ts';
import { policiesAt } from './facts.ts';
import type { Judge } from './verdict.ts';

export const quiescent: Judge = function* (evidence) {
  for (const { at, pen, before, wrote: more, argued } of evidence.echoes) {
    const isTight = (kind: Policy['kind']) =>
      policiesAt(evidence, at).some(p => p.kind !== 'fleets' && p.kind === kind && p.budget.perRun < 20);
    const wrote = (action: string) => before.some(write => write.startsWith(action));
    const wasCutShort =
      (pen === 'stop-start-instances' && isTight('instances') && wrote('StopInstances')) ||
      (pen === 'enforce-tags' && isTight('tags') && wrote('Create'));
    const isOrdered = evidence.plot.boxes.some(({ tags }) => tags['ebb:start-after'] !== undefined);
    const goesOn = pen === 'stop-start-instances' && isOrdered && (wrote('StopInstances') || wrote('StartInstances'));
    const again = [...more, ...argued];
    if (again.length > 0 && !wasCutShort && !goesOn) yield { at, what: `${pen}, rung twice, had more to say: ${again.join('; ')}` };
  }
};
