/** Which shelf, which key, and what lies there: the names under which the house remembers. */
import type { Birth } from '../model/birth.ts';
import type { Pen, Scope } from '../model/ids.ts';
import type { Agenda, FleetMemory, InstanceMemory, PendingChange, TagMemory, Thought, Wish } from '../model/memory.ts';
import type { LeftDigest } from '../model/notice.ts';
import type { MemoryItem, Shelf } from '../model/ports.ts';

/** `123456789012/eu-west-1#stop-start-instances` */
export const shelfOf = (pen: Pen, scope: Scope): Shelf => `${scope.account}/${scope.region}#${pen}`;

/** `123456789012/eu-west-1#demand#web-asg`: apart, because it is long and read by nobody else. */
export const demandShelf = ({ account, region }: Scope, fleet: string): Shelf => `${account}/${region}#demand#${fleet}`;

/** `123456789012/eu-west-1#idle`: what instances do when nobody uses them. Apart, because it is long and read once an hour. */
export const idleShelf = ({ account, region }: Scope): Shelf => `${account}/${region}#idle`;

/** `123456789012/eu-west-1#roll`: apart, since a pen that looks has no use for what it saw before. */
export const rollShelf = ({ account, region }: Scope): Shelf => `${account}/${region}#roll`;

/** What instance types offer, a family an item: apart, because it is long, and read only where types are weighed. */
export const typesShelf = ({ account, region }: Scope): Shelf => `${account}/${region}#instance-types`;
export const typeFamilyKey = (family: string): string => `family#${family}`;

export const instanceKey = (id: string): string => `instance#${id}`;
export const fleetKey = (name: string): string => `fleet#${name}`;
export const taggedKey = (id: string): string => `tagged#${id}`;
/** What somebody asked for, by the resource's id. */
export const wishKey = (resourceId: string): string => `wish#${resourceId}`;
/** Which values were offered for a resource's missing tags last. */
export const offeredKey = (resourceId: string): string => `offered#${resourceId}`;
/** What one call made, by the doorbell that told of it. */
export const birthKey = (dedupId: string): string => `birth#${dedupId}`;
export const proposedKey = (resourceId: string): string => `proposed#${resourceId}`;
export const pendingKey = (changeId: string): string => `pending#${changeId}`;
/** Whose turn it is to resize a fleet: held from claim to settled answer. */
export const laneKey = (resourceId: string): string => `lane#${resourceId}`;
export const AGENDA_KEY = 'agenda';
export const LEFT_KEY = 'left';

/** What one call made: ids, names of groups, or `environment/APPLICATION/NAME`. */
export interface Born {
  readonly ids: readonly string[];
  readonly birth: Birth;
}

/** A shelf, sorted by what lies on it. Each item keeps its key and version, ready to be written back. */
export interface SortedShelf {
  /** By instance id. */
  readonly instances: ReadonlyMap<string, MemoryItem<InstanceMemory>>;
  /** By the group's name. */
  readonly fleets: ReadonlyMap<string, MemoryItem<FleetMemory>>;
  /** By resource id. */
  readonly tags: ReadonlyMap<string, MemoryItem<TagMemory>>;
  /** By resource id. */
  readonly proposed: ReadonlyMap<string, MemoryItem<Thought>>;
  /** By resource id. */
  readonly wishes: ReadonlyMap<string, MemoryItem<Wish>>;
  /** By resource id: a fingerprint of the offers. */
  readonly offered: ReadonlyMap<string, MemoryItem<string>>;
  /** By resource, as the event named it. */
  readonly births: ReadonlyMap<string, Birth>;
  /** By change id. */
  readonly pending: ReadonlyMap<string, MemoryItem<PendingChange>>;
  readonly agenda: MemoryItem<Agenda> | null;
  readonly left: MemoryItem<LeftDigest> | null;
}

/** Keys of other kinds are passed over: during a deploy a newer release may have begun to remember more. */
export function sortShelf(items: Iterable<MemoryItem>): SortedShelf {
  const instances = new Map<string, MemoryItem<InstanceMemory>>();
  const fleets = new Map<string, MemoryItem<FleetMemory>>();
  const tags = new Map<string, MemoryItem<TagMemory>>();
  const proposed = new Map<string, MemoryItem<Thought>>();
  const wishes = new Map<string, MemoryItem<Wish>>();
  const offered = new Map<string, MemoryItem<string>>();
  const births = new Map<string, Birth>();
  const pending = new Map<string, MemoryItem<PendingChange>>();
  let agenda: MemoryItem<Agenda> | null = null;
  let left: MemoryItem<LeftDigest> | null = null;

  for (const item of items) {
    const { kind, id } = parseKey(item.key);
    if (kind === 'instance') instances.set(id, item as MemoryItem<InstanceMemory>);
    else if (kind === 'fleet') fleets.set(id, item as MemoryItem<FleetMemory>);
    else if (kind === 'tagged') tags.set(id, item as MemoryItem<TagMemory>);
    else if (kind === 'proposed') proposed.set(id, item as MemoryItem<Thought>);
    else if (kind === 'wish') wishes.set(id, item as MemoryItem<Wish>);
    else if (kind === 'offered') offered.set(id, item as MemoryItem<string>);
    else if (kind === 'birth') for (const born of bornIn(item)) births.set(...born);
    else if (kind === 'pending') pending.set(id, item as MemoryItem<PendingChange>);
    else if (kind === AGENDA_KEY) agenda = item as MemoryItem<Agenda>;
    else if (kind === LEFT_KEY) left = item as MemoryItem<LeftDigest>;
  }
  return { instances, fleets, tags, proposed, wishes, offered, births, pending, agenda, left };
}

function bornIn(item: MemoryItem): (readonly [string, Birth])[] {
  const { ids, birth } = (item as MemoryItem<Born>).value;
  return ids.map(id => [id, birth]);
}

/** `fleet#web#blue` → `{ kind: 'fleet', id: 'web#blue' }`: group names may hold a `#`. */
export function parseKey(key: string): { readonly kind: string; readonly id: string } {
  const hash = key.indexOf('#');
  return hash === -1 ? { kind: key, id: '' } : { kind: key.slice(0, hash), id: key.slice(hash + 1) };
}

/** The values alone, by id: what an observation carries. */
export const valuesOf = <Value>(items: ReadonlyMap<string, MemoryItem<Value>>): Map<string, Value> =>
  new Map([...items].map(([id, item]) => [id, item.value]));
