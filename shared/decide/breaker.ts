/**
 * A breaker refuses: a plan argued from *measurement* that touches an implausible share of what a policy matches means that we see the
 * world wrongly. Announced schedule changes and everything that gives something back are exempt.
 */
import { type Change, isIdle } from '../model/plan.ts';
import type { Breaker } from '../policy/schema.ts';
import { leftBy, type Trimmed } from './budget.ts';

export function breaker(changes: readonly Change[], limits: Breaker, matched: number): Trimmed {
  const argued = changes.filter(fromMeasurement);
  const tripped = argued.length >= limits.atLeast && argued.length > limits.share * matched;
  if (!tripped) return { changes: [...changes], left: [] };
  return {
    changes: changes.filter(c => !fromMeasurement(c)),
    left: argued.map(c => leftBy(c, { code: 'breaker', touched: argued.length, of: matched, share: limits.share, would: c.because })),
  };
}

const fromMeasurement = ({ because }: Change): boolean => isIdle(because) || because.code === 'tag-deadline';
