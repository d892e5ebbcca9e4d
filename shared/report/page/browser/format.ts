/** Money, hours and instants as the reader sees them. Money is printed by the same function as everywhere else. */
import { dollars, type MicroUsd } from '../../../model/money.ts';
import { hours } from '../../numbers.ts';

export { count, hours } from '../../numbers.ts';

/** `$1.20`, and `unknown` for what has no price: never $0. */
export const money = (micros: number | null): string => (micros === null ? 'unknown' : dollars(Math.round(micros) as MicroUsd));

/** `at least $1.20, at most $3.40, 12 h avoided` */
export function worth({ low, high, hours: avoided }: { low: number | null; high: number | null; hours: number }): string {
  const saved =
    low === null || high === null ? 'worth unknown' : low === high ? money(low) : `at least ${money(low)}, at most ${money(high)}`;
  return `${saved}, ${hours(avoided)} avoided`;
}

export interface Clock {
  /** `Wed, 14 May 2025, 19:00` */
  moment(iso: string | number): string;
  /** `Wed 14 May 19:00`, for columns of a window whose year is known. */
  brief(iso: string): string;
  /** `14 May 19:00`, for axes. */
  short(epoch: number, withTime: boolean): string;
}

export function clockOf(zone: string): Clock {
  const options = { timeZone: zone, hourCycle: 'h23', day: 'numeric', month: 'short' } as const;
  const full = new Intl.DateTimeFormat('en-GB', { ...options, weekday: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' });
  const brief = new Intl.DateTimeFormat('en-GB', { ...options, weekday: 'short', hour: '2-digit', minute: '2-digit' });
  const timed = new Intl.DateTimeFormat('en-GB', { ...options, hour: '2-digit', minute: '2-digit' });
  const dated = new Intl.DateTimeFormat('en-GB', options);
  return {
    moment: iso => full.format(new Date(iso)),
    brief: iso => brief.format(new Date(iso)).replaceAll(',', ''),
    short: (epoch, withTime) => (withTime ? timed : dated).format(new Date(epoch * 1000)),
  };
}

/** `Wed 14 May 2025` of the page's own days. */
export const dayName = (day: string): string => DAY.format(new Date(`${day}T12:00:00Z`));
const DAY = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' });

export const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;
