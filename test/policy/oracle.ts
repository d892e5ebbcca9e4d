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
  /** A clock of its own. */
  readonly timeZone: string | undefined;
}

type State = 'running' | 'any' | 'stopped';

export interface Meant {
  readonly timeZone: string;
  /** A day on which something may happen to that zone's clocks. */
  readonly day: string;
  readonly periods: readonly MeantPeriod[];
  readonly dates: {
    /** `2025-05-14`. */
    readonly effectiveFrom: string | undefined;
    readonly effectiveTo: string | undefined;
    readonly daysOff: readonly string[];
    readonly onHolidays: 'stopped' | 'any' | undefined;
    readonly exception: { readonly date: string; readonly says: State | { readonly begin: number; readonly end: number } } | undefined;
    /** Instants in UTC. */
    readonly override: { readonly state: State; readonly from: Instant; readonly to: Instant } | undefined;
  };
}

export function* oracle(meant: Meant, from: Instant, seconds: number): Generator<{ at: Instant; state: string }> {
  const { override } = meant.dates;
  const zones = [...new Set([meant.timeZone, ...meant.periods.map(p => p.timeZone ?? meant.timeZone)])];
  const highest = new Map(zones.map(zone => [zone, Number.NEGATIVE_INFINITY]));
  for (let t = -3 * HOUR; t < seconds; t += MINUTE) {
    const at = addSeconds(from, t);
    for (const zone of zones) highest.set(zone, Math.max(highest.get(zone) ?? 0, shownAt(zone, at)));
    if (t < 0) continue;
    const overridden = override !== undefined && override.from <= at && at < override.to;
    yield { at, state: overridden ? override.state : strongest(zones.map(zone => withSeams(meant, zone, highest.get(zone) ?? 0))) };
  }
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Every reading is taken once: the same days are played many times. */
const readings = new Map<string, number>();

/** The wall clock as if it were UTC's, in milliseconds. */
function shownAt(timeZone: string, at: Instant): number {
  const key = `${timeZone} ${at}`;
  const shown = readings.get(key) ?? readClock(timeZone, at);
  readings.set(key, shown);
  return shown;
}

function readClock(timeZone: string, at: Instant): number {
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

const strongest = (states: readonly string[]): string =>
  states.includes('running') ? 'running' : states.includes('any') ? 'any' : 'stopped';

/** What the periods on one clock say. A stopped minute that has running ones on both sides is running, where a schedule has several periods. */
function withSeams(meant: Meant, zone: string, shown: number): string {
  const state = outright(meant, zone, shown);
  if (meant.periods.length < 2 || state !== 'stopped') return state;
  const seam = outright(meant, zone, shown - 60_000) === 'running' && outright(meant, zone, shown + 60_000) === 'running';
  return seam ? 'running' : 'stopped';
}

function outright(meant: Meant, zone: string, shown: number): string {
  const here = meant.periods.filter(p => (p.timeZone ?? meant.timeZone) === zone);
  return strongest([...here.map(p => says(p, meant, shown)), ...(zone === meant.timeZone ? [instead(meant, shown)] : [])]);
}

type Special = State | { readonly begin: number; readonly end: number } | null;

/** What stands in place of the periods on a date. */
function specialOf({ dates }: Meant, midnight: number): Special {
  const date = new Date(midnight).toISOString().slice(0, 10);
  if (date < (dates.effectiveFrom ?? '') || date > (dates.effectiveTo ?? '9')) return 'any';
  if (dates.exception?.date === date) return dates.exception.says;
  return dates.daysOff.includes(date) ? (dates.onHolidays ?? 'stopped') : null;
}

function instead(meant: Meant, shown: number): string {
  const midnight = Math.floor(shown / DAY_MS) * DAY_MS;
  const [today, yesterday] = [specialOf(meant, midnight), specialOf(meant, midnight - DAY_MS)];
  const time = (shown - midnight) / 60_000;
  const night = typeof yesterday === 'object' && yesterday !== null && yesterday.end < yesterday.begin && time < yesterday.end;
  if (night) return 'running';
  if (today === null || typeof today === 'string') return today ?? 'stopped';
  if (today.end < today.begin) return time >= today.begin ? 'running' : 'stopped';
  return today.begin <= time && time < today.end ? 'running' : 'stopped';
}

const DAY_MS = 86_400_000;

function says(period: MeantPeriod, meant: Meant, shown: number): string {
  const { begin, end } = period;
  const midnight = Math.floor(shown / DAY_MS) * DAY_MS;
  const time = (shown - midnight) / 60_000;
  const takesPlace = (date: number): boolean => specialOf(meant, date) === null && on(period, date);
  const [today, yesterday] = [takesPlace(midnight), takesPlace(midnight - DAY_MS)];
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
