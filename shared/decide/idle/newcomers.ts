/** Instances that are seen for the first time bring their past with them: so that day one is not blind. */
import { hourly, type IdleFleet } from './fleet.ts';
import { type HourMeasured, tell } from './history.ts';
import { type Learner, newLearner } from './learner.ts';
import type { RiskModel } from './risk.ts';
import type { Tolerance } from './tolerance.ts';

export interface Newcomer {
  readonly id: string;
  /** The first hour, since the epoch, of which anything is known. */
  readonly first: number;
  readonly utcOffset: number;
  measured(hour: number): HourMeasured;
}

/** Two weeks are played on paper, all newcomers together, as if we had been there: what came of it teaches trust and tolerance. */
const PLAYED_HOURS = 14 * 24;

/** What they have taught before `hour`. */
export function begin(newcomers: readonly Newcomer[], hour: number, tolerance: Tolerance, model: RiskModel): IdleFleet {
  const from = hour - PLAYED_HOURS;
  const offsets = new Map(newcomers.map(n => [n.id, n.utcOffset]));
  let fleet: IdleFleet = { learners: new Map(newcomers.map(n => [n.id, withPast(n, from)])), tolerance };
  const terms = { act: false, utcOffsetOf: (id: string) => offsets.get(id) ?? 0, modelOf: () => model };
  for (let h = from; h < hour; h++) {
    const seen = newcomers.filter(n => n.first <= h).map(n => ({ id: n.id, running: true, ...n.measured(h) }));
    fleet = hourly(fleet, h, seen, terms).next;
  }
  return fleet;
}

function withPast({ first, measured }: Newcomer, until: number): Learner {
  const learner = newLearner(first);
  let { history } = learner;
  for (let h = first; h < until; h++) history = tell(history, h, measured(h));
  return { ...learner, history };
}
