/** Floor: a group is never set below its minimum (nor above its maximum), and capacity is never taken from under present demand. */
import { addSeconds, epochSeconds, type Instant, MINUTE } from '../../shared/model/time.ts';
import type { FleetPolicy } from '../../shared/policy/schema.ts';
import type { Evidence } from '../swarm/evidence.ts';
import type { Group } from '../world/group.ts';
import { ourChanges, policiesAt, runBegan } from './facts.ts';
import type { Judge } from './verdict.ts';

export const floor: Judge = function* (evidence) {
  for (const write of ourChanges(evidence)) {
    const { AutoScalingGroupName: name, DesiredCapacity: to } = write.params as { AutoScalingGroupName: string; DesiredCapacity: number };
    const group = [...evidence.cloud.world.regions.values()].flatMap(r => r.groups.get(name) ?? [])[0];
    if (write.action !== 'SetDesiredCapacity' || group === undefined) continue;
    const policies = [...new Set([runBegan(evidence, write), write.at])].flatMap(at => fleetPolicy(evidence, at) ?? []);
    const outside = policies.every(p => to < Math.max(p.minSize, group.minSize) || to > Math.min(p.maxSize, group.maxSize));
    if (outside) yield { at: write.at, what: `${name} was set to ${to}, outside of its bounds` };

    const before = group.counts.GroupDesiredCapacity.at(epochSeconds(write.at) - 1);
    const tooMany = policies.some(p => before > p.maxSize);
    const needed = Math.min(...policies.map(policy => neededAt(evidence, group, write.at, policy)));
    if (to < before && !tooMany && to < needed) {
      yield { at: write.at, what: `${name} was scaled in from ${before} to ${to}, when its demand asked for ${needed}` };
    }
  }
};

const fleetPolicy = (evidence: Evidence, at: Instant): FleetPolicy | undefined =>
  policiesAt(evidence, at).find((p): p is FleetPolicy => p.kind === 'fleets');

/**
 * Instances that the demand of the last minutes asked for, as far as a lagging metric could tell: its peak at the target, or its mean at the
 * utilization that is promised, for a promise that allows for a share of minutes above it.
 */
function neededAt({ hits }: Evidence, group: Group, at: Instant, { target, slo }: FleetPolicy): number {
  const spoilt = hits.some(hit => hit.kind.endsWith('-metric') && hit.at <= at && hit.at > addSeconds(at, -30 * MINUTE));
  const [oldest, newest] = spoilt ? [8, 8] : [5, 3]; // a metric may be five periods late before it counts as silent
  const minute = Math.floor(epochSeconds(at) / MINUTE) * MINUTE;
  const loads: number[] = [];
  for (let ago = oldest; ago >= newest; ago--) {
    const sample = minute - ago * MINUTE + 30;
    loads.push(group.demand.at(sample)(sample));
  }
  const load = target === undefined ? loads.reduce((sum, l) => sum + l, 0) / loads.length : Math.max(...loads);
  return Math.ceil((load * 100) / (target?.value ?? slo.utilization) - ROUNDING);
}

/** Percent are published with four digits. */
const ROUNDING = 0.001;
