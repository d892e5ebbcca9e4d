/** Which metrics share a call of GetMetricData. */
import { isInsights, isSearch, takesAll } from '../model/expression.ts';
import { addSeconds, HOUR, lengthSeconds } from '../model/time.ts';
import type { MetricWanted } from './metrics.ts';

/** CloudWatch's limits for one call. */
const QUERIES_MAX = 500;
const DATAPOINTS_MAX = 100_800;
/** "As many as five search expressions on one graph" (user guide, search expression limits), and a graph is such a call. */
const SEARCHES_MAX = 5;

/** Windows that end together and begin within so many seconds share a call, which then begins with the earliest of them. */
const SPREAD = 3 * HOUR;

/**
 * All queries of a call share its window, and what a call returns is bounded too, so long windows make small batches. Tails of slightly
 * different length go together: what a call costs depends on its metrics, not on how far back it looks.
 */
export function batches(wanted: readonly MetricWanted[]): MetricWanted[][] {
  const [alone, together] = [wanted.filter(isAlone), wanted.filter(w => !isAlone(w))];
  const alike = Map.groupBy(together, w => `${w.window.end} ${w.periodSeconds} ${searches(w)}`);
  return [...[...alike.values()].flatMap(packed), ...alone.map(w => [w])];
}

/** A call takes one Metrics Insights query (API reference), and METRICS() takes in whatever else is in its call. */
const isAlone = ({ asked }: MetricWanted): boolean => 'expression' in asked && (takesAll(asked.expression) || isInsights(asked.expression));

function packed(group: readonly MetricWanted[]): MetricWanted[][] {
  const all: MetricWanted[][] = [];
  const earliest = [...group].sort((a, b) => (a.window.start < b.window.start ? -1 : a.window.start > b.window.start ? 1 : 0));
  let queries = 0;
  for (const wanted of earliest) {
    const batch = all.at(-1);
    const first = batch?.[0];
    queries += queriesOf(wanted);
    if (batch !== undefined && first !== undefined && isClose(wanted, first) && queries <= roomIn(first)) batch.push(wanted);
    else {
      all.push([wanted]);
      queries = queriesOf(wanted);
    }
  }
  return all;
}

const isClose = ({ window }: MetricWanted, first: MetricWanted): boolean => window.start <= addSeconds(first.window.start, SPREAD);

const roomIn = (first: MetricWanted): number => {
  const datapoints = Math.max(1, Math.ceil(lengthSeconds(first.window) / first.periodSeconds));
  return Math.min(searches(first) ? SEARCHES_MAX : QUERIES_MAX, Math.floor(DATAPOINTS_MAX / datapoints));
};

const searches = ({ asked }: MetricWanted): boolean => 'expression' in asked && isSearch(asked.expression);

/** An expression counts with the metrics that it speaks of. */
const queriesOf = ({ asked }: MetricWanted): number => ('expression' in asked ? 1 + Object.keys(asked.metrics).length : 1);
