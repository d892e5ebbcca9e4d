/** SQS takes a part of a batch and answers 200. */
import type { SendMessageBatchRequest, SendMessageBatchResult } from '@aws-sdk/client-sqs';
import type { Weather } from './weather.ts';

// biome-ignore lint/suspicious/noExplicitAny: the serialised request beside the input is nobody's business here
type Args = { input: any; request: unknown };
type Next = (args: never) => Promise<{ output: Partial<SendMessageBatchResult> }>;

export async function dropEntries(args: Args, next: (args: never) => Promise<unknown>, weather: Weather): Promise<unknown> {
  const input = args.input as SendMessageBatchRequest;
  const entries = input.Entries ?? [];
  const dropped = weather.measure(0, entries.length - 1);
  const Failed = entries
    .filter((_, i) => i === dropped)
    .map(({ Id }) => ({ Id, SenderFault: false, Code: 'InternalError', Message: 'a fault of the virtual cloud' }));
  const Entries = entries.filter((_, i) => i !== dropped);
  if (Entries.length === 0) return { response: {}, output: { Successful: [], Failed, $metadata: { httpStatusCode: 200 } } };
  const answer = await (next as Next)({ ...args, input: { ...input, Entries } } as never);
  return { ...answer, output: { ...answer.output, Failed: [...(answer.output.Failed ?? []), ...Failed] } };
}
