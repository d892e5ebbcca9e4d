/** What a house has really done in a story, by kind, from the world's record: one that does nothing breaks no promise, and keeps none. */
import { epochSeconds } from '../../shared/model/time.ts';
import { arguedBy, ourChanges, tagsIn } from '../../simulator/judges/facts.ts';
import { groupOf, sizesIn } from '../../simulator/judges/sizes.ts';
import type { Evidence } from '../../simulator/swarm/evidence.ts';
import type { Write } from '../../simulator/world/record.ts';

/** How often each was done; of stops and starts, for which reason on record: `stop: off-hours`. */
export function actsOf(evidence: Evidence): Record<string, number> {
  const acts: Record<string, number> = {};
  for (const act of ourChanges(evidence).flatMap(write => actsIn(evidence, write))) acts[act] = (acts[act] ?? 0) + 1;
  return acts;
}

function actsIn(evidence: Evidence, write: Write): string[] {
  switch (write.action) {
    case 'StopInstances':
      return write.changed.map(id => `stop: ${arguedBy(evidence, write, id)}`);
    case 'StartInstances':
      return write.changed.map(id => `start: ${arguedBy(evidence, write, id)}`);
    case 'SetDesiredCapacity':
      return [direction(evidence, write)];
    case 'UpdateAutoScalingGroup':
      return ['sizes'];
    case 'UpdateEnvironment':
      return ['environment'];
    default: {
      const written = write.changed.flatMap(id => Object.keys(tagsIn(write, id).written));
      const removed = write.changed.flatMap(id => tagsIn(write, id).removed);
      return [
        ...written.map(key => (key === 'ebb:mark' ? 'mark' : 'tag')),
        ...removed.map(key => (key === 'ebb:mark' ? 'unmark' : 'untag')),
      ];
    }
  }
}

function direction(evidence: Evidence, write: Write): string {
  const { AutoScalingGroupName: name, DesiredCapacity: to = 0 } = sizesIn(write);
  const before = groupOf(evidence, name)?.counts.GroupDesiredCapacity.at(epochSeconds(write.at) - 1);
  return before !== undefined && to < before ? 'scale-in' : 'scale-out';
}
