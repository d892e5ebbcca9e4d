/** Instances that join a group from outside, and members that leave it and live on. */
import { instant } from '../../shared/model/time.ts';
import { type Activity, beginActivity, succeed } from './activities.ts';
import { count, type Group, join, type Member, memberTags, weightOf } from './group.ts';
import { forgetActions } from './lifecycle-hooks.ts';
import type { Machine } from './machine.ts';
import { carrySoon, memberChanged } from './members.ts';
import { settle } from './scaling.ts';
import type { World } from './world.ts';

const GROUP_TAG = 'aws:autoscaling:groupName';

/** The group wants one more: the one that joins. It is in service at once. */
export function attach(world: World, group: Group, machine: Machine): Activity {
  const desired = group.desired + weightOf(group, machine);
  const cause = `At ${now(world)} an instance was attached in response to a user request, increasing the capacity from ${group.desired} to ${desired}.`;
  const activity = beginActivity(world, group, 'attach', machine, cause);
  group.desired = desired;
  machine.group = group.name;
  machine.watch = changed => memberChanged(world, group, changed);
  machine.tags.set(GROUP_TAG, memberTags(group)[GROUP_TAG] ?? group.name);
  const member = join(world, group, machine, { ready: false });
  member.state = 'InService';
  member.inServiceSince = world.clock.second();
  succeed(world, group, activity, machine);
  carrySoon(world, group, member);
  count(world, group);
  return activity;
}

/** @param fewer whether the group wants one less from now on; otherwise another is launched in its place. */
export function detach(world: World, group: Group, { machine }: Member, fewer: boolean): Activity {
  const desired = group.desired - (fewer ? weightOf(group, machine) : 0);
  const asked = `At ${now(world)} instance ${machine.id} was detached in response to a user request`;
  const cause = fewer ? `${asked}, shrinking the capacity from ${group.desired} to ${desired}.` : `${asked}.`;
  const activity = beginActivity(world, group, 'detach', machine, cause);
  group.desired = desired;
  if (!fewer) group.lastCause = cause;
  group.members.delete(machine.id);
  forgetActions(group, machine.id);
  machine.group = null;
  machine.watch = null;
  machine.tags.delete(GROUP_TAG);
  machine.cpu.set(world.clock.second(), () => IDLE);
  count(world, group);
  succeed(world, group, activity, machine);
  settle(world, group);
  return activity;
}

/** Percent of its CPU when nobody sends it anything any more. */
const IDLE = 2;

const now = (world: World): string => instant(world.clock.second() * 1000);
