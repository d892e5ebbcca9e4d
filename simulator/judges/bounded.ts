/**
 * Bounded: what is taken away stays within the budgets, per run, day and owner, each policy's own; a tripped breaker lets nothing through that
 * was measured. A mark, the first step towards a stop, counts against the budget of tags.
 */
import { epochSeconds, type Instant, utcDay } from '../../shared/model/time.ts';
import type { Budget, InstancePolicy, TagPolicy } from '../../shared/policy/schema.ts';
import type { Look } from '../faults/looks.ts';
import type { Evidence } from '../swarm/evidence.ts';
import type { Write } from '../world/record.ts';
import { askedFor } from './asked.ts';
import { tooManyUpdates } from './environments.ts';
import { arguedBy, hoursFor, nameOf, ourChanges, policiesAt, speaksFor, tagsAt, tagsBefore, tagsIn, visitOf } from './facts.ts';
import { isApproved } from './protected.ts';
import { MARK } from './tags.ts';
import type { Judge, Violation } from './verdict.ts';
import { isOn } from './wall-clock.ts';

type Found = Iterable<Omit<Violation, 'promise'>>;

export const bounded: Judge = function* (evidence) {
  yield* tooManyUpdates(evidence);
  const stops = stopsOf(evidence);
  const speaks = ({ write, id }: Taken) => policyFor(evidence, id, write.at);
  for (const theirs of Map.groupBy(stops, one => speaks(one)?.name).values()) {
    const policy = theirs.map(speaks).find(p => p !== null);
    if (policy !== undefined) yield* within(evidence, theirs, policy.budget, 'stops');
  }
  const tags = policiesAt(evidence, evidence.plot.from).find((p): p is TagPolicy => p.kind === 'tags');
  if (tags !== undefined) yield* within(evidence, marksOf(evidence), tags.budget, 'marks');
  yield* untripped(evidence, stops);
};

/** One thing that one of our writes has taken, or begun to take. */
interface Taken {
  readonly write: Write;
  readonly id: string;
}

/** What somebody asked for is taken from nobody. */
const stopsOf = (evidence: Evidence): Taken[] =>
  ourChanges(evidence)
    .filter(w => w.action === 'StopInstances')
    .flatMap(write => write.changed.filter(id => askedFor(evidence, write, id) === null).map(id => ({ write, id })));

const marksOf = (evidence: Evidence): Taken[] =>
  ourChanges(evidence).flatMap(write => {
    const isMarked = (id: string) => tagsIn(write, id).written[MARK] !== undefined;
    const isNew = (id: string) => tagsBefore(evidence, id, write.sequence)[MARK] !== tagsIn(write, id).written[MARK];
    // A group is named once for each of its tags.
    return [...new Set(write.changed)].filter(id => isMarked(id) && isNew(id)).map(id => ({ write, id }));
  });

function* within(evidence: Evidence, taken: readonly Taken[], { perRun, perOwner, perDay }: Budget, what: 'stops' | 'marks'): Found {
  for (const [visit, theirs] of Map.groupBy(taken, ({ write }) => visitOf(evidence, write))) {
    if (visit === null) continue;
    const { at, doorbells } = visit;
    // Each doorbell of a batch is a run of its own.
    if (theirs.length > perRun * doorbells) yield { at, what: `${theirs.length} ${what} in one run, where ${perRun} are allowed` };
    for (const [owner, some] of Map.groupBy(theirs, ({ id }) => tagsAt(evidence, id, at)['ebb:owner'] ?? null)) {
      if (owner !== null && some.length > perOwner * doorbells)
        yield { at, what: `${some.length} ${what} of ${owner} in one run, where ${perOwner} are allowed` };
    }
  }
  for (const [day, theirs] of Map.groupBy(taken, ({ write }) => utcDay(write.at))) {
    const [first] = theirs;
    if (first !== undefined && theirs.length > perDay)
      yield { at: first.write.at, what: `${theirs.length} ${what} on ${day}, where ${perDay} are allowed` };
  }
}

/** So many at once by measurement, of so few: we saw the world wrongly. In on-hours nothing else argues for a stop, but a deadline. */
function* untripped(evidence: Evidence, stops: readonly Taken[]): Found {
  const measured = stops.filter(
    ({ write, id }) =>
      !isApproved(evidence, id, write.at) &&
      (arguedBy(evidence, write, id) === 'tag-deadline' ||
        [-SKEW, SKEW].every(by => isOn(hoursFor(evidence, tagsAt(evidence, id, write.at)), epochSeconds(write.at) + by))),
  );
  for (const [look, together] of Map.groupBy(measured, one => wholeLook(evidence, one))) {
    if (look === null) continue;
    for (const theirs of Map.groupBy(together, ({ write, id }) => policyFor(evidence, id, write.at)?.name).values()) {
      const [{ write, id }] = theirs as [Taken];
      const policy = policyFor(evidence, id, write.at);
      const matched = policy === null ? 0 : matchedBy(evidence, policy, write.at);
      if (policy === null || theirs.length < policy.breaker.atLeast || theirs.length <= policy.breaker.share * matched) continue;
      const names = theirs.map(one => nameOf(evidence, one.id)).join(', ');
      const what = `${names} stopped by measurement in one run, of ${matched} that the policy matches: the breaker should have tripped`;
      yield { at: write.at, what };
    }
  }
}

/** A function whose clock is wrong sees a boundary that many seconds early or late. */
const SKEW = 5;

const policyFor = (evidence: Evidence, id: string, at: Instant): InstancePolicy | null => speaksFor(evidence, tagsAt(evidence, id, at), at);

/**
 * The runs of a batch look one after the other: what was argued from one look at all there is, and looked at once more, is one run's. `null`:
 * it was looked at by name, and so by itself.
 */
function wholeLook(evidence: Evidence, { write, id }: Taken): Look | null {
  const looks = (visitOf(evidence, write)?.looks ?? []).filter(l => l.operation === 'DescribeInstances' && l.seen < write.sequence);
  const whole = looks.findLastIndex(l => l.names === null);
  return looks.slice(whole + 1).filter(l => l.names?.has(id)).length > 1 ? null : (looks[whole] ?? null);
}

/** Instances that exist at an instant and for which the policy speaks. */
const matchedBy = (evidence: Evidence, { name }: InstancePolicy, at: Instant): number =>
  evidence.cloud.record.instances().filter(m => {
    const isThere = m.createdAt <= epochSeconds(at) && (m.terminatedAt === null || m.terminatedAt + 3600 > epochSeconds(at));
    return isThere && policyFor(evidence, m.id, at)?.name === name;
  }).length;
