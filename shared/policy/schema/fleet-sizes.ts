/** What a policy of fleets writes, and when its fleets sleep. */
import { z } from 'zod';
import { readMoment } from '../dates.ts';
import { type Judge, judgeZone } from '../judges.ts';
import { judged } from './words.ts';

const size = z.number().int().min(0);

const judgeMoment: Judge = value =>
  readMoment(value, 'UTC', 'begin') === null
    ? `${JSON.stringify(value)} is not a date; write one such as 2025-11-28, or a time such as 2025-11-28T06:00Z`
    : null;
const moment = judged(judgeMoment);

const overrideSchema = z
  .strictObject({
    from: moment.describe('A date such as `2025-11-28` (its beginning in `timeZone`), or a time such as `2025-11-28T06:00Z`'),
    to: moment.describe('The same; a date lasts until its end. Then the override expires by itself'),
    timeZone: judged(judgeZone).default('UTC').describe('IANA zone of dates and of times without an offset'),
    minSize: size.describe('Never below while it lasts; off-hours wait for it'),
    maxSize: z.number().int().min(1).optional().describe("Never above while it lasts; the policy's own when absent"),
    why: z.string().max(80).optional().describe('For people: `summer sale`'),
  })
  .superRefine(({ from, to, timeZone, minSize, maxSize }, context) => {
    if (judgeZone(timeZone) !== null) return;
    const [begin, end] = [readMoment(from, timeZone, 'begin'), readMoment(to, timeZone, 'end')];
    if (begin !== null && end !== null && end <= begin)
      context.addIssue({ code: 'custom', path: ['to'], message: 'is not after from, so the override would never hold; write a later end' });
    if (maxSize !== undefined && minSize > maxSize)
      context.addIssue({ code: 'custom', path: ['minSize'], message: 'is above maxSize; lower minSize or raise maxSize' });
  })
  .describe('Other bounds from one date to another');

export const sizeFields = {
  capacity: z
    .enum(['desired', 'floor'])
    .default('desired')
    .describe(
      '`desired` sets DesiredCapacity; `floor` raises and lowers MinSize only, above what it was, and leaves the reaction to the scaling policies that AWS acts on. Elastic Beanstalk environments are always `floor`',
    ),
  beanstalk: z
    .boolean()
    .default(false)
    .describe(
      'Speak for Elastic Beanstalk environments too, by their names and tags: MinSize and pauses by UpdateEnvironment, nothing else',
    ),
  schedule: z
    .string()
    .min(1)
    .optional()
    .describe('Name of a schedule: outside of it the fleet has the sizes of `offHours`; the tag ebb:schedule on a group overrides it'),
  offHours: z
    .strictObject({
      minSize: size.default(0).describe('Size to go down to: 0, or a floor above which demand still decides'),
      maxSize: size.optional().describe('Never above in off-hours; absent: MaxSize stays as it is'),
    })
    .optional()
    .describe('Sizes outside of the schedule. What was there is remembered, and comes back exactly'),
  overrides: z.array(overrideSchema).default([]).describe('Other bounds for some days: a sale, a migration'),
};
