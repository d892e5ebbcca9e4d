/** What is wanted, in GetMetricData's words: one query for a metric, one more for each metric that an expression speaks of. */
import type { MetricDataQuery, MetricStat } from '@aws-sdk/client-cloudwatch';
import { renamed } from '../model/expression.ts';
import type { Metric, MetricWanted } from './metrics.ts';

/** Ids are unique in a request, so the ids of an expression's own metrics are kept apart by its place. */
export const idOf = (index: number, own?: string): string => (own === undefined ? `m${index}` : `m${index}_${own}`);

/** Place of the wanted series that answers to an id. */
export const indexOf = (id: string | undefined): number => (id !== undefined && /^m\d+$/.test(id) ? Number(id.slice(1)) : -1);

export function queriesFor({ asked, periodSeconds }: MetricWanted, index: number): MetricDataQuery[] {
  if (!('expression' in asked)) return [{ Id: idOf(index), MetricStat: statOf(asked, periodSeconds) }];
  return [
    { Id: idOf(index), Expression: renamed(asked.expression, own => idOf(index, own)), Period: periodSeconds },
    ...Object.entries(asked.metrics).map(([own, metric]) => ({
      Id: idOf(index, own),
      MetricStat: statOf(metric, periodSeconds),
      ReturnData: false,
    })),
  ];
}

const statOf = ({ namespace, metric, dimensions, statistic }: Metric, Period: number): MetricStat => ({
  Metric: {
    Namespace: namespace,
    MetricName: metric,
    Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
  },
  Period,
  Stat: statistic,
});

/** CloudWatch's refusal with the ids that people wrote, not ours. */
export function wordsFor(told: string, { asked }: MetricWanted, index: number): string {
  if (!('expression' in asked)) return told;
  return told.replaceAll(`${idOf(index)}_`, '').replaceAll(`'${idOf(index)}'`, `'${asked.expression}'`);
}
