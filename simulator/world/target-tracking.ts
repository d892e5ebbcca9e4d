/**
 * AWS's own target tracking on average CPU: out after 3 minutes of 3 above the target, in after 15 of 15 below nine tenths of it,
 * to `capacity × metric ÷ target`, and never in while an instance warms up
 * (https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html). That AWS scales in more slowly than it could is
 * said there without a number; here it goes as far as the metric says.
 */
import { type Alarm, putAlarm } from './alarms.ts';
import type { AwsPolicy, Group } from './group.ts';
import { resize } from './scaling.ts';
import type { World } from './world.ts';

/** Where nobody set a warm-up an instance counts as warm after five minutes. */
const WARMUP = 300;
const SCALE_IN_BELOW = 0.9;

/** The two alarms of the policy; AWS names them so, and nobody else may change them. */
export function track(world: World, group: Group, policy: AwsPolicy): Alarm[] {
  const { target, name } = policy;
  if (policy.type !== 'TargetTrackingScaling' || target === undefined || policy.enabled === false) return [];
  const metric = {
    namespace: 'AWS/EC2',
    name: 'CPUUtilization',
    dimensions: [{ Name: 'AutoScalingGroupName', Value: group.name }],
  };
  const id = world.ids.uuid('target-tracking');
  const common = { region: group.region, metric, description: `DO NOT EDIT OR DELETE. For TargetTrackingScaling policy ${name}.` };
  // The metric is some minutes old: it says what those needed who served then.
  const acts = (scale: typeof scaleOut) => (newest: { readonly time: number; readonly value: number }) => {
    const mine = !group.deleted && group.awsPolicies.includes(policy);
    if (mine && !group.suspended.has('AlarmNotification'))
      scale(world, group, policy, (group.serving.at(newest.time + 30) * newest.value) / target);
  };
  const high = putAlarm(world, {
    ...common,
    name: `TargetTracking-${group.name}-AlarmHigh-${id}`,
    threshold: target,
    comparison: 'GreaterThanThreshold',
    evaluationPeriods: 3,
    whileAlarm: acts(scaleOut),
  });
  if (policy.disableScaleIn) return [high];
  const low = putAlarm(world, {
    ...common,
    name: `TargetTracking-${group.name}-AlarmLow-${id}`,
    threshold: target * SCALE_IN_BELOW,
    comparison: 'LessThanThreshold',
    evaluationPeriods: 15,
    whileAlarm: acts(scaleIn),
  });
  return [high, low];
}

/** What is on its way counts: only what would still be missing then is added. */
function scaleOut(world: World, group: Group, policy: AwsPolicy, needed: number): void {
  const wanted = Math.min(group.maxSize, Math.ceil(needed));
  if (wanted > group.desired) resize(world, group, { desired: wanted }, why(policy, 'AlarmHigh'));
}

function scaleIn(world: World, group: Group, policy: AwsPolicy, needed: number): void {
  if (warm(world, group) < group.desired) return;
  const wanted = Math.max(group.minSize, Math.ceil(needed));
  if (wanted < group.desired) resize(world, group, { desired: wanted }, why(policy, 'AlarmLow'));
}

function warm(world: World, { members, instanceWarmup }: Group): number {
  const since = world.clock.now() - (instanceWarmup ?? WARMUP);
  return [...members.values()].filter(m => m.state === 'InService' && m.inServiceSince !== null && m.inServiceSince <= since).length;
}

const why = ({ name }: AwsPolicy, side: string): string => `a monitor alarm ${side} in state ALARM triggered policy ${name}`;
