/** Scaling policies of AWS that stand beside a group, and how an alarm sets one of them off. */
import { adjust } from './adjustments.ts';
import type { Alarm } from './alarms.ts';
import type { Group } from './group.ts';
import type { Prediction } from './predictive-scaling.ts';
import type { Tracking } from './target-tracking.ts';
import { trackTarget } from './target-tracking.ts';
import type { World } from './world.ts';

interface Named {
  readonly name: string;
  readonly enabled?: boolean;
}

/** One that tells neither target, steps nor adjustment is seen, and never acts. */
export type AwsPolicy = Named & (Tracking | Stepping | Simple | Prediction);

export type AdjustmentType = 'ChangeInCapacity' | 'PercentChangeInCapacity' | 'ExactCapacity';

interface Adjusting {
  readonly adjustmentType?: AdjustmentType;
  /** Of a percentage at least so many instances. */
  readonly minMagnitude?: number;
}

export interface Stepping extends Adjusting {
  readonly type: 'StepScaling';
  readonly steps?: readonly Step[];
  readonly aggregation?: 'Average' | 'Minimum' | 'Maximum';
  /** EstimatedInstanceWarmup, seconds; the group's own where it is not told. */
  readonly warmup?: number;
}

/** How far the metric is past the alarm's threshold: from `lower` (included where the alarm is high) to `upper`; null is without end. */
export interface Step {
  readonly lower: number | null;
  readonly upper: number | null;
  readonly adjustment: number;
}

export interface Simple extends Adjusting {
  readonly type: 'SimpleScaling';
  readonly adjustment?: number;
  /** Seconds; the group's own where it is not told. */
  readonly cooldown?: number;
}

export const policyArn = (account: string, group: Group, name: string): string =>
  `arn:aws:autoscaling:${group.region}:${account}:scalingPolicy:${name}:autoScalingGroupName/${group.name}:policyName/${name}`;

/** The group and the policy that an alarm's action names; null where they are gone. */
export function policyAt(world: World, arn: string): { readonly group: Group; readonly policy: AwsPolicy } | null {
  const [, region = '', groupName = '', name] =
    /^arn:aws:autoscaling:([^:]+):\d+:scalingPolicy:[^:]+:autoScalingGroupName\/([^:]+):policyName\/(.+)$/.exec(arn) ?? [];
  const group = world.regions.get(region)?.groups.get(groupName);
  const policy = group?.awsPolicies.find(p => p.name === name);
  return group === undefined || policy === undefined ? null : { group, policy };
}

/** What set a policy off: an alarm with its newest datapoint, or somebody by hand with a value of the metric. */
export interface Trigger {
  readonly alarm: Pick<Alarm, 'name' | 'comparison' | 'threshold' | 'period'>;
  readonly newest: { readonly time: number; readonly value: number } | null;
  /** Whether simple scaling waits for its cooldown; it does unless told otherwise. */
  readonly honorCooldown?: boolean;
}

/** Does what the policy says. @returns whether the group wants another capacity now. */
export function setOff(world: World, group: Group, policy: AwsPolicy, trigger: Trigger): boolean {
  if (group.deleted || policy.enabled === false || group.suspended.has('AlarmNotification')) return false;
  switch (policy.type) {
    case 'TargetTrackingScaling':
      return trackTarget(world, group, policy, trigger);
    case 'StepScaling':
    case 'SimpleScaling':
      return adjust(world, group, policy, trigger);
    case 'PredictiveScaling':
      return false; // goes by its forecast
    default:
      return policy satisfies never;
  }
}
