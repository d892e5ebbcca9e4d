/** A button is pressed once: who pressed first is put on record, then the wish, and then the message says so. Each step may be taken again. */
import type { About, ButtonSpec, HeldButton, WishTemplate } from '../model/button.ts';
import type { Wish } from '../model/memory.ts';
import type { MemoryItem } from '../model/ports.ts';
import { addSeconds } from '../model/time.ts';
import { named } from '../report/plain.ts';
import { actions, type Block, deed } from '../report/slack-kit.ts';
import { clock } from '../report/when.ts';
import { wishPhrase } from '../report/wish-words.ts';
import type { Answering, Carried } from './answering.ts';
import { BUTTON_LIFE, changeCard, holdButton } from './cards.ts';
import { outside } from './outside.ts';
import { callSlack } from './slack-call.ts';
import { askFor } from './wishes.ts';

export type HeldButtonItem = MemoryItem<HeldButton>;

export interface Asking {
  readonly about: About;
  readonly wish: (by: Pick<Wish, 'id' | 'at' | 'by' | 'via'>) => Wish;
  /** What takes it back, if anything does. */
  readonly undo: WishTemplate | null;
}

/** @returns in words for whoever pressed why nothing came of it; `null`: it stands, and the message says so. */
export async function ask(
  user: string,
  held: HeldButtonItem,
  place: Carried,
  { about, wish, undo }: Asking,
  house: Answering,
): Promise<string | null> {
  const first = await pressedFirst(user, held, house);
  if (first.by !== user) return `Somebody was first, ${clock(house.zone)(first.at)}: the message says who.`;
  const made = wish({ id: held.key, at: first.at, by: user, via: 'slack' });
  if (!(await askFor(house.records, about.resource.scope, about.pen, about.resource.id, made, house.at)))
    return 'Somebody has asked for something else since: that stands.';
  house.telemetry.info('asked in Slack', { user, want: made.want, resource: about.resource.id, owner: about.owner });
  await saySo(held, place, { made, about, undo }, house);
  return null;
}

/** Compare and set: of two who press at once one is first, and the other is told so. */
async function pressedFirst(user: string, { key, value, version }: HeldButtonItem, { memory, at }: Answering) {
  const mine = { by: user, at };
  if (value.pressed !== null) return value.pressed;
  const options = { at, expiresAt: addSeconds(at, BUTTON_LIFE) };
  if (await memory.write('buttons', { key, value: { ...value, pressed: mine }, version }, options)) return mine;
  const now = (await memory.read('buttons', key, at)) as HeldButtonItem | null;
  return now?.value.pressed ?? mine;
}

/** The message loses its buttons and says who asked for what; a press that can be taken back leaves one button for it. */
async function saySo(
  { key, value }: HeldButtonItem,
  place: Carried,
  { made, about, undo }: { readonly made: Wish; readonly about: About; readonly undo: WishTemplate | null },
  { memory, token, at, timeoutMs, zone, telemetry }: Answering,
): Promise<void> {
  const back: ButtonSpec[] = undo === null ? [] : [{ label: undoLabel(undo), ask: { do: 'wish', ...about, wish: undo } }];
  const ids = back.map(() => outside().secret());
  const said = deed(made.by, `${wishPhrase(made, named(about.resource), zone)}.`);
  const card = await changeCard(memory, value.card, at, card =>
    card.closed !== null || !card.buttons.includes(key) ? null : { ...card, blocks: [...card.blocks, said], buttons: ids, answered: true },
  );
  if (card === null) return; // it was closed, or has been answered by this very press
  for (const [index, spec] of back.entries()) await holdButton(memory, ids[index] as string, { spec, card: value.card, pressed: null }, at);
  const row = actions(back).map(block => ({ ...block, elements: block.elements.map((e, n) => ({ ...e, value: ids[n] ?? '' })) }));
  const args = { channel: card.ts === null ? place.channel : card.channel, ts: card.ts ?? place.ts, text: card.text };
  const answer = await callSlack(token, 'chat.update', { ...args, blocks: [...(card.blocks as Block[]), ...row] }, timeoutMs);
  if (answer.kind === 'kept') telemetry.warn('a card could not be changed', { why: answer.why });
}

const undoLabel = (wish: WishTemplate): string =>
  wish.want === 'stopped' ? 'Undo: stop it' : wish.want === 'running' ? 'Undo: start it' : 'Undo';
