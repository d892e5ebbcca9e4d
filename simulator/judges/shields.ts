/** What EC2 and Auto Scaling themselves protect, as the record of calls tells it: from being stopped, from scale-in; and sizes that somebody has just set. */
import { epochSeconds, type Instant } from '../../shared/model/time.ts';
import type { Evidence } from '../swarm/evidence.ts';
import type { Write } from '../world/record.ts';
import { boxOf } from './facts.ts';
import { changedMeanwhile, knownTo, type Moment } from './looked.ts';
import { groupOf, sizesIn } from './sizes.ts';

/** DisableApiStop was on when the run asked for it, and on when it wrote. */
export function isGuarded(evidence: Evidence, write: Write, id: string): boolean {
  const asked = knownTo(evidence, write, id, 'DescribeInstanceAttribute');
  return guardedAt(evidence, id, asked.before) && guardedAt(evidence, id, write.sequence);
}

function guardedAt(evidence: Evidence, id: string, before: number): boolean {
  const switched = evidence.cloud.record.writes.findLast(
    w => w.sequence < before && w.action === 'ModifyInstanceAttribute' && w.changed.includes(id) && guardIn(w) !== undefined,
  );
  return (switched === undefined ? undefined : guardIn(switched)) ?? boxOf(evidence, id)?.kind === 'stop-protected';
}

/** How many are guarded by then that were not from the beginning. */
export function newlyGuarded(evidence: Evidence, at: Instant): number {
  const before = (evidence.cloud.record.writes.findLast(w => w.at <= at)?.sequence ?? 0) + 1;
  return evidence.plot.boxes.filter(({ id, kind }) => {
    const instance = evidence.ids.get(id);
    return kind !== 'stop-protected' && instance !== undefined && guardedAt(evidence, instance, before);
  }).length;
}

const guardIn = ({ params }: Write): boolean | undefined => (params as { DisableApiStop?: { Value?: boolean } }).DisableApiStop?.Value;

/** Auto Scaling would take whom it may, and then fail at the protected for ever. */
export function notBelowShielded(evidence: Evidence, write: Write, name: string): string | null {
  const { DesiredCapacity: to } = sizesIn(write);
  const moments: readonly Moment[] = [knownTo(evidence, write, name), { at: write.at, before: write.sequence }];
  const most = Math.min(...moments.map(({ before }) => shieldedIn(evidence, name, before, write).length));
  const desired = desiredBefore(evidence, name, write);
  return to === undefined || to >= desired || to >= most ? null : `to ${to}, though ${most} of its ${desired} are protected from scale-in`;
}

/** Ids of members that are protected and have not gone. */
export function shieldedIn({ cloud }: Evidence, name: string, before: number, { at }: Pick<Write, 'at'>): string[] {
  const shields = new Map<string, boolean>();
  for (const { sequence, action, params } of cloud.record.writes) {
    if (sequence >= before) break;
    const { AutoScalingGroupName, InstanceIds = [], ProtectedFromScaleIn = false } = params as Shielding;
    if (action !== 'SetInstanceProtection' || AutoScalingGroupName !== name) continue;
    for (const id of InstanceIds) shields.set(id, ProtectedFromScaleIn);
  }
  const hasLeft = (id: string) =>
    cloud.record.transitions.some(t => t.instance === id && t.at <= at && t.to !== 'running' && t.from !== null);
  return [...shields].filter(([id, on]) => on && !hasLeft(id)).map(([id]) => id);
}

interface Shielding {
  readonly AutoScalingGroupName?: string;
  readonly InstanceIds?: readonly string[];
  readonly ProtectedFromScaleIn?: boolean;
}

/** As the last call has set it, or less, as bounds that were set since have it. */
function desiredBefore(evidence: Evidence, name: string, { at, sequence }: Write): number {
  const counted = groupOf(evidence, name)?.counts.GroupDesiredCapacity.at(epochSeconds(at) - 1);
  const told = lastSet(evidence, name, 'DesiredCapacity', sequence);
  return Math.min(told, counted ?? told);
}

const FIRST = { MinSize: 'minSize', MaxSize: 'maxSize', DesiredCapacity: 'desiredCapacity' } as const;
type Size = keyof typeof FIRST;
const SIZES = Object.keys(FIRST) as Size[];

function lastSet({ plot, cloud }: Evidence, name: string, size: Size, before: number): number {
  const set = cloud.record.writes.findLast(
    w => w.sequence < before && w.changed.includes(name) && sizesIn(w).AutoScalingGroupName === name && sizesIn(w)[size] !== undefined,
  );
  return (set === undefined ? undefined : sizesIn(set)[size]) ?? plot.fleets.find(f => f.id === name)?.[FIRST[size]] ?? 0;
}

/** What was decided from another size than stood there at the last look; one that was set and set back is the same. */
export function setMeanwhile(evidence: Evidence, write: Write, name: string): string | null {
  const others = changedMeanwhile(evidence, write, name);
  const isOther = (size: Size) => {
    const sets = others.filter(other => sizesIn(other).AutoScalingGroupName === name && sizesIn(other)[size] !== undefined);
    const [first, last] = [sets[0], sets.at(-1)];
    return first !== undefined && last !== undefined && sizesIn(last)[size] !== lastSet(evidence, name, size, first.sequence);
  };
  return SIZES.some(size => sizesIn(write)[size] !== undefined && isOther(size))
    ? 'whose sizes somebody had set while we were at it'
    : null;
}
