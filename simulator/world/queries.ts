/** What GetMetricData and a metric-math alarm both ask: metrics by id, and expressions over them. */

import { type Datapoints, datapoints, type Statistic } from './datapoints.ts';
import { evaluate, MathError, type MathValue, type TimeSeries } from './metric-math.ts';
import type { MetricName } from './metric-source.ts';
import { sourceOf } from './metrics.ts';
import type { Region, World } from './world.ts';

export type MetricQuery = {
  readonly id: string;
  readonly label: string | null;
  readonly returned: boolean;
} & (
  | { readonly metric: MetricName; readonly stat: Statistic; readonly period: number }
  | { readonly expression: string; readonly period: number | null }
);

export interface Window {
  readonly start: number;
  readonly end: number;
}

/**
 * Answers one after the other, each metric read once however often it is referred to.
 * @throws MathError for an expression that is not understood, refers to nothing, or comes to a number.
 */
export function answering(world: World, region: Region, queries: readonly MetricQuery[], window: Window): (id: string) => Datapoints {
  const byId = new Map(queries.map(query => [query.id, query]));
  const known = new Map<string, Datapoints>();
  const under = new Set<string>();
  const period = (): number => {
    const periods = queries.flatMap(q => ('metric' in q ? q.period : (q.period ?? [])));
    return Math.max(60, ...periods);
  };

  const answer = (id: string): Datapoints => {
    const before = known.get(id);
    if (before !== undefined) return before;
    const query = byId.get(id);
    if (query === undefined) throw new MathError(`nothing is called ${id}`);
    if (under.has(id)) throw new MathError(`${id} refers to itself`);
    under.add(id);
    const points = 'metric' in query ? read(world, region, query, window) : compute(query.expression, query.period ?? period());
    under.delete(id);
    known.set(id, points);
    return points;
  };

  const series = (id: string): TimeSeries => {
    const { times, values } = answer(id);
    return new Map(times.map((time, i) => [time, values[i] as number]));
  };

  const compute = (expression: string, step: number): Datapoints => {
    const start = Math.floor(window.start / step) * step;
    const times = Array.from({ length: Math.max(0, Math.ceil((window.end - start) / step)) }, (_, i) => start + i * step);
    const metrics = () => queries.filter(q => 'metric' in q).map(q => series(q.id));
    return pointsOf(evaluate(expression, { series, metrics, times }), expression);
  };

  return answer;
}

function read(world: World, region: Region, query: Extract<MetricQuery, { metric: MetricName }>, window: Window): Datapoints {
  const source = sourceOf(world, region, query.metric);
  return source === null ? { times: [], values: [] } : datapoints(source, query.stat, query.period, window, world.clock.now());
}

function pointsOf(value: MathValue, expression: string): Datapoints {
  const one = Array.isArray(value) && value.length === 1 ? (value[0] as TimeSeries) : value;
  if (typeof one === 'number') throw new MathError(`the expression ${expression} comes to a number, and a time series is wanted`);
  if (!(one instanceof Map)) throw new MathError(`the expression ${expression} comes to several time series, and one is wanted`);
  const times = [...one.keys()].sort((a, b) => a - b);
  return { times, values: times.map(time => one.get(time) as number) };
}
