/** Once: one effective write per change id and target, whatever was delivered twice, retried, or begun again after a crash. */
import type { Evidence } from '../swarm/evidence.ts';
import { askedFor } from './asked.ts';
import { nameOf, ourChanges, signatures } from './facts.ts';
import type { Judge } from './verdict.ts';

export const once: Judge = function* (evidence) {
  const seen = new Map<string, string>();
  for (const write of ourChanges(evidence)) {
    for (const target of new Set(write.changed)) {
      for (const id of signatures(write)) {
        const key = `${id} ${write.action} ${target}`; // a tag under another key is two calls
        const before = seen.get(key);
        if (before !== undefined)
          yield { at: write.at, what: `${write.action} on ${nameOf(evidence, target)} for ${id} took effect at ${before} already` };
        seen.set(key, write.at);
      }
    }
  }
  yield* pressedTwice(evidence);
};

/** What was pressed and heard is asked for once: the same press again asks for nothing new, whatever has been done by hand meanwhile. */
function* pressedTwice(evidence: Evidence) {
  const pressed = evidence.answers.filter(a => a.button !== null && !CHOOSES.test(a.button));
  for (const again of pressed.filter(a => a.again)) {
    const first = pressed.find(a => a.deed === again.deed && !a.again);
    if (first?.heard !== 'accepted') continue;
    for (const write of ourChanges(evidence)) {
      const asked = askedFor(evidence, write, again.box);
      if (asked === null || asked.by !== again.by || asked.at < again.at || asked.at > again.ended) continue;
      const others = evidence.answers.some(
        a => a.deed !== again.deed && a.by === again.by && a.box === again.box && a.at <= asked.at && asked.at <= a.ended,
      );
      if (!others)
        yield { at: write.at, what: `${write.action} on ${nameOf(evidence, again.box)} for a press that had been heard at ${first.at}` };
    }
  }
}

/** One button for several: what was not picked may be, later. */
const CHOOSES = /^(Start again|Approve \d)/;
