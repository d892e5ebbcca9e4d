/** The event source mapping between a queue and a function: batches, partial answers, and what failed waits out its visibility. */
import { attributesOf, type Message, md5, type Queue, receive, remove, wakeLater } from '../world/queues.ts';
import type { World } from '../world/world.ts';
import type { Lambda } from './lambda.ts';

export interface MappingOptions {
  readonly batchSize: number;
  /** ReportBatchItemFailures: the answer names the messages that failed. */
  readonly partial: boolean;
}

/** From now on what arrives in the queue is brought to the function, batch after batch. */
export function mapQueue(world: World, queue: Queue, lambda: Lambda, options: MappingOptions): void {
  let called = false;
  const poll = async (): Promise<void> => {
    called = false;
    for (let batch = receive(world, queue, options.batchSize); batch.length > 0; batch = receive(world, queue, options.batchSize)) {
      const event = { Records: batch.map(message => record(queue, message)) };
      const { outcome, answer } = await lambda.run(event, queue.name);
      const failed = outcome === 'threw' ? batch : failures(batch, options.partial ? answer : null);
      remove(
        queue,
        batch.filter(message => !failed.includes(message)),
      );
      wakeLater(world, queue, failed);
    }
  };
  queue.arrivals.push(() => {
    if (called) return;
    called = true;
    world.clock.deliver(world.clock.now(), poll);
  });
}

/** An answer that names a message which was not in the batch fails the whole batch, as Lambda has it. */
function failures(batch: readonly Message[], answer: unknown): readonly Message[] {
  const items = (answer as { batchItemFailures?: { itemIdentifier?: string }[] } | null)?.batchItemFailures ?? [];
  const known = new Map(batch.map(message => [message.id, message]));
  const failed = items.map(({ itemIdentifier }) => known.get(itemIdentifier ?? ''));
  return failed.includes(undefined) ? batch : failed.filter(message => message !== undefined);
}

function record(queue: Queue, message: Message): unknown {
  return {
    messageId: message.id,
    receiptHandle: `${message.id}#${message.receives}`,
    body: message.body,
    attributes: attributesOf(queue, message),
    messageAttributes: message.attributes,
    md5OfBody: md5(message.body),
    eventSource: 'aws:sqs',
    eventSourceARN: queue.arn,
    awsRegion: queue.region,
  };
}
