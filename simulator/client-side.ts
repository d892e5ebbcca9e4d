/**
 * The client's side of the virtual cloud: what answers a real SDK client instead of the network, behind its own retry middleware. It knows
 * nothing of the world, so the answers may as well come from another process.
 */
import type { FinalizeHandlerArguments, HandlerExecutionContext, RetryStrategyV2, RetryToken } from '@smithy/types';
import type { Equippable } from '../shared/runtime/outside.ts';
import type { Answer, Request } from './services/serve.ts';
import type { Tables } from './tables.ts';

/** @throws a `Refusal` with the service's error. */
export type Answering = (request: Omit<Request, 'caller'>) => Answer | Promise<Answer>;

/** As much of a `Refusal` as can cross a process boundary. */
export interface RefusalLike {
  readonly name: 'Refusal';
  readonly error: { readonly name: string; readonly message: string; readonly status: number };
  readonly requestId: string;
}

export interface Behind {
  /** Where the embedded tables are; without them DynamoDB is out of reach. */
  readonly tables?: Pick<Tables, 'endpoint'> & Partial<Pick<Tables, 'requestHandler'>>;
  /** Waits on the virtual clock. */
  sleep(seconds: number): void | Promise<void>;
}

/** What every client is constructed with. */
export const virtualConfig = (service: string, region: string, { tables, sleep }: Behind): Readonly<Record<string, unknown>> => ({
  region,
  credentials: CREDENTIALS,
  logger: SILENCE,
  cacheMiddleware: true,
  ...(service === 'dynamodb' ? { ...tables, signer: NO_SIGNATURE } : { retryStrategy: retriesOn(sleep) }),
});

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

/** Adds the middleware that answers instead of the network; DynamoDB is let through to the embedded tables. */
export function answeredBy<C extends Equippable>(client: C, answer: Answering): C {
  const config = client.config as { readonly serviceId?: string; region: () => Promise<string> };
  const service = (config.serviceId ?? '').toLowerCase().replaceAll(' ', '');
  if (service === 'dynamodb') return client;

  client.middlewareStack.addRelativeTo(
    // biome-ignore lint/suspicious/noExplicitAny: the types of all services' inputs meet here
    (_next: unknown, context: HandlerExecutionContext) => async (args: FinalizeHandlerArguments<any>) => {
      const headers = (args.request as { headers?: Record<string, string> }).headers ?? {};
      const operation = (context.commandName ?? '').replace(/Command$/, '');
      try {
        const { output, requestId } = await answer({
          service,
          operation,
          region: await config.region(),
          input: args.input,
          userAgent: headers['user-agent'] ?? headers['x-amz-user-agent'] ?? '',
          invocation: headers['amz-sdk-invocation-id'] ?? '',
          accessKey: accessKeyOf(context),
        });
        return { response: {}, output: { ...output, $metadata: { httpStatusCode: 200, requestId } } };
      } catch (error) {
        throw isRefusal(error) ? asTheSdkThrows(error, service) : error;
      }
    },
    { relation: 'after', toMiddleware: 'retryMiddleware', name: 'virtualCloud', override: true },
  );
  return client;
}

/** The SDK has chosen the credentials by then, and keeps them where it will sign. */
function accessKeyOf(context: HandlerExecutionContext): string | undefined {
  const chosen = context['__smithy_context'] as { selectedHttpAuthScheme?: { identity?: { accessKeyId?: string } } } | undefined;
  return chosen?.selectedHttpAuthScheme?.identity?.accessKeyId;
}

const isRefusal = (error: unknown): error is RefusalLike => (error as { name?: unknown } | null)?.name === 'Refusal';

/** `EC2ServiceException` and its like are recognised by these fields; the class itself differs from bundle to bundle. */
function asTheSdkThrows({ error, requestId }: RefusalLike, service: string): Error {
  const { name, message, status } = error;
  const $fault = status >= 500 ? 'server' : 'client';
  const thrown = Object.assign(new Error(message), { name, $fault, $service: service, $metadata: { httpStatusCode: status, requestId } });
  return THROTTLES.test(name) ? Object.assign(thrown, { $retryable: { throttling: true } }) : thrown;
}

const THROTTLES = /^(Throttl|RequestLimitExceeded|TooManyRequests|SlowDown|RequestThrottled)/;

const ATTEMPTS_MAX = 3;
const BASE_DELAY = { THROTTLING: 1, other: 0.05 }; // seconds, doubled at every retry

/** The SDK's standard retries, except that the waiting is done on the virtual clock and without chance. */
function retriesOn(sleep: (seconds: number) => void | Promise<void>): RetryStrategyV2 {
  const token = (count: number): RetryToken => ({ getRetryCount: () => count, getRetryDelay: () => 0 });
  return {
    acquireInitialRetryToken: async () => token(0),
    refreshRetryTokenForRetry: async (last, { errorType }) => {
      const retryable = errorType === 'THROTTLING' || errorType === 'TRANSIENT';
      if (!retryable || last.getRetryCount() + 1 >= ATTEMPTS_MAX) throw new Error('no further attempt');
      await sleep(BASE_DELAY[errorType === 'THROTTLING' ? 'THROTTLING' : 'other'] * 2 ** last.getRetryCount());
      return token(last.getRetryCount() + 1);
    },
    recordSuccess: () => {},
  };
}
