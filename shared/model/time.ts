/** Time is an argument. An instant is UTC text to the second, so it sorts, compares with `<`, stores and prints as itself. */
import type { Brand } from './ids.ts';

/** `2025-05-14T19:00:00Z`: EC2's launch times and EventBridge's event times know no finer grain, and billing is by the second. */
export type Instant = Brand<string, 'Instant'>;

/** Half-open: `{ start: monday, end: tuesday }` is Monday, all of it, nothing else. */
export interface Window {
  readonly start: Instant;
  readonly end: Instant;
}

export const MINUTE = 60;
export const HOUR = 3600;
export const DAY = 86_400;
export const WEEK = 7 * DAY;

/**
 * The instant named by a date, epoch milliseconds or ISO text with an offset or `Z` (AWS writes `+0000` in places).
 * Fractions of a second are cut off, never rounded up into the future.
 * @throws RangeError when the text names no instant.
 */
export function instant(from: Date | number | string): Instant {
  const milliseconds = typeof from === 'string' ? Date.parse(from) : from instanceof Date ? from.getTime() : from;
  if (!Number.isFinite(milliseconds)) throw new RangeError(`not an instant: ${JSON.stringify(from)}`);
  return `${new Date(Math.floor(milliseconds / 1000) * 1000).toISOString().slice(0, 19)}Z` as Instant;
}

export const epochSeconds = (at: Instant): number => Date.parse(at) / 1000;
export const fromEpochSeconds = (seconds: number): Instant => instant(seconds * 1000);
export const toDate = (at: Instant): Date => new Date(at);

export const addSeconds = (at: Instant, seconds: number): Instant => fromEpochSeconds(epochSeconds(at) + seconds);

/** Seconds from `a` to `b`; negative when `b` is earlier. */
export const secondsBetween = (a: Instant, b: Instant): number => epochSeconds(b) - epochSeconds(a);

/** The latest multiple of `seconds` since the epoch that is not after `at`: the minute, the UTC hour, the UTC day. */
export const floorTo = (at: Instant, seconds: number): Instant => fromEpochSeconds(Math.floor(epochSeconds(at) / seconds) * seconds);

export const lengthSeconds = (window: Window): number => secondsBetween(window.start, window.end);
export const within = (window: Window, at: Instant): boolean => window.start <= at && at < window.end;
export const earlier = (a: Instant, b: Instant): Instant => (a <= b ? a : b);
export const later = (a: Instant, b: Instant): Instant => (a >= b ? a : b);

/** The first of them; `null` where none is foreseen. */
export const soonest = (instants: readonly (Instant | null)[]): Instant | null =>
  instants.reduce((a, b) => (a === null ? b : b === null ? a : earlier(a, b)), null);

/** The last of them; `null` where there is none. */
export const latest = (instants: readonly (Instant | null)[]): Instant | null =>
  instants.reduce((a, b) => (a === null ? b : b === null ? a : later(a, b)), null);

/** `2025-05-14`: the UTC day, which is FOCUS's and the ledger's. */
export const utcDay = (at: Instant): string => at.slice(0, 10);

/** 0 is Monday 00:00–01:00 UTC, 167 is Sunday 23:00–24:00 UTC. */
export function hourOfWeek(at: Instant): number {
  const hours = Math.floor(epochSeconds(at) / HOUR);
  return (((hours + 72) % 168) + 168) % 168; // 1970-01-01 was a Thursday: three days after Monday
}
