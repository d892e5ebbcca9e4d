/**
 * A tag deadline stops nothing itself: it is a fact that this rule reads. Whoever lacks a required tag, has been marked for it, and was warned
 * for as long as was promised, is stopped once its deadline is over; and comes back as soon as nothing is held against it any more.
 */
import type { StopDebt, TagMark } from '../../model/memory.ts';
import type { Instance } from '../../model/observation.ts';
import type { Instant } from '../../model/time.ts';
import type { Policy } from '../../policy/schema.ts';
import { missingKeys } from '../../policy/tag-rules.ts';
import type { InstanceContext, Standing } from '../decide-instances.ts';
import { speakerFor } from '../speaker.ts';
import { startAt } from './comes-back.ts';
import { leave, type Rule, type Verdict } from './rule.ts';
import { stopOf } from './stop-of.ts';
import { dueFrom } from './tags/marks.ts';

export interface TagDue {
  readonly missing: readonly string[];
  readonly deadline: Instant;
  /** When the consequence follows: at the deadline, or later where the last warning came late. */
  readonly from: Instant;
}

/** What is held against an instance; `null` where its tags are there by now, or no acting policy of tags escalates. */
export function tagDueOf(instance: Instance, mark: TagMark | undefined, policies: readonly Policy[]): TagDue | null {
  if (mark === undefined) return null;
  const { policy } = speakerFor(policies, 'tags', instance);
  if (policy?.mode !== 'act' || policy.escalate !== 'stop') return null;
  const missing = missingKeys(instance.tags, policy, instance.ref);
  const from = dueFrom(mark);
  return missing.length === 0 || from === null ? null : { missing, deadline: mark.deadline, from };
}

/** The deadline is a transition, like those of schedules: what was started after it was started by somebody who wants it. */
export const tagDeadline: Rule<Instance, InstanceContext> = (instance, { tagDue, at, memory, policy }) => {
  if (tagDue === null || at < tagDue.from || instance.launchedAt >= tagDue.from) return null;
  const { missing, deadline, from } = tagDue;
  const failed = memory.failedStop;
  return {
    act: stopOf(instance, { policy, memory, at }),
    because: { code: 'tag-deadline', missing, deadline },
    causeAt: from,
    // A tag that its owner adds in the last moment makes the stop stale.
    expects: { launchedAt: instance.launchedAt, tags: Object.fromEntries(missing.map(key => [key, instance.tags[key] ?? null])) },
    attempt: failed?.causeAt === from ? failed.attempt + 1 : 1,
  };
};

/**
 * Of what sleeps for whatever reason of ours: it is not started only to be stopped for its tags again. What was stopped for its tags, and
 * they are no longer held against it, comes back at once, or with its next hours if it is off-hours now.
 */
export function withheldForTags(instance: Instance, standing: Standing, debt: StopDebt): Verdict | null {
  const { tagDue, at, hours } = standing;
  if (tagDue !== null && at >= tagDue.from) {
    return leave({ code: 'untagged', since: debt.at, missing: tagDue.missing, deadline: tagDue.deadline });
  }
  if (debt.because !== 'tags') return null;
  if (hours?.state === 'stopped') return leave({ code: 'asleep', since: debt.at, until: hours.nextOn, because: 'tags' });
  return startAt(instance, standing, debt.at, { code: 'released', stoppedAt: debt.at, why: 'tags-forgiven' });
}
