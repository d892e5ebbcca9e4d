/** A scaling policy as DescribePolicies tells it. */
import type {
  CustomizedMetricSpecification,
  PredictiveScalingConfiguration,
  ScalingPolicy,
  TargetTrackingConfiguration,
} from '@aws-sdk/client-auto-scaling';
import type { Group } from '../world/group.ts';
import type { Prediction } from '../world/predictive-scaling.ts';
import type { MetricQuery } from '../world/queries.ts';
import { type AwsPolicy, policyArn, type Simple, type Stepping } from '../world/scaling-policies.ts';
import type { Tracking } from '../world/target-tracking.ts';
import type { Region } from '../world/world.ts';

export function policyJson(account: string, region: Region, group: Group, policy: AwsPolicy): ScalingPolicy {
  const arn = policyArn(account, group, policy.name);
  const alarms = [...region.alarms.values()].filter(({ actions }) => Object.values(actions).some(arns => arns.includes(arn)));
  return {
    AutoScalingGroupName: group.name,
    PolicyName: policy.name,
    PolicyARN: arn,
    PolicyType: policy.type,
    StepAdjustments: [],
    Alarms: alarms.map(alarm => ({ AlarmName: alarm.name, AlarmARN: alarm.arn })),
    ...detailsOf(group, policy),
    Enabled: policy.enabled ?? true,
  };
}

function detailsOf(group: Group, policy: AwsPolicy): ScalingPolicy {
  switch (policy.type) {
    case 'TargetTrackingScaling':
      return {
        ...(policy.target !== undefined && { TargetTrackingConfiguration: trackingJson(group, policy, policy.target) }),
        ...(policy.warmup !== undefined && { EstimatedInstanceWarmup: policy.warmup }),
      };
    case 'StepScaling':
      return {
        ...adjustingJson(policy),
        StepAdjustments: (policy.steps ?? []).map(({ lower, upper, adjustment }) => ({
          ...(lower !== null && { MetricIntervalLowerBound: lower }),
          ...(upper !== null && { MetricIntervalUpperBound: upper }),
          ScalingAdjustment: adjustment,
        })),
        MetricAggregationType: policy.aggregation ?? 'Average',
        ...(policy.warmup !== undefined && { EstimatedInstanceWarmup: policy.warmup }),
      };
    case 'SimpleScaling':
      return {
        ...adjustingJson(policy),
        ...(policy.adjustment !== undefined && { ScalingAdjustment: policy.adjustment }),
        ...(policy.cooldown !== undefined && { Cooldown: policy.cooldown }),
      };
    case 'PredictiveScaling':
      return policy.target === undefined ? {} : { PredictiveScalingConfiguration: predictionJson(policy, group) };
    default:
      return policy satisfies never;
  }
}

const adjustingJson = ({ adjustmentType, minMagnitude }: Stepping | Simple): ScalingPolicy => ({
  ...(adjustmentType !== undefined && { AdjustmentType: adjustmentType }),
  ...(minMagnitude !== undefined && { MinAdjustmentMagnitude: minMagnitude }),
});

const labelOf = ({ balancer }: Group): string => `${balancer?.loadBalancer}/${balancer?.targetGroup}`;

function trackingJson(group: Group, { metric = 'cpu', disableScaleIn = false }: Tracking, target: number): TargetTrackingConfiguration {
  const common = { TargetValue: target, DisableScaleIn: disableScaleIn };
  if (metric === 'cpu') return { ...common, PredefinedMetricSpecification: { PredefinedMetricType: 'ASGAverageCPUUtilization' } };
  if (metric === 'requests')
    return {
      ...common,
      PredefinedMetricSpecification: { PredefinedMetricType: 'ALBRequestCountPerTarget', ResourceLabel: labelOf(group) },
    };
  return { ...common, CustomizedMetricSpecification: customizedJson(metric.queries) };
}

function customizedJson(queries: readonly MetricQuery[]): CustomizedMetricSpecification {
  const [only, ...others] = queries;
  if (only !== undefined && others.length === 0 && 'metric' in only) {
    const { namespace, name, dimensions } = only.metric;
    const Statistic = only.stat as NonNullable<CustomizedMetricSpecification['Statistic']>;
    return { Namespace: namespace, MetricName: name, Dimensions: dimensions.map(d => ({ ...d })), Statistic };
  }
  return {
    Metrics: queries.map(query => {
      const common = { Id: query.id, ReturnData: query.returned, ...(query.label !== null && { Label: query.label }) };
      if (!('metric' in query)) return { ...common, Expression: query.expression };
      const { namespace, name, dimensions } = query.metric;
      const Metric = { Namespace: namespace, MetricName: name, Dimensions: dimensions.map(d => ({ ...d })) };
      return { ...common, MetricStat: { Metric, Stat: query.stat } };
    }),
  };
}

export function predictionJson(policy: Prediction, group: Group): PredictiveScalingConfiguration {
  const { mode = 'ForecastOnly', metric = 'cpu', target = 0, bufferSeconds = 300, aboveMaxPercent = null } = policy;
  const pair =
    metric === 'cpu'
      ? { PredefinedMetricType: 'ASGCPUUtilization' as const }
      : { PredefinedMetricType: 'ALBRequestCount' as const, ResourceLabel: labelOf(group) };
  return {
    MetricSpecifications: [{ TargetValue: target, PredefinedMetricPairSpecification: pair }],
    Mode: mode,
    SchedulingBufferTime: bufferSeconds,
    MaxCapacityBreachBehavior: aboveMaxPercent === null ? 'HonorMaxCapacity' : 'IncreaseMaxCapacity',
    ...(aboveMaxPercent !== null && { MaxCapacityBuffer: aboveMaxPercent }),
  };
}
