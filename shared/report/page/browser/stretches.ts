/** What is shown, day by day, week by week, or added up to each day. */
import { shows, type View } from './view.ts';

export type Step = 'day' | 'week' | 'sum';

/** Some days of what is shown. Money in micro-dollars; `null`: meters ran, and none of them has a price. Where none ran it is 0. */
export interface Stretch {
  /** First and last day: `2025-05-12`. */
  readonly from: string;
  readonly to: string;
  readonly low: number | null;
  readonly high: number | null;
  readonly hours: number;
  readonly unknown: number;
}

interface Sum {
  ran: boolean;
  low: number | null;
  high: number | null;
  hours: number;
  unknown: number;
}

export function stretchesOf(view: View, step: Step): Stretch[] {
  const days = daysOf(view);
  const all = view.data.days.map((day, i) => ({ day, sum: days[i] ?? nothing() }));
  if (step === 'sum') return all.map(({ day }, i) => stretch(day, day, days.slice(0, i + 1)));
  if (step === 'day') return all.map(({ day, sum }) => stretch(day, day, [sum]));
  return [...Map.groupBy(all, ({ day }) => mondayOf(day)).values()].map(week =>
    stretch(
      week[0]?.day ?? '',
      week.at(-1)?.day ?? '',
      week.map(({ sum }) => sum),
    ),
  );
}

export const totalOf = (view: View): Stretch => stretch(view.data.days[0] ?? '', view.data.days.at(-1) ?? '', daysOf(view));

const nothing = (): Sum => ({ ran: false, low: null, high: null, hours: 0, unknown: 0 });

function daysOf(view: View): Sum[] {
  const days = view.data.days.map(nothing);
  for (const [day, group, low, high, hours, unknown] of view.data.cells) {
    const of = view.data.groups[group];
    const sum = days[day];
    if (of !== undefined && sum !== undefined && shows(view, of)) add(sum, { ran: true, low, high, hours, unknown });
  }
  return days;
}

function add(sum: Sum, { ran, low, high, hours, unknown }: Sum): void {
  sum.ran ||= ran;
  if (low !== null) sum.low = (sum.low ?? 0) + low;
  if (high !== null) sum.high = (sum.high ?? 0) + high;
  sum.hours += hours;
  sum.unknown += unknown;
}

function stretch(from: string, to: string, days: readonly Sum[]): Stretch {
  const sum = nothing();
  for (const day of days) add(sum, day);
  const { ran, low, high, hours, unknown } = sum;
  return { from, to, low: ran ? low : 0, high: ran ? high : 0, hours, unknown };
}

const DAY = 86_400_000;

/** Days are counted from a Thursday. */
const mondayOf = (day: string): number => Math.floor((Date.parse(`${day}T00:00:00Z`) / DAY + 3) / 7);
