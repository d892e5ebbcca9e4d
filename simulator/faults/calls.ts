/** What goes wrong with a single call of an SDK client: to AWS and to the tables alike, behind the SDK's own retries. */
import type { FinalizeHandlerArguments, HandlerExecutionContext } from '@smithy/types';
import type { Equippable } from '../../shared/runtime/outside.ts';
import { throttlesOf } from '../services/throttle-errors.ts';
import type { World } from '../world/world.ts';
import { distortMetrics } from './metrics.ts';
import { dropEntries } from './partial-batch.ts';
import type { Visits } from './visits.ts';
import type { Weather } from './weather.ts';

export interface Trouble {
  readonly world: World;
  readonly weather: Weather;
  readonly visits: Visits;
  /** Somebody else writes this item of a table in between: as it is, or first. @returns whether there was something to race for. */
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
  if (weather.meets('throttle', what)) throw throttle(service, weather);
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
  if (weather.meets('table-throttle', what)) throw throttle('dynamodb', weather);
  if (weather.meets('table-error', what)) throw failure('dynamodb', 'InternalServerError', 500);
  if (await raced(operation, args.input, weather, touch)) return next(args);
  const answer = await next(args);
  if (weather.meets('table-timeout-after', what)) throw timeout();
  return answer;
}

/** Only what is written on a version, or as the first, can lose a race. */
async function raced(operation: string, input: Conditional, weather: Weather, touch: Trouble['touch']): Promise<boolean> {
  if (operation !== 'PutItem' && operation !== 'DeleteItem') return false;
  const isVersioned = input.ConditionExpression?.includes('#version') === true && !WRITTEN_ONCE.test(input.Key?.['sk']?.S ?? '');
  if (!isVersioned && !isFirst(input)) return false;
  return weather.meets('table-race', `dynamodb ${operation}`) && touch(input);
}

interface Conditional {
  readonly ConditionExpression?: string;
  readonly Item?: Attributes;
  readonly Key?: Attributes;
}

type Attributes = Readonly<Record<string, { readonly S?: string }>>;

/** A claim, a turn: nobody writes it a second time before it is taken away. */
const WRITTEN_ONCE = /^(pending|lane)#/;

/** What two runs may learn at once. Claims, turns and wishes are no such thing: whoever writes these first goes on to do something about it. */
const isFirst = ({ ConditionExpression = '', Item }: Conditional): boolean =>
  ConditionExpression.startsWith('attribute_not_exists') && /^(instance|fleet|tagged)#|^agenda$/.test(Item?.['sk']?.S ?? '');

/** Any of the words that the service has for it. */
function throttle(service: string, weather: Weather): Error {
  const names = throttlesOf(service);
  return failure(service, ...(names[weather.measure(0, names.length - 1)] ?? names[0]), true);
}

type Failure = readonly [name: string, status: number];
const INTERNAL: Failure = ['InternalFailure', 500];
const UNAVAILABLE: Failure = ['Unavailable', 503];

/** Recognised by these fields; the class itself differs from bundle to bundle. */
function failure(service: string, name: string, status: number, throttling = false): Error {
  const $fault = status >= 500 ? 'server' : 'client';
  return Object.assign(new Error(`${name} (a fault of the virtual cloud)`), {
    ...{ name, $fault, $service: service, $metadata: { httpStatusCode: status } },
    ...(throttling && { $retryable: { throttling: true } }),
  });
}

/** As the SDK's own handler throws it. */
const timeout = (): Error => Object.assign(new Error('the virtual cloud did not answer in time'), { name: 'TimeoutError', $metadata: {} });
