/** How likely an idle instance is to be wanted soon. */
import { activityOf, type Floor, IN_USE, NOT_KNOWN } from './activity.ts';
import { type Evidence, featuresOf } from './features.ts';
import type { History } from './history.ts';
import shipped from './model.json' with { type: 'json' };
import { probability, type Trees } from './trees.ts';

/** A stop that somebody wakes from earlier than this was wrong: it saved little and cost somebody the wait. Hours. */
export const GAP = 4;

export interface RiskModel {
  /** Use within GAP hours, and within the next hour. */
  readonly soon: Trees;
  readonly next: Trees;
}

/** Learnt by bench/idle/train.ts: docs/decisions/idleness.md says from what. */
export const shippedModel: RiskModel = shipped;

export type Risk =
  | { readonly state: 'in-use'; readonly floor: Floor }
  | { readonly state: 'unknown'; readonly floor: Floor }
  | {
      readonly state: 'idle';
      /** Probability that it is used within GAP hours. */
      readonly soon: number;
      readonly floor: Floor;
      readonly evidence: Evidence;
    };

/** `utcOffset`: hours to add for the local time in which its people live. */
export function riskOf(history: History, utcOffset: number, model: RiskModel): Risk {
  const activity = activityOf(history);
  const { floor } = activity;
  const latest = activity.hours.at(-1);
  if (latest === undefined || latest === NOT_KNOWN) return { state: 'unknown', floor };
  if (latest === IN_USE) return { state: 'in-use', floor };
  const { row, evidence } = featuresOf(activity, history.end + utcOffset, GAP);
  return { state: 'idle', soon: probability(model.soon, row), floor, evidence };
}

/** Probability of use within the next hour; meaningful for what is idle or rests. */
export const nextHourRisk = (history: History, utcOffset: number, model: RiskModel): number =>
  probability(model.next, featuresOf(activityOf(history), history.end + utcOffset, 1).row);
