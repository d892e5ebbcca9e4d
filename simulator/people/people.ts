/** People at work: each deed at its second, also while a function is in the middle of its run. What EC2 refuses them, they let be. */
import { epochSeconds, type Instant } from '../../shared/model/time.ts';
import type { Config, FleetPolicy } from '../../shared/policy/schema.ts';
import type { Cloud } from '../cloud.ts';
import { ServiceError } from '../services/errors.ts';
import type { Deed } from '../swarm/plot.ts';
import { idle } from '../workloads.ts';
import { regionOf } from '../world/world.ts';

export interface Done {
  readonly deed: Deed;
  readonly at: Instant;
  /** Why it came to nothing; `null` where it was done. */
  readonly refused: string | null;
}

export interface Stagehands {
  readonly cloud: Cloud;
  /** Instance ids by the names of the plot; people add to it. */
  readonly ids: Map<string, string>;
  readonly pauseParameter: string;
  /** What a deploy changes. */
  readonly deploy: (change: (config: Config) => Config) => void;
}

/** @returns what was done, filled as the story goes on. */
export function letPeople(deeds: readonly Deed[], hands: Stagehands): readonly Done[] {
  const done: Done[] = [];
  const { clock } = hands.cloud.world;
  for (const deed of deeds) {
    clock.schedule(epochSeconds(deed.at), () => done.push({ deed, at: hands.cloud.now(), refused: attempt(deed, hands) }));
  }
  return done;
}

function attempt(deed: Deed, hands: Stagehands): string | null {
  try {
    act(deed, hands);
    return null;
  } catch (error) {
    if (error instanceof ServiceError) return `${error.name}: ${error.message}`;
    throw error;
  }
}

function act(deed: Deed, { cloud, ids, pauseParameter, deploy }: Stagehands): void {
  const { human } = cloud;
  const id = 'box' in deed ? (ids.get(deed.box) ?? '') : '';
  if ('box' in deed && deed.does !== 'launches' && id === '') return; // it is not part of this story
  if ('fleet' in deed && typeof deed.fleet === 'string' && !regionOf(cloud.world, region(cloud)).groups.has(deed.fleet)) return;
  switch (deed.does) {
    case 'starts':
      human.starts(id);
      return;
    case 'stops':
      human.stops(id);
      return;
    case 'terminates':
      human.terminates(id);
      return;
    case 'tags':
      human.tags(id, deed.tags);
      return;
    case 'untags':
      human.untags(id, deed.keys);
      return;
    case 'launches':
      ids.set(deed.box, human.launches({ type: deed.type, tags: deed.tags, cpu: idle({ seed: cloud.world.seed }) }));
      return;
    case 'troubles':
      cloud.troubleStarts(id, { kind: deed.trouble, times: deed.times });
      return;
    case 'sets-desired':
      human.setsDesiredCapacity(deed.fleet, deed.desiredCapacity);
      return;
    case 'sets-sizes':
      human.setsSizes(deed.fleet, deed);
      return;
    case 'deletes-group':
      deleteGroup(cloud, deed.fleet);
      return;
    case 'pauses':
      cloud.setParameter(pauseParameter, 'yes, by a person');
      return;
    case 'resumes':
      cloud.setParameter(pauseParameter, null);
      return;
    case 'deploys':
      deploy(config => deployed(config, deed));
      return;
    default:
      deed satisfies never;
  }
}

/** As `delete-auto-scaling-group --force-delete` does it. */
function deleteGroup(cloud: Cloud, name: string): void {
  const { groups } = regionOf(cloud.world, region(cloud));
  const group = groups.get(name);
  if (group === undefined) return;
  group.minSize = 0;
  group.desired = 0;
  for (const { machine } of group.members.values()) if (machine.state !== 'shutting-down') cloud.human.terminates(machine.id);
  groups.delete(name);
}

const region = (cloud: Cloud): string => cloud.regions[0] ?? '';

/** A fleet that follows signals goes on doing so: only its sizes are edited. */
function edited(policy: FleetPolicy, { target, ...rest }: Partial<FleetPolicy>): FleetPolicy {
  return { ...policy, ...rest, ...(policy.signals === undefined && target !== undefined && { target }) };
}

const deployed = (config: Config, { mode, fleet }: Deed & { does: 'deploys' }): Config => ({
  ...config,
  policies: config.policies.map(policy => {
    const next = mode === undefined || policy.name === 'staging' ? policy : { ...policy, mode };
    return next.kind === 'fleets' && fleet !== undefined ? edited(next, fleet) : next;
  }),
});
