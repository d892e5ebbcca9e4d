/** The whole days and weeks that summaries are about, on the wall clock of the zone they are written in. */
import type { Instant, Window } from '../model/time.ts';
import { firstInstantAt, wallMinuteAt } from '../policy/wall-clock.ts';

export type Period = 'daily' | 'weekly';

const DAY_MINUTES = 24 * 60;
/** Wall days are counted from 1970-01-01, a Thursday. */
const MONDAY = 4;

/** The latest day, or Monday-to-Sunday week, that was over at `at`. */
export function lastPeriod(period: Period, at: Instant, zone: string): Window {
  const today = dayOf(at, zone);
  return periodEndingOn(period, period === 'daily' ? today : today - ((((today - MONDAY) % 7) + 7) % 7), zone);
}

/** The day or week that ended at `end`, which is a midnight of the zone. */
export const periodEnding = (period: Period, end: Instant, zone: string): Window => periodEndingOn(period, dayOf(end, zone), zone);

const dayOf = (at: Instant, zone: string): number => Math.floor(wallMinuteAt(zone, at) / DAY_MINUTES);

const periodEndingOn = (period: Period, day: number, zone: string): Window => ({
  start: firstInstantAt(zone, (day - (period === 'daily' ? 1 : 7)) * DAY_MINUTES),
  end: firstInstantAt(zone, day * DAY_MINUTES),
});
