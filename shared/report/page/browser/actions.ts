/** Every action, with its evidence and the rows of the ledger behind it. */
import type { PageAction, PageRow } from '../data.ts';
import { h, section } from './dom.ts';
import { type Clock, money } from './format.ts';
import { table } from './table.ts';
import { nameOf, type View } from './view.ts';

const WHOSE = { all: 'all', us: 'done by us', bad: 'failed or refused', plan: 'only planned', people: 'by people' } as const;
type Whose = keyof typeof WHOSE;

export function actions(view: View, clock: Clock): HTMLElement {
  const { data } = view;
  const view2 = tableOf(view, clock);
  const search = h('input', { type: 'search', id: 'search', autocomplete: 'off' });
  const whose = h('select', { id: 'whose' }, ...Object.entries(WHOSE).map(([value, text]) => h('option', { value }, text)));
  // What is searched is put together once: a key pressed must not take a tenth of a second.
  const texts = data.actions.map(one =>
    `${one.resource} ${one.id} ${one.what} ${one.outcome} ${one.why} ${data.names.owner[one.owner] ?? ''}`.toLowerCase(),
  );
  const draw = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    view2.show(
      data.actions.filter(
        (one, i) => shown(view, one) && isWhose(one, whose.value as Whose) && words.every(word => texts[i]?.includes(word)),
      ),
    );
  };
  search.addEventListener('input', draw);
  whose.addEventListener('change', draw);
  view.watch(draw);
  return section(
    'actions',
    'Actions',
    h('p', { class: 'note' }, 'Each with its evidence; open one to see the rows of the ledger it rests on.'),
    h('div', { class: 'filters' }, field('search', 'Search', search), field('whose', 'Show', whose)),
    view2.element,
  );
}

const field = (id: string, label: string, control: HTMLElement): HTMLElement =>
  h('span', { class: 'field' }, h('label', { for: id }, label), control);

const isWhose = ({ by, bad }: PageAction, whose: Whose): boolean => whose === 'all' || (whose === 'bad' ? bad : by === whose);

/** An action has no kind of saving: only its meter has. */
const shown = ({ only }: View, action: PageAction): boolean =>
  [...only].every(([dimension, name]) => dimension === 'class' || action[dimension] === name);

function tableOf(view: View, clock: Clock) {
  const { data } = view;
  return table<PageAction>({
    id: 'action-rows',
    caption: 'Actions in this window',
    columns: [
      { title: 'When', cell: one => h('time', { datetime: one.at }, clock.brief(one.at)), sort: one => one.at, csv: one => one.at },
      {
        title: 'Resource',
        cell: one => h('span', { class: 'resource' }, h('b', {}, one.resource), one.id === one.resource ? null : h('small', {}, one.id)),
        sort: one => one.resource,
        csv: one => `${one.resource} (${one.id})`,
      },
      { title: 'What', cell: one => one.what, sort: one => one.what, csv: one => one.what },
      { title: 'Why', cell: one => one.why, csv: one => one.why },
      {
        title: 'Outcome',
        cell: one => h('span', { class: one.bad ? 'bad' : null }, one.outcome),
        sort: one => one.outcome,
        csv: one => one.outcome,
      },
      { title: 'Saved', number: true, cell: saved, sort: one => one.high, csv: one => (one.low === null ? null : one.low / 1e6) },
    ],
    sorted: { by: 0, descending: true },
    pageSize: 25,
    detail: one => detail(one, view, clock),
    about: one => `${one.what} ${one.resource}`,
    empty: data.actions.length === 0 ? 'Nothing was done, planned or seen in this window.' : 'No action is like that.',
    file: 'ebbtide-actions.csv',
  });
}

const saved = ({ low, high }: PageAction): string =>
  low === null || high === null ? '–' : low === high ? money(low) : `${money(low)} to ${money(high)}`;

function detail(one: PageAction, { data }: View, clock: Clock): HTMLElement[] {
  const facts = [
    ['Team', nameOf(data, 'team', one.team)],
    ['Policy', nameOf(data, 'policy', one.policy)],
    ['Owner', nameOf(data, 'owner', one.owner)],
    ['Account', nameOf(data, 'account', one.account)],
  ];
  return [pairs(facts.flat()), ...one.rows.map(row => rowOf(row, clock))];
}

const rowOf = ([kind, at, ...facts]: PageRow, clock: Clock): HTMLElement =>
  h('div', { class: 'row' }, h('h3', {}, `${kind.replaceAll('-', ' ')}, ${clock.moment(at)}`), pairs(facts));

/** Labels and values by turns. */
function pairs(facts: readonly string[]): HTMLElement {
  const list = h('dl', { class: 'facts' });
  for (let i = 0; i + 1 < facts.length; i += 2) list.append(h('div', {}, h('dt', {}, facts[i] ?? ''), h('dd', {}, facts[i + 1] ?? '')));
  return list;
}
