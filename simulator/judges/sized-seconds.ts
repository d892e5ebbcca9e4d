/** How many instances of a group were billed, or meant to be there, second by second. */
import { epochSeconds } from '../../shared/model/time.ts';
import type { Evidence } from '../swarm/evidence.ts';

export interface Size {
  /** The group's name, also of an environment's. */
  readonly name: string;
  readonly isGone: boolean;
  /** Billed, or desired where that is more: what is missing because a launch takes time is saved by nobody. Epoch seconds, of the story. */
  at(second: number): number;
  inService(second: number): number;
}

const known = new WeakMap<Evidence, Map<string, Size | null>>();

/** @param id of a group or of an environment; `null`: neither was ever there. */
export function sizeOf(evidence: Evidence, id: string): Size | null {
  const sizes = known.get(evidence) ?? new Map<string, Size | null>();
  known.set(evidence, sizes);
  const size = sizes.get(id) ?? count(evidence, id);
  sizes.set(id, size);
  return size;
}

function count({ groups, ids, cloud, plot, done }: Evidence, id: string): Size | null {
  const group = groups.find(g => g.name === id || (g.beanstalk !== null && ids.get(g.beanstalk) === id));
  if (group === undefined) return null;
  const [from, end] = [epochSeconds(plot.from), epochSeconds(plot.end)];
  const deletedAt = done.find(d => d.deed.does === 'deletes-group' && d.deed.fleet === id)?.at;
  const goneAt = deletedAt === undefined ? Number.POSITIVE_INFINITY : epochSeconds(deletedAt);
  const changes = new Int32Array(end - from + 2);
  const add = (at: number, by: number) => {
    const second = Math.max(0, at - from);
    if (second < changes.length) changes[second] = (changes[second] ?? 0) + by;
  };
  for (const machine of cloud.record.instances().filter(m => m.group === group.name)) {
    for (const span of machine.billed) {
      add(span.from, 1);
      if (span.to !== null) add(span.to, -1);
    }
  }
  let billed = 0;
  const counted = changes.map((by, i) => {
    billed += by;
    return Math.max(billed, from + i < goneAt ? group.counts.GroupDesiredCapacity.at(from + i) : 0);
  });
  return {
    ...{ name: group.name, isGone: goneAt <= end },
    at: second => (second < from ? group.counts.GroupInServiceInstances.at(second) : (counted[second - from] ?? 0)),
    inService: second => group.counts.GroupInServiceInstances.at(second),
  };
}
