/** Days as people write them, on the wall clock of the house. */
import { addSeconds, type Instant } from '../model/time.ts';
import { dayNumber } from '../policy/calendar-day.ts';
import { firstInstantAt, wallMinuteAt } from '../policy/wall-clock.ts';
import { KEEP_MAX } from './wishes.ts';

const DAY_MINUTES = 24 * 60;

/** The end of `2025-06-13`. `null`: no day, or one that is over, or one that nothing may be kept for. */
export function endOfDay(day: string, zone: string, at: Instant): Instant | null {
  const number = dayNumber(day);
  if (number === null) return null;
  const end = firstInstantAt(zone, (number + 1) * DAY_MINUTES);
  return end > at && end <= addSeconds(at, KEEP_MAX) ? end : null;
}

/** The last day that something may be kept for, as `2025-06-13`. */
export function lastDay(zone: string, at: Instant): string {
  const day = Math.floor(wallMinuteAt(zone, addSeconds(at, KEEP_MAX)) / DAY_MINUTES) - 1;
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}
