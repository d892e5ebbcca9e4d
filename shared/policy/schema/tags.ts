/** A policy of tags: what every resource must carry, how it is put right, and what comes of it when nobody does. */
import { RE2JS } from 're2js';
import { z } from 'zod';
import { type Judge, twice } from '../judges.ts';
import { keyTrouble, TAGS_MAX, valueTrouble } from '../tag-words.ts';
import { tagDoubts } from './tag-doubts.ts';
import { accounts, budgetSchema, count, distinct, judged, mode, name, regions, tagPattern } from './words.ts';

const TAGGED_KINDS = ['instance', 'volume', 'snapshot', 'elastic-ip', 'auto-scaling-group', 'beanstalk-environment'] as const;
const kinds = distinct(z.enum(TAGGED_KINDS));

const key = judged(keyTrouble);
const value = judged(valueTrouble);

const judgePatternText: Judge = pattern => {
  if (pattern === '') return 'is empty, so that no value would do; remove it';
  try {
    RE2JS.compile(pattern);
    return null;
  } catch (error) {
    const why = (error as Error).message.replace(/^error parsing regexp: /, '');
    return `${JSON.stringify(pattern)} is not a pattern (${why}); write RE2 syntax, which has no look-around and no back-references`;
  }
};

const where = z
  .strictObject({
    accounts,
    regions,
    resources: kinds.optional().describe('Only of these kinds'),
    tags: z.record(z.string(), tagPattern).optional().describe('Only of resources with all of these tags: `{ environment: prod }`'),
  })
  .refine(w => Object.values(w).some(part => part !== undefined), 'says nowhere; name accounts, regions, resources or tags, or remove it');

const requiredTag = z.strictObject({
  key: key.describe('Case-sensitive, as EC2 is'),
  where: where
    .optional()
    .describe('Where this is required; everywhere when absent. Of several with the same key the first that holds speaks'),
  values: distinct(value).optional().describe('Allowed values; any value when absent'),
  pattern: judged(judgePatternText)
    .optional()
    .describe('RE2 syntax, matched against the whole value: `CC-[0-9]{4}`. Matching takes linear time, whatever is written here'),
  case: z
    .enum(['exact', 'ignore', 'lower', 'upper'])
    .optional()
    .describe('Letters: `exact` when absent; `ignore`: as in `values`, which then are written; `lower`, `upper`: rewritten so'),
  from: distinct(z.enum(['creator', 'network']))
    .optional()
    .describe(
      'Sources whose value is written at once: `creator`, who made it as CloudTrail told, where that cannot be forged; `network`, its subnet or VPC. Every other clue is offered only',
    ),
  default: value.optional().describe('Written where the key is missing or its value is empty'),
});

const normalise = z
  .strictObject({
    keys: z.record(z.string(), distinct(z.string())).default({}).describe('Other spellings of a key: `environment: [Env, env]`'),
    values: z
      .record(z.string(), z.record(z.string(), distinct(z.string())))
      .default({})
      .describe('Other spellings of its values: `environment: { prod: [Prod, production] }`'),
  })
  .describe('Spellings that are rewritten: the new tag is written before the old one goes, and a contradiction is left to people');

export const tagPolicy = z
  .strictObject({
    kind: z.literal('tags').describe('What sort of policy this is'),
    name,
    mode,
    match: z
      .strictObject({
        resources: kinds.default(['instance']).describe('Kinds of resources'),
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
        const unreachable = tags.findIndex((tag, i) =>
          tags.slice(0, i).some(before => before.key === tag.key && before.where === undefined),
        );
        if (unreachable !== -1)
          context.addIssue({ code: 'custom', path: [unreachable, 'key'], message: 'is required above already; keep one of the two' });
        const again = twice(tags.map(tag => JSON.stringify([tag.key, tag.where])));
        if (again !== null && again !== unreachable)
          context.addIssue({ code: 'custom', path: [again, 'where'], message: 'is the same as above; keep one of the two' });
        if (new Set(tags.map(tag => tag.key)).size >= TAGS_MAX)
          context.addIssue({
            code: 'custom',
            path: [],
            message: `asks for more than the ${TAGS_MAX - 1} tags that leave room for the mark; require fewer`,
          });
      })
      .describe('Keys that every resource must carry'),
    normalise: normalise.optional(),
    inherit: distinct(key)
      .optional()
      .describe('Keys that a volume takes from its instance, and a snapshot from its volume, where it has none of its own'),
    grace: z
      .strictObject({ days: z.number().int().min(1).max(90).describe('Whole days, 1 to 90') })
      .describe('From mark to deadline. There is no default: say how long'),
    settle: z.number().int().min(0).default(600).describe('Seconds after birth before missing tags count: some are written just after'),
    escalate: z
      .literal('stop')
      .optional()
      .describe('After the deadline, `stop` instances that a policy of instances speaks for, within its budget; nothing when absent'),
    fixesPerRun: count.optional().describe('Most fixes (defaults, inherited values, spellings) in one run; 1000 when absent'),
    budget: budgetSchema.prefault({}),
  })
  .superRefine((policy, context) => {
    for (const { path, message } of tagDoubts(policy)) context.addIssue({ code: 'custom', path: [...path], message });
  })
  .describe('Put tags right, mark what still lacks required ones, and clear the mark when they are there');
