/** Metrics that somebody puts: kept minute by minute as they came. */
import type { MetricName, Source } from './metric-source.ts';
import type { Publisher } from './metrics.ts';
import type { Region } from './world.ts';

export interface CustomMetric {
  readonly metric: MetricName;
  /** Minute → values, one for each that was counted. */
  readonly minutes: Map<number, number[]>;
}

export const customMetrics: Publisher = {
  source: (_world, region, metric) => customSource(region, metric),
  names: region => [...region.customMetrics.values()].map(({ metric }) => metric),
};

export const metricKey = ({ namespace, name, dimensions }: MetricName): string =>
  [namespace, name, ...dimensions.map(d => `${d.Name}=${d.Value}`).toSorted()].join('\n');

/** @param at epoch seconds of the values. */
export function putValues(region: Region, metric: MetricName, at: number, values: readonly number[]): void {
  const key = metricKey(metric);
  const custom = region.customMetrics.get(key) ?? { metric, minutes: new Map<number, number[]>() };
  region.customMetrics.set(key, custom);
  const minute = Math.floor(at / 60) * 60;
  const there = custom.minutes.get(minute) ?? [];
  there.push(...values);
  custom.minutes.set(minute, there);
}

function customSource(region: Region, metric: MetricName): Source | null {
  const custom = region.customMetrics.get(metricKey(metric));
  if (custom === undefined) return null;
  const values = (at: number): readonly number[] => custom.minutes.get(at) ?? [];
  return {
    step: 60,
    count: at => values(at).length,
    value: at => values(at).reduce((sum, value) => sum + value, 0) / values(at).length,
    values,
  };
}
