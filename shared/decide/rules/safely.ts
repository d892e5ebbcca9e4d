/** Whatever argued for another capacity: what a group can do and what it must not be asked for. */
import type { Fleet } from '../../model/observation.ts';
import type { FleetContext } from '../decide-fleets.ts';
import { missing } from '../launches.ts';
import { leave, type Verdict } from './rule.ts';

/** The verdict, or a safer one. */
export function safely(fleet: Fleet, context: FleetContext, verdict: Verdict): Verdict {
  const to = wantedBy(fleet, verdict);
  if (to === null || to >= fleet.desiredCapacity) return heldByLaunches(fleet, context, verdict, to);
  if (fleet.refreshing !== null) return leave({ code: 'refreshing', percent: fleet.refreshing, wanted: to });
  return notBelowProtected(fleet, verdict, to);
}

/** While launches fail more would fail as well: it is asked for again after a while, ever more seldom, and not for ever. */
function heldByLaunches(fleet: Fleet, { memory, at }: FleetContext, verdict: Verdict, to: number | null): Verdict {
  const launch = memory.launch ?? null;
  if (launch === null || launch.recoveredAt !== null) return verdict;
  if ('act' in verdict && to === fleet.desiredCapacity) return verdict; // a floor below what there is launches nothing
  const again = 'act' in verdict && launch.nextAt !== null && launch.nextAt <= at;
  if (again) return verdict;
  const { why, since, tries, nextAt } = launch;
  return leave({ code: 'launch-failing', why, since, missing: missing(fleet), tries, nextAt });
}

/** Auto Scaling would terminate whom it may and then fail at the rest, for ever. */
function notBelowProtected(fleet: Fleet, verdict: Verdict, to: number): Verdict {
  const guarded = protectedUnits(fleet);
  if (to >= guarded || !('act' in verdict)) return verdict;
  const { act } = verdict;
  if (guarded >= fleet.desiredCapacity)
    return leave({ code: 'scale-in-protected', protected: guarded, capacity: fleet.desiredCapacity, wanted: to });
  if (act.kind === 'set-sizes') {
    return { ...verdict, act: { ...act, desiredCapacity: guarded, maxSize: Math.max(act.maxSize, guarded) } };
  }
  if (act.kind !== 'set-desired-capacity') return verdict;
  const because = 'to' in verdict.because ? { ...verdict.because, to: guarded } : verdict.because;
  return { ...verdict, act: { ...act, desiredCapacity: guarded }, because };
}

/** Units of members in service that nobody but a person may terminate. */
const protectedUnits = ({ members }: Pick<Fleet, 'members'>): number =>
  members.filter(m => m.scaleInProtected && m.lifecycleState === 'InService').reduce((sum, m) => sum + m.weight, 0);

/** The capacity that the verdict would make AWS bring about; `null` where it says nothing of one. */
function wantedBy({ desiredCapacity }: Fleet, verdict: Verdict): number | null {
  if ('left' in verdict) return null;
  const { act } = verdict;
  if (act.kind === 'set-min-size') return Math.max(act.minSize, desiredCapacity);
  if (act.kind === 'pause-environment') return act.down.desiredCapacity;
  return act.kind === 'set-desired-capacity' || act.kind === 'set-sizes' ? act.desiredCapacity : null;
}
