/** When instances are off, by hour of the week: a table whose cells are shaded, so that it can be read with or without eyes. */
import { h, section, unseen } from './dom.ts';
import { hours, WEEKDAYS } from './format.ts';
import { shows, type View } from './view.ts';

export function heatMap(view: View): HTMLElement {
  const place = h('div', { class: 'heat' });
  view.watch(() => place.replaceChildren(drawn(view)));
  return section(
    'heat',
    'Hours of the week',
    h(
      'p',
      { class: 'note' },
      `Instance-hours avoided in each hour of the week (${view.data.zone}): the stronger the colour, the more. Hours in which more ran than the baseline expects are marked.`,
    ),
    place,
  );
}

function drawn(view: View): HTMLElement {
  const sums = Array.from({ length: 168 }, () => 0);
  for (const [group, hour, avoided] of view.data.heat) {
    const of = view.data.groups[group];
    if (of !== undefined && shows(view, of)) sums[hour] = (sums[hour] ?? 0) + avoided;
  }
  const most = Math.max(1e-9, ...sums.map(Math.abs));
  const clock = Array.from({ length: 24 }, (_, hour) => hour);
  const head = h(
    'tr',
    {},
    h('td', {}),
    ...clock.map(hour =>
      h('th', { scope: 'col' }, unseen(`${two(hour)}:00`), h('span', { 'aria-hidden': 'true' }, hour % 6 === 0 ? two(hour) : '')),
    ),
  );
  const rows = WEEKDAYS.map((name, day) =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, h('abbr', { title: name }, name.slice(0, 3))),
      ...clock.map(hour => cellOf(`${name} ${two(hour)}:00`, sums[day * 24 + hour] ?? 0, most)),
    ),
  );
  return h('table', {}, h('caption', {}, caption(sums)), h('thead', {}, head), h('tbody', {}, ...rows));
}

function cellOf(when: string, avoided: number, most: number): HTMLElement {
  const cell = h('td', { title: `${when}: ${hours(avoided)}`, class: avoided < -0.05 ? 'more' : null }, unseen(hours(avoided)));
  cell.style.setProperty('--heat', `${Math.round((100 * Math.abs(avoided)) / most)}%`);
  return cell;
}

const two = (n: number): string => String(n).padStart(2, '0');

function caption(sums: readonly number[]): string {
  const most = sums.reduce((best, value, i) => (value > (sums[best] ?? 0) ? i : best), 0);
  const value = sums[most] ?? 0;
  if (value <= 0) return 'Nothing was avoided in this window.';
  return `Most is avoided on ${WEEKDAYS[Math.floor(most / 24)]} at ${two(most % 24)}:00: ${hours(value)}.`;
}
