/** What an owner says would have run, where four weeks of it cannot be measured: the same arithmetic, a lower grade. */
import type { Baseline } from '../model/baseline.ts';
import { addSeconds, epochSeconds, floorTo, HOUR, hourOfWeek, type Instant, WEEK } from '../model/time.ts';
import { stateOnly, transitions } from '../policy/schedule.ts';
import type { InstancePolicy, Schedule } from '../policy/schema.ts';

const HOURS_PER_WEEK = 168;

/** `always-on`, or the hours of a schedule in the week around `at`. `null`: the policy declares nothing. */
export function declaredBaseline(
  { baseline: says }: Pick<InstancePolicy, 'baseline'>,
  schedules: Readonly<Record<string, Schedule>>,
  at: Instant,
): Baseline | null {
  if (says === undefined) return null;
  const declared = { kind: 'declared', weeks: 1, says, frozenAt: at } as const;
  if (says === 'always-on') return { ...declared, runs: new Array<number>(HOURS_PER_WEEK).fill(1) };
  const schedule = schedules[says];
  return schedule === undefined ? null : { ...declared, runs: hoursOf(schedule, at) };
}

/** Share of each hour of the week, UTC, in which the schedule says running. */
function hoursOf(schedule: Schedule, at: Instant): number[] {
  const start = addSeconds(floorTo(at, HOUR), -hourOfWeek(at) * HOUR);
  const end = addSeconds(start, WEEK);
  const runs = new Array<number>(HOURS_PER_WEEK).fill(0);
  let [from, state] = [start, stateOnly(schedule, start)];
  const until = (to: Instant): void => {
    for (let second = epochSeconds(from); state === 'running' && second < epochSeconds(to); ) {
      const next = Math.min(epochSeconds(to), (Math.floor(second / HOUR) + 1) * HOUR);
      const hour = Math.floor((second - epochSeconds(start)) / HOUR);
      runs[hour] = (runs[hour] ?? 0) + (next - second) / HOUR;
      second = next;
    }
    from = to;
  };
  for (const { at: when, to } of transitions(schedule, { start, end })) {
    until(when);
    state = to;
  }
  until(end);
  return runs;
}
