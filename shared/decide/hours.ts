/** What a schedule says at the instant of the run. Ten thousand boxes share a handful of schedules, so each is asked once. */
import type { Instant } from '../model/time.ts';
import { nextRunning, type State, stateAt, stateOnly } from '../policy/schedule.ts';
import type { Schedule } from '../policy/schema.ts';

export interface Hours {
  readonly schedule: string;
  readonly timeZone: string;
  /** In `any` nobody is stopped and nobody started. */
  readonly state: State;
  /** The latest transition at or before the instant. */
  readonly since: Instant | null;
  /** What it said at another instant. */
  stateAt(then: Instant): State;
  /** The next transition after it. */
  readonly until: Instant | null;
  /** What it turns to then. */
  readonly turnsTo: State | null;
  /** When it next turns to `running`. */
  readonly nextOn: Instant | null;
}

export function hoursAt(at: Instant): (schedule: Schedule) => Hours {
  const known = new Map<Schedule, Hours>();
  return schedule => {
    const before = known.get(schedule);
    if (before !== undefined) return before;
    const now = stateAt(schedule, at);
    const hours = {
      schedule: schedule.name,
      timeZone: schedule.timeZone,
      ...now,
      stateAt: (then: Instant) => stateOnly(schedule, then),
      turnsTo: now.until === null ? null : stateOnly(schedule, now.until),
      nextOn: nextRunning(schedule, at),
    };
    known.set(schedule, hours);
    return hours;
  };
}
