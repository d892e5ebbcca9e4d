/**
 * A fleet's off-hours. At the beginning its sizes go down, at the end what was there comes back: exactly, but for what somebody has
 * changed meanwhile, which stands. The sizes before are carried by the change itself, so they are on record before anything is written.
 */
import type { SleepDebt } from '../../model/memory.ts';
import type { Fleet } from '../../model/observation.ts';
import type { ChangeReason, Sizes } from '../../model/plan.ts';
import type { FleetPolicy } from '../../policy/schema.ts';
import type { FleetContext, FleetStanding } from '../decide-fleets.ts';
import { retryAt } from './comes-back.ts';
import { leave, type Verdict } from './rule.ts';

/** A way down that AWS does not take is let be for that night: it costs money, and nobody's work. */
export const TRIES_MAX = 5;

export const sizesOf = ({ minSize, maxSize, desiredCapacity }: Sizes): Sizes => ({ minSize, maxSize, desiredCapacity });

export const sameSizes = (a: Sizes, b: Sizes): boolean =>
  a.minSize === b.minSize && a.maxSize === b.maxSize && a.desiredCapacity === b.desiredCapacity;

/** For a fleet that sleeps by our hand: whether it comes back now. `null`: it sleeps on, or there is nothing left to bring back. */
export function wakes(fleet: Fleet, standing: FleetStanding): Verdict | null {
  const { hours, gate } = standing;
  const debt = standing.memory?.asleep ?? null;
  if (debt === null) return null;
  if (hours === null) {
    if (gate !== null && gate.code !== 'no-policy' && gate.code !== 'opted-out') return leave(gate); // a tag that nobody can read says nothing
    const why = gate === null ? 'no-schedule' : gate.code === 'opted-out' ? 'opted-out' : 'no-policy';
    return back(fleet, debt, standing, debt.at, { code: 'released', stoppedAt: debt.at, why });
  }
  if (hours.state !== 'running') return null;
  const since = hours.since ?? debt.at;
  const lastFailure = debt.back?.boundary === since ? debt.back.failure : null;
  return back(fleet, debt, standing, since, { code: 'on-hours', schedule: hours.schedule, since, stoppedAt: debt.at, lastFailure });
}

function back(fleet: Fleet, debt: SleepDebt, { at }: FleetStanding, boundary: FleetStanding['at'], because: ChangeReason): Verdict | null {
  const sizes = sizesBack(fleet, debt);
  if (sameSizes(sizes, fleet)) return null;
  const failed = debt.back?.boundary === boundary ? debt.back : null;
  if (failed !== null && at < retryAt(failed)) {
    return leave({ code: 'start-failing', attempts: failed.attempt, why: failed.failure, nextAt: retryAt(failed) });
  }
  return {
    act: { kind: 'set-sizes', ...sizes },
    because,
    causeAt: boundary,
    expects: sizesOf(fleet),
    attempt: (failed?.attempt ?? 0) + 1,
  };
}

/** Each size goes back by itself if it is as we left it. Capacity that demand has added meanwhile stays until demand lets it go. */
export function sizesBack(fleet: Sizes, { was, is }: SleepDebt): Sizes {
  const maxSize = fleet.maxSize === is.maxSize ? was.maxSize : fleet.maxSize;
  const minSize = Math.min(fleet.minSize === is.minSize ? was.minSize : fleet.minSize, maxSize);
  const desired =
    fleet.desiredCapacity === is.desiredCapacity ? Math.max(was.desiredCapacity, fleet.desiredCapacity) : fleet.desiredCapacity;
  return { minSize, maxSize, desiredCapacity: Math.min(Math.max(desired, minSize), maxSize) };
}

/**
 * The way down, once at each boundary; and asleep until the next one.
 * @param argued what demand would argue for within other bounds; `null`: capacity is not ours to set.
 */
export function sleeps(
  fleet: Fleet,
  { at, hours, memory, policy, keepUntil }: FleetContext,
  argued: (smaller: Fleet) => Verdict | null,
): Verdict | null {
  const { offHours } = policy;
  if (hours === null || offHours === undefined || hours.state !== 'stopped') return null;
  if (keepUntil !== null && at < keepUntil) return leave({ code: 'kept', until: keepUntil });
  const debt = memory.asleep ?? null;
  const down = sizesDown(fleet, offHours, argued);
  // Where the bounds are low enough, demand decides by itself.
  const isDown = offHours.minSize > 0 ? sameSizes({ ...down, desiredCapacity: fleet.desiredCapacity }, fleet) : sameSizes(down, fleet);
  if (debt === null && !isDown) {
    const since = hours.since ?? at;
    const failed = memory.failedSleep?.causeAt === since ? memory.failedSleep : null;
    if (failed !== null && (failed.attempt >= TRIES_MAX || at < retryAt(failed))) return null;
    return {
      act: { kind: 'set-sizes', ...down },
      because: { code: 'off-hours', schedule: hours.schedule, since, until: hours.until },
      causeAt: since,
      expects: sizesOf(fleet),
      attempt: (failed?.attempt ?? 0) + 1,
    };
  }
  if (offHours.minSize > 0) return null; // above the floor demand decides
  const was = debt?.was ?? sizesOf(fleet);
  const changed = debt !== null && !sameSizes(debt.is, fleet);
  return leave({ code: 'fleet-asleep', since: debt?.at ?? hours.since ?? at, until: hours.nextOn, was, changed });
}

/** Off-hours only take away: a size that is lower already stays. Above a floor nothing is taken that demand still needs. */
function sizesDown(fleet: Fleet, offHours: NonNullable<FleetPolicy['offHours']>, argued: (smaller: Fleet) => Verdict | null): Sizes {
  const minSize = Math.min(fleet.minSize, offHours.minSize);
  const maxSize = Math.min(fleet.maxSize, offHours.maxSize ?? fleet.maxSize);
  if (offHours.minSize === 0) return { minSize, maxSize, desiredCapacity: 0 };
  const most = Math.min(fleet.desiredCapacity, maxSize);
  const verdict = argued({ ...fleet, minSize, maxSize });
  const wanted = verdict !== null && 'act' in verdict && verdict.act.kind === 'set-desired-capacity' ? verdict.act.desiredCapacity : most;
  return { minSize, maxSize, desiredCapacity: Math.min(most, wanted) };
}
