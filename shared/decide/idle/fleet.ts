/** Idleness of a whole fleet, hour by hour: every instance's learner and the tolerance they share. */
import type { HourMeasured, HourSeen } from './history.ts';
import { broughtBack, hasLearned, type Learner, learn, newLearner, type RestEnd, rests, wishOf } from './learner.ts';
import type { RiskModel } from './risk.ts';
import { newTolerance, steer, type Tolerance, tolerated } from './tolerance.ts';

export interface IdleFleet {
  readonly learners: ReadonlyMap<string, Learner>;
  readonly tolerance: Tolerance;
}

export const newFleet: IdleFleet = { learners: new Map(), tolerance: newTolerance };

/** One instance in the hour that ended, and whether it runs now. */
export interface InstanceHour extends HourMeasured {
  readonly id: string;
  readonly running: boolean;
}

/** The fleet after `hour` (since the epoch), and what it wishes for the next one. Unless it may `act`, it plays the same game on paper. */
export function hourly(
  fleet: IdleFleet,
  hour: number,
  seen: readonly InstanceHour[],
  { act, utcOffsetOf, modelOf }: { readonly act: boolean; utcOffsetOf(id: string): number; modelOf(id: string): RiskModel },
): { readonly next: IdleFleet; readonly stop: string[]; readonly start: string[] } {
  const learners = new Map(fleet.learners);
  const ends: RestEnd[] = [];
  const known: { id: string; learner: Learner; running: boolean }[] = [];
  for (const instance of seen) {
    const held = learners.get(instance.id) ?? newLearner(hour);
    const before = act && held.rest?.onPaper === true ? { ...held, rest: null } : held;
    const { next, end } = learn(before, hour, whatWasSeen(instance, before));
    learners.set(instance.id, next);
    if (end !== null) ends.push(end);
    if (hasLearned(next)) known.push({ id: instance.id, learner: next, running: instance.running });
  }
  const tolerance = steer(fleet.tolerance, known.length, ends);
  const stop: string[] = [];
  const start: string[] = [];
  const brought: RestEnd[] = [];
  for (const { id, learner, running } of known) {
    // Stopped by others, or started by others this moment: nothing to wish for.
    if (running === (learner.rest !== null && !learner.rest.onPaper)) continue;
    const { wish } = wishOf(learner, tolerated(tolerance), utcOffsetOf(id), modelOf(id));
    if (wish === 'rest') {
      if (act) stop.push(id);
      learners.set(id, rests(learner, !act));
    } else if (wish === 'wake') {
      const { next, end } = broughtBack(learner);
      if (act) start.push(id);
      learners.set(id, next);
      if (end !== null) brought.push(end);
    }
  }
  return { next: { learners, tolerance: steer(tolerance, 0, brought) }, stop, start };
}

const whatWasSeen = (instance: InstanceHour, { rest }: Learner): HourSeen =>
  rest === null || rest.onPaper ? instance : instance.running ? 'woken' : 'undisturbed';
