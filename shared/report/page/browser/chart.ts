/** uPlot in our colours: redrawn when the page turns dark, resizes or prints, read with the pointer or with arrow keys, and with a table beside it. */
import uPlot from 'uplot';
import { h } from './dom.ts';

export interface ChartOptions {
  readonly label: string;
  readonly height: number;
  /** Axes, bands, scales and series, in the colours of now. The first of `data` is x. */
  readonly options: (colours: Colours) => Pick<uPlot.Options, 'series' | 'axes'> & Partial<uPlot.Options>;
  /** What stands at an index, in words. */
  readonly read: (index: number) => string;
  /** Marks of a legend: a colour's name and what it stands for. */
  readonly legend: readonly (readonly [mark: string, text: string])[];
  readonly tableOf: () => HTMLElement;
}

export interface Chart {
  readonly element: HTMLElement;
  /** `says`: all of it in a sentence. */
  show(data: uPlot.AlignedData, says: string): void;
}

export interface Colours {
  readonly ink: string;
  readonly line: string;
  readonly low: string;
  readonly high: string;
  readonly band: string;
  readonly demand: string;
  readonly expected: string;
  readonly loss: string;
}

export function chart({ label, height, options, read, legend, tableOf }: ChartOptions): Chart {
  let plot: uPlot | null = null;
  let data: uPlot.AlignedData = [[]];
  let at: number | null = null;
  const canvas = h('div', { class: 'canvas', 'aria-hidden': 'true' });
  const says = h('p', { class: 'unseen' });
  const readout = h('p', { class: 'readout', 'aria-live': 'polite' });
  const hint = 'Point at it, or move through it with the arrow keys.';
  const frame = h('div', { class: 'chart', tabindex: 0, role: 'group', 'aria-label': `Chart: ${label}. ${hint}` }, says, canvas);

  const tell = (index: number | null) => {
    const length = data[0].length;
    at = index === null || length === 0 ? null : Math.min(Math.max(0, index), length - 1);
    readout.textContent = at === null ? hint : read(at);
  };
  const draw = () => {
    plot?.destroy();
    canvas.replaceChildren();
    plot = null;
    const width = canvas.clientWidth;
    if (width === 0) return;
    const wanted = options(coloursOf(frame));
    plot = new uPlot(
      {
        width,
        height,
        legend: { show: false },
        ...wanted,
        cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 }, ...wanted.cursor },
        hooks: { setCursor: [({ cursor: { idx } }) => typeof idx === 'number' && idx !== at && tell(idx)] },
      },
      data,
      canvas,
    );
  };
  frame.addEventListener('keydown', event => {
    const last = data[0].length - 1;
    const from = at ?? (event.key === 'ArrowLeft' || event.key === 'PageUp' ? last + 1 : -1);
    const to = { ArrowLeft: from - 1, ArrowRight: from + 1, PageUp: from - 7, PageDown: from + 7, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    tell(to);
    if (plot !== null && at !== null) plot.setCursor({ left: plot.valToPos(data[0][at] ?? 0, 'x'), top: 0 });
  });
  let width = 0;
  new ResizeObserver(() => {
    if (canvas.clientWidth === width) return;
    width = canvas.clientWidth;
    draw();
  }).observe(canvas);
  redrawn.add(draw);

  return {
    element: h(
      'figure',
      {},
      frame,
      h(
        'div',
        { class: 'legend' },
        ...legend.map(([mark, text]) => h('span', {}, h('i', { class: `mark ${mark}`, 'aria-hidden': 'true' }), text)),
      ),
      readout,
      asTable(label, tableOf),
    ),
    show(next, sentence) {
      data = next;
      says.textContent = sentence;
      tell(null);
      draw();
    },
  };
}

/** Drawn when it is opened, and again each time: it says what the chart then shows. */
function asTable(label: string, tableOf: () => HTMLElement): HTMLElement {
  const place = h('div');
  const details = h('details', { class: 'as-table' }, h('summary', {}, `As a table: ${label}`), place);
  details.addEventListener('toggle', () => place.replaceChildren(...(details.open ? [tableOf()] : [])));
  return details;
}

const redrawn = new Set<() => void>();

/** For whoever changes the colours of the page. */
export const redrawCharts = (): void => {
  for (const draw of redrawn) draw();
};

function coloursOf(element: HTMLElement): Colours {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    ...{ ink: colour('muted'), line: colour('line'), low: colour('low'), high: colour('high'), band: colour('band') },
    ...{ demand: colour('demand'), expected: colour('expected'), loss: colour('loss') },
  };
}

/** An axis in our colours. */
export const axis = ({ ink, line }: Colours, more: uPlot.Axis): uPlot.Axis => ({
  stroke: ink,
  font: '12px system-ui, sans-serif',
  grid: { stroke: line, width: 1 },
  ticks: { stroke: line, width: 1, size: 4 },
  ...more,
});
