/** Scaling activities: what Auto Scaling has done, is doing and could not do, newest first. */
import type { ActivitiesType, Activity as ActivityJson, DescribeScalingActivitiesType } from '@aws-sdk/client-auto-scaling';
import type { Activity } from '../world/activities.ts';
import type { Group } from '../world/group.ts';
import { badToken, date, groupOf, pageSize } from './autoscaling-find.ts';
import { type Call, type Operation, reads } from './operation.ts';
import { page } from './page.ts';

export const activities: Readonly<Record<string, Operation>> = {
  DescribeScalingActivities: reads(describeActivities),
};

function describeActivities(input: DescribeScalingActivitiesType, { region }: Call): ActivitiesType {
  const groups = input.AutoScalingGroupName === undefined ? [...region.groups.values()] : [groupOf(region, input.AutoScalingGroupName)];
  const all = groups
    .flatMap(group => group.activities.map(activity => ({ group, activity })))
    .filter(({ activity }) => !input.ActivityIds?.length || input.ActivityIds.includes(activity.id))
    .reverse();
  const { items, next } = page(all, pageSize(input.MaxRecords, 100), input.NextToken, badToken);
  return { Activities: items.map(({ group, activity }) => activityJson(group, activity)), ...next };
}

const PROGRESS: Readonly<Record<Activity['status'], number>> = {
  PreInService: 30,
  MidLifecycleAction: 60,
  InProgress: 50,
  Successful: 100,
  Failed: 100,
  Cancelled: 100,
};

export const activityJson = (group: Group, activity: Activity): ActivityJson => ({
  ActivityId: activity.id,
  AutoScalingGroupName: group.name,
  AutoScalingGroupARN: group.arn,
  Description: activity.description,
  Cause: activity.cause,
  StartTime: date(activity.startedAt),
  ...(activity.endedAt !== null && { EndTime: date(activity.endedAt) }),
  StatusCode: activity.status,
  ...(activity.message !== '' && { StatusMessage: activity.message }),
  Progress: PROGRESS[activity.status],
  Details: JSON.stringify(activity.zone === '' ? {} : { 'Availability Zone': activity.zone }),
});
