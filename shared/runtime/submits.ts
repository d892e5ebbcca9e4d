/** What comes of a dialog that was filled in: wishes, or complaints beside its inputs while it stays open. */
import type { Ask } from '../model/button.ts';
import { plain, plainList } from '../report/plain.ts';
import { UNTIL, WHICH, WHY } from '../report/slack-dialogs.ts';
import { wished } from '../report/wish-words.ts';
import type { Answering, Carried, Reply } from './answering.ts';
import { type Asking, ask as askOnce, type HeldButtonItem } from './asked.ts';
import { endOfDay, lastDay } from './days.ts';
import { readJson } from './events/common.ts';
import { type Person, personOf, whyNotHere, whyNotTheirs } from './permits.ts';
import { GONE, teamsOf } from './presses.ts';
import type { SlackRequest } from './slack-request.ts';
import { askFor } from './wishes.ts';

type Submit = Extract<SlackRequest, { kind: 'submit' }>;

/** Who may, and where, was asked when the dialog was opened, and is asked again. */
export async function answerSubmit(submit: Submit, house: Answering): Promise<Reply> {
  const place = readJson(submit.carried) as Carried | undefined;
  const held = (await house.memory.read('buttons', place?.button ?? '-', house.at)) as HeldButtonItem | null;
  if (held === null || place === undefined) return complaint(submit, GONE);
  const { ask } = held.value.spec;
  const [refusal, person] = await Promise.all([whyNotHere(submit, place.channel, house), personOf(submit.user, house)]);
  if (refusal !== null) return complaint(submit, refusal);
  if (typeof person === 'string') return complaint(submit, person);
  const mayNot = await permit(person, held, house);
  if (ask.do === 'choose') return chosen(submit, { held, place }, ask, mayNot, house);
  if (ask.do !== 'keep-until') return complaint(submit, GONE);
  const not = mayNot(ask.owner);
  return not === null ? keep(submit, held, ask, place, house) : complaint(submit, not);
}

type Permit = (owner: string | null) => string | null;

async function permit(person: Person, held: HeldButtonItem, house: Answering): Promise<Permit> {
  const teams = await teamsOf(held, house);
  return owner => whyNotTheirs(person, owner, teams, house.slack);
}

/** Under an input of the dialog, which stays open. */
const complaint = ({ values }: Submit, why: string, input = Object.keys(values)[0] ?? UNTIL): Reply => ({
  response_action: 'errors',
  errors: { [input]: plain(why, 300) },
});

type Of<Do extends Ask['do']> = Extract<Ask, { do: Do }>;

async function keep(submit: Submit, held: HeldButtonItem, about: Of<'keep-until'>, place: Carried, house: Answering): Promise<Reply> {
  const until = endOfDay(submit.values[UNTIL]?.[0] ?? '', house.zone, house.at);
  const why = (submit.values[WHY]?.[0] ?? '').trim();
  if (until === null)
    return complaint(submit, `Pick a day from today to ${lastDay(house.zone, house.at)}: nothing is kept for longer than 30 days.`, UNTIL);
  if (why === '') return complaint(submit, 'Say why, for whoever looks later.', WHY);
  const asking: Asking = { about, wish: by => ({ ...by, want: 'keep', until, why: plain(why, 200) }), undo: { want: 'keep', for: 0 } };
  const not = await askOnce(submit.user, held, place, asking, house);
  return not === null ? null : complaint(submit, not);
}

interface Pressed {
  readonly held: HeldButtonItem;
  readonly place: Carried;
}

/** Each of them is a wish of its own, and told twice the same: the button stays for those that were not chosen. */
async function chosen(submit: Submit, { held, place }: Pressed, ask: Of<'choose'>, mayNot: Permit, house: Answering): Promise<Reply> {
  const picked = (submit.values[WHICH] ?? []).flatMap(index => {
    const item = ask.items[Number(index)];
    return item === undefined ? [] : [{ index, item }];
  });
  if (picked.length === 0) return complaint(submit, 'Pick at least one.', WHICH);
  const failed: string[] = [];
  for (const { index, item } of picked) {
    const by = { id: `${held.key}-${index}-${place.openedAt}`, at: house.at, by: submit.user, via: 'slack', why: null } as const;
    const stands =
      mayNot(item.owner) === null &&
      (await askFor(house.records, item.resource.scope, item.pen, item.resource.id, wished(item.wish, by), house.at));
    if (!stands) failed.push(item.label);
  }
  house.telemetry.info('asked in Slack', { user: submit.user, want: ask.wish, resources: picked.map(({ item }) => item.resource.id) });
  return failed.length === 0
    ? null
    : complaint(submit, `Not asked for, since it is not yours to say or somebody asked otherwise: ${plainList(failed)}.`, WHICH);
}
