/** Health of members: what no longer runs, or cannot be reached, is terminated and replaced, unless it stands by. */
import { instant } from '../../shared/model/time.ts';
import { type Group, isLeaving, isStandby, type Member } from './group.ts';
import type { MachineState } from './machine.ts';
import { terminateMember } from './members.ts';
import { settle } from './scaling.ts';
import { checkOf } from './status.ts';
import type { World } from './world.ts';

/** From a member's failing until Auto Scaling's health check acts on it, seconds. */
const HEALTH_CHECK = 60;

export const expectReplacement = (world: World, group: Group, member: Member): void =>
  world.clock.schedule(world.clock.second() + HEALTH_CHECK, () => checkHealth(world, group, member));

const LOST: ReadonlySet<MachineState> = new Set<MachineState>(['stopping', 'stopped', 'shutting-down']);

/** Looks anew at members that failed while the processes that see to them were suspended. */
export function recheck(world: World, group: Group): void {
  for (const member of [...group.members.values()]) {
    const unwell = LOST.has(member.machine.state) || checkOf(world, member.machine).status === 'impaired' || member.health === 'Unhealthy';
    if (unwell && !isLeaving(member)) expectReplacement(world, group, member);
  }
}

function checkHealth(world: World, group: Group, member: Member): void {
  const { machine } = member;
  const { status } = checkOf(world, machine);
  const well = machine.state === 'running' && status !== 'impaired' && member.health === 'Healthy';
  if (group.suspended.has('HealthCheck') || isLeaving(member) || isStandby(member) || well || !group.members.has(machine.id)) return;
  const found = status === 'impaired' ? 'it has been impaired' : 'it has been terminated or stopped';
  markUnhealthy(world, group, member, `an EC2 health check indicating ${found}`);
}

/** @param finding what says so: `a user health-check`. */
export function markUnhealthy(world: World, group: Group, member: Member, finding: string): void {
  member.health = 'Unhealthy';
  if (group.suspended.has('ReplaceUnhealthy') || group.suspended.has('Terminate')) return;
  const at = instant(world.clock.second() * 1000);
  terminateMember(world, group, member, `At ${at} an instance was taken out of service in response to ${finding}.`);
  settle(world, group);
}
