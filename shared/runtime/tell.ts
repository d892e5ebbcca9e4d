/** Empties the outbox, oldest first: each notice its own outcome, and none is lost. */
import type { Notice, OutboxItem } from '../model/notice.ts';
import type { Memory, MemoryItem } from '../model/ports.ts';
import { addSeconds, type Instant } from '../model/time.ts';
import type { SlackMessage } from '../report/slack-kit.ts';
import { renderSlackText } from '../report/slack-text.ts';
import { due, putOff, told } from './outbox.ts';
import { DELIVERY_USUAL_MS, type Delivery, type Door, deliver } from './slack.ts';
import { forgetDoor, slackDoor } from './slack-door.ts';
import type { Telemetry } from './telemetry.ts';

export interface Mouth {
  readonly memory: Memory;
  readonly at: Instant;
  readonly channel: string;
  /** `null`: there is nothing to say. */
  readonly messageOf: (notice: Notice) => Promise<SlackMessage | null>;
  /** Milliseconds that this run may still take. */
  readonly remaining: () => number;
  readonly telemetry: Telemetry;
}

export interface Telling {
  readonly told: number;
  /** Of those that were due: they wait in the outbox. */
  readonly kept: number;
  /** `changes of 2025-05-14T19:00:00Z: invalid_auth: …`, one a notice that was tried in vain. */
  readonly failed: readonly string[];
}

/**
 * A notice that fails waits for its own next try and the others go on; but when nothing would pass (a secret or channel is wrong, Slack
 * asks to wait, or two in a row found it ill), the rest is left as it is for the next tick.
 */
export async function tellDue(mouth: Mouth): Promise<Telling> {
  const items = await due(mouth.memory, mouth.at);
  const failed: string[] = [];
  let done = 0;
  let ill = 0;
  for (const item of items) {
    if (done + failed.length > 0 && mouth.remaining() < DELIVERY_USUAL_MS) break;
    const delivery = await tell(item.value.notice, mouth);
    if (delivery.kind === 'told') {
      await told(mouth.memory, item, mouth.at);
      done++;
      ill = 0;
      continue;
    }
    failed.push(await keep(item, delivery, mouth));
    ill = delivery.blame === 'slack' ? ill + 1 : 0;
    if (delivery.blame === 'settings' || delivery.blame === 'busy' || ill === 2) break;
  }
  mouth.telemetry.count('NoticesTold', done);
  if (done < items.length) mouth.telemetry.count('NoticesKept', items.length - done);
  return { told: done, kept: items.length - done, failed };
}

async function tell(notice: Notice, { channel, messageOf, telemetry }: Mouth): Promise<Delivery> {
  const message = await rendered(notice, messageOf);
  if (message === null) return { kind: 'told' };
  if ('blame' in message) return message;
  const door = await opened(channel);
  if (door.kind === 'kept') return door;
  if (door.kind !== 'log') return deliver(message, door);
  telemetry.info('no Slack is configured, so this is said here', { text: renderSlackText(message) });
  return { kind: 'told' };
}

/** A notice that cannot be put into words (or whose ledger cannot be read now) must not keep the others from being told. */
async function rendered(notice: Notice, messageOf: Mouth['messageOf']): Promise<SlackMessage | null | (Delivery & { kind: 'kept' })> {
  try {
    return await messageOf(notice);
  } catch (error) {
    return { kind: 'kept', why: `not put into words: ${error}`, blame: 'message', retryAfter: null };
  }
}

async function opened(channel: string): Promise<Door | (Delivery & { kind: 'kept' })> {
  try {
    return await slackDoor(channel);
  } catch (error) {
    return { kind: 'kept', why: `the SSM parameters of Slack could not be read: ${error}`, blame: 'settings', retryAfter: null };
  }
}

async function keep(
  item: MemoryItem<OutboxItem>,
  delivery: Delivery & { kind: 'kept' },
  { memory, at, telemetry }: Mouth,
): Promise<string> {
  const { notice, tries } = item.value;
  const { why, blame, retryAfter } = delivery;
  if (blame === 'settings') forgetDoor();
  await putOff(memory, item, at, { why, notBefore: retryAfter === null ? null : addSeconds(at, retryAfter) });
  const said = { notice: notice.kind, of: notice.at, tries: tries + 1, why };
  if (blame === 'settings' || blame === 'message') telemetry.error('Slack did not take a notice, and will not until somebody looks', said);
  else telemetry.warn('Slack did not take a notice; it is tried again', said);
  return `${notice.kind} of ${notice.at}: ${why}`;
}
