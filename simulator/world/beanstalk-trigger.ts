/**
 * The trigger of a load-balanced environment: two alarms on a metric of its group, each with a simple scaling policy. Of the network the
 * world knows only what a story says that members send (`bytesOut`); without that the alarms have no data, and never ring.
 * https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/environments-cfg-autoscaling-triggers.html
 */
import { putAlarm } from './alarms.ts';
import type { Environment } from './beanstalk.ts';
import { settingKey } from './beanstalk-options.ts';
import type { Statistic } from './datapoints.ts';
import { type MetricName, named } from './metric-source.ts';
import { policyArn, type Simple } from './scaling-policies.ts';
import { regionOf, type World } from './world.ts';

const NAMESPACE = 'aws:autoscaling:trigger';

/** Measures of the load balancer; all others are EC2's. */
const OF_BALANCER = ['RequestCount', 'HealthyHostCount'];

/** Puts alarms and policies as the settings have them, in place of those that were there. */
export function setTrigger(world: World, environment: Environment): void {
  const { group } = environment;
  const option = (name: string): string =>
    environment.settings.get(settingKey({ namespace: NAMESPACE, name, resource: null }))?.value ?? '';
  const stack = `awseb-${environment.id}-stack`;
  const periods = Math.max(Number(option('EvaluationPeriods')), Math.ceil(Number(option('BreachDuration')) / Number(option('Period'))));
  const metric = metricOf(environment, option('MeasureName'));
  const sides = [
    ['Up', 'High', 'GreaterThanThreshold', option('UpperThreshold'), option('UpperBreachScaleIncrement')],
    ['Down', 'Low', 'LessThanThreshold', option('LowerThreshold'), option('LowerBreachScaleIncrement')],
  ] as const;
  for (const [way, side, comparison, threshold, increment] of sides) {
    const name = `${stack}-AWSEBAutoScalingScale${way}Policy`;
    const policy = { name, ...adjusting(increment) };
    group.awsPolicies = [...group.awsPolicies.filter(p => p.name !== name), policy];
    putAlarm(world, {
      name: `${stack}-AWSEBCloudwatchAlarm${side}`,
      region: environment.region,
      description: `ElasticBeanstalk Default Scale ${way} alarm`,
      metric,
      statistic: option('Statistic') as Statistic,
      period: Number(option('Period')) * 60,
      evaluationPeriods: periods,
      comparison,
      threshold: Number(threshold),
      actions: { OK: [], ALARM: [policyArn(world.account, group, name)], INSUFFICIENT_DATA: [] },
    });
  }
}

/** The environment is gone, and its alarms with it. */
export function removeTrigger(world: World, { id, region }: Environment): void {
  const { alarms } = regionOf(world, region);
  for (const name of [...alarms.keys()]) if (name.startsWith(`awseb-${id}-stack-`)) alarms.delete(name);
}

function metricOf({ group }: Environment, measure: string): MetricName {
  const { balancer } = group;
  if (balancer === null || !OF_BALANCER.includes(measure)) return named('AWS/EC2', measure, { AutoScalingGroupName: group.name });
  return named('AWS/ApplicationELB', measure, {
    LoadBalancer: balancer.loadBalancer,
    ...(measure === 'HealthyHostCount' && { TargetGroup: balancer.targetGroup }),
  });
}

/** `1`, `-1`, `30%`. */
function adjusting(increment: string): Simple {
  const percent = increment.endsWith('%');
  return {
    type: 'SimpleScaling',
    adjustmentType: percent ? 'PercentChangeInCapacity' : 'ChangeInCapacity',
    adjustment: Number.parseInt(increment, 10),
  };
}
