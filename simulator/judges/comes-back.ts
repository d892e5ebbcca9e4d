/** Comes back: what we stopped runs again at its next on-hours, or its owner has been told by then why it does not. */
import { addSeconds, epochSeconds, type Instant, instant, MINUTE } from '../../shared/model/time.ts';
import type { Evidence } from '../swarm/evidence.ts';
import { hoursFor, nameOf, ourChanges, tagsAt } from './facts.ts';
import type { Judge } from './verdict.ts';

/** Three ticks, and a boot. */
const GRACE = 20 * MINUTE;
/** The longest distance between two tries of a start, and a tick. */
const RETRY = 40 * MINUTE;

export const comesBack: Judge = function* (evidence) {
  for (const { action, at, changed } of ourChanges(evidence)) {
    if (action !== 'StopInstances') continue;
    for (const id of changed) {
      const due = nextOn(evidence, id, at);
      if (due === null) continue;
      const deadline = patience(evidence, due);
      if (deadline > evidence.plot.end || isBack(evidence, id, at, deadline) || isTold(evidence, id, due, deadline)) continue;
      yield { at: deadline, what: `${nameOf(evidence, id)}, stopped by us at ${at}, was due at ${due}, does not run, and nobody was told` };
    }
  }
};

/** `null` where no hours are to come, or where somebody gave it other ones meanwhile. */
function nextOn(evidence: Evidence, id: string, at: Instant): Instant | null {
  const tags = tagsAt(evidence, id, at);
  const due = hoursFor(evidence, tags).find(h => h.from > epochSeconds(at))?.from;
  if (due === undefined) return null;
  const then = tagsAt(evidence, id, instant(due * 1000));
  return SPOKEN.every(key => tags[key] === then[key]) ? instant(due * 1000) : null;
}

const SPOKEN = ['environment', 'ebb:policy', 'ebb:schedule'];

/** While something goes wrong nobody can be punctual: the clock starts anew when that is over. */
function patience({ plot }: Evidence, due: Instant): Instant {
  let deadline = addSeconds(due, GRACE);
  for (const { from, to } of plot.spells.toSorted((a, b) => (a.from < b.from ? -1 : 1))) {
    const after = addSeconds(to, RETRY);
    if (from <= deadline && after > deadline && to >= due) deadline = after;
  }
  return deadline;
}

const isBack = ({ cloud }: Evidence, id: string, after: Instant, until: Instant): boolean =>
  cloud.record.transitions.some(
    t => t.instance === id && t.at > after && t.at <= until && (t.to === 'running' || t.to === 'shutting-down'),
  );

/** In Slack, or waiting for a Slack that is deaf. */
function isTold(evidence: Evidence, id: string, due: Instant, until: Instant): boolean {
  const names = [id, nameOf(evidence, id)];
  const speaks = (text: string) => names.some(name => text.includes(name)) && /does not come back/.test(text);
  const waiting = evidence.memory
    .filter(i => i.pk === 'outbox')
    .map(i => (i['value'] as { notice?: { kind: string; resource?: { id: string } } }).notice);
  return (
    evidence.told.some(({ at, body }) => at >= due && at <= until && speaks(body)) ||
    waiting.some(notice => notice?.kind === 'start-failing' && notice.resource?.id === id)
  );
}
