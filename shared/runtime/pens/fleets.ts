/** The fleet pen's look: groups, and the demand of those that a policy speaks for. */
import { decideFleets } from '../../decide/decide-fleets.ts';
import { needsBaseline } from '../../decide/enrol.ts';
import { speakerFor } from '../../decide/speaker.ts';
import { fleetKey, valuesOf } from '../../memory/shelves.ts';
import type { FleetMemory } from '../../model/memory.ts';
import type { Fleet } from '../../model/observation.ts';
import { observeFleets } from '../../observe/fleets.ts';
import type { FleetPolicy } from '../../policy/schema.ts';
import { itemsToWrite, type Looked, type Looking } from './look.ts';

export interface FleetsLooked extends Looked {
  readonly fleets: readonly Fleet[];
  /** What was remembered when we looked, by the group's name. */
  readonly held: ReadonlyMap<string, FleetMemory>;
}

export async function lookAtFleets({ run, look, shelf, open }: Looking): Promise<FleetsLooked> {
  const { at, scope, config, commitments } = run;
  const memory = valuesOf(shelf.fleets);
  const spokenFor = (fleet: Fleet): FleetPolicy | null => {
    const { policy, gate } = speakerFor(config.policies, 'fleets', fleet);
    return gate === null && fleet.beanstalk === null ? policy : null;
  };
  const { fleets, unread } = await observeFleets(run.clients, scope, at, {
    ...(typeof look === 'string' ? {} : { ids: look }),
    signal: fleet => {
      const policy = spokenFor(fleet);
      if (policy === null) return null;
      return { period: policy.target.period, datapoints: Math.max(policy.scaleInDatapoints, policy.scaleOutDatapoints) };
    },
    baseline: fleet => spokenFor(fleet) !== null && needsBaseline(memory.get(fleet.ref.id)),
  });
  const { plan, next, nextAt } = decideFleets({ at, scope, resources: fleets, memory, unread, pending: open, commitments }, config);
  return { plan, next: itemsToWrite<FleetMemory>(next, shelf.fleets, fleetKey), nextAt, fleets, held: memory };
}
