/**
 * Whom a policy speaks of. Pure: the runtime asks this of every resource.
 *
 * All parts of a match must hold (tags *and* names *and* accounts *and* regions); within one part any of the values will do.
 * Several policies of one kind may match one resource: **the first wins**, in the order of the config: files by name, then top to bottom.
 */
import type { ResourceRef, Scope, Tags } from '../model/ids.ts';
import type { Match, Policy, TagPolicy } from './schema.ts';

export interface Matchable {
  readonly tags: Tags;
  /** An Auto Scaling group's name, an instance's Name tag; `null` where there is none. */
  readonly name: string | null;
  readonly scope: Scope;
}

/** What every observed resource carries. */
export interface Resource {
  readonly ref: ResourceRef;
  readonly tags: Tags;
}

export type PolicyKind = Policy['kind'];
export type PolicyOf<Kind extends PolicyKind> = Extract<Policy, { kind: Kind }>;

/** A match that names neither tag nor name matches nothing, whatever the schema let through. */
export function matches(match: Match, { tags, name, scope }: Matchable): boolean {
  if (Object.keys(match.tags).length === 0 && match.names === undefined) return false;
  return inReach(match, scope) && hasTags(tags, match.tags) && (match.names === undefined || (name !== null && anyLike(match.names, name)));
}

/** Tag policies speak of everything in their reach that is not exempt: lacking a tag is what they look for. */
function matchesForTags(match: TagPolicy['match'], { ref, tags }: Resource): boolean {
  return (
    match.resources.includes(ref.kind) &&
    inReach(match, ref.scope) &&
    !Object.entries(match.except).some(([key, values]) => hasTag(tags, key, values))
  );
}

/** Whether any policy of this kind could speak here at all: its accounts and regions, which no tag overrides. */
export const inReach = (match: Pick<Match, 'accounts' | 'regions'>, scope: Scope): boolean =>
  (match.accounts?.includes(scope.account) ?? true) && (match.regions?.includes(scope.region) ?? true);

/** The first policy whose match holds, `null` when none does. */
export const policyFor = <P extends Policy>(policies: readonly P[], resource: Resource): P | null =>
  policies.find(policy => speaksOf(policy, resource)) ?? null;

export function speaksOf(policy: Policy, { ref, tags }: Resource): boolean {
  if (policy.kind === 'tags') return matchesForTags(policy.match, { ref, tags });
  return matches(policy.match, { tags, name: ref.kind === 'auto-scaling-group' ? ref.id : ref.name, scope: ref.scope });
}

/** The policies of one kind, in order. */
export const policiesOf = <Kind extends PolicyKind>(policies: readonly Policy[], kind: Kind): PolicyOf<Kind>[] =>
  policies.filter((policy): policy is PolicyOf<Kind> => policy.kind === kind);

/** Whether all of these tags are worn, each with one of its values. */
export const hasTags = (tags: Tags, patterns: Readonly<Record<string, readonly string[]>>): boolean =>
  Object.entries(patterns).every(([key, values]) => hasTag(tags, key, values));

function hasTag(tags: Tags, key: string, values: readonly string[]): boolean {
  if (!Object.hasOwn(tags, key)) return false; // a tag called `constructor` must be worn, not inherited
  const value = tags[key];
  return value !== undefined && anyLike(values, value);
}

const anyLike = (patterns: readonly string[], value: string): boolean => patterns.some(pattern => like(pattern, value));

/** Case-sensitive, as EC2's tags are. `*` stands for any ending, the empty one included, and only at the end. */
const like = (pattern: string, value: string): boolean =>
  pattern.endsWith('*') ? value.startsWith(pattern.slice(0, -1)) : pattern === value;
