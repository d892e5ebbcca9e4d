/** Sending to queues, with SQS's checks. */
import type {
  BatchResultErrorEntry,
  CreateQueueRequest,
  CreateQueueResult,
  GetQueueUrlRequest,
  GetQueueUrlResult,
  SendMessageBatchRequest,
  SendMessageBatchResult,
  SendMessageBatchResultEntry,
  SendMessageRequest,
  SendMessageResult,
} from '@aws-sdk/client-sqs';
import { createQueue, md5, type Queue, send } from '../world/queues.ts';
import { ServiceError } from './errors.ts';
import { type Call, type Operation, reads, trailed, writes } from './operation.ts';
import { badValue, queueAt, queueNamed } from './sqs-find.ts';
import { receiving } from './sqs-receive.ts';

export const sqs: Readonly<Record<string, Operation>> = {
  CreateQueue: trailed(create),
  GetQueueUrl: reads(
    (input: GetQueueUrlRequest, call: Call): GetQueueUrlResult => ({ QueueUrl: queueNamed(call, input.QueueName ?? '').url }),
  ),
  SendMessage: writes(sendMessage),
  SendMessageBatch: writes(sendMessageBatch),
  ...receiving,
};

/** One that is there already is answered as it stands. */
function create({ QueueName: name = '', Attributes = {} }: CreateQueueRequest, { world, region, changed }: Call): CreateQueueResult {
  const known = region.queues.get(name);
  if (known !== undefined) return { QueueUrl: known.url };
  if ((Attributes.FifoQueue === 'true') !== name.endsWith('.fifo'))
    throw badValue(
      'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, and must end with .fifo suffix.',
    );
  const queue = createQueue(world, {
    name,
    region: region.name,
    ...(Attributes.VisibilityTimeout !== undefined && { visibilityTimeout: Number(Attributes.VisibilityTimeout) }),
    contentBasedDeduplication: Attributes.ContentBasedDeduplication === 'true',
    deduplicationPerGroup: Attributes.DeduplicationScope === 'messageGroup',
  });
  changed.push(name);
  return { QueueUrl: queue.url };
}

const BODY_MAX = 1_048_576; // bytes; of a whole batch, too
const BATCH_MAX = 10;

function sendMessage(input: SendMessageRequest, call: Call): SendMessageResult {
  const queue = queueAt(call, input.QueueUrl);
  const { MessageId, MD5OfMessageBody, SequenceNumber } = accept(queue, input, call);
  return { MessageId, MD5OfMessageBody, ...(SequenceNumber !== undefined && { SequenceNumber }) };
}

function sendMessageBatch(input: SendMessageBatchRequest, call: Call): Partial<SendMessageBatchResult> {
  const queue = queueAt(call, input.QueueUrl);
  const entries = input.Entries ?? [];
  if (entries.length === 0)
    throw new ServiceError('EmptyBatchRequest', 'There should be at least one SendMessageBatchRequestEntry in the request.');
  if (entries.length > BATCH_MAX) {
    throw new ServiceError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${BATCH_MAX}. You have sent ${entries.length}.`,
    );
  }
  if (new Set(entries.map(e => e.Id)).size < entries.length)
    throw new ServiceError('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');
  const bytes = entries.reduce((sum, e) => sum + Buffer.byteLength(e.MessageBody ?? ''), 0);
  if (bytes > BODY_MAX)
    throw new ServiceError('BatchRequestTooLong', `Batch requests cannot be longer than ${BODY_MAX} bytes. You have sent ${bytes} bytes.`);

  const Successful: SendMessageBatchResultEntry[] = [];
  const Failed: BatchResultErrorEntry[] = [];
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...accept(queue, entry, call) });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      Failed.push({ Id: entry.Id, SenderFault: true, Code: error.name, Message: error.message });
    }
  }
  return { Successful, ...(Failed.length > 0 && { Failed }) };
}

type Entry = Pick<SendMessageRequest, 'MessageBody' | 'MessageGroupId' | 'MessageDeduplicationId' | 'DelaySeconds' | 'MessageAttributes'>;

function accept(
  queue: Queue,
  entry: Entry,
  { world, changed }: Call,
): { MessageId: string; MD5OfMessageBody: string; SequenceNumber?: string } {
  const { MessageBody: body = '', MessageGroupId: groupId, MessageDeduplicationId: deduplicationId, DelaySeconds = 0 } = entry;
  if (Buffer.byteLength(body) > BODY_MAX)
    throw badValue(`One or more parameters are invalid. Reason: Message must be shorter than ${BODY_MAX} bytes.`);
  if (queue.fifo && groupId === undefined)
    throw new ServiceError('MissingParameter', 'The request must contain the parameter MessageGroupId.');
  if (queue.fifo && deduplicationId === undefined && !queue.contentBasedDeduplication) {
    throw badValue('The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly');
  }
  if (queue.fifo && DelaySeconds > 0)
    throw badValue(
      `Value ${DelaySeconds} for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.`,
    );
  if (deduplicationId !== undefined && !/^[\x21-\x7e]{1,128}$/.test(deduplicationId)) {
    throw badValue(
      `Value ${deduplicationId} for parameter MessageDeduplicationId is invalid. Reason: MessageDeduplicationId can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
    );
  }
  if (groupId !== undefined && !/^[\x21-\x7e]{1,128}$/.test(groupId)) {
    throw badValue(
      `Value ${groupId} for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
    );
  }

  const message = {
    body,
    groupId: groupId ?? null,
    deduplicationId: deduplicationId ?? null,
    delaySeconds: DelaySeconds,
    attributes: entry.MessageAttributes ?? {},
  };
  const { messageId, sequenceNumber } = send(world, queue, message);
  changed.push(messageId);
  return { MessageId: messageId, MD5OfMessageBody: md5(body), ...(queue.fifo && { SequenceNumber: sequenceNumber }) };
}
