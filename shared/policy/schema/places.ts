/** scopes.yml and slack.yml: where the house looks, and where it speaks. */
import { z } from 'zod';
import { judgeRegion, judgeZone, twice } from '../judges.ts';
import { distinct, judged } from './words.ts';

const scopedAccount = z
  .strictObject({
    account: z
      .union([z.literal('self'), z.string().regex(/^\d{12}$/)], { error: 'is not an account; write self, or its 12 digits in quotes' })
      .default('self')
      .describe('12 digits in quotes, or `self`: the account whose credentials are used'),
    regions: distinct(judged(judgeRegion)).describe('Regions to look at, such as `eu-west-1`'),
    role: z
      .string()
      .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/, 'is not the ARN of a role; write arn:aws:iam::123456789012:role/name')
      .optional()
      .describe('ARN of the role to assume in another account'),
    externalId: z.string().min(2).optional().describe("Condition of the role's trust, against the confused deputy"),
    commitments: z
      .enum(['none', 'unknown', 'ask'])
      .default('unknown')
      .describe(
        '`none`: you declare that no Savings Plan or Reserved Instance covers EC2 here; `unknown`: savings are shown as ranges from $0; `ask`: Cost Explorer is asked once a day, at two cents a region, and savings are ranges by the share that was paid for',
      ),
  })
  .refine(a => a.externalId === undefined || a.role !== undefined, {
    message: 'is of no use without a role; name the `role` to assume',
    path: ['externalId'],
  });

export const scopesSchema = z.strictObject({
  stage: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,19}$/, 'is not a stage; write up to 20 lower-case letters, digits and dashes')
    .default('dev')
    .describe('Part of the names of tables, queues and parameters'),
  accounts: z
    .array(scopedAccount)
    .min(1)
    .superRefine((entries, context) => {
      const index = twice(entries.map(entry => entry.account));
      if (index !== null)
        context.addIssue({ code: 'custom', path: [index, 'account'], message: 'is listed above already; put all its regions there' });
    })
    .describe('Where Ebbtide looks'),
});

const channelName = z
  .string()
  .regex(/^(#[^\s#@<>]{1,80}|[CGD][A-Z0-9]{6,})$/, 'is not a channel; write its name with a #, or its id such as C0123ABCD')
  .describe('Channel name with `#`, or its id');

export const slackSchema = z.strictObject({
  channel: z.string().min(1).describe('Channel name or id for notices and summaries: it gets the whole, whatever others get'),
  teams: z
    .record(z.string().min(1).max(256), channelName)
    .optional()
    .describe('Team → its channel: gets the summary of what carries that team, and the cards about what names it as its owner'),
  teamTag: z.string().min(1).max(128).optional().describe('Tag whose value names the team of a resource; `team` unless told otherwise'),
  owners: z
    .enum(['dm', 'none'])
    .optional()
    .describe(
      '`dm`: owners whose `ebb:owner` tag is the e-mail address of a Slack user are told in a direct message; `none` unless told otherwise',
    ),
  approvers: z
    .array(
      z
        .string()
        .regex(
          /^([UW][A-Z0-9]{6,}|[^\s@<>]+@[^\s@<>]+)$/,
          'is neither a Slack user id nor an e-mail address; write U0123ABCD or somebody@example.com',
        ),
    )
    .optional()
    .describe('Who may answer for resources of any owner: Slack user ids or e-mail addresses'),
  summary: z
    .strictObject({
      timeZone: judged(judgeZone).default('UTC').describe('IANA zone'),
      hour: z.number().int().min(0).max(23).default(9).describe('Hour of the day, 0 to 23, on the wall clock of that zone'),
    })
    .prefault({})
    .describe('When the daily (and on Mondays the weekly) summary is written'),
});
