/**
 * How often would target tracking at 50 % have resized this fleet? It is played along on the same demand, and we allow ourselves no more than
 * twice as much, or a hundred resizes a day where it is calmer.
 */

export interface Yardstick {
  inService: number;
  /** Launches on their way, oldest first: when they serve, and how many. */
  warming: { readonly at: number; count: number }[];
  above: number;
  below: number;
  /** Resizes and minutes, fading over four days. */
  resizes: number;
  minutes: number;
}

const TARGET = 0.5;
const FORGETTING = 1 / (4 * 1440);
const FLOOR = 100;
/** Of what is allowed: the rest is kept for days that are unlike the ones before. */
const SHARE = 0.84;

export const openYardstick = (): Yardstick => ({ inService: 0, warming: [], above: 0, below: 0, resizes: 0, minutes: 0 });

/** Resizes a minute that we allow ourselves. */
export const allowedResizes = ({ resizes, minutes }: Yardstick): number =>
  (Math.max(FLOOR, (2 * resizes * 1440) / Math.max(minutes, 1)) * SHARE) / 1440;

/** @param demand in instances that would be busy at 100 % @param boot minutes until a launched instance serves */
export function playTargetTracking(
  y: Yardstick,
  minute: number,
  demand: number,
  boot: number,
  bounds: { readonly min: number; readonly max: number },
): void {
  if (y.minutes === 0) y.inService = Math.max(bounds.min, Math.ceil(demand / TARGET));
  while (y.warming[0] !== undefined && y.warming[0].at <= minute) y.inService += y.warming.shift()?.count ?? 0;
  const utilization = Math.min(1, demand / y.inService);
  y.above = utilization > TARGET ? y.above + 1 : 0;
  y.below = utilization < 0.9 * TARGET ? y.below + 1 : 0;
  const coming = y.warming.reduce((sum, { count }) => sum + count, 0);
  const capacity = y.inService + coming;
  const wanted = clamp(Math.ceil((y.inService * utilization) / TARGET - 1e-9), bounds);
  let to = capacity;
  if (y.above >= 3) to = Math.max(capacity, wanted);
  else if (y.below >= 15 && coming === 0) to = Math.min(capacity, wanted);
  y.resizes = y.resizes * (1 - FORGETTING) + (to === capacity ? 0 : 1);
  y.minutes = y.minutes * (1 - FORGETTING) + 1;
  if (to > capacity) y.warming.push({ at: minute + boot, count: to - capacity });
  else y.inService -= capacity - to;
}

const clamp = (n: number, { min, max }: { readonly min: number; readonly max: number }): number => Math.min(max, Math.max(min, n));
