/**
 * CloudWatch's metrics as pure functions of what happened: nothing is stored, so four weeks of history cost nothing until asked for.
 * Who publishes what, by namespace.
 */
import { balancerMetrics } from './balancer.ts';
import { customMetrics } from './custom-metrics.ts';
import { ec2Metrics } from './ec2-metrics.ts';
import { groupMetrics } from './group-metrics.ts';
import type { MetricName, Source } from './metric-source.ts';
import { queueMetrics } from './queue-metrics.ts';
import type { Region, World } from './world.ts';

export interface Publisher {
  /** `null` where nothing publishes that: CloudWatch answers it with silence, not with an error. */
  source(world: World, region: Region, metric: MetricName): Source | null;
  /** Every metric that it publishes in the region. */
  names(region: Region): readonly MetricName[];
}

const AWS: Readonly<Record<string, Publisher>> = {
  'AWS/EC2': ec2Metrics,
  'AWS/AutoScaling': groupMetrics,
  'AWS/ApplicationELB': balancerMetrics,
  'AWS/SQS': queueMetrics,
};

export function sourceOf(world: World, region: Region, metric: MetricName): Source | null {
  const publisher = metric.namespace.startsWith('AWS/') ? AWS[metric.namespace] : customMetrics;
  return publisher?.source(world, region, metric) ?? null;
}

/** What ListMetrics tells, and what searches look through. */
export const metricsOf = (region: Region): MetricName[] =>
  [...Object.values(AWS), customMetrics].flatMap(publisher => publisher.names(region));
