/** schedules.yml: when things run, on the wall clock of a zone. docs/schedules.md tells the language by example. */
import { z } from 'zod';
import { parseMonthdays, parseMonths, parseWeekdays } from '../calendar-fields.ts';
import { judgeClock, judgeDate, judgeField, judgeIanaName, judgeMoment, judgeZone } from '../judges.ts';
import {
  type Doubt,
  doubtsOfException,
  doubtsOfNames,
  doubtsOfPeriod,
  doubtsOfSchedule,
  NOTHING_SAID,
  saysAnything,
} from './schedule-doubts.ts';
import { judged, name } from './words.ts';

/** One text, one number, or a list of either, that one of the parsers must be content with. */
const field = (parse: Parameters<typeof judgeField>[0], what: string) =>
  z
    .union([z.string(), z.number().int(), z.array(z.union([z.string(), z.number().int()]))], {
      error: 'must be a text or a list of texts; write it as docs/schedules.md shows',
    })
    .superRefine((value, context) => {
      const message = judgeField(parse, what)(value);
      if (message !== null) context.addIssue({ code: 'custom', message });
    });

const weekdays = field(parseWeekdays, 'a weekday or a range of them');
const monthdays = field(parseMonthdays, 'a day of the month or a range of them');
const months = field(parseMonths, 'a month or a range of them');
const clock = (last: '23:59' | '24:00') => judged(judgeClock(last));
const date = judged(judgeDate);
const zone = judged(judgeZone);
const ianaName = judged(judgeIanaName);

/** The schema, and what its doubts say of a value that it lets through. */
const doubting = <T extends z.ZodType>(schema: T, doubtsOf: (value: z.output<T>) => readonly Doubt[]) =>
  schema.superRefine((value, context) => {
    for (const { path, message } of doubtsOf(value)) context.addIssue({ code: 'custom', path, message });
  });

const span = {
  effectiveFrom: date.optional().describe('The first date on which it counts, such as `2025-05-14`'),
  effectiveTo: date.optional().describe('The last date on which it counts'),
};

export const periodSchema = doubting(
  z.strictObject({
    name: z.string().min(1).optional().describe('How people call it'),
    weekdays: weekdays
      .optional()
      .describe('Days and ranges that may wrap: `mon-fri`, `fri-mon`; `mon#1` is the first of the month, `friL` the last'),
    monthdays: monthdays
      .optional()
      .describe(
        '`1-5`; `L` is the last day, `15W` the weekday nearest to the 15th, `LW` the last weekday, `1/7` every seventh from the 1st',
      ),
    months: months.optional().describe('`jan`, `3-5`, `nov-feb`'),
    begin: clock('23:59').optional().describe('Wall clock, inclusive. Without an end: any before it, running from there to midnight'),
    end: clock('24:00')
      .optional()
      .describe('Wall clock, exclusive; before begin means the next day. Without a begin: any before it, stopped from there'),
    timeZone: zone.optional().describe('Another zone, for this period alone'),
    ...span,
  }),
  doubtsOfPeriod,
);

const exceptionSchema = doubting(
  z.strictObject({
    date: date.optional().describe('One date …'),
    from: date.optional().describe('… or the first of several'),
    to: date.optional().describe('… and the last of them'),
    state: z.enum(['stopped', 'running', 'any']).optional().describe('All day long'),
    begin: clock('23:59').optional().describe('Or running from here …'),
    end: clock('24:00').optional().describe('… to here'),
    why: z.string().min(1).optional().describe('What people read beside it'),
  }),
  doubtsOfException,
);

const holidaySchema = z
  .strictObject({
    country: z
      .string()
      .regex(/^[A-Z]{2}$/, 'is not a country; write its two letters, such as DE')
      .optional()
      .describe('Public holidays of a country, by its two letters: `DE`'),
    region: z.string().min(1).optional().describe('… and of its state or province: `BY` in DE, `CA` in US'),
    calendar: z.string().min(1).optional().describe('An iCalendar file beside schedules.yml: its all-day events'),
  })
  .refine(h => (h.country === undefined) !== (h.calendar === undefined), 'must be one calendar; write `country`, or `calendar`')
  .refine(h => h.region === undefined || h.country !== undefined, {
    message: 'is of no use without a country; write `country`',
    path: ['region'],
  });

const overrideSchema = z.strictObject({
  state: z.enum(['stopped', 'running', 'any']).describe('Whatever the periods say'),
  from: judged(judgeMoment).optional().describe('From this day or time on; at once when absent'),
  to: judged(judgeMoment).describe('To the end of this day, or until this time: then it is over'),
  why: z.string().min(1).optional().describe('What people read beside it'),
});

export const scheduleSchema = doubting(
  z.strictObject({
    timeZone: zone.describe('IANA zone such as `Europe/Berlin`'),
    periods: z.array(periodSchema).min(1).describe('Running in any of these, stopped outside'),
    ...span,
    holidays: z.array(holidaySchema).min(1).optional().describe('Calendars whose days are free'),
    onHolidays: z.enum(['stopped', 'any']).optional().describe('What a free day is; `stopped` when absent'),
    exceptions: z.array(exceptionSchema).min(1).optional().describe('Dates on which something else holds than periods and holidays say'),
    overrides: z.array(overrideSchema).min(1).optional().describe('Stretches of time in which something else holds; each ends by itself'),
    aliases: z.array(z.string().min(1)).min(1).optional().describe('Other names by which tags may call it, in any case'),
  }),
  doubtsOfSchedule,
);

/** schedules.yml: each name with its schedule. */
export const schedulesSchema = doubting(z.record(name, scheduleSchema), doubtsOfNames);

/**
 * What `ebb schedule state` reads: the bare language. A field may be null, which is as good as absent; without a zone it is UTC's; a period
 * may be empty (its end is its begin) or never come. A day has 00:00 to 23:59 here, for an end too: midnight is an end of 00:00.
 */
export const bareSchedule = z.strictObject({
  timeZone: ianaName.nullish(),
  periods: z
    .array(
      z
        .strictObject({
          ...{ name: z.string().nullish(), weekdays: weekdays.nullish(), monthdays: monthdays.nullish(), months: months.nullish() },
          ...{ begin: clock('23:59').nullish(), end: clock('23:59').nullish(), timeZone: ianaName.nullish() },
        })
        .refine(saysAnything, NOTHING_SAID),
    )
    .min(1),
});
