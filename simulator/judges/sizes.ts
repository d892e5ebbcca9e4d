/** The sizes of groups as the world's record tells them: what everybody has set, and which hours a fleet is meant to sleep. */
import { epochSeconds, type Instant } from '../../shared/model/time.ts';
import type { FleetPolicy } from '../../shared/policy/schema.ts';
import type { Evidence } from '../swarm/evidence.ts';
import { schedulesFor } from '../swarm/rules.ts';
import type { Group } from '../world/group.ts';
import type { Write } from '../world/record.ts';
import { isOurs, policiesAt } from './facts.ts';
import { knownTo } from './looked.ts';
import { isOn, onHours } from './wall-clock.ts';

export interface Bounds {
  readonly minSize: number;
  readonly maxSize: number;
}

/** `null`: it is gone. */
export const groupOf = ({ cloud }: Evidence, name: string): Group | null =>
  [...cloud.world.regions.values()].flatMap(r => r.groups.get(name) ?? [])[0] ?? null;

export const fleetPolicyAt = (evidence: Evidence, at: Instant): FleetPolicy | undefined =>
  policiesAt(evidence, at).find((p): p is FleetPolicy => p.kind === 'fleets');

export const sizesIn = ({ params }: Write) =>
  params as { AutoScalingGroupName: string; MinSize?: number; MaxSize?: number; DesiredCapacity?: number };

/** What MinSize and MaxSize were before a write, by whoever had set them last. */
export const boundsBefore = (evidence: Evidence, name: string, sequence: number): Bounds => fold(evidence, name, sequence, () => true);

/** … and what they were by everybody's hand but ours: what we have to give back. */
export const ownBounds = (evidence: Evidence, name: string, sequence: number): Bounds =>
  fold(evidence, name, sequence, (write, bound) => !isOurs(write) && !isUnseen(evidence, write, name, bound));

type Bound = 'MinSize' | 'MaxSize';

/** What somebody set between a run's last look and its write, which took its place: nobody has ever seen it. */
function isUnseen(evidence: Evidence, write: Write, name: string, bound: Bound): boolean {
  const next = evidence.cloud.record.writes.find(
    w =>
      w.sequence > write.sequence &&
      isOurs(w) &&
      w.action === 'UpdateAutoScalingGroup' &&
      w.changed.includes(name) &&
      sizesIn(w)[bound] !== undefined,
  );
  return next !== undefined && knownTo(evidence, next, name, 'DescribeAutoScalingGroups').before <= write.sequence;
}

function fold({ plot, cloud }: Evidence, name: string, sequence: number, counts: (write: Write, bound: Bound) => boolean): Bounds {
  const first = plot.fleets.find(f => f.id === name);
  let bounds: Bounds = { minSize: first?.minSize ?? 0, maxSize: first?.maxSize ?? 0 };
  let standing = bounds;
  for (const write of cloud.record.writes) {
    if (write.sequence >= sequence) break;
    if (write.action !== 'UpdateAutoScalingGroup' || !write.changed.includes(name)) continue;
    const { MinSize = standing.minSize, MaxSize = standing.maxSize } = sizesIn(write);
    // Whoever sets what stands there anyway is seen by nobody.
    bounds = {
      minSize: MinSize !== standing.minSize && counts(write, 'MinSize') ? MinSize : bounds.minSize,
      maxSize: MaxSize !== standing.maxSize && counts(write, 'MaxSize') ? MaxSize : bounds.maxSize,
    };
    standing = { minSize: MinSize, maxSize: MaxSize };
  }
  return bounds;
}

/** Whether the policy of that time has the fleets sleep then: off-hours, and no override that keeps them up. */
export function sleepsAt(evidence: Evidence, at: Instant): boolean {
  const policy = fleetPolicyAt(evidence, at);
  const schedule = schedulesFor(evidence.plot)[policy?.schedule ?? ''];
  if (policy?.offHours === undefined || schedule === undefined) return false;
  const { from, end } = evidence.plot;
  return !overriddenAt(policy, at) && !isOn(onHours(schedule, epochSeconds(from), epochSeconds(end)), epochSeconds(at));
}

export const overriddenAt = ({ overrides }: FleetPolicy, at: Instant): boolean => overrides.some(o => o.from <= at && at < o.to);

/** The policy's own bounds at an instant, off-hours and overrides heeded. */
export function policyBounds(evidence: Evidence, policy: FleetPolicy, at: Instant): Bounds {
  const running = policy.overrides.filter(o => o.from <= at && at < o.to);
  const usual = sleepsAt(evidence, at) ? (policy.offHours?.minSize ?? policy.minSize) : policy.minSize;
  return {
    minSize: Math.max(usual, ...running.map(o => o.minSize)),
    maxSize: Math.max(policy.maxSize, ...running.map(o => o.minSize)),
  };
}
