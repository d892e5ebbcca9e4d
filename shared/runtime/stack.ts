/** The one middleware stack that every function wears: log context, metrics, and for the workers partial answers to a FIFO batch. */
import { processPartialResponse, SqsFifoPartialProcessorAsync } from '@aws-lambda-powertools/batch';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy, { type MiddlewareObj } from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Doorbell } from '../model/doorbell.ts';
import type { Pen } from '../model/ids.ts';
import { TICK } from './doorbells.ts';
import { readDoorbell } from './queue.ts';
import { count } from './tally.ts';
import { type Instruments, instruments, type Telemetry } from './telemetry.ts';

export type Handler<Event, Answer> = (event: Event, context: Context) => Promise<Answer>;

/**
 * Every log line carries the request id and, once the handler set one, a correlation id; cold starts are counted; metrics are published
 * once, whether the handler answered or threw. What it throws is logged with its causes and thrown on, for Lambda's own retry.
 */
export function stack<Event, Answer>(
  name: string,
  handler: (event: Event, context: Context, telemetry: Telemetry) => Promise<Answer>,
): Handler<Event, Answer> {
  const worn = new WeakMap<Instruments, Handler<Event, Answer>>();
  return (event, context) => {
    const tools = instruments(name); // asked at each call: the world outside may have changed since the module was loaded
    const dressed = worn.get(tools) ?? dress(tools, (e: Event, c: Context) => timed(c, () => handler(e, c, tools)));
    worn.set(tools, dressed);
    return dressed(event, context);
  };
}

/** What Lambda bills for the run, but for its cold start: by the clock that counts down to its timeout. */
async function timed<Answer>(context: Context, run: () => Promise<Answer>): Promise<Answer> {
  const began = context.getRemainingTimeInMillis?.() ?? 0;
  try {
    return await run();
  } finally {
    count('lambda-runs', 1);
    count('lambda-mb-ms', Math.max(1, began - (context.getRemainingTimeInMillis?.() ?? 0)) * Number(context.memoryLimitInMB || 512));
  }
}

function dress<Event, Answer>(tools: Instruments, handler: Handler<Event, Answer>): Handler<Event, Answer> {
  // No early timeout: Lambda's own ends a run that hangs, and what it left undone is found by the next tick.
  return middy<Event, Answer>(handler, { timeoutEarlyInMillis: 0 })
    .use(injectLambdaContext(tools.logger, { resetKeys: true }))
    .use(publishMetrics(tools))
    .onError(({ error }) => tools.error('the run failed', { error }));
}

/** Powertools' own middleware warns whenever an invocation counted nothing, which is most of them. */
function publishMetrics({ metrics }: Instruments): MiddlewareObj {
  const publish = () => {
    if (metrics?.hasStoredMetrics()) metrics.publishStoredMetrics();
  };
  return { before: ({ context }) => metrics?.captureColdStartMetric(context.functionName), after: publish, onError: publish };
}

/** `unreadable` is there only when something was: which records, and why. */
export type WorkerAnswer = SQSBatchResponse & { readonly unreadable?: readonly string[] };

/**
 * A pen's worker: one doorbell after the other. A doorbell whose work throws goes back to the queue together with the later ones of its
 * group, so that their order holds; other groups are worked on. A record that is no doorbell would fail each time and hold its group up
 * until the queue gives it to the dead letters, so it is logged, counted (`UnreadableDoorbell`) and taken as done: it said only where to
 * look, and the next tick looks there anyway.
 */
export const fifoWorker = (
  pen: Pen,
  work: (doorbell: Doorbell, context: Context, telemetry: Telemetry) => Promise<void>,
): Handler<SQSEvent, WorkerAnswer> =>
  stack(pen, async (event: SQSEvent, context, telemetry) => {
    if (!Array.isArray(event?.Records)) return { batchItemFailures: [], unreadable: ['no Records: not a batch of SQS messages'] };
    const unreadable: string[] = [];
    const answer = async (record: SQSRecord) => {
      const doorbell = readDoorbell(record.body);
      if (doorbell.kind === 'unreadable') unreadable.push(dropped(record, doorbell.why, telemetry));
      else await answerDoorbell(pen, doorbell.doorbell, telemetry, () => work(doorbell.doorbell, context, telemetry));
    };
    const { batchItemFailures } = await processPartialResponse(event, answer, new SqsFifoPartialProcessorAsync(), {
      skipGroupOnError: true,
      throwOnFullBatchFailure: false,
    });
    return unreadable.length === 0 ? { batchItemFailures } : { batchItemFailures, unreadable };
  });

/** A doorbell of a tick that was answered is the heartbeat: `TickCompleted`. */
async function answerDoorbell(pen: Pen, doorbell: Doorbell, telemetry: Telemetry, work: () => Promise<void>): Promise<void> {
  const { cause, scope, look, dedupId } = doorbell;
  telemetry.correlate(dedupId);
  try {
    await work();
  } catch (error) {
    telemetry.count('DoorbellFailed');
    telemetry.error('a doorbell goes back to the queue', { pen, scope, look, cause, error });
    throw error;
  }
  if (cause === TICK) telemetry.count('TickCompleted');
}

function dropped(record: SQSRecord, why: string, telemetry: Telemetry): string {
  telemetry.count('UnreadableDoorbell');
  telemetry.error('a message is no doorbell and was dropped', { messageId: record.messageId, why, body: record.body });
  return `${record.messageId}: ${why}`;
}

/**
 * The account a function stands in, from its own ARN: no call is made for it.
 * @throws Error when the context carries no function ARN, as every context of Lambda does.
 */
export function ownAccount(context: Pick<Context, 'invokedFunctionArn'>): string {
  const account = context.invokedFunctionArn?.split(':')[4];
  if (account === undefined || !/^\d{12}$/.test(account)) throw new Error('the invocation context carries no function ARN with an account');
  return account;
}
