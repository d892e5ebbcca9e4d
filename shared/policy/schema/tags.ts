/** A policy of tags: what every resource must carry. */
import { z } from 'zod';
import { twice } from '../judges.ts';
import { accounts, budgetSchema, distinct, mode, name, regions, tagPattern } from './words.ts';

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

export const tagPolicy = z
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
