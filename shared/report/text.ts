/** Plain text for terminals: wrapped, aligned, with a little colour where somebody looks. */
import { stripVTControlCharacters, styleText } from 'node:util';

/** Columns that a page of text uses unless the terminal is asked. */
export const PAGE_WIDTH = 100;

export type Paint = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

/** Coloured only where standard output is a terminal and `NO_COLOR` is not set (Node's own rules). */
export const paint = (how: Paint, text: string): string => styleText(how, text);

/** Breaks at blanks (but not before a `%`) so that no line passes `width`; the first line begins with `first`, those after it with `indent`, which both count. */
export function wrap(text: string, width = PAGE_WIDTH, indent = '', first = ''): string {
  const lines: string[] = [];
  let line = first;
  let words = 0;
  for (const word of text.split(/ (?!%)/)) {
    if (words > 0 && visibleWidth(line) + 1 + visibleWidth(word) > width) {
      lines.push(line);
      line = indent;
      words = 0;
    }
    line += words === 0 ? word : ` ${word}`;
    words++;
  }
  return [...lines, line].join('\n');
}

/** A paragraph that is indented as a whole. */
export const block = (text: string, indent: string, width = PAGE_WIDTH): string => wrap(text, width, indent, indent);

/** Rows of cells in aligned columns, two blanks apart. `right` names the columns of numbers; the last column is never padded. */
export function table(rows: readonly (readonly string[])[], { right = [] as readonly number[], indent = '' } = {}): string {
  const columns = Math.max(0, ...rows.map(row => row.length));
  const widths = Array.from({ length: columns }, (_, i) => Math.max(...rows.map(row => visibleWidth(row[i] ?? ''))));
  const line = (row: readonly string[]) => row.map((cell, i) => pad(cell, widths[i] ?? 0, right.includes(i))).join('  ');
  return rows.map(row => (indent + line(row)).trimEnd()).join('\n');
}

/** A heading above what belongs to it; nothing at all when there is nothing. */
export const section = (heading: string, ...body: readonly string[]): string[] => {
  const lines = body.filter(text => text !== '');
  return lines.length === 0 ? [] : [`${paint('bold', heading)}\n${lines.join('\n')}`];
};

function pad(cell: string, width: number, right: boolean): string {
  const blanks = ' '.repeat(Math.max(0, width - visibleWidth(cell)));
  return right ? blanks + cell : cell + blanks;
}

const visibleWidth = (text: string): number => [...stripVTControlCharacters(text)].length;
