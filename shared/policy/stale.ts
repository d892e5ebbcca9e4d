/** What a schedule says of a time that is over: it does nothing any more, and whoever keeps the schedules may take it out. Pure. */
import type { Instant } from '../model/time.ts';
import { readMoment } from './dates.ts';
import { expiredOverrides } from './overrides.ts';
import type { Config, Schedule } from './schema.ts';

/** … and in policies: what whoever keeps the config may take out, in so many words. */
export const whatIsOver = ({ policies, schedules }: Pick<Config, 'policies' | 'schedules'>, at: Instant): string[] => [
  ...expiredOverrides(policies, at).map(({ policy, override: { from, to, why } }) => {
    const what = `its override from ${from} to ${to}${why === undefined ? '' : ` (${why})`}`;
    return `policy ${policy}: ${what} is over and does nothing any more; take it out`;
  }),
  ...Object.values(schedules).flatMap(schedule => staleNotes(schedule, at).map(note => `schedules.yml: ${note}`)),
];

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
