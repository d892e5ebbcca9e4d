/** Looking again: before a write, whether what the change expects still holds; after an unknown outcome, what became of it. */
import { type ResourceRef, scopeKey } from '../model/ids.ts';
import type { Fleet } from '../model/observation.ts';
import { describeInstances, type SeenInstance } from '../observe/describe.ts';
import { describeGroups } from '../observe/fleets.ts';
import type { Clients } from '../runtime/clients.ts';

/** Facts without measurements. */
export type Fresh = ({ readonly kind: 'instance' } & SeenInstance) | ({ readonly kind: 'auto-scaling-group' } & Fleet);

/**
 * One batched describe for each kind of resource, all of the one scope that `clients` speak for.
 * @returns by resource id; what AWS no longer knows is absent.
 * @throws the SDK's error: then nothing is known, and nothing may be written.
 */
export async function reread(clients: Clients, resources: readonly ResourceRef[]): Promise<Map<string, Fresh>> {
  const [first] = resources;
  if (first === undefined) return new Map();
  const { scope } = first;
  const stray = resources.find(r => scopeKey(r.scope) !== scopeKey(scope));
  if (stray !== undefined) throw new Error(`${stray.id} is of ${scopeKey(stray.scope)}, not of ${scopeKey(scope)}`);

  const ids = (kind: ResourceRef['kind']) => resources.filter(r => r.kind === kind).map(r => r.id);
  const [instances, groups] = await Promise.all([
    describeInstances(clients, scope, ids('instance')),
    describeGroups(clients, scope, ids('auto-scaling-group')),
  ]);
  return new Map<string, Fresh>([
    ...instances.map((facts): [string, Fresh] => [facts.ref.id, { kind: 'instance', ...facts }]),
    ...groups.map(({ fleet }): [string, Fresh] => [fleet.ref.id, { kind: 'auto-scaling-group', ...fleet }]),
  ]);
}
