/** Rows of `ebb tags`: what the tag pen sees and would do, resource by resource. */

import { bestOf } from '../../shared/decide/rules/tags/offers.ts';
import { speakerFor } from '../../shared/decide/speaker.ts';
import { MARK_TAG } from '../../shared/model/ids.ts';
import type { TagMemory } from '../../shared/model/memory.ts';
import type { Parent, Tagged } from '../../shared/model/observation.ts';
import type { TagOffer } from '../../shared/model/offer.ts';
import type { Plan } from '../../shared/model/plan.ts';
import { removedKeys, writtenTags } from '../../shared/model/tagging.ts';
import type { Config } from '../../shared/policy/schema.ts';
import { missingKeys } from '../../shared/policy/tag-rules.ts';
import { readOwner, TEAM_TAG } from '../../shared/policy/tags.ts';
import type { Fix, Standing, TagRow } from './row.ts';

export interface Looked {
  readonly plan: Plan;
  readonly tagged: readonly Tagged[];
  offersFor(resource: Tagged): readonly TagOffer[];
}

/** What is gone, or on its way, has no row. */
export function tagRows({ plan, tagged, offersFor }: Looked, memory: ReadonlyMap<string, TagMemory>, config: Config): TagRow[] {
  const left = new Map(plan.left.map(one => [one.resource.id, one.because]));
  const changes = new Map(plan.changes.map(one => [one.resource.id, one]));
  const parentOf = parentsAmong(tagged);
  return tagged.flatMap(resource => {
    const { ref, tags, price } = resource;
    const parent = parentOf(resource);
    const because = left.get(ref.id);
    if (because?.code === 'gone') return [];
    const { policy, gate } = speakerFor(config.policies, 'tags', resource);
    const missing = policy === null || gate !== null || resource.unread !== null ? [] : missingKeys(tags, policy, ref);
    const standing = standingOf(resource, policy === null || gate !== null, missing, because?.code);
    const change = changes.get(ref.id);
    const fixes = change === undefined ? [] : fixesIn(change);
    const isOffered = standing === 'lacking' && parent === null;
    return {
      ...{ resource: ref, team: worn(tags[config.slack.teamTag ?? TEAM_TAG]) ?? ownerOf(resource), owner: ownerOf(resource) },
      ...{ policy: policy?.name ?? null, standing, missing, parent },
      full: because?.code === 'tag-limit' ? because.count : null,
      mark: memory.get(ref.id)?.mark ?? null,
      fixes,
      // What will be written anyway is nobody's to accept.
      offers: isOffered ? bestOf(offersFor(resource)).filter(({ key }) => !fixes.some(fix => fix.key === key)) : [],
      price,
    };
  });
}

/** What hangs on a member goes with it, so it is that member's parent that counts: a snapshot's is its volume's, and that one's its instance's. */
function parentsAmong(tagged: readonly Tagged[]): (resource: Tagged) => Parent | null {
  const byId = new Map(tagged.map(resource => [resource.ref.id, resource]));
  const parentOf = ({ parent, source }: Tagged): Parent | null => {
    const above = source === null ? undefined : byId.get(source);
    return parent ?? (above === undefined ? null : parentOf(above));
  };
  return parentOf;
}

function standingOf({ unread }: Tagged, isExempt: boolean, missing: readonly string[], code: string | undefined): Standing {
  if (unread !== null || code === 'tags-unread') return 'unread';
  if (isExempt) return 'exempt';
  if (missing.length === 0) return 'complete';
  return code === 'just-born' ? 'settling' : 'lacking';
}

const worn = (value: string | undefined): string | null => value || null;
const ownerOf = ({ tags }: Tagged): string | null => readOwner(tags) ?? worn(tags['owner']);

/** The mark itself puts nothing right. */
const fixesIn = ({ action }: Plan['changes'][number]): Fix[] => [
  ...Object.entries(writtenTags(action)).flatMap(([key, value]) => (key === MARK_TAG ? [] : { key, value })),
  ...removedKeys(action).flatMap(key => (key === MARK_TAG ? [] : { key, value: null })),
];
