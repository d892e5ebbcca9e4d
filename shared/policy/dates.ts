/** Dates and times as people write them, in tags and policies. */
import { addSeconds, fromEpochSeconds, type Instant } from '../model/time.ts';
import { firstInstantAt } from './wall-clock.ts';

/**
 * A date is its beginning or its `end` in `timeZone`; a time is that very time, read in `timeZone` unless it carries `Z` or an offset.
 * `null` for what is neither, such as the 30th of February.
 */
export function readMoment(text: string, timeZone: string, edge: 'begin' | 'end'): Instant | null {
  const parts = MOMENT.exec(text)?.groups;
  const midnight = parts === undefined ? null : realDay(Number(parts['year']), Number(parts['month']), Number(parts['day']));
  if (parts === undefined || midnight === null) return null;

  const { hour, minute, second = '00', offset } = parts;
  if (hour === undefined) return firstInstantAt(timeZone, midnight + (edge === 'end' ? 24 * 60 : 0));
  const wallMinute = midnight + Number(hour) * 60 + Number(minute);
  if (offset === undefined) return addSeconds(firstInstantAt(timeZone, wallMinute), Number(second));
  return fromEpochSeconds((wallMinute - offsetMinutes(offset)) * 60 + Number(second));
}

/** A day, or a day and a time of day, which may be followed by `Z` or an offset from UTC. */
const DATE = '(?<year>[12]\\d{3})-(?<month>\\d\\d)-(?<day>\\d\\d)';
const CLOCK = '(?<hour>[01]\\d|2[0-3]):(?<minute>[0-5]\\d)(?::(?<second>[0-5]\\d)(?:\\.\\d+)?)?';
const OFFSET = '(?<offset>Z|[+-](?:0\\d|1[0-4]):?[0-5]\\d)';
const MOMENT = new RegExp(`^${DATE}(?:[T ]${CLOCK}${OFFSET}?)?$`, 'i');

/** `-03:30` → -210, `Z` → 0. */
function offsetMinutes(offset: string): number {
  const [hours = 0, minutes = 0] = offset.match(/\d\d/g)?.map(Number) ?? [];
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

/** The wall minute at which the day begins, `null` for the 30th of February. */
function realDay(year: number, month: number, day: number): number | null {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() / 60_000 : null;
}
