/** Samples rolled up to periods, as CloudWatch's statistics do it. */
import type { Source } from './metric-source.ts';

/** Percentiles: `p99`, `p99.9`. */
type Percentile = `p${number}`;
export type Statistic = 'Average' | 'Maximum' | 'Minimum' | 'Sum' | 'SampleCount' | Percentile;

export const isStatistic = (text: string): text is Statistic =>
  /^(Average|Maximum|Minimum|Sum|SampleCount|p(100|\d{1,2}(\.\d{1,10})?))$/.test(text);

const isPercentile = (stat: Statistic): stat is Percentile => stat.startsWith('p');

/** Ascending; `times` are the starts of periods, epoch seconds. */
export interface Datapoints {
  readonly times: number[];
  readonly values: number[];
}

/** A sample is seen one minute after its end. */
export const PUBLICATION_LAG = 60;

const DAY = 86_400;

/** Rolls samples up to periods. Periods without a visible sample are holes; the newest may be rolled up from part of its samples. */
export function datapoints(
  source: Source,
  stat: Statistic,
  period: number,
  window: { start: number; end: number },
  now: number,
): Datapoints {
  const { step } = source;
  const points: Datapoints = { times: [], values: [] };
  const oldest = now - (period < 300 ? 15 : period < 3600 ? 63 : 455) * DAY; // finer data is dropped earlier
  const first = Math.floor(window.start / period) * period;
  const visible = now - PUBLICATION_LAG - step;

  for (let start = first; start < window.end; start += period) {
    if (start < oldest) continue;
    const end = Math.min(start + period, visible + 1);
    const value = rollUp(source, stat, Math.ceil(start / step) * step, end);
    if (value === null) continue;
    points.times.push(start);
    points.values.push(value);
  }
  return points;
}

function rollUp(source: Source, stat: Statistic, from: number, to: number): number | null {
  if (source.values !== undefined || isPercentile(stat)) return rollUpEach(source, stat, from, to);
  let count = 0;
  let sum = 0;
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = from; at < to; at += source.step) {
    const n = source.count(at);
    if (n === 0) continue;
    count += n;
    if (stat === 'SampleCount') continue;
    const value = source.value(at);
    sum += value * n;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (count === 0) return null;
  switch (stat) {
    case 'SampleCount':
      return count;
    case 'Average':
      return sum / count;
    case 'Sum':
      return sum;
    case 'Minimum':
      return min;
    case 'Maximum':
      return max;
    default:
      throw new Error(`not a statistic: ${stat}`);
  }
}

/** As above, where each value counts by itself. */
function rollUpEach(source: Source, stat: Statistic, from: number, to: number): number | null {
  const values: number[] = [];
  for (let at = from; at < to; at += source.step) {
    const n = source.count(at);
    if (n > 0) values.push(...(source.values?.(at) ?? Array<number>(n).fill(source.value(at))));
  }
  if (values.length === 0) return null;
  if (isPercentile(stat)) return percentile(values, Number(stat.slice(1)) / 100);
  const sum = values.reduce((total, value) => total + value, 0);
  const folds = {
    Average: sum / values.length,
    Sum: sum,
    SampleCount: values.length,
    Minimum: Math.min(...values),
    Maximum: Math.max(...values),
  };
  return folds[stat];
}

/** Between the two neighbours where it falls between. */
function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)] as number, sorted[Math.ceil(place)] as number];
  return low + (high - low) * (place - Math.floor(place));
}
