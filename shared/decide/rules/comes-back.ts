/** What we stopped comes back: at on-hours, again after every failure, and at once when no schedule speaks for it any more. */
import type { StartInFlight, StopDebt } from '../../model/memory.ts';
import type { Instance } from '../../model/observation.ts';
import type { ChangeReason } from '../../model/plan.ts';
import { addSeconds, type Instant, MINUTE } from '../../model/time.ts';
import type { Standing } from '../decide-instances.ts';
import { leave, type Verdict } from './rule.ts';

/** Minutes from one failing start to the next try. Capacity comes back in minutes or hours: soon at first, then every half hour. */
const RETRY_MINUTES = [5, 5, 10, 15, 30] as const;

export const retryAt = (start: StartInFlight): Instant =>
  addSeconds(start.at, (RETRY_MINUTES[Math.min(start.attempt, RETRY_MINUTES.length) - 1] ?? 30) * MINUTE);

/** For a stopped instance. */
export function comesBack(instance: Instance, standing: Standing): Verdict {
  const { memory, hours } = standing;
  const debt = memory?.stop ?? null;
  if (debt === null || startedSince(instance, debt)) return leave({ code: 'stopped-by-someone', at: instance.stoppedAt });

  if (hours === null) {
    const because = { code: 'released', stoppedAt: debt.at, why: whyNoHours(standing) } as const;
    return debt.because === 'off-hours' ? start(instance, standing, debt.at, because) : asleep(debt, null);
  }
  // An idle stop in mid-hours sleeps on to the *next* morning: this morning's transition has already been.
  if (hours.state === 'stopped' || hours.since === null || hours.since <= debt.at) {
    return asleep(debt, hours.nextOn);
  }
  const lastFailure = memory?.start?.boundary === hours.since ? memory.start.failure : null;
  const because = { code: 'on-hours', schedule: hours.schedule, since: hours.since, stoppedAt: debt.at, lastFailure } as const;
  return start(instance, standing, hours.since, because);
}

const whyNoHours = ({ gate }: Standing) =>
  gate === null ? 'no-schedule' : gate.code === 'opted-out' ? 'opted-out' : gate.code === 'no-policy' ? 'no-policy' : 'no-schedule';

const asleep = (debt: StopDebt, until: Instant | null): Verdict => leave({ code: 'asleep', since: debt.at, until, because: debt.because });

/** Somebody started it after our stop, and somebody stopped it again: their stop, their box. */
export const startedSince = (instance: Instance, debt: StopDebt): boolean => instance.launchedAt > debt.at;

function start(instance: Instance, { memory, at }: Standing, boundary: Instant, because: ChangeReason): Verdict {
  const inFlight = memory?.start?.boundary === boundary ? memory.start : null;
  if (inFlight !== null && at < retryAt(inFlight)) {
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
