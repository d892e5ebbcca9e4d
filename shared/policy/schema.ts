/**
 * What a policy file may say, every field described. Read at package time and by the CLI only: the Lambdas get the compiled value, so
 * neither zod nor a YAML parser is paid for at a cold start. Runtime rooms import the *types* of this file, never the file.
 *
 * A message says what is wrong, and after the first `; ` what to do about it: load.ts prints it behind file, line and path.
 */
import { z } from 'zod';
import { type Judge, judgeName, judgePattern, judgeRegion, judgeWeekdays, judgeZone, twice } from './judges.ts';

/** Text that one of the judges must be content with. */
const judged = (judge: Judge) =>
  z.string().superRefine((value, context) => {
    const message = judge(value);
    if (message !== null) context.addIssue({ code: 'custom', message });
  });

/** A list in which nothing stands twice. */
const distinct = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .min(1)
    .superRefine((values, context) => {
      const index = twice(values.map(value => JSON.stringify(value)));
      if (index !== null)
        context.addIssue({ code: 'custom', path: [index], message: `${JSON.stringify(values[index])} stands here twice; remove one` });
    });

const name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'is not a name; write lower-case letters, digits and dashes, beginning with a letter')
  .describe('How people and the ledger call it');

const mode = z.enum(['plan', 'act']).default('plan').describe('`plan` prints and reports; `act` also acts. A policy is born `plan`');

/** A tag value to match: one, or any of several; `*` at the end matches any ending. Keys and values are case-sensitive, as in EC2. */
const tagPattern = z
  .union([judged(judgePattern), distinct(judged(judgePattern))], {
    error: 'must be a text or a list of texts; put numbers and yes or no in quotes',
  })
  .transform(v => (Array.isArray(v) ? v : [v]));

const accounts = distinct(z.string().regex(/^\d{12}$/, 'is not an account; write its 12 digits, in quotes'))
  .optional()
  .describe('Only in these accounts; all of scopes.yml when absent');

const regions = distinct(judged(judgeRegion)).optional().describe('Only in these regions; all of scopes.yml when absent');

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

const share = z.number().gt(0).max(1);
const count = z.number().int().min(1);

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

const instancePolicy = z
  .strictObject({
    kind: z.literal('instances').describe('What sort of policy this is'),
    name,
    mode,
    match: matchSchema,
    schedule: z.string().min(1).optional().describe('Name of a schedule; the tag ebb:schedule on an instance overrides it'),
    idle: z
      .strictObject({
        cpuBelow: z.number().gt(0).max(100).describe('Percent: the highest hourly CPU maximum must stay below it'),
        hours: z.number().int().min(2).max(336).default(24).describe('Lookback window, in whole hours'),
        coverage: share.default(0.9).describe('Share of those hours that must have been measured'),
      })
      .optional()
      .describe('Stop what is measured and low for the whole lookback window, on two agreeing ticks'),
    hibernate: z.boolean().default(false).describe('Hibernate where the instance was launched for it, else stop'),
    budget: budgetSchema.prefault({}),
    breaker: breakerSchema.prefault({}),
  })
  .refine(
    p => p.schedule !== undefined || p.idle !== undefined,
    'the policy would never do anything; give it a `schedule`, an `idle` rule, or both',
  )
  .describe('Stop off-hours and idle dev-test instances, and start again what we stopped');

const fleetPolicy = z
  .strictObject({
    kind: z.literal('fleets').describe('What sort of policy this is'),
    name,
    mode,
    match: matchSchema,
    target: z
      .strictObject({
        metric: z.enum(['CPUUtilization']).default('CPUUtilization').describe('Average over the group, per instance'),
        value: z.number().gt(0).max(100).describe('Percent to hold'),
        period: z
          .union([z.literal(60), z.literal(300)], { error: 'is not a period of the metric; write 60 (detailed monitoring) or 300' })
          .default(60)
          .describe('Seconds per datapoint: 60 needs detailed monitoring'),
      })
      .describe('Target tracking: capacity × metric ÷ target'),
    minSize: z.number().int().min(0).describe('Never below'),
    maxSize: z.number().int().min(1).describe('Never above'),
    scaleOutDatapoints: count.default(3).describe('Consecutive datapoints above target before adding'),
    scaleInDatapoints: count.default(15).describe('Consecutive datapoints below 90 % of target before removing'),
    cooldown: z.number().int().min(0).default(300).describe('Seconds between two scale-ins, and from a scale-out to a scale-in'),
    instanceWarmup: z
      .number()
      .int()
      .min(0)
      .optional()
      .describe("Seconds until a launched instance carries its share; absent: the group's DefaultInstanceWarmup, else 180"),
    takeOver: z.boolean().default(false).describe('Act even on groups that carry scaling policies of AWS'),
  })
  .refine(p => p.minSize <= p.maxSize, { message: 'is above maxSize; lower minSize or raise maxSize', path: ['minSize'] })
  .describe('Resize Auto Scaling groups to the demand that is measured');

const requiredTag = z
  .strictObject({
    key: z
      .string()
      .min(1)
      .max(128)
      .refine(k => !k.toLowerCase().startsWith('aws:'), 'is a key that AWS keeps for itself; choose one that does not begin with aws:')
      .describe('Case-sensitive, as EC2 is'),
    values: distinct(z.string().max(256)).optional().describe('Allowed values; any value when absent'),
    default: z.string().max(256).optional().describe('Written where the key is missing'),
  })
  .refine(tag => tag.default === undefined || (tag.values?.includes(tag.default) ?? true), {
    message: 'is not among the allowed values; add it to `values` or choose one of them',
    path: ['default'],
  });

const tagPolicy = z
  .strictObject({
    kind: z.literal('tags').describe('What sort of policy this is'),
    name,
    mode,
    match: z
      .strictObject({
        resources: distinct(z.enum(['instance']))
          .default(['instance'])
          .describe('Kinds of resources'),
        accounts,
        regions,
        except: z.record(z.string(), tagPattern).default({}).describe('Resources with any of these tags are exempt'),
      })
      .prefault({})
      .describe('What the policy speaks of: everything in its reach but the exempt'),
    required: z
      .array(requiredTag)
      .min(1)
      .superRefine((tags, context) => {
        const index = twice(tags.map(tag => tag.key));
        if (index !== null)
          context.addIssue({ code: 'custom', path: [index, 'key'], message: 'is required above already; keep one of the two' });
      })
      .describe('Keys that every resource must carry'),
    grace: z
      .strictObject({ days: z.number().int().min(1).max(90).describe('Whole days, 1 to 90') })
      .describe('From mark to deadline. There is no default: say how long'),
    settle: z.number().int().min(0).default(600).describe('Seconds after launch before missing tags count: some are written just after'),
    budget: budgetSchema.prefault({}),
  })
  .describe('Mark what lacks required tags, and clear the mark when they are there');

export const policySchema = z.discriminatedUnion('kind', [instancePolicy, fleetPolicy, tagPolicy]);
export const POLICY_KINDS = { instances: instancePolicy, fleets: fleetPolicy, tags: tagPolicy } as const;

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
      .enum(['none', 'unknown'])
      .default('unknown')
      .describe(
        '`none`: you declare that no Savings Plan or Reserved Instance covers EC2 here; `unknown`: savings are shown as ranges from $0',
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

export const slackSchema = z.strictObject({
  channel: z.string().min(1).describe('Channel name or id for notices and summaries'),
  summary: z
    .strictObject({
      timeZone: judged(judgeZone).default('UTC').describe('IANA zone'),
      hour: z.number().int().min(0).max(23).default(9).describe('Hour of the day, 0 to 23, on the wall clock of that zone'),
    })
    .prefault({})
    .describe('When the daily (and on Mondays the weekly) summary is written'),
});

export type Match = z.output<typeof matchSchema>;
export type Policy = z.output<typeof policySchema>;
export type InstancePolicy = z.output<typeof instancePolicy>;
export type FleetPolicy = z.output<typeof fleetPolicy>;
export type TagPolicy = z.output<typeof tagPolicy>;
export type Budget = z.output<typeof budgetSchema>;
export type Breaker = z.output<typeof breakerSchema>;
export type Period = z.output<typeof periodSchema>;
export type Schedule = z.output<typeof scheduleSchema> & { readonly name: string };
export type Scopes = z.output<typeof scopesSchema>;
export type SlackConfig = z.output<typeof slackSchema>;

/** The compiled value of the config folder: plain JSON, ready to be bundled with a function. */
export interface Config {
  readonly stage: string;
  readonly accounts: Scopes['accounts'];
  readonly policies: readonly Policy[];
  readonly schedules: Readonly<Record<string, Schedule>>;
  readonly slack: SlackConfig;
}
