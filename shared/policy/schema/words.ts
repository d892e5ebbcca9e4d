/** Words that several policies share: what they match, and the caps on what they may do. */
import { z } from 'zod';
import { type Judge, judgeName, judgePattern, judgeRegion, twice } from '../judges.ts';

/** Text that one of the judges must be content with. */
export const judged = (judge: Judge) =>
  z.string().superRefine((value, context) => {
    const message = judge(value);
    if (message !== null) context.addIssue({ code: 'custom', message });
  });

/** A list in which nothing stands twice. */
export const distinct = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .min(1)
    .superRefine((values, context) => {
      const index = twice(values.map(value => JSON.stringify(value)));
      if (index !== null)
        context.addIssue({ code: 'custom', path: [index], message: `${JSON.stringify(values[index])} stands here twice; remove one` });
    });

export const name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'is not a name; write lower-case letters, digits and dashes, beginning with a letter')
  .describe('How people and the ledger call it');

export const mode = z.enum(['plan', 'act']).default('plan').describe('`plan` prints and reports; `act` also acts. A policy is born `plan`');

/** A tag value to match: one, or any of several; `*` at the end matches any ending. Keys and values are case-sensitive, as in EC2. */
export const tagPattern = z
  .union([judged(judgePattern), distinct(judged(judgePattern))], {
    error: 'must be a text or a list of texts; put numbers and yes or no in quotes',
  })
  .transform(v => (Array.isArray(v) ? v : [v]));

export const accounts = distinct(z.string().regex(/^\d{12}$/, 'is not an account; write its 12 digits, in quotes'))
  .optional()
  .describe('Only in these accounts; all of scopes.yml when absent');

export const regions = distinct(judged(judgeRegion)).optional().describe('Only in these regions; all of scopes.yml when absent');

export const matchSchema = z
  .strictObject({
    tags: z.record(z.string(), tagPattern).default({}).describe('All of these tags, each with one of its values'),
    names: distinct(judged(judgeName))
      .optional()
      .describe('Auto Scaling groups by name, instances by their Name tag; `*` at the end matches any ending'),
    accounts,
    regions,
  })
  .refine(
    m => Object.keys(m.tags).length > 0 || m.names !== undefined,
    'an empty match would match everything; name at least one tag or name',
  )
  .describe('What the policy speaks of. Untagged and unmatched is never touched');

export const share = z.number().gt(0).max(1);
export const count = z.number().int().min(1);

export const budgetSchema = z
  .strictObject({
    perRun: count.default(20).describe('Most disruptive changes in one run'),
    perDay: count.default(200).describe('Most disruptive changes in one UTC day'),
    perOwner: count.default(10).describe('Most disruptive changes to one owner in one run'),
  })
  .describe('Trims a plan: what saves most per disruption goes first. Starts are never trimmed');

export const breakerSchema = z
  .strictObject({
    share: share.default(0.5).describe('Refuse when measurement argues for touching more than this share of what the policy matches'),
    atLeast: count.default(5).describe('… and at least this many'),
  })
  .describe('Refuses a whole plan that argues from measurement for an implausible share. Announced schedule changes are exempt');
