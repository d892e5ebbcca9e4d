/** The instance pen's look: describe, hear what events lost, measure whom a rule would ask about, ask protection of whom it would stop. */
import { decideInstances, type InstanceFacts, isGone, type Standing, standings, wouldMeasure } from '../../decide/decide-instances.ts';
import { needsBaseline } from '../../decide/enrol.ts';
import { instanceKey, valuesOf } from '../../memory/shelves.ts';
import type { InstanceMemory } from '../../model/memory.ts';
import type { Instance, Unread } from '../../model/observation.ts';
import { describeInstances } from '../../observe/describe.ts';
import { observeInstances, observeStopProtection, type StopProtection } from '../../observe/instances.ts';
import { lateTestimonies } from '../heal.ts';
import { type StateChange, witness } from '../witness.ts';
import { itemsToWrite, type Looked, type Looking, spentToday } from './look.ts';

export async function lookAtInstances(looking: Looking): Promise<Looked> {
  const { run, look, measure, shelf, open } = looking;
  const { at, scope, config, commitments } = run;
  const memory = valuesOf(shelf.instances);
  const standingOf = once(standings({ at, memory, protectionUnread: new Map() }, config));

  const seen = await observeInstances(run.clients, scope, at, {
    ...(typeof look === 'string' ? {} : { ids: look }),
    cpuHours: instance => (measure ? hoursToMeasure(instance, standingOf(instance)) : null),
    baseline: instance => !isGone(instance) && standingOf(instance).policy !== null && needsBaseline(memory.get(instance.ref.id)),
  });
  const shown = [...seen.instances, ...(typeof look === 'string' ? await sought(run, memory, seen.instances) : [])];
  const testimonies = lateTestimonies(memory, shown, typeof look === 'string', run);
  const facts: InstanceFacts = {
    at,
    scope,
    resources: seen.instances,
    memory: heard(memory, testimonies),
    unread: seen.unread,
    pending: open,
    protectionUnread: new Map(),
    disruptionsToday: spentToday(looking),
    commitments,
  };
  const { plan, next, nextAt } = decideInstances(await askedForProtection(facts, run, config), config);
  return { plan, next: itemsToWrite<InstanceMemory>(next, shelf.instances, instanceKey), apart: [], nextAt, testimonies };
}

/** A debtor who is missing from the list is asked for by name before it is believed to be gone: nothing that we owe hangs on one answer. */
async function sought({ clients, scope }: Looking['run'], memory: ReadonlyMap<string, InstanceMemory>, seen: readonly Instance[]) {
  const there = new Set(seen.map(i => i.ref.id));
  const missing = [...memory].filter(([id, { stop, start }]) => (stop !== null || start !== null) && !there.has(id)).map(([id]) => id);
  return missing.length === 0 ? [] : describeInstances(clients, scope, missing);
}

/** Memory as it will be once the testimonies are on record. */
function heard(memory: ReadonlyMap<string, InstanceMemory>, testimonies: readonly StateChange[]): ReadonlyMap<string, InstanceMemory> {
  const healed = new Map(memory);
  for (const change of testimonies) {
    const { id } = change.resource;
    const held = healed.get(id);
    const next = held === undefined ? null : witness(held, change).next;
    if (next === null) healed.delete(id);
    else healed.set(id, next);
  }
  return healed;
}

const hoursToMeasure = (instance: Instance, standing: Standing): number | null =>
  wouldMeasure(instance, standing) ? (standing.policy?.idle?.hours ?? null) : null;

/**
 * So many are asked for the plan's sake, in so many rounds: EC2 answers twenty a second. Whoever is beyond that is planned unasked, and asked
 * when the pen is lifted, as everybody is.
 */
const ASKED_MAX = 500;
const ROUNDS_MAX = 10;

/**
 * DisableApiStop costs a call an instance, so only those are asked whom the plan would stop. A guarded one gives its place in the budget
 * to another, who has to be asked as well.
 */
async function askedForProtection(
  facts: InstanceFacts,
  { clients }: Looking['run'],
  config: Parameters<typeof decideInstances>[1],
): Promise<InstanceFacts> {
  let known = facts;
  const asked = new Set<string>();
  for (let round = 0; ; round++) {
    const wouldStop = decideInstances(known, config).plan.changes.filter(c => c.action.kind === 'stop-instance');
    const unasked = wouldStop.map(c => c.resource.id).filter(id => !asked.has(id));
    const asking = round < ROUNDS_MAX ? unasked.slice(0, ASKED_MAX - asked.size) : [];
    if (asking.length === 0) return unasked.length === 0 ? known : { ...known, unread: [...known.unread, notAsked(unasked.length)] };
    for (const id of asking) asked.add(id);
    known = withAnswers(known, await observeStopProtection(clients, asking));
  }
}

const notAsked = (count: number): Unread => ({
  what: `stop protection of ${count} more`,
  why: `a plan asks ${ASKED_MAX} at most: each is asked before it is stopped`,
});

function withAnswers(facts: InstanceFacts, answers: ReadonlyMap<string, StopProtection>): InstanceFacts {
  const unread = new Map<string, string>();
  for (const [id, answer] of answers) if ('why' in answer) unread.set(id, answer.why);
  const resources = facts.resources.map(instance => {
    const answer = answers.get(instance.ref.id);
    return answer !== undefined && 'stopProtection' in answer ? { ...instance, stopProtection: answer.stopProtection } : instance;
  });
  return {
    ...facts,
    resources,
    protectionUnread: new Map([...facts.protectionUnread, ...unread]),
    unread: [...facts.unread, ...[...unread].map(([id, why]): Unread => ({ what: `stop protection of ${id}`, why }))],
  };
}

/** Standing before measurement is asked for twice of each instance. */
function once(standingOf: (instance: Instance) => Standing): (instance: Instance) => Standing {
  const known = new Map<string, Standing>();
  return instance => {
    const standing = known.get(instance.ref.id) ?? standingOf(instance);
    known.set(instance.ref.id, standing);
    return standing;
  };
}
