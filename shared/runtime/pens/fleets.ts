/** The fleet pen's look: groups, and the demand of those that a policy speaks for. */
import { decideFleets, warmUntil } from '../../decide/decide-fleets.ts';
import { needsBaseline } from '../../decide/enrol.ts';
import { missing } from '../../decide/launches.ts';
import { speakerFor } from '../../decide/speaker.ts';
import { fleetKey, valuesOf } from '../../memory/shelves.ts';
import type { FleetMemory } from '../../model/memory.ts';
import type { Fleet } from '../../model/observation.ts';
import type { Plan } from '../../model/plan.ts';
import { addSeconds, HOUR } from '../../model/time.ts';
import { observeEnvironments } from '../../observe/beanstalk.ts';
import { groupsNamed } from '../../observe/fleet-of.ts';
import { observeRefreshes, observeTerms } from '../../observe/fleet-terms.ts';
import { type FleetWants, observeFleets } from '../../observe/fleets.ts';
import type { FleetPolicy } from '../../policy/schema.ts';
import { meterTurns } from '../fleet-meters.ts';
import { itemsToWrite, type Looked, type Looking } from './look.ts';

export interface FleetsLooked extends Looked {
  readonly fleets: readonly Fleet[];
  /** Whether all groups of the scope were looked at: what is remembered and not among them is gone. */
  readonly whole: boolean;
  /** What was remembered when we looked, by the group's name. */
  readonly held: ReadonlyMap<string, FleetMemory>;
}

export async function lookAtFleets({ run, look, shelf, open }: Looking): Promise<FleetsLooked> {
  const { at, scope, config, commitments } = run;
  const memory = valuesOf(shelf.fleets);
  const spokenFor = (fleet: Fleet): FleetPolicy | null => {
    const { policy, gate } = speakerFor(config.policies, 'fleets', fleet);
    const owned = fleet.beanstalk !== null && !(policy?.beanstalk && fleet.ref.kind === 'beanstalk-environment');
    return gate === null && !owned ? policy : null;
  };
  const wants: FleetWants = {
    ...(typeof look === 'string' ? {} : { ids: await groupsNamed(run.clients, look) }),
    signal: fleet => {
      const policy = spokenFor(fleet);
      if (policy?.target === undefined) return null;
      return { period: policy.target.period, datapoints: Math.max(policy.scaleInDatapoints, policy.scaleOutDatapoints) };
    },
    signals: fleet => {
      const policy = spokenFor(fleet);
      if (policy?.signals === undefined) return null;
      return { period: policy.period, since: addSeconds(at, -3 * HOUR), specs: policy.signals };
    },
    baseline: fleet => spokenFor(fleet) !== null && needsBaseline(memory.get(fleet.ref.id)),
    terms: fleet => spokenFor(fleet) !== null && needsBaseline(memory.get(fleet.ref.id)),
    // A launch is given its time; an event rings when it has failed.
    launches: fleet => {
      const policy = spokenFor(fleet);
      if (policy === null || missing(fleet) === 0) return false;
      const warm = warmUntil(fleet, policy, memory.get(fleet.ref.id) ?? null);
      return typeof look !== 'string' || warm === null || warm <= at;
    },
  };
  const seen = await observeFleets(run.clients, scope, at, wants);
  const known = { at, scope, memory, unread: seen.unread, pending: open, commitments };
  const fleets = await withTerms(run, seen.fleets, f => decideFleets({ ...known, resources: f }, config).plan, memory);
  const { plan, next, nextAt } = decideFleets({ ...known, resources: fleets }, config);
  return {
    plan,
    next: itemsToWrite<FleetMemory>(next, shelf.fleets, fleetKey),
    nextAt,
    testimonies: [],
    fleets,
    whole: typeof look === 'string',
    held: memory,
  };
}

/**
 * Most minutes change nothing: only a fleet that would be changed, or whose meter turns, is asked for its policies, its price and what its
 * environment says, and only one that would lose capacity whether its instances are being refreshed.
 */
async function withTerms(
  { clients, scope, at }: Looking['run'],
  fleets: readonly Fleet[],
  planFor: (fleets: readonly Fleet[]) => Plan,
  memory: ReadonlyMap<string, FleetMemory>,
): Promise<readonly Fleet[]> {
  const changes = new Map(planFor(fleets).changes.map(c => [c.resource.id, c]));
  const turns = (fleet: Fleet, held: FleetMemory | undefined) => held !== undefined && meterTurns(fleet, held, at) !== null;
  const asking = fleets.filter(f => changes.has(f.ref.id) || turns(f, memory.get(f.ref.id)));
  if (asking.length === 0) return fleets;
  const shrinking = fleets.filter(f => changes.get(f.ref.id)?.losing.includes('capacity'));
  const [terms, refreshes, environments] = await Promise.all([
    observeTerms(clients, scope, asking),
    observeRefreshes(clients, shrinking),
    observeEnvironments(clients, asking),
  ]);
  return fleets.map(fleet => ({
    ...{ ...fleet, ...terms.get(fleet.ref.id) },
    refreshing: refreshes.get(fleet.ref.id) ?? null,
    environment: environments.get(fleet.ref.id) ?? null,
  }));
}
