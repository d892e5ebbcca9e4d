/** Slack's limits: the documented ones, and our own lower ones for what it refuses without documenting it. */
import type { Block, Button, SlackMessage } from './slack-kit.ts';

/**
 * Slack documents 50 blocks a message, yet answers `msg_blocks_too_long` somewhere above 11,000 characters of blocks
 * (github.com/slackapi/bolt-js/issues/2509), so we stay well below both.
 */
export const BLOCKS_MAX = 40;
export const CHARACTERS_MAX = 9_000;
/** Slack cuts longer top-level texts off at 40,000 and advises 4,000; a notification needs no more than this. */
export const TEXT_MAX = 3_000;

/** Counted as they are sent: the length of the JSON of the blocks, which is the strictest reading of the limit. */
export const size = (blocks: readonly Block[]): number => JSON.stringify(blocks).length;

/** @throws RangeError naming the first limit that is passed. */
export function assertSlackLimits({ text, blocks }: SlackMessage): void {
  must(text.length > 0 && text.length <= TEXT_MAX, `text has ${text.length} characters`);
  must(blocks.length <= BLOCKS_MAX, `${blocks.length} blocks`);
  must(size(blocks) <= CHARACTERS_MAX, `${size(blocks)} characters of blocks`);
  for (const block of blocks) assertBlock(block);
}

function assertBlock(block: Block): void {
  if (block.type === 'header') lengthWithin('a header', block.text.text, 150);
  if (block.type === 'section') {
    must(block.fields.length >= 1 && block.fields.length <= 10, `a section with ${block.fields.length} fields`);
    for (const field of block.fields) lengthWithin('a field', field.text, 2_000);
  }
  if (block.type === 'context') {
    must(block.elements.length >= 1 && block.elements.length <= 10, `a context with ${block.elements.length} elements`);
    for (const element of block.elements) lengthWithin('a context', element.text, 3_000);
  }
  if (block.type === 'rich_text') {
    for (const line of block.elements.flatMap(part => (part.type === 'rich_text_list' ? part.elements : [part]))) {
      must(line.elements.length > 0, 'an empty line');
      for (const span of line.elements) if (span.type === 'text') lengthWithin('a span', span.text, 3_000);
    }
  }
  if (block.type === 'actions') {
    must(block.elements.length >= 1 && block.elements.length <= 25, `a row of ${block.elements.length} buttons`);
    for (const button of block.elements) assertButton(button);
  }
}

function assertButton({ text, action_id, value, confirm }: Button): void {
  lengthWithin('a button', text.text, 75);
  lengthWithin('an action_id', action_id, 255);
  lengthWithin('a value', value, 2_000);
  if (confirm === undefined) return;
  lengthWithin('the title of a question', confirm.title.text, 100);
  lengthWithin('a question', confirm.text.text, 300);
}

function lengthWithin(what: string, text: string, most: number): void {
  must(text.length >= 1 && text.length <= most, `${what} of ${text.length} characters, where 1 to ${most} are allowed`);
}

function must(holds: boolean, otherwise: string): void {
  if (!holds) throw new RangeError(`Slack would refuse this message: ${otherwise}`);
}
