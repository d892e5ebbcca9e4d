/** What was left alone as of the last look, and why: what somebody should look into first. */
import type { PageData, PageLeft } from '../data.ts';
import { h, section } from './dom.ts';
import { count } from './format.ts';

export function leftAlone({ left }: PageData): HTMLElement {
  const body = left.length === 0 ? [h('p', {}, 'No look has left anything on record.')] : left.map(group);
  return section(
    'left',
    'Left alone, and why',
    h('p', { class: 'note' }, 'As of the latest look of each pen; each reason with a few of its resources.'),
    ...body,
  );
}

function group({ code, count: n, look, examples }: PageLeft): HTMLElement {
  const more = n - examples.length;
  return h(
    'details',
    { class: look ? 'left look' : 'left', open: look },
    h('summary', {}, h('b', {}, code), ` · ${count(n, 'resource')}`, look ? h('span', { class: 'flag' }, 'worth a look') : null),
    h(
      'ul',
      {},
      ...examples.map(([resource, why]) => h('li', {}, h('b', {}, resource), `: ${why}`)),
      more > 0 ? h('li', {}, `and ${more} more`) : null,
    ),
  );
}
