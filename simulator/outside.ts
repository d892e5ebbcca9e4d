/** The virtual cloud as the house sees it: real SDK clients whose calls are answered here, behind their own retry middleware. */
import type { FinalizeHandlerArguments, HandlerExecutionContext, RetryStrategyV2, RetryToken } from '@smithy/types';
import { instant } from '../shared/model/time.ts';
import type { Config } from '../shared/policy/schema.ts';
import type { Equippable, Outside } from '../shared/runtime/outside.ts';
import { Refusal, serve } from './services/serve.ts';
import type { Tables } from './tables.ts';
import type { World } from './world/world.ts';

export interface OutsideOptions {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The compiled policies. */
  readonly config: Config;
  /** Where the embedded tables are; without them DynamoDB is out of reach. */
  readonly tables?: Pick<Tables, 'endpoint'> & Partial<Pick<Tables, 'requestHandler'>>;
  /** Stands for the internet; without it every request fails. */
  readonly fetch?: typeof fetch;
}

const CREDENTIALS = { accessKeyId: 'AKIAVIRTUALCLOUD0000', secretAccessKey: 'virtual' };

/** Without a method `info` the SDK's logger does not filter a copy of every input and output, which costs more than to answer them. */
const SILENCE = { debug: () => {}, warn: () => {}, error: () => {} };

/** The embedded tables want to see a signature and never check it. */
const NO_SIGNATURE = {
  sign: async (request: { headers: Record<string, string> }) => {
    request.headers['authorization'] = 'AWS4-HMAC-SHA256 Credential=virtual, SignedHeaders=host, Signature=virtual';
    request.headers['x-amz-date'] = '20250101T000000Z';
    return request;
  },
};

/** Does not reach for the network: what has no virtual counterpart fails. */
export function outsideOf(world: World, { environment = {}, config, tables, fetch = noInternet }: OutsideOptions): Outside {
  return {
    now: () => instant(world.clock.now() * 1000),
    sleep: async milliseconds => world.clock.sleep(milliseconds / 1000),
    environment,
    config: () => config,
    clientConfig: (service, region) => ({
      region,
      credentials: CREDENTIALS,
      logger: SILENCE,
      cacheMiddleware: true,
      ...(service === 'dynamodb' ? { ...tables, signer: NO_SIGNATURE } : { retryStrategy: virtualRetries(world) }),
    }),
    equip: client => equip(world, client),
    fetch,
  };
}

/** Adds the middleware that answers instead of the network; DynamoDB is let through to the embedded tables. */
export function equip<C extends Equippable>(world: World, client: C): C {
  const config = client.config as { readonly serviceId?: string; region: () => Promise<string> };
  const service = (config.serviceId ?? '').toLowerCase().replaceAll(' ', '');
  if (service === 'dynamodb') return client;

  client.middlewareStack.addRelativeTo(
    // biome-ignore lint/suspicious/noExplicitAny: the types of all services' inputs meet here
    (_next: unknown, context: HandlerExecutionContext) => async (args: FinalizeHandlerArguments<any>) => {
      const headers = (args.request as { headers?: Record<string, string> }).headers ?? {};
      const operation = (context.commandName ?? '').replace(/Command$/, '');
      try {
        const { output, requestId } = serve(world, {
          service,
          operation,
          region: await config.region(),
          input: args.input,
          userAgent: headers['user-agent'] ?? headers['x-amz-user-agent'] ?? '',
          invocation: headers['amz-sdk-invocation-id'] ?? '',
          caller: world.caller,
        });
        return { response: {}, output: { ...output, $metadata: { httpStatusCode: 200, requestId } } };
      } catch (error) {
        throw error instanceof Refusal ? asTheSdkThrows(error, service) : error;
      }
    },
    { relation: 'after', toMiddleware: 'retryMiddleware', name: 'virtualCloud', override: true },
  );
  return client;
}

/** `EC2ServiceException` and its like are recognised by these fields; the class itself differs from bundle to bundle. */
function asTheSdkThrows({ error, requestId }: Refusal, service: string): Error {
  const { name, message, status } = error;
  const $fault = status >= 500 ? 'server' : 'client';
  const thrown = Object.assign(new Error(message), { name, $fault, $service: service, $metadata: { httpStatusCode: status, requestId } });
  return THROTTLES.test(name) ? Object.assign(thrown, { $retryable: { throttling: true } }) : thrown;
}

const THROTTLES = /^(Throttl|RequestLimitExceeded|TooManyRequests|SlowDown|RequestThrottled)/;

const ATTEMPTS_MAX = 3;
const BASE_DELAY = { THROTTLING: 1, other: 0.05 }; // seconds, doubled at every retry

/** The SDK's standard retries, except that the waiting is done on the virtual clock and without chance. */
function virtualRetries(world: World): RetryStrategyV2 {
  const token = (count: number): RetryToken => ({ getRetryCount: () => count, getRetryDelay: () => 0 });
  return {
    acquireInitialRetryToken: async () => token(0),
    refreshRetryTokenForRetry: async (last, { errorType }) => {
      const retryable = errorType === 'THROTTLING' || errorType === 'TRANSIENT';
      if (!retryable || last.getRetryCount() + 1 >= ATTEMPTS_MAX) throw new Error('no further attempt');
      world.clock.sleep(BASE_DELAY[errorType === 'THROTTLING' ? 'THROTTLING' : 'other'] * 2 ** last.getRetryCount());
      return token(last.getRetryCount() + 1);
    },
    recordSuccess: () => {},
  };
}

const noInternet: typeof fetch = async input => {
  throw new TypeError(`fetch failed: the virtual cloud has no internet for ${String(input)}`);
};
