/** What a fleet's demand is read from: CPU, requests of a load balancer, the backlog of a queue, or any metric or expression. */
import { z } from 'zod';
import { expressionTrouble } from '../../model/expression.ts';
import { type Judge, twice } from '../judges.ts';
import { judged } from './words.ts';

const STATISTIC = /^(Average|Sum|Minimum|Maximum|SampleCount|IQM|(p|tm|tc|ts|wm)\d{1,2}(\.\d+)?|p100)$/;
/** An alarm over metric math takes ten metrics (CloudWatch user guide). */
const IDS_MAX = 10;

const judgeQueue: Judge = value =>
  /^[\w{}-]{1,80}(\.fifo)?$/.test(value)
    ? null
    : `${JSON.stringify(value)} is not the name of a queue; write its name, without URL or ARN, such as "jobs"`;

const judgeNamespace: Judge = value =>
  /^[\w.\-/#: ]{1,255}$/.test(value)
    ? null
    : `${JSON.stringify(value)} is not a namespace; write it as CloudWatch shows it, such as "AWS/EC2"`;

const perInstance = z.number().gt(0);
const dimensions = z
  .record(z.string().min(1).max(255), z.string().min(1).max(1024))
  .refine(d => Object.keys(d).length <= 30, 'has too many dimensions; CloudWatch takes 30')
  .describe('Dimensions by name; `{group}` in a value stands for the name of the Auto Scaling group');
const namespace = judged(judgeNamespace).describe('Namespace of the metric');
const metric = z.string().min(1).max(255).describe('Name of the metric');
const statistic = z
  .string()
  .regex(STATISTIC, 'is not a statistic; write Average, Sum, Minimum, Maximum, SampleCount or a percentile such as p99')
  .describe('`Average`, `Sum`, `Minimum`, `Maximum`, `SampleCount` or a percentile such as `p99`, over one period');

const cpu = z
  .strictObject({ kind: z.literal('cpu').describe('CPUUtilization, averaged over the group. Full at 100 %') })
  .describe('It saturates: at 100 % nobody knows how much more is wanted');

const requests = z
  .strictObject({
    kind: z.literal('requests').describe('RequestCount of a target group: requests a minute. They do not saturate'),
    loadBalancer: z
      .string()
      .regex(/^app\/[^/]+\/[0-9a-f]+$/, 'is not a load balancer; write the end of its ARN, such as "app/web/50dc6c495c0c9188"')
      .describe('The end of its ARN: `app/NAME/ID`'),
    targetGroup: z
      .string()
      .regex(
        /^targetgroup\/[^/]+\/[0-9a-f]+$/,
        'is not a target group; write the end of its ARN, such as "targetgroup/web/943f017f100becff"',
      )
      .describe('The end of its ARN: `targetgroup/NAME/ID`'),
    perInstance: perInstance
      .optional()
      .describe(
        'Requests a minute that one instance serves when it is full; absent: learned from CPU, so a `cpu` signal must stand beside it',
      ),
  })
  .describe('Requests of an Application Load Balancer');

const queue = z
  .strictObject({
    kind: z.literal('queue').describe('ApproximateNumberOfMessagesVisible of an SQS queue'),
    queue: judged(judgeQueue).describe('Name of the queue; `{group}` in it stands for the name of the Auto Scaling group'),
    perInstance: perInstance.describe('Acceptable backlog: messages that may wait for each instance'),
  })
  .describe('Backlog of a queue, for each instance');

const measured = z.strictObject({ namespace, metric, dimensions: dimensions.default({}), statistic });

const custom = z
  .strictObject({
    kind: z.literal('metric').describe('Any metric, or an expression over several'),
    of: z.enum(['fleet', 'instance']).describe('`fleet`: a total that its instances share; `instance`: an average of them'),
    perInstance: perInstance.describe('In the metric’s own unit, what one instance carries when it is full'),
    namespace: namespace.optional(),
    metric: metric.optional(),
    dimensions: dimensions.optional(),
    statistic: statistic.optional(),
    expression: z
      .string()
      .min(1)
      .max(2048)
      .optional()
      .describe('Metric math over `metrics`, or a Metrics Insights query: one time series. `{group}` stands for the name of the group'),
    metrics: z
      .record(z.string().regex(/^[a-z]\w{0,99}$/, 'is not an id of metric math; begin with a lower-case letter'), measured)
      .optional()
      .describe('What the expression speaks of, by id: each with namespace, metric, dimensions and statistic'),
  })
  .superRefine((signal, context) => {
    for (const finding of customTrouble(signal)) context.addIssue({ code: 'custom', ...finding });
  })
  .describe('Any metric, or any expression of metric math');

/** One metric or one expression, never a half of each; and an expression whose words are all known. */
function customTrouble(signal: CustomInput): { path: string[]; message: string }[] {
  const { expression, metrics = {} } = signal;
  const plain = (['namespace', 'metric', 'dimensions', 'statistic'] as const).filter(key => signal[key] !== undefined);
  if (expression === undefined) {
    if (signal.metrics !== undefined) return [{ path: ['metrics'], message: 'is of no use without an expression; write the `expression`' }];
    const missing = (['namespace', 'metric', 'statistic'] as const).filter(key => signal[key] === undefined);
    return missing.map(key => ({ path: [key], message: `is missing; write namespace, metric and statistic, or an expression` }));
  }
  const mixed = plain.map(key => ({
    path: [key],
    message: 'stands beside an expression; move it into `metrics`, or remove the expression',
  }));
  if (Object.keys(metrics).length > IDS_MAX)
    return [...mixed, { path: ['metrics'], message: `has more than ${IDS_MAX} metrics; an alarm over it could not be made` }];
  const trouble = expressionTrouble(expression, Object.keys(metrics));
  return trouble === null ? mixed : [...mixed, { path: ['expression'], message: trouble }];
}

interface CustomInput {
  readonly namespace?: unknown;
  readonly metric?: unknown;
  readonly dimensions?: unknown;
  readonly statistic?: unknown;
  readonly expression?: string | undefined;
  readonly metrics?: Readonly<Record<string, unknown>> | undefined;
}

export const signalSchema = z.discriminatedUnion('kind', [cpu, requests, queue, custom]);

export const signalsSchema = z
  .array(signalSchema)
  .min(1)
  .superRefine((signals, context) => {
    const index = twice(signals.map(signal => JSON.stringify({ ...signal, perInstance: null })));
    if (index !== null) context.addIssue({ code: 'custom', path: [index], message: 'stands here twice; remove one' });
    if (signals.some(s => s.kind === 'cpu')) return;
    for (const [i, signal] of signals.entries()) {
      if (signal.kind !== 'requests' || signal.perInstance !== undefined) continue;
      const message = 'is missing, and there is no CPU to learn it from; write perInstance, or add a signal of `kind: cpu`';
      context.addIssue({ code: 'custom', path: [i, 'perInstance'], message });
    }
  })
  .describe('What demand is read from. Several at once: the one that needs most instances wins');
