/** When the instance pen has to look again. Pure. */
import { addSeconds, type Instant, MINUTE } from '../model/time.ts';
import { startsAhead } from './boot.ts';
import type { Standing } from './decide-instances.ts';
import { wakesAt } from './rules/learned-idleness.ts';
import type { Verdict } from './rules/rule.ts';

/** When something about this instance next falls due. */
export function wakeUps(verdict: Verdict, standing: Standing, at: Instant): (Instant | null)[] {
  const { hours, memory, policy } = standing;
  const reason = 'left' in verdict ? verdict.left : null;
  const start = memory?.start ?? null;
  return [
    hours?.until ?? null,
    // Nothing tells us when somebody starts or stops it by hand, so a schedule that is enforced is looked at at every tick.
    policy?.enforced === true && hours !== null ? at : null,
    reason?.code === 'asleep' && reason.until !== null ? addSeconds(reason.until, -startsAhead(memory, policy)) : null,
    reason?.code === 'asleep' ? wakesAt(reason.because, standing) : null,
    standing.tagDue !== null && standing.tagDue.from > at ? standing.tagDue.from : null,
    // Status checks are looked at until they have passed.
    memory?.boot == null ? null : at,
    // A start that nobody saw fail may still have failed; one that failed is argued again, or not, by its rule.
    start === null || start.failure !== null ? null : addSeconds(start.at, ARRIVES_WITHIN),
    reason?.code === 'kept' || reason?.code === 'snoozed' ? reason.until : null,
    reason?.code === 'start-failing' ? reason.nextAt : null,
    // An open question, or a state that lasts for moments: nothing could be decided yet.
    reason?.code === 'unsettled' || reason?.code === 'in-transition' ? at : null,
  ];
}

const ARRIVES_WITHIN = 5 * MINUTE;
