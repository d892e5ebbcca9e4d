/** Launches that fail are told once for each cause, and that nothing is missing any more: memory says what has been told. */
import { missing, sameCause } from '../decide/launches.ts';
import { fleetKey } from '../memory/shelves.ts';
import type { FailingLaunches, FleetMemory } from '../model/memory.ts';
import type { Fleet } from '../model/observation.ts';
import { readOwner } from '../policy/tags.ts';
import { changeItem } from './items.ts';
import { post } from './outbox.ts';
import type { FleetsLooked } from './pens/fleets.ts';
import type { Run } from './run.ts';

/** Posted first and noted after: a crash in between tells it twice, and nothing is lost. */
export async function tellLaunches(run: Run, { fleets, next, held }: FleetsLooked): Promise<void> {
  const seen = new Map(next.map(({ key, value }) => [key, value as FleetMemory]));
  for (const fleet of fleets) {
    const key = fleetKey(fleet.ref.id);
    const launch = (seen.get(key) ?? held.get(fleet.ref.id))?.launch ?? null;
    if (launch === null) continue;
    if (launch.recoveredAt !== null) {
      if (launch.told !== null) await tellRecovered(run, fleet, launch);
      await changeItem<FleetMemory>(run, key, run.at, memory =>
        memory?.launch?.recoveredAt == null ? memory : { ...memory, launch: null },
      );
    } else if (!sameCause(launch.why, launch.told)) {
      await tellFailing(run, fleet, launch);
      await changeItem<FleetMemory>(run, key, run.at, memory =>
        memory?.launch == null ? memory : { ...memory, launch: { ...memory.launch, told: launch.why } },
      );
    }
  }
}

const tellFailing = (run: Run, fleet: Fleet, { why, since }: FailingLaunches) =>
  post(run.memory, {
    ...{ kind: 'launch-failing', at: since, resource: fleet.ref, owner: readOwner(fleet.tags), why },
    ...{ missing: missing(fleet), desiredCapacity: fleet.desiredCapacity },
  });

const tellRecovered = (run: Run, { ref, tags }: Fleet, { told, why, since, recoveredAt }: FailingLaunches) =>
  post(run.memory, {
    ...{ kind: 'launch-recovered', at: recoveredAt ?? run.at, resource: ref, owner: readOwner(tags), why: told ?? why, since },
  });
