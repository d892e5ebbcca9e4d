/** What passes between a handler's process and the one that holds the world: JSON lines in which dates stay dates. */
import type { RefusalLike } from '../../../simulator/client-side.ts';
import type { Answer, Request } from '../../../simulator/services/serve.ts';

export type ToWorld =
  | { readonly kind: 'call'; readonly id: number; readonly request: Omit<Request, 'caller'> }
  | { readonly kind: 'sleep'; readonly id: number; readonly seconds: number }
  | { readonly kind: 'answered'; readonly answer: unknown }
  | { readonly kind: 'threw'; readonly error: { readonly name: string; readonly message: string } };

export type ToHandler =
  | { readonly kind: 'invoke'; readonly event: unknown; readonly context: object; readonly remaining: number; readonly now: number }
  /** `now`: epoch seconds, since the clock may have moved; `bug`: the virtual cloud itself did not know what to do. */
  | {
      readonly kind: 'reply';
      readonly id: number;
      readonly now: number;
      readonly answer?: Answer;
      readonly refusal?: Refusal;
      readonly bug?: string;
    };

type Refusal = Pick<RefusalLike, 'error' | 'requestId'>;

const DATE = '$date';

export const toWire = (value: unknown): string =>
  JSON.stringify(value, function (this: Record<string, unknown>, key, seen) {
    const original = this[key]; // a date has turned itself into text before it comes here
    return Object.prototype.toString.call(original) === '[object Date]' ? { [DATE]: (original as Date).getTime() } : seen;
  });

export const fromWire = (text: string): unknown =>
  JSON.parse(text, (_key, value) => (typeof value?.[DATE] === 'number' ? new Date(value[DATE]) : value));
