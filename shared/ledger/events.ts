/** What happened beside the money: changes by outcome, and the friction that the savings cost people. */
import type { NotedRow } from '../model/ledger.ts';
import type { ActionKind } from '../model/plan.ts';
import type { Outcome } from '../model/receipt.ts';
import { type Instant, MINUTE, secondsBetween, type Window, within } from '../model/time.ts';
import type { Gathered } from './gather.ts';

export interface Events {
  /** Settled in the window. `unclaimed`: settled without a claim on record, which should not be. */
  readonly changes: Counts<ActionKind | 'unclaimed'>;
  /** Claimed in the window and not settled yet: questions that a tick will answer. */
  readonly unsettled: number;
  /** What policies in mode `plan` would have done: worth $0. */
  readonly proposed: Readonly<Partial<Record<ActionKind, number>>>;
  /** Stops of ours after which somebody wanted the instance back within the hour. */
  readonly boomerangs: number;
  /** Starts that AWS failed or refused when asked, and those it took but that never arrived. */
  readonly failedStarts: number;
  /** What people and AWS did. */
  readonly noted: Readonly<Partial<Record<NotedRow['what'], number>>>;
}

type Counts<Kind extends string> = Readonly<Partial<Record<Kind, Readonly<Partial<Record<Outcome, number>>>>>>;

const BOOMERANG_SECONDS = 60 * MINUTE;

export function eventsOf({ meters, claims, settled, proposed, noted }: Gathered, window: Window, at: Instant): Events {
  const seen = (row: { readonly at: Instant }): boolean => within(window, row.at) && row.at <= at;
  const kinds = new Map(claims.map(claim => [claim.changeId, claim.kind]));
  const answered = new Set(settled.filter(row => row.at <= at).map(row => row.changeId));
  const settledNow = settled.filter(seen).map(row => ({ kind: kinds.get(row.changeId) ?? ('unclaimed' as const), outcome: row.outcome }));
  const notedNow = noted.filter(seen);

  const boomerangs = meters.filter(
    ({ opened, closed }) =>
      closed?.why === 'started-by-someone' && seen(closed) && secondsBetween(opened.at, closed.at) <= BOOMERANG_SECONDS,
  );
  const failed = settledNow.filter(({ kind, outcome }) => kind === 'start-instance' && (outcome === 'failed' || outcome === 'refused'));

  return {
    changes: mapValues(
      Map.groupBy(settledNow, row => row.kind),
      rows => countBy(rows, row => row.outcome),
    ),
    unsettled: claims.filter(claim => seen(claim) && !answered.has(claim.changeId)).length,
    proposed: countBy(proposed.filter(seen), row => row.kind),
    boomerangs: boomerangs.length,
    failedStarts: failed.length + notedNow.filter(row => row.what === 'start-failed').length,
    noted: countBy(notedNow, row => row.what),
  };
}

const countBy = <Row, Key extends string>(rows: readonly Row[], keyOf: (row: Row) => Key): Partial<Record<Key, number>> =>
  mapValues(Map.groupBy(rows, keyOf), group => group.length);

/** In order of keys, so that the order of rows does not show. */
const mapValues = <Key extends string, From, To>(groups: Map<Key, From>, to: (group: From) => To): Partial<Record<Key, To>> => {
  const sorted = [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, group]) => [key, to(group)])) as Partial<Record<Key, To>>;
};
