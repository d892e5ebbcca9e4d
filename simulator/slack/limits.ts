/**
 * What Slack refuses, by its documentation: docs.slack.dev/reference/block-kit, …/methods/chat.postMessage, …/methods/views.open. Written
 * without a look at our own limits, which are lower. Not documented, and seen by others: `msg_blocks_too_long` somewhere near 13,200
 * characters of blocks (github.com/slackapi/bolt-js/issues/2509).
 */
type Json = Readonly<Record<string, unknown>>;

const BLOCKS_TOO_LONG = 13_200;

/** Slack's error code; `null`: it takes the message. */
export function refusalOf({ text, blocks }: Json): string | null {
  if (blocks === undefined && (typeof text !== 'string' || text === '')) return 'no_text';
  if (typeof text === 'string' && text.length > 40_000) return 'msg_too_long';
  if (blocks === undefined) return null;
  if (!Array.isArray(blocks)) return 'invalid_blocks_format';
  if (blocks.length > 50) return 'invalid_blocks';
  if (JSON.stringify(blocks).length > BLOCKS_TOO_LONG) return 'msg_blocks_too_long';
  return blocks.every(isBlock) && haveOwnIds(blocks) ? null : 'invalid_blocks';
}

/** The same of a dialog. */
export function refusalOfView(view: Json): string | null {
  const { type, title, submit, close, blocks, private_metadata: carried } = view;
  const fits = type === 'modal' && isText(title, 24) && isText(submit, 24) && isText(close, 24);
  const held = typeof carried === 'string' && carried.length <= 3_000;
  return fits && held && Array.isArray(blocks) && blocks.length <= 100 && blocks.every(isBlock) ? null : 'invalid_arguments';
}

function isBlock(block: Json): boolean {
  switch (block['type']) {
    case 'header':
      return isText(block['text'], 150);
    case 'section':
      return isSection(block);
    case 'context':
      return isList(block['elements'], 10, element => isText(element, 3_000) || isText(element, 3_000, 'mrkdwn'));
    case 'rich_text':
      return isList(block['elements'], Number.POSITIVE_INFINITY, isRich);
    case 'actions':
      return isList(block['elements'], 25, isButton);
    case 'input':
      return isText(block['label'], 2_000) && isInput(block['element'] as Json);
    default:
      return block['type'] === 'divider';
  }
}

function isSection({ text, fields }: Json): boolean {
  if (text === undefined && fields === undefined) return false;
  const hasText = text === undefined || isText(text, 3_000) || isText(text, 3_000, 'mrkdwn');
  return hasText && (fields === undefined || isList(fields, 10, field => isText(field, 2_000, 'mrkdwn') || isText(field, 2_000)));
}

function isRich(element: Json): boolean {
  if (element['type'] === 'rich_text_list') return isList(element['elements'], Number.POSITIVE_INFINITY, isRich);
  return element['type'] === 'rich_text_section' && isList(element['elements'], Number.POSITIVE_INFINITY, isSpan);
}

function isSpan(span: Json): boolean {
  if (span['type'] === 'user') return /^[UW][A-Z0-9]+$/.test(String(span['user_id']));
  return span['type'] === 'text' && isLong(span['text'], 1, Number.POSITIVE_INFINITY);
}

const STYLES: readonly unknown[] = [undefined, 'primary', 'danger'];

function isButton({ type, text, action_id: id, value, url, style, confirm }: Json): boolean {
  if (type !== 'button' || !isText(text, 75) || !STYLES.includes(style)) return false;
  const known = id === undefined || isLong(id, 1, 255);
  const carries = (value === undefined || isLong(value, 0, 2_000)) && (url === undefined || isLong(url, 1, 3_000));
  return known && carries && (confirm === undefined || isConfirm(confirm as Json));
}

const isConfirm = ({ title, text, confirm, deny }: Json): boolean =>
  isText(title, 100) && (isText(text, 300) || isText(text, 300, 'mrkdwn')) && isText(confirm, 30) && isText(deny, 30);

function isInput(element: Json): boolean {
  const { type, options, max_length: most, initial_date: day } = element;
  if (type === 'multi_static_select' || type === 'static_select') return isList(options, 100, isOption);
  if (type === 'plain_text_input') return most === undefined || (Number(most) >= 1 && Number(most) <= 3_000);
  return type === 'datepicker' && (day === undefined || /^\d{4}-\d\d-\d\d$/.test(String(day)));
}

const isOption = ({ text, value }: Json): boolean => isText(text, 75) && isLong(value, 1, 150);

/** Within one block each action has an id of its own. */
const haveOwnIds = (blocks: readonly Json[]): boolean =>
  blocks.every(({ elements }) => {
    const ids = Array.isArray(elements) ? elements.flatMap(element => (element as Json)['action_id'] ?? []) : [];
    return new Set(ids).size === ids.length;
  });

const isText = (value: unknown, most: number, type = 'plain_text'): boolean => {
  const { type: kind, text } = (value ?? {}) as Json;
  return kind === type && isLong(text, 1, most);
};
const isLong = (value: unknown, least: number, most: number): boolean =>
  typeof value === 'string' && value.length >= least && value.length <= most;
const isList = (value: unknown, most: number, holds: (element: Json) => boolean): boolean =>
  Array.isArray(value) && value.length >= 1 && value.length <= most && value.every(element => holds(element as Json));
