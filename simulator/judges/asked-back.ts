/** Of *comes back*: what a person wants back runs, each after those that it starts after, and after a release everything is as it was before us. */
import { addSeconds, epochSeconds, type Instant, MINUTE } from '../../shared/model/time.ts';
import type { Answer } from '../people/answers.ts';
import type { Evidence } from '../swarm/evidence.ts';
import type { Write } from '../world/record.ts';
import { askedFor, wishesOf } from './asked.ts';
import { arguedBy, hoursFor, isOurs, lastCall, nameOf, ourChanges, pausedAt, runBegan, speaksFor, tagsAt } from './facts.ts';
import { isWithheld } from './forgiven.ts';
import { boundsBefore, groupOf, ownBounds } from './sizes.ts';
import { isOn, lastTurn } from './wall-clock.ts';

type Found = Iterable<{ readonly at: Instant; readonly what: string }>;

/** "Start it now" brings it up, unless somebody has done or asked for something else since. */
export function* startNow(
  evidence: Evidence,
  deadlineOf: (due: Instant) => Instant,
  isTold: (id: string, due: Instant, until: Instant) => boolean,
): Found {
  for (const asked of evidence.answers) {
    const { box, at, wants, heard, may, ended } = asked;
    if (wants !== 'running' || heard !== 'accepted' || !may || asked.again) continue;
    const deadline = deadlineOf(ended);
    if (deadline > evidence.plot.end || isOtherwise(evidence, asked, deadline)) continue;
    if (stateAt(evidence, box, at) === 'running' || reaches(evidence, box, at, deadline) || isTold(box, at, deadline)) continue;
    yield { at: deadline, what: `${nameOf(evidence, box)} was asked for at ${at} by ${asked.by}, who was not refused, and does not run` };
  }
}

/** Whether anything else has been said or done about it meanwhile, by whomever. */
export function isOtherwise(evidence: Evidence, asked: Answer, until: Instant): boolean {
  const { box, at } = asked;
  const within = (one: Instant) => one >= at && one <= until;
  const { cloud, done, configs } = evidence;
  const spoken = (when: Instant) => speaksFor(evidence, tagsAt(evidence, box, when), when);
  const began = addSeconds(at, -LOOKING);
  return (
    /^(shutting-down|terminated)$/.test(stateAt(evidence, box, at) ?? '') ||
    wishesOf(evidence, box).some(a => a !== asked && a.at >= at && a.at <= until) ||
    // One that was on its way when it was said may end before or after it.
    cloud.record.writes.some(
      w => w.changed.includes(box) && w.at >= began && w.at <= until && MOVES.test(w.action) && !askedForAt(evidence, w, box, at),
    ) ||
    done.some(d => within(d.at) && /^(pauses|resumes|releases|deploys|troubles)$/.test(d.deed.does)) ||
    configs.some(c => within(c.from)) ||
    [at, until].some(when => pausedAt(evidence, when) || spoken(when) === null) ||
    cloud.record.machine(box)?.group != null
  );
}

/** A look that had begun before it was said. */
const LOOKING = 60;
const MOVES = /^(Start|Stop|Terminate)Instances$|^(Create|Delete)Tags$|^ModifyInstanceAttribute$/;

const askedForAt = (evidence: Evidence, write: Write, id: string, at: Instant): boolean => {
  const asked = isOurs(write) ? askedFor(evidence, write, id) : null;
  return asked !== null && asked.at >= at;
};

const stateAt = ({ cloud }: Evidence, id: string, at: Instant): string | null =>
  cloud.record.transitions.findLast(t => t.instance === id && t.at <= at)?.to ?? null;

const reaches = ({ cloud }: Evidence, id: string, from: Instant, to: Instant): boolean =>
  cloud.record.transitions.some(t => t.instance === id && t.at >= from && t.at <= to && (t.to === 'running' || t.to === 'shutting-down'));

/** The longest that a start waits for another after its hours have begun. */
export const WAITS = 30 * MINUTE;

/** Whoever starts after others does not start before they are up, where these are ours to bring back. */
export function* inTurn(evidence: Evidence): Found {
  for (const write of ourChanges(evidence)) {
    // A release brings everything back at once.
    if (write.action !== 'StartInstances' || write.caller === 'function:ebb') continue;
    for (const id of write.changed) {
      if (askedFor(evidence, write, id) !== null || isForgiven(evidence, write, id)) continue;
      const tags = tagsAt(evidence, id, write.at);
      const hours = hoursFor(evidence, tags);
      const seconds = epochSeconds(write.at);
      // Half an hour after its hours have begun it waits no longer; before them it starts for another reason.
      if (speaksFor(evidence, tags, write.at) === null || !isOn(hours, seconds + SKEW)) continue;
      if (seconds > lastTurn(hours, seconds + SKEW) + WAITS - SKEW) continue;
      for (const name of namesIn(tags)) {
        const before = evidence.ids.get(name);
        if (before === undefined || reachesBack(evidence, name, nameOf(evidence, id), write.at) || !isComing(evidence, before, write))
          continue;
        yield { at: write.at, what: `StartInstances on ${nameOf(evidence, id)}, which starts after ${name}, and that was not up` };
      }
    }
  }
}

/** What was stopped for its tags comes back because it has them, not for its hours: that waits for nobody. */
function isForgiven(evidence: Evidence, write: Write, id: string): boolean {
  const stop = lastCall(evidence, id, 'StopInstances', write.sequence);
  return stop !== null && arguedBy(evidence, stop, id) === 'tag-deadline';
}

/** A clock may be wrong by so much. */
const SKEW = 5;

const namesIn = (tags: Readonly<Record<string, string>>): string[] =>
  (tags['ebb:start-after'] ?? '')
    .split(',')
    .map(name => name.trim())
    .filter(Boolean);

/** Whether it waits, in the end, for whoever waits for it: then nobody waits. */
function reachesBack(evidence: Evidence, from: string, to: string, at: Instant): boolean {
  const seen = new Set<string>();
  const next = [from];
  for (let name = next.pop(); name !== undefined; name = next.pop()) {
    if (name === to) return true;
    if (seen.has(name)) continue;
    seen.add(name);
    next.push(...namesIn(tagsAt(evidence, evidence.ids.get(name) ?? '', at)));
  }
  return false;
}

const ranSince = ({ cloud }: Evidence, id: string, { at }: Write, until: Instant): boolean =>
  cloud.record.transitions.some(t => t.instance === id && t.to === 'running' && t.at > at && t.at <= until);

/** It was stopped when the run began, by our hand, and not at a person's wish, nor kept down for its tags, and its own hours have begun since: it is owed. */
function isComing(evidence: Evidence, id: string, write: Write): boolean {
  const began = runBegan(evidence, write);
  const stop = lastCall(evidence, id, 'StopInstances', write.sequence);
  if (stop === null || !isOurs(stop) || stop.at >= began || askedFor(evidence, stop, id) !== null) return false;
  if (ranSince(evidence, id, stop, began)) return false; // it is AWS that stopped it the last time
  const [hours, seconds] = [hoursFor(evidence, tagsAt(evidence, id, write.at)), epochSeconds(write.at)];
  if (!isOn(hours, seconds + SKEW) || lastTurn(hours, seconds + SKEW) < epochSeconds(stop.at)) return false;
  if (isWithheld(evidence, id, began, write.at)) return false;
  const since = stateAt(evidence, id, began);
  const now = stateAt(evidence, id, write.at);
  return since === 'stopped' && (now === 'stopped' || now === 'pending');
}

/** Once a release is over everything of ours is given back. */
export function* released(evidence: Evidence): Found {
  const { plot, done, hits, visits } = evidence;
  const at = done.find(d => d.deed.does === 'releases')?.at;
  const visit = at === undefined ? undefined : visits.findLast(v => v.function === 'ebb' && v.at <= at);
  if (at === undefined || visit?.ended !== 'answered') return;
  if (hits.some(hit => hit.at >= visit.at && hit.at <= addSeconds(at, SETTLES))) return;
  const troubled = new Set(plot.deeds.flatMap(d => (d.does === 'troubles' ? d.box : [])));
  for (const [name, id] of evidence.ids) {
    const stop = lastCall(evidence, id, 'StopInstances', Number.POSITIVE_INFINITY);
    if (stop === null || !isOurs(stop) || askedFor(evidence, stop, id) !== null || troubled.has(name)) continue;
    // It waits until everything is back.
    if (stop.at <= visit.at && stateAt(evidence, id, at) === 'stopped')
      yield { at, what: `${name}, stopped by us at ${stop.at}, is not back when the release is over` };
  }
  for (const { id } of plot.fleets) {
    if (groupOf(evidence, id) === null) continue;
    const [own, now] = [ownBounds, boundsBefore].map(bounds => bounds(evidence, id, Number.POSITIVE_INFINITY));
    if (own?.minSize !== now?.minSize || own?.maxSize !== now?.maxSize)
      yield {
        at: plot.end,
        what: `${id} has ${now?.minSize} to ${now?.maxSize} after the release at ${at}, and had ${own?.minSize} to ${own?.maxSize}`,
      };
  }
}

/** What was in the middle of its run when the pause was set. */
const SETTLES = 2 * MINUTE;
