/** Whose tags a resource inherits, as they will be once they are put right themselves. */
import { kindOfId, type Tags } from '../../../model/ids.ts';
import type { Wish } from '../../../model/memory.ts';
import type { Parent, Tagged } from '../../../model/observation.ts';
import type { Mode } from '../../../model/plan.ts';
import type { Policy, TagPolicy } from '../../../policy/schema.ts';
import type { TagFacts } from '../../decide-tags.ts';
import { speakerFor } from '../../speaker.ts';
import type { Offering } from './clues.ts';
import { fixTags, type Source } from './fixes.ts';

export interface Lineage {
  readonly source: Source | null;
  /** Of the instance that it hangs on, near or far: what a group made goes when the group replaces it. */
  readonly parent: Parent | null;
  /** Why nobody knows what it would inherit. */
  readonly unread: string | null;
}

const NONE: Lineage = { source: null, parent: null, unread: null };

/** A volume's instance, a snapshot's volume and through that its instance. */
export function lineages(
  facts: TagFacts,
  policies: readonly Policy[],
  { given }: Offering,
): (resource: Tagged, policy: TagPolicy) => Lineage {
  let known: ReadonlyMap<string, Tagged> | null = null;
  const byId = (id: string) => {
    known ??= new Map(facts.resources.map(resource => [resource.ref.id, resource]));
    return known.get(id) ?? facts.sources.get(id) ?? null;
  };
  const settled: Readonly<Record<Mode, Map<string, Lineage>>> = { act: new Map(), plan: new Map() };

  const lineageOf = ({ source: id }: Tagged, mode: Mode): Lineage => {
    if (id === null) return NONE;
    const before = settled[mode].get(id);
    if (before !== undefined) return before;
    const found = byId(id);
    const lineage = found === null ? unseen(id) : descending(found, mode);
    settled[mode].set(id, lineage);
    return lineage;
  };

  const unseen = (id: string): Lineage => ({ ...NONE, unread: facts.blind.get(kindOfId(id)) ?? null });

  const descending = (source: Tagged, mode: Mode): Lineage => {
    const above = lineageOf(source, mode);
    const parent = source.parent ?? above.parent;
    if (source.unread !== null) return { source: null, parent, unread: source.unread };
    const { policy } = speakerFor(policies, 'tags', source);
    // What only plans shows what it would do: all of it, as if its plan were carried out.
    const isWritten = policy !== null && (policy.mode === 'act' || mode === 'plan');
    const isPutRight = isWritten && source.parent === null && above.unread === null;
    const accepted = acceptedBy(facts.wishes.get(source.ref.id));
    const tags = isPutRight
      ? fixTags(source, policy, { ...above, accepted, given: (tags, keys) => given({ ...source, tags }, policy, keys) }).tags
      : source.tags;
    return { source: { ref: source.ref, tags }, parent, unread: null };
  };

  return (resource, policy) => {
    const lineage = lineageOf(resource, policy.mode);
    return policy.inherit === undefined ? { ...NONE, parent: lineage.parent } : lineage;
  };
}

/** What somebody took up when it was offered. */
export const acceptedBy = (wish: Wish | undefined): Tags => (wish?.want === 'tags' && wish.spentAt === undefined ? wish.tags : {});
