/**
 * What a policy file may say, every field described. Read at package time and by the CLI only: the Lambdas get the compiled value, so
 * neither zod nor a YAML parser is paid for at a cold start. Runtime rooms import the *types* of this file, never the file.
 */
import { z } from 'zod';

const name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and dashes, beginning with a letter')
  .describe('How people and the ledger call it');

const mode = z.enum(['plan', 'act']).default('plan').describe('`plan` prints and reports; `act` also acts. A policy is born `plan`');

/** A tag value to match: one, or any of several; `*` at the end matches any ending. Keys and values are case-sensitive, as in EC2. */
const tagPattern = z.union([z.string(), z.array(z.string()).min(1)]).transform(v => (Array.isArray(v) ? v : [v]));

export const matchSchema = z
  .strictObject({
    tags: z.record(z.string(), tagPattern).default({}).describe('All of these tags, each with one of its values'),
    names: z.array(z.string()).min(1).optional().describe('Names of Auto Scaling groups; `*` at the end matches any ending'),
    accounts: z
      .array(z.string().regex(/^\d{12}$/, 'must be 12 digits'))
      .min(1)
      .optional(),
    regions: z.array(z.string()).min(1).optional(),
  })
  .refine(
    m => Object.keys(m.tags).length > 0 || m.names !== undefined,
    'must name at least one tag or name: an empty match would match everything',
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
    kind: z.literal('instances'),
    name,
    mode,
    match: matchSchema,
    schedule: z.string().optional().describe('Name of a schedule; the tag ebb:schedule on an instance overrides it'),
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
  .refine(p => p.schedule !== undefined || p.idle !== undefined, 'needs a `schedule`, an `idle` rule, or both')
  .describe('Stop off-hours and idle dev-test instances, and start again what we stopped');

const fleetPolicy = z
  .strictObject({
    kind: z.literal('fleets'),
    name,
    mode,
    match: matchSchema,
    target: z
      .strictObject({
        metric: z.enum(['CPUUtilization']).default('CPUUtilization').describe('Average over the group, per instance'),
        value: z.number().gt(0).max(100).describe('Percent to hold'),
        period: z
          .union([z.literal(60), z.literal(300)])
          .default(60)
          .describe('Seconds per datapoint: 60 needs detailed monitoring'),
      })
      .describe('Target tracking: capacity × metric ÷ target'),
    minSize: z.number().int().min(0).describe('Never below'),
    maxSize: z.number().int().min(1).describe('Never above'),
    scaleOutDatapoints: count.default(3).describe('Consecutive datapoints above target before adding'),
    scaleInDatapoints: count.default(15).describe('Consecutive datapoints below 90 % of target before removing'),
    cooldown: z.number().int().min(0).default(300).describe('Seconds between two scale-ins, and from a scale-out to a scale-in'),
    instanceWarmup: z.number().int().min(0).default(180).describe('Seconds until a launched instance carries its share'),
    takeOver: z.boolean().default(false).describe('Act even on groups that carry scaling policies of AWS'),
  })
  .refine(p => p.minSize <= p.maxSize, { message: 'must not be above maxSize', path: ['minSize'] })
  .describe('Resize Auto Scaling groups to the demand that is measured');

const tagPolicy = z
  .strictObject({
    kind: z.literal('tags'),
    name,
    mode,
    match: z
      .strictObject({
        resources: z
          .array(z.enum(['instance']))
          .min(1)
          .default(['instance']),
        accounts: z
          .array(z.string().regex(/^\d{12}$/, 'must be 12 digits'))
          .min(1)
          .optional(),
        regions: z.array(z.string()).min(1).optional(),
        except: z.record(z.string(), tagPattern).default({}).describe('Resources with any of these tags are exempt'),
      })
      .prefault({}),
    required: z
      .array(
        z.strictObject({
          key: z
            .string()
            .min(1)
            .max(128)
            .refine(k => !k.toLowerCase().startsWith('aws:'), '`aws:` keys belong to AWS'),
          values: z.array(z.string().max(256)).min(1).optional().describe('Allowed values; any value when absent'),
          default: z.string().max(256).optional().describe('Written where the key is missing'),
        }),
      )
      .min(1)
      .describe('Keys that every resource must carry'),
    grace: z.strictObject({ days: z.number().int().min(1).max(90) }).describe('From mark to deadline. There is no default: say how long'),
    settle: z.number().int().min(0).default(600).describe('Seconds after launch before missing tags count: some are written just after'),
    budget: budgetSchema.prefault({}),
  })
  .describe('Mark what lacks required tags, and clear the mark when they are there');

export const policySchema = z.discriminatedUnion('kind', [instancePolicy, fleetPolicy, tagPolicy]);

export const periodSchema = z.strictObject({
  weekdays: z.string().default('mon-sun').describe('Days and ranges that may wrap: `mon-fri`, `sat,sun`, `fri-mon`'),
  begin: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be HH:MM, 00:00 to 23:59')
    .describe('Wall clock, inclusive'),
  end: z
    .string()
    .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'must be HH:MM, 00:00 to 24:00')
    .describe('Wall clock, exclusive; before begin means the next day'),
});

export const scheduleSchema = z.strictObject({
  timeZone: z.string().describe('IANA zone such as `Europe/Berlin`'),
  periods: z.array(periodSchema).min(1).describe('Running in any of these, stopped outside'),
});

export const scopesSchema = z.strictObject({
  stage: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,19}$/)
    .default('dev'),
  accounts: z
    .array(
      z.strictObject({
        account: z.union([z.literal('self'), z.string().regex(/^\d{12}$/, 'must be 12 digits, in quotes')]).default('self'),
        regions: z.array(z.string()).min(1),
        role: z.string().startsWith('arn:').optional().describe('Role to assume in another account'),
        externalId: z.string().min(2).optional(),
        commitments: z
          .enum(['none', 'unknown'])
          .default('unknown')
          .describe(
            '`none`: you declare that no Savings Plan or Reserved Instance covers EC2 here; `unknown`: savings are shown as ranges from $0',
          ),
      }),
    )
    .min(1),
});

export const slackSchema = z.strictObject({
  channel: z.string().min(1).describe('Channel name or id for notices and summaries'),
  summary: z
    .strictObject({ timeZone: z.string().default('UTC'), hour: z.number().int().min(0).max(23).default(9) })
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
