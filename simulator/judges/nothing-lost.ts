/** Nothing lost: every write in the world's record was claimed before it was made, and is settled in the end; no question stays open. */
import { addSeconds } from '../../shared/model/time.ts';
import { asInstant, nameOf, ourChanges, rowsOf, signatures, visitOf } from './facts.ts';
import type { Judge } from './verdict.ts';

export const nothingLost: Judge = function* (evidence) {
  const claims = new Map(rowsOf(evidence, 'claimed').map(row => [(row['change'] as { id: string }).id, row]));
  const settled = new Set(rowsOf(evidence, 'settled').map(row => String(row['changeId'])));
  for (const write of ourChanges(evidence)) {
    const what = `${write.action} on ${write.changed.map(id => nameOf(evidence, id)).join(', ')}`;
    const ids = signatures(write);
    if (ids.length === 0) yield { at: write.at, what: `${what} bears no change id` };
    for (const id of ids) {
      const claim = claims.get(id);
      const ahead = visitOf(evidence, write)?.skew ?? 0;
      if (claim === undefined) yield { at: write.at, what: `${what}: ${id} was never claimed` };
      else if (asInstant(claim['at']) > addSeconds(write.at, Math.max(0, ahead)))
        yield { at: write.at, what: `${what}: ${id} was claimed only at ${claim['at']}` };
      if (!settled.has(id)) yield { at: write.at, what: `${what}: ${id} was never settled` };
    }
  }
  for (const item of evidence.memory) {
    if (item.sk.startsWith('pending#')) yield { at: evidence.plot.end, what: `${item.sk} is still an open question` };
  }
};
