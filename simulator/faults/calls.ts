/** What goes wrong with a single call of an SDK client: to AWS and to the tables alike, behind the SDK's own retries. */
import type { FinalizeHandlerArguments, HandlerExecutionContext } from '@smithy/types';
import type { Equippable } from '../../shared/runtime/outside.ts';
import type { World } from '../world/world.ts';
import { distortMetrics } from './metrics.ts';
import { dropEntries } from './partial-batch.ts';
import type { Visits } from './visits.ts';
import type { Weather } from './weather.ts';

export interface Trouble {
  readonly world: World;
  readonly weather: Weather;
  readonly visits: Visits;
  /** Somebody else writes this item of a table, as it is, in between. */
  touch(input: unknown): Promise<boolean>;
}

// biome-ignore lint/suspicious/noExplicitAny: the inputs and outputs of all services meet here
type Args = FinalizeHandlerArguments<any>;
// biome-ignore lint/suspicious/noExplicitAny: as above
type Next = (args: Args) => Promise<any>;

/** Every attempt of every call passes through here before it reaches the world or the tables. */
export function trouble<C extends Equippable>(client: C, around: Trouble): C {
  const service = String((client.config as { serviceId?: string }).serviceId ?? '')
    .toLowerCase()
    .replaceAll(' ', '');
  client.middlewareStack.addRelativeTo(
    (next: Next, context: HandlerExecutionContext) => (args: Args) => {
      const operation = (context.commandName ?? '').replace(/Command$/, '');
      const once = service === 'dynamodb' ? tableCall : awsCall;
      return around.visits.step(() => once(service, operation, next, args, around), { service, operation, input: args.input });
    },
    { relation: 'after', toMiddleware: 'retryMiddleware', name: 'trouble', override: true },
  );
  return client;
}

async function awsCall(service: string, operation: string, next: Next, args: Args, { world, weather }: Trouble) {
  const what = `${service} ${operation}`;
  if (weather.meets('throttle', what)) throw failure(service, ...(THROTTLES[service] ?? THROTTLED));
  if (weather.meets('server-error', what))
    throw failure(service, ...(service === 'ec2' && weather.measure(0, 1) === 0 ? UNAVAILABLE : INTERNAL));
  if (weather.meets('timeout-before', what)) throw timeout();
  if (weather.meets('slow-call', what)) world.clock.sleep(weather.measure(1, 20));
  if (operation === 'SendMessageBatch' && weather.meets('partial-batch', what)) return dropEntries(args, next, weather);
  const answer = await next(args);
  if (weather.meets('timeout-after', what)) throw timeout();
  return operation === 'GetMetricData' ? distortMetrics(answer, world, weather) : answer;
}

async function tableCall(_service: string, operation: string, next: Next, args: Args, { weather, touch }: Trouble) {
  const what = `dynamodb ${operation}`;
  if (weather.meets('table-throttle', what)) throw failure('dynamodb', 'ThrottlingException', 400);
  if (weather.meets('table-error', what)) throw failure('dynamodb', 'InternalServerError', 500);
  if (operation === 'PutItem' && (await raced(args.input, weather, touch))) return next(args);
  const answer = await next(args);
  if (weather.meets('table-timeout-after', what)) throw timeout();
  return answer;
}

/** Only what is written on a version can lose a race. */
async function raced(input: { ConditionExpression?: string }, weather: Weather, touch: Trouble['touch']): Promise<boolean> {
  if (!input.ConditionExpression?.includes('#version')) return false;
  return weather.meets('table-race', 'dynamodb PutItem') && touch(input);
}

type Failure = readonly [name: string, status: number];
const THROTTLED: Failure = ['ThrottlingException', 400];
const THROTTLES: Readonly<Record<string, Failure>> = { ec2: ['RequestLimitExceeded', 503], autoscaling: ['Throttling', 400] };
const INTERNAL: Failure = ['InternalFailure', 500];
const UNAVAILABLE: Failure = ['Unavailable', 503];

/** Recognised by these fields; the class itself differs from bundle to bundle. */
function failure(service: string, name: string, status: number): Error {
  const $fault = status >= 500 ? 'server' : 'client';
  return Object.assign(new Error(`${name} (a fault of the virtual cloud)`), {
    ...{ name, $fault, $service: service, $metadata: { httpStatusCode: status } },
    ...(/Throttl|RequestLimitExceeded/.test(name) && { $retryable: { throttling: true } }),
  });
}

/** As the SDK's own handler throws it. */
const timeout = (): Error => Object.assign(new Error('the virtual cloud did not answer in time'), { name: 'TimeoutError', $metadata: {} });
