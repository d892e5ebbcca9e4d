/** What GetMetricData and an alarm over several metrics both ask: metrics by id, and expressions over them. */
import { expectedBand } from './anomaly.ts';
import { type Datapoints, datapoints, isStatistic, type Statistic } from './datapoints.ts';
import { evaluate } from './math-parser.ts';
import { isInsights, runInsights } from './metric-insights.ts';
import { MathError, type MathValue, TimeSeries } from './metric-math.ts';
import { search } from './metric-search.ts';
import type { MetricName } from './metric-source.ts';
import { sourceOf } from './metrics.ts';
import type { Region, World } from './world.ts';

export type MetricQuery = {
  readonly id: string;
  readonly label: string | null;
  readonly returned: boolean;
} & (MetricStat | { readonly expression: string; readonly period: number | null });

interface MetricStat {
  readonly metric: MetricName;
  readonly stat: Statistic;
  readonly period: number;
}

export interface Window {
  readonly start: number;
  readonly end: number;
}

/** One of the series that an id stands for; expressions may come to several. */
export interface Answered extends Datapoints {
  /** What tells it from the others. */
  readonly label: string | null;
}

/**
 * Answers one after the other, each metric read once however often it is referred to.
 * @throws MathError for an expression that is not understood, refers to nothing, or comes to a number.
 */
export function answering(
  world: World,
  region: Region,
  queries: readonly MetricQuery[],
  window: Window,
): (id: string) => readonly Answered[] {
  const byId = new Map(queries.map(query => [query.id, query]));
  const known = new Map<string, MathValue>();
  const under = new Set<string>();
  const usual = Math.max(60, ...queries.flatMap(q => ('metric' in q ? q.period : (q.period ?? []))));

  const value = (id: string): MathValue => {
    const before = known.get(id);
    if (before !== undefined) return before;
    const query = byId.get(id);
    if (query === undefined) throw new MathError(`nothing is called ${id}`);
    if (under.has(id)) throw new MathError(`${id} refers to itself`);
    under.add(id);
    const series = 'metric' in query ? read(world, region, query, window) : compute(query.expression, query.period ?? usual);
    under.delete(id);
    known.set(id, series);
    return series;
  };

  const compute = (expression: string, period: number): MathValue => {
    if (isInsights(expression)) return runInsights(world, region, expression, { period, window });
    return evaluate(expression, {
      series: value,
      metrics: () => queries.flatMap(q => ('metric' in q ? [value(q.id) as TimeSeries] : [])),
      times: timesOf(window, period),
      search: (terms, stat, step) =>
        search(region, terms).map(({ metric, label }) =>
          read(world, region, { metric, stat: statisticOf(stat), period: step }, window, label),
        ),
      band: (id, deviations) => {
        const query = byId.get(id);
        if (query === undefined || !('metric' in query)) throw new MathError(`a band is expected of a metric, which ${id} is not`);
        return expectedBand(world, region, query, deviations, timesOf(window, query.period));
      },
    });
  };

  return id => answered(value(id), byId.get(id));
}

function statisticOf(stat: string): Statistic {
  if (!isStatistic(stat)) throw new MathError(`${stat} is not a statistic`);
  return stat;
}

function timesOf({ start: from, end }: Window, period: number): number[] {
  const start = Math.floor(from / period) * period;
  return Array.from({ length: Math.max(0, Math.ceil((end - start) / period)) }, (_, i) => start + i * period);
}

function read(world: World, region: Region, { metric, stat, period }: MetricStat, window: Window, label: string | null = null): TimeSeries {
  const source = sourceOf(world, region, metric);
  if (source === null) return new TimeSeries([], { label, period });
  const { times, values } = datapoints(source, stat, period, window, world.clock.now());
  return new TimeSeries(
    times.map((time, i) => [time, values[i] as number]),
    { label, period },
  );
}

function answered(value: MathValue, query: MetricQuery | undefined): Answered[] {
  if (typeof value === 'number') {
    const expression = query !== undefined && 'expression' in query ? query.expression : '';
    throw new MathError(`the expression ${expression} comes to a number, and a time series is wanted`);
  }
  return [value].flat().map(series => {
    const times = [...(series as TimeSeries).keys()].sort((a, b) => a - b);
    return { label: (series as TimeSeries).label, times, values: times.map(time => (series as TimeSeries).get(time) as number) };
  });
}
