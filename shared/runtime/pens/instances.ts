/** The instance pen's look: describe, hear what events lost, measure whom a rule would ask about, ask protection of whom it would stop. */
import { decideInstances, type InstanceFacts, isGone, type Standing, standings, wouldMeasure } from '../../decide/decide-instances.ts';
import { needsBaseline } from '../../decide/enrol.ts';
import { instanceKey, valuesOf } from '../../memory/shelves.ts';
import type { InstanceMemory } from '../../model/memory.ts';
import type { Instance } from '../../model/observation.ts';
import { describeInstances } from '../../observe/describe.ts';
import { observeInstances } from '../../observe/instances.ts';
import { lateTestimonies } from '../heal.ts';
import { type StateChange, witness } from '../witness.ts';
import { preflight, withPreflight } from './preflight.ts';
import { itemsToWrite, type Looked, type Looking, spentToday } from './look.ts';

export async function lookAtInstances(looking: Looking): Promise<Looked> {
  const { run, look, measure, shelf, open } = looking;
  const { at, scope, config, commitments } = run;
  const memory = valuesOf(shelf.instances);
  const standingOf = once(standings({ at, memory, protectionUnread: new Map(), wishes: valuesOf(shelf.wishes) }, config));

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
    wishes: valuesOf(shelf.wishes),
    disruptionsToday: spentToday(looking),
    commitments,
  };
  const checked = await preflight(facts, run.clients, config, typeof look !== 'string');
  const { plan, next, nextAt } = decideInstances(checked.facts, config);
  const learnt = withPreflight(checked.told, next, facts.memory);
  return { plan, next: itemsToWrite<InstanceMemory>(learnt, shelf.instances, instanceKey), apart: [], nextAt, testimonies };
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

/** Standing before measurement is asked for twice of each instance. */
function once(standingOf: (instance: Instance) => Standing): (instance: Instance) => Standing {
  const known = new Map<string, Standing>();
  return instance => {
    const standing = known.get(instance.ref.id) ?? standingOf(instance);
    known.set(instance.ref.id, standing);
    return standing;
  };
}
