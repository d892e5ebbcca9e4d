/**
 * The slow truth: read the zone's clock by Intl every minute, keep the highest reading, and look that minute up in the periods, each by
 * its definition. Shares no line with the language.
 */
import { addSeconds, HOUR, type Instant, MINUTE } from '../../shared/model/time.ts';
import type { Field } from './dates-and-fields.ts';

export interface MeantPeriod {
  readonly weekdays: Field | undefined;
  readonly monthdays: Field | undefined;
  readonly months: Field | undefined;
  /** Minutes of the day. */
  readonly begin: number | undefined;
  readonly end: number | undefined;
}

export interface Meant {
  readonly timeZone: string;
  /** A day on which something may happen to that zone's clocks. */
  readonly day: string;
  readonly periods: readonly MeantPeriod[];
}

export function* oracle({ timeZone, periods }: Meant, from: Instant, seconds: number): Generator<{ at: Instant; state: string }> {
  let highest = Number.NEGATIVE_INFINITY;
  for (let t = -3 * HOUR; t < seconds; t += MINUTE) {
    const at = addSeconds(from, t);
    highest = Math.max(highest, shownAt(timeZone, at));
    if (t >= 0) yield { at, state: withSeams(periods, highest) };
  }
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** The wall clock as if it were UTC's, in milliseconds. */
function shownAt(timeZone: string, at: Instant): number {
  const fields = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('en-GB', { timeZone, hourCycle: 'h23', ...fields });
  formats.set(timeZone, format);
  const {
    year = 0,
    month = 0,
    day = 0,
    hour = 0,
    minute = 0,
  } = Object.fromEntries(format.formatToParts(new Date(at)).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(year, month - 1, day, hour, minute);
}

/** A stopped minute that has running ones on both sides is running, where a schedule has several periods. */
function withSeams(periods: readonly MeantPeriod[], shown: number): string {
  const state = outright(periods, shown);
  if (periods.length < 2 || state !== 'stopped') return state;
  const seam = outright(periods, shown - 60_000) === 'running' && outright(periods, shown + 60_000) === 'running';
  return seam ? 'running' : 'stopped';
}

function outright(periods: readonly MeantPeriod[], shown: number): string {
  const said = periods.map(p => says(p, shown));
  return said.includes('running') ? 'running' : said.includes('any') ? 'any' : 'stopped';
}

const DAY_MS = 86_400_000;

function says(period: MeantPeriod, shown: number): string {
  const { begin, end } = period;
  const midnight = Math.floor(shown / DAY_MS) * DAY_MS;
  const time = (shown - midnight) / 60_000;
  const [today, yesterday] = [on(period, midnight), on(period, midnight - DAY_MS)];
  if (begin !== undefined && end !== undefined) {
    if (begin <= end) return today && begin <= time && time < end ? 'running' : 'stopped';
    return (today && time >= begin) || (yesterday && time < end) ? 'running' : 'stopped';
  }
  if (!today) return 'stopped';
  if (begin !== undefined) return time >= begin ? 'running' : 'any';
  if (end !== undefined) return time >= end ? 'stopped' : 'any';
  return 'running';
}

const on = ({ weekdays, monthdays, months }: MeantPeriod, midnight: number): boolean =>
  [weekdays, monthdays, months].every(field => field === undefined || field.matches(new Date(midnight)));
