/** What is left when a story has been played: all that a judge may look at. Nothing in it was said by the house but the tables and Slack. */
import type { Instant } from '../../shared/model/time.ts';
import type { Config } from '../../shared/policy/schema.ts';
import type { Cloud } from '../cloud.ts';
import type { Visit } from '../faults/visits.ts';
import type { Hit } from '../faults/weather.ts';
import type { Answer } from '../people/answers.ts';
import type { Done } from '../people/people.ts';
import type { Invocation } from '../stage/lambda.ts';
import type { Group } from '../world/group.ts';
import type { Plot } from './plot.ts';

/** A row of a table, as it lies there. */
export type Item = Readonly<Record<string, unknown>> & { readonly pk: string; readonly sk: string };

export interface Evidence {
  readonly plot: Plot;
  /** The world as it is at the end, and its record of all that happened. */
  readonly cloud: Cloud;
  /** Instance ids by the names of the plot. */
  readonly ids: ReadonlyMap<string, string>;
  /** Groups that stood there when the story began, also those deleted since. */
  readonly groups: readonly Group[];
  readonly done: readonly Done[];
  /** What people asked the house for, and what they saw came of it. */
  readonly answers: readonly Answer[];
  readonly hits: readonly Hit[];
  /** Instances of which a state change did not arrive in time. */
  readonly unheard: ReadonlySet<string>;
  readonly visits: readonly Visit[];
  readonly invocations: readonly Invocation[];
  readonly told: readonly { readonly at: Instant; readonly body: string }[];
  readonly ledger: readonly Item[];
  readonly memory: readonly Item[];
  /** The policies that were in force, each from its instant on. */
  readonly configs: readonly { readonly from: Instant; readonly config: Config }[];
  /** The same pen rung twice, a second apart: what the first ring wrote, what the second one wrote, and what it argued for. */
  readonly echoes: readonly {
    readonly at: Instant;
    readonly pen: string;
    readonly before: readonly string[];
    readonly wrote: readonly string[];
    readonly argued: readonly string[];
  }[];
  /** Claims that were not settled yet, looked at every ten minutes. */
  readonly open: readonly { readonly at: Instant; readonly what: string; readonly since: Instant }[];
  /** What the house says it saved by these meters of stops, all in all; `null` where it cannot be asked. */
  readonly claimed: ((meterIds: ReadonlySet<string>) => Claimed) | null;
}

/** Micro-dollars, realised and open together, before rounding: numerator and denominator. */
export interface Claimed {
  readonly numerator: bigint;
  readonly denominator: bigint;
}
