/** Which policy speaks for a resource, and why hands stay off before any rule is asked. */
import type { LeftReason } from '../model/plan.ts';
import type { PolicyKind, PolicyOf, Resource } from '../policy/match.ts';
import type { Policy } from '../policy/schema.ts';
import { type BadTag, choosePolicy, TAG_POLICY } from '../policy/tags.ts';

export interface Speaker<Kind extends PolicyKind> {
  /** `null`: nobody speaks for it, so it is left alone, whatever else. */
  readonly policy: PolicyOf<Kind> | null;
  /** `null`: the rules decide. */
  readonly gate: LeftReason | null;
}

export function speakerFor<Kind extends PolicyKind>(policies: readonly Policy[], kind: Kind, resource: Resource): Speaker<Kind> {
  // Where there are no policies at all, no tag can choose one: then everything is given back (`ebb release`).
  if (policies.length === 0) return { policy: null, gate: { code: 'no-policy' } };
  const chosen = choosePolicy(policies, kind, resource);
  if ('bad' in chosen) return { policy: null, gate: badTag(chosen.bad) };
  if (chosen.ok === 'opted-out') return { policy: null, gate: { code: 'opted-out', tag: TAG_POLICY } };
  return { policy: chosen.ok, gate: chosen.ok === null ? { code: 'no-policy' } : null };
}

/** A typo never means "stop": the owner is told, the resource is left alone. */
export const badTag = (bad: BadTag): LeftReason => ({ code: 'bad-tag', ...bad });
