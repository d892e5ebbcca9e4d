/** What CloudTrail tells of Auto Scaling's launches. */
import { trailEvent } from './cloudtrail.ts';
import type { Machine } from './machine.ts';
import type { World } from './world.ts';

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
