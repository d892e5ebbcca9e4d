/**
 * Talks to a Node HTTP server in this process without a socket: the server sees its requests, and nothing crosses the network stack. What
 * was answered to a read is answered again to the same bytes until something is written to that partition: most minutes write nothing.
 */
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

export function inProcess(server: Server): InProcessHandler {
  const kept = new KeptAnswers();
  const answer = async (request: HttpRequest): Promise<InProcessResponse> => {
    const body = bytes(request.body);
    const [operation, text] = [(request.headers['x-amz-target'] ?? '').split('.')[1] ?? '', body.toString()];
    if (!READS.test(operation)) return kept.around(text, () => ask(server, request, body));
    const answered = await kept.read(`${operation} ${text}`, () => ask(server, request, body));
    return { ...answered, headers: { ...answered.headers } };
  };
  return { metadata: { handlerProtocol: 'http/1.1' }, handle: async request => ({ response: await answer(request) }), destroy: () => {} };
}

const READS = /^(GetItem|Query|Scan)$/;

class KeptAnswers {
  /** Counts what was written. */
  #turn = 0;
  readonly #answers = new Map<string, InProcessResponse>();

  async read(key: string, ask: () => Promise<InProcessResponse>): Promise<InProcessResponse> {
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const turn = this.#turn;
    const answer = await ask();
    // What was read while something was written may be either of the two.
    if (turn === this.#turn && answer.statusCode === 200) this.#answers.set(key, answer);
    return answer;
  }

  async around(written: string, ask: () => Promise<InProcessResponse>): Promise<InProcessResponse> {
    this.#forget(written);
    const answer = await ask();
    this.#forget(written);
    return answer;
  }

  /** A read by key names its partition, so what does not name this one is not about it. */
  #forget(written: string): void {
    this.#turn++;
    const partition = /"pk":(\{"S":"[^"\\]*"\})/.exec(written)?.[1];
    for (const key of this.#answers.keys())
      if (partition === undefined || key.startsWith('Scan') || key.includes(partition)) this.#answers.delete(key);
  }
}

const ask = (server: Server, request: HttpRequest, body: Buffer): Promise<InProcessResponse> =>
  new Promise(resolve => {
    const response: InProcessResponse = { statusCode: 200, headers: {}, body: new Uint8Array() };
    const answer = {
      set statusCode(code: number) {
        response.statusCode = code;
      },
      setHeader: (name: string, value: unknown) => {
        response.headers[name.toLowerCase()] = String(value);
      },
      end: (text?: string) => {
        response.body = Buffer.from(text ?? '');
        resolve(response);
      },
    };
    server.emit('request', readable(request, body), answer);
  });

/** As much of an IncomingMessage as a server reads that takes its whole body from the events. */
function readable({ method, path, headers }: HttpRequest, body: Buffer) {
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const request = {
    method,
    url: path,
    headers: lower,
    removeAllListeners: () => request,
    on: (event: string, listen: (data?: Buffer) => void) => {
      if (event === 'data') queueMicrotask(() => listen(body));
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
