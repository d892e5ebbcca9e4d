/** What would have run without us: frozen at enrolment, measured where it can be, unknown where it cannot. */
import type { Instant, Window } from './time.ts';

/**
 * `measured`: `runs[hourOfWeek]` says in how many of the `weeks` before enrolment (UTC hours, from hourly metric presence) the resource
 * ran; for a fleet, how many instances it had in all of them together. So expected instances in an hour = `runs[h] / weeks`.
 * `declared`: the owner's own word, in a policy: the same arithmetic, a lower grade. `ran`: the hours did run, at another price; only a
 * resize is counted so. `unknown`: hours are shown, money is not.
 */
export type Baseline =
  | {
      readonly kind: 'measured';
      readonly weeks: number;
      readonly runs: readonly number[];
      readonly window: Window;
      readonly frozenAt: Instant;
    }
  | {
      readonly kind: 'declared';
      readonly weeks: 1;
      /** Share of each hour of the week. */
      readonly runs: readonly number[];
      /** As the policy says it: `always-on`, or the name of a schedule. */
      readonly says: string;
      readonly frozenAt: Instant;
    }
  | { readonly kind: 'ran'; readonly frozenAt: Instant }
  | { readonly kind: 'unknown'; readonly why: UnknownBaseline; readonly frozenAt: Instant };

export type UnknownBaseline = 'younger-than-four-weeks' | 'no-metrics' | 'not-read-yet';

/** The weeks of history a measured baseline needs. */
export const BASELINE_WEEKS = 4;
