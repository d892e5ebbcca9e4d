/** What the handler's process and the world's say to each other. */
import type { Answer, Request } from '../../simulator/services/serve.ts';

export interface Http {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

export type Asked =
  | { readonly kind: 'call'; readonly request: Omit<Request, 'caller'> }
  | { readonly kind: 'table'; readonly http: Http }
  | { readonly kind: 'sleep'; readonly seconds: number };

export type ToWorld =
  | { readonly kind: 'ask'; readonly id: number; readonly asked: Asked }
  /** Nothing goes on until something is answered. `cpuMs`: since the last time this was said. */
  | { readonly kind: 'idle'; readonly cpuMs: number }
  | ({ readonly kind: 'done'; readonly answer: unknown; readonly error: string | null; readonly cpuMs: number } & Memory);

export interface Memory {
  readonly rssMb: number;
  readonly heapMb: number;
}

export type ToHandler =
  | { readonly kind: 'invoke'; readonly event: unknown; readonly remaining: number; readonly now: number; readonly account: string }
  | {
      readonly kind: 'reply';
      readonly id: number;
      readonly now: number;
      readonly answer?: Answer;
      readonly refusal?: Refused;
      readonly bug?: string;
      readonly http?: HttpAnswer;
    };

export interface Refused {
  readonly error: { readonly name: string; readonly message: string; readonly status: number };
  readonly requestId: string;
}

export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}
