/** Bounded: what is taken away stays within the budgets, per run, day and owner; a tripped breaker lets nothing through that was measured. */
import { epochSeconds, type Instant, utcDay } from '../../shared/model/time.ts';
import type { Visit } from '../faults/visits.ts';
import type { Evidence } from '../swarm/evidence.ts';
import type { Write } from '../world/record.ts';
import { askedFor } from './asked.ts';
import { tooManyUpdates } from './environments.ts';
import { arguedBy, hoursFor, nameOf, ourChanges, policiesAt, speaksFor, tagsAt, visitOf } from './facts.ts';
import type { Judge } from './verdict.ts';
import { isOn } from './wall-clock.ts';

export const bounded: Judge = function* (evidence) {
  yield* tooManyUpdates(evidence);
  const stops = ourChanges(evidence)
    .filter(w => w.action === 'StopInstances')
    // What somebody asked for is taken from nobody.
    .map(w => ({ ...w, changed: w.changed.filter(id => askedFor(evidence, w, id) === null) }));
  for (const [visit, writes] of Map.groupBy(stops, w => visitOf(evidence, w))) {
    if (visit !== null) yield* oneRun(evidence, visit, writes);
  }
  for (const [day, writes] of Map.groupBy(stops, w => utcDay(w.at))) yield* oneDay(evidence, day, writes);
};

function* oneRun(evidence: Evidence, { doorbells, at }: Visit, writes: readonly Write[]) {
  const limits = policyOf(evidence, at);
  if (limits === null) return;
  const stopped = writes.flatMap(w => w.changed);
  const { perRun, perOwner } = limits.budget;
  // Each doorbell of a batch is a run of its own.
  if (stopped.length > perRun * doorbells) yield { at, what: `${stopped.length} stops in one run, where ${perRun} are allowed` };
  for (const [owner, theirs] of Map.groupBy(stopped, id => tagsAt(evidence, id, at)['ebb:owner'] ?? null)) {
    if (owner !== null && theirs.length > perOwner * doorbells)
      yield { at, what: `${theirs.length} stops of ${owner} in one run, where ${perOwner} are allowed` };
  }
  const measured = writes.flatMap(w =>
    w.changed.filter(
      id => arguedBy(evidence, w, id) !== 'tag-deadline' && isOn(hoursFor(evidence, tagsAt(evidence, id, w.at)), epochSeconds(w.at) + 5),
    ),
  );
  const matched = matchedBy(evidence, at);
  const { atLeast, share } = limits.breaker;
  if (measured.length >= atLeast && measured.length > share * matched && doorbells === 1) {
    const names = measured.map(id => nameOf(evidence, id)).join(', ');
    yield {
      at,
      what: `${names} stopped by measurement in one run, of ${matched} that the policy matches: the breaker should have tripped`,
    };
  }
}

function* oneDay(evidence: Evidence, day: string, writes: readonly Write[]) {
  const [first] = writes;
  const limits = first === undefined ? null : policyOf(evidence, first.at);
  const stopped = writes.flatMap(w => w.changed);
  if (first !== undefined && limits !== null && stopped.length > limits.budget.perDay) {
    yield { at: first.at, what: `${stopped.length} stops on ${day}, where ${limits.budget.perDay} are allowed` };
  }
}

const policyOf = (evidence: Evidence, at: Instant) => policiesAt(evidence, at).find(p => p.kind === 'instances') ?? null;

/** Instances that exist at an instant and for which the policy speaks. */
const matchedBy = (evidence: Evidence, at: Instant): number =>
  evidence.cloud.record.instances().filter(m => {
    const isThere = m.createdAt <= epochSeconds(at) && (m.terminatedAt === null || m.terminatedAt + 3600 > epochSeconds(at));
    return isThere && speaksFor(evidence, tagsAt(evidence, m.id, at), at)?.name === 'dev-test';
  }).length;
