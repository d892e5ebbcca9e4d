/** People who answer: they press what a message shows, fill in its dialog, say `/ebb …`, or use the command; and they see what is answered. */
import { addSeconds, HOUR, type Instant, MINUTE } from '../../shared/model/time.ts';
import type { Cloud } from '../cloud.ts';
import type { Shown } from '../faults/slack.ts';
import type { Json, SlackEvent, VirtualSlack } from '../slack/slack.ts';
import type { Invocation } from '../stage/lambda.ts';
import type { Button, Deed, Spoken } from '../swarm/plot.ts';
import { APPROVER } from '../swarm/rules.ts';

export type Wanted = 'running' | 'stopped' | 'keep' | 'snooze' | 'approve' | 'tags' | 'why';

/** What somebody asked for, and what they could see came of it. */
export interface Answer {
  readonly deed: string;
  readonly at: Instant;
  /** When it had been answered. */
  readonly ended: Instant;
  /** A Slack user id; whoever uses the command is `COMMANDER`. */
  readonly by: string;
  /** The instance, or what else a tag was offered for. */
  readonly box: string;
  readonly wants: Wanted;
  /** Of keep and snooze: until when at least; what is not after `at` takes back. */
  readonly until: Instant | null;
  /** Whether it is theirs to say. */
  readonly may: boolean;
  /** `unsure`: nothing was heard, or something that may not be all. */
  readonly heard: 'accepted' | 'refused' | 'unsure';
  readonly words: string;
  /** Its label; `null` where it was asked for in words. */
  readonly button: string | null;
  /** Whether it is the very press or command of before, once more: of a button that was pressed already, too. */
  readonly again: boolean;
}

export const COMMANDER = 'arn:aws:sts::123456789012:assumed-role/people/somebody';

export interface Ears {
  readonly cloud: Cloud;
  readonly slack: VirtualSlack;
  readonly shown: readonly Shown[];
  /** Instance ids by the names of the plot. */
  readonly ids: ReadonlyMap<string, string>;
  /** A request to the function URL. */
  request(event: SlackEvent): Promise<Invocation>;
  /** @returns whether it was surely asked for: what is so already, or on its way, may only be noted. @throws whatever the command ends with: a refusal, too. */
  ask(id: string, words: Spoken, where: 'rung' | 'here'): Promise<boolean>;
  /** What a button is about, as it lies in the tables; `null`: no such button, or one of several. */
  about(button: string): Promise<string | null>;
  /** Buttons that did at once what they say. */
  readonly pressed: Set<string>;
  /** How many faults have been met so far that may keep an answer from being heard. */
  muffled(): number;
}

/** Slack user ids of those who own things, by their addresses. */
export const OWNERS: ReadonlyMap<string, string> = new Map([
  ['payroll@example.com', 'U0PAYROLL0'],
  ['checkout@example.com', 'U0CHECKOUT'],
]);
const [STRANGER, ANYBODY] = ['U0STRANGER0', 'U0ANYBODY00'];

/** Everybody who may be met there. */
export function fillWorkspace(slack: VirtualSlack): void {
  for (const [email, user] of OWNERS) slack.users.set(user, email);
  for (const user of [STRANGER, ANYBODY, APPROVER]) slack.users.set(user, `${user.toLowerCase()}@example.com`);
}

type Of<Does extends Deed['does']> = Extract<Deed, { does: Does }>;
type Said = Pick<Answer, 'heard' | 'words'>;
type Asked = Pick<Answer, 'box' | 'wants' | 'until'>;

/** One way of asking, that can be gone once more. */
export type Way = () => Promise<readonly Answer[]>;

/** `null`: no message shows such a button. Pressed once more it is pressed on the message as it was. */
export async function pressing(deed: Of<'presses'>, ears: Ears): Promise<Way | null> {
  const found = await findButton(deed, ears);
  return found === null ? null : () => press(deed.id, found, ears);
}

async function press(deed: string, { button, user }: Found, ears: Ears): Promise<Answer[]> {
  const { cloud, slack } = ears;
  const at = cloud.now();
  const opened = slack.dialogs.length;
  const said = await say(ears, slack.press(user, button.label, { ...button.on.message, blocks: button.blocks }));
  const dialog = slack.dialogs.length > opened ? slack.dialogs.at(-1) : undefined;
  const [answered, asked] = dialog === undefined ? [said, asksFor(button, at)] : await fillIn(dialog, button, user, ears);
  const again = ears.pressed.has(button.value);
  if (dialog === undefined && answered.heard !== 'refused') ears.pressed.add(button.value);
  return asked.map(one => ({ ...answer(deed, at, user, one, answered, ears), button: button.label, again }));
}

interface Found {
  readonly button: FoundButton;
  readonly user: string;
}

interface FoundButton {
  readonly on: Shown;
  /** Of the message, as whoever presses sees it. */
  readonly blocks: readonly Json[];
  readonly label: string;
  /** Its id on the shelf of buttons. */
  readonly value: string;
  readonly box: string | null;
}

async function findButton({ button, message, by }: Of<'presses'>, ears: Ears): Promise<Found | null> {
  const order = message === 'newest' ? ears.shown.toReversed() : ears.shown;
  for (const on of order) {
    const blocks = message === 'stale' ? on.first : on.message.blocks;
    for (const { label, value } of buttonsIn(blocks)) {
      if (!label.startsWith(button)) continue;
      const box = await ears.about(value);
      return { button: { on, blocks, label, value, box }, user: userFor(by, box, ears) };
    }
  }
  return null;
}

const buttonsIn = (blocks: readonly Json[]): { readonly label: string; readonly value: string }[] =>
  blocks
    .filter(({ type }) => type === 'actions')
    .flatMap(({ elements }) => elements as Json[])
    .map(({ text, value }) => ({ label: (text as { text: string }).text, value: String(value) }));

/** `owner`: whoever that is. */
function userFor(by: 'owner' | 'approver' | 'stranger', box: string | null, { cloud }: Ears): string {
  if (by !== 'owner') return by === 'approver' ? APPROVER : STRANGER;
  const owner = box === null ? undefined : ownerOf(box, cloud);
  return (owner === undefined ? undefined : OWNERS.get(owner)) ?? ANYBODY;
}

const ownerOf = (id: string, cloud: Cloud): string | undefined =>
  id.startsWith('i-') ? cloud.instance(id).tags.get('ebb:owner') : cloud.tagsOf(id)['ebb:owner'];

function asksFor({ label, box }: FoundButton, at: Instant): Asked[] {
  if (box === null) return [];
  const [, wants, seconds] = MEANT.find(([begins]) => label.startsWith(begins)) ?? never(label);
  // Of what is no instance only its tags can be asked for.
  if (wants !== 'tags' && !box.startsWith('i-')) return [];
  return [{ box, wants, until: seconds === null ? null : addSeconds(at, seconds) }];
}

function never(label: string): never {
  throw new Error(`nobody knows what "${label}" promises`);
}

/** What the words on a button promise to whoever presses it. */
const MEANT: readonly (readonly [begins: string, Wanted, number | null])[] = [
  ['Undo: start', 'running', null],
  ['Undo: stop', 'stopped', null],
  ['Undo', 'keep', 0],
  ['Start', 'running', null],
  ['Stop', 'stopped', null],
  ['Snooze 2 h', 'snooze', 2 * HOUR],
  ['Snooze', 'snooze', 7 * 24 * HOUR],
  ['Keep', 'keep', 24 * HOUR],
  ['Approve', 'approve', null],
  ['Set', 'tags', null],
  ['Why', 'why', null],
] satisfies readonly (readonly [Button | string, Wanted, number | null])[];

/** Twenty seconds later; of several everything is picked, and a day is one that is surely over a day away. */
async function fillIn(dialog: Json, button: FoundButton, user: string, ears: Ears): Promise<readonly [Said, Asked[]]> {
  const { cloud, slack, ids } = ears;
  const inputs = (dialog['blocks'] as Json[]).filter(({ type }) => type === 'input');
  const options = inputs.flatMap(({ element }) => ((element as Json)['options'] as { text: { text: string }; value: string }[]) ?? []);
  const day = addSeconds(cloud.now(), 3 * 24 * HOUR).slice(0, 10);
  const values: Record<string, Json> = {};
  for (const { block_id } of inputs)
    values[String(block_id)] =
      block_id === 'which' ? { selected_options: options } : block_id === 'until' ? { selected_date: day } : { value: 'load test' };
  const said = await say(ears, slack.submit(user, values));
  const at = cloud.now();
  if (options.length === 0) return [said, asksFor({ ...button, label: 'Keep' }, at)];
  const wants = button.label.startsWith('Start') ? 'running' : 'approve';
  // Of several some may be somebody else's to say.
  const some: Said = said.words.startsWith('Not asked for') ? { ...said, heard: 'unsure' } : said;
  return [some, options.flatMap(({ text }) => ids.get(text.text) ?? []).map(box => ({ box, wants, until: null }))];
}

export function commanding({ id, box, words, by }: Of<'commands'>, ears: Ears): Way {
  return () =>
    ofBox(box, ears, async instance => {
      const { verb, minutes } = words;
      const at = ears.cloud.now();
      const user = userFor(by, instance, ears);
      const length = verb === 'snooze' || verb === 'keep' ? ` for ${minutes}m${verb === 'keep' ? ' load test' : ''}` : '';
      const said = await say(ears, ears.slack.command(user, `${verb} ${box}${length}`));
      return answer(id, at, user, { box: instance, ...meaning(words, at) }, said, ears);
    });
}

/** In a terminal: whoever may use the tables may ask. */
export function asking({ id, box, words, where }: Of<'asks'>, ears: Ears): Way {
  return () =>
    ofBox(box, ears, async instance => {
      const [at, faults] = [ears.cloud.now(), ears.muffled()];
      const said = await ears.ask(instance, words, where).then(
        (stands): Said => ({ heard: ears.muffled() === faults && stands ? 'accepted' : 'unsure', words: '' }),
        (error: Error): Said => ({ heard: error.name === 'Refusal' ? 'refused' : 'unsure', words: error.message }),
      );
      return { ...answer(id, at, COMMANDER, { box: instance, ...meaning(words, at) }, said, ears), may: true };
    });
}

/** Nobody asks for what is not there. */
async function ofBox(box: string, { ids }: Ears, ask: (id: string) => Promise<Answer>): Promise<Answer[]> {
  const id = ids.get(box);
  return id === undefined ? [] : [await ask(id)];
}

const VERBS = { start: 'running', stop: 'stopped', snooze: 'snooze', keep: 'keep', why: 'why' } as const;

const meaning = ({ verb, minutes }: Spoken, at: Instant): Pick<Answer, 'wants' | 'until'> => ({
  wants: VERBS[verb],
  until: verb === 'snooze' || verb === 'keep' ? addSeconds(at, minutes * MINUTE) : null,
});

/** What comes back to whoever asked: an answer of its own, a whisper, complaints in a dialog, nothing at all. */
async function say({ slack, request, muffled }: Ears, event: SlackEvent): Promise<Said> {
  const [whispers, faults] = [slack.whispers.length, muffled()];
  const { outcome, answer } = await request(event);
  const { statusCode, body = '' } = (answer ?? {}) as { statusCode?: number; body?: string };
  if (outcome !== 'answered' || statusCode !== 200) return { heard: 'unsure', words: String(statusCode ?? 'it failed') };
  const whisper = slack.whispers.slice(whispers).at(-1)?.text;
  if (whisper !== undefined) return { heard: 'refused', words: whisper };
  const { text, errors } = (body === '' ? {} : JSON.parse(body)) as { text?: string; errors?: Readonly<Record<string, string>> };
  if (errors !== undefined) return { heard: 'refused', words: Object.values(errors).join(' ') };
  if (text !== undefined) return { heard: text.startsWith('Noted') ? 'accepted' : 'refused', words: text };
  return { heard: muffled() > faults ? 'unsure' : 'accepted', words: '' };
}

function answer(deed: string, at: Instant, by: string, asked: Asked, said: Said, { cloud }: Ears): Answer {
  const owner = ownerOf(asked.box, cloud);
  const may = owner === undefined || by === APPROVER || OWNERS.get(owner) === by;
  return { deed, at, ended: cloud.now(), by, ...asked, may, ...said, button: null, again: false };
}
