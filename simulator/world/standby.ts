/** Standby: a member that stays in the group, serves nobody, and is not looked after, until it is called back. */
import { instant } from '../../shared/model/time.ts';
import { type Activity, beginActivity, succeed } from './activities.ts';
import { count, type Group, type Member, weightOf } from './group.ts';
import { enterService } from './members.ts';
import { settle } from './scaling.ts';
import type { World } from './world.ts';

/** Seconds from asking to standing by, and back. */
const TAKES = 10;

/** @param fewer whether the group wants one less from now on; otherwise another is launched for it. */
export function enterStandby(world: World, group: Group, member: Member, fewer: boolean): Activity {
  const { machine } = member;
  const desired = group.desired - (fewer ? weightOf(group, machine) : 0);
  const asked = `At ${now(world)} instance ${machine.id} was moved to standby in response to a user request`;
  const activity = beginActivity(
    world,
    group,
    'enter standby',
    machine,
    fewer ? `${asked}, shrinking the capacity from ${group.desired} to ${desired}.` : `${asked}.`,
  );
  group.desired = desired;
  if (!fewer) group.lastCause = activity.cause;
  member.state = 'EnteringStandby';
  member.serving = false;
  count(world, group);
  world.clock.schedule(world.clock.second() + TAKES, () => {
    if (member.state !== 'EnteringStandby') return;
    member.state = 'Standby';
    succeed(world, group, activity, machine);
    count(world, group);
  });
  settle(world, group);
  return activity;
}

/** The group wants one more: the one that comes back. */
export function exitStandby(world: World, group: Group, member: Member): Activity {
  const { machine } = member;
  const desired = group.desired + weightOf(group, machine);
  const cause = `At ${now(world)} instance ${machine.id} was moved out of standby in response to a user request, increasing the capacity from ${group.desired} to ${desired}.`;
  const activity = beginActivity(world, group, 'exit standby', machine, cause);
  group.desired = desired;
  member.state = 'Pending';
  member.activity = activity;
  count(world, group);
  world.clock.schedule(world.clock.second() + TAKES, () => {
    if (member.state === 'Pending' && machine.state === 'running') enterService(world, group, member);
  });
  return activity;
}

const now = (world: World): string => instant(world.clock.second() * 1000);
