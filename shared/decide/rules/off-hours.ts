/**
 * Schedules act at transitions, not by force. A box whose latest start lies after the transition was started by somebody who wants it:
 * it is theirs until the next one. No memory is needed for this, so a lost write cannot stop it under their hands.
 */
import type { Instance } from '../../model/observation.ts';
import type { InstanceContext } from '../decide-instances.ts';
import { isException } from './enforced.ts';
import { leave, type Rule } from './rule.ts';
import { stopOf } from './stop-of.ts';

export const offHours: Rule<Instance, InstanceContext> = (instance, { hours, memory, policy, wish, at }) => {
  if (hours === null || hours.state !== 'stopped' || hours.since === null) return null;
  const { since, until, schedule } = hours;
  const { launchedAt } = instance;
  const isTheirs = launchedAt >= since && (!policy.enforced || isException(wish, 'running', since));
  if (isTheirs) return leave({ code: 'started-by-hand', at: launchedAt, until });
  const { aheadOf = launchedAt, failedStop: failed } = memory;
  const byUs = launchedAt < aheadOf;
  // Whom we failed to stop, or somebody kept for a night, was started in its hours, and sleeps at the end of the next ones.
  if (policy.retainRunning && !byUs && hours.stateAt(launchedAt) === 'stopped')
    return leave({ code: 'retained', at: launchedAt, schedule });

  return {
    act: stopOf(instance, { policy, memory, at }),
    because: { code: 'off-hours', schedule, since, until },
    causeAt: since,
    expects: { launchedAt },
    attempt: failed?.causeAt === since ? failed.attempt + 1 : 1,
  };
};

/** What we started ahead of its hours is not somebody's own start, and not to be stopped again either. */
export const startedAhead: Rule<Instance, InstanceContext> = (_, { hours, memory }) =>
  hours !== null && hours.state === 'stopped' && hours.until === memory.aheadOf
    ? leave({ code: 'started-ahead', schedule: hours.schedule, of: hours.until })
    : null;

/** Where a schedule says neither on nor off, nobody is stopped: not for the hours, and not for idleness either. */
export const leftOpen: Rule<Instance, InstanceContext> = (_, { hours }) =>
  hours?.state === 'any' ? leave({ code: 'left-open', schedule: hours.schedule, until: hours.until }) : null;

/** The last word: nothing argued for a stop. */
export const onHoursNow: Rule<Instance, InstanceContext> = (_, { hours }) =>
  leave({ code: 'on-hours-now', schedule: hours?.schedule ?? 'none', until: hours?.until ?? null });
