/**
 * Wall clocks in IANA zones. A wall minute counts the minutes that a zone's clock shows since its own 1970-01-01 00:00, as if every day
 * had 24 hours; so weekdays and times of day are plain arithmetic, and only this file knows of daylight saving time.
 *
 * What a zone does is Temporal's to know: a zone is read stretch by stretch, each from one change of its clocks to the next, and a stretch
 * that was read is kept. So thousands of questions cost one reading, and a clock read a million times a second is never reckoned by hand.
 * The functional door of temporal-polyfill is a third of its class door in a bundle, and steps aside where the runtime has Temporal.
 */
import { fromEpochMilliseconds, toZonedDateTimeISO } from 'temporal-polyfill/fns/Instant';
import { getTimeZoneTransition, offsetNanoseconds } from 'temporal-polyfill/fns/ZonedDateTime';
import { epochSeconds, fromEpochSeconds, type Instant } from '../model/time.ts';

/** What the zone's clock shows at `at`, in wall minutes, seconds cut off. */
export function wallMinuteAt(timeZone: string, at: Instant): number {
  const epoch = epochSeconds(at);
  return Math.floor((epoch + stretchAt(timeZone, epoch).offset) / 60);
}

/**
 * The first instant at which the zone's clock shows `wallMinute` or later. A minute that the clock skips comes at the jump itself, a
 * minute that it shows twice comes the first time.
 */
export const firstInstantAt = (timeZone: string, wallMinute: number): Instant => fromEpochSeconds(firstSecondAt(timeZone, wallMinute));

/** The same in epoch seconds. */
export function firstSecondAt(timeZone: string, wallMinute: number): number {
  const wall = wallMinute * 60;
  for (let stretch = stretchAt(timeZone, wall - FARTHEST); ; stretch = stretchAt(timeZone, stretch.to)) {
    const second = Math.max(stretch.from, wall - stretch.offset);
    if (second < stretch.to) return second;
  }
}

/** No zone has ever been farther from UTC than this. */
const FARTHEST = 16 * 3600;

/** From one change of a zone's clocks to the next: half-open, in epoch seconds; seconds that the wall clock is ahead of UTC. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly offset: number;
}

const zones = new Map<string, { readonly read: Stretch[]; last: Stretch }>();

export function stretchAt(timeZone: string, epoch: number): Stretch {
  const zone = zones.get(timeZone);
  if (zone === undefined) {
    const first = readStretch(timeZone, epoch);
    zones.set(timeZone, { read: [first], last: first });
    return first;
  }
  if (!covers(zone.last, epoch)) {
    let found = zone.read.find(stretch => covers(stretch, epoch));
    if (found === undefined) {
      found = readStretch(timeZone, epoch);
      zone.read.push(found);
    }
    zone.last = found;
  }
  return zone.last;
}

const covers = ({ from, to }: Stretch, epoch: number): boolean => from <= epoch && epoch < to;

function readStretch(timeZone: string, epoch: number): Stretch {
  const shown = toZonedDateTimeISO(fromEpochMilliseconds(epoch * 1000), timeZone);
  // `previous` means before this instant: asked a second later, it names a change at this very second too.
  const before = getTimeZoneTransition(toZonedDateTimeISO(fromEpochMilliseconds((epoch + 1) * 1000), timeZone), 'previous');
  const after = getTimeZoneTransition(shown, 'next');
  return {
    from: before === null ? Number.NEGATIVE_INFINITY : before.epochMilliseconds / 1000,
    to: after === null ? Number.POSITIVE_INFINITY : after.epochMilliseconds / 1000,
    offset: offsetNanoseconds(shown) / 1e9,
  };
}

/** `7:30` or `07:30` → 450; `24:00`, the end of the day, → 1440; `null` for what is no time of day. */
export function minuteOfDay(clock: string): number | null {
  if (clock === '24:00') return 24 * 60;
  const parts = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(clock);
  return parts === null ? null : Number(parts[1]) * 60 + Number(parts[2]);
}
