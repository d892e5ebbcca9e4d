/** A policy of instances: office hours and idleness. */
import { z } from 'zod';
import { judgeZone } from '../judges.ts';
import { resizeSchema, startSchema } from './starts.ts';
import { breakerSchema, budgetSchema, judged, matchSchema, mode, name, share } from './words.ts';

const hour = z.number().int().min(0).max(23);

const scheduleTag = z
  .strictObject({
    key: z.string().min(1).max(128).describe('Key of the tag: `Schedule` for Instance Scheduler, `maid_offhours` for Cloud Custodian'),
    language: z
      .enum(['names', 'custodian'])
      .describe('`names`: its value is the name or an alias of a schedule; `custodian`: it is like `off=(M-F,19);on=(M-F,7);tz=et`'),
    timeZone: judged(judgeZone)
      .optional()
      .describe('For `custodian`, where a tag names no zone (its `default_tz`); America/New_York when absent'),
    onHour: hour.optional().describe('For `custodian`, where a tag names no hour to start (its `onhour`); 7 when absent'),
    offHour: hour.optional().describe('For `custodian`, where a tag names no hour to stop (its `offhour`); 19 when absent'),
  })
  .refine(t => t.language === 'custodian' || (t.timeZone ?? t.onHour ?? t.offHour) === undefined, {
    message: 'has a zone or hours that only the tags of custodian leave open; remove them',
    path: ['language'],
  })
  .refine(t => (t.onHour ?? 7) !== (t.offHour ?? 19), { message: 'is when it stops as well; write another hour', path: ['onHour'] });

const hasHours = (p: { readonly schedule?: unknown; readonly scheduleTags?: unknown }): boolean =>
  p.schedule !== undefined || p.scheduleTags !== undefined;

export const instancePolicy = z
  .strictObject({
    kind: z.literal('instances').describe('What sort of policy this is'),
    name,
    mode,
    match: matchSchema,
    schedule: z.string().min(1).optional().describe('Name of a schedule; the tag ebb:schedule on an instance overrides it'),
    scheduleTags: z
      .array(scheduleTag)
      .min(1)
      .optional()
      .describe('Other tags that may choose the schedule, in this order, where ebb:schedule is absent'),
    idle: z
      .union([
        z.literal('learned'),
        z.strictObject({
          cpuBelow: z.number().gt(0).max(100).describe('Percent: the highest hourly CPU maximum must stay below it'),
          hours: z.number().int().min(2).max(336).default(24).describe('Lookback window, in whole hours'),
          coverage: share.default(0.9).describe('Share of those hours that must have been measured'),
        }),
      ])
      .optional()
      .describe(
        '`learned`: each instance by its own past, see docs/idleness.md. Or a fixed rule: stop what is measured and low for the whole lookback window, on two agreeing ticks',
      ),
    notice: z
      .strictObject({
        minutes: z
          .number()
          .int()
          .min(5)
          .max(1440)
          .default(30)
          .describe('At least so many; then the next hourly look decides, if it is still idle'),
        unanswered: z.enum(['stop', 'leave']).default('stop').describe('What becomes of it when nobody answers'),
      })
      .optional()
      .describe(
        'Warn the owner before an idle stop, with buttons to keep, snooze or stop it now. Stops by a schedule are announced by the schedule',
      ),
    enforced: z
      .boolean()
      .default(false)
      .describe('The schedule holds at every tick: what people start in off-hours is stopped, what they stop in on-hours is started'),
    retainRunning: z.boolean().default(false).describe('What people start outside of its hours is not stopped when later hours end'),
    start: startSchema.optional(),
    resize: resizeSchema.optional(),
    baseline: z
      .string()
      .min(1)
      .optional()
      .describe(
        '`always-on`, or the name of a schedule: what would have run without Ebbtide, by your own word, for instances whose last four weeks cannot be measured. Their savings are of grade C',
      ),
    covered: z
      .enum(['stop', 'leave'])
      .optional()
      .describe(
        'Hours that commitments have paid for altogether, as Cost Explorer tells of its kind (`commitments: ask` in scopes.yml): `leave` spares a stop that would save nothing; `stop` when absent',
      ),
    hibernate: z
      .boolean()
      .default(false)
      .describe(
        'Hibernate where the instance was launched for it, else stop; so, for a week, is what EC2 has refused to hibernate three times',
      ),
    budget: budgetSchema.prefault({}),
    breaker: breakerSchema.prefault({}),
  })
  .refine(
    p => p.schedule !== undefined || p.scheduleTags !== undefined || p.idle !== undefined,
    'the policy would never do anything; give it a `schedule`, an `idle` rule, or both',
  )
  .refine(p => !p.enforced || hasHours(p), {
    message: 'has no hours to enforce; give the policy a `schedule` or `scheduleTags`, or remove this',
    path: ['enforced'],
  })
  .refine(p => !p.retainRunning || hasHours(p), {
    message: 'has no hours that could end; give the policy a `schedule` or `scheduleTags`, or remove this',
    path: ['retainRunning'],
  })
  .refine(p => !(p.enforced && p.retainRunning), {
    message: 'keeps what `enforced` stops; remove one of the two',
    path: ['retainRunning'],
  })
  .refine(p => !(p.enforced && p.idle !== undefined), {
    message: 'stops in on-hours what `enforced` says is running then; remove one of the two',
    path: ['idle'],
  })
  .refine(p => p.notice === undefined || p.idle !== undefined, {
    message: 'warns of idle stops, and the policy has no `idle` rule; add one, or remove this',
    path: ['notice'],
  })
  .describe('Stop off-hours and idle dev-test instances, and start again what we stopped');
