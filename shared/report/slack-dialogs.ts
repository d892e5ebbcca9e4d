/** Dialogs: what a button alone cannot ask. Shapes: docs.slack.dev/reference/views/modal-views. */
import type { Choice } from '../model/button.ts';
import { type PlainText, words } from './slack-kit.ts';

export interface Dialog {
  readonly type: 'modal';
  readonly title: PlainText;
  readonly submit: PlainText;
  readonly close: PlainText;
  /** What comes back with the answers: at most 3,000 characters. */
  readonly private_metadata: string;
  readonly blocks: readonly object[];
}

/** Names of the inputs: answers come back under them, and so do complaints. */
export const UNTIL = 'until';
export const WHY = 'why';
export const WHICH = 'which';

const WHY_MAX = 200;

/** @param last the last day that may be picked, as `2025-06-13` */
export function keepUntilDialog(name: string, last: string, carried: string): Dialog {
  return dialog('Keep until…', 'Keep', carried, [
    paragraph(`${name} is left running until the end of that day, ${last} at most. Whoever looks later will see the reason.`),
    input(UNTIL, 'Until the end of', { type: 'datepicker', action_id: UNTIL }),
    input(WHY, 'Why', { type: 'plain_text_input', action_id: WHY, max_length: WHY_MAX }),
  ]);
}

/** @param items with their places in the button's own list, since those that are done with are not shown */
export function chooseDialog(
  title: string,
  submit: string,
  items: readonly (readonly [index: number, choice: Choice])[],
  carried: string,
): Dialog {
  const options = items.slice(0, 100).map(([index, { label }]) => ({ text: words(label, 75), value: String(index) }));
  return dialog(title, submit, carried, [input(WHICH, 'Which', { type: 'multi_static_select', action_id: WHICH, options })]);
}

const dialog = (title: string, submit: string, carried: string, blocks: readonly object[]): Dialog => ({
  ...{ type: 'modal', title: words(title, 24), submit: words(submit, 24), close: words('Cancel', 24) },
  ...{ private_metadata: carried, blocks },
});

const paragraph = (text: string): object => ({ type: 'section', text: words(text, 3_000) });
const input = (name: string, label: string, element: object): object => ({
  type: 'input',
  block_id: name,
  label: words(label, 2_000),
  element,
});
