/** Instance refreshes: started, described, cancelled. */
import type {
  CancelInstanceRefreshAnswer,
  CancelInstanceRefreshType,
  DescribeInstanceRefreshesAnswer,
  DescribeInstanceRefreshesType,
  StartInstanceRefreshAnswer,
  StartInstanceRefreshType,
} from '@aws-sdk/client-auto-scaling';
import type { Group } from '../world/group.ts';
import { cancelRefresh, inProgress, percentOf, startRefresh } from '../world/instance-refresh.ts';
import { badToken, changeable, date, groupOf, pageSize } from './autoscaling-find.ts';
import { ServiceError } from './errors.ts';
import { type Call, type Operation, reads, trailed } from './operation.ts';
import { page } from './page.ts';

export const refreshes: Readonly<Record<string, Operation>> = {
  CancelInstanceRefresh: trailed(cancelInstanceRefresh),
  DescribeInstanceRefreshes: reads(describeRefreshes),
  StartInstanceRefresh: trailed(startInstanceRefresh),
};

function startInstanceRefresh(input: StartInstanceRefreshType, { region, world, changed }: Call): StartInstanceRefreshAnswer {
  const group = changeable(region, input.AutoScalingGroupName);
  refuseSecondRefresh(group);
  const { MinHealthyPercentage, InstanceWarmup } = input.Preferences ?? {};
  const refresh = startRefresh(world, group, {
    ...(MinHealthyPercentage !== undefined && { minHealthyPercentage: MinHealthyPercentage }),
    ...(InstanceWarmup !== undefined && { warmup: InstanceWarmup }),
  });
  changed.push(group.name);
  return { InstanceRefreshId: refresh.id };
}

function refuseSecondRefresh(group: Group): void {
  const running = inProgress(group);
  if (running === undefined) return;
  throw new ServiceError(
    'InstanceRefreshInProgressFault',
    `An Instance Refresh is already in progress and blocks the execution of this Instance Refresh: ${running.id}`,
  );
}

function cancelInstanceRefresh(input: CancelInstanceRefreshType, { region, world, changed }: Call): CancelInstanceRefreshAnswer {
  const group = changeable(region, input.AutoScalingGroupName);
  const running = inProgress(group);
  if (running === undefined)
    throw new ServiceError(
      'ActiveInstanceRefreshNotFoundFault',
      `No in progress or pending Instance Refresh found for Auto Scaling group ${group.name}`,
    );
  cancelRefresh(world, group, running);
  changed.push(group.name);
  return { InstanceRefreshId: running.id };
}

function describeRefreshes(input: DescribeInstanceRefreshesType, { region }: Call): DescribeInstanceRefreshesAnswer {
  const group = groupOf(region, input.AutoScalingGroupName);
  const wanted = group.refreshes.filter(r => !input.InstanceRefreshIds?.length || input.InstanceRefreshIds.includes(r.id)).reverse();
  const { items, next } = page(wanted, pageSize(input.MaxRecords), input.NextToken, badToken);
  return {
    InstanceRefreshes: items.map(refresh => ({
      InstanceRefreshId: refresh.id,
      AutoScalingGroupName: group.name,
      Status: refresh.status,
      StartTime: date(refresh.startedAt),
      ...(refresh.endedAt !== null && { EndTime: date(refresh.endedAt) }),
      PercentageComplete: percentOf(refresh),
      InstancesToUpdate: refresh.remaining.length,
      Preferences: { MinHealthyPercentage: refresh.minHealthyPercentage, InstanceWarmup: refresh.warmup },
    })),
    ...next,
  };
}
