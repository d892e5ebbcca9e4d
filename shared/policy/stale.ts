/** What a schedule says of a time that is over: it does nothing any more, and whoever keeps the schedules may take it out. Pure. */
import type { Instant } from '../model/time.ts';
import { readMoment } from './dates.ts';
import type { Schedule } from './schema.ts';

export function staleNotes(
  { name, timeZone, effectiveTo, exceptions = [], overrides = [], periods, daysOff = [] }: Schedule,
  at: Instant,
): string[] {
  const isOver = (day: string | undefined): day is string => day !== undefined && (readMoment(day, timeZone, 'end') ?? at) <= at;
  const why = (words: string | undefined): string => (words === undefined ? '' : ` (${words})`);
  const lastHoliday = daysOff.at(-1);
  return [
    ...overrides.filter(o => isOver(o.to)).map(o => `the override ${o.state}${why(o.why)} ended ${o.to}; remove it from ${name}`),
    ...exceptions
      .filter(e => isOver(e.date ?? e.to))
      .map(e => `the exception of ${e.date ?? e.to}${why(e.why)} is over; remove it from ${name}`),
    ...periods
      .map(p => p.effectiveTo)
      .filter(isOver)
      .map(day => `a period ended ${day}; remove it from ${name}`),
    ...(isOver(effectiveTo) ? [`${name} ended ${effectiveTo} and says nothing any more`] : []),
    ...(isOver(lastHoliday) ? [`the holidays of ${name} are known until ${lastHoliday} only; update Ebbtide`] : []),
  ];
}
