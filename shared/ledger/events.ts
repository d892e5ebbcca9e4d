/** What happened beside the money: changes by outcome, and the friction that the savings cost people. */
import type { Scope } from '../model/ids.ts';
import type { NotedRow } from '../model/ledger.ts';
import type { ActionKind } from '../model/plan.ts';
import type { Outcome } from '../model/receipt.ts';
import { type Instant, MINUTE, secondsBetween, type Window, within } from '../model/time.ts';
import type { Gathered } from './gather.ts';
import { compare } from './lines.ts';
import { isSealed, type SealedDays } from './sealed.ts';

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

export function eventsOf(
  gathered: Omit<Gathered, 'ownCosts' | 'sealed'>,
  window: Window,
  at: Instant,
  sealed: SealedDays = new Map(),
): Events {
  const { meters, claims, settled, proposed, noted } = gathered;
  const seen = (row: { readonly at: Instant }): boolean => within(window, row.at) && row.at <= at;
  const fresh = (row: { readonly at: Instant; readonly scope: Scope }): boolean => seen(row) && !isSealed(sealed, row.scope, row.at);
  const kinds = new Map(claims.map(claim => [claim.changeId, claim.kind]));
  const answered = new Set(settled.filter(row => row.at <= at).map(row => row.changeId));
  const settledNow = settled.filter(fresh).map(row => ({ kind: kinds.get(row.changeId) ?? ('unclaimed' as const), outcome: row.outcome }));
  const notedNow = noted.filter(fresh);

  const boomerangs = meters.filter(
    ({ opened, closed }) =>
      closed?.why === 'started-by-someone' && fresh(closed) && secondsBetween(opened.at, closed.at) <= BOOMERANG_SECONDS,
  );
  const failed = settledNow.filter(({ kind, outcome }) => kind === 'start-instance' && (outcome === 'failed' || outcome === 'refused'));
  const told = [...sealed.values()].map(({ counts }) => counts);

  return {
    changes: addCounts2([
      mapValues(
        Map.groupBy(settledNow, row => row.kind),
        rows => countBy(rows, row => row.outcome),
      ),
      ...told.map(counts => counts.changes),
    ]) as Events['changes'],
    unsettled: sum([...claims.filter(claim => fresh(claim) && !answered.has(claim.changeId)).map(() => 1), ...told.map(c => c.unsettled)]),
    proposed: addCounts([countBy(proposed.filter(fresh), row => row.kind), ...told.map(counts => counts.proposed)]),
    boomerangs: sum([boomerangs.length, ...told.map(counts => counts.boomerangs)]),
    failedStarts: sum([
      failed.length,
      notedNow.filter(row => row.what === 'start-failed').length,
      ...told.map(counts => counts.failedStarts),
    ]),
    noted: addCounts([countBy(notedNow, row => row.what), ...told.map(counts => counts.noted)]),
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** Counts of the same names added up, in order of names. */
function addCounts(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const [name, count] of all.flatMap(Object.entries<number>)) counts.set(name, (counts.get(name) ?? 0) + count);
  return Object.fromEntries([...counts].toSorted(([a], [b]) => compare(a, b)));
}

/** The same one level deeper. */
function addCounts2(all: readonly Readonly<Record<string, Readonly<Record<string, number>>>>[]): Record<string, Record<string, number>> {
  const names = [...new Set(all.flatMap(Object.keys))].toSorted();
  return Object.fromEntries(names.map(name => [name, addCounts(all.map(counts => counts[name] ?? {}))]));
}

const countBy = <Row, Key extends string>(rows: readonly Row[], keyOf: (row: Row) => Key): Partial<Record<Key, number>> =>
  mapValues(Map.groupBy(rows, keyOf), group => group.length);

const mapValues = <Key extends string, From, To>(groups: Map<Key, From>, to: (group: From) => To): Partial<Record<Key, To>> =>
  Object.fromEntries([...groups].map(([key, group]) => [key, to(group)])) as Partial<Record<Key, To>>;
