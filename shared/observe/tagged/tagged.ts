/**
 * What the tag pen sees: resources of many kinds, each with its tags and little else. Pages are trimmed as they come, so that a hundred
 * thousand of them are held in little memory.
 */
import { kindOfId, type ResourceKind, type Scope } from '../../model/ids.ts';
import type { Tagged, Unread } from '../../model/observation.ts';
import type { Clients } from '../../runtime/clients.ts';
import { why } from '../why.ts';
import { type Eye, readAddresses, readInstances, readSnapshots, readVolumes, readVolumesOf } from './ec2.ts';
import { readEnvironments } from './environments.ts';
import { readGroups } from './groups.ts';

export interface TaggedSeen {
  readonly resources: Tagged[];
  /** Whose tags some of them may inherit, and who were not looked for themselves; by id. */
  readonly sources: ReadonlyMap<string, Tagged>;
  /** Kinds that this account and region cannot be asked about at all, and why. */
  readonly blind: ReadonlyMap<ResourceKind, string>;
  readonly unread: readonly Unread[];
}

export interface TaggedWants {
  readonly kinds: ReadonlySet<ResourceKind>;
  /** Only these; absent: the whole scope. What is gone is absent from the answer. */
  readonly ids?: readonly string[];
  /** Whether volumes and snapshots are asked whose they are. */
  readonly sources: boolean;
}

const READERS: { readonly [K in ResourceKind]: Eye } = {
  instance: readInstances,
  volume: readVolumes,
  snapshot: readSnapshots,
  'elastic-ip': readAddresses,
  'auto-scaling-group': readGroups,
  'beanstalk-environment': readEnvironments,
};

/**
 * Complete, kind by kind, or an error. A kind that we may not read, or that the region does not have, is named and leaves the others be.
 * @throws the SDK's error of whatever may pass: a throttle, a lost connection.
 */
export async function observeTagged(clients: Clients, scope: Scope, wants: TaggedWants): Promise<TaggedSeen> {
  const looking: Looking = { clients, scope, blind: new Map() };
  const byKind = wants.ids === undefined ? null : Map.groupBy(new Set(wants.ids), kindOfWanted);
  let resources: Tagged[] = [];
  // Joined, not pushed by spreading: a hundred thousand arguments are more than a stack holds.
  for (const kind of wants.kinds) {
    const ids = byKind?.get(kind);
    if (byKind === null || ids !== undefined) resources = resources.concat(await read(looking, kind, ids));
  }
  if (wants.kinds.has('volume')) resources = resources.concat(await volumesOf(looking, byKind?.get('instance') ?? [], resources));
  const sources = wants.sources
    ? await sourcesOf(looking, resources, byKind === null ? wants.kinds : new Set())
    : new Map<string, Tagged>();
  const unread = [...looking.blind].map(([kind, cause]) => ({ what: `tags of every ${kind}`, why: cause }));
  return { resources, sources, blind: looking.blind, unread: [...unread, ...unreadOf(resources)] };
}

interface Looking {
  readonly clients: Clients;
  readonly scope: Scope;
  readonly blind: Map<ResourceKind, string>;
}

/** Events know environments by the end of their ARN. */
const kindOfWanted = (id: string): ResourceKind => (id.startsWith('environment/') ? 'beanstalk-environment' : kindOfId(id));

/** An instance that is named stands for its volumes too: whoever tells of a launch knows of none. */
async function volumesOf(looking: Looking, instances: readonly string[], seen: readonly Tagged[]): Promise<Tagged[]> {
  if (instances.length === 0) return [];
  const there = new Set(seen.map(({ ref }) => ref.id));
  return (await read(looking, 'volume', instances, readVolumesOf)).filter(({ ref }) => !there.has(ref.id));
}

async function read(
  { clients, scope, blind }: Looking,
  kind: ResourceKind,
  ids: readonly string[] | undefined,
  eye: Eye = READERS[kind],
): Promise<Tagged[]> {
  try {
    const found: Tagged[] = [];
    for await (const page of eye(clients, scope, ids)) found.push(...page);
    return found;
  } catch (error) {
    if (!LASTING.has((error as Error).name) && (error as { code?: string }).code !== 'ENOTFOUND') throw error;
    blind.set(kind, why(error));
    return [];
  }
}

/** Tomorrow's answer would be the same: a role without the permission, a region without the service. */
const LASTING: ReadonlySet<string> = new Set([
  'UnauthorizedOperation',
  'AccessDenied',
  'AccessDeniedException',
  'InsufficientPrivilegesException',
  'OptInRequired',
]);

/** Snapshots ask for volumes, and these for instances: two rounds at most. @param whole kinds of which all are among the resources. */
async function sourcesOf(looking: Looking, resources: readonly Tagged[], whole: ReadonlySet<ResourceKind>): Promise<Map<string, Tagged>> {
  const there = new Set(resources.map(r => r.ref.id));
  const found = new Map<string, Tagged>();
  for (let asking: readonly Tagged[] = resources; asking.length > 0; ) {
    const wanted = new Set(asking.flatMap(({ source }) => source ?? []).filter(id => !there.has(id) && !found.has(id)));
    const byKind = Map.groupBy(wanted, kindOfId);
    let seen: Tagged[] = [];
    for (const [kind, ids] of byKind) if (!whole.has(kind)) seen = seen.concat(await read(looking, kind, ids));
    for (const source of seen) found.set(source.ref.id, source);
    asking = seen;
  }
  return found;
}

function unreadOf(resources: readonly Tagged[]): Unread[] {
  return resources.flatMap(({ ref, unread }) => (unread === null ? [] : { what: `tags of ${ref.name ?? ref.id}`, why: unread }));
}
