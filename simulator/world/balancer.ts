/**
 * An Application Load Balancer in front of a group, as far as its metrics tell of it. Requests are counted whether or not the targets can
 * keep up: what is over their capacity ends in 504, and where there is no target at all in 503. Names, dimensions and what each statistic
 * means: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html.
 */
import type { Group } from './group.ts';
import { hasDimensions, type MetricName, named, type Source } from './metric-source.ts';
import type { Publisher } from './metrics.ts';
import type { Ids } from './random.ts';

export interface Balancer {
  /** Value of the dimension LoadBalancer: `app/web/50dc6c495c0c9188`. */
  readonly loadBalancer: string;
  /** Value of the dimension TargetGroup, and the end of its ARN: `targetgroup/web/943f017f100becff`. */
  readonly targetGroup: string;
  /** Requests a minute that one member can answer. */
  readonly perInstance: number;
}

export const newBalancer = (ids: Ids, group: string, perInstance: number): Balancer => ({
  loadBalancer: `app/${group}/${ids.uuid('load-balancer').replaceAll('-', '').slice(0, 16)}`,
  targetGroup: `targetgroup/${group}/${ids.uuid('target-group').replaceAll('-', '').slice(0, 16)}`,
  perInstance,
});

export const targetGroupArn = (account: string, { region, balancer }: Group): string | null =>
  balancer === null ? null : `arn:aws:elasticloadbalancing:${region}:${account}:${balancer.targetGroup}`;

/** Of one minute. */
interface Minute {
  readonly requests: number;
  readonly targets: number;
  /** Requests that were answered. */
  readonly answered: number;
}

/** The minute that begins at `at`, as its middle has it. */
function minuteOf(group: Group, { perInstance }: Balancer, at: number): Minute {
  const targets = group.serving.at(at + 30);
  const requests = Math.round(group.demand.at(at + 30)(at + 30) * perInstance);
  return { requests, targets, answered: Math.min(requests, Math.floor(group.power.at(at + 30) * perInstance)) };
}

/** Which dimensions a metric is published with. */
type Level = 'balancer' | 'target group';

/** A count is published as so many ones: their Sum is what is meant. */
const COUNTS: Readonly<Record<string, { readonly of: (minute: Minute) => number; readonly levels: readonly Level[] }>> = {
  // Only where a target could be chosen.
  RequestCount: { of: m => (m.targets === 0 ? 0 : m.requests), levels: ['balancer', 'target group'] },
  HTTPCode_Target_2XX_Count: { of: m => m.answered, levels: ['balancer', 'target group'] },
  HTTPCode_ELB_503_Count: { of: m => (m.targets === 0 ? m.requests : 0), levels: ['balancer'] },
  HTTPCode_ELB_504_Count: { of: m => (m.targets === 0 ? 0 : m.requests - m.answered), levels: ['balancer'] },
  HTTPCode_ELB_5XX_Count: { of: m => m.requests - m.answered, levels: ['balancer'] },
};

/** One value each minute. */
const GAUGES: Readonly<Record<string, (minute: Minute) => number | null>> = {
  // An average over the targets, although Sum is its only statistic.
  RequestCountPerTarget: m => (m.targets === 0 || m.requests === 0 ? null : m.requests / m.targets),
  HealthyHostCount: m => m.targets,
};

export const balancerMetrics: Publisher = {
  source(_world, region, metric) {
    const group = metric.dimensions.flatMap(({ Value }) => region.balanced.get(Value) ?? [])[0];
    const balancer = group?.balancer ?? null;
    const level = balancer === null ? null : levelOf(balancer, metric);
    return group === undefined || balancer === null || level === null ? null : sourceAt(group, balancer, metric.name, level);
  },
  names: region =>
    [...new Set(region.balanced.values())].flatMap(({ balancer }) => {
      if (balancer === null) return [];
      const whole = { LoadBalancer: balancer.loadBalancer };
      const part = { ...whole, TargetGroup: balancer.targetGroup };
      return [
        ...Object.entries(COUNTS).flatMap(([name, { levels }]) =>
          levels.map(level => named('AWS/ApplicationELB', name, level === 'balancer' ? whole : part)),
        ),
        ...Object.keys(GAUGES).map(name => named('AWS/ApplicationELB', name, part)),
        named('AWS/ApplicationELB', 'RequestCountPerTarget', { TargetGroup: balancer.targetGroup }),
      ];
    }),
};

function levelOf({ loadBalancer, targetGroup }: Balancer, metric: MetricName): Level | null {
  if (hasDimensions(metric, { LoadBalancer: loadBalancer })) return 'balancer';
  const alone = metric.name === 'RequestCountPerTarget' && hasDimensions(metric, { TargetGroup: targetGroup });
  return alone || hasDimensions(metric, { LoadBalancer: loadBalancer, TargetGroup: targetGroup }) ? 'target group' : null;
}

function sourceAt(group: Group, balancer: Balancer, name: string, level: Level): Source | null {
  const minute = (at: number) => minuteOf(group, balancer, at);
  const counted = COUNTS[name];
  const there = (at: number) => at >= group.createdAt;
  if (counted?.levels.includes(level)) return { step: 60, count: at => (there(at) ? counted.of(minute(at)) : 0), value: () => 1 };
  const gauge = GAUGES[name];
  if (gauge === undefined || level !== 'target group') return null;
  return { step: 60, count: at => (there(at) && gauge(minute(at)) !== null ? 1 : 0), value: at => gauge(minute(at)) ?? 0 };
}
