/** When instances are off: instance-hours avoided by hour of the week, on the wall clock of the page's zone. */
import { countedPart } from '../../ledger/amounts.ts';
import { epochSeconds, floorTo, HOUR, hourOfWeek, type Instant, MINUTE, type Window } from '../../model/time.ts';
import type { PageData } from './data.ts';
import type { Grouped } from './days.ts';

/** Half and quarter hours off UTC are the finest that zones know. */
const SLICE = 15 * MINUTE;
const WEEK_HOURS = 168;

/**
 * @param wallMinute what the zone's clock shows, in minutes since its own 1970-01-01
 */
export function heatOf(meters: readonly Grouped[], window: Window, at: Instant, wallMinute: (at: Instant) => number): PageData['heat'] {
  const slices = slicesOf(window, wallMinute);
  const first = epochSeconds(floorTo(window.start, SLICE));
  const sums = new Map<number, number>();
  for (const { meter, group } of meters) {
    const { baseline, running } = meter.opened;
    if (!('runs' in baseline)) continue;
    const { start, end } = countedPart(meter, window, at);
    const [from, to] = [epochSeconds(start), epochSeconds(end)];
    for (let slice = Math.floor((from - first) / SLICE); slice < slices.length; slice++) {
      const begin = first + slice * SLICE;
      if (begin >= to) break;
      const { utc, wall } = slices[slice] as Slice;
      const seconds = Math.min(to, begin + SLICE) - Math.max(from, begin);
      const expected = (baseline.runs[utc] ?? 0) / baseline.weeks;
      const key = group * WEEK_HOURS + wall;
      sums.set(key, (sums.get(key) ?? 0) + (seconds * (expected - running)) / HOUR);
    }
  }
  return [...sums]
    .sort(([a], [b]) => a - b)
    .map(([key, hours]) => [Math.floor(key / WEEK_HOURS), key % WEEK_HOURS, Math.round(hours * 100) / 100]);
}

interface Slice {
  /** Hours of the week: in UTC, in which baselines are kept, and on the wall. */
  readonly utc: number;
  readonly wall: number;
}

/** A wall's days are counted from a Thursday. */
const MONDAY = 3 * 24;

function slicesOf({ start, end }: Window, wallMinute: (at: Instant) => number): Slice[] {
  const slices: Slice[] = [];
  const first = epochSeconds(floorTo(start, SLICE));
  for (let second = first; second < epochSeconds(end); second += SLICE) {
    const at = new Date(second * 1000).toISOString().replace('.000Z', 'Z') as Instant;
    slices.push({ utc: hourOfWeek(at), wall: (Math.floor(wallMinute(at) / 60) + MONDAY) % WEEK_HOURS });
  }
  return slices;
}
