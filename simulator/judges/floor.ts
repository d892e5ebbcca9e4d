/** Floor: no size is set below its minimum (nor above its maximum) of that hour, and capacity is never taken from under present demand. */
import { addSeconds, epochSeconds, type Instant, MINUTE } from '../../shared/model/time.ts';
import type { FleetPolicy } from '../../shared/policy/schema.ts';
import type { Evidence } from '../swarm/evidence.ts';
import type { Group } from '../world/group.ts';
import type { Write } from '../world/record.ts';
import { ourChanges, runBegan } from './facts.ts';
import { knownTo } from './looked.ts';
import { type Bounds, boundsBefore, fleetPolicyAt, groupOf, ownBounds, policyBounds, sizesIn, sleepsAt } from './sizes.ts';
import type { Judge } from './verdict.ts';

export const floor: Judge = function* (evidence) {
  for (const write of ourChanges(evidence)) {
    const group = groupOf(evidence, sizesIn(write).AutoScalingGroupName);
    if (group === null) continue;
    const offences = write.action === 'SetDesiredCapacity' ? capacity : write.action === 'UpdateAutoScalingGroup' ? sizes : null;
    for (const what of offences?.(evidence, write, group) ?? []) yield { at: write.at, what: `${group.name} ${what}` };
  }
};

/** When the run looked, and when it wrote: what held at either may have argued for it. A clock that is ahead sees a boundary early. */
const moments = (evidence: Evidence, write: Write): Instant[] => [runBegan(evidence, write), write.at, addSeconds(write.at, SKEW)];
const SKEW = 5;

function* capacity(evidence: Evidence, write: Write, group: Group) {
  const { DesiredCapacity: to = 0 } = sizesIn(write);
  const bounds = boundsBefore(evidence, group.name, write.sequence);
  const held = moments(evidence, write).flatMap(at => {
    const policy = fleetPolicyAt(evidence, at);
    return policy === undefined ? [] : [{ policy, ...policyBounds(evidence, policy, at) }];
  });
  // A floor of ours that stood in MinSize binds only AWS.
  const own = Math.min(bounds.minSize, ownBounds(evidence, group.name, write.sequence).minSize);
  if (held.every(p => to < Math.max(p.minSize, own) || to > Math.min(p.maxSize, bounds.maxSize)))
    yield `was set to ${to}, outside of its bounds`;

  const before = group.counts.GroupDesiredCapacity.at(epochSeconds(write.at) - 1);
  const tooMany = held.some(p => before > p.maxSize);
  const needed = Math.min(...held.map(({ policy }) => neededAt(evidence, group, write.at, policy)));
  if (to < before && !tooMany && to < needed) yield `was scaled in from ${before} to ${to}, when its demand asked for ${needed}`;
}

function* sizes(evidence: Evidence, write: Write, group: Group) {
  const before = boundsBefore(evidence, group.name, write.sequence);
  const own = ownAsKnown(evidence, write, group);
  const desired = group.counts.GroupDesiredCapacity.at(epochSeconds(write.at) - 1);
  const { MinSize = before.minSize, MaxSize = before.maxSize, DesiredCapacity = desired } = sizesIn(write);
  const held = moments(evidence, write).flatMap(at => {
    const policy = fleetPolicyAt(evidence, at);
    return policy === undefined ? [] : [{ policy, least: sleepsAt(evidence, at) ? (policy.offHours?.minSize ?? 0) : null }];
  });
  const least = (size: number) => Math.min(...held.map(h => (h.least === null ? size : Math.min(size, h.least))));
  const most = Math.max(own.minSize, ...held.map(h => h.policy.maxSize));
  if (MinSize < least(own.minSize)) yield `has MinSize ${MinSize}, where its own is ${own.minSize}`;
  if (MinSize > most) yield `has MinSize ${MinSize}, more than anybody asked for`;
  if (MaxSize < least(own.maxSize)) yield `has MaxSize ${MaxSize}, where its own is ${own.maxSize}`;
  if (DesiredCapacity < least(Math.min(desired, MaxSize))) yield `went from ${desired} to ${DesiredCapacity} in its on-hours`;
  // What sleeps at 0 serves nobody; above that, off-hours take nothing that demand needs.
  const floored = held.every(h => h.least !== null && h.least > 0);
  const needed = Math.min(...held.map(({ policy }) => neededAt(evidence, group, write.at, policy)));
  if (floored && DesiredCapacity < Math.min(desired, MaxSize, needed))
    yield `was put to sleep at ${DesiredCapacity}, when its demand asked for ${needed}`;
}

/** What others have set, where the run could know it: nobody sees what is set between the last look and the write. */
function ownAsKnown(evidence: Evidence, write: Write, { name }: Group): Bounds {
  const known = knownTo(evidence, write, name, 'DescribeAutoScalingGroups').before;
  const [then, now] = [known, write.sequence].map(sequence => ownBounds(evidence, name, sequence)) as [Bounds, Bounds];
  return { minSize: Math.min(then.minSize, now.minSize), maxSize: Math.min(then.maxSize, now.maxSize) };
}

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
