/**
 * AWS's own target tracking: out after 3 minutes of 3 above the target, in after 15 of 15 below nine tenths of it, to
 * `capacity × metric ÷ target`, and never in while an instance warms up
 * (https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html). That AWS scales in more slowly than it could is
 * said there without a number; here it goes as far as the metric says.
 */
import { type Alarm, type AlarmOptions, putAlarm } from './alarms.ts';
import { type Group, warmCapacity } from './group.ts';
import { named } from './metric-source.ts';
import type { MetricQuery } from './queries.ts';
import { resize } from './scaling.ts';
import { type AwsPolicy, policyArn, type Trigger } from './scaling-policies.ts';
import { regionOf, type World } from './world.ts';

export interface Tracking {
  readonly type: 'TargetTrackingScaling';
  /** In the metric's unit: percent of CPU, requests a minute and target, whatever a metric of the user's own counts. */
  readonly target?: number;
  readonly disableScaleIn?: boolean;
  /** Average CPU unless told otherwise. `requests`: RequestCountPerTarget. `queries`: metrics and metric math, one of them returned. */
  readonly metric?: 'cpu' | 'requests' | { readonly queries: readonly MetricQuery[] };
  /** EstimatedInstanceWarmup, seconds. */
  readonly warmup?: number;
}

type Policy = Tracking & { readonly name: string };

/** Where nobody set a warm-up an instance counts as warm after five minutes. */
const WARMUP = 300;
const SCALE_IN_BELOW = 0.9;

/** Puts the two alarms of the policy in place of those it had; AWS names them so, and nobody else may change them. */
export function track(world: World, group: Group, policy: AwsPolicy): Alarm[] {
  untrack(world, group, policy.name);
  if (policy.type !== 'TargetTrackingScaling' || policy.target === undefined || policy.enabled === false) return [];
  const id = world.ids.uuid('target-tracking');
  const common = {
    region: group.region,
    ...judged(group, policy),
    description: `DO NOT EDIT OR DELETE. For TargetTrackingScaling policy ${policyArn(world.account, group, policy.name)}.`,
    actions: { OK: [], ALARM: [policyArn(world.account, group, policy.name)], INSUFFICIENT_DATA: [] },
  };
  const high = putAlarm(world, {
    ...common,
    name: `TargetTracking-${group.name}-AlarmHigh-${id}`,
    threshold: policy.target,
    comparison: 'GreaterThanThreshold',
    evaluationPeriods: 3,
  });
  if (policy.disableScaleIn) return [high];
  const low = putAlarm(world, {
    ...common,
    name: `TargetTracking-${group.name}-AlarmLow-${id}`,
    threshold: policy.target * SCALE_IN_BELOW,
    comparison: 'LessThanThreshold',
    evaluationPeriods: 15,
  });
  return [high, low];
}

/** Takes the policy's alarms away, as when it is deleted or put anew. */
export function untrack(world: World, group: Group, name: string): void {
  const { alarms } = regionOf(world, group.region);
  const arn = policyArn(world.account, group, name);
  for (const alarm of [...alarms.values()])
    if (alarm.name.startsWith(`TargetTracking-${group.name}-`) && alarm.actions.ALARM.includes(arn)) alarms.delete(alarm.name);
}

function judged(group: Group, { metric = 'cpu' }: Policy): Pick<AlarmOptions, 'metric' | 'statistic' | 'queries'> {
  if (metric === 'cpu') return { metric: named('AWS/EC2', 'CPUUtilization', { AutoScalingGroupName: group.name }) };
  if (metric === 'requests') {
    const { loadBalancer: LoadBalancer = '', targetGroup: TargetGroup = '' } = group.balancer ?? {};
    return { metric: named('AWS/ApplicationELB', 'RequestCountPerTarget', { LoadBalancer, TargetGroup }), statistic: 'Sum' };
  }
  const first = metric.queries.flatMap(q => ('metric' in q ? [q] : []))[0];
  return { metric: first?.metric ?? named('', '', {}), statistic: first?.stat ?? 'Average', queries: metric.queries };
}

/** The metric is some minutes old: it says what those needed who served then. What is on its way counts. */
export function trackTarget(world: World, group: Group, policy: Policy, { alarm, newest }: Trigger): boolean {
  if (newest === null || policy.target === undefined) return false;
  const needed = Math.ceil((group.power.at(newest.time + alarm.period / 2) * newest.value) / policy.target);
  const high = alarm.comparison === 'GreaterThanThreshold';
  const wanted = high ? Math.min(group.maxSize, needed) : Math.max(group.minSize, group.predicted, needed);
  if (high ? wanted <= group.desired : wanted >= group.desired) return false;
  if (!high && warmCapacity(world, group, policy.warmup ?? WARMUP) < group.desired) return false;
  const why = `a monitor alarm ${alarm.name} in state ALARM triggered policy ${policy.name}`;
  return resize(world, group, { desired: wanted }, why);
}
