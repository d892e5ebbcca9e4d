/** Small models whose answer one can see. */
import { FEATURES } from '../../../shared/decide/idle/features.ts';
import type { Trees } from '../../../shared/decide/idle/trees.ts';

const odds = (p: number): number => Math.log(p / (1 - p));

export const constant = (p: number): Trees => ({ bias: odds(p), trees: [] });

/** One probability where a feature is at most the threshold, another where it is above. */
export const when = (feature: (typeof FEATURES)[number], threshold: number, below: number, above: number): Trees => ({
  bias: 0,
  trees: [{ nodes: [[FEATURES.indexOf(feature), threshold, -1, -2]], leaves: [odds(below), odds(above)] }],
});
