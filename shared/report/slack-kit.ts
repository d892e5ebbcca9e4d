/**
 * The few Block Kit blocks that we use, built so that Slack takes what somebody else wrote literally: `plain_text` and `rich_text` are not
 * parsed at all, and `mrkdwn` (for the labels of fields) is escaped. Shapes: docs.slack.dev/reference/block-kit/blocks.
 */
import type { ButtonSpec } from '../model/button.ts';
import { plain } from './plain.ts';

/** What is sent. `text` is what notifications and screen readers get. */
export interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly Block[];
}

/** A message and what its buttons stand for: the `value` of each is its index here, until it is given an id of its own. */
export interface Spoken extends SlackMessage {
  readonly buttons: readonly ButtonSpec[];
}

export type Block = Header | Fields | RichText | Context | Actions | { readonly type: 'divider' };

export interface Header {
  readonly type: 'header';
  readonly text: PlainText;
}
export interface Fields {
  readonly type: 'section';
  readonly fields: readonly { readonly type: 'mrkdwn'; readonly text: string }[];
}
export interface Context {
  readonly type: 'context';
  readonly block_id?: string;
  readonly elements: readonly PlainText[];
}
export interface RichText {
  readonly type: 'rich_text';
  readonly elements: readonly (RichSection | RichList)[];
}
export interface RichSection {
  readonly type: 'rich_text_section';
  readonly elements: readonly Span[];
}
export interface RichList {
  readonly type: 'rich_text_list';
  readonly style: 'bullet';
  readonly indent?: number;
  readonly elements: readonly RichSection[];
}
export type Span = TextSpan | Mention;
export interface TextSpan {
  readonly type: 'text';
  readonly text: string;
  readonly style?: { readonly bold?: true; readonly code?: true };
}
/** Only of a user id that Slack itself has told us: nothing that others wrote ever becomes one. */
export interface Mention {
  readonly type: 'user';
  readonly user_id: string;
}
export interface Actions {
  readonly type: 'actions';
  readonly elements: readonly Button[];
}
export interface Button {
  readonly type: 'button';
  readonly text: PlainText;
  readonly action_id: string;
  readonly value: string;
  readonly style?: 'primary' | 'danger';
  readonly confirm?: { readonly title: PlainText; readonly text: PlainText; readonly confirm: PlainText; readonly deny: PlainText };
}
export interface PlainText {
  readonly type: 'plain_text';
  readonly text: string;
}

export const header = (text: string): Header => ({ type: 'header', text: words(text, 150) });

/** Two columns of `label` over `value`. */
export const fields = (pairs: readonly (readonly [label: string, value: string])[]): Fields => ({
  type: 'section',
  fields: pairs.slice(0, 10).map(([label, value]) => ({ type: 'mrkdwn', text: `*${escaped(label)}*\n${escaped(value)}` })),
});

/** Small print: one element, so that it reads as a paragraph. */
export const context = (text: string): Context => ({ type: 'context', elements: [words(text, 2_000)] });

/** A row of buttons; none at all where there is nothing to press. */
export function actions(buttons: readonly ButtonSpec[]): Actions[] {
  if (buttons.length === 0) return [];
  return [{ type: 'actions', elements: buttons.map(button) }];
}

/** Who may press, above the buttons and gone with them. */
export const whoMay = (text: string): Context => ({ ...context(text), block_id: WHO_MAY });

const WHO_MAY = 'who-may';

/** For whom nobody can take a button away again, or where there is nothing more to press. */
export const withoutActions = (blocks: readonly Block[]): Block[] =>
  blocks.filter(block => block.type !== 'actions' && !(block.type === 'context' && block.block_id === WHO_MAY));

const button = ({ label, style, confirm }: ButtonSpec, index: number): Button => ({
  type: 'button',
  text: words(label, 75),
  action_id: `press-${index}`,
  value: String(index),
  ...(style !== undefined && { style }),
  ...(confirm !== undefined && {
    confirm: { title: words(label, 100), text: words(confirm, 300), confirm: words('Yes', 30), deny: words('No', 30) },
  }),
});

/** `plain_text`, which Slack shows as it is written. */
export const words = (text: string, most: number): PlainText => ({ type: 'plain_text', text: clip(text, most) });

/** Small print that begins with who did something: `@somebody` and what follows. */
export const deed = (user: string, rest: string): RichText => ({
  type: 'rich_text',
  elements: [
    {
      type: 'rich_text_section',
      elements: [
        { type: 'user', user_id: user },
        { type: 'text', text: clip(` ${rest}`, 1_000) },
      ],
    },
  ],
});

export const divider = { type: 'divider' } as const;

/** A paragraph, its first words bold. */
export const paragraph = (bold: string, rest = ''): RichText => ({ type: 'rich_text', elements: [line(bold, rest)] });

/** A heading above a list that says how much it leaves out. */
export function list(heading: string, items: readonly (readonly [bold: string, rest: string])[], most: number): RichText {
  const more = items.length - most;
  const shown = items.slice(0, most).map(([bold, rest]) => line(bold, rest));
  const rest = more > 0 ? [line('', `and ${more} more`)] : [];
  return { type: 'rich_text', elements: [line(heading), { type: 'rich_text_list', style: 'bullet', elements: [...shown, ...rest] }] };
}

function line(bold: string, rest = ''): RichSection {
  const spans: TextSpan[] = [];
  if (bold !== '') spans.push({ type: 'text', text: clip(bold, 300), style: { bold: true } });
  if (rest !== '') spans.push({ type: 'text', text: clip(rest, 1_000) });
  return { type: 'rich_text_section', elements: spans };
}

/** For `mrkdwn` and the top-level `text`: what could begin a mention, a link or formatting is made harmless. */
export function escaped(text: string): string {
  const flat = plain(text, 3_000).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  // There is no escape for these in mrkdwn; a word joiner beside them keeps them from pairing up.
  return flat.replace(/[*_~`]/g, mark => `${mark}\u2060`);
}

/** Cuts at a limit of Slack's, which counts UTF-16 units, without cutting a character in two. */
function clip(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
