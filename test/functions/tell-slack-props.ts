/** What the tests of tell-slack share. */
import type { MetadataBearer } from '@smithy/types';
import type { Notice } from '../../shared/model/notice.ts';
import { addSeconds, DAY, type Instant, MINUTE } from '../../shared/model/time.ts';
import type { Equippable } from '../../shared/runtime/outside.ts';
import { scope } from '../report/plans.ts';

/** Told as `… policy p3 …`, so that it is known again. */
export const breakerNotice = (minute: number, now: Instant): Extract<Notice, { kind: 'breaker' }> => ({
  kind: 'breaker',
  at: addSeconds(now, minute * MINUTE - DAY),
  scope,
  pen: 'stop-start-instances',
  policy: `p${minute}`,
  touched: 6,
  of: 8,
  share: 0.5,
});

/** Answers GetParameter from `parameters` (an Error is thrown); every other command goes its way. */
export function parameterStore<C extends Equippable>(client: C, parameters: Readonly<Record<string, string | Error>>): C {
  client.middlewareStack.add(
    (next, context) => async args => {
      if (context.commandName !== 'GetParameterCommand') return next(args);
      const { Name } = args.input as { Name: string };
      const value = parameters[Name] ?? Object.assign(new Error(Name), { name: 'ParameterNotFound' });
      if (value instanceof Error) throw value;
      return { response: undefined, output: { $metadata: {}, Parameter: { Name, Value: value } } as MetadataBearer };
    },
    { step: 'initialize' },
  );
  return client;
}
