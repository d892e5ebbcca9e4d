/** Demand against our capacity, in characters. */
import type { Replay } from './run.ts';

const ROWS = 12;
const AXIS = 6;
/** Eighths of a character, from the ground up. */
const FILL = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

interface Column {
  /** Instances busy at 100 %: on average, and at the most. */
  readonly demand: number;
  readonly peak: number;
  /** Instances in service, on average. */
  readonly capacity: number;
  /** Whether a minute was under-provisioned. */
  readonly short: boolean;
}

export function chart(replay: Replay, shown: { readonly from: number; readonly to: number }, width: number): string {
  const columns = columnsOf(replay, shown, width - AXIS);
  const top = Math.max(...columns.map(c => Math.max(c.peak, c.capacity)), 1);
  const lines = Array.from({ length: ROWS }, (_, i) => {
    const row = ROWS - 1 - i;
    const label = i === 0 || i === ROWS / 2 ? String(Math.round((top * (row + 1)) / ROWS)) : '';
    return `${label.padStart(AXIS - 2)} ${columns.map(column => cell(column, (row * top) / ROWS, top / ROWS)).join('')}`.trimEnd();
  });
  const minutes = Math.max(1, Math.round((shown.to - shown.from) / columns.length));
  return [
    `█ busy instances, mean of ${minutes} min   ░ their peak   ━ our instances in service`,
    '',
    ...lines,
    `${String(0).padStart(AXIS - 2)} ${timeline(replay, shown, columns.length)}`,
    ...(columns.some(c => c.short)
      ? [`${' '.repeat(AXIS - 1)}${columns.map(c => (c.short ? '!' : ' ')).join('')}`.trimEnd(), '! holds an under-provisioned minute']
      : []),
  ].join('\n');
}

function columnsOf({ demand, ours, terms }: Replay, { from, to }: { readonly from: number; readonly to: number }, width: number): Column[] {
  const count = Math.min(width, to - from);
  return Array.from({ length: count }, (_, i) => {
    const start = from + Math.floor(((to - from) * i) / count);
    const end = from + Math.floor(((to - from) * (i + 1)) / count);
    const loads = [...demand.subarray(start, end)];
    const capacities = [...ours.inService.subarray(start, end)];
    return {
      demand: mean(loads),
      peak: Math.max(...loads),
      capacity: mean(capacities),
      short: loads.some((load, at) => load > terms.utilization * (capacities[at] ?? 0) + 1e-9),
    };
  });
}

function cell({ demand, peak, capacity }: Column, floor: number, height: number): string {
  if (capacity > floor && capacity <= floor + height) return '━';
  const filled = Math.min(8, Math.max(0, Math.round(((demand - floor) / height) * 8)));
  if (filled > 0) return FILL[filled] ?? ' ';
  return peak > floor + height / 2 ? '░' : ' ';
}

/** First and last instant shown, in UTC. */
function timeline({ start }: Replay, { from, to }: { readonly from: number; readonly to: number }, width: number): string {
  const told = (minute: number) => `${new Date((start + 60 * minute) * 1000).toISOString().slice(0, 16).replace('T', ' ')}`;
  const [first, last] = [told(from), `${told(to)} UTC`];
  return first + last.padStart(Math.max(last.length + 2, width - first.length));
}

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
