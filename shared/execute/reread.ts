/** Looking again: before a write, whether what the change expects still holds; after an unknown outcome, what became of it. */
import { type Pen, type ResourceRef, scopeKey } from '../model/ids.ts';
import type { Fleet, Tagged } from '../model/observation.ts';
import { observeEnvironments } from '../observe/beanstalk.ts';
import { describeInstances, type SeenInstance } from '../observe/describe.ts';
import { describeGroups } from '../observe/fleets.ts';
import { observeTagged } from '../observe/tagged/tagged.ts';
import type { Clients } from '../runtime/clients.ts';

/** Facts without measurements. An environment is its group, with what it says of itself. */
/** … and of a resource as a carrier of tags, its tags and little else. */
export type Fresh =
  | ({ readonly kind: 'carrier' } & Tagged)
  | ({ readonly kind: 'instance' } & SeenInstance)
  | ({ readonly kind: 'auto-scaling-group' | 'beanstalk-environment' } & Fleet);

/**
 * One batched describe for each kind of resource, all of the one scope that `clients` speak for.
 * @param pen with whose eyes: the tag pen sees every resource as a carrier of tags
 * @returns by resource id; what AWS no longer knows is absent.
 * @throws the SDK's error: then nothing is known, and nothing may be written.
 */
export async function reread(clients: Clients, resources: readonly ResourceRef[], pen: Pen | null = null): Promise<Map<string, Fresh>> {
  const [first] = resources;
  if (first === undefined) return new Map();
  const { scope } = first;
  const stray = resources.find(r => scopeKey(r.scope) !== scopeKey(scope));
  if (stray !== undefined) throw new Error(`${stray.id} is of ${scopeKey(stray.scope)}, not of ${scopeKey(scope)}`);

  if (pen === 'enforce-tags') {
    const kinds = new Set(resources.map(r => r.kind));
    const seen = await observeTagged(clients, scope, { kinds, ids: resources.map(r => r.id), sources: false });
    if (seen.blind.size > 0) throw new Error([...seen.blind.values()].join('; '));
    return new Map(seen.resources.map(facts => [facts.ref.id, { kind: 'carrier', ...facts }]));
  }
  const [boxes, fleets] = [resources.filter(r => r.kind === 'instance'), resources.filter(r => r.kind !== 'instance')];
  const ids = (refs: readonly ResourceRef[]) => refs.map(r => r.id);
  const [instances, groups] = await Promise.all([
    describeInstances(clients, scope, ids(boxes)),
    describeGroups(clients, scope, ids(fleets)),
  ]);
  const environments = await observeEnvironments(
    clients,
    groups.map(g => g.fleet),
  );
  return new Map<string, Fresh>([
    ...instances.map((facts): [string, Fresh] => [facts.ref.id, { kind: 'instance', ...facts }]),
    ...groups.map(({ fleet }): [string, Fresh] => {
      const kind = fleet.ref.kind === 'beanstalk-environment' ? fleet.ref.kind : 'auto-scaling-group';
      return [fleet.ref.id, { kind, ...fleet, environment: environments.get(fleet.ref.id) ?? null }];
    }),
  ]);
}
