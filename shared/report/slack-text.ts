/** The Slack message as it would read, in a terminal. */
import type { Block, RichList, RichSection, SlackMessage } from './slack-kit.ts';
import { block as indented, PAGE_WIDTH, paint, table, wrap } from './text.ts';

export function renderSlackText({ blocks, text }: SlackMessage, { width = PAGE_WIDTH } = {}): string {
  if (blocks.length === 0) return `${wrap(readable(text), width)}\n`;
  return `${blocks.map(block => blockText(block, width)).join('\n\n')}\n`;
}

function blockText(block: Block, width: number): string {
  switch (block.type) {
    case 'header':
      return paint('bold', `${block.text.text}\n${'─'.repeat(Math.min(width, [...block.text.text].length))}`);
    case 'section':
      return columns(block.fields.map(field => readable(field.text)));
    case 'context':
      return block.elements.map(element => paint('dim', wrap(element.text, width))).join('\n');
    case 'rich_text':
      return block.elements.map(part => (part.type === 'rich_text_list' ? listText(part, width) : wrap(lineText(part), width))).join('\n');
    case 'actions':
      return block.elements.map(({ text, style }) => paint(style === 'danger' ? 'red' : 'bold', `[ ${text.text} ]`)).join('  ');
    case 'divider':
      return paint('dim', '─'.repeat(width));
    default:
      return block satisfies never;
  }
}

/** Fields stand in two columns, each a bold label over its value. */
function columns(cells: readonly string[]): string {
  const rows: string[][] = [];
  for (let i = 0; i < cells.length; i += 2) {
    const [left, right] = [cells[i] ?? '', cells[i + 1] ?? ''].map(cell => cell.split('\n'));
    rows.push([paint('bold', left?.[0] ?? ''), paint('bold', right?.[0] ?? '')], [left?.[1] ?? '', right?.[1] ?? '']);
  }
  return table(rows.map(([left = '', right = '']) => [left, '', right]));
}

const listText = (list: RichList, width: number): string =>
  list.elements.map(line => indented(lineText(line), '    ', width).replace(/^ {4}/, '  • ')).join('\n');

const lineText = ({ elements }: RichSection): string =>
  elements
    .map(span => (span.type === 'user' ? `@${span.user_id}` : span.style?.bold === true ? paint('bold', span.text) : span.text))
    .join('');

/** Undoes what keeps `mrkdwn` from being read as more than text. */
const readable = (mrkdwn: string): string =>
  mrkdwn
    .replace(/^\*(.*)\*$/m, '$1')
    .replaceAll('\u2060', '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
