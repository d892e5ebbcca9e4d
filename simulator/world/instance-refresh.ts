/** Instance refresh: members are replaced batch after batch, while enough of the others stay healthy. */
import { publish } from './bus.ts';
import { capacityOf, counted, type Group, weightOf } from './group.ts';
import { terminateMember } from './members.ts';
import { settle } from './scaling.ts';
import type { World } from './world.ts';

/** Times in epoch seconds. */
export interface Refresh {
  readonly id: string;
  status: 'Pending' | 'InProgress' | 'Successful' | 'Cancelled';
  readonly startedAt: number;
  endedAt: number | null;
  /** Members that were there before and are still to be replaced. */
  remaining: readonly string[];
  readonly total: number;
  readonly minHealthyPercentage: number;
  readonly warmup: number;
}

export const inProgress = (group: Group): Refresh | undefined =>
  group.refreshes.find(({ status }) => status === 'Pending' || status === 'InProgress');

export const percentOf = ({ remaining, total, status }: Refresh): number =>
  status === 'Successful' || total === 0 ? 100 : Math.floor(((total - remaining.length) / total) * 100);

const LOOK_EVERY = 15; // seconds

export function startRefresh(world: World, group: Group, options: { minHealthyPercentage?: number; warmup?: number }): Refresh {
  const members = counted(group).map(m => m.machine.id);
  const refresh: Refresh = {
    id: world.ids.uuid('refresh'),
    status: 'Pending',
    startedAt: world.clock.second(),
    endedAt: null,
    remaining: members,
    total: members.length,
    minHealthyPercentage: options.minHealthyPercentage ?? 90,
    warmup: options.warmup ?? group.instanceWarmup ?? 300,
  };
  group.refreshes.push(refresh);
  tell(world, group, refresh, 'Started');
  const look = () => {
    if (refresh.status === 'Cancelled' || group.deleted) return;
    step(world, group, refresh);
    if (refresh.status !== 'Successful') world.clock.schedule(world.clock.second() + LOOK_EVERY, look);
  };
  world.clock.schedule(world.clock.second() + LOOK_EVERY, look);
  return refresh;
}

export function cancelRefresh(world: World, group: Group, refresh: Refresh): void {
  refresh.status = 'Cancelled';
  refresh.endedAt = world.clock.second();
  tell(world, group, refresh, 'Cancelled');
}

function step(world: World, group: Group, refresh: Refresh): void {
  if (['InstanceRefresh', 'Launch', 'Terminate'].some(process => group.suspended.has(process))) return;
  refresh.status = 'InProgress';
  refresh.remaining = refresh.remaining.filter(id => group.members.get(id)?.state === 'InService');
  const ready = [...group.members.values()].filter(
    m => m.state === 'InService' && m.inServiceSince !== null && m.inServiceSince + refresh.warmup <= world.clock.now(),
  );
  if (refresh.remaining.length === 0 && capacityOf(group, ready) >= group.desired) {
    refresh.status = 'Successful';
    refresh.endedAt = world.clock.second();
    tell(world, group, refresh, 'Succeeded');
    return;
  }
  const neededHealthy = Math.ceil((group.desired * refresh.minHealthyPercentage) / 100);
  const healthy = capacityOf(group, ready);
  // A group too small for a share of it goes one by one all the same.
  let spare = healthy < group.desired ? healthy - neededHealthy : Math.max(1, group.desired - neededHealthy);
  for (const id of refresh.remaining) {
    const member = group.members.get(id);
    if (member === undefined || spare <= 0) continue;
    spare -= weightOf(group, member.machine);
    terminateMember(world, group, member, `An instance refresh (${refresh.id}) replaces the instance.`);
  }
  settle(world, group);
}

function tell(world: World, group: Group, { id }: Refresh, what: 'Started' | 'Succeeded' | 'Cancelled'): void {
  publish(world, group.region, {
    detailType: `EC2 Auto Scaling Instance Refresh ${what}`,
    source: 'aws.autoscaling',
    resources: [group.arn],
    detail: { InstanceRefreshId: id, AutoScalingGroupName: group.name },
  });
}
