/**
 * A policy that is `enforced` holds its schedule at every tick, against whoever started or stopped a box by hand. What a person asked of us
 * ourselves is the exception, until the next boundary or for a day: a pen that undid at once what it was asked to do would be a fool.
 */
import type { Wish } from '../../model/memory.ts';
import type { Instance } from '../../model/observation.ts';
import type { Instant } from '../../model/time.ts';
import type { InstanceContext } from '../decide-instances.ts';
import { startAt } from './comes-back.ts';
import { kept, member, spot } from './protection.ts';
import { firstOf, leave, type Rule } from './rule.ts';

/** Of a stopped instance that we owe nothing: in on-hours it is started all the same. That is no debt, and a pause holds it back. */
export const startEnforced: Rule<Instance, InstanceContext> = (instance, context) => {
  const { hours, policy, memory, wish } = context;
  if (!policy.enforced || hours === null || hours.state !== 'running') return null;
  const { schedule } = hours;
  const since = hours.since ?? instance.stoppedAt ?? instance.launchedAt;
  if (isException(wish, 'stopped', since)) return null;
  const hindered = firstOf([kept, spot, member], instance, context);
  if (hindered !== null) return hindered;
  const lastFailure = memory.start?.boundary === since ? memory.start.failure : null;
  return startAt(instance, context, since, { code: 'enforced', schedule, since, lastFailure });
};

/** Last of all rules: what people stopped stays stopped. */
export const stoppedBySomeone: Rule<Instance, InstanceContext> = ({ stoppedAt }, { wish }) =>
  leave({ code: 'stopped-by-someone', at: stoppedAt, ...(wish?.want === 'stopped' && { by: wish.by }) });

/** Somebody asked us for the opposite since the schedule last turned. */
export const isException = (wish: Wish | null, want: 'running' | 'stopped', since: Instant): boolean =>
  wish?.want === want && wish.at >= since;
