/** A rule looks at one resource and answers, or has nothing to say and the next rule is asked. */
import type { Action, ChangeReason, Expects, LeftReason } from '../../model/plan.ts';
import type { Instant } from '../../model/time.ts';

export interface Act {
  readonly act: Action;
  readonly because: ChangeReason;
  readonly causeAt: Instant;
  readonly expects: Expects;
  readonly attempt: number;
}

export type Verdict = Act | { readonly left: LeftReason };

export type Rule<Resource, Context> = (resource: Resource, context: Context) => Verdict | null;

export const leave = (reason: LeftReason): { readonly left: LeftReason } => ({ left: reason });

/** The first answer in order. The last rule of a list must always have one. */
export function firstVerdict<R, C>(rules: readonly Rule<R, C>[], resource: R, context: C): Verdict {
  const verdict = firstOf(rules, resource, context);
  if (verdict === null) throw new Error('no rule answered: the last rule of a list must');
  return verdict;
}

/** The first answer in order; `null` where none of them has one. */
export function firstOf<R, C>(rules: readonly Rule<R, C>[], resource: R, context: C): Verdict | null {
  for (const rule of rules) {
    const verdict = rule(resource, context);
    if (verdict !== null) return verdict;
  }
  return null;
}
