/** What the page is about, its figures, and how it looks. */
import type { PageData } from '../data.ts';
import { redrawCharts } from './chart.ts';
import { h } from './dom.ts';
import { type Clock, count } from './format.ts';

export function header(data: PageData, clock: Clock): HTMLElement {
  const covered = `${clock.moment(data.from)} to ${clock.moment(data.to)}, times of ${data.zone}. As of ${clock.moment(data.at)}.`;
  return h(
    'header',
    { class: 'top' },
    h('div', { class: 'bar' }, h('p', { class: 'house' }, 'Ebbtide'), h('div', { class: 'buttons' }, themeSwitch(), printButton())),
    h('h1', {}, data.title),
    h('p', { class: 'covered' }, covered),
    h('p', { class: 'covered' }, `${count(data.scopes.length, 'scope')}: ${data.scopes.join(', ')}.`),
    h('dl', { class: 'figures' }, ...data.figures.map(([label, value]) => h('div', {}, h('dt', {}, label), h('dd', {}, value)))),
  );
}

/** What was told of the window, failures first. */
export function told({ told: parts }: PageData): HTMLElement | null {
  if (parts.length === 0) return null;
  const box = ({ heading, bad, items }: PageData['told'][number]) =>
    h(
      'div',
      { class: bad ? 'told bad' : 'told' },
      h('h3', {}, heading),
      h('ul', {}, ...items.map(([bold, rest]) => h('li', {}, bold === '' ? null : h('b', {}, bold), rest))),
    );
  return h(
    'section',
    { id: 'told', 'aria-labelledby': 'told-heading' },
    h('h2', { id: 'told-heading' }, 'What happened'),
    h('div', { class: 'boxes' }, ...parts.map(box)),
  );
}

const THEMES = ['auto', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];
const THEME_NAMES: Readonly<Record<Theme, string>> = { auto: 'As the system', light: 'Light', dark: 'Dark' };

function themeSwitch(): HTMLElement {
  const choose = (theme: Theme) => {
    if (theme === 'auto') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
    redrawCharts();
  };
  const options = THEMES.map(theme => h('option', { value: theme }, THEME_NAMES[theme]));
  const select = h('select', { id: 'theme' }, ...options);
  select.addEventListener('change', () => choose(select.value as Theme));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redrawCharts);
  return h('span', { class: 'field inline' }, h('label', { for: 'theme' }, 'Colours'), select);
}

/** On paper it is light, whatever the screen is. */
function printButton(): HTMLElement {
  let before: string | undefined;
  addEventListener('beforeprint', () => {
    before = document.documentElement.dataset['theme'];
    document.documentElement.dataset['theme'] = 'light';
    redrawCharts();
  });
  addEventListener('afterprint', () => {
    if (before === undefined) delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = before;
    redrawCharts();
  });
  return h('button', { type: 'button', class: 'quiet', onclick: () => print() }, 'Print');
}
