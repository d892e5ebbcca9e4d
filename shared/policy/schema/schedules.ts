/** schedules.yml: when things run, on the wall clock of a zone. */
import { z } from 'zod';
import { judgeWeekdays, judgeZone } from '../judges.ts';
import { judged, name } from './words.ts';

export const periodSchema = z
  .strictObject({
    weekdays: judged(judgeWeekdays).default('mon-sun').describe('Days and ranges that may wrap: `mon-fri`, `sat,sun`, `fri-mon`'),
    begin: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is not a time of day; write HH:MM, 00:00 to 23:59')
      .describe('Wall clock, inclusive'),
    end: z
      .string()
      .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'is not a time of day; write HH:MM, 00:00 to 24:00')
      .describe('Wall clock, exclusive; before begin means the next day'),
  })
  .refine(p => p.begin !== p.end, {
    message: 'is the same as begin, so the period is empty; write 00:00 and 24:00 for the whole day',
    path: ['end'],
  });

export const scheduleSchema = z.strictObject({
  timeZone: judged(judgeZone).describe('IANA zone such as `Europe/Berlin`'),
  periods: z.array(periodSchema).min(1).describe('Running in any of these, stopped outside'),
});

/** schedules.yml: each name with its schedule. */
export const schedulesSchema = z.record(name, scheduleSchema);
