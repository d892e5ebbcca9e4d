/** The tag pen's look: whatever carries tags that a policy asks for, and those whose tags they inherit. */
import { decideTags, type TagFacts } from '../../decide/decide-tags.ts';
import { type Offering, offering } from '../../decide/rules/tags/clues.ts';
import { warningDue } from '../../decide/rules/tags/marks.ts';
import { speakerFor } from '../../decide/speaker.ts';
import { type SortedShelf, taggedKey, valuesOf } from '../../memory/shelves.ts';
import { kindOfId, type ResourceKind } from '../../model/ids.ts';
import type { TagMemory } from '../../model/memory.ts';
import type { Tagged } from '../../model/observation.ts';
import type { TagOffer } from '../../model/offer.ts';
import type { LeftReason } from '../../model/plan.ts';
import { addSeconds, DAY, type Instant } from '../../model/time.ts';
import { observePropagation } from '../../observe/tagged/environments.ts';
import { observeNetworks } from '../../observe/tagged/networks.ts';
import { observeTagged } from '../../observe/tagged/tagged.ts';
import { inReach, policiesOf } from '../../policy/match.ts';
import { loadPatterns } from '../../policy/patterns.ts';
import { missingKeys } from '../../policy/tag-rules.ts';
import type { Run } from '../run.ts';
import { type Apart, type Looked, type Looking, spentToday } from './look.ts';

export interface TagsLooked extends Looked {
  readonly tagged: readonly Tagged[];
  /** What may be offered for the tags that a resource lacks, the best first. */
  offersFor(resource: Tagged): readonly TagOffer[];
  /** Who is to hear of it. */
  concerned: Offering['concerned'];
}

export async function lookAtTags(looking: Looking): Promise<TagsLooked> {
  const { run, shelf, open } = looking;
  const { at, scope, config } = run;
  await loadPatterns(config.policies);
  const memory = valuesOf(shelf.tags);
  const kinds = kindsOf(run, memory);
  const ids = wanted(looking);
  const isHung = kinds.has('volume') || kinds.has('snapshot');
  const seen = await observeTagged(run.clients, scope, { kinds, sources: isHung, ...(ids !== null && { ids }) });
  const facts: TagFacts = {
    ...{ ...seen, at, scope, memory, pending: open, disruptionsToday: spentToday(looking), wishes: valuesOf(shelf.wishes) },
    ...{ births: shelf.births, network: new Map(), untouchable: new Map() },
  };
  const known = await withAsides(facts, run);
  const { plan, next, nextAt } = decideTags(known, config);
  const isPartial = ids !== null || seen.blind.size > 0;
  const clues = offering(known, config.policies);
  return {
    ...{ plan, next: [], apart: births(next).flatMap(born(run, shelf)), nextAt, testimonies: [], ...(isPartial && { partial: true }) },
    tagged: seen.resources,
    concerned: clues.concerned,
    offersFor: resource => {
      const { policy } = speakerFor(config.policies, 'tags', resource);
      return policy === null ? [] : clues.offers(resource, policy, missingKeys(resource.tags, policy, resource.ref));
    },
  };
}

/** Subnets and settings of environments are asked about only where something lacks, or would be written. */
async function withAsides(facts: TagFacts, { clients, config }: Looking['run']): Promise<TagFacts> {
  const { changes, left } = decideTags(facts, config).plan;
  const concerned = [...changes, ...left.filter(({ because }) => LACKING.has(because.code))];
  // One that is marked already is not written to again.
  const environments = concerned.flatMap(({ resource: { kind, id }, because }) =>
    kind === 'beanstalk-environment' && because.code !== 'marked' ? [id] : [],
  );
  const untouchable = new Map<string, LeftReason>();
  for (const [id, seen] of await observePropagation(clients, environments)) {
    if ('unread' in seen) untouchable.set(id, { code: 'environment-unread', why: seen.unread });
    else if (seen.replaces) untouchable.set(id, { code: 'tags-replace' });
  }
  const lacking = new Set(concerned.map(({ resource }) => resource.id));
  const subnets = new Set(facts.resources.flatMap(({ ref, subnet }) => (subnet !== null && lacking.has(ref.id) ? [subnet] : [])));
  if (subnets.size === 0) return { ...facts, untouchable };
  const { network, unread } = await observeNetworks(clients, subnets);
  return { ...facts, untouchable, network, unread: [...facts.unread, ...unread] };
}

const LACKING: ReadonlySet<string> = new Set<LeftReason['code']>(['marked', 'over-budget', 'tag-limit']);

/** Those that policies speak of here, and those of what is still marked, whatever they say by now. Every instance gets an answer. */
function kindsOf({ config, scope }: Run, memory: ReadonlyMap<string, TagMemory>): Set<ResourceKind> {
  const asked = policiesOf(config.policies, 'tags').filter(({ match }) => inReach(match, scope));
  const marked = [...memory].filter(([, { mark }]) => mark !== null).map(([id]) => kindOfId(id));
  return new Set<ResourceKind>(['instance', ...asked.flatMap(({ match }) => match.resources), ...marked]);
}

/** `null`: all of the scope. A tick that finds something due looks at that alone, unless the agenda knows of more than memory does. */
function wanted({ run, look, shelf }: Looking): readonly string[] | null {
  if (look === 'all') return null;
  if (look !== 'due') return look;
  const due = [...dueOf(shelf, run.at)];
  return due.length === 0 ? null : due;
}

function* dueOf({ tags, wishes, pending }: SortedShelf, at: Instant): Generator<string> {
  for (const [id, { value }] of tags) {
    const isSettled = value.settlesAt !== undefined && value.settlesAt <= at;
    if (isSettled || (value.mark !== null && warningDue(value.mark, at) !== null)) yield id;
  }
  for (const [id, { value }] of wishes) if (value.spentAt === undefined) yield id;
  for (const { value } of pending.values()) yield value.change.resource.id;
}

/** What was just born is looked at again when its tags count; where AWS tells no birth, that is remembered for as long as this. */
const REMEMBERED = 30 * DAY;

/** So many are remembered one by one; of a night's ten thousand snapshots the next sweep sees the rest. */
const BIRTHS_MAX = 500;

/** Those of whom AWS tells no birth come first: of them nobody else knows. */
const births = (next: ReadonlyMap<string, TagMemory>): [string, TagMemory][] =>
  [...next].toSorted(([a], [b]) => Number(tellsBirth(a)) - Number(tellsBirth(b))).slice(0, BIRTHS_MAX);

const tellsBirth = (id: string): boolean => kindOfId(id) !== 'elastic-ip';

const born =
  ({ shelf: on, at }: Run, { tags }: SortedShelf) =>
  ([id, value]: readonly [string, TagMemory]): Apart[] => {
    const held = tags.get(id);
    if (held?.value.settlesAt === value.settlesAt) return [];
    const item = { key: taggedKey(id), value, version: held?.version ?? 0 };
    return [{ shelf: on, items: [{ item, expiresAt: addSeconds(at, REMEMBERED) }] }];
  };
