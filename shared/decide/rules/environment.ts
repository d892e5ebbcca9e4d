/**
 * Elastic Beanstalk environments. Their group is theirs: all that is ever written are option settings, when the environment is ready for
 * it, a few times a day. A pause is a pair of scheduled actions that are written together, so nobody can forget the second.
 */
import type { SleepDebt } from '../../model/memory.ts';
import type { Fleet } from '../../model/observation.ts';
import type { ChangeReason, Sizes } from '../../model/plan.ts';
import { addSeconds, epochSeconds, fromEpochSeconds, HOUR, type Instant, later, MINUTE, secondsBetween } from '../../model/time.ts';
import type { FleetPolicy } from '../../policy/schema.ts';
import type { FleetContext, FleetStanding } from '../decide-fleets.ts';
import { retryAt } from './comes-back.ts';
import { TRIES_MAX } from './fleet-sleep.ts';
import type { Pace } from './floor.ts';
import { leave, type Rule, type Verdict } from './rule.ts';

/** An update locks its environment for minutes: raised early, lowered late. */
export const ENVIRONMENT_PACE: Pace = { raiseAfter: HOUR, lowerAfter: 4 * HOUR, perDay: 4 };

/** Seconds from an update until its group must look accordingly. */
const SETTLES_IN = 20 * MINUTE;

/** A pause is written that long before it begins; and what is written late begins that long after. */
const AHEAD = 40 * MINUTE;
const UPDATE_TAKES = 15 * MINUTE;

/** Shorter ones are not worth two updates of the group. */
const SHORTEST_PAUSE = HOUR;

export const isEnvironment = ({ ref }: Fleet): boolean => ref.kind === 'beanstalk-environment';

/** Its sizes by its own settings, where they were asked for: the group follows some minutes later, and scheduled actions move only the group. */
export function bySettings(fleet: Fleet): Fleet {
  const { environment } = fleet;
  if (environment === null || 'unread' in environment) return fleet;
  return { ...fleet, minSize: environment.minSize, maxSize: environment.maxSize };
}

/** Whatever would be written, as an update of the environment; or why it takes none now. */
export function throughBeanstalk({ environment }: Fleet, verdict: Verdict): Verdict {
  if ('left' in verdict) return verdict;
  if (environment !== null && 'unread' in environment) return leave({ code: 'environment-unread', why: environment.unread });
  if (environment?.singleInstance) return leave({ code: 'single-instance' });
  if (environment !== null && environment.status !== 'Ready') return leave({ code: 'environment-busy', status: environment.status });
  const { act } = verdict;
  return act.kind === 'set-min-size' ? { ...verdict, act: { kind: 'set-environment-min-size', minSize: act.minSize } } : verdict;
}

/** What a look makes of the debts: a pause is over when its group has other sizes again. */
export function afterPause(debt: SleepDebt | null, fleet: Fleet, at: Instant): SleepDebt | null {
  if (debt?.pause === undefined || at < debt.pause.until) return debt;
  return isDown(fleet, debt) ? debt : null;
}

/** A floor of ours that its group does not show long after the update is somebody else's number by now. */
export const settled = (changedAt: readonly Instant[], at: Instant): boolean => {
  const latest = changedAt.at(-1);
  return latest === undefined || at >= addSeconds(latest, SETTLES_IN);
};

/** The pair for the off-hours that come, or have begun. */
export const pauses: Rule<Fleet, FleetContext> = (fleet, { at, hours, memory, policy, keepUntil }) => {
  const { offHours } = policy;
  const debt = memory.asleep ?? null;
  if (debt?.pause !== undefined) {
    const { from, until } = debt.pause;
    if (at < from) return leave({ code: 'pause-set', from, until, was: debt.was });
    return leave({ code: 'fleet-asleep', since: from, until, was: debt.was, changed: false });
  }
  if (hours === null || offHours === undefined || hours.state === 'any') return null;
  if (hours.state === 'running' && hours.turnsTo !== 'stopped') return null; // an hour that is nobody's comes first
  const begins = hours.state === 'running' ? hours.until : at;
  if (begins === null || secondsBetween(at, begins) > AHEAD) return null;
  if (keepUntil !== null && begins < keepUntil) return leave({ code: 'kept', until: keepUntil });
  const { nextOn, schedule } = hours;
  if (nextOn === null) return leave({ code: 'never-returns', schedule });
  const pauseAt = free(later(begins, fiveMinutes(addSeconds(at, UPDATE_TAKES))), fleet);
  const down = sizesDown(fleet, offHours);
  if (secondsBetween(pauseAt, nextOn) < SHORTEST_PAUSE || fleet.desiredCapacity <= down.desiredCapacity) return null;

  const causeAt = (hours.state === 'running' ? hours.until : hours.since) ?? at;
  const failed = memory.failedSleep?.causeAt === causeAt ? memory.failedSleep : null;
  if (failed !== null && (failed.attempt >= TRIES_MAX || at < retryAt(failed))) return null;
  return {
    act: { kind: 'pause-environment', pauseAt, resumeAt: free(nextOn, fleet), down, back: sizesOf(fleet) },
    because: { code: 'off-hours', schedule, since: begins, until: nextOn },
    causeAt,
    expects: { minSize: fleet.minSize, maxSize: fleet.maxSize },
    attempt: (failed?.attempt ?? 0) + 1,
  };
};

/** The second of the pair has not brought it back, or nobody speaks for the pause any more. `null`: nothing is owed now. */
export function resumes(fleet: Fleet, standing: FleetStanding): Verdict | null {
  const { policy, gate, hours, at, memory } = standing;
  const debt = memory?.asleep ?? null;
  if (debt?.pause === undefined) return null;
  const { until } = debt.pause;
  if (hours === null || !policy.beanstalk) {
    if (gate !== null && gate.code !== 'no-policy' && gate.code !== 'opted-out') return leave(gate); // a tag that nobody can read says nothing
    const why = gate === null ? 'no-schedule' : gate.code === 'opted-out' ? 'opted-out' : 'no-policy';
    const soon = at >= addSeconds(until, -SETTLES_IN);
    if (!soon) return resume(debt, debt.at, at, fleet, { code: 'released', stoppedAt: debt.at, why });
  }
  if (at < addSeconds(until, UPDATE_TAKES)) return null;
  const lastFailure = debt.back?.failure ?? null;
  const schedule = hours?.schedule ?? 'its schedule';
  return resume(debt, until, at, fleet, { code: 'on-hours', schedule, since: until, stoppedAt: debt.pause.from, lastFailure });
}

function resume(debt: SleepDebt, boundary: Instant, at: Instant, fleet: Fleet, because: ChangeReason): Verdict {
  const failed = debt.back?.boundary === boundary ? debt.back : null;
  if (failed !== null && at < retryAt(failed)) {
    return leave({ code: 'start-failing', attempts: failed.attempt, why: failed.failure, nextAt: retryAt(failed) });
  }
  return {
    act: { kind: 'resume-environment', resumeAt: free(fiveMinutes(addSeconds(at, UPDATE_TAKES)), fleet), back: debt.was },
    because,
    causeAt: boundary,
    expects: {},
    attempt: (failed?.attempt ?? 0) + 1,
  };
}

const isDown = ({ minSize, maxSize }: Fleet, { is }: SleepDebt): boolean => minSize === is.minSize && maxSize === is.maxSize;

/** Scheduled actions know 0, which MinSize of an environment does not; a floor leaves room above it. */
function sizesDown(fleet: Sizes, { minSize, maxSize }: NonNullable<FleetPolicy['offHours']>): Sizes {
  if (minSize === 0) return { minSize: 0, maxSize: 0, desiredCapacity: 0 };
  return { minSize, maxSize: Math.max(minSize, Math.min(fleet.maxSize, maxSize ?? fleet.maxSize)), desiredCapacity: minSize };
}

const sizesOf = ({ minSize, maxSize, desiredCapacity }: Sizes): Sizes => ({ minSize, maxSize, desiredCapacity });

const fiveMinutes = (at: Instant): Instant => fromEpochSeconds(Math.ceil(epochSeconds(at) / (5 * MINUTE)) * 5 * MINUTE);

/** No two scheduled actions of a group may begin at one instant: the next free minute. */
function free(at: Instant, { environment }: Fleet): Instant {
  const taken = environment === null || 'unread' in environment ? {} : environment.oneTime;
  const others = new Set(Object.entries(taken).flatMap(([name, when]) => (OURS.has(name) ? [] : when)));
  let when = at;
  while (others.has(when)) when = addSeconds(when, MINUTE);
  return when;
}

const OURS = new Set(['ebb-pause', 'ebb-resume']);
