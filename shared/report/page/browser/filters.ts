/** Narrows everything below to a team, a policy, an account, an owner or a kind of saving. */
import { DIMENSIONS, type Dimension } from '../data.ts';
import { h } from './dom.ts';
import { nameOf, TITLES, type View } from './view.ts';

export function filters(view: View): HTMLElement | null {
  const { data, only } = view;
  const worthChoosing = DIMENSIONS.filter(dimension => data.names[dimension].length > 1);
  if (worthChoosing.length === 0) return null;
  const clear = h('button', { type: 'button', class: 'quiet' }, 'Show all');
  const says = h('p', { class: 'where', role: 'status' });
  const selects = worthChoosing.map(dimension => ({ dimension, select: selectOf(view, dimension) }));
  for (const { dimension, select } of selects) {
    select.addEventListener('change', () => {
      if (select.value === '') only.delete(dimension);
      else only.set(dimension, Number(select.value));
      view.changed();
    });
  }
  clear.addEventListener('click', () => {
    only.clear();
    view.changed();
  });
  view.watch(() => {
    for (const { dimension, select } of selects) select.value = String(only.get(dimension) ?? '');
    clear.disabled = only.size === 0;
    const narrowed = [...only].map(([dimension, name]) => `${TITLES[dimension].toLowerCase()} ${nameOf(data, dimension, name)}`);
    says.textContent = narrowed.length === 0 ? '' : `Everything below shows ${narrowed.join(', ')} alone.`;
  });
  return h(
    'form',
    { class: 'filters', 'aria-label': 'What to show', onsubmit: event => event.preventDefault() },
    ...selects.map(({ dimension, select }) =>
      h('span', { class: 'field' }, h('label', { for: `only-${dimension}` }, TITLES[dimension]), select),
    ),
    clear,
    says,
  );
}

function selectOf({ data }: View, dimension: Dimension): HTMLSelectElement {
  const options = data.names[dimension].map((_, i) => [i, nameOf(data, dimension, i)] as const).sort(([, a], [, b]) => a.localeCompare(b));
  return h(
    'select',
    { id: `only-${dimension}` },
    h('option', { value: '' }, 'all'),
    ...options.map(([value, name]) => h('option', { value }, name)),
  );
}

/** Some choices of which one holds, as buttons in a row. */
export function choice<Value extends string>(
  label: string,
  choices: readonly (readonly [Value, string])[],
  now: Value,
  choose: (value: Value) => void,
): HTMLElement {
  const buttons = choices.map(([value, text]) =>
    h('button', { type: 'button', 'aria-pressed': String(value === now), 'data-value': value }, text),
  );
  for (const [i, button] of buttons.entries()) {
    button.addEventListener('click', () => {
      for (const other of buttons) other.setAttribute('aria-pressed', String(other === button));
      choose(choices[i]?.[0] as Value);
    });
  }
  return h('div', { class: 'choice', role: 'group', 'aria-label': label }, ...buttons);
}
