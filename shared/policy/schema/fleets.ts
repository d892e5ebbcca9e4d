/** A policy of fleets: which demand they follow, within which bounds. */
import { z } from 'zod';
import { sizeFields } from './fleet-sizes.ts';
import { signalsSchema } from './signals.ts';
import { count, matchSchema, mode, name } from './words.ts';

const period = z
  .union([z.literal(60), z.literal(300)], { error: 'is not a period of the metric; write 60 (detailed monitoring) or 300' })
  .default(60)
  .describe('Seconds per datapoint: 60 needs detailed monitoring, or metrics that are published every minute');

export const fleetPolicy = z
  .strictObject({
    kind: z.literal('fleets').describe('What sort of policy this is'),
    name,
    mode,
    match: matchSchema,
    target: z
      .strictObject({
        metric: z.enum(['CPUUtilization']).default('CPUUtilization').describe('Average over the group, per instance'),
        value: z.number().gt(0).max(100).describe('Percent to hold'),
        period,
      })
      .optional()
      .describe('Target tracking: capacity × metric ÷ target. Either this or `signals`'),
    signals: signalsSchema.optional(),
    slo: z
      .strictObject({
        utilization: z
          .number()
          .gt(0)
          .max(100)
          .default(90)
          .describe('Percent of what an instance carries; a minute above it is under-provisioned'),
        minutes: z.number().gt(0).max(50).default(1).describe('Percent of minutes that may be under-provisioned'),
      })
      .prefault({})
      .describe('How well a fleet that follows `signals` has to be provisioned'),
    period,
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
    ...sizeFields,
  })
  .refine(p => p.minSize <= p.maxSize, { message: 'is above maxSize; lower minSize or raise maxSize', path: ['minSize'] })
  .refine(p => (p.target === undefined) !== (p.signals === undefined), {
    message: 'a fleet follows either `signals` or a `target`; write one of the two',
    path: ['signals'],
  })
  .refine(p => (p.schedule === undefined) === (p.offHours === undefined), {
    message: 'a schedule and offHours go together; write both, such as `offHours: { minSize: 0 }`, or neither',
    path: ['schedule'],
  })
  .refine(p => (p.offHours?.minSize ?? 0) <= p.minSize, {
    message: 'is above minSize, and off-hours only go down; lower it',
    path: ['offHours', 'minSize'],
  })
  .refine(p => p.offHours?.maxSize === undefined || p.offHours.minSize <= p.offHours.maxSize, {
    message: 'is below its minSize; raise it',
    path: ['offHours', 'maxSize'],
  })
  .describe('Resize Auto Scaling groups to the demand that is measured');
