/** A plan that was kept in a file: checked before anything is done with it, since people edit files. */
import * as z from 'zod';
import type { Plan } from '../shared/model/plan.ts';
import { changeId } from '../shared/model/plan.ts';
import { Refusal } from './exit.ts';

const scope = z.object({ account: z.string().regex(/^\d{12}$/), region: z.string() });
const resource = z.object({
  kind: z.enum(['instance', 'volume', 'snapshot', 'elastic-ip', 'auto-scaling-group', 'beanstalk-environment']),
  id: z.string(),
  name: z.string().nullable(),
  scope,
});
const size = z.number().int().min(0);
const sizes = z.object({ minSize: size, maxSize: size, desiredCapacity: size });
const tags = z.record(z.string(), z.string());
const keys = z.array(z.string());
const action = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('set-desired-capacity'), desiredCapacity: size }),
  z.object({ kind: z.literal('set-min-size'), minSize: size }),
  z.object({ kind: z.literal('set-sizes'), minSize: size, maxSize: size, desiredCapacity: size }),
  z.object({ kind: z.literal('set-environment-min-size'), minSize: size }),
  z.object({ kind: z.literal('pause-environment'), pauseAt: z.iso.datetime(), resumeAt: z.iso.datetime(), down: sizes, back: sizes }),
  z.object({ kind: z.literal('resume-environment'), resumeAt: z.iso.datetime(), back: sizes }),
  z.object({ kind: z.literal('stop-instance'), hibernate: z.boolean() }),
  z.object({ kind: z.literal('start-instance') }),
  z.object({ kind: z.literal('create-tags'), tags }),
  z.object({ kind: z.literal('delete-tags'), keys }),
  z.object({ kind: z.literal('replace-tags'), tags, keys }),
  z.object({ kind: z.literal('tag-group'), propagated: tags, tags, keys }),
  z.object({ kind: z.literal('tag-environment'), tags, keys }),
]);
const change = z.looseObject({
  id: z.string(),
  pen: z.enum(['resize-fleets', 'stop-start-instances', 'enforce-tags']),
  resource,
  action,
  because: z.looseObject({ code: z.string() }),
  causeAt: z.iso.datetime(),
  expects: z.looseObject({}),
  attempt: z.number().int().min(1),
  policy: z.string(),
});
const planSchema = z.looseObject({
  version: z.literal(1),
  at: z.iso.datetime(),
  scopes: z.array(scope),
  changes: z.array(change),
  left: z.array(z.looseObject({})),
  unread: z.array(z.looseObject({})),
});

/** @throws Refusal naming the file, the place and the remedy. */
export function readPlan(file: string, text: string): Plan {
  const parsed = planSchema.safeParse(json(file, text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Refusal(`${file} › ${issue?.path.join('.') || 'plan'}: ${issue?.message}; make it anew with ebb plan --out ${file}`);
  }
  const plan = parsed.data as unknown as Plan;
  // The id is the hash of what the change says: an edited change is a change that nobody argued for.
  const edited = plan.changes.find(c => changeId(c) !== c.id);
  if (edited !== undefined) {
    throw new Refusal(
      `${file}: change ${edited.id} for ${edited.resource.id} was edited by hand; make the plan anew with ebb plan --out ${file}`,
    );
  }
  return plan;
}

function json(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Refusal(`${file} is not JSON (${(cause as Error).message}); make it with ebb plan --out ${file}`);
  }
}
