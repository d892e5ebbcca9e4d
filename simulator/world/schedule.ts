/** EventBridge Scheduler's expressions: `rate(5 minutes)`, and `cron(0 9 ? * MON *)` on the wall clock of a zone. */
import { Temporal } from 'temporal-polyfill';

/** Epoch seconds of the first firing after `after`; `null` when there is none to come. */
export type NextFiring = (after: number) => number | null;

const SECONDS: Readonly<Record<string, number>> = { minute: 60, hour: 3600, day: 86_400 };

/**
 * @param createdAt epoch seconds: a rate fires then, and every period after.
 * @throws Error for an expression that Scheduler would not take.
 */
export function parseSchedule(expression: string, timeZone: string, createdAt: number): NextFiring {
  const [, value, unit = ''] = /^rate\(([1-9]\d*) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (value !== undefined) {
    const period = Number(value) * (SECONDS[unit] as number);
    return after => (after < createdAt ? createdAt : createdAt + (Math.floor((after - createdAt) / period) + 1) * period);
  }
  const [, fields] = /^cron\((.+)\)$/.exec(expression) ?? [];
  if (fields === undefined) throw new Error(`not a schedule expression: ${expression}`);
  return cron(fields, timeZone, expression);
}

const DAYS_AHEAD_MAX = 366 * 5;

function cron(text: string, timeZone: string, expression: string): NextFiring {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 6) throw new Error(`a cron expression has six fields: ${expression}`);
  const [minutes, hours, daysOfMonth, months, daysOfWeek, years] = fields.map((field, i) =>
    parseField(field, RANGES[i] as Range, expression),
  );
  const members = (set: ReadonlySet<number> | null | undefined, range: Range) => [...(set ?? all(range))].sort((a, b) => a - b);
  const [everyHour, everyMinute] = [members(hours, RANGES[1] as Range), members(minutes, RANGES[0] as Range)];

  return after => {
    let date = Temporal.Instant.fromEpochMilliseconds(after * 1000)
      .toZonedDateTimeISO(timeZone)
      .toPlainDate();
    for (let i = 0; i < DAYS_AHEAD_MAX; i++, date = date.add({ days: 1 })) {
      const onDay =
        (months?.has(date.month) ?? true) &&
        (years?.has(date.year) ?? true) &&
        (daysOfMonth?.has(date.day) ?? true) &&
        (daysOfWeek?.has((date.dayOfWeek % 7) + 1) ?? true);
      if (!onDay) continue;
      for (const hour of everyHour) {
        for (const minute of everyMinute) {
          const wall = date.toZonedDateTime({ timeZone, plainTime: { hour, minute } });
          if (wall.hour !== hour || wall.minute !== minute) continue; // that day's clock skips it, and so does Scheduler
          const at = wall.epochMilliseconds / 1000;
          if (at > after) return at;
        }
      }
    }
    return null;
  };
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly names?: readonly string[];
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

const RANGES: readonly Range[] = [
  { from: 0, to: 59 },
  { from: 0, to: 23 },
  { from: 1, to: 31 },
  { from: 1, to: 12, names: MONTHS },
  { from: 1, to: 7, names: WEEKDAYS },
  { from: 1970, to: 2199 },
];

const all = ({ from, to }: Range): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** `null`: any. Lists, ranges, steps and names; not `L`, `W` and `#`. */
function parseField(field: string, range: Range, expression: string): ReadonlySet<number> | null {
  if (field === '*' || field === '?') return null;
  const set = new Set<number>();
  for (const part of field.split(',')) {
    const [, span, step] = /^(\*|\w+(?:-\w+)?)(?:\/([1-9]\d*))?$/.exec(part) ?? [];
    if (span === undefined) throw new Error(`not understood in ${expression}: ${part}`);
    const [first, last] = span === '*' ? [range.from, range.to] : span.split('-').map(text => number(text, range, expression));
    const from = first as number;
    const to = last ?? (step === undefined ? from : range.to);
    if (to < from) throw new Error(`not understood in ${expression}: ${part}`);
    for (let n = from; n <= to; n += Number(step ?? 1)) set.add(n);
  }
  return set;
}

function number(text: string, { from, to, names }: Range, expression: string): number {
  const named = names?.indexOf(text.toUpperCase()) ?? -1;
  const value = named >= 0 ? named + from : Number(/^\d+$/.test(text) ? text : Number.NaN);
  if (!Number.isInteger(value) || value < from || value > to) throw new Error(`not understood in ${expression}: ${text}`);
  return value;
}
