/** What a policy of tags asks of one resource. Pure, but for patterns: whoever asks has awaited `loadPatterns`. */
import type { ResourceRef, Tags } from '../model/ids.ts';
import { hasTags, inReach } from './match.ts';
import { matchesPattern } from './patterns.ts';
import type { TagPolicy } from './schema.ts';
import { caseOf, type Letters } from './tag-spelling.ts';
import { isOthers } from './tag-words.ts';

export type Requirement = TagPolicy['required'][number];
type Whose = Pick<ResourceRef, 'kind' | 'scope'>;

/** For each key the first requirement that speaks of a resource with these tags, in the policy's order. */
export function requirementsOf(policy: TagPolicy, whose: Whose, tags: Tags): Requirement[] {
  const found = new Map<string, Requirement>();
  for (const requirement of policy.required) {
    const { key } = requirement;
    if (!found.has(key) && !isOthers(whose.kind, key) && speaksHere(requirement, whose, tags)) found.set(key, requirement);
  }
  return [...found.values()];
}

function speaksHere({ where }: Requirement, { kind, scope }: Whose, tags: Tags): boolean {
  if (where === undefined) return true;
  return inReach(where, scope) && (where.resources?.includes(kind) ?? true) && hasTags(tags, where.tags ?? {});
}

/** An empty value is none. */
export function isAllowed(requirement: Requirement, value: string): boolean {
  const { values, case: letters } = requirement;
  if (value === '') return false;
  if (letters === 'lower' && value !== value.toLowerCase()) return false;
  if (letters === 'upper' && value !== value.toUpperCase()) return false;
  const isListed =
    values === undefined || values.includes(value) || (letters === 'ignore' && values.some(v => v.toLowerCase() === value.toLowerCase()));
  return isListed && matchesPattern(requirement, value);
}

/** Keys that are absent, empty, or hold a value that the policy does not allow. */
export const missingKeys = (tags: Tags, policy: TagPolicy, whose: Whose): string[] =>
  requirementsOf(policy, whose, tags)
    .filter(requirement => !isAllowed(requirement, worn(tags, requirement.key)))
    .map(requirement => requirement.key);

/** Empty where there is none. A tag called `constructor` must be worn, not inherited from JavaScript. */
export const worn = (tags: Tags, key: string): string => (Object.hasOwn(tags, key) ? (tags[key] ?? '') : '');

/** The value as the policy spells it. @param letters what is required of its key */
export function spelt({ normalise }: Pick<TagPolicy, 'normalise'>, key: string, letters: Letters, value: string): string {
  const values = normalise?.values ?? {};
  const spellings = Object.hasOwn(values, key) ? (values[key] ?? {}) : {};
  return caseOf(letters, Object.entries(spellings).find(([, others]) => others.includes(value))?.[0] ?? value);
}
