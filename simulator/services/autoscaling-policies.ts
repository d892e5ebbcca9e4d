/** Scaling policies of AWS: put, described, set off by hand, deleted; and what predictive ones forecast. */
import type {
  DeletePolicyType,
  DescribePoliciesType,
  ExecutePolicyType,
  GetPredictiveScalingForecastAnswer,
  GetPredictiveScalingForecastType,
  PoliciesType,
  PolicyARNType,
  PutScalingPolicyType,
} from '@aws-sdk/client-auto-scaling';
import type { Group } from '../world/group.ts';
import { forecastAt, predict } from '../world/predictive-scaling.ts';
import { type AwsPolicy, policyArn, setOff } from '../world/scaling-policies.ts';
import { track, untrack } from '../world/target-tracking.ts';
import { badToken, changeable, date, groupOf, invalid, type Nothing, pageSize } from './autoscaling-find.ts';
import { understood } from './autoscaling-policy-input.ts';
import { policyJson, predictionJson } from './autoscaling-policy-json.ts';
import { refuseMore } from './autoscaling-quotas.ts';
import { ServiceError } from './errors.ts';
import { type Call, type Operation, reads, trailed } from './operation.ts';
import { page } from './page.ts';

export const policies: Readonly<Record<string, Operation>> = {
  DeletePolicy: trailed(deletePolicy),
  DescribePolicies: reads(describePolicies),
  ExecutePolicy: trailed(executePolicy),
  GetPredictiveScalingForecast: reads(getForecast),
  PutScalingPolicy: trailed(putPolicy),
};

/** In place of one of the same name. Target tracking brings its own alarms; step and simple scaling wait for one of the user's. */
function putPolicy(input: PutScalingPolicyType, { region, world, changed }: Call): PolicyARNType {
  const group = changeable(region, input.AutoScalingGroupName);
  const policy = understood(group, input);
  const others = group.awsPolicies.filter(({ name }) => name !== policy.name);
  refuseMore('scaling policies', others.length);
  group.awsPolicies = [...others, policy];
  const alarms = track(world, group, policy);
  predict(world, group, policy);
  changed.push(group.name);
  return {
    PolicyARN: policyArn(world.account, group, policy.name),
    Alarms: alarms.map(alarm => ({ AlarmName: alarm.name, AlarmARN: alarm.arn })),
  };
}

function deletePolicy(input: DeletePolicyType, { region, world, changed }: Call): Nothing {
  const group = changeable(region, input.AutoScalingGroupName);
  const { name } = policyOf(world.account, group, input.PolicyName);
  untrack(world, group, name);
  group.awsPolicies = group.awsPolicies.filter(policy => policy.name !== name);
  if (!group.awsPolicies.some(policy => policy.type === 'PredictiveScaling')) group.predicted = 0;
  changed.push(group.name);
  return {};
}

/** By name or ARN. */
function policyOf(account: string, group: Group, named = ''): AwsPolicy {
  const found = group.awsPolicies.find(({ name }) => name === named || policyArn(account, group, name) === named);
  if (found === undefined) throw invalid('No scaling policy found');
  return found;
}

/** By hand: a step policy is told the value and the threshold that it would have met. */
function executePolicy(input: ExecutePolicyType, { region, world, changed }: Call): Nothing {
  const group = changeable(region, input.AutoScalingGroupName);
  const policy = policyOf(world.account, group, input.PolicyName);
  const { MetricValue: value, BreachThreshold: threshold, HonorCooldown: honorCooldown = false } = input;
  if (policy.type !== 'StepScaling' && policy.type !== 'SimpleScaling')
    throw invalid(`Policies of type ${policy.type} cannot be executed by a user request.`);
  if (policy.type === 'StepScaling' && (value === undefined || threshold === undefined))
    throw invalid('MetricValue and BreachThreshold are required for step scaling policies.');
  const alarm = {
    name: 'of a user request',
    comparison: (value ?? 0) >= (threshold ?? 0) ? ('GreaterThanOrEqualToThreshold' as const) : ('LessThanOrEqualToThreshold' as const),
    threshold: threshold ?? 0,
    period: 60,
  };
  const acted = setOff(world, group, policy, { alarm, newest: { time: world.clock.second(), value: value ?? 0 }, honorCooldown });
  if (acted) changed.push(group.name);
  else if (honorCooldown)
    throw new ServiceError(
      'ScalingActivityInProgressFault',
      `Scaling activity is in progress and blocks this action for the group ${group.name}.`,
    );
  return {};
}

function describePolicies(input: DescribePoliciesType, { region, world }: Call): PoliciesType {
  const groups = input.AutoScalingGroupName === undefined ? [...region.groups.values()] : [region.groups.get(input.AutoScalingGroupName)];
  if (groups.includes(undefined)) throw invalid('Group not found');
  const all = groups.flatMap(group => (group === undefined ? [] : group.awsPolicies.map(policy => ({ group, policy }))));
  const wanted = all.filter(
    ({ policy }) =>
      (!input.PolicyNames?.length || input.PolicyNames.includes(policy.name)) &&
      (!input.PolicyTypes?.length || input.PolicyTypes.includes(policy.type)),
  );
  const { items, next } = page(wanted, pageSize(input.MaxRecords), input.NextToken, badToken);
  return { ScalingPolicies: items.map(({ group, policy }) => policyJson(world.account, region, group, policy)), ...next };
}

function getForecast(input: GetPredictiveScalingForecastType, { region, world }: Call): GetPredictiveScalingForecastAnswer {
  const group = groupOf(region, input.AutoScalingGroupName);
  const policy = policyOf(world.account, group, input.PolicyName);
  if (policy.type !== 'PredictiveScaling') throw invalid(`The policy ${policy.name} is not a predictive scaling policy.`);
  const [from, to] = [(input.StartTime?.getTime() ?? 0) / 1000, (input.EndTime?.getTime() ?? 0) / 1000];
  const { madeAt, hours, load, capacity } = forecastAt(group, policy, world.clock.now());
  const asked = hours.flatMap((hour, i) => (hour >= from && hour < to ? [i] : []));
  const Timestamps = asked.map(i => date(hours[i] as number));
  const [MetricSpecification] = predictionJson(policy, group).MetricSpecifications ?? [];
  return {
    LoadForecast: [{ Timestamps, Values: asked.map(i => load[i] as number), MetricSpecification }],
    CapacityForecast: { Timestamps, Values: asked.map(i => capacity[i] as number) },
    UpdateTime: date(madeAt),
  };
}
