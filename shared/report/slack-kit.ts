/**
 * The few Block Kit blocks that we use, built so that Slack takes what somebody else wrote literally: `plain_text` and `rich_text` are not
 * parsed at all, and `mrkdwn` (for the labels of fields) is escaped. Shapes: docs.slack.dev/reference/block-kit/blocks.
 */
import { plain } from './plain.ts';

/** What is sent. `text` is what notifications and screen readers get. */
export interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly Block[];
}

export type Block = Header | Fields | RichText | Context | { readonly type: 'divider' };

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
export interface Span {
  readonly type: 'text';
  readonly text: string;
  readonly style?: { readonly bold?: true; readonly code?: true };
}
interface PlainText {
  readonly type: 'plain_text';
  readonly text: string;
}

export const header = (text: string): Header => ({ type: 'header', text: { type: 'plain_text', text: clip(text, 150) } });

/** Two columns of `label` over `value`. */
export const fields = (pairs: readonly (readonly [label: string, value: string])[]): Fields => ({
  type: 'section',
  fields: pairs.slice(0, 10).map(([label, value]) => ({ type: 'mrkdwn', text: `*${escaped(label)}*\n${escaped(value)}` })),
});

/** Small print: one element, so that it reads as a paragraph. */
export const context = (text: string): Context => ({ type: 'context', elements: [{ type: 'plain_text', text: clip(text, 2_000) }] });

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
  const spans: Span[] = [];
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
