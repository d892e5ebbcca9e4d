/** What comes of a press: an answer, a dialog, or a wish on the shelf of its pen. Nothing is done to AWS from here. */
import type { Ask, Card } from '../model/button.ts';
import { named, plain } from '../report/plain.ts';
import { chooseDialog, keepUntilDialog } from '../report/slack-dialogs.ts';
import { undoOf, wished } from '../report/wish-words.ts';
import { type Answering, type Carried, type Reply, whisper } from './answering.ts';
import { type Asking, ask as askOnce, type HeldButtonItem } from './asked.ts';
import { openKey } from './cards.ts';
import { lastDay } from './days.ts';
import { type Person, personOf, whyNotHere, whyNotTheirs } from './permits.ts';
import { callSlack } from './slack-call.ts';
import type { SlackRequest } from './slack-request.ts';

type Press = Extract<SlackRequest, { kind: 'press' }>;

export async function answerPress(press: Press, house: Answering): Promise<Reply> {
  const { memory, at } = house;
  const held = (await memory.read('buttons', press.button, at)) as HeldButtonItem | null;
  if (held === null) return whisper(press, GONE, house);
  const { ask } = held.value.spec;
  const [refusal, person] = await Promise.all([whyNotHere(press, press.channel, house), personOf(press.user, house)]);
  if (refusal !== null) return whisper(press, refusal, house);
  if (typeof person === 'string') return whisper(press, person, house);
  const place = { button: press.button, channel: press.channel, ts: press.messageTs };
  switch (ask.do) {
    case 'why':
      return whisper(press, ask.lines.join('\n'), house);
    case 'wish':
    case 'keep-until': {
      const not = whyNotTheirs(person, ask.owner, await teamsOf(held, house), house.slack);
      if (not !== null) return whisper(press, not, house);
      return ask.do === 'wish' ? wish(press, held, ask, place, house) : keepUntil(press, ask, place, house);
    }
    case 'choose':
      return choose(press, person, held, ask, place, house);
    default:
      return ask satisfies never;
  }
}

export const GONE = 'This button is no longer live: it has been answered, or a day has passed. Ask with /ebb instead.';

type Of<Do extends Ask['do']> = Extract<Ask, { do: Do }>;

async function wish(press: Press, held: HeldButtonItem, about: Of<'wish'>, place: Carried, house: Answering): Promise<Reply> {
  const asking: Asking = { about, wish: by => wished(about.wish, { ...by, why: null }), undo: undoOf(about.wish) };
  const why = await askOnce(press.user, held, place, asking, house);
  return why === null ? null : whisper(press, why, house);
}

const keepUntil = (press: Press, { resource }: Of<'keep-until'>, place: Carried, house: Answering): Promise<Reply> =>
  open(press, keepUntilDialog(named(resource), lastDay(house.zone, house.at), JSON.stringify(place)), house);

/** Only what still waits, and waits for this person. */
async function choose(
  press: Press,
  person: Person,
  held: HeldButtonItem,
  ask: Of<'choose'>,
  place: Carried,
  house: Answering,
): Promise<Reply> {
  const card = (await house.memory.read('cards', held.value.card, house.at))?.value as Card | undefined;
  const teams = card?.team == null ? [] : [card.team];
  const items = [...ask.items.entries()].filter(
    ([, { pen, resource, owner }]) =>
      card?.open.includes(openKey(pen, resource)) && whyNotTheirs(person, owner, teams, house.slack) === null,
  );
  if (items.length === 0)
    return whisper(press, 'None of these waits for you: they are done with, or for their owners or an approver to say.', house);
  return open(
    press,
    chooseDialog(ask.title, ask.wish === 'running' ? 'Start' : 'Approve', items, JSON.stringify({ ...place, openedAt: house.at })),
    house,
  );
}

/** A dialog is opened for whoever pressed, by a ticket that is good for three seconds. */
async function open(press: Press, view: object, house: Answering): Promise<Reply> {
  const answer = await callSlack(house.token, 'views.open', { trigger_id: press.triggerId, view }, house.timeoutMs);
  return answer.kind === 'answered'
    ? null
    : whisper(press, `Slack did not open the dialog (${plain(answer.why, 120)}). Press again.`, house);
}

/** The team in whose channel the message stands. */
export async function teamsOf({ value }: HeldButtonItem, { memory, at }: Answering): Promise<string[]> {
  const card = (await memory.read('cards', value.card, at))?.value as Card | undefined;
  return card?.team == null ? [] : [card.team];
}
