/** A scaling policy as it is put, understood or refused. */
import type {
  CustomizedMetricSpecification,
  PredictiveScalingConfiguration,
  PutScalingPolicyType,
  TargetTrackingConfiguration,
  TargetTrackingMetricDataQuery,
} from '@aws-sdk/client-auto-scaling';
import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { Group } from '../world/group.ts';
import type { Prediction } from '../world/predictive-scaling.ts';
import type { MetricQuery } from '../world/queries.ts';
import type { AdjustmentType, AwsPolicy, Simple, Step, Stepping } from '../world/scaling-policies.ts';
import type { Tracking } from '../world/target-tracking.ts';
import { invalid } from './autoscaling-find.ts';
import { refuseMore } from './autoscaling-quotas.ts';
import { metricName, metricQuery, statistic } from './cloudwatch-queries.ts';
import { NotInVirtualCloud } from './errors.ts';

/** @throws ServiceError where Auto Scaling would not take it. */
export function understood(group: Group, input: PutScalingPolicyType): AwsPolicy {
  const named = { name: input.PolicyName ?? '', enabled: input.Enabled ?? true };
  switch (input.PolicyType ?? 'SimpleScaling') {
    case 'SimpleScaling':
      return { ...named, ...simple(input) };
    case 'StepScaling':
      return { ...named, ...stepping(input) };
    case 'TargetTrackingScaling':
      return { ...named, ...tracking(group, input) };
    case 'PredictiveScaling':
      return { ...named, ...prediction(group, input.PredictiveScalingConfiguration) };
    default:
      throw invalid(`Invalid policy type: ${input.PolicyType}`);
  }
}

function simple(input: PutScalingPolicyType): Simple {
  const { ScalingAdjustment: adjustment, Cooldown: cooldown } = input;
  if (adjustment === undefined) throw invalid('ScalingAdjustment must be specified for a policy of type SimpleScaling.');
  return { type: 'SimpleScaling', adjustment, ...adjusting(input), ...(cooldown !== undefined && { cooldown }) };
}

function adjusting({ AdjustmentType: type, MinAdjustmentMagnitude: minMagnitude }: PutScalingPolicyType) {
  const adjustmentType = ADJUSTMENTS.find(known => known === type);
  if (adjustmentType === undefined) throw invalid(`Invalid AdjustmentType: ${type}`);
  if (minMagnitude !== undefined && adjustmentType !== 'PercentChangeInCapacity')
    throw invalid('MinAdjustmentMagnitude is only supported for the adjustment type PercentChangeInCapacity.');
  return { adjustmentType, ...(minMagnitude !== undefined && { minMagnitude }) };
}

const ADJUSTMENTS: readonly AdjustmentType[] = ['ChangeInCapacity', 'PercentChangeInCapacity', 'ExactCapacity'];

function stepping(input: PutScalingPolicyType): Stepping {
  const steps = (input.StepAdjustments ?? []).map(
    ({ MetricIntervalLowerBound: lower = null, MetricIntervalUpperBound: upper = null, ScalingAdjustment: adjustment = 0 }): Step => ({
      ...{ lower, upper, adjustment },
    }),
  );
  refuseMore('step adjustments', steps.length - 1);
  if (steps.length === 0) throw invalid('At least one StepAdjustment must be specified for a policy of type StepScaling.');
  const sorted = steps.toSorted((a, b) => (a.lower ?? Number.NEGATIVE_INFINITY) - (b.lower ?? Number.NEGATIVE_INFINITY));
  const gap = sorted.some((step, i) => i > 0 && step.lower !== sorted[i - 1]?.upper);
  if (gap) throw invalid('StepAdjustment intervals cannot have gaps between them, nor overlap.');
  const aggregation = AGGREGATIONS.find(known => known === (input.MetricAggregationType ?? 'Average'));
  if (aggregation === undefined) throw invalid(`Invalid MetricAggregationType: ${input.MetricAggregationType}`);
  return { type: 'StepScaling', steps, aggregation, ...adjusting(input), ...warmup(input) };
}

const AGGREGATIONS = ['Average', 'Minimum', 'Maximum'] as const;

const warmup = ({ EstimatedInstanceWarmup }: PutScalingPolicyType): { readonly warmup?: number } =>
  EstimatedInstanceWarmup === undefined ? {} : { warmup: EstimatedInstanceWarmup };

function tracking(group: Group, input: PutScalingPolicyType): Tracking {
  const { TargetValue: target, DisableScaleIn, ...of }: Partial<TargetTrackingConfiguration> = input.TargetTrackingConfiguration ?? {};
  if (target === undefined) throw invalid('TargetTrackingConfiguration must be specified for a policy of type TargetTrackingScaling.');
  if (!(target > 0)) throw invalid('TargetValue must be greater than 0.');
  return { type: 'TargetTrackingScaling', target, disableScaleIn: DisableScaleIn ?? false, metric: metricOf(group, of), ...warmup(input) };
}

function metricOf(
  group: Group,
  { PredefinedMetricSpecification: predefined, CustomizedMetricSpecification: customized }: Partial<TargetTrackingConfiguration>,
): NonNullable<Tracking['metric']> {
  if (customized !== undefined) return { queries: queriesOf(customized) };
  switch (predefined?.PredefinedMetricType) {
    case 'ASGAverageCPUUtilization':
      return 'cpu';
    case 'ALBRequestCountPerTarget':
      refuseLabel(group, predefined.ResourceLabel);
      return 'requests';
    case undefined:
      throw invalid('Either PredefinedMetricSpecification or CustomizedMetricSpecification must be specified.');
    default:
      throw new NotInVirtualCloud(`autoscaling target tracking of ${predefined?.PredefinedMetricType}`);
  }
}

/** `app/web/50dc6c495c0c9188/targetgroup/web/943f017f100becff`, of a target group that the group is in. */
function refuseLabel({ balancer }: Group, label: string | undefined): void {
  if (balancer === null || label !== `${balancer.loadBalancer}/${balancer.targetGroup}`)
    throw invalid(`Invalid resource label: ${label}. The load balancer does not route traffic to the Auto Scaling group.`);
}

function queriesOf(specification: CustomizedMetricSpecification): MetricQuery[] {
  const { Metrics, Statistic, Period = 60 } = specification;
  if (Metrics !== undefined) return Metrics.map(query => metricQuery(withPeriod(query)));
  return [{ id: 'm', label: null, returned: true, metric: metricName(specification), stat: statistic(Statistic ?? ''), period: Period }];
}

const withPeriod = ({ MetricStat: of, Period = 60, ...query }: TargetTrackingMetricDataQuery): MetricDataQuery => ({
  ...query,
  ...(of !== undefined && { MetricStat: { Metric: of.Metric, Stat: of.Stat, Period: of.Period ?? Period } }),
});

const LOADS = { ASGCPUUtilization: 'cpu', ALBRequestCount: 'requests' } as const;

function prediction(group: Group, configuration: PredictiveScalingConfiguration | undefined): Prediction {
  const { MetricSpecifications = [], Mode = 'ForecastOnly', SchedulingBufferTime = 300 } = configuration ?? {};
  const [specification] = MetricSpecifications;
  if (specification?.TargetValue === undefined || MetricSpecifications.length !== 1)
    throw invalid('PredictiveScalingConfiguration must have exactly one MetricSpecification.');
  const pair = specification.PredefinedMetricPairSpecification;
  const metric = LOADS[pair?.PredefinedMetricType as keyof typeof LOADS];
  if (metric === undefined)
    throw new NotInVirtualCloud('autoscaling predictive scaling by anything but ASGCPUUtilization and ALBRequestCount');
  if (metric === 'requests') refuseLabel(group, pair?.ResourceLabel);
  if (SchedulingBufferTime < 0 || SchedulingBufferTime > 3600) throw invalid('SchedulingBufferTime must be between 0 and 3600 seconds.');
  const increase = configuration?.MaxCapacityBreachBehavior === 'IncreaseMaxCapacity';
  return {
    type: 'PredictiveScaling',
    mode: Mode === 'ForecastAndScale' ? Mode : 'ForecastOnly',
    metric,
    target: specification.TargetValue,
    bufferSeconds: SchedulingBufferTime,
    aboveMaxPercent: increase ? (configuration?.MaxCapacityBuffer ?? 0) : null,
  };
}
