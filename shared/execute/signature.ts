/** Change ids travel in the request's user agent, so CloudTrail's own record proves which writes were ours. */
import type { FinalizeHandler, InitializeHandler, MetadataBearer, MiddlewareStack } from '@smithy/types';
import { classifyError } from './classify-error.ts';

const TOKEN = /(?:^|\s)ebbtide\/(chg-[0-9a-f]+)(?=\s|$)/g;

/** The change ids in a `userAgent` as CloudTrail records it; `[]`: not a write of ours. */
export const changeIdsIn = (userAgent: string): string[] => [...userAgent.matchAll(TOKEN)].flatMap(([, id]) => id ?? []);

/** What the SDK's retries hide from whoever waits for the last answer. */
export interface Attempts {
  /** Some attempt may have been carried out although its answer was lost. */
  unanswered: boolean;
}

/** A signed command is sent with options, though empty: else a client that caches handlers by command would send the last one's signature. */
export const SIGNED: Readonly<Record<string, never>> = {};

/** Writes the ids into the command's user agent and watches its attempts. @returns the command's attempts, current once it is answered. */
// biome-ignore lint/suspicious/noExplicitAny: a stack of any command's input and output
export function sign(command: { readonly middlewareStack: MiddlewareStack<any, any> }, changeIds: readonly string[]): Attempts {
  const attempts: Attempts = { unanswered: false };
  command.middlewareStack.add(
    (next: InitializeHandler<object, object>, context) => args => {
      context.userAgent = [...(context.userAgent ?? []), ...changeIds.map((id): [string, string] => ['ebbtide', id])];
      return next(args);
    },
    { step: 'initialize', name: 'ebbtideChangeIds' },
  );
  command.middlewareStack.addRelativeTo(
    (next: FinalizeHandler<object, MetadataBearer>): FinalizeHandler<object, MetadataBearer> =>
      async args => {
        try {
          return await next(args);
        } catch (error) {
          const verdict = classifyError(error, []);
          attempts.unanswered ||= verdict.blames === 'call' && verdict.outcome === 'unknown';
          throw error;
        }
      },
    // Of those after the retries, the one that is added last comes first: inside of the retries, outside of everything else.
    { relation: 'after', toMiddleware: 'retryMiddleware', name: 'ebbtideAttempts' },
  );
  return attempts;
}
