/** AWS/AutoScaling: a group's sizes, each minute. */
import { GROUP_METRICS, type GroupMetric } from './group.ts';
import { named, soleDimension } from './metric-source.ts';
import type { Publisher } from './metrics.ts';

const isGroupMetric = (name: string): name is GroupMetric => (GROUP_METRICS as readonly string[]).includes(name);

export const groupMetrics: Publisher = {
  source(_world, region, metric) {
    const group = region.groups.get(soleDimension(metric, 'AutoScalingGroupName') ?? '');
    if (group === undefined || !isGroupMetric(metric.name)) return null;
    const steps = group.counts[metric.name];
    return { step: 60, count: at => (at < group.createdAt ? 0 : 1), value: at => steps.at(at + 30) };
  },
  names: region =>
    [...region.groups.keys()].flatMap(name =>
      GROUP_METRICS.map(metric => named('AWS/AutoScaling', metric, { AutoScalingGroupName: name })),
    ),
};
