/** Who and what it came from: by team, policy, account, owner or kind. A name narrows everything to itself. */
import { DIMENSIONS, type Dimension, type PageLine } from '../data.ts';
import { h, section } from './dom.ts';
import { choice } from './filters.ts';
import { hours, money } from './format.ts';
import { type Column, type Table, table } from './table.ts';
import { nameOf, shows, TITLES, type View } from './view.ts';

interface Row extends Omit<PageLine, 'meters'> {
  readonly index: number;
  readonly name: string;
  /** Of the greatest high bound. */
  readonly share: number;
}

export function breakdown(view: View): HTMLElement {
  const place = h('div');
  let shown: { readonly by: Dimension; readonly table: Table<Row> } | null = null;
  view.watch(() => {
    if (shown?.by !== view.by) {
      shown = { by: view.by, table: tableBy(view) };
      place.replaceChildren(shown.table.element);
    }
    shown.table.show(rowsOf(view));
  });
  const by = choice(
    'By',
    DIMENSIONS.map(dimension => [dimension, `By ${TITLES[dimension].toLowerCase()}`]),
    view.by,
    dimension => {
      view.by = dimension;
      view.changed();
    },
  );
  return section('breakdown', 'Where from', by, place);
}

function rowsOf(view: View): Row[] {
  const lines = view.only.size === 0 ? view.data.lines[view.by] : narrowed(view);
  const most = Math.max(1, ...lines.map(line => line?.high ?? 0));
  return lines.flatMap((line, index) =>
    line === undefined || (line.high === null && line.hours === 0 && line.unknown === 0)
      ? []
      : [{ index, name: nameOf(view.data, view.by, index), ...line, share: Math.max(0, line.high ?? 0) / most }],
  );
}

/** Added up of the days of what is shown. */
function narrowed(view: View): Omit<PageLine, 'meters'>[] {
  const dimension = DIMENSIONS.indexOf(view.by);
  const lines: { low: number | null; high: number | null; hours: number; unknown: number }[] = [];
  for (const [, group, low, high, avoided, unknown] of view.data.cells) {
    const of = view.data.groups[group];
    if (of === undefined || !shows(view, of)) continue;
    const index = of[dimension] as number;
    const line = lines[index] ?? { low: null, high: null, hours: 0, unknown: 0 };
    lines[index] = line;
    if (low !== null) line.low = (line.low ?? 0) + low;
    if (high !== null) line.high = (line.high ?? 0) + high;
    line.hours += avoided;
    line.unknown += unknown;
  }
  return Array.from(lines, line => line);
}

function tableBy(view: View): Table<Row> {
  const dollars = (title: string, of: (row: Row) => number | null): Column<Row> => ({
    title,
    number: true,
    cell: row => money(of(row)),
    sort: of,
    csv: row => (of(row) === null ? null : (of(row) ?? 0) / 1e6),
  });
  const time = (title: string, of: (row: Row) => number): Column<Row> => ({
    title,
    number: true,
    cell: row => hours(of(row)),
    sort: of,
    csv: of,
  });
  return table<Row>({
    id: 'lines',
    caption: `Savings by ${TITLES[view.by].toLowerCase()}`,
    columns: [
      { title: TITLES[view.by], cell: row => narrowing(view, row), sort: row => row.name, csv: row => row.name },
      dollars('At least', row => row.low),
      dollars('At most', row => row.high),
      time('Hours avoided', row => row.hours),
      time('Hours of unknown worth', row => row.unknown),
    ],
    sorted: { by: 2, descending: true },
    pageSize: 25,
    empty: 'Nothing ran on a meter in this window.',
    file: `ebbtide-by-${view.by}.csv`,
  });
}

function narrowing(view: View, { index, name, share }: Row): HTMLElement {
  const chosen = view.only.get(view.by) === index;
  const button = h(
    'button',
    { type: 'button', class: 'narrow', 'aria-pressed': String(chosen), title: chosen ? 'Show all again' : 'Show this alone' },
    name,
  );
  button.addEventListener('click', () => {
    if (chosen) view.only.delete(view.by);
    else view.only.set(view.by, index);
    view.changed();
  });
  const bar = h('span', { class: 'share', 'aria-hidden': 'true' });
  bar.style.setProperty('--share', `${Math.round(share * 100)}%`);
  return h('span', { class: 'narrowing' }, button, bar);
}
