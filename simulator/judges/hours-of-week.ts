/** What ran in the hours of the week before an instant: reckoned here, since what the house makes of it is what is judged. */
import { HOUR } from '../../shared/model/time.ts';

/** So many weeks before a policy first speaks for something are its baseline. */
export const WEEKS = 4;
const HOURS = 168;

/** 0 is Monday from 00:00 to 01:00 UTC, as ledger rows number them. */
export function hourOfWeekAt(at: number): number {
  const date = new Date(at * 1000);
  return ((date.getUTCDay() + 6) % 7) * 24 + date.getUTCHours();
}

/** The beginnings of the whole hours in the four weeks before an instant, epoch seconds. */
export function hoursBefore(at: number): number[] {
  const end = Math.floor(at / HOUR) * HOUR;
  return Array.from({ length: WEEKS * HOURS }, (_, ago) => end - (ago + 1) * HOUR);
}

/** Instances in service, of all four weeks together, by the hour of the week. @param story before it, nothing changes within an hour */
export function fleetBaseline(inService: (at: number) => number, frozen: number, story: number): number[] {
  const sums = new Array<number>(HOURS).fill(0);
  for (const start of hoursBefore(frozen)) {
    const minutes = start + HOUR <= story ? [30] : Array.from({ length: 60 }, (_, i) => start + 60 * i + 30);
    const mean = start + HOUR <= story ? inService(start) : minutes.reduce((sum, at) => sum + inService(at), 0) / minutes.length;
    sums[hourOfWeekAt(start)] = (sums[hourOfWeekAt(start)] ?? 0) + mean;
  }
  return sums.map(Math.round);
}
