/** What a look by itself changes in the memory of a fleet. */
import type { FleetMemory, FloorDebt, SleepDebt } from '../model/memory.ts';
import type { Fleet } from '../model/observation.ts';
import type { Instant } from '../model/time.ts';
import { nextLaunch } from './launches.ts';
import { afterPause, isEnvironment, settled } from './rules/environment.ts';
import { sameSizes, sizesBack } from './rules/fleet-sleep.ts';

/** Debts that are nobody's any more, launches that fail or do not fail any more, a capacity that others have changed. The same object: nothing. */
export function seenAgain(memory: FleetMemory, fleet: Fleet, at: Instant, offHours: boolean): FleetMemory {
  const asleep = memory.asleep ?? null;
  const floor = memory.floor ?? null;
  const launch = memory.launch ?? null;
  const next = {
    asleep: isEnvironment(fleet) ? afterPause(asleep, fleet, at) : offHours ? asleep : asleepStill(asleep, fleet),
    floor: asleep !== null || floor === null ? floor : isEnvironment(fleet) && !settled(floor.changedAt, at) ? floor : theirs(fleet, floor),
    launch: nextLaunch(launch, fleet, at, memory.lastScaleOut?.at ?? null),
    capacity: capacitySeen(memory, fleet, at),
  };
  if (next.asleep === asleep && next.floor === floor && next.launch === launch && next.capacity === memory.capacity) return memory;
  // What came back by its own scheduled action has just been launched, and carries nothing yet.
  const back = isEnvironment(fleet) && asleep !== null && next.asleep === null ? { lastScaleOut: { at, from: 0 } } : {};
  return { ...memory, ...next, ...back };
}

/**
 * `null`: nothing is as we left it, or everything is as it was: somebody else has seen to it. Not before the off-hours end, though: who brings
 * a fleet back by night would see it put to sleep again.
 */
const asleepStill = (debt: SleepDebt | null, fleet: Fleet): SleepDebt | null =>
  debt !== null && sameSizes(sizesBack(fleet, debt), fleet) && !sameSizes(debt.is, fleet) ? null : debt;

/** Whoever has changed it: what was measured before speaks of other instances. */
const capacitySeen = ({ capacity }: FleetMemory, { desiredCapacity: is }: Fleet, at: Instant): NonNullable<FleetMemory['capacity']> =>
  capacity?.is === is ? capacity : { is, changedAt: capacity === undefined ? null : at };

/** Any other MinSize than ours is the group's own from now on; how often we have changed it counts on. */
const theirs = ({ minSize }: Fleet, floor: FloorDebt): FloorDebt =>
  floor.is === minSize ? floor : { ...floor, was: minSize, is: minSize };
