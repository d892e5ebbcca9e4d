/** Required tags: what can be put right is put right, what is missing is marked with a deadline, and the mark goes when the tags are there. */

import type { Birth } from '../model/birth.ts';
import { MARK_TAG } from '../model/ids.ts';
import type { PendingChange, TagMark, TagMemory, Wish } from '../model/memory.ts';
import type { Observation, Tagged } from '../model/observation.ts';
import { type Change, type ChangeReason, changeId, type Left, type LeftReason, type Plan } from '../model/plan.ts';
import { addSeconds, DAY, floorTo, HOUR, type Instant, soonest } from '../model/time.ts';
import type { Config, TagPolicy } from '../policy/schema.ts';
import { missingKeys, worn } from '../policy/tag-rules.ts';
import { ownKeys, TAGS_MAX } from '../policy/tag-words.ts';
import { readOwner, TAG_POLICY } from '../policy/tags.ts';
import { rank } from './budget.ts';
import type { Decision } from './decision.ts';
import { leave } from './rules/rule.ts';
import { afford, type Draft } from './rules/tags/afford.ts';
import { type Offering, offering } from './rules/tags/clues.ts';
import { type Fixed, fixTags, type Given } from './rules/tags/fixes.ts';
import { acceptedBy, type Lineage, lineages } from './rules/tags/lineage.ts';
import { markText, stagesOf, stands } from './rules/tags/marks.ts';
import type { Clues } from './rules/tags/offers.ts';
import { type Write, writingOf } from './rules/tags/writes.ts';
import { speakerFor } from './speaker.ts';

export interface TagFacts extends Observation<Tagged, TagMemory> {
  readonly pending: ReadonlyMap<string, PendingChange>;
  readonly disruptionsToday: number;
  /** Of whom others inherit and who is not looked at himself, by id. */
  readonly sources: ReadonlyMap<string, Tagged>;
  /** Kinds of resources that could not be read, and why. */
  readonly blind: ReadonlyMap<string, string>;
  /** What people asked for, by resource id. */
  readonly wishes: ReadonlyMap<string, Wish>;
  /** Who made what, by resource as the event named it. */
  readonly births: ReadonlyMap<string, Birth>;
  /** Tags of a subnet and its VPC, by the subnet's id, as far as they were asked for. */
  readonly network: ReadonlyMap<string, Clues['network']>;
  /** Environments that may not be written to, and why, as far as they were asked. */
  readonly untouchable: ReadonlyMap<string, LeftReason>;
}

export function decideTags(facts: TagFacts, { policies }: Pick<Config, 'policies'>): Decision<TagMemory> {
  const { at, scope } = facts;
  const clues = offering(facts, policies);
  const lineageOf = lineages(facts, policies, clues);
  const drafts: Draft[] = [];
  const left: Left[] = [];
  const next = new Map<string, TagMemory>();
  for (const resource of facts.resources) {
    const { ref } = resource;
    const { policy, gate } = speakerFor(policies, 'tags', resource);
    const mark = facts.memory.get(ref.id)?.mark ?? null;
    const wanted =
      handsOff(resource, facts) ??
      (policy === null
        ? ungoverned(mark, gate)
        : verdictOf(resource, policy, { lineage: lineageOf(resource, policy), clues, mark, facts }));
    const kept = facts.untouchable.get(ref.id);
    const verdict = 'left' in wanted || kept === undefined ? wanted : leave(kept);
    if (!('left' in verdict)) {
      drafts.push({ resource, write: verdict, policy });
      continue;
    }
    left.push({ resource: ref, pen: 'enforce-tags', because: verdict.left, policy: policy?.name ?? null });
    if (verdict.left.code === 'just-born') next.set(ref.id, { mark: null, settlesAt: verdict.left.until });
  }
  const afforded = afford(drafts, facts.disruptionsToday);
  const plan: Plan = {
    ...{ version: 1, at, scopes: [scope], unread: facts.unread },
    changes: rank(afforded.kept.map(draft => toChange(draft, at))),
    left: [...left, ...afforded.left],
  };
  const isOpen = afforded.isCut || facts.pending.size > 0;
  return { plan, next, nextAt: isOpen ? at : soonest(wakes(facts.memory, next, plan, at)) };
}

/** What leaves it alone whatever any policy says. */
function handsOff({ ref, state, unread }: Tagged, { pending }: TagFacts): { readonly left: LeftReason } | null {
  if (GONE.has(state)) return leave({ code: 'gone', state });
  const question = pending.get(ref.id);
  if (question !== undefined) return leave({ code: 'unsettled', changeId: question.change.id, claimedAt: question.claimedAt });
  return unread === null ? null : leave({ code: 'tags-unread', why: unread });
}

/** On its way out, in the words of each service. */
const GONE: ReadonlySet<string> = new Set(['terminated', 'shutting-down', 'deleting', 'deleted', 'Terminating', 'Terminated']);

type TagVerdict = Write | { readonly left: LeftReason };

/** A mark outlives neither its policy nor a word that opts out of it; a tag that cannot be read is no such word. */
function ungoverned(mark: TagMark | null, gate: LeftReason): TagVerdict {
  return mark !== null && (gate.code === 'no-policy' || gate.code === 'opted-out') ? lifted(mark, gate.code) : leave(gate);
}

const lifted = ({ markedAt }: TagMark, why: 'no-policy' | 'opted-out' | 'parent-owns-tags'): Write => ({
  ...{ tags: {}, keys: [MARK_TAG] },
  because: { code: 'mark-lifted', markedAt, why },
});

interface Around {
  readonly lineage: Lineage;
  readonly clues: Offering;
  readonly mark: TagMark | null;
  readonly facts: TagFacts;
}

function verdictOf(resource: Tagged, policy: TagPolicy, { lineage, clues, mark, facts }: Around): TagVerdict {
  const { ref, tags, parent } = resource;
  // A member's tags come from its parent: what is written to the child would be gone with the next replacement.
  if (parent !== null) return ofParent(parent, mark);
  if (lineage.unread !== null) return leave({ code: 'tags-unread', why: lineage.unread });

  const wish = facts.wishes.get(ref.id);
  const given: Given = (by, keys) => clues.given({ ...resource, tags: by }, policy, keys);
  const fixed = fixTags(resource, policy, { ...lineage, accepted: acceptedBy(wish), given });
  const missing = missingKeys(fixed.tags, policy, ref);
  const isIdle = Object.keys(fixed.write).length === 0 && fixed.remove.length === 0;
  if (missing.length === 0 && isIdle) return mark === null ? leave({ code: 'compliant' }) : completed(mark);

  const settlesAt = birthOver(resource, policy, facts);
  if (facts.at < settlesAt && mark === null && fixed.accepted.length === 0) return leave({ code: 'just-born', until: settlesAt });

  if (missing.length === 0) return fixing(resource, fixed, mark, wish);
  // What hangs on a member goes with it: it may inherit, and is not held to account.
  if (lineage.parent !== null) return isIdle ? ofParent(lineage.parent, mark) : fixing(resource, fixed, null, wish);
  const deadline = mark?.deadline ?? addSeconds(facts.at, policy.grace.days * DAY);
  const marking = stands(mark, tags, missing) ? leave({ code: 'marked', missing, deadline }) : marked(resource, fixed, missing, deadline);
  return 'left' in marking && !isIdle ? fixing(resource, fixed, null, wish) : marking;
}

const ofParent = ({ kind, name }: NonNullable<Tagged['parent']>, mark: TagMark | null): TagVerdict =>
  mark === null ? leave({ code: 'parent-owns-tags', parent: `${kind} ${name}` }) : lifted(mark, 'parent-owns-tags');

/** Memory is the truth and the tag its visible copy: a tag that somebody typed in by hand is no mark of ours. */
const completed = ({ markedAt }: TagMark): Write => ({ tags: {}, keys: [MARK_TAG], because: { code: 'tags-completed', markedAt } });

/** Some tools tag just after launching. Where AWS tells no birth, it begins when we first see it. */
function birthOver({ ref, createdAt }: Tagged, { settle }: TagPolicy, { at, memory }: TagFacts): Instant {
  return createdAt === null ? (memory.get(ref.id)?.settlesAt ?? addSeconds(at, settle)) : addSeconds(createdAt, settle);
}

/** What can be put right and the mark of what cannot, in one write: the next look may be hours away. */
function marked(resource: Tagged, { write, remove }: Fixed, missing: readonly string[], deadline: Instant): TagVerdict {
  const tags = { ...write, [MARK_TAG]: markText(missing, deadline) };
  return withRoom(resource, { tags, keys: remove, because: { code: 'tags-missing', missing, deadline } });
}

function fixing(resource: Tagged, { write, remove, fixes, accepted }: Fixed, done: TagMark | null, wish: Wish | undefined): TagVerdict {
  const because: ChangeReason =
    accepted.length > 0 && wish !== undefined ? { code: 'tags-accepted', keys: accepted, by: wish.by } : { code: 'tags-fixed', fixes };
  return withRoom(resource, { tags: write, keys: done === null ? remove : [...remove, MARK_TAG], because });
}

function withRoom({ tags }: Tagged, write: Write): TagVerdict {
  const own = ownKeys(tags);
  const added = Object.keys(write.tags).filter(key => !Object.hasOwn(tags, key));
  return own.length + added.length > TAGS_MAX ? leave({ code: 'tag-limit', count: own.length }) : write;
}

function toChange({ resource: { ref, tags }, write, policy }: Draft, at: Instant): Change {
  const { because } = write;
  const action = writingOf(ref.kind, write.tags, write.keys);
  const heard = policy === null ? [] : [TAG_POLICY, ...Object.keys(policy.match.except)];
  const argued = [...Object.keys(write.tags), ...write.keys, ...(because.code === 'tags-missing' ? because.missing : []), ...heard];
  // What was argued from must still be so: a tag that its owner adds in between, or that takes it from us, makes the change stale.
  const expects = { tags: Object.fromEntries(argued.map(key => [key, Object.hasOwn(tags, key) ? worn(tags, key) : null])) };
  // Argued afresh each hour: a failed write is a new change at the next look, a copy within the hour is the same one.
  const causeAt = floorTo(at, HOUR);
  return {
    id: changeId({ resource: ref, action, expects, causeAt, attempt: 1 }),
    pen: 'enforce-tags',
    resource: ref,
    action,
    because,
    causeAt,
    expects,
    attempt: 1,
    policy: policy?.name ?? 'none',
    mode: policy === null || AT_ONCE.has(because.code) ? 'act' : policy.mode,
    saving: null,
    losing: [],
    owner: readOwner(tags),
  };
}

/** Whatever the mode of its policy: what a person has said yes to, and what clears a mark of ours. */
const AT_ONCE: ReadonlySet<ChangeReason['code']> = new Set(['tags-accepted', 'tags-completed', 'mark-lifted']);

/** When something falls due of what is remembered, seen at this look or not, and of the marks that this plan sets: instants to come. */
const wakes = (memory: ReadonlyMap<string, TagMemory>, next: ReadonlyMap<string, TagMemory>, { changes }: Plan, at: Instant): Instant[] =>
  [
    ...[...memory.values(), ...next.values()].flatMap(({ mark, settlesAt = at }) => [settlesAt, ...(mark === null ? [] : dueDates(mark))]),
    ...changes.flatMap(({ because, mode }) =>
      mode === 'act' && because.code === 'tags-missing' ? dueDates({ markedAt: at, deadline: because.deadline }) : [],
    ),
  ].filter(due => due > at);

const dueDates = (mark: Pick<TagMark, 'markedAt' | 'deadline'>): Instant[] => stagesOf(mark).map(stage => stage.at);
