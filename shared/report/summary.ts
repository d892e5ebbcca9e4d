/** The account of a day or a week, for people: a pure fold of the ledger and of what was last left alone. Words are elsewhere. */
import { gather } from '../ledger/gather.ts';
import { type Line, type Statement, statementOf } from '../ledger/statement.ts';
import type { ResourceRef, Scope } from '../model/ids.ts';
import type { LedgerRow, SavingClass } from '../model/ledger.ts';
import type { LeftDigest } from '../model/notice.ts';
import type { ActionKind, LeftReason } from '../model/plan.ts';
import { addSeconds, type Instant, lengthSeconds, MINUTE, secondsBetween, type Window, within } from '../model/time.ts';
import { type Failure, type Happenings, watch } from './happenings.ts';
import { interest } from './sentences.ts';

export interface Summary {
  readonly window: Window;
  readonly at: Instant;
  readonly scopes: readonly Scope[];
  /** Net of everything: its low bound is the headline, negative hours stay in. */
  readonly total: Line;
  /** The window of the same length before. */
  readonly before: Line;
  /** Each by the high bound, greatest first. */
  readonly byClass: readonly (Line & { readonly class: SavingClass })[];
  readonly byPolicy: readonly (Line & { readonly policy: string })[];
  /** `null` is the owner of what carries no owner. */
  readonly byOwner: readonly (Line & { readonly owner: string | null })[];
  readonly priceSources: readonly string[];
  readonly baselines: { readonly measured: number; readonly unknown: number };
  readonly failures: readonly Failure[];
  /** Changes that AWS took, by kind. */
  readonly done: Readonly<Partial<Record<ActionKind, number>>>;
  readonly scaledOut: number;
  readonly scaledIn: number;
  /** Claimed, and the answer is still being looked up. */
  readonly unsettled: number;
  /** What we stopped and somebody started again within the hour. */
  readonly boomerangs: readonly Boomerang[];
  readonly failedStarts: number;
  /** What people did themselves: never credited to us. */
  readonly people: { readonly started: number; readonly stopped: number; readonly terminated: number };
  /** What policies in mode `plan` would have done: worth $0. */
  readonly proposed: Readonly<Partial<Record<ActionKind, number>>>;
  readonly proposedBy: Happenings['proposedBy'];
  /** What needs somebody's look first, then the commonest. */
  readonly left: readonly LeftGroup[];
  /** Instances that sleep by our hand as of the latest look: their volumes and Elastic IPs are billed on. */
  readonly asleep: number;
}

export interface Boomerang {
  readonly resource: ResourceRef;
  readonly stoppedAt: Instant;
  readonly minutes: number;
}

export type LeftGroup = LeftDigest['groups'][number];

export interface SummaryInput {
  readonly window: Window;
  /** As of when. */
  readonly at: Instant;
  readonly scopes?: readonly Scope[];
  readonly left?: readonly LeftDigest[];
}

/** @param rows of the UTC days from `LOOKBACK_DAYS` (of the ledger) before the *previous* window on, in any order. */
export function summarise({ rows, ...input }: SummaryInput & { readonly rows: Iterable<LedgerRow> }): Summary {
  const summing = summary(input);
  for (const row of rows) summing.add(row);
  return summing.summary();
}

/** The same for rows that stream by: only what a summary needs is held. */
export function summary({ window, at, scopes = [], left = [] }: SummaryInput): { add(row: LedgerRow): void; summary(): Summary } {
  const gathering = gather();
  const watching = watch(window, at);
  return {
    add(row) {
      gathering.add(row);
      watching.add(row);
    },
    summary() {
      const gathered = gathering.gathered();
      const before = statementOf(gathered, windowBefore(window), at).total;
      return summaryOf(statementOf(gathered, window, at), watching.happenings(), { before, scopes, left });
    },
  };
}

export const windowBefore = (window: Window): Window => ({ start: addSeconds(window.start, -lengthSeconds(window)), end: window.start });

function summaryOf(
  statement: Statement,
  { failures, scaledOut, scaledIn, proposedBy }: Happenings,
  { before, scopes, left }: { before: Line; scopes: readonly Scope[]; left: readonly LeftDigest[] },
): Summary {
  const { window, at, total, meters, events } = statement;
  const groups = leftGroups(left);
  return {
    window,
    at,
    scopes,
    total,
    before,
    byClass: statement.byClass.toSorted(byWorth),
    byPolicy: statement.byPolicy.toSorted(byWorth),
    byOwner: statement.byOwner.toSorted(byWorth),
    priceSources: statement.priceSources,
    baselines: {
      measured: meters.filter(meter => meter.baseline === 'measured').length,
      unknown: meters.filter(meter => meter.baseline === 'unknown').length,
    },
    failures,
    done: doneOf(events.changes),
    scaledOut,
    scaledIn,
    unsettled: events.unsettled,
    boomerangs: boomerangsOf(statement),
    failedStarts: events.failedStarts,
    people: {
      started: events.noted['started-by-someone'] ?? 0,
      stopped: events.noted['stopped-by-someone'] ?? 0,
      terminated: events.noted.terminated ?? 0,
    },
    proposed: events.proposed,
    proposedBy,
    left: groups,
    asleep: groups.find(group => group.code === 'asleep')?.count ?? 0,
  };
}

const byWorth = (a: Line, b: Line): number =>
  (b.money?.total.high ?? 0) - (a.money?.total.high ?? 0) || b.avoidedSeconds + b.asleepSeconds - a.avoidedSeconds - a.asleepSeconds;

function doneOf(changes: Statement['events']['changes']): Partial<Record<ActionKind, number>> {
  const { unclaimed: _unclaimed, ...kinds } = changes;
  return Object.fromEntries(
    Object.entries(kinds).flatMap(([kind, outcomes]) => (outcomes.done === undefined ? [] : [[kind, outcomes.done]])),
  );
}

const boomerangsOf = ({ meters, window, at }: Statement): Boomerang[] =>
  meters.flatMap(({ resource, openedAt, closedAt, why }) => {
    if (why !== 'started-by-someone' || closedAt === null || closedAt > at || !within(window, closedAt)) return [];
    const minutes = Math.round(secondsBetween(openedAt, closedAt) / MINUTE);
    return minutes <= 60 ? [{ resource, stoppedAt: openedAt, minutes }] : [];
  });

/** The digests of several pens and scopes as one, each group with its first examples. */
function leftGroups(digests: readonly LeftDigest[]): LeftGroup[] {
  const together = new Map<LeftReason['code'], { count: number; examples: LeftGroup['examples'][number][] }>();
  for (const { groups } of digests) {
    for (const { code, count, examples } of groups) {
      const group = together.get(code) ?? { count: 0, examples: [] };
      together.set(code, { count: group.count + count, examples: [...group.examples, ...examples] });
    }
  }
  return [...together]
    .map(([code, group]) => ({ code, ...group }))
    .toSorted((a, b) => interest(a.code) - interest(b.code) || b.count - a.count || (a.code < b.code ? -1 : 1));
}
