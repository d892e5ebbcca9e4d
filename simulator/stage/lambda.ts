/** Lambda: runs a handler module as it is, with a context, one at a time, and retries what fails asynchronously. */
import type { Context } from 'aws-lambda';
import { type Instant, instant } from '../../shared/model/time.ts';
import type { Outside } from '../../shared/runtime/outside.ts';
import type { World } from '../world/world.ts';
import { standOutside } from './seam.ts';
import type { FunctionWiring } from './wiring.ts';

export type Handler = (event: unknown, context: Context) => unknown;

/** One run of a function, however it ended. */
export interface Invocation {
  readonly at: Instant;
  readonly function: string;
  /** What rang it: a rule's, a schedule's or a queue's name. */
  readonly trigger: string;
  readonly requestId: string;
  /** 1 for the first; Lambda's own retries count on. */
  readonly attempt: number;
  readonly outcome: 'answered' | 'threw';
  readonly answer: unknown;
  readonly error: unknown;
}

export interface Lambda {
  readonly wiring: FunctionWiring;
  readonly arn: string;
  readonly functionName: string;
  /** Runs it once and says how that went; it never throws. */
  run(event: unknown, trigger: string, attempt?: number): Promise<Invocation>;
  /** As EventBridge and Scheduler invoke it: retried after one and after two minutes, then given to the failure destination. */
  ring(event: unknown, trigger: string): Promise<void>;
}

export interface LambdaSurroundings {
  readonly world: World;
  readonly outside: Outside;
  readonly region: string;
  readonly functionName: string;
  readonly handler: Handler;
  /** Makes the function's environment the one that is seen outside. */
  readonly enter: () => void;
  readonly invocations: Invocation[];
  /** Gives up on an event: it goes to the failure destination. */
  readonly giveUp: (failed: Invocation, event: unknown) => void;
}

/** Lambda waits that long before its first and its second retry, seconds. */
const RETRY_AFTER = [60, 120];

export function lambda(wiring: FunctionWiring, around: LambdaSurroundings): Lambda {
  const { world, region, functionName, invocations } = around;
  const arn = `arn:aws:lambda:${region}:${world.account}:function:${functionName}`;

  const run: Lambda['run'] = async (event, trigger, attempt = 1) => {
    const requestId = world.ids.uuid('invocation');
    const common = { at: instant(world.clock.now() * 1000), function: wiring.name, trigger, requestId, attempt };
    const leave = enter(around, wiring.name);
    try {
      const answer = await around.handler(event, context(around, wiring, arn, requestId));
      return note(invocations, { ...common, outcome: 'answered', answer, error: null });
    } catch (error) {
      return note(invocations, { ...common, outcome: 'threw', answer: null, error });
    } finally {
      leave();
    }
  };

  const attempt = async (event: unknown, trigger: string, number: number): Promise<void> => {
    const invocation = await run(event, trigger, number);
    if (invocation.outcome === 'answered') return;
    if (number > wiring.retriesMax) return around.giveUp(invocation, event);
    world.clock.deliver(world.clock.second() + (RETRY_AFTER[number - 1] ?? 120), () => attempt(event, trigger, number + 1));
  };

  return { wiring, arn, functionName, run, ring: (event, trigger) => attempt(event, trigger, 1) };
}

/** While a function runs, its calls are its own and the world outside is the virtual one. */
function enter({ world, outside, enter: environment }: LambdaSurroundings, name: string): () => void {
  const before = world.caller;
  const undo = standOutside(outside);
  environment();
  world.caller = `function:${name}`;
  return () => {
    world.caller = before;
    undo();
  };
}

function context({ world, functionName }: LambdaSurroundings, wiring: FunctionWiring, arn: string, requestId: string): Context {
  const deadline = world.clock.now() + wiring.timeoutSeconds;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: arn,
    memoryLimitInMB: '512',
    awsRequestId: requestId,
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: 'virtual',
    getRemainingTimeInMillis: () => Math.max(0, Math.round((deadline - world.clock.now()) * 1000)),
    done: () => {},
    fail: () => {},
    succeed: () => {},
  };
}

function note(invocations: Invocation[], invocation: Invocation): Invocation {
  invocations.push(invocation);
  return invocation;
}
