/** Instants as people read them, on a named wall clock. */
import { DAY, type Instant, secondsBetween, toDate, type Window } from '../model/time.ts';

/** Says an instant on the wall clock of one zone. */
export type Clock = (at: Instant) => string;

/**
 * A clock for one sentence: the first instant is told in full and names the zone (`Wed 14 May 19:00 (Europe/Berlin)`), those that follow
 * say no more than they must (`19:30` on the same day, `Thu 07:00` within six days, `Fri 30 May 07:00` beyond).
 * @throws RangeError when `zone` is no IANA time zone.
 */
export function clock(zone = 'UTC'): Clock {
  let first: Instant | undefined;
  return at => {
    const before = first;
    first ??= at;
    const here = wall(at, zone);
    if (before === undefined) return `${day(here)} ${here.time} ${zoneName(zone)}`;
    const there = wall(before, zone);
    if (here.date === there.date) return here.time;
    return Math.abs(secondsBetween(before, at)) < 6 * DAY ? `${here.weekday} ${here.time}` : `${day(here)} ${here.time}`;
  };
}

/** `Wed 14 May 19:00`, for columns whose head names the zone. */
export function moment(at: Instant, zone = 'UTC'): string {
  const here = wall(at, zone);
  return `${day(here)} ${here.time}`;
}

/** `14 May 2025`: for what may be years ago. */
export function date(at: Instant, zone = 'UTC'): string {
  const here = wall(at, zone);
  return `${here.dayOfMonth} ${here.month} ${here.year}`;
}

/** `Wed 14 May 2025` for one day, `12 May – 18 May 2025` for several: a half-open window as the days that are in it. */
export function days(window: Window, zone = 'UTC'): string {
  const first = wall(window.start, zone);
  const last = wall(justBefore(window), zone);
  if (first.date === last.date) return `${day(first)} ${first.year}`;
  const from = `${first.dayOfMonth} ${first.month}${first.year === last.year ? '' : ` ${first.year}`}`;
  return `${from} – ${last.dayOfMonth} ${last.month} ${last.year}`;
}

const zoneName = (zone: string): string => (zone === 'UTC' ? 'UTC' : `(${zone})`);

interface Wall {
  readonly weekday: string;
  readonly dayOfMonth: string;
  readonly month: string;
  readonly year: string;
  /** `19:00`. */
  readonly time: string;
  /** For comparing: the same on the same day of the same zone. */
  readonly date: string;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function wall(at: Instant, zone: string): Wall {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      weekday: 'short',
      day: 'numeric',
      month: '2-digit',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
    });
    formats.set(zone, format);
  }
  const parts = Object.fromEntries(format.formatToParts(toDate(at)).map(part => [part.type, part.value]));
  const { weekday = '', year = '' } = parts;
  const dayOfMonth = String(Number(parts['day'])); // some ICU versions pad it
  // English month names by hand: ICU versions disagree about `Sep` and `Sept`.
  const month = MONTHS[Number(parts['month']) - 1] ?? '';
  return { weekday, dayOfMonth, month, year, time: `${parts['hour']}:${parts['minute']}`, date: `${year}-${parts['month']}-${dayOfMonth}` };
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const day = (at: Wall): string => `${at.weekday} ${at.dayOfMonth} ${at.month}`;

const justBefore = (window: Window): Instant =>
  window.end > window.start ? (new Date(Date.parse(window.end) - 1000).toISOString().replace(/\.\d+/, '') as Instant) : window.start;
