/** Somebody protects the oldest members of a group from scale-in: those that it would take first. */
import type { Cloud } from '../cloud.ts';

export function shield(cloud: Cloud, name: string, count: number): void {
  const inService = [...cloud.group(name).members.values()].filter(({ state }) => state === 'InService');
  const oldest = inService.toSorted((a, b) => a.machine.launchTime - b.machine.launchTime).slice(0, count);
  if (oldest.length === 0) return;
  const InstanceIds = oldest.map(({ machine }) => machine.id);
  cloud.human.calls('autoscaling', 'SetInstanceProtection', { AutoScalingGroupName: name, InstanceIds, ProtectedFromScaleIn: true });
}
