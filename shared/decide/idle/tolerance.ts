/**
 * How much risk a fleet may take, steered by what came of the risk it took. After each stop the tolerance moves a little, up by the share of
 * wrong stops that is allowed, down by the rest when one was wrong: so the share found in the long run is the share allowed, whatever the model
 * is worth on this fleet (adaptive conformal inference, Gibbs and Candès 2021). A second one does the same for wakes that found a stopped box.
 */
import type { RestEnd } from './learner.ts';

export interface Tolerance {
  readonly version: 1;
  /** Natural logarithms of the two risks; the lower one counts. */
  readonly ofWrong: number;
  readonly ofBlocked: number;
}

/** Share of stops that somebody undoes within four hours; stopped boxes found by somebody, per instance and hour. */
const WRONG = 0.05;
const BLOCKED = 1.85 / 720;
const STEP_WRONG = 0.05;
const STEP_BLOCKED = 0.02;
/** Steps are made for a fleet of this size; a larger one learns from more events, so each weighs less. */
const SIZE = 250;

const BEGINS_AT = Math.log(0.08);
const LOWEST = Math.log(0.01);
const HIGHEST = Math.log(0.2);

export const newTolerance: Tolerance = { version: 1, ofWrong: BEGINS_AT, ofBlocked: BEGINS_AT };

/** The risk at which an instance of full trust may be stopped, 0 to 1. */
export const tolerated = ({ ofWrong, ofBlocked }: Tolerance): number => Math.exp(Math.min(ofWrong, ofBlocked));

/** After an hour of `instances` that idleness is decided for, in which these rests ended or grew old. */
export function steer({ ofWrong, ofBlocked }: Tolerance, instances: number, ends: Iterable<RestEnd>): Tolerance {
  const weight = Math.min(1, SIZE / instances);
  let wrong = ofWrong;
  let blocked = ofBlocked + weight * STEP_BLOCKED * BLOCKED * instances;
  for (const end of ends) {
    if (end.rightful !== null) wrong += weight * STEP_WRONG * (end.rightful ? WRONG : WRONG - 1);
    if (end.blocked) blocked -= weight * STEP_BLOCKED;
  }
  return { version: 1, ofWrong: clamp(wrong), ofBlocked: clamp(blocked) };
}

const clamp = (risk: number): number => Math.min(HIGHEST, Math.max(LOWEST, risk));
