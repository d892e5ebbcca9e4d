/**
 * What a run could know when it wrote: the clock and the policies of its beginning, and of its target what stood there when it looked for the
 * last time. A mark that was set after that look cannot be heeded; one that was set before has to be.
 */
import type { Instant } from '../../shared/model/time.ts';
import type { Evidence } from '../swarm/evidence.ts';
import type { Write } from '../world/record.ts';
import { isOurs, runBegan, visitOf } from './facts.ts';

export interface Moment {
  readonly at: Instant;
  /** Of the record's writes those with smaller numbers have happened. */
  readonly before: number;
}

/** Whether something held both when the run last looked, and when it wrote. */
export type Standing = (holds: (moment: Moment) => boolean) => boolean;

export const standingAt = (evidence: Evidence, write: Write, target: string): Standing => {
  const known = knownTo(evidence, write, target);
  return holds => holds(known) && holds({ at: write.at, before: write.sequence });
};

/** @param operation with which it looked; whatever tells of such a target unless told otherwise */
export function knownTo(evidence: Evidence, write: Write, target: string, operation = tellsOf(target)): Moment {
  const [last] = looksBefore(evidence, write, target, operation);
  const began = visitOf(evidence, write)?.writes.from ?? write.sequence - 1;
  return { at: runBegan(evidence, write), before: Math.max(began, last ?? 0) + 1 };
}

/** What others have changed of a target between the last two looks of the run: it decided from the first of them, and could see more at the second. */
export function changedMeanwhile(evidence: Evidence, write: Write, target: string): Write[] {
  const [again, first] = looksBefore(evidence, write, target, tellsOf(target));
  if (again === undefined || first === undefined) return [];
  const { writes } = evidence.cloud.record;
  return writes.slice(first, again).filter(other => !isOurs(other) && other.changed.includes(target));
}

/** Numbers of the last write that each look has seen, the latest look first. */
function looksBefore(evidence: Evidence, write: Write, target: string, operation: string): number[] {
  const looks = visitOf(evidence, write)?.looks ?? [];
  return looks
    .filter(look => look.operation === operation && look.seen < write.sequence && (look.names?.has(target) ?? true))
    .map(({ seen }) => seen)
    .reverse();
}

function tellsOf(target: string): string {
  if (target.startsWith('i-')) return 'DescribeInstances';
  if (target.startsWith('vol-')) return 'DescribeVolumes';
  if (target.startsWith('snap-')) return 'DescribeSnapshots';
  return target.startsWith('eipalloc-') ? 'DescribeAddresses' : 'DescribeAutoScalingGroups';
}
