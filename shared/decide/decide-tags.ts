/** Required tags: defaults are written, what is missing is marked with a deadline, and the mark goes when the tags are there. */
import type { Tags } from '../model/ids.ts';
import type { PendingChange, TagMark, TagMemory } from '../model/memory.ts';
import type { Observation, Tagged } from '../model/observation.ts';
import { type Action, type Change, type ChangeReason, changeId, type Left, type LeftReason, type Plan } from '../model/plan.ts';
import { addSeconds, DAY, floorTo, HOUR, type Instant } from '../model/time.ts';
import { policiesOf } from '../policy/match.ts';
import type { Config, TagPolicy } from '../policy/schema.ts';
import { readOwner, TAG_MARK } from '../policy/tags.ts';
import { rank, trim } from './budget.ts';
import type { Decision } from './decision.ts';
import { leave } from './rules/rule.ts';
import { speakerFor } from './speaker.ts';

export interface TagFacts extends Observation<Tagged, TagMemory> {
  readonly pending: ReadonlyMap<string, PendingChange>;
  readonly disruptionsToday: number;
}

/** EC2 allows 50 tags that are not `aws:`'s own. */
const TAGS_MAX = 50;

export function decideTags(facts: TagFacts, { policies }: Pick<Config, 'policies'>): Decision<TagMemory> {
  const { at, scope } = facts;
  const proposed: Change[] = [];
  const left: Left[] = [];
  for (const resource of facts.resources) {
    const { policy, gate } = speakerFor(policies, 'tags', resource);
    const verdict: TagVerdict =
      policy === null || gate !== null ? leave(gate ?? { code: 'no-policy' }) : verdictOf(resource, policy, facts);
    if ('left' in verdict) left.push({ resource: resource.ref, pen: 'enforce-tags', because: verdict.left, policy: policy?.name ?? null });
    else if (policy !== null) proposed.push(toChange(resource, verdict.act, verdict.because, policy, at));
  }
  const changes: Change[] = [];
  for (const policy of policiesOf(policies, 'tags')) {
    const afforded = trim(
      proposed.filter(c => c.policy === policy.name),
      policy.budget,
      facts.disruptionsToday,
    );
    changes.push(...afforded.changes);
    left.push(...afforded.left);
  }
  const plan: Plan = { version: 1, at, scopes: [scope], changes: rank(changes), left, unread: facts.unread };
  return { plan, next: new Map(), nextAt: null };
}

type TagVerdict = { readonly act: Action; readonly because: ChangeReason } | { readonly left: LeftReason };

function verdictOf(resource: Tagged, policy: TagPolicy, facts: TagFacts): TagVerdict {
  const { at } = facts;
  const question = facts.pending.get(resource.ref.id);
  const hindrance = hindranceOf(resource, policy, at);
  if (hindrance !== null) return leave(hindrance);
  if (question !== undefined) return leave({ code: 'unsettled', changeId: question.change.id, claimedAt: question.claimedAt });

  const { tags } = resource;
  const defaults = defaultsFor(tags, policy);
  const missing = missingKeys({ ...tags, ...defaults }, policy);
  const mark = facts.memory.get(resource.ref.id)?.mark ?? null;
  if (missing.length > 0 && !stands(mark, tags, missing)) {
    const deadline = mark?.deadline ?? addSeconds(at, policy.grace.days * DAY);
    // Defaults and mark in one write: the next look may be hours away.
    const marked = { ...defaults, [TAG_MARK]: markText(missing, deadline) };
    const full = noRoomFor(Object.keys(marked), tags);
    if (full === null) return write({ kind: 'create-tags', tags: marked }, { code: 'tags-missing', missing, deadline });
    if (Object.keys(defaults).length === 0) return leave(full);
  }
  const keys = Object.keys(defaults);
  if (keys.length > 0) {
    const full = noRoomFor(keys, tags);
    if (full !== null) return leave(full);
    return write({ kind: 'create-tags', tags: defaults }, { code: 'tags-missing', missing: keys, deadline: at });
  }
  // Memory is the truth and the tag its visible copy: a tag that somebody typed in by hand is no mark of ours.
  if (mark === null) return leave({ code: 'compliant' });
  return missing.length > 0
    ? leave({ code: 'marked', missing, deadline: mark.deadline })
    : write({ kind: 'delete-tags', keys: [TAG_MARK] }, { code: 'tags-completed', markedAt: mark.markedAt });
}

/** Whether the visible mark says what memory says, and that is what is missing now. */
const stands = (mark: TagMark | null, tags: Tags, missing: readonly string[]): boolean =>
  mark !== null && tags[TAG_MARK] === markText(mark.missing, mark.deadline) && sameKeys(mark.missing, missing);

function noRoomFor(keys: readonly string[], tags: Tags): LeftReason | null {
  const own = Object.keys(tags).filter(key => !key.startsWith('aws:'));
  const added = keys.filter(key => tags[key] === undefined);
  return own.length + added.length > TAGS_MAX ? { code: 'tag-limit', count: own.length } : null;
}

function hindranceOf(resource: Tagged, policy: TagPolicy, at: Instant): LeftReason | null {
  if (resource.state === 'terminated' || resource.state === 'shutting-down') return { code: 'gone', state: resource.state };
  // A member's tags come from its parent: a mark on the child would be gone with the next replacement.
  if (resource.parent !== null) return { code: 'parent-owns-tags', parent: `${resource.parent.kind} ${resource.parent.name}` };
  const settled = resource.createdAt === null ? null : addSeconds(resource.createdAt, policy.settle);
  return settled !== null && at < settled ? { code: 'just-born', until: settled } : null;
}

/** Keys that are absent, empty, or hold a value that the policy does not allow. */
export const missingKeys = (tags: Tags, policy: TagPolicy): string[] =>
  policy.required.filter(({ key, values }) => !tags[key] || (values !== undefined && !values.includes(tags[key]))).map(r => r.key);

function defaultsFor(tags: Tags, policy: TagPolicy): Record<string, string> {
  const absent = policy.required.filter(r => tags[r.key] === undefined && r.default !== undefined);
  return Object.fromEntries(absent.map(r => [r.key, r.default ?? '']));
}

/** Only characters that every AWS service allows in a tag, at most 256 of them. */
export const markText = (missing: readonly string[], deadline: Instant): string =>
  `missing ${missing.join(' ').slice(0, 200)} - due ${deadline}`;

const sameKeys = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every(k => b.includes(k));

const write = (act: Action, because: ChangeReason): TagVerdict => ({ act, because });

function toChange({ ref, tags }: Tagged, action: Action, because: ChangeReason, policy: TagPolicy, at: Instant): Change {
  const keys = action.kind === 'create-tags' ? Object.keys(action.tags) : action.kind === 'delete-tags' ? action.keys : [];
  const read = because.code === 'tags-missing' ? [...keys, ...because.missing] : keys;
  // What was argued from must still be so: a tag that its owner adds in between makes the change stale.
  const expects = { tags: Object.fromEntries(read.map(key => [key, tags[key] ?? null])) };
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
    policy: policy.name,
    mode: policy.mode,
    saving: null,
    losing: [],
    owner: readOwner(tags),
  };
}
