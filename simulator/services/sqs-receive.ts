/** Receiving by hand, as judges and people do; the functions are fed by their event source mappings. */
import type {
  ChangeMessageVisibilityRequest,
  DeleteMessageRequest,
  GetQueueAttributesRequest,
  GetQueueAttributesResult,
  Message as MessageJson,
  ReceiveMessageRequest,
  ReceiveMessageResult,
} from '@aws-sdk/client-sqs';
import { waitingAt } from '../world/backlog.ts';
import { attributesOf, type Message, md5, type Queue, receive, remove, wakeLater } from '../world/queues.ts';
import { ServiceError } from './errors.ts';
import { type Call, type Operation, reads, writes } from './operation.ts';
import { badValue, queueAt } from './sqs-find.ts';

export const receiving: Readonly<Record<string, Operation>> = {
  ReceiveMessage: writes(receiveMessage),
  DeleteMessage: writes(deleteMessage),
  ChangeMessageVisibility: writes(changeVisibility),
  GetQueueAttributes: reads(getQueueAttributes),
};

/** Does not wait: `WaitTimeSeconds` is answered at once with what there is. */
function receiveMessage(input: ReceiveMessageRequest, call: Call): ReceiveMessageResult {
  const queue = queueAt(call, input.QueueUrl);
  const max = input.MaxNumberOfMessages ?? 1;
  if (max < 1 || max > 10)
    throw badValue(`Value ${max} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.`);
  const messages = receive(call.world, queue, max, input.VisibilityTimeout);
  wakeLater(call.world, queue, messages);
  call.changed.push(...messages.map(m => m.id));
  const names = [...(input.MessageSystemAttributeNames ?? []), ...(input.AttributeNames ?? [])];
  return messages.length === 0 ? {} : { Messages: messages.map(message => json(queue, message, names)) };
}

function json(queue: Queue, message: Message, names: readonly string[]): MessageJson {
  const attributes = Object.entries(attributesOf(queue, message)).filter(([name]) => names.includes('All') || names.includes(name));
  return {
    MessageId: message.id,
    ReceiptHandle: `${message.id}#${message.receives}`,
    MD5OfBody: md5(message.body),
    Body: message.body,
    ...(attributes.length > 0 && { Attributes: Object.fromEntries(attributes) }),
  };
}

function messageBehind(queue: Queue, handle: string | undefined): Message | undefined {
  const [id, receives] = (handle ?? '').split('#');
  if (receives === undefined)
    throw new ServiceError('ReceiptHandleIsInvalid', `The input receipt handle "${handle}" is not a valid receipt handle.`, 404);
  return queue.messages.find(message => message.id === id && String(message.receives) === receives);
}

/** What has gone already, or was received anew by somebody else, is answered like the rest. */
function deleteMessage(input: DeleteMessageRequest, call: Call): Record<string, never> {
  const queue = queueAt(call, input.QueueUrl);
  const message = messageBehind(queue, input.ReceiptHandle);
  if (message === undefined) return {};
  remove(queue, [message]);
  call.changed.push(message.id);
  return {};
}

function changeVisibility(input: ChangeMessageVisibilityRequest, call: Call): Record<string, never> {
  const queue = queueAt(call, input.QueueUrl);
  const message = messageBehind(queue, input.ReceiptHandle);
  if (message === undefined || message.visibleAt <= call.world.clock.now())
    throw new ServiceError('MessageNotInflight', 'The specified message is not in flight.');
  message.visibleAt = call.world.clock.now() + (input.VisibilityTimeout ?? 0);
  wakeLater(call.world, queue, [message]);
  call.changed.push(message.id);
  return {};
}

function getQueueAttributes(input: GetQueueAttributesRequest, call: Call): GetQueueAttributesResult {
  const queue = queueAt(call, input.QueueUrl);
  const now = call.world.clock.now();
  const { messages, redrive } = queue;
  const hidden = messages.filter(m => m.visibleAt > now);
  const backlog = call.region.backlogs.get(queue.name);
  const waiting = backlog === undefined ? 0 : Math.round(waitingAt(backlog, now));
  const all: Record<string, string> = {
    QueueArn: queue.arn,
    VisibilityTimeout: String(queue.visibilityTimeout),
    ApproximateNumberOfMessages: String(messages.length - hidden.length + waiting),
    ApproximateNumberOfMessagesNotVisible: String(hidden.filter(m => m.receives > 0).length),
    ApproximateNumberOfMessagesDelayed: String(hidden.filter(m => m.receives === 0).length),
    ...(queue.fifo && { FifoQueue: 'true', ContentBasedDeduplication: String(queue.contentBasedDeduplication) }),
    ...(redrive !== null && {
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: queue.arn.replace(queue.name, redrive.deadLetterQueue),
        maxReceiveCount: redrive.maxReceiveCount,
      }),
    }),
  };
  const names: readonly string[] = input.AttributeNames ?? [];
  const wanted = Object.entries(all).filter(([name]) => names.includes('All') || names.includes(name));
  return wanted.length === 0 ? {} : { Attributes: Object.fromEntries(wanted) };
}
