/**
 * How the tags of a resource are put right: values that somebody accepted, other spellings, what is inherited, defaults. Applied until
 * nothing more follows, so that what is written leaves nothing to write.
 */
import { type ResourceRef, sameScope, type Tags } from '../../../model/ids.ts';
import type { Parent, Tagged } from '../../../model/observation.ts';
import type { OfferReason, TagOffer } from '../../../model/offer.ts';
import type { TagFix } from '../../../model/plan.ts';
import type { TagPolicy } from '../../../policy/schema.ts';
import { isAllowed, requirementsOf } from '../../../policy/tag-rules.ts';
import { caseOf } from '../../../policy/tag-spelling.ts';
import { isWritable } from '../../../policy/tag-words.ts';

export interface Fixed {
  /** As they are once all is written. */
  readonly tags: Tags;
  readonly write: Tags;
  readonly remove: readonly string[];
  readonly fixes: readonly TagFix[];
  readonly accepted: readonly string[];
}

/** Whose tags are inherited, as they will be. */
export interface Source {
  readonly ref: ResourceRef;
  readonly tags: Tags;
}

interface Descent {
  readonly source: Source | null;
  /** Of whom it hangs on. */
  readonly parent: Parent | null;
}

interface Making {
  readonly ref: ResourceRef;
  readonly policy: TagPolicy;
  readonly source: Source | null;
  readonly given: Given;
  readonly tags: Record<string, string>;
  readonly fixes: Map<string, TagFix>;
}

/** What the policy takes from elsewhere without asking, for keys that have no value. */
export type Given = (keys: readonly string[]) => readonly TagOffer[];

/** A rule that took its own words back would never end; a policy in which one does is not loaded. */
const ROUNDS_MAX = 10;

/** @param accepted tags that somebody said yes to: they come before everything else. */
export function fixTags(
  { ref, tags, unpropagated }: Tagged,
  policy: TagPolicy,
  { source, parent, accepted, given = () => [] }: Descent & { readonly accepted: Tags; readonly given?: Given },
): Fixed {
  const said = Object.entries(accepted).filter(([key, value]) => isWritable(ref, key, value) && tags[key] !== value);
  const making: Making = { ref, policy, source, given, tags: { ...tags, ...Object.fromEntries(said) }, fixes: new Map() };
  for (let round = 0, before = ''; round < ROUNDS_MAX && before !== JSON.stringify(making.tags); round++) {
    before = JSON.stringify(making.tags);
    renameKeys(making);
    respellValues(making);
    inherit(making);
    // What hangs on a member goes when the group replaces it: nothing is made up for that.
    if (parent !== null) continue;
    adopt(making);
    setDefaults(making);
  }
  const held = new Set(unpropagated);
  for (const { key } of requirementsOf(policy, ref, making.tags)) {
    if (held.has(key) && making.tags[key] === tags[key] && Object.hasOwn(tags, key) && isWritable(ref, key, worn(tags, key)))
      making.fixes.set(key, { key, how: 'propagated', from: null });
  }
  const touched = Object.keys(making.tags).filter(key => making.tags[key] !== tags[key] || making.fixes.get(key)?.how === 'propagated');
  return {
    tags: making.tags,
    write: Object.fromEntries(touched.map(key => [key, making.tags[key] ?? ''])),
    remove: Object.keys(tags).filter(key => !Object.hasOwn(making.tags, key)),
    fixes: [...making.fixes.values()].filter(({ key }) => touched.includes(key) || Object.hasOwn(tags, key)),
    accepted: said.map(([key]) => key),
  };
}

/** Of an own tag: one called `constructor` must be worn, not inherited from JavaScript. An empty value is none. */
const worn = (tags: Tags, key: string): string => (Object.hasOwn(tags, key) ? (tags[key] ?? '') : '');

/** Where spellings contradict each other nobody knows which is meant: all of them stay. */
function renameKeys(making: Making): void {
  const { ref, policy, tags, fixes } = making;
  for (const [key, others] of Object.entries(policy.normalise?.keys ?? {})) {
    const found = others.filter(other => worn(tags, other) !== '');
    const values = new Set(found.map(other => spelt(making, key, worn(tags, other))));
    const [value, contradiction] = values;
    if (value === undefined || contradiction !== undefined || !isWritable(ref, key, value)) continue;
    const held = worn(tags, key);
    if (held !== '' && spelt(making, key, held) !== value) continue;
    tags[key] = value;
    for (const other of found) delete tags[other];
    fixes.set(key, { key, how: 'spelling', from: found[0] ?? null });
  }
}

function respellValues(making: Making): void {
  const { ref, policy, tags, fixes } = making;
  const keys = new Set([...Object.keys(policy.normalise?.values ?? {}), ...policy.required.map(r => r.key)]);
  for (const key of keys) {
    const value = worn(tags, key);
    if (value === '') continue;
    const right = spelt(making, key, value);
    if (right === value || !isWritable(ref, key, right)) continue;
    tags[key] = right;
    if (fixes.get(key)?.how !== 'spelling') fixes.set(key, { key, how: 'spelling', from: value });
  }
}

/** The value as the policy spells it. */
function spelt({ ref, policy, tags }: Making, key: string, value: string): string {
  const spellings = Object.hasOwn(policy.normalise?.values ?? {}, key) ? (policy.normalise?.values[key] ?? {}) : {};
  const mapped = Object.entries(spellings).find(([, others]) => others.includes(value))?.[0] ?? value;
  const requirement = requirementsOf(policy, ref, tags).find(r => r.key === key);
  return requirement === undefined ? mapped : caseOf(requirement, mapped);
}

/** Only where it has none of its own: what somebody wrote here stands, though its instance says otherwise. */
function inherit({ ref, policy, source, tags, fixes }: Making): void {
  if (source === null || !sameScope(source.ref.scope, ref.scope)) return;
  const requirements = requirementsOf(policy, ref, tags);
  for (const key of policy.inherit ?? []) {
    const value = worn(source.tags, key);
    if (value === '' || worn(tags, key) !== '' || !isWritable(ref, key, value)) continue;
    const requirement = requirements.find(r => r.key === key);
    if (requirement !== undefined && !isAllowed(requirement, value)) continue;
    tags[key] = value;
    fixes.set(key, { key, how: 'inherited', from: source.ref.id });
  }
}

/** Only where nobody wrote anything: a value that is not allowed is somebody's to put right. */
function adopt({ ref, policy, given, tags, fixes }: Making): void {
  const absent = requirementsOf(policy, ref, tags).flatMap(({ key }) => (worn(tags, key) === '' ? [key] : []));
  for (const { key, value, because } of absent.length === 0 ? [] : given(absent)) {
    if (worn(tags, key) !== '') continue;
    tags[key] = value;
    fixes.set(
      key,
      because.code === 'creator' ? { key, how: 'creator', from: because.who } : { key, how: 'network', from: sourceOf(because) },
    );
  }
}

const sourceOf = (because: OfferReason): string | null => (because.code === 'network' ? because.id : null);

/** In the order of the policy: one value may decide which default of a later key holds. */
function setDefaults({ ref, policy, tags, fixes }: Making): void {
  for (const { key } of policy.required) {
    if (worn(tags, key) !== '') continue;
    const standard = requirementsOf(policy, ref, tags).find(r => r.key === key)?.default;
    if (standard === undefined || !isWritable(ref, key, standard)) continue;
    tags[key] = standard;
    fixes.set(key, { key, how: 'default', from: null });
  }
}
