/** A metric as it was read: evenly spaced, with its holes. A hole is not a zero. */
import { addSeconds, epochSeconds, type Instant, type Window } from './time.ts';

export interface Series {
  /** Start of the first period. */
  readonly start: Instant;
  readonly periodSeconds: number;
  /** One value per period, in the metric's own unit; `null` where nothing was published (or what was published is not a number). */
  readonly values: readonly (number | null)[];
}

/** A series that is filled as its datapoints arrive: a number a period, however many points a page brings. */
export interface Grid extends Series {
  readonly values: (number | null)[];
}

export function grid(window: Window, periodSeconds: number): Grid {
  const length = Math.max(0, Math.ceil((epochSeconds(window.end) - epochSeconds(window.start)) / periodSeconds));
  return { start: window.start, periodSeconds, values: new Array<number | null>(length).fill(null) };
}

/**
 * Points outside of its window and values that are not finite numbers are dropped.
 * @param points seconds since 1970, value
 */
export function place({ start, periodSeconds, values }: Grid, points: Iterable<readonly [number, number]>): void {
  const origin = epochSeconds(start);
  for (const [at, value] of points) {
    const index = Math.floor((at - origin) / periodSeconds);
    if (index >= 0 && index < values.length && Number.isFinite(value)) values[index] = value;
  }
}

export const windowOf = (s: Series): Window => ({ start: s.start, end: addSeconds(s.start, s.values.length * s.periodSeconds) });

/** Share of the periods that carry a value, 0 to 1. An empty series is covered by nothing. */
export const coverage = (s: Series): number => (s.values.length === 0 ? 0 : measured(s).length / s.values.length);

/** The values that were really published, in order. */
export const measured = (s: Series): number[] => s.values.filter(v => v !== null);

/** The part of the series inside `window`, period by whole period. */
export function slice(s: Series, window: Window): Series {
  const at = (i: Instant) => Math.ceil((epochSeconds(i) - epochSeconds(s.start)) / s.periodSeconds);
  const from = Math.min(Math.max(0, at(window.start)), s.values.length);
  const to = Math.max(from, Math.min(at(window.end), s.values.length));
  return { start: addSeconds(s.start, from * s.periodSeconds), periodSeconds: s.periodSeconds, values: s.values.slice(from, to) };
}
