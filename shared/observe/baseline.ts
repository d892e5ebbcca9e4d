/** Four weeks of hourly metric presence → what would have run without us. */
import { BASELINE_WEEKS, type Baseline } from '../model/baseline.ts';
import { coverage, type Series, windowOf } from '../model/metric.ts';
import { addSeconds, floorTo, HOUR, hourOfWeek, type Instant, WEEK, type Window } from '../model/time.ts';

const HOURS_PER_WEEK = 168;

/** The whole UTC hours of the four weeks before `at`. */
export function presenceWindow(at: Instant): Window {
  const end = floorTo(at, HOUR);
  return { start: addSeconds(end, -BASELINE_WEEKS * WEEK), end };
}

export const isTooYoung = (createdAt: Instant, at: Instant): boolean => createdAt > presenceWindow(at).start;

export const tooYoung = (at: Instant): Baseline => ({ kind: 'unknown', why: 'younger-than-four-weeks', frozenAt: at });

/** An instance publishes CPU only while it runs, so an hour with any sample is an hour in which it ran. */
export function presenceBaseline(samples: Series, at: Instant): Baseline {
  if (samples.values.every(v => v === null)) return { kind: 'unknown', why: 'no-metrics', frozenAt: at };
  const runs = new Array<number>(HOURS_PER_WEEK).fill(0);
  for (const [hour, value] of byHour(samples)) if (value !== null) runs[hour] = (runs[hour] ?? 0) + 1;
  return { kind: 'measured', weeks: BASELINE_WEEKS, runs, window: windowOf(samples), frozenAt: at };
}

/** Below this share of published hours a group's history is a guess: its metrics were switched on only lately, or off for a while. */
const FLEET_COVERAGE_MIN = 0.9;

/**
 * A group publishes how many instances are in service even when there are none, so here a hole is not a zero: an hour of the week is the
 * mean of the weeks that were measured, times four. Group metrics are off by default; without them the baseline is unknown.
 */
export function countBaseline(counts: Series, at: Instant): Baseline {
  const sums = new Array<number>(HOURS_PER_WEEK).fill(0);
  const weeks = new Array<number>(HOURS_PER_WEEK).fill(0);
  for (const [hour, value] of byHour(counts)) {
    if (value === null) continue;
    sums[hour] = (sums[hour] ?? 0) + value;
    weeks[hour] = (weeks[hour] ?? 0) + 1;
  }
  if (coverage(counts) < FLEET_COVERAGE_MIN || weeks.includes(0)) return { kind: 'unknown', why: 'no-metrics', frozenAt: at };
  const runs = sums.map((sum, hour) => Math.round((sum / (weeks[hour] ?? 1)) * BASELINE_WEEKS));
  return { kind: 'measured', weeks: BASELINE_WEEKS, runs, window: windowOf(counts), frozenAt: at };
}

const byHour = (s: Series): [hour: number, value: number | null][] => {
  const first = hourOfWeek(s.start);
  return s.values.map((value, i) => [(first + i) % HOURS_PER_WEEK, value]);
};
