/** Which policy speaks for a resource, and why hands stay off before any rule is asked. */
import type { LeftReason } from '../model/plan.ts';
import type { PolicyKind, PolicyOf, Resource } from '../policy/match.ts';
import type { Policy } from '../policy/schema.ts';
import { type BadTag, choosePolicy, TAG_POLICY } from '../policy/tags.ts';

/** Either a policy speaks for it, and the rules decide; or nobody does, and it is left alone for the reason of its gate, whatever else. */
export type Speaker<Kind extends PolicyKind> =
  | { readonly policy: PolicyOf<Kind>; readonly gate: null }
  | { readonly policy: null; readonly gate: LeftReason };

export function speakerFor<Kind extends PolicyKind>(policies: readonly Policy[], kind: Kind, resource: Resource): Speaker<Kind> {
  // Where there are no policies at all, no tag can choose one: then everything is given back (`ebb release`).
  if (policies.length === 0) return NOBODY;
  const chosen = choosePolicy(policies, kind, resource);
  if ('bad' in chosen) return { policy: null, gate: badTag(chosen.bad) };
  if (chosen.ok === 'opted-out') return { policy: null, gate: { code: 'opted-out', tag: TAG_POLICY } };
  return chosen.ok === null ? NOBODY : { policy: chosen.ok, gate: null };
}

const NOBODY = { policy: null, gate: { code: 'no-policy' } } as const;

/** A typo never means "stop": the owner is told, the resource is left alone. */
export const badTag = (bad: BadTag): LeftReason => ({ code: 'bad-tag', ...bad });
