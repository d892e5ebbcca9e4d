/**
 * How the tags of a resource are put right: values that somebody accepted, other spellings, what is inherited, defaults. Applied until
 * nothing more follows, so that what is written leaves nothing to write.
 */
import { type ResourceRef, sameScope, type Tags } from '../../../model/ids.ts';
import type { Parent, Tagged } from '../../../model/observation.ts';
import type { TagFix } from '../../../model/plan.ts';
import type { TagPolicy } from '../../../policy/schema.ts';
import { isAllowed, requirementsOf, spelt, worn } from '../../../policy/tag-rules.ts';
import { isWritable } from '../../../policy/tag-words.ts';
import type { GivenOffer } from './offers.ts';

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

/** What the policy takes from elsewhere without asking, for keys that have no value. @param tags as they are by then */
export type Given = (tags: Tags, keys: readonly string[]) => readonly GivenOffer[];

/** Two rules that take each other's words back would never end: after an even number of rounds such a value is as it was. */
const ROUNDS_MAX = 10;

/** @param accepted tags that somebody said yes to: they come before everything else. */
export function fixTags(
  { ref, tags, unpropagated }: Tagged,
  policy: TagPolicy,
  { source, parent, accepted, given }: Descent & { readonly accepted: Tags; readonly given: Given },
): Fixed {
  const said = Object.entries(accepted).filter(([key, value]) => isWritable(ref, key, value) && tags[key] !== value);
  const making: Making = { ref, policy, source, given, tags: { ...tags, ...Object.fromEntries(said) }, fixes: new Map() };
  for (let round = 0, before: string | null = null; round < ROUNDS_MAX && before !== JSON.stringify(making.tags); round++) {
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
  const write = Object.entries(making.tags).filter(([key, value]) => tags[key] !== value || making.fixes.get(key)?.how === 'propagated');
  return {
    tags: making.tags,
    write: Object.fromEntries(write),
    remove: Object.keys(tags).filter(key => !Object.hasOwn(making.tags, key)),
    fixes: [...making.fixes.values()],
    accepted: said.map(([key]) => key),
  };
}

/** Where spellings contradict each other nobody knows which is meant: all of them stay. */
function renameKeys(making: Making): void {
  const { ref, policy, tags, fixes } = making;
  for (const [key, others] of Object.entries(policy.normalise?.keys ?? {})) {
    const found = others.filter(other => worn(tags, other) !== '');
    const values = new Set(found.map(other => respelt(making, key, worn(tags, other))));
    const [value, contradiction] = values;
    if (value === undefined || contradiction !== undefined || !isWritable(ref, key, value)) continue;
    const held = worn(tags, key);
    if (held !== '' && respelt(making, key, held) !== value) continue;
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
    const right = respelt(making, key, value);
    if (right === value || !isWritable(ref, key, right)) continue;
    tags[key] = right;
    if (fixes.get(key)?.how !== 'spelling') fixes.set(key, { key, how: 'spelling', from: value });
  }
}

const respelt = ({ ref, policy, tags }: Making, key: string, value: string): string =>
  spelt(policy, key, requirementsOf(policy, ref, tags).find(r => r.key === key) ?? {}, value);

/** Only where it has none of its own: what somebody wrote here stands, though its instance says otherwise. */
function inherit({ ref, policy, source, tags, fixes }: Making): void {
  if (source === null || policy.inherit === undefined || !sameScope(source.ref.scope, ref.scope)) return;
  const requirements = requirementsOf(policy, ref, tags);
  for (const key of policy.inherit) {
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
  if (absent.length === 0) return;
  for (const { key, value, because } of given(tags, absent)) {
    if (worn(tags, key) !== '') continue;
    tags[key] = value;
    fixes.set(key, because.code === 'creator' ? { key, how: 'creator', from: because.who } : { key, how: 'network', from: because.id });
  }
}

/** In the order of the policy: one value may decide which default of a later key holds, or from where it is taken instead. */
function setDefaults(making: Making): void {
  const { ref, policy, tags, fixes } = making;
  for (const { key } of policy.required) {
    if (worn(tags, key) !== '') continue;
    const standard = requirementsOf(policy, ref, tags).find(r => r.key === key)?.default;
    if (standard === undefined || !isWritable(ref, key, standard)) continue;
    tags[key] = standard;
    fixes.set(key, { key, how: 'default', from: null });
    adopt(making);
  }
}
