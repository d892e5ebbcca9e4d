/** How busy a group's work keeps its members. */
import { busyShare } from './backlog.ts';
import type { Group } from './group.ts';
import { type Machine, ranAt } from './machine.ts';
import { gaussian, seedOf } from './random.ts';
import type { World } from './world.ts';

/** Percent of the CPU that the group's work costs each serving member: demand over what serves, and never more than all of it. */
export function loadOf(group: Group, at: number): number {
  const power = group.power.at(at);
  if (power === 0) return 100;
  const share = group.backlog === null ? group.demand.at(at)(at) / power : busyShare(group.backlog, at);
  return Math.min(100, share * 100);
}

/** A member does what its group does, more or less; while it boots, or waits, it is nearly idle. */
function memberCpu(world: World, group: Group, machine: Machine): (at: number) => number {
  const seed = seedOf(world.seed, machine.id);
  return at => {
    const since = machine.ran.find(span => at >= span.from && (span.to === null || at < span.to))?.from ?? machine.createdAt;
    const booting = since > world.origin && at < since + group.bootSeconds;
    return booting ? 4 : loadOf(group, at) + gaussian(seed, Math.floor(at / 60));
  };
}

/** CPU of any instance, percent; may stray over its bounds by a little noise. */
export function cpuOf(world: World, groups: ReadonlyMap<string, Group>, machine: Machine): (at: number) => number {
  const group = machine.group === null ? undefined : groups.get(machine.group);
  return group === undefined ? at => machine.cpu.at(at)(at) : memberCpu(world, group, machine);
}

/** Bytes that it sends in a minute; null where nobody said how much. */
export function bytesOut(groups: ReadonlyMap<string, Group>, machine: Machine): ((at: number) => number) | null {
  const group = machine.group === null ? undefined : groups.get(machine.group);
  if (group === undefined || group.bytesOut === null) return null;
  const { bytesOut: full } = group;
  return at => (ranAt(machine, at) ? (full * loadOf(group, at)) / 100 : 0);
}
