/** Talks to a Node HTTP server in this process without a socket: the server sees its requests, and nothing crosses the network stack. */
import type { Server } from 'node:http';
import type { HttpRequest } from '@smithy/types';

/** What an SDK client takes as its `requestHandler`. */
export interface InProcessHandler {
  readonly metadata: { readonly handlerProtocol: string };
  handle(request: HttpRequest): Promise<{ response: InProcessResponse }>;
  destroy(): void;
}

export interface InProcessResponse {
  statusCode: number;
  readonly headers: Record<string, string>;
  body: Uint8Array;
}

export const inProcess = (server: Server): InProcessHandler => ({
  metadata: { handlerProtocol: 'http/1.1' },
  handle: request =>
    new Promise(resolve => {
      const response: InProcessResponse = { statusCode: 200, headers: {}, body: new Uint8Array() };
      const answer = {
        set statusCode(code: number) {
          response.statusCode = code;
        },
        setHeader: (name: string, value: unknown) => {
          response.headers[name.toLowerCase()] = String(value);
        },
        end: (body?: string) => {
          response.body = Buffer.from(body ?? '');
          resolve({ response });
        },
      };
      server.emit('request', readable(request), answer);
    }),
  destroy: () => {},
});

/** As much of an IncomingMessage as a server reads that takes its whole body from the events. */
function readable({ method, path, headers, body }: HttpRequest) {
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const request = {
    method,
    url: path,
    headers: lower,
    removeAllListeners: () => request,
    on: (event: string, listen: (data?: Buffer) => void) => {
      if (event === 'data') queueMicrotask(() => listen(bytes(body)));
      if (event === 'end') queueMicrotask(listen);
      return request;
    },
  };
  return request;
}

/** The SDK's own body type complains when it is asked to be a text, so its bytes are looked at plainly. */
function bytes(body: string | Uint8Array): Buffer {
  return typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}
