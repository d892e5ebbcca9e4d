/** Fleets: what ran, what would have run, and what was asked for. */
import uPlot from 'uplot';
import type { PageData, PageFleet } from '../data.ts';
import { axis, chart } from './chart.ts';
import { h, section } from './dom.ts';
import type { Clock } from './format.ts';
import { table } from './table.ts';

export function capacity({ fleets, zone }: PageData, clock: Clock): HTMLElement | null {
  let fleet = fleets[0];
  if (fleet === undefined) return null;
  const drawn = chart({
    label: 'capacity of the fleet against its demand',
    height: 300,
    legend: [
      ['low', 'Instances that ran'],
      ['expected', 'Expected by the baseline'],
      ['demand', 'Demand, in instances busy at 100 %'],
    ],
    read: i => (fleet === undefined ? '' : `${clock.moment((fleet.from + i * fleet.step) * 1000)}: ${at(fleet, i)}.`),
    tableOf: () => tableOf(fleet as PageFleet, clock),
    options: colours => {
      const stepped = uPlot.paths.stepped?.({ align: 1 }) as uPlot.Series.PathBuilder;
      return {
        tzDate: epoch => uPlot.tzDate(new Date(epoch * 1000), zone),
        scales: { y: { range: (_, __, max) => [0, Math.max(1, max * 1.08)] } },
        series: [
          {},
          { stroke: colours.low, fill: colours.band, width: 2, paths: stepped, points: { show: false } },
          { stroke: colours.expected, width: 1.5, dash: [5, 4], paths: stepped, points: { show: false } },
          { stroke: colours.demand, width: 1.5, spanGaps: true, points: { show: false } },
        ],
        axes: [
          axis(colours, { space: 80, values: (_, ticks, __, ___, step) => ticks.map(t => clock.short(t, step < 86_400)) }),
          axis(colours, { size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] }),
        ],
      };
    },
  });
  const show = () => {
    if (fleet === undefined) return;
    const x = fleet.running.map((_, i) => (fleet as PageFleet).from + i * (fleet as PageFleet).step);
    drawn.show([x, [...fleet.running], [...fleet.expected], [...fleet.demand]], inWords(fleet));
  };
  const select = h(
    'select',
    { id: 'fleet' },
    ...fleets.map(({ name, scope }, i) => h('option', { value: i }, fleets.length > 1 ? `${name} in ${scope}` : name)),
  );
  select.addEventListener('change', () => {
    fleet = fleets[Number(select.value)];
    show();
  });
  show();
  return section(
    'capacity',
    'Fleet capacity against demand',
    h('span', { class: 'field inline' }, h('label', { for: 'fleet' }, 'Fleet'), select),
    drawn.element,
  );
}

const n = (value: number | null | undefined): string =>
  value === null || value === undefined ? 'unknown' : String(Math.round(value * 10) / 10);

const at = ({ running, expected, demand }: PageFleet, i: number): string =>
  `${n(running[i])} ran, ${n(expected[i])} expected, demand ${n(demand[i])}`;

function inWords({ name, running, demand }: PageFleet): string {
  const span = (values: readonly (number | null)[]) => {
    const known = values.filter(value => value !== null);
    return known.length === 0 ? 'unknown' : `between ${n(Math.min(...known))} and ${n(Math.max(...known))}`;
  };
  return `${name}: ${span(running)} instances ran; demand was ${span(demand)}.`;
}

interface Bucket {
  readonly epoch: number;
  readonly running: number | null;
  readonly expected: number | null;
  readonly demand: number | null;
}

function tableOf({ name, from, step, running, expected, demand }: PageFleet, clock: Clock): HTMLElement {
  const column = (title: string, of: (bucket: Bucket) => number | null) => ({
    title,
    number: true as const,
    cell: (b: Bucket) => n(of(b)),
    sort: of,
    csv: of,
  });
  const view = table<Bucket>({
    id: 'buckets',
    caption: `${name}: mean of each ${step / 60} minutes`,
    columns: [
      { title: 'From', cell: b => clock.moment(b.epoch * 1000), sort: b => b.epoch, csv: b => new Date(b.epoch * 1000).toISOString() },
      column('Ran', b => b.running),
      column('Expected', b => b.expected),
      column('Demand', b => b.demand),
    ],
    sorted: { by: 0, descending: false },
    empty: 'Nothing is known of this fleet in this window.',
    file: 'ebbtide-fleet.csv',
  });
  view.show(
    running.map((_, i) => ({
      epoch: from + i * step,
      running: running[i] ?? null,
      expected: expected[i] ?? null,
      demand: demand[i] ?? null,
    })),
  );
  return view.element;
}
