/** SQS: standard queues and FIFO queues, with deduplication, visibility, redrive. Nobody is handed the same group twice at a time. */
import { createHash } from 'node:crypto';
import { Steps } from './steps.ts';
import { regionOf, type World } from './world.ts';

export interface QueueOptions {
  /** Ends in `.fifo` for a FIFO queue. */
  readonly name: string;
  readonly region: string;
  /** Seconds a received message stays hidden; 30 unless told otherwise. */
  readonly visibilityTimeout?: number;
  readonly contentBasedDeduplication?: boolean;
  /** DeduplicationScope `messageGroup`: copies are dropped within a group only. */
  readonly deduplicationPerGroup?: boolean;
  /** After so many failed receives a message moves to that queue of the same region. */
  readonly redrive?: { readonly deadLetterQueue: string; readonly maxReceiveCount: number };
}

export interface Queue {
  readonly name: string;
  readonly region: string;
  readonly url: string;
  readonly arn: string;
  readonly fifo: boolean;
  readonly visibilityTimeout: number;
  readonly contentBasedDeduplication: boolean;
  readonly deduplicationPerGroup: boolean;
  readonly redrive: { readonly deadLetterQueue: string; readonly maxReceiveCount: number } | null;
  messages: Message[];
  /** Deduplication id → until when it counts, epoch seconds, and the message it stands for. */
  readonly seen: Map<string, { readonly until: number; readonly messageId: string; readonly sequenceNumber: string }>;
  sequence: number;
  /** Messages that could be received, over time. */
  readonly visible: Steps<number>;
  /** Told when a message has arrived or has become visible again. */
  readonly arrivals: (() => void)[];
}

export interface Message {
  readonly id: string;
  readonly body: string;
  readonly groupId: string | null;
  readonly deduplicationId: string | null;
  readonly sequenceNumber: string;
  readonly sentAt: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  receives: number;
  firstReceivedAt: number | null;
  /** Hidden until then. */
  visibleAt: number;
}

/** A FIFO queue drops what carries a deduplication id that it has seen in the last five minutes. */
const DEDUPLICATION = 300;

export function createQueue(world: World, options: QueueOptions): Queue {
  const region = regionOf(world, options.region);
  const queue: Queue = {
    name: options.name,
    region: region.name,
    url: `https://sqs.${region.name}.amazonaws.com/${world.account}/${options.name}`,
    arn: `arn:aws:sqs:${region.name}:${world.account}:${options.name}`,
    fifo: options.name.endsWith('.fifo'),
    visibilityTimeout: options.visibilityTimeout ?? 30,
    contentBasedDeduplication: options.contentBasedDeduplication ?? false,
    deduplicationPerGroup: options.deduplicationPerGroup ?? false,
    redrive: options.redrive ?? null,
    messages: [],
    seen: new Map(),
    sequence: 0,
    visible: new Steps(() => 0),
    arrivals: [],
  };
  region.queues.set(queue.name, queue);
  return queue;
}

export interface NewMessage {
  readonly body: string;
  readonly groupId: string | null;
  readonly deduplicationId: string | null;
  readonly delaySeconds: number;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Takes a message in; a duplicate is answered like the first, and dropped. */
export function send(world: World, queue: Queue, message: NewMessage): { readonly messageId: string; readonly sequenceNumber: string } {
  const now = world.clock.second();
  const id = world.ids.uuid('message');
  if (queue.fifo) {
    const deduplicationId = message.deduplicationId ?? createHash('sha256').update(message.body).digest('hex');
    const key = queue.deduplicationPerGroup ? `${message.groupId} ${deduplicationId}` : deduplicationId;
    for (const [old, { until }] of queue.seen) {
      if (until > now) break; // in order of arrival, so the rest is younger
      queue.seen.delete(old);
    }
    const known = queue.seen.get(key);
    if (known !== undefined) return known;
    const sequenceNumber = String(18_850_000_000_000_000_000n + BigInt(++queue.sequence) * 256n);
    queue.seen.set(key, { until: now + DEDUPLICATION, messageId: id, sequenceNumber });
    return enqueue(world, queue, { ...message, deduplicationId }, id, sequenceNumber);
  }
  return enqueue(world, queue, message, id, String(++queue.sequence));
}

function enqueue(world: World, queue: Queue, message: NewMessage, id: string, sequenceNumber: string) {
  const { body, groupId, deduplicationId, attributes } = message;
  const sentAt = world.clock.now();
  const visibleAt = sentAt + message.delaySeconds;
  queue.messages.push({
    id,
    body,
    groupId,
    deduplicationId,
    sequenceNumber,
    sentAt,
    attributes,
    receives: 0,
    firstReceivedAt: null,
    visibleAt,
  });
  world.clock.schedule(visibleAt, () => tell(world, queue));
  return { messageId: id, sequenceNumber };
}

/**
 * Up to `max` messages that are visible, hidden from then on for the visibility timeout. From a FIFO group they come in order, and none
 * comes while an earlier one of the group is hidden. What was received too often moves to the dead-letter queue instead.
 */
export function receive(world: World, queue: Queue, max: number, visibilityTimeout = queue.visibilityTimeout): Message[] {
  const now = world.clock.now();
  const blocked = new Set<string>();
  const taken: Message[] = [];
  for (const message of [...queue.messages]) {
    if (taken.length === max) break;
    if (queue.fifo && message.groupId !== null && blocked.has(message.groupId)) continue;
    if (message.visibleAt > now) {
      if (message.groupId !== null) blocked.add(message.groupId);
      continue;
    }
    if (queue.redrive !== null && message.receives >= queue.redrive.maxReceiveCount) {
      bury(world, queue, message, queue.redrive.deadLetterQueue);
      continue;
    }
    message.receives++;
    message.firstReceivedAt ??= now;
    message.visibleAt = now + visibilityTimeout;
    taken.push(message);
  }
  measure(world, queue);
  return taken;
}

/** What SQS tells of a message beside its body. */
export function attributesOf(queue: Queue, message: Message): Readonly<Record<string, string>> {
  const milliseconds = (seconds: number): string => String(Math.round(seconds * 1000));
  return {
    ApproximateReceiveCount: String(message.receives),
    SentTimestamp: milliseconds(message.sentAt),
    SenderId: 'AROAVIRTUALCLOUDROLE:virtual',
    ApproximateFirstReceiveTimestamp: milliseconds(message.firstReceivedAt ?? message.sentAt),
    ...(queue.fifo && {
      SequenceNumber: message.sequenceNumber,
      MessageGroupId: message.groupId ?? '',
      MessageDeduplicationId: message.deduplicationId ?? '',
    }),
  };
}

export const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/** Taken care of: the messages are gone. */
export function remove(queue: Queue, messages: readonly Message[]): void {
  const ids = new Set(messages.map(m => m.id));
  queue.messages = queue.messages.filter(m => !ids.has(m.id));
}

/** They stay hidden until their visibility timeout, and then arrive anew. */
export function wakeLater(world: World, queue: Queue, messages: readonly Message[]): void {
  for (const at of new Set(messages.map(m => m.visibleAt))) world.clock.schedule(at, () => tell(world, queue));
}

function bury(world: World, queue: Queue, message: Message, deadLetterQueue: string): void {
  queue.messages = queue.messages.filter(m => m !== message);
  const grave = regionOf(world, queue.region).queues.get(deadLetterQueue);
  if (grave === undefined) throw new Error(`the queue ${queue.name} redrives to ${deadLetterQueue}, which does not exist`);
  grave.messages.push({ ...message, visibleAt: world.clock.now() });
  tell(world, grave);
}

function tell(world: World, queue: Queue): void {
  measure(world, queue);
  for (const arrived of queue.arrivals) arrived();
}

function measure({ clock }: World, queue: Queue): void {
  const now = clock.now();
  queue.visible.set(clock.second(), queue.messages.filter(m => m.visibleAt <= now).length);
}
