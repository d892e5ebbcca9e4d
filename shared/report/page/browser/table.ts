/** A table that sorts, pages and says so: ten thousand rows are held, and one page of them is in the document. */
import { type Cell, csv } from '../../csv.ts';
import { type Child, download, h, unseen } from './dom.ts';
import { count } from './format.ts';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => Child;
  /** What the column is sorted by; `null` is last either way. Absent: it is not. */
  readonly sort?: (row: Row) => number | string | null;
  readonly number?: true;
  readonly csv: (row: Row) => Cell;
}

export interface TableOptions<Row> {
  readonly id: string;
  readonly caption: string;
  /** The first names its row. */
  readonly columns: readonly Column<Row>[];
  readonly sorted?: { readonly by: number; readonly descending: boolean };
  readonly pageSize?: number;
  /** What is under a row when it is opened. */
  readonly detail?: (row: Row) => readonly Child[];
  /** What a row's opener is about, for whoever cannot see the row. */
  readonly about?: (row: Row) => string;
  readonly empty: string;
  readonly file: string;
}

export interface Table<Row> {
  readonly element: HTMLElement;
  show(rows: readonly Row[]): void;
}

export function table<Row>(options: TableOptions<Row>): Table<Row> {
  const { id, columns, pageSize = 50 } = options;
  const state = { rows: [] as readonly Row[], by: options.sorted?.by ?? -1, descending: options.sorted?.descending ?? false, page: 0 };
  const head = h('tr', { role: 'row' });
  const body = h('tbody', { role: 'rowgroup' });
  const caption = h('caption', {}, options.caption);
  const where = h('p', { class: 'where', role: 'status' });
  const pages = { back: turn('Previous page', -1), on: turn('Next page', 1) };
  const save = h(
    'button',
    { type: 'button', class: 'quiet', onclick: () => download(options.file, csvOf(columns, sorted()), 'text/csv') },
    'Download CSV',
  );

  function turn(label: string, by: number): HTMLButtonElement {
    const onclick = () => {
      state.page += by;
      draw();
    };
    return h('button', { type: 'button', class: 'quiet', onclick }, label);
  }

  function sorted(): readonly Row[] {
    const key = columns[state.by]?.sort;
    return key === undefined ? state.rows : sortedBy(state.rows, key, state.descending);
  }

  function draw(): void {
    const last = Math.max(0, Math.ceil(state.rows.length / pageSize) - 1);
    state.page = Math.min(Math.max(0, state.page), last);
    const from = state.page * pageSize;
    const shown = sorted().slice(from, from + pageSize);
    const rows = shown.flatMap((row, i) => rowsOf(row, `${id}-${from + i}`, options));
    body.replaceChildren(...(rows.length > 0 ? rows : [emptyRow(options)]));
    where.textContent =
      state.rows.length <= pageSize
        ? `${count(state.rows.length, 'row')}`
        : `${(from + 1).toLocaleString('en-US')} to ${(from + shown.length).toLocaleString('en-US')} of ${count(state.rows.length, 'row')}`;
    pages.back.disabled = state.page === 0;
    pages.on.disabled = state.page === last;
    pages.back.hidden = pages.on.hidden = last === 0;
    save.disabled = state.rows.length === 0;
    for (const [i, cell] of [...head.children].entries())
      cell.setAttribute('aria-sort', i === state.by ? (state.descending ? 'descending' : 'ascending') : 'none');
  }

  head.append(
    ...columns.map((column, i) => {
      const heading = { scope: 'col', role: 'columnheader', class: column.number ? 'number' : null };
      if (column.sort === undefined) return h('th', heading, column.title);
      const onclick = () => {
        // Of numbers the greatest is wanted first, of words the first.
        state.descending = state.by === i ? !state.descending : column.number === true;
        [state.by, state.page] = [i, 0];
        draw();
      };
      return h('th', heading, h('button', { type: 'button', class: 'sort', onclick }, column.title));
    }),
  );
  for (const [i, cell] of [...head.children].entries()) if (columns[i]?.sort === undefined) cell.removeAttribute('aria-sort');

  const element = h(
    'div',
    { class: 'table', id },
    h('table', { role: 'table' }, caption, h('thead', { role: 'rowgroup' }, head), body),
    h('div', { class: 'under' }, where, h('div', { class: 'buttons' }, pages.back, pages.on, save)),
  );
  return {
    element,
    show: rows => {
      [state.rows, state.page] = [rows, 0];
      draw();
    },
  };
}

function rowsOf<Row>(row: Row, id: string, { columns, detail, about }: TableOptions<Row>): HTMLElement[] {
  const cells = columns.map((column, i) => {
    const attributes = { 'data-label': column.title, class: column.number ? 'number' : null };
    return i === 0
      ? h('th', { ...attributes, scope: 'row', role: 'rowheader' }, column.cell(row))
      : h('td', { ...attributes, role: 'cell' }, column.cell(row));
  });
  if (detail === undefined) return [h('tr', { role: 'row' }, ...cells)];

  const under = h('tr', { role: 'row', class: 'detail', id, hidden: true });
  const opener = h(
    'button',
    { type: 'button', class: 'opener', 'aria-expanded': 'false', 'aria-controls': id },
    unseen(`Evidence and ledger rows of ${about?.(row) ?? 'this row'}`),
  );
  opener.addEventListener('click', () => {
    const open = opener.getAttribute('aria-expanded') === 'true';
    opener.setAttribute('aria-expanded', String(!open));
    under.hidden = open;
    if (!open && under.childElementCount === 0) under.append(h('td', { colspan: columns.length, role: 'cell' }, ...detail(row)));
  });
  cells[0]?.prepend(opener);
  return [h('tr', { role: 'row' }, ...cells), under];
}

const emptyRow = <Row>({ columns, empty }: TableOptions<Row>): HTMLElement =>
  h('tr', { role: 'row' }, h('td', { role: 'cell', class: 'empty', colspan: columns.length }, empty));

function sortedBy<Row>(rows: readonly Row[], key: (row: Row) => number | string | null, descending: boolean): Row[] {
  const order = (a: number | string | null, b: number | string | null): number => {
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    const less = typeof a === 'number' && typeof b === 'number' ? a - b : WORDS.compare(String(a), String(b));
    return descending ? -less : less;
  };
  return rows
    .map(row => [key(row), row] as const)
    .sort(([a], [b]) => order(a, b))
    .map(([, row]) => row);
}

const WORDS = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

const csvOf = <Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string =>
  csv(
    columns.map(column => column.title),
    rows.map(row => columns.map(column => column.csv(row))),
  );
