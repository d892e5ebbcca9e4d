/** Elements made of values: whatever somebody wrote into a name or a tag becomes a text node, and never markup. */

type Attribute = string | number | boolean | null;
type Props = Readonly<Record<string, Attribute | ((event: Event) => void)>>;
export type Child = Node | string | null;

/** `h('button', { type: 'button', onclick: … }, 'Next')`; an attribute that is null or false is left out, true is empty. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  props: Props = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === 'function') element.addEventListener(name.replace(/^on/, ''), value);
    else if (value !== null && value !== false) element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter(child => child !== null));
  return element;
}

/** For screen readers alone. */
export const unseen = (text: string): HTMLElement => h('span', { class: 'unseen' }, text);

/** A section with its heading, and a name that landmarks are listed by. */
export function section(id: string, heading: string, ...children: readonly Child[]): HTMLElement {
  return h('section', { id, 'aria-labelledby': `${id}-heading` }, h('h2', { id: `${id}-heading` }, heading), ...children);
}

/** Hands a text to the browser as a file. */
export function download(name: string, text: string, type: string): void {
  // A byte order mark, without which Excel takes UTF-8 for something else.
  const url = URL.createObjectURL(new Blob(['\ufeff', text], { type: `${type};charset=utf-8` }));
  const link = h('a', { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
