/** Money over time, with the band between what is saved at least and at most, and the hours that did not run. */
import uPlot from 'uplot';
import type { PageData } from '../data.ts';
import { axis, type Chart, type Colours, chart } from './chart.ts';
import { h, section } from './dom.ts';
import { choice } from './filters.ts';
import { dayName, hours, money, worth } from './format.ts';
import { type Column, table } from './table.ts';
import { shows, type View } from './view.ts';

/** A day of what is shown. Money in micro-dollars; `null`: nothing of that day has a price. */
export interface Day {
  readonly day: string;
  low: number | null;
  high: number | null;
  hours: number;
  unknown: number;
}

export function overTime(view: View): HTMLElement {
  const { data } = view;
  let summed: 'daily' | 'summed' = 'daily';
  let days: Day[] = [];
  const x = data.days.map(noon);
  const [moneyChart, hoursChart] = [moneyOf(data, () => days), hoursOf(data, () => days)];
  const draw = () => {
    days = daysOf(view, summed === 'summed');
    const total = worth(totalOf(view));
    const over = `over ${data.days.length === 1 ? 'one day' : `${data.days.length} days`}`;
    moneyChart.show([x, days.map(d => inDollars(d.low)), days.map(d => inDollars(d.high))], `${total}, ${over}.`);
    hoursChart.show([x, days.map(d => d.hours), days.map(d => d.unknown)], `${total}, ${over}.`);
  };
  view.watch(draw);
  const how = choice(
    'How days are shown',
    [
      ['daily', 'Day by day'],
      ['summed', 'Added up'],
    ],
    summed,
    value => {
      summed = value;
      draw();
    },
  );
  return section(
    'over-time',
    'Over time',
    how,
    h(
      'div',
      { class: 'pair' },
      h('div', {}, h('h3', {}, 'Money'), moneyChart.element),
      h('div', {}, h('h3', {}, 'Instance-hours'), hoursChart.element),
    ),
  );
}

const inDollars = (micros: number | null): number | null => (micros === null ? null : micros / 1e6);

/** What is shown, day by day; added up to each day if `summed`. */
export function daysOf(view: View, summed = false): Day[] {
  const days: Day[] = view.data.days.map(day => ({ day, low: null, high: null, hours: 0, unknown: 0 }));
  for (const [day, group, low, high, avoided, unknown] of view.data.cells) {
    const of = view.data.groups[group];
    const sum = days[day];
    if (of === undefined || sum === undefined || !shows(view, of)) continue;
    if (low !== null) sum.low = (sum.low ?? 0) + low;
    if (high !== null) sum.high = (sum.high ?? 0) + high;
    sum.hours += avoided;
    sum.unknown += unknown;
  }
  if (!summed) return days;
  const running = { low: null as number | null, high: null as number | null, hours: 0, unknown: 0 };
  return days.map(({ day, low, high, hours: avoided, unknown }) => {
    if (low !== null) running.low = (running.low ?? 0) + low;
    if (high !== null) running.high = (running.high ?? 0) + high;
    running.hours += avoided;
    running.unknown += unknown;
    return { day, ...running };
  });
}

const totalOf = (view: View): Day => daysOf(view, true).at(-1) ?? { day: '', low: null, high: null, hours: 0, unknown: 0 };

function moneyOf(data: PageData, days: () => readonly Day[]): Chart {
  return chart({
    label: 'money saved over time',
    height: 260,
    legend: [
      ['low', 'Saved at least'],
      ['high', 'At most: if no commitment had paid already'],
    ],
    read: i => tell(days()[i], day => (day.low === null ? 'worth unknown' : worth(day))),
    tableOf: () => tableOf('money', days()),
    options: colours => ({
      ...timeScale,
      bands: [{ series: [2, 1], fill: colours.band }],
      series: [
        {},
        { stroke: colours.low, width: 2.5, points: dots(data) },
        { stroke: colours.high, width: 1.5, dash: [4, 3], points: dots(data) },
      ],
      axes: [dates(colours, data), axis(colours, { size: 62, values: (_, ticks) => ticks.map(t => money(t * 1e6)) })],
    }),
  });
}

function hoursOf(data: PageData, days: () => readonly Day[]): Chart {
  return chart({
    label: 'instance-hours avoided over time',
    height: 260,
    legend: [
      ['low', 'Avoided, against the baseline'],
      ['expected', 'Asleep, of unknown worth'],
    ],
    read: i => tell(days()[i], day => `${hours(day.hours)} avoided${day.unknown === 0 ? '' : `, ${hours(day.unknown)} of unknown worth`}`),
    tableOf: () => tableOf('hours', days()),
    options: colours => ({
      ...timeScale,
      series: [
        {},
        { stroke: colours.low, fill: colours.band, width: 1, points: { show: false }, paths: bars(-1, data.days.length) },
        { stroke: colours.expected, width: 1, points: { show: false }, paths: bars(1, data.days.length) },
      ],
      axes: [dates(colours, data), axis(colours, { size: 58, values: (_, ticks) => ticks.map(t => hours(t)) })],
    }),
  });
}

/** Two bars a day, side by side. */
const bars = (align: 1 | -1, days: number) =>
  uPlot.paths.bars?.({ size: [0.42, 40], align, gap: days > 100 ? 0 : 1 }) as uPlot.Series.PathBuilder;
const dots = ({ days }: PageData): uPlot.Series.Points => ({ show: days.length <= 45, size: 5 });
/** Days stand at noon UTC, whatever the zone: each is one point. */
const noon = (day: string): number => Date.parse(`${day}T12:00:00Z`) / 1000;
const timeScale = {
  tzDate: (epoch: number) => uPlot.tzDate(new Date(epoch * 1000), 'UTC'),
  scales: { x: { time: true, range: half }, y: { range: fromZero } },
};

/** Nothing is drawn larger than it is by a scale that begins elsewhere. */
function fromZero(_: uPlot, min: number, max: number): [number, number] {
  const room = 0.08 * Math.max(max, 0, -min);
  return [Math.min(0, min) - (min < 0 ? room : 0), Math.max(max, 0) + room || 1];
}

/** Half a day on both sides, so that the first and last bar are whole. */
function half(_: uPlot, min: number, max: number): [number, number] {
  return [min - 43_200, max + 43_200];
}

/** Marks stand under days, as many as there is room for. */
const dates = (colours: Colours, { days }: PageData): uPlot.Axis =>
  axis(colours, {
    grid: { show: false },
    splits: plot => {
      const every = Math.max(1, Math.ceil(days.length / Math.max(2, Math.floor(plot.width / 80))));
      return days.flatMap((day, i) => (i % every === 0 ? [noon(day)] : []));
    },
    values: (_, ticks) =>
      ticks.map(t => new Date(t * 1000).toLocaleDateString('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'short' })),
  });

const tell = (day: Day | undefined, say: (day: Day) => string): string => (day === undefined ? '' : `${dayName(day.day)}: ${say(day)}.`);

function tableOf(id: string, days: readonly Day[]): HTMLElement {
  const amount = (title: string, of: (day: Day) => number | null): Column<Day> => ({
    title,
    number: true,
    cell: day => money(of(day)),
    sort: of,
    csv: day => inDollars(of(day)),
  });
  const time = (title: string, of: (day: Day) => number): Column<Day> => ({
    title,
    number: true,
    cell: day => hours(of(day)),
    sort: of,
    csv: of,
  });
  const view = table<Day>({
    id: `${id}-days`,
    caption: 'What each day came to',
    columns: [
      { title: 'Day', cell: day => dayName(day.day), sort: day => day.day, csv: day => day.day },
      amount('At least', day => day.low),
      amount('At most', day => day.high),
      time('Hours avoided', day => day.hours),
      time('Hours of unknown worth', day => day.unknown),
    ],
    sorted: { by: 0, descending: false },
    empty: 'No day lies in this window.',
    file: 'ebbtide-days.csv',
  });
  view.show(days);
  return view.element;
}
