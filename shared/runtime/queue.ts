/** Doorbells on their way: one FIFO queue per pen, one message group per account and region, and for fleets that are named one for each. */
import type { SendMessageBatchRequestEntry, SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod/mini';
import type { Doorbell } from '../model/doorbell.ts';
import { fingerprint, PENS, scopeKey } from '../model/ids.ts';
import { clientsFor } from './clients.ts';
import { instantSchema, readJson, whyNot } from './events/common.ts';
import { queueUrl, setting } from './settings.ts';

/** SendMessageBatch takes ten entries (SQS API reference). */
const BATCH_MAX = 10;

/**
 * Sends every doorbell to its pen's queue. Entries that SQS refuses are tried once more.
 * @throws Error naming those that failed twice: the function's retry rings all of them again, and SQS drops the copies.
 */
export async function ring(doorbells: readonly Doorbell[]): Promise<void> {
  if (doorbells.length === 0) return;
  const failed: string[] = [];
  const sqs = await clientsFor({ region: setting('AWS_REGION') }).sqs(); // the queues stand where the function stands
  for (const [url, mine] of Map.groupBy(doorbells, doorbell => queueUrl(doorbell.pen))) {
    for (let i = 0; i < mine.length; i += BATCH_MAX) {
      const entries = mine.slice(i, i + BATCH_MAX).map(entryOf);
      const again = await send(sqs, url, entries);
      if (again.length === 0) continue;
      const twice = await send(
        sqs,
        url,
        again.map(({ refused }) => refused),
      );
      failed.push(...twice.map(({ refused, why }) => `${refused.MessageGroupId} ${refused.MessageDeduplicationId} (${why})`));
    }
  }
  if (failed.length > 0) throw new Error(`${failed.length} of ${doorbells.length} doorbells could not be rung: ${failed.join('; ')}`);
}

type Entry = SendMessageBatchRequestEntry;

/** @returns the entries that SQS did not take, each with its reason. */
async function send(sqs: SQSClient, url: string, entries: readonly Entry[]): Promise<{ readonly refused: Entry; readonly why: string }[]> {
  const { SendMessageBatchCommand } = await import('@aws-sdk/client-sqs');
  const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: [...entries] }));
  return Failed.flatMap(({ Id, Code, Message }) => {
    const refused = entries.find(entry => entry.Id === Id);
    return refused === undefined ? [] : [{ refused, why: [Code, Message].filter(Boolean).join(': ') }];
  });
}

const entryOf = (doorbell: Doorbell, index: number): Entry => ({
  Id: String(index),
  MessageBody: JSON.stringify(doorbell),
  MessageGroupId: groupOf(doorbell),
  MessageDeduplicationId: doorbell.dedupId,
});

/** SQS: up to 128 alphanumerics and punctuation. */
const GROUP_ID = /^[\x21-\x7e]{1,128}$/;

/**
 * A fleet that is looked at for a reason of its own does not stand in line behind a sweep of its scope; what guards two looks at one fleet
 * from each other stands in claims.ts. The other pens keep to one line: nothing that they do is a matter of seconds.
 */
function groupOf({ pen, scope, look }: Doorbell): string {
  if (pen !== 'resize-fleets' || typeof look === 'string') return scopeKey(scope);
  const group = `${scopeKey(scope)}/${look.join(',')}`;
  return GROUP_ID.test(group) ? group : `${scopeKey(scope)}/${fingerprint(look)}`;
}

const birthSchema = z.object({
  at: instantSchema,
  call: z.string(),
  by: z.object({
    name: z.string(),
    service: z.nullable(z.string()),
    person: z.nullable(z.object({ who: z.string(), known: z.enum(['source-identity', 'identity-center', 'iam-user', 'session-name']) })),
  }),
});

const doorbellSchema = z.object({
  pen: z.enum(PENS as [(typeof PENS)[number], ...typeof PENS]),
  scope: z.object({ account: z.string().check(z.regex(/^\d{12}$/)), region: z.string().check(z.minLength(1)) }),
  look: z.union([z.literal('due'), z.literal('all'), z.array(z.string())]),
  at: instantSchema,
  cause: z.string(),
  dedupId: z.string(),
  birth: z.exactOptional(birthSchema),
});

/** Reads a message's body back. Never throws: what is no doorbell says why. */
export function readDoorbell(
  body: string,
): { readonly kind: 'doorbell'; readonly doorbell: Doorbell } | { readonly kind: 'unreadable'; readonly why: string } {
  const json = readJson(body);
  if (json === undefined) return { kind: 'unreadable', why: 'not JSON' };
  const read = doorbellSchema.safeParse(json);
  return read.success ? { kind: 'doorbell', doorbell: read.data } : { kind: 'unreadable', why: whyNot(read.error) };
}
