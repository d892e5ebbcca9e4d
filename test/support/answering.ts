/** Real SDK clients whose calls are answered by the test: for what neither moto nor the virtual cloud can play, such as half a page. */
import type { FinalizeHandlerArguments, HandlerExecutionContext, MetadataBearer } from '@smithy/types';
import { instant } from '../../shared/model/time.ts';
import { type Clients, clientsFor } from '../../shared/runtime/clients.ts';
import { type Equippable, type Outside, secret, useOutside } from '../../shared/runtime/outside.ts';

export interface Call {
  /** `StopInstances`. */
  readonly operation: string;
  // biome-ignore lint/suspicious/noExplicitAny: the input of whatever command was sent
  readonly input: any;
  readonly userAgent: string;
}

/** Clients of one region, and every attempt that reached "the wire". Inputs are really serialised and retries are the SDK's own, without their sleep. */
export function answering(answer: (call: Call) => object): { readonly clients: Clients; readonly calls: readonly Call[] } {
  const calls: Call[] = [];
  const equip = <C extends Equippable>(client: C): C => {
    client.middlewareStack.addRelativeTo(
      (_next: unknown, context: HandlerExecutionContext) => async (args: FinalizeHandlerArguments<object>) => {
        const { headers } = args.request as { headers: Record<string, string> };
        const operation = (context.commandName ?? '').replace(/Command$/, '');
        const call = { operation, input: args.input, userAgent: headers['user-agent'] ?? '' };
        calls.push(call);
        const output = { $metadata: { requestId: `req-${calls.length}` }, ...answer(call) } as MetadataBearer;
        return { response: undefined, output };
      },
      { relation: 'after', toMiddleware: 'retryMiddleware' },
    );
    return client;
  };
  const restore = useOutside({ ...elsewhere, equip });
  const clients = clientsFor({ region: 'us-east-1' });
  restore();
  return { clients, calls };
}

/** As the SDK's deserialiser makes it. */
export const awsError = (name: string, message = 'because', httpStatusCode = 400): Error =>
  Object.assign(new Error(message), {
    name,
    $fault: httpStatusCode < 500 ? 'client' : 'server',
    $metadata: { httpStatusCode, requestId: 'req-e' },
  });

/** As Node makes it when a socket breaks. */
export const systemError = (code: string): Error => Object.assign(new Error(`socket ${code}`), { code });

const elsewhere: Outside = {
  now: () => instant(0),
  sleep: async () => {},
  environment: {},
  config: () => {
    throw new Error('no policies are configured here');
  },
  clientConfig: () => ({ credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, retryStrategy: atOnce, cacheMiddleware: true }),
  equip: client => client,
  fetch: globalThis.fetch,
  secret,
};

const ATTEMPTS = 3;
const RETRIED = /Throttl|RequestLimitExceeded|TimeoutError|InternalError|Unavailable|socket/;
const token = (count: number) => ({ getRetryCount: () => count, getRetryDelay: () => 0 });

/** Retries what the standard strategy would, at once. */
const atOnce = {
  mode: 'standard',
  acquireInitialRetryToken: async () => token(0),
  async refreshRetryTokenForRetry(before: { getRetryCount(): number }, { error }: { error: Error }) {
    const count = before.getRetryCount() + 1;
    if (count >= ATTEMPTS || !RETRIED.test(`${error.name} ${error.message}`)) throw error;
    return token(count);
  },
  recordSuccess() {},
};
