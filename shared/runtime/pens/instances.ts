/** The instance pen's look: describe, hear what events lost, measure whom a rule would ask about, ask protection of whom it would stop. */
import { decideInstances, type InstanceFacts, isGone, type Standing, standings } from '../../decide/decide-instances.ts';
import { needsBaseline } from '../../decide/enrol.ts';
import { findings } from '../../decide/findings.ts';
import { instanceKey, valuesOf } from '../../memory/shelves.ts';
import type { InstanceMemory } from '../../model/memory.ts';
import type { Instance } from '../../model/observation.ts';
import type { Change } from '../../model/plan.ts';
import { observeChecks } from '../../observe/checks.ts';
import { describeInstances, type SeenInstance } from '../../observe/describe.ts';
import { observeInstances } from '../../observe/instances.ts';
import { why } from '../../observe/why.ts';
import { loadPatterns } from '../../policy/patterns.ts';
import { readOwner, TEAM_TAG } from '../../policy/tags.ts';
import { lateTestimonies } from '../heal.ts';
import { outside } from '../outside.ts';
import { withPrices } from '../prices.ts';
import { marksOf } from '../tag-warnings.ts';
import { FELL_BACK, fellBackFor, type StateChange, witness } from '../witness.ts';
import { lookAtIdleness, withOtherUse } from './idleness.ts';
import { itemsToWrite, type Looked, type Looking, type Machine, spentToday } from './look.ts';
import { preflight, withPreflight } from './preflight.ts';
import { observeSizings, TypeReader, typesToFallBackOn } from './sizes.ts';

export async function lookAtInstances(looking: Looking): Promise<Looked> {
  const { run, look, shelf, open } = looking;
  const { at, scope, config, commitments } = run;
  const memory = valuesOf(shelf.instances);
  await loadPatterns(config.policies);
  const marks = await marksOf(run);
  const standingOf = once(standings({ at, memory, protectionUnread: new Map(), wishes: valuesOf(shelf.wishes) }, config));

  const idleness = await lookAtIdleness(looking, memory);
  const observed = await observeInstances(run.clients, scope, at, {
    ...(typeof look === 'string' ? {} : { ids: look }),
    cpuHours: instance => idleness.cpuHours(instance, standingOf(instance)),
    idleSince: instance => idleness.since(instance, standingOf(instance)),
    baseline: instance => !isGone(instance) && standingOf(instance).policy !== null && needsBaseline(memory.get(instance.ref.id)),
  });
  const priced = await withPrices(run, observed.instances, instance => standingOf(instance).policy !== null);
  const seen = { ...observed, instances: priced.instances, unread: [...observed.unread, ...priced.unread] };
  const shown = [...seen.instances, ...(typeof look === 'string' ? await sought(run, memory, seen.instances) : [])];
  const testimonies = lateTestimonies(memory, shown, typeof look === 'string', { at, scope, seenAt: outside().now() });
  const held = heard(memory, testimonies);
  const { thoughts, apart } = idleness.conclude(seen, held, standingOf);
  const { checks, unread } = await watched(run, held, seen.instances);
  const known = { resources: seen.instances, memory: named(held, seen.instances) };
  const types = new TypeReader(run);
  const sized = looking.measure ? await observeSizings(run, known, standingOf, types) : NOTHING_SIZED;
  const facts: InstanceFacts = {
    at,
    scope,
    ...known,
    unread: [...seen.unread, ...unread, ...sized.unread],
    checks,
    sizings: sized.sizings,
    types: await types.of(typesToFallBackOn(known, standingOf)),
    idle: thoughts,
    pending: open,
    protectionUnread: new Map(),
    wishes: valuesOf(shelf.wishes),
    marks,
    whole: typeof look === 'string',
    disruptionsToday: spentToday(looking),
    commitments,
  };
  const asking = { clients: run.clients, types, config };
  const checked = await preflight(await withOtherUse(facts, run.clients, config), asking, typeof look !== 'string');
  const { plan: decided, next, nextAt, warnings } = decideInstances(checked.facts, config);
  const plan = {
    ...decided,
    changes: withTeams(decided.changes, seen.instances, config.slack.teamTag),
    unread: [...decided.unread, ...types.unread],
  };
  const learnt = withPreflight(checked.told, next, facts.memory);
  const notices = findings(seen.instances, facts.memory, next, at);
  const machines = seen.instances.filter(instance => !isGone(instance)).map(machine(config.slack.teamTag));
  const written = itemsToWrite<InstanceMemory>(learnt, shelf.instances, instanceKey);
  return { plan, next: written, apart: [...apart, ...priced.apart, ...types.kept()], nextAt, testimonies, notices, warnings, machines };
}

const withTeams = (changes: readonly Change[], instances: readonly Instance[], teamTag = TEAM_TAG): Change[] => {
  const teams = new Map(instances.map(({ ref, tags }) => [ref.id, tags[teamTag]]));
  return changes.map(change => {
    const team = teams.get(change.resource.id);
    return team === undefined ? change : { ...change, team };
  });
};

const machine =
  (teamTag = TEAM_TAG) =>
  ({ ref, tags, state, volumes, publicIpv4 }: Instance): Machine => ({
    ...{ resource: ref, owner: readOwner(tags), team: tags[teamTag] ?? null, state },
    ...{ volumes, elasticIps: publicIpv4 === 'elastic' ? 1 : 0 },
  });

const NOTHING_SIZED = { sizings: new Map(), unread: [] };

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

/** Status checks of what we started and what now runs. */
async function watched({ clients }: Looking['run'], memory: ReadonlyMap<string, InstanceMemory>, seen: readonly Instance[]) {
  const ids = seen.filter(i => i.state === 'running' && memory.get(i.ref.id)?.boot != null).map(i => i.ref.id);
  if (ids.length === 0) return { checks: new Map(), unread: [] };
  try {
    return { checks: await observeChecks(clients, ids), unread: [] };
  } catch (error) {
    return { checks: new Map(), unread: [{ what: `status checks of ${ids.length} started`, why: why(error) }] };
  }
}

/** A start that fell back to stopped leaves its cause in the instance's StateReason, and nowhere else. */
function named(memory: ReadonlyMap<string, InstanceMemory>, seen: readonly SeenInstance[]): ReadonlyMap<string, InstanceMemory> {
  const known = new Map(memory);
  for (const { ref, state, stateReason } of seen) {
    const held = memory.get(ref.id);
    if (held?.start?.failure !== FELL_BACK || state !== 'stopped' || stateReason === null || /UserInitiated/.test(stateReason)) continue;
    known.set(ref.id, { ...held, start: { ...held.start, failure: fellBackFor(stateReason) } });
  }
  return known;
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
