/** The instance pen's look: describe, heal what events lost, measure whom a rule would ask about, ask protection of whom it would stop. */
import { decideInstances, type InstanceFacts, type Standing, standings, wouldMeasure } from '../../decide/decide-instances.ts';
import { needsBaseline } from '../../decide/enrol.ts';
import { instanceKey, valuesOf } from '../../memory/shelves.ts';
import type { InstanceMemory } from '../../model/memory.ts';
import type { Instance, Unread } from '../../model/observation.ts';
import { observeInstances, observeStopProtection } from '../../observe/instances.ts';
import { itemsToWrite, type Looked, type Looking, spentToday } from './look.ts';

export async function lookAtInstances(looking: Looking): Promise<Looked> {
  const { run, look, shelf, open } = looking;
  const { at, scope, config, commitments } = run;
  const memory = valuesOf(shelf.instances);
  const standingOf = once(standings({ at, memory, protectionUnread: new Map() }, config));

  const seen = await observeInstances(run.clients, scope, at, {
    ...(typeof look === 'string' ? {} : { ids: look }),
    cpuHours: instance => (look === 'due' ? null : hoursToMeasure(instance, standingOf(instance))),
    baseline: instance => standingOf(instance).policy !== null && needsBaseline(memory.get(instance.ref.id)),
  });
  const facts: InstanceFacts = {
    at,
    scope,
    resources: seen.instances,
    memory,
    unread: seen.unread,
    pending: open,
    protectionUnread: new Map(),
    disruptionsToday: spentToday(looking),
    commitments,
  };
  const { plan, next, nextAt } = decideInstances(await askedForProtection(facts, run.clients, config), config);
  return { plan, next: itemsToWrite<InstanceMemory>(next, shelf.instances, instanceKey), nextAt };
}

const hoursToMeasure = (instance: Instance, standing: Standing): number | null =>
  wouldMeasure(instance, standing) ? (standing.policy?.idle?.hours ?? null) : null;

/** DisableApiStop costs a call an instance, so only those are asked whom the plan would stop. */
async function askedForProtection(
  facts: InstanceFacts,
  clients: Looking['run']['clients'],
  config: Parameters<typeof decideInstances>[1],
): Promise<InstanceFacts> {
  const wouldStop = decideInstances(facts, config).plan.changes.filter(c => c.action.kind === 'stop-instance');
  if (wouldStop.length === 0) return facts;
  const answers = await observeStopProtection(
    clients,
    wouldStop.map(c => c.resource.id),
  );
  const protectionUnread = new Map<string, string>();
  for (const [id, answer] of answers) if ('why' in answer) protectionUnread.set(id, answer.why);
  const unread: Unread[] = [...protectionUnread].map(([id, why]) => ({ what: `stop protection of ${id}`, why }));
  const resources = facts.resources.map(instance => {
    const answer = answers.get(instance.ref.id);
    return answer !== undefined && 'stopProtection' in answer ? { ...instance, stopProtection: answer.stopProtection } : instance;
  });
  return { ...facts, resources, protectionUnread, unread: [...facts.unread, ...unread] };
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
