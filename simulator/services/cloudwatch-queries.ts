/** Metrics and expressions as they are asked for, understood or refused. */
import type { Metric, MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { isStatistic, type Statistic } from '../world/datapoints.ts';
import { isInsights } from '../world/metric-insights.ts';
import type { MetricName } from '../world/metric-source.ts';
import type { MetricQuery } from '../world/queries.ts';
import { NotInVirtualCloud, ServiceError } from './errors.ts';

export type Nothing = Record<string, never>;

export const invalid = (message: string): ServiceError => new ServiceError('ValidationError', message);

/** @throws ServiceError where the query would not be taken. */
export function metricQuery({ Id = '', Label, ReturnData, MetricStat, Expression, Period }: MetricDataQuery): MetricQuery {
  if (!/^[a-z]\w{0,254}$/.test(Id)) throw invalid(`The value ${Id} for parameter Id is not valid: it must begin with a small letter.`);
  const common = { id: Id, label: Label ?? null, returned: ReturnData ?? true };
  if (MetricStat?.Metric === undefined) {
    if (Expression === undefined) throw invalid('Exactly one of MetricStat and Expression must be specified.');
    if (isInsights(Expression) && Period === undefined) throw invalid('Period must be specified for a Metrics Insights query.');
    return { ...common, expression: Expression, period: Period ?? null };
  }
  const { Period: period = 0, Stat: stat = '' } = MetricStat;
  return { ...common, metric: metricName(MetricStat.Metric), stat: statistic(stat), period: wholeMinutes(period) };
}

export const metricName = ({ Namespace = '', MetricName = '', Dimensions = [] }: Metric): MetricName => ({
  namespace: Namespace,
  name: MetricName,
  dimensions: Dimensions.map(({ Name = '', Value = '' }) => ({ Name, Value })),
});

export function wholeMinutes(period: number): number {
  if (!(period >= 60 && period % 60 === 0)) throw invalid(`The parameter Period must be a multiple of 60; it is ${period}.`);
  return period;
}

export function statistic(text: string): Statistic {
  if (!isStatistic(text)) throw new NotInVirtualCloud(`cloudwatch statistic ${text}`);
  return text;
}
