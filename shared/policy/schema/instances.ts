/** A policy of instances: office hours and idleness. */
import { z } from 'zod';
import { breakerSchema, budgetSchema, matchSchema, mode, name, share } from './words.ts';

export const instancePolicy = z
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
