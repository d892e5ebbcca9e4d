/** Comes back: what we stopped runs again at its next on-hours, and sizes are what they were, or the owner has been told by then why not. */
import { addSeconds, earlier, epochSeconds, type Instant, instant, later, MINUTE } from '../../shared/model/time.ts';
import type { Evidence } from '../swarm/evidence.ts';
import { askedFor } from './asked.ts';
import { inTurn, released, startNow, WAITS } from './asked-back.ts';
import { environmentsBack } from './environments.ts';
import { hoursFor, isOurs, nameOf, ourChanges, tagsAt } from './facts.ts';
import { forgivenAt, isWithheld } from './forgiven.ts';
import { boundsBefore, groupOf, ownBounds, sizesIn, sleepsAt } from './sizes.ts';
import { isTold } from './told.ts';
import type { Judge } from './verdict.ts';

/** A tick, a start that falls back, the tick that sees it and tries again, a boot; or Slack's own tick, which tells of it. */
const GRACE = 16 * MINUTE;
/** The longest distance between two tries of a start, and a tick. */
const RETRY = 40 * MINUTE;

export const comesBack: Judge = function* (evidence) {
  yield* fleets(evidence);
  yield* startNow(
    evidence,
    due => patience(evidence, due),
    (id, due, until) => isTold(evidence, id, due, until),
  );
  yield* inTurn(evidence);
  yield* released(evidence);
  yield* forgiven(evidence);
  yield* environmentsBack(evidence);
  for (const write of ourChanges(evidence)) {
    const { action, at, changed } = write;
    if (action !== 'StopInstances') continue;
    for (const id of changed) {
      // What a person asked to stop is theirs to start.
      const next = askedFor(evidence, write, id) === null ? nextOn(evidence, id, at) : null;
      if (next === null) continue;
      const { due, until } = next;
      const waits = tagsAt(evidence, id, due)['ebb:start-after'] === undefined ? 0 : WAITS;
      const deadline = patience(evidence, addSeconds(due, waits + (isRetyped(evidence, id, due) ? TICK : 0)));
      // Hours that were over before anybody could be held to them are owed no more; the next ones are.
      if (deadline > earlier(evidence.plot.end, until) || isBack(evidence, id, at, deadline) || isTold(evidence, id, due, deadline))
        continue;
      if (isWithheld(evidence, id, due, deadline)) continue;
      yield {
        at: deadline,
        what: `${nameOf(evidence, id)}, stopped by us at ${at}, was due at ${due}, does not run, and its owner was not told why`,
      };
    }
  }
};

/** What fell back with a type of ours is given its own again first, and tried with it at the next tick. */
const isRetyped = ({ cloud }: Evidence, id: string, due: Instant): boolean =>
  cloud.record.writes.some(
    w => w.action === 'ModifyInstanceAttribute' && isOurs(w) && w.changed.includes(id) && w.at >= due && w.at <= addSeconds(due, GRACE),
  );
const TICK = 5 * MINUTE;

function* forgiven(evidence: Evidence) {
  for (const stop of ourChanges(evidence).filter(w => w.action === 'StopInstances')) {
    for (const id of stop.changed) {
      const free = forgivenAt(evidence, stop, id);
      if (free === null) continue;
      const deadline = patience(evidence, free.due);
      if (deadline > earlier(evidence.plot.end, free.until) || isBack(evidence, id, stop.at, deadline)) continue;
      if (isTold(evidence, id, free.due, deadline) || nextOn(evidence, id, stop.at) === null) continue;
      yield { at: deadline, what: `${nameOf(evidence, id)}, stopped for its tags at ${stop.at}, has them, and does not run` };
    }
  }
}

/** Sizes that a fleet slept with: somebody who sets any of them meanwhile has said what he wants. */
function* fleets(evidence: Evidence) {
  for (const write of ourChanges(evidence)) {
    const { AutoScalingGroupName: name, DesiredCapacity } = sizesIn(write);
    const before = boundsBefore(evidence, name, write.sequence);
    if (write.action !== 'UpdateAutoScalingGroup' || DesiredCapacity === undefined || !sleepsAt(evidence, write.at)) continue;
    const due = nextAwake(evidence, write.at);
    const deadline = due === null ? null : patience(evidence, due);
    if (due === null || deadline === null || deadline > evidence.plot.end || groupOf(evidence, name) === null) continue;
    if (sleepsAt(evidence, deadline) || isTold(evidence, name, due, deadline)) continue;
    const later = evidence.cloud.record.writes.filter(w => w.sequence > write.sequence && w.at <= deadline && w.changed.includes(name));
    if (later.some(w => !isOurs(w))) continue;
    const own = ownBounds(evidence, name, write.sequence);
    const now = boundsBefore(evidence, name, (later.at(-1)?.sequence ?? write.sequence) + 1);
    if (now.minSize < own.minSize || now.maxSize < own.maxSize) {
      const sizes = ({ minSize, maxSize }: typeof own) => `${minSize} to ${maxSize}`;
      yield {
        at: deadline,
        what: `${name}, put to sleep by us at ${write.at}, was due at ${due} with ${sizes(own)} (it had ${sizes(before)}), and has ${sizes(now)}`,
      };
    }
  }
}

/** The first minute of waking hours after an instant. */
function nextAwake(evidence: Evidence, after: Instant): Instant | null {
  for (let at = instant(Math.ceil(epochSeconds(after) / MINUTE) * MINUTE * 1000); at < evidence.plot.end; at = addSeconds(at, MINUTE))
    if (!sleepsAt(evidence, at)) return at;
  return null;
}

/** `null` where no hours are to come, or where somebody gave it other ones meanwhile. */
function nextOn(evidence: Evidence, id: string, at: Instant): { readonly due: Instant; readonly until: Instant } | null {
  const tags = tagsAt(evidence, id, at);
  const hours = hoursFor(evidence, tags).find(h => h.from > epochSeconds(at));
  if (hours === undefined) return null;
  const [due, until] = [instant(hours.from * 1000), instant(hours.to * 1000)];
  const then = tagsAt(evidence, id, due);
  return SPOKEN.every(key => tags[key] === then[key]) ? { due, until } : null;
}

const SPOKEN = ['environment', 'ebb:policy', 'ebb:schedule'];

/** While something really goes wrong with what brings it back, nobody can be punctual: the clock starts anew at the last time that it did. */
function patience({ hits }: Evidence, due: Instant): Instant {
  let deadline = addSeconds(due, GRACE);
  for (const { at, kind } of hits) {
    if (at >= addSeconds(due, -RETRY) && at <= deadline && !HARMLESS.test(kind)) deadline = later(deadline, addSeconds(at, RETRY));
  }
  return deadline;
}

/** Measurements, events and Slack bring nobody back: ticks do. */
const HARMLESS = /-metric$|-event$|slack|^duplicate-/;

const isBack = ({ cloud }: Evidence, id: string, after: Instant, until: Instant): boolean =>
  cloud.record.transitions.some(
    t => t.instance === id && t.at > after && t.at <= until && (t.to === 'running' || t.to === 'shutting-down'),
  );
