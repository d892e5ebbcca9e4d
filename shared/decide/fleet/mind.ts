/** From one minute's datapoints to a capacity: what `resize-fleets` thinks with, minute after minute. */
import { demandAt } from './history.ts';
import { type Learner, nextMinute, openLearner, type Service, skipMinute } from './learner.ts';
import { type Learned, loadOf, type Reading } from './load.ts';

export interface Mind {
  readonly learner: Learner;
  readonly learned: ReadonlyMap<number, Learned>;
  /** Whether the latest demand was only known as "at least". */
  readonly saturated: boolean;
}

export interface MinuteHeard {
  /** Minutes since 1970. */
  readonly minute: number;
  readonly readings: readonly Reading[];
  /** Instances in service in that minute. */
  readonly carriers: number;
}

/** A silence longer than this many minutes breaks the thread: what was forecast before it is not held against the forecast. */
const SILENCE = 1440;

/**
 * Learns a minute. One that says nothing, or was heard before, changes nothing. Minutes left out in between are taken to have been like the
 * last one, and nothing is learned from them but time.
 * @returns the capacity to hold; `null` when there was nothing to learn
 */
export function hear(
  mind: Mind | null,
  { minute, readings, carriers }: MinuteHeard,
  service: Service,
): { mind: Mind; capacity: number | null } | null {
  if (mind !== null && minute <= mind.learner.history.last) return { mind, capacity: null };
  const { demand, saturated, learned } = loadOf(readings, carriers, service.utilization, mind?.learned ?? new Map());
  if (demand === null) return mind === null ? null : { mind, capacity: null };
  const learner = mind === null || minute - mind.learner.history.last > SILENCE ? openLearner(minute) : mind.learner;
  const { history } = learner;
  while (history.last < minute - 1) skipMinute(learner, demandAt(history, history.last), service);
  return { mind: { learner, learned, saturated }, capacity: nextMinute(learner, demand, service) };
}
