/** The capacity that a fleet's own past asks for. Silence holds: it never scales in. */
import type { Fleet } from '../../model/observation.ts';
import { addSeconds, MINUTE } from '../../model/time.ts';
import type { FleetContext } from '../decide-fleets.ts';
import { leave, type Rule } from './rule.ts';

export const forecast: Rule<Fleet, FleetContext> = (fleet, { thought, at, min, max }) => {
  // Its first two weeks are read when the fleets before it have had their turn.
  if (thought === null) return leave({ code: 'not-measured', nextAt: addSeconds(at, MINUTE) });
  const [silent] = thought.silent;
  if (thought.capacity === null || thought.foresight === null || thought.heardAt === null) {
    return leave({
      code: 'silent-metric',
      metric: silent ?? fleet.signals[0]?.name ?? 'the metric',
      since: fleet.signals[0]?.series?.start ?? at,
    });
  }
  const { capacity, foresight, heardAt } = thought;
  const from = fleet.desiredCapacity;
  // Whoever still speaks may ask for more; for less, all must have been heard.
  if (silent !== undefined && capacity <= from) return leave({ code: 'silent-metric', metric: silent, since: heardAt });
  if (capacity === from) {
    const bound = capacity === max ? 'max' : capacity === min ? 'min' : null;
    return leave({ code: 'as-forecast', capacity, wanted: capacity, bound, ...foresight });
  }
  return {
    act: { kind: 'set-desired-capacity', desiredCapacity: capacity },
    because: { code: 'forecast', from, to: capacity, ...foresight },
    causeAt: heardAt,
    expects: { desiredCapacity: from },
    attempt: 1,
  };
};
