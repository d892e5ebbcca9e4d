/** The account of a window: a pure fold of the ledger's rows. Every figure is summed exactly and rounded once, where it is printed. */
import { type ResourceRef, scopeKey } from '../model/ids.ts';
import type { Commitments, LedgerRow, MeterClosedRow, MeterCorrectedRow, SavingClass } from '../model/ledger.ts';
import { type MicroUsd, microUsd } from '../model/money.ts';
import type { BilledAs } from '../model/observation.ts';
import type { Instant, Window } from '../model/time.ts';
import { type Amount, addAmounts, type MeterState, meterState, NOTHING } from './amounts.ts';
import { type Events, eventsOf } from './events.ts';
import { type Gathered, gather } from './gather.ts';
import { compare, type Grade, groups, type Line, lineOf, type Range, type Tally } from './lines.ts';
import { type OwnCost, ownCostOf } from './own-cost.ts';
import { type Proposals, proposalsOf } from './proposals.ts';
import { type Counted, countedOf, sealedIn, sealedTallies } from './sealed.ts';

export type { Grade, Line, Money, Range } from './lines.ts';

export interface Statement {
  readonly window: Window;
  /** As of when: later rows are not counted, and open meters count up to here. */
  readonly at: Instant;
  readonly total: Line;
  /** Every meter that ran in the window, by opening; of days that were read sealed only those that had not ended then. */
  readonly meters: readonly MeterLine[];
  /** As `meters`: sealed days do not tell resources apart. */
  readonly byResource: readonly (Line & { readonly resource: ResourceRef })[];
  readonly byClass: readonly (Line & { readonly class: SavingClass })[];
  readonly byPolicy: readonly (Line & { readonly policy: string })[];
  readonly byOwner: readonly (Line & { readonly owner: string | null })[];
  /** By the team tag, else the owner; `null`: neither is there. */
  readonly byTeam: readonly (Line & { readonly team: string | null })[];
  readonly byAccount: readonly (Line & { readonly account: string })[];
  /** Where the prices came from. */
  readonly priceSources: readonly string[];
  /** What the bill has said since: rows recorded in the window, oldest first. */
  readonly corrections: readonly MeterCorrectedRow[];
  /** Grade D: what policies in mode `plan` would have saved, in no sum. */
  readonly proposals: Proposals;
  readonly ownCost: OwnCost;
  /** The total less what we cost ourselves; `null` where the total has no money. */
  readonly net: Range | null;
  /** Days that were read as one row. */
  readonly sealedDays: number;
  readonly events: Events;
}

export interface MeterLine extends Line {
  readonly meterId: string;
  readonly resource: ResourceRef;
  readonly class: SavingClass;
  readonly policy: string;
  readonly owner: string | null;
  readonly team: string | null;
  readonly openedAt: Instant;
  readonly state: MeterState;
  readonly closedAt: Instant | null;
  readonly why: MeterClosedRow['why'] | null;
  readonly running: number;
  readonly perHour: MicroUsd | null;
  readonly priceSource: string | null;
  readonly billedAs: BilledAs | null;
  readonly commitments: Commitments;
  readonly addressPerHour: MicroUsd;
  readonly addedCost: MicroUsd;
  readonly baseline: 'measured' | 'declared' | 'ran' | 'unknown';
  readonly changeId: string | null;
  /** What the bill has said of it, by revision; the last one holds. */
  readonly corrections: readonly MeterCorrectedRow[];
  readonly grade: Grade;
}

/**
 * @param rows of the UTC days from `LOOKBACK_DAYS` before the window on, in any order and of any scopes; a row met twice counts once. Of
 *   days that come sealed no other row is needed, but for the meters that the sealed row says were running.
 * @param at as of when
 */
export function statement(rows: Iterable<LedgerRow>, window: Window, at: Instant): Statement {
  const gathering = gather();
  for (const row of rows) gathering.add(row);
  return statementOf(gathering.gathered(), window, at);
}

export function statementOf(gathered: Gathered, window: Window, at: Instant): Statement {
  const sealed = sealedIn(gathered.sealed, window, at);
  const counted = countedOf(gathered.meters, sealed, window, at).toSorted((a, b) => compare(orderOf(a), orderOf(b)));
  const tallies = [...counted.map(one => one.tally), ...sealedTallies(sealed, window)];
  const by = <Key>(keyOf: (tally: Tally) => string, name: (tally: Tally) => Key): (Line & Key)[] => groups(tallies, keyOf, name);
  const total = lineOf(tallies);
  const ownCost = ownCostOf(gathered.ownCosts, sealed, window, at);

  return {
    window,
    at,
    total,
    meters: counted.map(one => meterLine(one, at)),
    byResource: byResource(counted),
    byClass: by(
      t => t.class,
      t => ({ class: t.class }),
    ),
    byPolicy: by(
      t => t.policy,
      t => ({ policy: t.policy }),
    ),
    byOwner: by(
      t => t.owner ?? '',
      t => ({ owner: t.owner }),
    ),
    byTeam: by(
      t => t.team ?? '',
      t => ({ team: t.team }),
    ),
    byAccount: by(
      t => t.account,
      t => ({ account: t.account }),
    ),
    priceSources: [...new Set(tallies.flatMap(t => t.priceSource ?? []))].toSorted(),
    corrections: correctionsIn(gathered, window, at),
    proposals: proposalsOf(gathered.proposed, sealed, window, at),
    ownCost,
    net: total.money && lessOwnCost(total.money.total, ownCost),
    sealedDays: sealed.size,
    events: eventsOf(gathered, window, at, sealed),
  };
}

/** The same total before it is rounded: windows that adjoin add up to their union, to the last fraction. */
export function exactTotal(rows: Iterable<LedgerRow>, window: Window, at: Instant): Amount {
  const gathering = gather();
  for (const row of rows) gathering.add(row);
  const { meters, sealed: all } = gathering.gathered();
  const sealed = sealedIn(all, window, at);
  const tallies = [...countedOf(meters, sealed, window, at).map(one => one.tally), ...sealedTallies(sealed, window)];
  return tallies.reduce((total, { amount }) => addAmounts(total, amount), NOTHING);
}

const orderOf = ({ meter: { opened } }: Counted): string => `${opened.at} ${opened.meterId}`;

function byResource(counted: readonly Counted[]): Statement['byResource'] {
  const resources = Map.groupBy(counted, ({ meter: { opened } }) => resourceKey(opened.resource));
  return [...resources]
    .toSorted(([a], [b]) => compare(a, b))
    .map(([, members]) => {
      const [first] = members as [Counted, ...Counted[]];
      return { resource: first.meter.opened.resource, ...lineOf(members.map(({ tally }) => tally)) };
    });
}

const resourceKey = ({ scope, kind, id }: ResourceRef): string => `${scopeKey(scope)}/${kind}/${id}`;

const correctionsIn = ({ meters, sealed }: Gathered, { start, end }: Window, at: Instant): MeterCorrectedRow[] => {
  const rows = [...meters.flatMap(({ corrections = [] }) => corrections), ...[...sealed.values()].flat().flatMap(row => row.corrections)];
  const seen = rows.filter(row => start <= row.at && row.at < end && row.at <= at);
  const once = new Map(seen.map(row => [`${row.meterId} ${row.revision}`, row]));
  return [...once.values()].toSorted((a, b) => compare(`${a.at} ${a.meterId}`, `${b.at} ${b.meterId}`));
};

const lessOwnCost = ({ low, high }: Range, { cost }: OwnCost): Range => ({ low: microUsd(low - cost), high: microUsd(high - cost) });

function meterLine({ meter, tally }: Counted, at: Instant): MeterLine {
  const { opened, closed, corrections = [] } = meter;
  const seen = closed !== null && closed.at <= at ? closed : null;
  return {
    meterId: opened.meterId,
    resource: opened.resource,
    class: opened.class,
    policy: opened.policy,
    owner: opened.owner,
    team: opened.team,
    openedAt: opened.at,
    state: meterState(meter, at),
    closedAt: seen?.at ?? null,
    why: seen?.why ?? null,
    running: opened.running,
    perHour: opened.perHour,
    priceSource: opened.priceSource,
    billedAs: opened.billedAs,
    commitments: opened.commitments,
    addressPerHour: opened.addressPerHour,
    addedCost: opened.addedCost,
    baseline: opened.baseline.kind,
    changeId: opened.changeId,
    corrections: corrections.filter(row => row.at <= at),
    grade: tally.grade,
    ...lineOf([tally]),
  };
}
