/** What would have run without us: frozen at enrolment, measured where it can be, unknown where it cannot. */
import type { Instant, Window } from './time.ts';

/**
 * `measured`: `runs[hourOfWeek]` says in how many of the `weeks` before enrolment (UTC hours, from hourly metric presence) the resource
 * ran; for a fleet, how many instances it had in all of them together. So expected instances in an hour = `runs[h] / weeks`.
 * `unknown`: hours are shown, money is not.
 */
export type Baseline =
  | {
      readonly kind: 'measured';
      readonly weeks: number;
      readonly runs: readonly number[];
      readonly window: Window;
      readonly frozenAt: Instant;
    }
  | { readonly kind: 'unknown'; readonly why: UnknownBaseline; readonly frozenAt: Instant };

export type UnknownBaseline = 'younger-than-four-weeks' | 'no-metrics' | 'not-read-yet';

/** The weeks of history a measured baseline needs. */
export const BASELINE_WEEKS = 4;
