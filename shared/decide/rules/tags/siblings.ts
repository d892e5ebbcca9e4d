/** What others like a resource carry: those of the same name but for a number at its end, and those of the same owner. */
import type { Tags } from '../../../model/ids.ts';
import type { Tagged } from '../../../model/observation.ts';
import type { OfferReason } from '../../../model/offer.ts';
import { worn } from '../../../policy/tag-rules.ts';
import { readOwner } from '../../../policy/tags.ts';

export interface Siblings {
  /** @param owner who is known to have made it, where it does not say itself. */
  of(resource: Tagged, key: string, owner?: string): { readonly value: string; readonly reason: SiblingReason }[];
}

type SiblingReason = Extract<OfferReason, { code: 'siblings' }>;

/** So many must agree before it is more than chance, and they must be more than half of those that carry the key. */
const AGREEING_MIN = 3;

/** Counted when first asked for, since most looks ask for nothing. @param keys of which somebody may ask. */
export function siblingsAmong(resources: readonly Tagged[], keys: Iterable<string>): Siblings {
  const wanted = [...new Set(keys)];
  let counts: Counts | null = null;
  return {
    of: ({ ref, tags }, key, owner) => {
      counts ??= counted(resources, wanted);
      const held = counts;
      return familiesOf(ref.kind, tags, owner).flatMap(family => majorityIn(held.get(placeOf(family, key)), family));
    },
  };
}

type Counts = Map<string, Map<string, number>>;

function counted(resources: readonly Tagged[], keys: readonly string[]): Counts {
  const counts: Counts = new Map();
  for (const { ref, tags } of resources) {
    for (const family of familiesOf(ref.kind, tags)) {
      for (const key of keys) {
        const value = worn(tags, key);
        if (value !== '') add(counts, placeOf(family, key), value);
      }
    }
  }
  return counts;
}

function majorityIn(values: ReadonlyMap<string, number> = new Map(), { by, called }: Family): ReturnType<Siblings['of']> {
  const all = [...values];
  const of = all.reduce((sum, [, n]) => sum + n, 0);
  const most = all.find(([, n]) => n >= AGREEING_MIN && n * 2 > of);
  return most === undefined ? [] : [{ value: most[0], reason: { code: 'siblings', by, called, same: most[1], of } }];
}

interface Family {
  readonly by: 'name' | 'owner';
  readonly called: string;
  /** Kinds keep apart where names are compared: a volume called `data` has nothing to do with an instance of that name. */
  readonly kind?: string;
}

function familiesOf(kind: string, tags: Tags, known?: string): Family[] {
  const name = (tags['Name'] ?? '').replace(/[-_. ]?\d+$/, '').trim();
  const owner = readOwner(tags) ?? (tags['owner'] || known);
  return [
    ...(name === '' ? [] : [{ by: 'name' as const, called: name, kind }]),
    ...(owner === undefined ? [] : [{ by: 'owner' as const, called: owner }]),
  ];
}

const placeOf = ({ by, called, kind }: Family, key: string): string => JSON.stringify([by, kind, called, key]);

function add(counts: Counts, place: string, value: string): void {
  const values = counts.get(place) ?? new Map<string, number>();
  counts.set(place, values.set(value, (values.get(value) ?? 0) + 1));
}
