/**
 * The decision that resize-fleets makes, behind JSON lines: one object a minute in, one out, so that any harness can score it.
 *
 *   in   {"type":"init","bootSeconds":180,"metricLagMinutes":1,"min":2,"max":60,"sloUtilisation":0.9,…}            no answer
 *   in   {"t":…,"inService":n,"desired":d,"metricT":…,"cpu":percent,"requests":a minute's,"metricInService":n}    → {"desired":n}
 *   in   {"type":"end"}                                                                                           no answer
 *
 * Times are epoch seconds. The metric is absent while none is published; then capacity stays.
 *
 *   npm run --silent protocol:fleet
 */
import { z } from 'zod';
import { linesOf } from '../../cli/lines.ts';
import type { Service } from '../../shared/decide/fleet/learner.ts';
import type { Reading } from '../../shared/decide/fleet/load.ts';
import { hear, type Mind } from '../../shared/decide/fleet/mind.ts';

const initSchema = z
  .object({
    type: z.literal('init'),
    bootSeconds: z.number().min(0),
    metricLagMinutes: z.number().int().min(0),
    min: z.number().int().min(0),
    max: z.number().int().min(1),
    sloUtilisation: z.number().gt(0).max(1),
  })
  .refine(({ min, max }) => min <= max, { path: ['max'], message: 'must not be less than min' });

const minuteSchema = z.object({
  desired: z.number().int(),
  metricT: z.number().optional(),
  cpu: z.number().optional(),
  requests: z.number().optional(),
  metricInService: z.number().int().optional(),
});

/** Percent of minutes that may be under-provisioned: the default of a policy's `slo`. */
const MINUTES = 1;

let service: Service | null = null;
let mind: Mind | null = null;
let line = 0;

for await (const text of linesOf(process.stdin)) {
  line++;
  if (text.trim() === '') continue;
  const message = parse(text);
  if (message['type'] === 'end') break;
  if (message['type'] === 'init') {
    service = serviceOf(check(initSchema, message));
    mind = null;
    continue;
  }
  if (service === null) refuse('the first line must be of type init');
  process.stdout.write(`${JSON.stringify({ desired: decide(check(minuteSchema, message), service) })}\n`);
}

function decide(minute: z.output<typeof minuteSchema>, known: Service): number {
  if (minute.metricT === undefined) return minute.desired;
  const readings: Reading[] = [
    { kind: 'cpu', of: 'instance', full: 100, value: minute.cpu ?? null },
    { kind: 'requests', of: 'fleet', full: null, value: minute.requests ?? null },
  ];
  const heard = hear(
    mind,
    { minute: Math.floor(minute.metricT / 60), readings, carriers: minute.metricInService ?? minute.desired },
    known,
  );
  mind = heard?.mind ?? null;
  return heard?.capacity ?? minute.desired;
}

function serviceOf({ bootSeconds, metricLagMinutes, min, max, sloUtilisation }: z.output<typeof initSchema>): Service {
  return {
    utilization: sloUtilisation,
    minutes: MINUTES / 100,
    boot: Math.max(1, Math.ceil(bootSeconds / 60)),
    lag: metricLagMinutes,
    min,
    max,
  };
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {}
  refuse('is not a JSON object');
}

function check<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  refuse(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not understood'}`);
}

/** Bad input ends the talk: whoever scores must not mistake a guess for a decision. */
function refuse(what: string): never {
  process.stderr.write(`protocol:fleet: line ${line}: ${what}\n`);
  process.exit(2);
}
