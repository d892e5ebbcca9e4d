/** How an instance comes back, and as what: starts that go ahead of their hour, types to fall back on, the size that its load justifies. */
import { z } from 'zod';
import { judgeType } from '../judges.ts';
import { distinct, judged } from './words.ts';

export const startSchema = z
  .strictObject({
    early: z.boolean().default(false).describe('Start ahead of on-hours by what nine of ten of its latest starts took, 15 minutes at most'),
    fallbackTypes: distinct(judged(judgeType))
      .optional()
      .describe('Where EC2 has no capacity, types to start as instead, in this order; at its next stop it gets its own type back'),
  })
  .describe('How what we stopped comes back');

const percent = z.number().gt(0).max(100);

export const resizeSchema = z
  .strictObject({
    mode: z
      .enum(['plan', 'act'])
      .default('plan')
      .describe('`plan` proposes; `act` also changes the type of what is stopped by us anyway, where the policy itself acts'),
    days: z.number().int().min(7).max(60).default(14).describe('How far back its load is looked at'),
    cpuTo: percent.default(80).describe('Percent that the highest hourly CPU maximum may come to with the smaller type'),
    memoryTo: percent.default(80).describe('… and the highest memory in use, where the CloudWatch agent publishes it'),
  })
  .describe('The type that its last weeks justify, one step smaller at a time');
