/** What a schedule means, reckoned with Intl and nothing of the house: intervals on a wall clock that is never turned back. */
import type { Schedule } from '../../shared/policy/schema.ts';

/** Epoch seconds, half-open. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

const DAY = 86_400;
const NAMES = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** The hours in which a schedule says on, from `from` to `to` at least, touching ones as one. */
export function onHours({ timeZone, periods }: Schedule, from: number, to: number): Interval[] {
  const intervals: Interval[] = [];
  for (let day = Math.floor(from / DAY) - 2; day <= Math.floor(to / DAY) + 2; day++) {
    const weekday = (((day + 3) % 7) + 7) % 7; // 1970-01-01 was a Thursday
    for (const { weekdays = 'mon-sun', begin = '00:00', end = '24:00' } of periods) {
      if (!weekdaysIn(String(weekdays)).has(weekday)) continue;
      const [first, last] = [minutes(begin), minutes(end)];
      const at = (minute: number) => instantAt(timeZone, day * DAY + minute * 60);
      intervals.push({ from: at(first), to: at(last < first ? last + DAY / 60 : last) });
    }
  }
  return joined(intervals.filter(i => i.from < i.to));
}

export const isOn = (hours: readonly Interval[], at: number): boolean => hours.some(h => h.from <= at && at < h.to);

/** The latest transition at or before `at`; minus infinity when there was none. */
export const lastTurn = (hours: readonly Interval[], at: number): number =>
  Math.max(...hours.flatMap(h => [h.from, h.to]).filter(t => t <= at), Number.NEGATIVE_INFINITY);

function joined(intervals: readonly Interval[]): Interval[] {
  const all: { from: number; to: number }[] = [];
  for (const { from, to } of intervals.toSorted((a, b) => a.from - b.from)) {
    const last = all.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else all.push({ from, to });
  }
  return all;
}

const minutes = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));

function weekdaysIn(text: string): ReadonlySet<number> {
  const days = new Set<number>();
  for (const part of text.split(',')) {
    const [first = '', last = first] = part.trim().split('-');
    const [from, to] = [NAMES.indexOf(first), NAMES.indexOf(last)];
    for (let day = from; ; day = (day + 1) % 7) {
      days.add(day);
      if (day === to) break;
    }
  }
  return days;
}

/** The first instant at which the zone's wall clock shows `wall` (seconds as if it were UTC) or has passed it. */
function instantAt(timeZone: string, wall: number): number {
  const [before, after] = [offset(timeZone, wall - DAY), offset(timeZone, wall + DAY)];
  const early = wall - before;
  if (early + offset(timeZone, early) === wall) return early;
  const late = wall - after;
  if (late + offset(timeZone, late) === wall) return late;
  // A skipped hour: the jump itself, found by halving.
  let [low, high] = [Math.min(early, late), Math.max(early, late)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offset(timeZone, middle) === before) low = middle;
    else high = middle;
  }
  return high;
}

const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();

/** Seconds that the zone's wall clock is ahead of UTC. Judges ask for the same instants over and over. */
function offset(timeZone: string, at: number): number {
  const asked = `${timeZone} ${at}`;
  const known = offsets.get(asked) ?? offsetBy(timeZone, at);
  offsets.set(asked, known);
  return known;
}

function offsetBy(timeZone: string, at: number): number {
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  formats.set(timeZone, format);
  const name = format.formatToParts(at * 1000).find(part => part.type === 'timeZoneName')?.value ?? 'GMT';
  const [, sign = '+', hours = '0', mins = '0'] = /GMT([+-])(\d\d):(\d\d)/.exec(name) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(mins) * 60);
}
