/** How a message is made to fit: its lists are shortened, and say so. */
import type { ButtonSpec } from '../model/button.ts';
import { plain } from './plain.ts';
import { actions, type Block, escaped, paragraph, type Spoken } from './slack-kit.ts';
import { BLOCKS_MAX, CHARACTERS_MAX, size, TEXT_MAX } from './slack-limits.ts';

/** How many entries a list shows: the first of these with which the whole fits. */
const SHOWN = [10, 7, 5, 3, 2, 1];

/** @param blocksWith the blocks, with lists of so many entries at most; the buttons stand above the last of them, which is small print */
export const message = (text: string, blocksWith: (most: number) => Block[], buttons: readonly ButtonSpec[] = []): Spoken =>
  fitted(text, blocksWith, buttons).spoken;

/** The same, with how many entries its lists were given; 0: none at all would fit. */
export function fitted(
  text: string,
  blocksWith: (most: number) => Block[],
  buttons: readonly ButtonSpec[] = [],
): { readonly spoken: Spoken; readonly most: number } {
  const row = actions(buttons);
  for (const most of SHOWN) {
    const blocks = blocksWith(most);
    const whole = blocks.length < 2 ? [...blocks, ...row] : [...blocks.slice(0, -1), ...row, ...blocks.slice(-1)];
    if (fits(whole)) return { spoken: { text: cut(escaped(text)), blocks: whole, buttons }, most };
  }
  return { spoken: { text: cut(escaped(text)), blocks: [paragraph(plain(text, 300)), ...row], buttons }, most: 0 };
}

export const fits = (blocks: readonly Block[]): boolean => blocks.length <= BLOCKS_MAX && size(blocks) <= CHARACTERS_MAX;

const cut = (text: string): string => (text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX - 1)}…`);

export const phrase = (bold: string, rest: string): Block[] => (rest === '' ? [] : [paragraph(bold, `${rest}.`)]);
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** `stop` → `stopped`, `resize 6 → 9` → `resized 6 → 9`. */
export const past = (action: string): string => action.replace(/^[a-z]+/, verb => PAST[verb] ?? verb).replace(/, untag /, ', untagged ');
const PAST: Readonly<Record<string, string>> = {
  stop: 'stopped',
  hibernate: 'hibernated',
  start: 'started',
  resize: 'resized',
  change: 'changed',
  pause: 'paused',
  resume: 'resumed',
  tag: 'tagged',
  untag: 'untagged',
};
