/** Empties the outbox, oldest first: each notice its own outcome, and none is lost. */
import type { Notice, OutboxItem } from '../model/notice.ts';
import type { Memory, MemoryItem } from '../model/ports.ts';
import { addSeconds, type Instant } from '../model/time.ts';
import type { SlackConfig } from '../policy/schema.ts';
import { withoutActions } from '../report/slack-kit.ts';
import { closingsOf, liveMessage, rememberPlace, settleCards, tidyCards } from './cards.ts';
import { isDue, putOff, told, waiting } from './outbox.ts';
import { DELIVERY_USUAL_MS, type Delivery, type Door, deliver } from './slack.ts';
import { forgetSecrets, slackSecret } from './slack-door.ts';
import { isOfPlace } from './slack-errors.ts';
import type { Telemetry } from './telemetry.ts';
import type { Said } from './voice.ts';
import { doorFor, inOtherWays, type Ways, waysOut } from './ways.ts';

export interface Mouth {
  readonly memory: Memory;
  readonly at: Instant;
  readonly slack: SlackConfig;
  /** `null`: there is nothing to say. */
  readonly wordsFor: (notice: Notice) => Promise<Said | null>;
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

type Item = MemoryItem<OutboxItem>;
type Kept = Extract<Delivery, { kind: 'kept' }>;

/** Tried so often in vain, a notice has waited for more than an hour: an alarm listens. */
const STUCK = 4;

/**
 * A notice that fails waits for its own next try and the others go on; but when nothing would pass (a secret or channel is wrong, Slack
 * asks to wait, or two in a row found it ill), the rest is left as it is for the next tick.
 */
export async function tellDue(mouth: Mouth): Promise<Telling> {
  const all = await waiting(mouth.memory, mouth.at);
  const items = all.filter(item => isDue(item, mouth.at));
  const stuck = all.filter(({ value }) => value.tries >= STUCK).length;
  const failed: string[] = [];
  let done = 0;
  let ill = 0;
  for (const item of items) {
    if (done + failed.length > 0 && mouth.remaining() < DELIVERY_USUAL_MS) break;
    const delivery = await tell(item, mouth);
    if (delivery.kind === 'told') {
      await settleCards(mouth.memory, closingsOf(item.value.notice, mouth.slack.summary.timeZone), item.value.notice, mouth.at);
      await told(mouth.memory, item, mouth.at);
      done++;
      ill = 0;
      continue;
    }
    failed.push(await keep(item, delivery, mouth));
    ill = delivery.blame === 'slack' ? ill + 1 : 0;
    if (delivery.blame === 'settings' || delivery.blame === 'busy' || ill === 2) break;
  }
  if (stuck > 0) mouth.telemetry.count('NoticesStuck', stuck);
  mouth.telemetry.count('NoticesTold', done);
  if (done < items.length) mouth.telemetry.count('NoticesKept', items.length - done);
  if (failed.length === 0 && mouth.remaining() >= DELIVERY_USUAL_MS) await tidy(mouth);
  return { told: done, kept: items.length - done, failed };
}

async function tell(item: Item, mouth: Mouth): Promise<Delivery> {
  const said = await inWords(item.value.notice, mouth);
  if (said === null) return { kind: 'told', sent: null };
  if ('blame' in said) return said;
  const ways = await opened();
  if ('blame' in ways) return ways;
  const delivery = await through(ways, said, item, mouth);
  if (delivery.kind === 'told') return delivery;
  return (await inOtherWays(ways, said, { delivery, tries: item.value.tries, telemetry: mouth.telemetry }))
    ? { kind: 'told', sent: null }
    : delivery;
}

/** A notice that cannot be put into words (or whose ledger cannot be read now) must not keep the others from being told. */
async function inWords(notice: Notice, { wordsFor }: Mouth): Promise<Said | null | Kept> {
  try {
    return await wordsFor(notice);
  } catch (error) {
    return { kind: 'kept', why: `not put into words: ${error}`, code: null, blame: 'message', retryAfter: null };
  }
}

async function opened(): Promise<Ways | Kept> {
  try {
    return await waysOut();
  } catch (error) {
    return {
      kind: 'kept',
      why: `the SSM parameters of Slack could not be read: ${error}`,
      code: null,
      blame: 'settings',
      retryAfter: null,
    };
  }
}

/** To whom it is meant for; should that be nobody, or no place that takes it, to everybody: a wrong channel of one team hides nothing. */
async function through(ways: Ways, said: Said, item: Item, mouth: Mouth): Promise<Delivery> {
  const door = await doorFor(ways, item.value.notice, mouth);
  if (door === null) return { kind: 'kept', why: 'no Slack is configured', code: null, blame: 'settings', retryAfter: null };
  if ('blame' in door) return door;
  if (door.kind === 'nobody') return { kind: 'told', sent: null };
  const delivery = await send(said, door, item, mouth);
  const isOthers = door.kind === 'bot' && door.channel !== mouth.slack.channel;
  if (delivery.kind === 'told' || !isOthers || !isOfPlace(delivery.code)) return delivery;
  mouth.telemetry.error('a channel of config/slack.yml or an owner could not be told', { channel: door.channel, why: delivery.why });
  // The channel of all has the whole summary anyway.
  if (item.value.notice.kind === 'summary') return { kind: 'told', sent: null };
  return send(said, { kind: 'bot', token: door.token, channel: mouth.slack.channel }, item, mouth);
}

/** Only a bot can take buttons away again, so only a bot brings them. */
async function send(said: Said, door: Door, item: Item, { memory, at }: Mouth): Promise<Delivery> {
  const { spoken, replies, file } = said;
  const { notice, sent } = item.value;
  if (door.kind === 'webhook' || spoken.buttons.length === 0) {
    return deliver({ main: { text: spoken.text, blocks: withoutActions(spoken.blocks) }, replies, file }, door, sent);
  }
  const { message, card, posted } = await liveMessage(memory, { notice, spoken, door, at });
  const { channel, ts } = card.value;
  const before = sent ?? (posted && ts !== null ? { channel, ts, replies: 0 } : undefined);
  const delivery = await deliver({ main: message, replies, file }, door, before);
  if (delivery.sent != null) await rememberPlace(memory, card, delivery.sent, at);
  return delivery;
}

async function keep(item: Item, delivery: Kept, { memory, at, telemetry }: Mouth): Promise<string> {
  const { notice, tries } = item.value;
  const { why, blame, retryAfter, sent } = delivery;
  if (blame === 'settings') forgetSecrets();
  await putOff(memory, item, at, { why, notBefore: retryAfter === null ? null : addSeconds(at, retryAfter), sent });
  const said = { notice: notice.kind, of: notice.at, tries: tries + 1, why };
  if (blame === 'settings' || blame === 'message') telemetry.error('Slack did not take a notice, and will not until somebody looks', said);
  else telemetry.warn('Slack did not take a notice; it is tried again', said);
  return `${notice.kind} of ${notice.at}: ${why}`;
}

/** Buttons that have nothing more to do are taken away. */
async function tidy({ memory, at, telemetry }: Mouth): Promise<void> {
  const token = await slackSecret('bot-token').catch(() => null);
  if (token === null) return;
  const { closed, failed } = await tidyCards(memory, token, at);
  if (closed > 0) telemetry.info('cards were closed', { closed });
  for (const why of failed) telemetry.warn('a card could not be changed', { why });
}
