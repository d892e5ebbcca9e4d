/** Auto Scaling's own account of what it did: DescribeScalingActivities, and the events that go with it. */
import { instant } from '../../shared/model/time.ts';
import { publish } from './bus.ts';
import type { Group } from './group.ts';
import type { Machine } from './machine.ts';
import type { World } from './world.ts';

/** Times in epoch seconds. */
export interface Activity {
  readonly id: string;
  readonly kind: ActivityKind;
  description: string;
  readonly cause: string;
  readonly startedAt: number;
  endedAt: number | null;
  /** ScalingActivityStatusCode. */
  status: 'PreInService' | 'MidLifecycleAction' | 'InProgress' | 'Successful' | 'Failed' | 'Cancelled';
  message: string;
  readonly zone: string;
}

/** What it begins to say, which rings the bus when it has ended, and between which places an instance moves. */
const KINDS = {
  launch: { says: 'Launching a new EC2 instance', rings: 'Launch', from: 'EC2', to: 'AutoScalingGroup' },
  'launch from pool': { says: 'Launching a new EC2 instance from warm pool', rings: 'Launch', from: 'WarmPool', to: 'AutoScalingGroup' },
  warm: { says: 'Launching a new EC2 instance into warm pool', rings: 'Launch', from: 'EC2', to: 'WarmPool' },
  terminate: { says: 'Terminating EC2 instance', rings: 'Terminate', from: 'AutoScalingGroup', to: 'EC2' },
  'terminate warm': { says: 'Terminating EC2 instance from warm pool', rings: 'Terminate', from: 'WarmPool', to: 'EC2' },
  return: { says: 'Returning EC2 instance to warm pool', rings: 'Terminate', from: 'AutoScalingGroup', to: 'WarmPool' },
  attach: { says: 'Attaching an existing EC2 instance', rings: null, from: '', to: '' },
  detach: { says: 'Detaching EC2 instance', rings: null, from: '', to: '' },
  'enter standby': { says: 'Moving EC2 instance to Standby', rings: null, from: '', to: '' },
  'exit standby': { says: 'Moving EC2 instance out of Standby', rings: null, from: '', to: '' },
  none: { says: 'Could not scale to desired capacity', rings: null, from: '', to: '' },
} as const;
export type ActivityKind = keyof typeof KINDS;

export const isOver = ({ endedAt }: Activity): boolean => endedAt !== null;

/** Something that Auto Scaling has begun: told by DescribeScalingActivities at once, by an event when it has ended. */
export function beginActivity(world: World, group: Group, kind: ActivityKind, machine: Machine | null, reason: string): Activity {
  const { says } = KINDS[kind];
  const activity: Activity = {
    id: world.ids.uuid('activity'),
    kind,
    description: machine === null ? says : `${says}: ${machine.id}`,
    cause: reason,
    startedAt: world.clock.second(),
    endedAt: null,
    status: kind === 'launch' || kind === 'launch from pool' || kind === 'warm' ? 'PreInService' : 'InProgress',
    message: '',
    zone: machine?.availabilityZone ?? '',
  };
  group.activities.push(activity);
  return activity;
}

export function succeed(world: World, group: Group, activity: Activity, machine: Machine): void {
  activity.status = 'Successful';
  activity.endedAt = world.clock.second();
  ring(world, group, activity, machine.id, 'Successful');
}

/** @param status Cancelled where an instance had been launched, and never came into service. */
export function fail(
  world: World,
  group: Group,
  activity: Activity,
  message: string,
  { status = 'Failed', instance = '' }: { readonly status?: 'Failed' | 'Cancelled'; readonly instance?: string } = {},
): void {
  activity.status = status;
  activity.endedAt = world.clock.second();
  activity.message = message;
  if (activity.kind !== 'none') activity.description = `${activity.description}.  Status Reason: ${message}`;
  ring(world, group, activity, instance, 'Unsuccessful');
}

function ring(world: World, group: Group, activity: Activity, instance: string, how: 'Successful' | 'Unsuccessful'): void {
  const { rings, from, to } = KINDS[activity.kind];
  if (rings === null) return;
  publish(world, group.region, {
    detailType: `EC2 Instance ${rings} ${how}`,
    source: 'aws.autoscaling',
    resources: [group.arn, ...(instance === '' ? [] : [`arn:aws:ec2:${group.region}:${world.account}:instance/${instance}`])],
    detail: {
      StatusCode: how === 'Unsuccessful' ? 'Failed' : 'InProgress',
      Description: activity.description,
      AutoScalingGroupName: group.name,
      ActivityId: activity.id,
      Details: { 'Availability Zone': activity.zone, 'Subnet ID': `subnet-0${activity.zone.slice(-1)}1b2c3d4e5f60718` },
      RequestId: activity.id,
      StatusMessage: activity.message,
      EndTime: instant((activity.endedAt ?? activity.startedAt) * 1000),
      EC2InstanceId: instance,
      StartTime: instant(activity.startedAt * 1000),
      Cause: activity.cause,
      Origin: from,
      Destination: to,
    },
  });
}
