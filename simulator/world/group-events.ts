/** What Auto Scaling tells the bus, and what CloudTrail tells of it. */
import { instant } from '../../shared/model/time.ts';
import type { Happening } from './bus.ts';
import { trailEvent } from './cloudtrail.ts';
import type { Group } from './group.ts';
import type { Machine } from './machine.ts';
import type { World } from './world.ts';

export function groupEvent(
  world: World,
  group: Group,
  machine: Machine,
  detailType: 'EC2 Instance Launch Successful' | 'EC2 Instance Terminate Successful',
): Happening {
  const now = instant(world.clock.now() * 1000);
  const launched = detailType === 'EC2 Instance Launch Successful';
  const activity = world.ids.uuid('activity');
  return {
    detailType,
    source: 'aws.autoscaling',
    resources: [group.arn, `arn:aws:ec2:${group.region}:${world.account}:instance/${machine.id}`],
    detail: {
      StatusCode: 'InProgress',
      Description: `${launched ? 'Launching a new' : 'Terminating'} EC2 instance: ${machine.id}`,
      AutoScalingGroupName: group.name,
      ActivityId: activity,
      Details: { 'Availability Zone': machine.availabilityZone, 'Subnet ID': `subnet-0${machine.id.slice(4)}` },
      RequestId: activity,
      StatusMessage: '',
      EndTime: now,
      EC2InstanceId: machine.id,
      StartTime: instant((launched ? machine.launchTime : world.clock.second()) * 1000),
      Cause: `At ${now} an instance was ${launched ? 'started' : 'taken out of service'} to match the desired capacity of ${group.desired}.`,
    },
  };
}

/** A launch by Auto Scaling has no person behind it: `invokedBy` says so. */
export function trailOfLaunch(world: World, machine: Machine): void {
  trailEvent(world, {
    region: machine.region,
    eventSource: 'ec2.amazonaws.com',
    eventName: 'RunInstances',
    userIdentity: {
      type: 'AssumedRole',
      arn: `arn:aws:sts::${world.account}:assumed-role/AWSServiceRoleForAutoScaling/AutoScaling`,
      accountId: world.account,
      invokedBy: 'autoscaling.amazonaws.com',
    },
    userAgent: 'autoscaling.amazonaws.com',
    requestParameters: { instancesSet: { items: [{ minCount: 1, maxCount: 1 }] }, instanceType: machine.type },
    responseElements: { reservationId: machine.reservationId, instancesSet: { items: [{ instanceId: machine.id }] } },
    requestId: world.ids.uuid('request'),
    error: null,
  });
}
