/** What we stopped comes back: at on-hours, again after every failure, and at once when no schedule speaks for it any more. */
import type { InstanceMemory, StartInFlight, StopDebt } from '../../model/memory.ts';
import type { Instance } from '../../model/observation.ts';
import type { ChangeReason } from '../../model/plan.ts';
import { addSeconds, type Instant, MINUTE } from '../../model/time.ts';
import { startsAhead } from '../boot.ts';
import type { Standing } from '../decide-instances.ts';
import type { Hours } from '../hours.ts';
import { wakesEarly } from './learned-idleness.ts';
import { typeBefore } from './retype.ts';
import { leave, type Verdict } from './rule.ts';
import { withheldForTags } from './tag-deadline.ts';

/** Minutes from one failing start to the next try. Capacity comes back in minutes or hours: soon at first, then every half hour. */
const RETRY_MINUTES = [5, 5, 10, 15, 30] as const;

export const retryAt = (start: Pick<StartInFlight, 'attempt' | 'at'>): Instant =>
  addSeconds(start.at, (RETRY_MINUTES[Math.min(start.attempt, RETRY_MINUTES.length) - 1] ?? 30) * MINUTE);

/** What is known of an instance that we have stopped. */
export type Owed = Standing & { readonly memory: InstanceMemory & { readonly stop: StopDebt } };

/** For a stopped instance. */
export function comesBack(instance: Instance, standing: Owed): Verdict {
  const verdict = returns(instance, standing);
  return typeBefore(verdict, instance, standing) ?? verdict;
}

function returns(instance: Instance, standing: Owed): Verdict {
  const { memory, hours } = standing;
  const debt = memory.stop;
  if (startedByOthers(instance, debt, memory.start)) return leave({ code: 'stopped-by-someone', at: instance.stoppedAt });
  const withheld = withheldForTags(instance, standing, debt);
  if (withheld !== null) return withheld;
  const early = wakesEarly(standing);
  if (early !== null) return startAt(instance, standing, debt.at, early);
  // A schedule that has come to its end says nothing any more, and never will: what it stopped is given back as if it were gone.
  if (hours === null || (hours.state === 'any' && hours.until === null)) {
    const because = { code: 'released', stoppedAt: debt.at, why: whyNoHours(standing) } as const;
    return isGivenBack(debt, standing) ? startAt(instance, standing, debt.at, because) : asleep(debt, null);
  }
  // An idle stop in mid-hours sleeps on to the *next* morning. An off-hours stop is owed to any on-hours, though it came late by minutes.
  const slept = debt.because === 'off-hours' || (hours.since !== null && hours.since > debt.at);
  const ahead = aheadOf(hours, standing);
  if (ahead !== null) {
    const { boundary, takes } = ahead;
    const because = {
      code: 'on-hours',
      schedule: hours.schedule,
      since: boundary,
      stoppedAt: debt.at,
      ...lastTry(memory, boundary),
      takes,
    } as const;
    return startAt(instance, standing, boundary, because);
  }
  if (hours.state !== 'running' || !slept) return asleep(debt, hours.nextOn);

  const since = hours.since ?? debt.at;
  return startAt(instance, standing, since, {
    code: 'on-hours',
    schedule: hours.schedule,
    since,
    stoppedAt: debt.at,
    ...lastTry(memory, since),
  });
}

const lastTry = ({ start }: InstanceMemory, boundary: Instant): { readonly lastFailure: string | null } => ({
  lastFailure: start?.boundary === boundary ? start.failure : null,
});

/** On-hours that are so near that a start now is ready by then: the transition stays the cause, and who asks for no such thing waits for it. */
function aheadOf(
  { state, until, nextOn }: Hours,
  { memory, policy, at }: Standing,
): { readonly boundary: Instant; readonly takes: number } | null {
  if (state !== 'stopped' || nextOn === null || nextOn !== until) return null;
  const takes = startsAhead(memory, policy);
  return addSeconds(nextOn, -takes) <= at ? { boundary: nextOn, takes } : null;
}

/** No schedule will ever bring it back: an idle box stays asleep only while its policy still speaks for it. */
const isGivenBack = ({ because }: StopDebt, { gate }: Standing): boolean =>
  because === 'off-hours' || gate?.code === 'opted-out' || gate?.code === 'no-policy';

const whyNoHours = ({ gate }: Standing) =>
  gate === null ? 'no-schedule' : gate.code === 'opted-out' ? 'opted-out' : gate.code === 'no-policy' ? 'no-policy' : 'no-schedule';

const asleep = (debt: StopDebt, until: Instant | null): Verdict => leave({ code: 'asleep', since: debt.at, until, because: debt.because });

/**
 * Somebody started it after our stop, and somebody stopped it again: their stop, their box. A launch without a later stop never arrived:
 * the instance fell back to stopped, and is owed as before. While a start of ours is in flight the launch is its own.
 */
const startedByOthers = ({ launchedAt, stoppedAt }: Instance, debt: StopDebt, inFlight: StartInFlight | null): boolean =>
  inFlight === null && launchedAt > debt.at && stoppedAt !== null && stoppedAt > launchedAt;

/** A start that `boundary` argues: the first, or the next attempt once the latest has failed and some minutes have passed. */
export function startAt(instance: Instance, { memory, at }: Standing, boundary: Instant, because: ChangeReason): Verdict {
  const inFlight = memory?.start?.boundary === boundary ? memory.start : null;
  if (inFlight !== null && inFlight.atOnce !== true && at < retryAt(inFlight)) {
    return inFlight.failure === null
      ? leave({ code: 'in-transition', state: 'starting' })
      : leave({ code: 'start-failing', attempts: inFlight.attempt, why: inFlight.failure, nextAt: retryAt(inFlight) });
  }
  return {
    act: { kind: 'start-instance' },
    because,
    causeAt: boundary,
    expects: { launchedAt: instance.launchedAt },
    attempt: (inFlight?.attempt ?? 0) + 1,
  };
}
