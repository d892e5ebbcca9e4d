/**
 * Wall clocks in IANA zones. A wall minute counts the minutes that a zone's clock shows since its own 1970-01-01 00:00, as if every day
 * had 24 hours; so weekdays and times of day are plain arithmetic, and only the two functions here know of daylight saving time.
 *
 * The functional door of temporal-polyfill is a third of its class door in a bundle, and steps aside where the runtime has Temporal.
 */
import { fromEpochMilliseconds, toZonedDateTimeISO } from 'temporal-polyfill/fns/Instant';
import { create, toZonedDateTime } from 'temporal-polyfill/fns/PlainDateTime';
import { getTimeZoneTransition, offsetNanoseconds } from 'temporal-polyfill/fns/ZonedDateTime';
import { fromEpochSeconds, type Instant, toDate } from '../model/time.ts';

/** What the zone's clock shows at `at`, in wall minutes, seconds cut off. */
export function wallMinuteAt(timeZone: string, at: Instant): number {
  const epoch = toDate(at).getTime();
  const shown = toZonedDateTimeISO(fromEpochMilliseconds(epoch), timeZone);
  return Math.floor((epoch + offsetNanoseconds(shown) / 1e6) / 60_000);
}

/**
 * The first instant at which the zone's clock shows `wallMinute` or later. A minute that the clock skips comes at the jump itself, a
 * minute that it shows twice comes the first time.
 */
export function firstInstantAt(timeZone: string, wallMinute: number): Instant {
  const w = new Date(wallMinute * 60_000);
  const plain = create(w.getUTCFullYear(), w.getUTCMonth() + 1, w.getUTCDate(), w.getUTCHours(), w.getUTCMinutes());
  const first = toZonedDateTime(plain, timeZone, { disambiguation: 'earlier' });
  const skipped = first.minute !== plain.minute || first.hour !== plain.hour || first.day !== plain.day;
  // In a skipped hour `earlier` means: reckoned with the offset after the jump, which lies before the jump. The jump comes next.
  const shown = skipped ? getTimeZoneTransition(first, 'next') : first;
  if (shown === null) throw new Error(`${timeZone} skips a time but has no transition there`);
  return fromEpochSeconds(Math.floor(shown.epochMilliseconds / 1000));
}
