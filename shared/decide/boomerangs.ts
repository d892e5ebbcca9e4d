/**
 * Stopped too early: somebody wanted it back within the hour. Each is remembered for a fortnight; where a schedule made three of them, later
 * hours are proposed to whoever keeps it, at most once a fortnight. What idleness learns from them stands with idleness. Pure.
 */
import type { Boomerang, InstanceMemory } from '../model/memory.ts';
import { addSeconds, DAY, HOUR, type Instant } from '../model/time.ts';
import { wallMinuteAt } from '../policy/wall-clock.ts';
import type { Hours } from './hours.ts';

const WITHIN = HOUR;
const REMEMBERED = 14 * DAY;
const ENOUGH = 3;
/** Who comes back within an hour is given two more. */
const LATER_MINUTES = 120;

/** The next value of what is remembered, once somebody has started what we had stopped. */
export function withReturn(held: readonly Boomerang[] = [], { stoppedAt, at, because }: Boomerang): readonly Boomerang[] {
  if (at > addSeconds(stoppedAt, WITHIN)) return held;
  return [...held.filter(one => one.at > addSeconds(at, -REMEMBERED) && one.stoppedAt !== stoppedAt), { stoppedAt, at, because }];
}

/** @returns the same object where there is nothing to propose. */
export function withLaterHours(memory: InstanceMemory, hours: Hours | null, at: Instant): InstanceMemory {
  const since = addSeconds(at, -REMEMBERED);
  if (hours === null || (memory.later != null && memory.later.at > since)) return memory;
  const early = (memory.boomerangs ?? []).filter(one => one.because === 'off-hours' && one.at > since);
  if (early.length < ENOUGH) return memory;
  // Late ticks stop late, so the earliest is nearest to what the schedule says.
  const ends = Math.min(...early.map(one => wallMinuteAt(hours.timeZone, one.stoppedAt) % DAY_MINUTES));
  const later = { at, schedule: hours.schedule, times: early.length, from: clock(ends), to: clock((ends + LATER_MINUTES) % DAY_MINUTES) };
  return { ...memory, later };
}

const DAY_MINUTES = 24 * 60;

const clock = (minute: number): string => {
  const whole = minute - (minute % 5);
  return `${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`;
};
