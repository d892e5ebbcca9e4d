/** The account of a day or a week, for people: a pure fold of the ledger and of what was last left alone. Words are elsewhere. */
import { type Gathered, gather } from '../ledger/gather.ts';
import { type Line, type Range, type Statement, statementOf } from '../ledger/statement.ts';
import type { ResourceRef, Scope } from '../model/ids.ts';
import type { LedgerRow, SavingClass } from '../model/ledger.ts';
import { type MicroUsd, microUsd } from '../model/money.ts';
import type { Audience, LeftDigest } from '../model/notice.ts';
import type { ActionKind, Change, LeftReason } from '../model/plan.ts';
import { addSeconds, DAY, earlier, type Instant, lengthSeconds, MINUTE, secondsBetween, WEEK, type Window, within } from '../model/time.ts';
import { type Failure, type Happenings, watch } from './happenings.ts';
import { interest } from './sentences.ts';
import type { StillCosts } from './still-costs.ts';

export interface Summary {
  readonly window: Window;
  readonly at: Instant;
  readonly scopes: readonly Scope[];
  /** Whose it is; `null`: everybody's. */
  readonly audience: Audience | null;
  /** Of everything; negative hours stay in. */
  readonly total: Line;
  /** The headline first: what may be counted on; then the range; all less our own cost where it is known. `null`: worth unknown. */
  readonly net: { readonly least: MicroUsd; readonly range: Range } | null;
  /** What we cost ourselves; `null`: nothing is on record, which is not $0, or it is one team's summary. */
  readonly ownCost: { readonly cost: MicroUsd; readonly days: number } | null;
  /** The window of the same length before. */
  readonly before: Line;
  /** Each by the high bound, greatest first. */
  readonly byClass: readonly (Line & { readonly class: SavingClass })[];
  readonly byPolicy: readonly (Line & { readonly policy: string })[];
  /** `null` is the owner of what carries no owner. */
  readonly byOwner: readonly (Line & { readonly owner: string | null })[];
  /** By the team tag, else the owner; each beside its usual week. */
  readonly byTeam: readonly (Line & { readonly team: string | null; readonly trend: Trend | null })[];
  readonly priceSources: readonly string[];
  readonly baselines: { readonly measured: number; readonly declared: number; readonly unknown: number };
  /** What the bill said in this window of earlier claims. */
  readonly corrections: Corrections;
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
  /** … and of these what still stands, one for each resource. */
  readonly proposals: readonly Change[];
  /** What needs somebody's look first, then the commonest. */
  readonly left: readonly LeftGroup[];
  /** What stopped instances cost on: in no saving. `null`: nobody has looked. */
  readonly still: StillCosts | null;
}

export interface Boomerang {
  readonly resource: ResourceRef;
  readonly stoppedAt: Instant;
  readonly minutes: number;
}

/** Against the mean of the four weeks before: more or less than a tenth. */
export type Trend = 'up' | 'down' | 'level';

export interface Corrections {
  readonly verified: number;
  readonly adjusted: number;
  readonly reversed: number;
}

export type LeftGroup = LeftDigest['groups'][number];

export interface SummaryInput {
  readonly window: Window;
  /** As of when. */
  readonly at: Instant;
  readonly scopes?: readonly Scope[];
  readonly left?: readonly LeftDigest[];
  readonly audience?: Audience | null;
  readonly still?: StillCosts | null;
}

/** @param rows of the UTC days from `LOOKBACK_DAYS` (of the ledger) before the *previous* window on, in any order. */
export function summarise({ rows, ...input }: SummaryInput & { readonly rows: Iterable<LedgerRow> }): Summary {
  const summing = summary(input);
  for (const row of rows) summing.add(row);
  return summing.summary();
}

/** The same for rows that stream by: only what a summary needs is held. */
export function summary({ window, at, ...input }: SummaryInput): { add(row: LedgerRow): void; summary(): Summary } {
  const gathering = gather();
  const watching = watch(window, at);
  return {
    add(row) {
      if (row.kind === 'sealed') return; // its rows come as well, and tell of everybody apart
      gathering.add(row);
      watching.add(row);
    },
    summary() {
      const gathered = gathering.gathered();
      const before = statementOf(gathered, windowBefore(window), at).total;
      const usual = usualOf(gathered, window, at);
      return summaryOf(statementOf(gathered, window, at), watching.happenings(), {
        before,
        usual,
        scopes: [],
        left: [],
        audience: null,
        still: null,
        ...input,
      });
    },
  };
}

/** The first instant that a summary looks back to: a week is held against the four before it. */
export const summaryNeedsRowsFrom = (window: Window): Instant =>
  isWeek(window) ? addSeconds(window.start, -USUAL_WEEKS * WEEK) : windowBefore(window).start;

const USUAL_WEEKS = 4;
const isWeek = (window: Window): boolean => lengthSeconds(window) > 2 * DAY;

/** Avoided seconds of a usual week, by team: as many of the four weeks before as there was anything in. */
function usualOf(gathered: Gathered, window: Window, at: Instant): ReadonlyMap<string | null, number> {
  const first = gathered.meters.reduce<Instant>((least, { opened }) => earlier(least, opened.at), window.start);
  const weeks = Math.min(USUAL_WEEKS, Math.floor(secondsBetween(first, window.start) / WEEK));
  if (!isWeek(window) || weeks < 1) return new Map();
  const { byTeam } = statementOf(gathered, { start: addSeconds(window.start, -weeks * WEEK), end: window.start }, at);
  return new Map(byTeam.map(({ team, avoidedSeconds }) => [team, avoidedSeconds / weeks]));
}

function trendOf(seconds: number, usual: number | undefined): Trend | null {
  if (usual === undefined || usual <= 0) return null;
  return seconds > 1.1 * usual ? 'up' : seconds < 0.9 * usual ? 'down' : 'level';
}

const windowBefore = (window: Window): Window => ({ start: addSeconds(window.start, -lengthSeconds(window)), end: window.start });

function summaryOf(
  statement: Statement,
  { failures, scaledOut, scaledIn, proposedBy, proposals }: Happenings,
  { before, usual, scopes, left, audience, still }: Required<Omit<SummaryInput, 'window' | 'at'>> & Aside,
): Summary {
  const { window, at, total, meters, events, ownCost } = statement;
  const groups = leftGroups(left);
  const cost = audience !== null || ownCost.days === 0 ? null : { cost: ownCost.cost, days: ownCost.days };
  return {
    window,
    at,
    scopes,
    audience,
    total,
    net: netOf(total, cost?.cost ?? microUsd(0)),
    ownCost: cost,
    before,
    byClass: statement.byClass.toSorted(byWorth),
    byPolicy: statement.byPolicy.toSorted(byWorth),
    byOwner: statement.byOwner.toSorted(byWorth),
    byTeam: statement.byTeam.toSorted(byWorth).map(line => ({ ...line, trend: trendOf(line.avoidedSeconds, usual.get(line.team)) })),
    corrections: correctionsOf(statement),
    priceSources: statement.priceSources,
    baselines: {
      measured: meters.filter(meter => meter.baseline === 'measured' || meter.baseline === 'ran').length,
      declared: meters.filter(meter => meter.baseline === 'declared').length,
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
    proposals,
    left: groups,
    still,
  };
}

interface Aside {
  readonly before: Line;
  readonly usual: ReadonlyMap<string | null, number>;
}

function netOf({ money }: Line, cost: MicroUsd): Summary['net'] {
  if (money === null) return null;
  const less = (amount: MicroUsd) => microUsd(amount - cost);
  return { least: less(money.headline), range: { low: less(money.total.low), high: less(money.total.high) } };
}

function correctionsOf({ corrections }: Statement): Corrections {
  const latest = new Map(corrections.map(row => [row.meterId, row.finding]));
  const counted = (finding: string) => [...latest.values()].filter(one => one === finding).length;
  return { verified: counted('verified'), adjusted: counted('adjusted'), reversed: counted('reversed') };
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
