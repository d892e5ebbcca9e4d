/** Once: one effective write per change id and target, whatever was delivered twice, retried, or begun again after a crash. */
import { nameOf, ourChanges, signatures } from './facts.ts';
import type { Judge } from './verdict.ts';

export const once: Judge = function* (evidence) {
  const seen = new Map<string, string>();
  for (const write of ourChanges(evidence)) {
    for (const target of write.changed) {
      for (const id of signatures(write)) {
        const before = seen.get(`${id} ${target}`);
        if (before !== undefined)
          yield { at: write.at, what: `${write.action} on ${nameOf(evidence, target)} for ${id} took effect at ${before} already` };
        seen.set(`${id} ${target}`, write.at);
      }
    }
  }
};
