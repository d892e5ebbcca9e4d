/** What others wrote (names, tags, error texts) is data: it may neither steer a terminal nor forge a line. */
import { stripVTControlCharacters } from 'node:util';
import type { ResourceRef } from '../model/ids.ts';

/** Longest piece of somebody else's text that is shown, in characters. */
const PLAIN_MAX = 80;

/**
 * One line of harmless text: control, bidirectional and invisible characters are gone, white space of any kind is one blank, and what is
 * longer than `max` characters ends in `…`. Text without anything visible becomes `(blank)`, so that its absence shows.
 */
export function plain(text: string, max = PLAIN_MAX): string {
  // A tag value has at most 256 characters, but an error text may be a page.
  const visible = stripVTControlCharacters(text.slice(0, 20 * max))
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .replace(/\p{C}/gu, '')
    .trim();
  const characters = [...visible];
  if (characters.length === 0) return '(blank)';
  return characters.length <= max ? visible : `${characters.slice(0, max - 1).join('')}…`;
}

/** `a, b and 3 more`: a list of somebody's names that stays short. */
export function plainList(texts: readonly string[], most = 4): string {
  const shown = texts.slice(0, most).map(text => plain(text));
  const more = texts.length - shown.length;
  if (more > 0) return `${shown.join(', ')} and ${more} more`;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** `payroll-test (i-0abc…)`: the name as data, and the id, which nobody can forge, always in full after it. */
export function named({ id, name }: Pick<ResourceRef, 'id' | 'name'>): string {
  return name === null || name === id ? plain(id) : `${plain(name, 48)} (${plain(id)})`;
}
