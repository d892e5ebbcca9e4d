/** The fleet pen's look: groups, and the demand of those that a policy speaks for. */
import { decideFleets, fleetStandings, serviceFor, warmUntil } from '../../decide/decide-fleets.ts';
import { needsBaseline } from '../../decide/enrol.ts';
import { type Thought, think } from '../../decide/fleet/think.ts';
import { missing } from '../../decide/launches.ts';
import { speakerFor } from '../../decide/speaker.ts';
import { demandShelf, fleetKey, valuesOf } from '../../memory/shelves.ts';
import type { FleetMemory } from '../../model/memory.ts';
import type { Fleet, Unread } from '../../model/observation.ts';
import type { Plan } from '../../model/plan.ts';
import { addSeconds, DAY, fromEpochSeconds, HOUR, type Instant, MINUTE } from '../../model/time.ts';
import { observeEnvironments } from '../../observe/beanstalk.ts';
import { groupsNamed } from '../../observe/fleet-of.ts';
import { observeRefreshes, observeTerms, type Pricing } from '../../observe/fleet-terms.ts';
import { type FleetWants, observeFleets } from '../../observe/fleets.ts';
import type { FleetPolicy } from '../../policy/schema.ts';
import { meterTurns } from '../fleet-meters.ts';
import { type HeldMind, keepMind, readMind } from '../minds.ts';
import { withPrices } from '../prices.ts';
import { type Apart, itemsToWrite, type Looked, type Looking } from './look.ts';

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
    const { policy } = speakerFor(config.policies, 'fleets', fleet);
    const owned = fleet.beanstalk !== null && !(policy?.beanstalk && fleet.ref.kind === 'beanstalk-environment');
    return owned ? null : policy;
  };
  const minds = new Map<string, HeldMind>();
  let firsts = 0;
  const wants: FleetWants = {
    ...(typeof look === 'string' ? {} : { ids: await groupsNamed(run.clients, look) }),
    signal: fleet => {
      const policy = spokenFor(fleet);
      if (policy?.target === undefined) return null;
      return { period: policy.target.period, datapoints: Math.max(policy.scaleInDatapoints, policy.scaleOutDatapoints) };
    },
    signals: async fleet => {
      const policy = spokenFor(fleet);
      if (policy?.signals === undefined) return null;
      const mind = await readMind(run.memory, demandShelf(scope, fleet.ref.id), at);
      const back = beginning(policy);
      if (mind.last === null && back > HOUR && ++firsts > FIRSTS) return null; // the others' turn is the next minute's
      minds.set(fleet.ref.id, mind);
      const since = mind.last === null ? addSeconds(at, -back) : fromEpochSeconds(mind.last * MINUTE);
      return { period: policy.period, since, specs: policy.signals };
    },
    baseline: fleet => spokenFor(fleet) !== null && needsBaseline(memory.get(fleet.ref.id)),
    terms: fleet => spokenFor(fleet) !== null && needsBaseline(memory.get(fleet.ref.id)),
    // A launch is given its time; an event rings when it has failed.
    launches: fleet => {
      const policy = spokenFor(fleet);
      if (policy === null || missing(fleet) === 0) return false;
      const warm = warmUntil(fleet, policy, memory.get(fleet.ref.id)?.lastScaleOut ?? null);
      return typeof look !== 'string' || warm === null || warm <= at;
    },
  };
  const seen = await observeFleets(run.clients, scope, at, wants);
  const { thoughts, apart } = listen(seen.fleets, minds, fleetStandings({ at, memory }, config), at);
  const known = { at, scope, memory, thoughts, unread: seen.unread, pending: open, commitments };
  const { fleets, unread, kept } = await withTerms(run, seen.fleets, f => decideFleets({ ...known, resources: f }, config).plan, memory);
  const { plan, next, nextAt } = decideFleets({ ...known, unread: [...seen.unread, ...unread], resources: fleets }, config);
  return {
    plan,
    next: itemsToWrite<FleetMemory>(next, shelf.fleets, fleetKey),
    apart: [...apart, ...kept],
    nextAt,
    testimonies: [],
    fleets,
    whole: typeof look === 'string',
    held: memory,
  };
}

/** Fleets whose two weeks before us are read and learned in one run: each is half a second's work. */
const FIRSTS = 20;

/** A total whose meaning is declared can be learned from before anybody looked; CPU says nothing without knowing how many carried it. */
const beginning = ({ signals = [] }: FleetPolicy): number =>
  signals.every(s => s.kind !== 'cpu' && s.perInstance !== undefined && !(s.kind === 'metric' && s.of === 'instance'))
    ? 14 * DAY
    : 10 * MINUTE;

/** What the signals come to, and what has to be kept of it. */
function listen(
  fleets: readonly Fleet[],
  minds: ReadonlyMap<string, HeldMind>,
  standingOf: ReturnType<typeof fleetStandings>,
  at: Instant,
): { readonly thoughts: ReadonlyMap<string, Thought>; readonly apart: Apart[] } {
  const thoughts = new Map<string, Thought>();
  const apart: Apart[] = [];
  for (const fleet of fleets) {
    const held = minds.get(fleet.ref.id);
    const standing = standingOf(fleet);
    if (held === undefined || standing.policy === null) continue;
    const { next, thought } = think(fleet, held.fleet, serviceFor(fleet, standing), at);
    thoughts.set(fleet.ref.id, thought);
    apart.push(keepMind(held, next));
  }
  return { thoughts, apart };
}

/**
 * Most minutes change nothing: only a fleet that would be changed, or whose meter turns, is asked for its policies, its price and what its
 * environment says, and only one that would lose capacity whether its instances are being refreshed.
 */
async function withTerms(
  run: Looking['run'],
  fleets: readonly Fleet[],
  planFor: (fleets: readonly Fleet[]) => Plan,
  memory: ReadonlyMap<string, FleetMemory>,
): Promise<{ readonly fleets: readonly Fleet[]; readonly unread: readonly Unread[]; readonly kept: readonly Apart[] }> {
  const { clients, scope, at } = run;
  const changes = new Map(planFor(fleets).changes.map(c => [c.resource.id, c]));
  const turns = (fleet: Fleet, held: FleetMemory | undefined) => held !== undefined && meterTurns(fleet, held, at) !== null;
  const asking = fleets.filter(f => changes.has(f.ref.id) || turns(f, memory.get(f.ref.id)));
  if (asking.length === 0) return { fleets, unread: [], kept: [] };
  const shrinking = fleets.filter(f => changes.get(f.ref.id)?.losing.includes('capacity'));
  const kept: Apart[] = [];
  const prices: Unread[] = [];
  const pricing: Pricing = {
    at,
    priced: async members => {
      const priced = await withPrices(run, members, () => true);
      kept.push(...priced.apart);
      prices.push(...priced.unread);
      return priced.instances;
    },
  };
  const [terms, refreshes, environments] = await Promise.all([
    observeTerms(clients, scope, asking, pricing),
    observeRefreshes(clients, shrinking),
    observeEnvironments(clients, asking),
  ]);
  const known = fleets.map(fleet => ({
    ...{ ...fleet, ...terms.get(fleet.ref.id) },
    refreshing: refreshes.percents.get(fleet.ref.id) ?? null,
    environment: environments.get(fleet.ref.id) ?? null,
  }));
  return { fleets: known, unread: [...prices, ...refreshes.unread], kept };
}
