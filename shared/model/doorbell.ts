/** Events are doorbells, not commands: a doorbell says where to look. What is true is observed afresh. */
import type { Birth } from './birth.ts';
import type { Pen, Scope } from './ids.ts';
import type { Instant } from './time.ts';

export interface Doorbell {
  readonly pen: Pen;
  readonly scope: Scope;
  /**
   * `due`: only if the agenda says that something has fallen due · `all`: the whole scope, measured · a list: these resources at once
   * (ids of instances, names of groups; for the fleet pen an instance stands for the group that it belongs to; for the tag pen ids of volumes,
   * snapshots, address allocations and environments too, or `environment/APPLICATION/NAME` where an event knows no id; an instance
   * stands for its volumes, too).
   */
  readonly look: 'due' | 'all' | readonly string[];
  /** When it was rung: the tick's or the event's own time. */
  readonly at: Instant;
  /** Who rang, for logs: `tick`, `alarm web-asg-cpu ALARM`, `RunInstances`. */
  readonly cause: string;
  /** The same for every delivery of one event, so that SQS drops the copies. */
  readonly dedupId: string;
  /** Of what has just been made: who made it. */
  readonly birth?: Birth;
}
