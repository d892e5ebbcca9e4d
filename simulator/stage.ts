/**
 * The stage: reads serverless.yml and wires what it says, so that the handler modules of `functions/` run unmodified, rung by genuine
 * event JSON through the virtual EventBridge, Scheduler and SQS. Everything is brought to them one after the other.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Config } from '../shared/policy/schema.ts';
import type { Outside } from '../shared/runtime/outside.ts';
import type { Cloud } from './cloud.ts';
import { outsideOf } from './outside.ts';
import { type Handler, type Invocation, type Lambda, lambda } from './stage/lambda.ts';
import { mapQueue } from './stage/mapping.ts';
import { patternMatches } from './stage/pattern.ts';
import { subscribe } from './stage/subscription.ts';
import { type Cadence, startSchedule } from './stage/ticks.ts';
import { type FunctionWiring, readWiring, type Wiring } from './stage/wiring.ts';
import type { Tables } from './tables.ts';
import { createQueue, type Message, type Queue, send } from './world/queues.ts';
import { createTopic, type Topic } from './world/topics.ts';

export interface StageOptions {
  readonly cloud: Cloud;
  readonly tables: Pick<Tables, 'endpoint' | 'ledger' | 'memory'> & Partial<Pick<Tables, 'requestHandler'>>;
  /** The compiled policies. */
  readonly config: Config;
  /** The file, or what was read of it. */
  readonly serverless: string | Wiring;
  /** Where the functions stand; the region of serverless.yml unless told otherwise. */
  readonly region?: string;
  /** The internet. */
  readonly fetch?: typeof fetch;
  /** Over what serverless.yml says. Functions are silent unless told otherwise. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Finds a function's handler: `functions/NAME.ts` beside serverless.yml unless told otherwise. */
  readonly load?: (name: string) => Promise<Handler>;
}

export interface Stage {
  readonly outside: Outside;
  /** Every run of a function so far, in order. */
  readonly invocations: readonly Invocation[];
  /** How often each schedule really rang. */
  readonly cadence: readonly Readonly<Cadence>[];
  /** What was given up, by queue. */
  deadLetters(): { readonly queue: string; readonly messages: readonly Message[] }[];
  /** Runs one function on an event, now. @throws Error for a name that serverless.yml does not know. */
  invoke(name: string, event: unknown): Promise<Invocation>;
}

/** Wires everything from the present instant on; `cloud.advanceTo` then plays it. */
export async function openStage(options: StageOptions): Promise<Stage> {
  const { cloud, tables, config, fetch } = options;
  const { world } = cloud;
  const wiring = typeof options.serverless === 'string' ? await readWiring(options.serverless, cloud.account) : options.serverless;
  const region = options.region ?? wiring.place.region;
  const queues = openQueues(cloud, wiring, region);
  const topics = new Map(Object.entries(wiring.topics).map(([id, name]) => [id, createTopic(world, { name, region })]));
  for (const name of Object.values(wiring.buckets)) cloud.createBucket(name, region);
  const queueAt = (id: string): Queue => queues.get(id) ?? missing(`queue ${id}`);

  let environment: Readonly<Record<string, string | undefined>> = {};
  const around = outsideOf(world, {
    config,
    tables: { endpoint: tables.endpoint, ...(tables.requestHandler && { requestHandler: tables.requestHandler }) },
    ...(fetch !== undefined && { fetch }),
  });
  const outside: Outside = {
    ...around,
    get environment() {
      return environment;
    },
  };
  const invocations: Invocation[] = [];
  const load = options.load ?? loaderBeside(options.serverless);
  const lambdas = new Map<string, Lambda>();
  for (const declared of wiring.functions) {
    const functionName = `${wiring.stackName}-${declared.name}`;
    const own = environmentOf(declared, { functionName, region, queues, topics, wiring, tables, more: options.environment ?? {} });
    const made = lambda(declared, {
      world,
      outside,
      region,
      functionName,
      handler: await load(declared.name),
      enter: () => {
        environment = own;
      },
      invocations,
      giveUp: (failed, event) => {
        if (declared.onFailure !== null) bury(cloud, queueAt(declared.onFailure), failed, event);
      },
    });
    lambdas.set(declared.name, made);
  }

  const cadence: Cadence[] = [];
  for (const made of lambdas.values()) {
    for (const { queue, ...mapping } of made.wiring.mappings) mapQueue(world, queueAt(queue), made, mapping);
    for (const name of made.wiring.topics ?? []) subscribe(world, createTopic(world, { name, region }), made);
    for (const schedule of made.wiring.schedules) cadence.push(startSchedule(world, schedule, made));
    for (const { pattern, description } of made.wiring.patterns) {
      cloud.onEvent(async event => {
        if (event.region === region && patternMatches(pattern, event)) await made.ring(event, description);
      });
    }
  }
  const graves = new Set([...wiring.queues.flatMap(q => q.redrive?.queue ?? []), ...wiring.functions.flatMap(f => f.onFailure ?? [])]);
  return {
    outside,
    invocations,
    cadence,
    deadLetters: () =>
      [...graves].map(id => ({ queue: queueAt(id).name, messages: queueAt(id).messages })).filter(q => q.messages.length > 0),
    invoke: (name, event) => (lambdas.get(name) ?? missing(`function ${name}`)).run(event, 'invoke'),
  };
}

function missing(what: string): never {
  throw new Error(`serverless.yml knows no ${what}`);
}

function openQueues(cloud: Cloud, wiring: Wiring, region: string): Map<string, Queue> {
  const names = new Map(wiring.queues.map(q => [q.logicalId, q.name]));
  return new Map(
    wiring.queues.map(({ logicalId, redrive, ...queue }) => {
      const grave = redrive === null ? undefined : (names.get(redrive.queue) ?? missing(`queue ${redrive.queue}`));
      const policy =
        redrive === null || grave === undefined ? {} : { redrive: { deadLetterQueue: grave, maxReceiveCount: redrive.maxReceiveCount } };
      return [logicalId, createQueue(cloud.world, { ...queue, region, ...policy })];
    }),
  );
}

interface EnvironmentSources {
  readonly functionName: string;
  readonly region: string;
  readonly queues: ReadonlyMap<string, Queue>;
  readonly topics: ReadonlyMap<string, Topic>;
  readonly wiring: Wiring;
  readonly tables: StageOptions['tables'];
  readonly more: Readonly<Record<string, string>>;
}

/** What Lambda sets, what serverless.yml says with its references resolved, and what the story wants otherwise. */
function environmentOf(
  declared: FunctionWiring,
  { functionName, region, queues, topics, wiring, tables, more }: EnvironmentSources,
): Record<string, string> {
  const resolved = (value: unknown): string => {
    if (value === null || typeof value !== 'object') return String(value);
    const { Ref: id = '' } = value as { Ref?: string };
    if (wiring.tables.includes(id)) return /ledger/i.test(id) ? tables.ledger : tables.memory;
    return (
      queues.get(id)?.url ?? topics.get(id)?.arn ?? wiring.buckets[id] ?? missing(`queue, table, topic or bucket ${JSON.stringify(value)}`)
    );
  };
  return {
    AWS_REGION: region,
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    ...Object.fromEntries(Object.entries(declared.environment).map(([key, value]) => [key, resolved(value)])),
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
    ...more,
  };
}

/** As Lambda writes an event that failed for good to its destination. */
function bury({ world }: Cloud, queue: Queue, failed: Invocation, event: unknown): void {
  const error = failed.error instanceof Error ? failed.error : new Error(String(failed.error));
  const body = JSON.stringify({
    version: '1.0',
    timestamp: failed.at,
    requestContext: {
      requestId: failed.requestId,
      functionArn: failed.function,
      condition: 'RetriesExhausted',
      approximateInvokeCount: failed.attempt,
    },
    requestPayload: event,
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: { errorType: error.name, errorMessage: error.message },
  });
  send(world, queue, { body, groupId: null, deduplicationId: null, delaySeconds: 0, attributes: {} });
}

/** Modules of `functions/` beside a serverless.yml, as they lie there. */
export function loaderBeside(serverless: string | Wiring): (name: string) => Promise<Handler> {
  const folder = typeof serverless === 'string' ? resolve(serverless, '..') : process.cwd();
  return async name => {
    const module = (await import(pathToFileURL(resolve(folder, 'functions', `${name}.ts`)).href)) as { handler: Handler };
    return module.handler;
  };
}
