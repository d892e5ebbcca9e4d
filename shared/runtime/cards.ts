/** Messages with live buttons: each button one random id, and none is left alive when there is nothing more to press. */
import type { About, ButtonSpec, Card, HeldButton } from '../model/button.ts';
import { fingerprint, type Pen, type ResourceRef, scopeKey } from '../model/ids.ts';
import type { Notice } from '../model/notice.ts';
import type { Memory, MemoryItem } from '../model/ports.ts';
import { addSeconds, DAY, type Instant } from '../model/time.ts';
import { closing } from '../report/slack-cards.ts';
import { context, type SlackMessage, type Spoken, withoutActions } from '../report/slack-kit.ts';
import { outside } from './outside.ts';
import type { Door, Sent } from './slack.ts';
import { callSlack } from './slack-call.ts';

/** How long a button lives. */
export const BUTTON_LIFE = DAY;
/** A card outlives its buttons, so that they can be taken away. */
const CARD_LIFE = 3 * DAY;

type Place = Pick<Extract<Door, { kind: 'bot' }>, 'channel' | 'team'>;

export type HeldCard = MemoryItem<Card>;

/**
 * The message with its buttons given ids, which are on record before anybody can see them. Told again after a crash, the same notice has
 * the same ids; `posted`: Slack has it already.
 */
export async function liveMessage(
  memory: Memory,
  { notice, spoken, door, at }: { readonly notice: Notice; readonly spoken: Spoken; readonly door: Place; readonly at: Instant },
): Promise<{ readonly message: SlackMessage; readonly card: HeldCard; readonly posted: boolean }> {
  const key = cardKey(notice);
  const before = (await memory.read('cards', key, at)) as HeldCard | null;
  const ids = before?.value.buttons ?? spoken.buttons.map(() => outside().secret());
  const message = withIds(spoken, ids);
  if (before !== null) return { message, card: before, posted: before.value.ts !== null };
  for (const [index, spec] of spoken.buttons.entries())
    await holdButton(memory, ids[index] as string, { spec, card: key, pressed: null }, at);
  const value: Card = {
    ...{ channel: door.channel, team: door.team ?? null, ts: null, text: spoken.text, blocks: withoutActions(spoken.blocks), buttons: ids },
    ...{ open: waitingFor(spoken.buttons), answered: false, closed: null, expiresAt: addSeconds(at, BUTTON_LIFE) },
  };
  await memory.write('cards', { key, value, version: 0 }, { at, expiresAt: addSeconds(at, CARD_LIFE) });
  return { message, card: { key, value, version: 1 }, posted: false };
}

const cardKey = (notice: Notice): string => `card#${fingerprint(notice)}`;

export const holdButton = (memory: Memory, id: string, value: HeldButton, at: Instant): Promise<boolean> =>
  memory.write('buttons', { key: id, value, version: 0 }, { at, expiresAt: addSeconds(at, BUTTON_LIFE) });

const withIds = ({ text, blocks }: Spoken, ids: readonly string[]): SlackMessage => ({
  text,
  blocks: blocks.map(block =>
    block.type !== 'actions' ? block : { ...block, elements: block.elements.map(e => ({ ...e, value: ids[Number(e.value)] ?? '' })) },
  ),
});

/** What the buttons of a message are about, each once. */
function waitingFor(buttons: readonly ButtonSpec[]): string[] {
  const about = buttons.flatMap(({ ask }): readonly About[] => (ask.do === 'why' ? [] : ask.do === 'choose' ? ask.items : [ask]));
  return [...new Set(about.map(({ pen, resource }) => openKey(pen, resource)))];
}

export const openKey = (pen: Pen, { scope, kind, id }: ResourceRef): string => `${pen} ${scopeKey(scope)}/${kind}/${id}`;

/** Where the message stands now: only then can it be changed. Lost a race: somebody has pressed already, and keeps its place themselves. */
export async function rememberPlace(memory: Memory, { key }: HeldCard, { channel, ts }: Sent, at: Instant): Promise<void> {
  await changeCard(memory, key, at, card => (card.ts === null ? { ...card, channel, ts } : null));
}

/** What a notice, once it is told, settles of earlier cards: what was done, or that there is a newer one. By `openKey`. */
export function closingsOf(notice: Notice, zone: string): ReadonlyMap<string, string> {
  if (notice.kind === 'changes') {
    const done = notice.lines.filter(({ outcome }) => outcome === 'done');
    return new Map(done.map(line => [openKey(notice.pen, line.resource), closing(line, notice.at, zone)]));
  }
  if (notice.kind === 'tag-offer') return new Map([[openKey('enforce-tags', notice.resource), NEWER]]);
  if (notice.kind === 'warning-withdrawn')
    return new Map([[openKey('stop-start-instances', notice.resource), 'The warning is withdrawn.']]);
  const asks = notice.kind === 'idle-warning' || notice.kind === 'tag-warning' || notice.kind === 'start-failing';
  return new Map(asks ? [[openKey('stop-start-instances', notice.resource), NEWER]] : []);
}

const NEWER = 'There is a newer message about it.';

/** A card that waits for nothing else is closed, with what became of it; the card of `told` itself stays. */
export async function settleCards(memory: Memory, settled: ReadonlyMap<string, string>, told: Notice, at: Instant): Promise<void> {
  if (settled.size === 0) return;
  const except = cardKey(told);
  for (const { key, value } of await cardsOf(memory, at)) {
    const mine = value.open.filter(one => settled.has(one));
    if (key === except || mine.length === 0 || value.closed !== null) continue;
    await changeCard(memory, key, at, card => {
      const open = card.open.filter(one => !settled.has(one));
      return { ...card, open, closed: open.length === 0 ? mine.map(one => settled.get(one)).join(' ') : null };
    });
  }
}

/** Takes the buttons from cards that are closed or whose day is over. What Slack does not take now is tried at the next tick. */
export async function tidyCards(
  memory: Memory,
  token: string,
  at: Instant,
): Promise<{ readonly closed: number; readonly failed: string[] }> {
  const failed: string[] = [];
  let closed = 0;
  for (const card of await cardsOf(memory, at)) {
    const how = endOf(card.value, at);
    if (how === null) continue;
    for (const id of card.value.buttons) await forgetButton(memory, id, at);
    const answer = card.value.ts === null ? null : await callSlack(token, 'chat.update', closedMessage(card.value, how));
    if (answer?.kind === 'kept' && (answer.blame === 'slack' || answer.blame === 'busy')) {
      failed.push(answer.why);
      break;
    }
    if (answer?.kind === 'kept') failed.push(answer.why);
    await memory.forget('cards', card);
    closed++;
  }
  return { closed, failed };
}

/** How a card ends; `null`: it does not yet. An answered one has said so already. */
function endOf({ closed, answered, expiresAt }: Card, at: Instant): string | null {
  if (closed !== null) return closed;
  if (at < expiresAt) return null;
  return answered ? '' : 'Nobody answered within a day.';
}

const closedMessage = ({ channel, ts, text, blocks }: Card, how: string) => ({
  ...{ channel, ts, text },
  blocks: how === '' ? blocks : [...blocks, context(how)],
});

async function forgetButton(memory: Memory, id: string, at: Instant): Promise<void> {
  const held = await memory.read('buttons', id, at);
  if (held !== null) await memory.forget('buttons', held);
}

const cardsOf = async (memory: Memory, at: Instant): Promise<HeldCard[]> => (await memory.readShelf('cards', at)) as HeldCard[];

/** @returns the card as it is now; `null` where it is gone, or `change` had nothing to change. */
export async function changeCard(memory: Memory, key: string, at: Instant, change: (card: Card) => Card | null): Promise<Card | null> {
  for (let tries = 0; tries < 5; tries++) {
    const held = (await memory.read('cards', key, at)) as HeldCard | null;
    const next = held === null ? null : change(held.value);
    if (held === null || next === null) return null;
    if (await memory.write('cards', { ...held, value: next }, { at, expiresAt: addSeconds(at, CARD_LIFE) })) return next;
  }
  return null;
}
