/** Money over time, with the band between what is saved at least and at most, and the hours that did not run. */
import uPlot from 'uplot';
import { axis, type Chart, type Colours, chart } from './chart.ts';
import { h, section } from './dom.ts';
import { choice } from './filters.ts';
import { count, dayName, hours, money, worth } from './format.ts';
import { type Step, type Stretch, stretchesOf, totalOf } from './stretches.ts';
import { type Column, table } from './table.ts';
import type { View } from './view.ts';

/** More days than this are shown by the week at first. */
const MANY_DAYS = 62;

export function overTime(view: View): HTMLElement {
  const { data } = view;
  let step: Step = data.days.length > MANY_DAYS ? 'week' : 'day';
  let shown: Stretch[] = [];
  const [moneyChart, hoursChart] = [moneyOf(() => shown), hoursOf(() => shown)];
  const draw = () => {
    shown = stretchesOf(view, step);
    const x = shown.map(({ from }) => noon(from));
    const says = `${worth(totalOf(view))}, over ${count(data.days.length, 'day')}.`;
    moneyChart.show([x, shown.map(s => inDollars(s.low)), shown.map(s => inDollars(s.high))], says);
    hoursChart.show([x, shown.map(s => s.hours), shown.map(s => s.unknown)], says);
  };
  view.watch(draw);
  const steps: (readonly [Step, string])[] = [
    ['day', 'Day by day'],
    ...(data.days.length > 7 ? [['week', 'Week by week'] as const] : []),
    ['sum', 'Added up'],
  ];
  const how = choice('How days are shown', steps, step, value => {
    step = value;
    draw();
  });
  const titled = (title: string, { element }: Chart) => h('div', {}, h('h3', {}, title), element);
  const charts = h('div', { class: 'pair' }, titled('Money', moneyChart), titled('Instance-hours', hoursChart));
  return section('over-time', 'Over time', how, charts);
}

const inDollars = (micros: number | null): number | null => (micros === null ? null : micros / 1e6);

function moneyOf(shown: () => readonly Stretch[]): Chart {
  const points = (): uPlot.Series.Points => ({ show: shown().length <= 45, size: 5 });
  return chart({
    label: 'money saved over time',
    height: 260,
    legend: [
      ['low', 'Saved at least'],
      ['high', 'At most: if no commitment had paid already'],
    ],
    read: i => tell(shown()[i], one => (one.low === null ? 'worth unknown' : worth(one))),
    tableOf: () => tableOf('money', shown()),
    options: colours => ({
      ...timeScale,
      bands: [{ series: [2, 1], fill: colours.band }],
      series: [
        {},
        { stroke: colours.low, width: 2.5, points: points() },
        { stroke: colours.high, width: 1.5, dash: [4, 3], points: points() },
      ],
      axes: [dates(colours, shown()), axis(colours, { size: 66, values: (_, ticks) => ticks.map(t => money(t * 1e6)) })],
    }),
  });
}

function hoursOf(shown: () => readonly Stretch[]): Chart {
  return chart({
    label: 'instance-hours avoided over time',
    height: 260,
    legend: [
      ['low', 'Avoided, against the baseline'],
      ['expected', 'Asleep, of unknown worth'],
    ],
    read: i => tell(shown()[i], one => `${hours(one.hours)} avoided${one.unknown === 0 ? '' : `, ${hours(one.unknown)} of unknown worth`}`),
    tableOf: () => tableOf('hours', shown()),
    options: colours => ({
      ...timeScale,
      series: [
        {},
        { stroke: colours.low, fill: colours.band, width: 1, points: { show: false }, paths: bars(-1, shown().length) },
        { stroke: colours.expected, width: 1, points: { show: false }, paths: bars(1, shown().length) },
      ],
      axes: [dates(colours, shown()), axis(colours, { size: 66, values: (_, ticks) => ticks.map(t => hours(t)) })],
    }),
  });
}

/** Two bars side by side. */
const bars = (align: 1 | -1, many: number) =>
  uPlot.paths.bars?.({ size: [0.42, 40], align, gap: many > 100 ? 0 : 1 }) as uPlot.Series.PathBuilder;

/** Days stand at noon UTC, whatever the zone: each is one point. */
const noon = (day: string): number => Date.parse(`${day}T12:00:00Z`) / 1000;

const timeScale = {
  tzDate: (epoch: number) => uPlot.tzDate(new Date(epoch * 1000), 'UTC'),
  scales: { x: { time: true, range: half }, y: { range: fromZero } },
};

/** Nothing is drawn larger than it is by a scale that begins elsewhere. */
function fromZero(_: uPlot, min: number | null, max: number | null): [number, number] {
  const [least, most] = [Math.min(0, min ?? 0), Math.max(0, max ?? 0)];
  const room = 0.08 * Math.max(most, -least);
  return [least < 0 ? least - room : 0, most + room || 1];
}

/** Half a step on both sides, so that the first and last bar are whole. */
function half(plot: uPlot, min: number, max: number): [number, number] {
  const [x = []] = plot.data;
  const room = x.length < 2 ? 43_200 : (max - min) / (x.length - 1) / 2;
  return [min - room, max + room];
}

/** Marks stand under days, as many as there is room for. */
const dates = (colours: Colours, shown: readonly Stretch[]): uPlot.Axis =>
  axis(colours, {
    grid: { show: false },
    splits: plot => {
      const every = Math.max(1, Math.ceil(shown.length / Math.max(2, Math.floor(plot.width / 80))));
      return shown.flatMap(({ from }, i) => (i % every === 0 ? [noon(from)] : []));
    },
    values: (_, ticks) => ticks.map(t => AXIS_DAY.format(new Date(t * 1000))),
  });
const AXIS_DAY = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'short' });

const nameOf = ({ from, to }: Stretch): string => (from === to ? dayName(from) : `${dayName(from)} to ${dayName(to)}`);

const tell = (one: Stretch | undefined, say: (one: Stretch) => string): string => (one === undefined ? '' : `${nameOf(one)}: ${say(one)}.`);

function tableOf(id: string, shown: readonly Stretch[]): HTMLElement {
  const amount = (title: string, of: (one: Stretch) => number | null): Column<Stretch> => ({
    ...{ title, number: true, sort: of },
    cell: one => money(of(one)),
    csv: one => inDollars(of(one)),
  });
  const time = (title: string, of: (one: Stretch) => number): Column<Stretch> => ({
    ...{ title, number: true, sort: of, csv: of },
    cell: one => hours(of(one)),
  });
  const view = table<Stretch>({
    id: `${id}-days`,
    caption: 'What the days came to',
    columns: [
      { title: 'Day', cell: nameOf, sort: one => one.from, csv: one => (one.from === one.to ? one.from : `${one.from} to ${one.to}`) },
      amount('At least', one => one.low),
      amount('At most', one => one.high),
      time('Hours avoided', one => one.hours),
      time('Hours of unknown worth', one => one.unknown),
    ],
    sorted: { by: 0, descending: false },
    empty: 'No day lies in this window.',
    file: 'ebbtide-days.csv',
  });
  view.show(shown);
  return view.element;
}
