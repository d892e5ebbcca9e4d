/** Auto Scaling's own account of what it did: DescribeScalingActivities, and the events that go with it. */
import { instant } from '../../shared/model/time.ts';
import { publish } from './bus.ts';
import type { Group } from './group.ts';
import type { Machine } from './machine.ts';
import type { World } from './world.ts';

/** Times in epoch seconds. */
export interface Activity {
  readonly id: string;
  readonly kind: 'launch' | 'terminate' | 'none';
  description: string;
  readonly cause: string;
  readonly startedAt: number;
  endedAt: number | null;
  status: 'InProgress' | 'Successful' | 'Failed';
  message: string;
  readonly zone: string;
}

/** Something that Auto Scaling has begun: told by DescribeScalingActivities at once, by an event when it has ended. */
export function beginActivity(world: World, group: Group, kind: Activity['kind'], machine: Machine | null, reason: string): Activity {
  const now = world.clock.second();
  const verb = kind === 'launch' ? 'Launching a new' : 'Terminating';
  const activity: Activity = {
    id: world.ids.uuid('activity'),
    kind,
    description: machine === null ? `${verb} EC2 instance` : `${verb} EC2 instance: ${machine.id}`,
    cause: reason,
    startedAt: now,
    endedAt: null,
    status: 'InProgress',
    message: '',
    zone: machine?.availabilityZone ?? '',
  };
  group.activities.push(activity);
  return activity;
}

export function succeed(world: World, group: Group, activity: Activity, machine: Machine): void {
  activity.status = 'Successful';
  activity.endedAt = world.clock.second();
  const detailType = activity.kind === 'launch' ? 'EC2 Instance Launch Successful' : 'EC2 Instance Terminate Successful';
  publish(world, group.region, happening(world, group, activity, machine.id, detailType));
}

export function fail(world: World, group: Group, activity: Activity, message: string): void {
  activity.status = 'Failed';
  activity.endedAt = world.clock.second();
  activity.message = message;
  if (activity.kind === 'none') return;
  activity.description = `${activity.description}.  Status Reason: ${message}`;
  const detailType = activity.kind === 'launch' ? 'EC2 Instance Launch Unsuccessful' : 'EC2 Instance Terminate Unsuccessful';
  publish(world, group.region, happening(world, group, activity, '', detailType));
}

function happening(world: World, group: Group, activity: Activity, instance: string, detailType: string) {
  return {
    detailType,
    source: 'aws.autoscaling',
    resources: [group.arn, ...(instance === '' ? [] : [`arn:aws:ec2:${group.region}:${world.account}:instance/${instance}`])],
    detail: {
      StatusCode: activity.status === 'Failed' ? 'Failed' : 'InProgress',
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
    },
  };
}
