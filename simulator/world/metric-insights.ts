/**
 * Metrics Insights: `SELECT AVG(CPUUtilization) FROM SCHEMA("AWS/EC2", InstanceId) WHERE … GROUP BY … ORDER BY MAX() DESC LIMIT 5`
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-querylanguage.html). Every observation of
 * every metric that matches counts once. Tags of resources are not known here.
 */
import { datapoints, type Statistic } from './datapoints.ts';
import { MathError, TimeSeries } from './metric-math.ts';
import { hasSchema } from './metric-search.ts';
import type { MetricName } from './metric-source.ts';
import { metricsOf, sourceOf } from './metrics.ts';
import type { Window } from './queries.ts';
import type { Region, World } from './world.ts';

type Fold = 'AVG' | 'COUNT' | 'MAX' | 'MIN' | 'SUM';

interface Query {
  readonly fold: Fold;
  readonly metric: string;
  readonly namespace: string;
  /** Names of exactly the dimensions that a metric must have; null: any. */
  readonly schema: readonly string[] | null;
  readonly where: readonly { readonly key: string; readonly equal: boolean; readonly value: string }[];
  readonly groupBy: readonly string[];
  readonly order: { readonly fold: Fold; readonly descending: boolean } | null;
  readonly limit: number;
}

/** As many time series as a query may return, and metrics as it processes. */
const SERIES_MAX = 500;
const METRICS_MAX = 10_000;

export const isInsights = (expression: string): boolean => /^\s*SELECT\b/i.test(expression);

/** @throws MathError for a query that is not understood. */
export const isGrouped = (expression: string): boolean => parse(expression).groupBy.length > 0;

/** One series, or one for each group. @throws MathError for a query that is not understood. */
export function runInsights(
  world: World,
  region: Region,
  expression: string,
  { period, window }: { readonly period: number; readonly window: Window },
): TimeSeries | TimeSeries[] {
  const query = parse(expression);
  const matching = metricsOf(region)
    .filter(metric => matches(query, metric))
    .slice(0, METRICS_MAX);
  const groups = Map.groupBy(matching, metric => query.groupBy.map(key => dimensionOf(metric, key) ?? 'Other').join(' '));
  const series = [...groups].map(([label, metrics]) => ({
    label,
    metrics,
    of: foldOver(world, region, metrics, query.fold, period, window),
  }));
  if (query.groupBy.length === 0) return series[0] === undefined ? new TimeSeries() : series[0].of;
  const { order } = query;
  const total = (metrics: readonly MetricName[]): number => {
    const [value] = foldOver(world, region, metrics, order?.fold ?? 'AVG', window.end - window.start, window).values();
    return value ?? 0;
  };
  const ranked = order === null ? series : series.toSorted((a, b) => (total(a.metrics) - total(b.metrics)) * (order.descending ? -1 : 1));
  return ranked.slice(0, query.limit).map(({ label, of }) => new TimeSeries(of, { label, period }));
}

const matches = ({ metric: name, namespace, schema, where }: Query, metric: MetricName): boolean =>
  metric.name === name &&
  metric.namespace === namespace &&
  (schema === null || hasSchema(metric, [namespace, ...schema])) &&
  where.every(({ key, equal, value }) => (dimensionOf(metric, key) === value) === equal);

const dimensionOf = ({ dimensions }: MetricName, key: string): string | undefined => dimensions.find(d => d.Name === key)?.Value;

function foldOver(world: World, region: Region, metrics: readonly MetricName[], fold: Fold, period: number, window: Window): TimeSeries {
  const read = (stat: Statistic): Map<number, number[]> => {
    const values = new Map<number, number[]>();
    for (const metric of metrics) {
      const source = sourceOf(world, region, metric);
      if (source === null) continue;
      const points = datapoints(source, stat, period, window, world.clock.now());
      for (const [i, time] of points.times.entries()) values.set(time, [...(values.get(time) ?? []), points.values[i] as number]);
    }
    return values;
  };
  const folded = (stat: Statistic, over: (values: readonly number[]) => number) =>
    new TimeSeries([...read(stat)].sort(([a], [b]) => a - b).map(([time, values]) => [time, over(values)]));
  switch (fold) {
    case 'AVG': {
      const counts = folded('SampleCount', sum);
      return new TimeSeries([...folded('Sum', sum)].map(([time, value]) => [time, value / (counts.get(time) ?? 1)]));
    }
    case 'COUNT':
      return folded('SampleCount', sum);
    case 'SUM':
      return folded('Sum', sum);
    case 'MAX':
      return folded('Maximum', values => Math.max(...values));
    case 'MIN':
      return folded('Minimum', values => Math.min(...values));
    default:
      return fold satisfies never;
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const NAME = String.raw`"[^"]+"|[A-Za-z_]\w*`;
const FOLD = '(AVG|COUNT|MAX|MIN|SUM)';
const QUERY = new RegExp(
  [
    String.raw`^\s*SELECT\s+${FOLD}\s*\(\s*(${NAME})\s*\)`,
    String.raw`\s+FROM\s+(?:SCHEMA\s*\(([^)]*)\)|(${NAME}))`,
    String.raw`(?:\s+WHERE\s+(.+?))?`,
    String.raw`(?:\s+GROUP\s+BY\s+(.+?))?`,
    String.raw`(?:\s+ORDER\s+BY\s+${FOLD}\s*\(\s*\)(?:\s+(ASC|DESC))?)?`,
    String.raw`(?:\s+LIMIT\s+(\d+))?\s*;?\s*$`,
  ].join(''),
  'is',
);

function parse(expression: string): Query {
  const found = QUERY.exec(expression);
  if (found === null) throw new MathError(`not understood as a query: ${expression}`);
  const [, fold = '', metric = '', schema, from = '', where, groupBy, order, direction, limit] = found;
  const [namespace = '', ...names] = schema === undefined ? [from] : listed(schema);
  return {
    fold: foldOf(fold),
    metric: unquoted(metric),
    namespace: unquoted(namespace),
    schema: schema === undefined ? null : names,
    where: (where?.split(/\s+AND\s+/i) ?? []).map(text => condition(text, expression)),
    groupBy: groupBy === undefined ? [] : listed(groupBy),
    order: order === undefined ? null : { fold: foldOf(order), descending: direction?.toUpperCase() !== 'ASC' },
    limit: Math.min(SERIES_MAX, Number(limit ?? SERIES_MAX)),
  };
}

const foldOf = (text: string): Fold => text.toUpperCase() as Fold;
const unquoted = (text: string): string => text.trim().replace(/^"(.*)"$/s, '$1');
const listed = (text: string): string[] => text.split(',').map(unquoted);

function condition(text: string, expression: string): Query['where'][number] {
  const [, key = '', operator, value = ''] = new RegExp(String.raw`^\s*(${NAME})\s*(=|!=)\s*'([^']*)'\s*$`).exec(text) ?? [];
  if (operator === undefined || /^"?tag\./.test(key)) throw new MathError(`not understood in the query ${expression}: ${text}`);
  return { key: unquoted(key), equal: operator === '=', value };
}
