/** What a fleet's demand was, minute by minute, in instances that would be busy at 100 %. */

/** Minutes kept: a rhythm is learned from ten days, each of which looks a week back. */
export const KEPT = 18 * 1440;

/** Forecast errors are kept beside the demand, so that a time of day knows how well it was foreseen. */
export interface History {
  /** The first minute ever learned, in minutes since 1970. */
  readonly first: number;
  /** The newest minute learned. */
  last: number;
  /** By minute modulo `KEPT`. */
  readonly demand: Float32Array;
  /** Log of what came over what was forecast for the minute; NaN where nothing was forecast or nothing was measured. */
  readonly error: Float32Array;
  /** Log of the mean of the five minutes that end here, plus one instance: derived, kept because every refit reads all of it. */
  readonly level: Float32Array;
}

/** Logs are taken of demand plus one instance: between a tenth and a hundredth of an instance nothing is decided. */
export const OFFSET = 1;

/** @param first the first minute that will be learned, in minutes since 1970 */
export const openHistory = (first: number): History => ({
  first,
  last: first - 1,
  demand: new Float32Array(KEPT),
  error: new Float32Array(KEPT).fill(Number.NaN),
  level: new Float32Array(KEPT),
});

/** Takes the next minute. Minutes come in order, without holes. */
export function learnMinute(history: History, demand: number): void {
  const minute = history.last + 1;
  history.last = minute;
  history.demand[minute % KEPT] = demand;
  history.error[minute % KEPT] = Number.NaN;
  history.level[minute % KEPT] = Math.log(meanDemand(history, minute - 4, minute) + OFFSET);
}

export const knows = ({ first, last }: History, minute: number): boolean => minute >= first && minute > last - KEPT && minute <= last;

export const demandAt = ({ demand }: History, minute: number): number => demand[minute % KEPT] ?? 0;

export const errorAt = ({ error }: History, minute: number): number => error[minute % KEPT] ?? Number.NaN;

/** Log level at a minute that is known; the first ever where it is older. */
export const levelAt = ({ level, first }: History, minute: number): number => level[Math.max(minute, first) % KEPT] ?? 0;

/** Mean demand from `from` to `to`, both included, as far as it is known. */
export function meanDemand(history: History, from: number, to: number): number {
  const start = Math.max(from, history.first);
  const end = Math.min(to, history.last);
  let sum = 0;
  for (let minute = start; minute <= end; minute++) sum += demandAt(history, minute);
  return sum / Math.max(1, end - start + 1);
}
