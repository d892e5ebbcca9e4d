/**
 * Mode `floor`: what was argued for capacity is written as MinSize, above what MinSize was and never above MaxSize, seldom and with
 * hysteresis. Raised at once, lowered late: the scaling policies of AWS do the rest.
 */
import type { FloorDebt } from '../../model/memory.ts';
import type { Fleet } from '../../model/observation.ts';
import type { Reason } from '../../model/plan.ts';
import { addSeconds, DAY, floorTo, HOUR, type Instant, later, MINUTE } from '../../model/time.ts';
import type { FleetPolicy } from '../../policy/schema.ts';
import type { FleetContext, FleetStanding } from '../decide-fleets.ts';
import { isEnvironment } from './environment.ts';
import { leave, type Verdict } from './rule.ts';

export interface Pace {
  /** Seconds from our latest change until the next rise, and until the next fall. */
  readonly raiseAfter: number;
  readonly lowerAfter: number;
  /** Changes in a day. */
  readonly perDay: number;
}

/** A write of MinSize costs nothing but a look at the group's history. */
const GROUP: Pace = { raiseAfter: 15 * MINUTE, lowerAfter: HOUR, perDay: 24 };

/** Seconds until what AWS did not take is tried again: not each minute. */
const AGAIN_AFTER = 5 * MINUTE;

/** Falls by less are not worth a write: the share of the present floor that must be too much. */
const LOWER_BELOW = 0.8;

/** What demand argued, as a floor. @param verdict as if capacity itself were to be set. */
export function floorOf(fleet: Fleet, context: FleetContext, verdict: Verdict, pace: Pace = GROUP): Verdict {
  const asked = askedFor(fleet, context, verdict);
  if (asked === null) return verdict;
  const { at, memory, min, max } = context;
  const debt = standingFloor(fleet, memory.floor ?? null);
  const was = debt?.was ?? fleet.minSize;
  const from = fleet.minSize;
  const suits = Math.min(Math.max(asked.wanted, was, min), Math.max(was, max));
  // Capacity that suits its load needs no floor to hold it: that would only keep AWS from letting it go.
  const to = asked.rises ? suits : Math.min(from, suits);
  if (to === from || (to < from && to > from * LOWER_BELOW)) return leave({ code: 'floor-holds', floor: from, wanted: asked.wanted });
  const failedAt = memory.failedFloorAt ?? null;
  const again = failedAt === null ? at : addSeconds(failedAt, AGAIN_AFTER);
  const free = later(freeAt(memory.floor?.changedAt ?? [], to > from, pace, at), again);
  if (free > at) return leave({ code: 'floor-resting', floor: from, wanted: asked.wanted, until: free });
  return {
    act: { kind: 'set-min-size', minSize: to },
    because: { code: 'floor', from, to, wanted: asked.wanted, argued: asked.argued },
    causeAt: asked.causeAt,
    expects: { minSize: from },
    attempt: 1,
  };
}

/** What we owe, as long as MinSize is what we left: any other number is somebody's, and is the group's own from then on. */
export const standingFloor = ({ minSize }: Pick<Fleet, 'minSize'>, debt: FloorDebt | null): FloorDebt | null =>
  debt !== null && debt.is === minSize ? debt : null;

/** MinSize as it was before us, where nobody speaks for our floor any more. `null`: nothing is owed. */
export function releasesFloor(fleet: Fleet, { memory, policy, gate, at }: FleetStanding): Verdict | null {
  const debt = standingFloor(fleet, memory?.floor ?? null);
  if (debt === null || debt.was === debt.is) return null;
  if (gate !== null && gate.code !== 'no-policy' && gate.code !== 'opted-out') return leave(gate); // a tag that nobody can read says nothing
  const why = gate === null ? whyNoFloor(fleet, policy) : gate.code;
  if (why === null) return null;
  return {
    act: { kind: 'set-min-size', minSize: debt.was },
    because: { code: 'floor-released', from: debt.is, to: debt.was, why },
    causeAt: floorTo(at, HOUR), // what AWS refuses is tried again hourly
    expects: { minSize: debt.is },
    attempt: 1,
  };
}

/** Why its policy keeps no floor; `null`: it does. */
function whyNoFloor(fleet: Fleet, { beanstalk, capacity, mode }: FleetPolicy): 'only-plans' | 'no-floor' | null {
  const keepsFloors = isEnvironment(fleet) ? beanstalk : capacity === 'floor';
  if (!keepsFloors) return 'no-floor';
  return mode === 'act' ? null : 'only-plans';
}

interface Asked {
  readonly wanted: number;
  /** Whether the floor may rise for it: a forecast says what will be needed whatever there is now; a target only where more is wanted. */
  readonly rises: boolean;
  readonly argued: Reason;
  readonly causeAt: Instant;
}

/** `null`: demand argued nothing, so the floor stays where it is. */
function askedFor({ desiredCapacity }: Fleet, { at, min, max }: FleetContext, verdict: Verdict): Asked | null {
  if ('act' in verdict) {
    const { act, because, causeAt } = verdict;
    if (act.kind !== 'set-desired-capacity') return null;
    return {
      wanted: act.desiredCapacity,
      rises: because.code === 'forecast' || act.desiredCapacity > desiredCapacity,
      argued: because,
      causeAt,
    };
  }
  const argued = verdict.left;
  switch (argued.code) {
    case 'as-forecast':
      return { wanted: argued.wanted, rises: true, argued, causeAt: at };
    case 'on-target':
      return { wanted: desiredCapacity, rises: false, argued, causeAt: at };
    case 'at-max':
      return { wanted: max, rises: true, argued, causeAt: at };
    case 'at-min':
      return { wanted: min, rises: false, argued, causeAt: at };
    case 'cooling-down':
    case 'warming-up':
      return { wanted: argued.wanted, rises: false, argued, causeAt: at };
    default:
      return null;
  }
}

function freeAt(changedAt: readonly Instant[], rises: boolean, { raiseAfter, lowerAfter, perDay }: Pace, at: Instant): Instant {
  const latest = changedAt.at(-1);
  if (latest === undefined) return at;
  const rested = addSeconds(latest, rises ? raiseAfter : lowerAfter);
  const oldest = changedAt.at(-perDay);
  const affordable = oldest === undefined ? at : addSeconds(oldest, DAY);
  return later(rested, affordable);
}
