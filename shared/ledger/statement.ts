/** The account of a window: a pure fold of the ledger's rows. Every figure is summed exactly and rounded once, where it is printed. */

import { type ResourceRef, scopeKey } from '../model/ids.ts';
import type { LedgerRow, MeterClosedRow, SavingClass } from '../model/ledger.ts';
import { divideMicros, type MicroUsd } from '../model/money.ts';
import type { Instant, Window } from '../model/time.ts';
import {
  type Amount,
  addAmounts,
  addBounds,
  amountOf,
  type Bounds,
  type Meter,
  type MeterState,
  meterState,
  NOTHING,
  reaches,
} from './amounts.ts';
import { type Events, eventsOf } from './events.ts';
import { type Gathered, gather } from './gather.ts';
import type { Rational } from './rational.ts';

export interface Statement {
  readonly window: Window;
  /** As of when: later rows are not counted, and open meters count up to here. */
  readonly at: Instant;
  readonly total: Line;
  /** Every meter that ran in the window, by opening. */
  readonly meters: readonly MeterLine[];
  readonly byResource: readonly (Line & { readonly resource: ResourceRef })[];
  readonly byClass: readonly (Line & { readonly class: SavingClass })[];
  readonly byPolicy: readonly (Line & { readonly policy: string })[];
  readonly byOwner: readonly (Line & { readonly owner: string | null })[];
  /** Where the prices came from. */
  readonly priceSources: readonly string[];
  readonly events: Events;
}

/** One rounded figure each: lines are not rounded to add up, so their sum may differ from the total in the last micro-dollar. */
export interface Line {
  readonly meters: number;
  /** Instance-seconds less than the measured baseline expects (hours × 3600); negative: more. */
  readonly avoidedSeconds: number;
  /** The part of `avoidedSeconds` that has no price. */
  readonly unpricedSeconds: number;
  /** Seconds that instances without a baseline lay stopped: counted apart, never worth money. */
  readonly asleepSeconds: number;
  /** `null`: nothing here has both a baseline and a price. Unknown is not $0. */
  readonly money: Money | null;
  readonly grades: Readonly<Record<Grade, number>>;
}

export interface Money {
  /** Of meters that will not change any more. */
  readonly realised: Range;
  /** Of meters that still count at `at`. */
  readonly open: Range;
  readonly total: Range;
}

export interface Range {
  readonly low: MicroUsd;
  readonly high: MicroUsd;
}

/**
 * `B`: measured baseline, known price, no commitments by the user's own word · `C`: commitments unknown, so a range ·
 * `hours-only`: baseline or price unknown.
 */
export type Grade = 'B' | 'C' | 'hours-only';

export interface MeterLine extends Line {
  readonly meterId: string;
  readonly resource: ResourceRef;
  readonly class: SavingClass;
  readonly policy: string;
  readonly owner: string | null;
  readonly openedAt: Instant;
  readonly state: MeterState;
  readonly closedAt: Instant | null;
  readonly why: MeterClosedRow['why'] | null;
  readonly running: number;
  readonly perHour: MicroUsd | null;
  readonly priceSource: string | null;
  readonly baseline: 'measured' | 'unknown';
  readonly grade: Grade;
}

/**
 * @param rows of the UTC days from `LOOKBACK_DAYS` before the window on, in any order and of any scopes; a row met twice counts once
 * @param at as of when
 */
export function statement(rows: Iterable<LedgerRow>, window: Window, at: Instant): Statement {
  const gathering = gather();
  for (const row of rows) gathering.add(row);
  return statementOf(gathering.gathered(), window, at);
}

export function statementOf(gathered: Gathered, window: Window, at: Instant): Statement {
  const counted = gathered.meters
    .filter(meter => reaches(meter, window, at))
    .map(meter => ({ meter, amount: amountOf(meter, window, at), grade: gradeOf(meter) }))
    .toSorted((a, b) => compare(meterOrder(a.meter), meterOrder(b.meter)));
  const by = <Key>(keyOf: (meter: Meter) => string, name: (meter: Meter) => Key): (Line & Key)[] => groups(counted, keyOf, name);

  return {
    window,
    at,
    total: lineOf(counted),
    meters: counted.map(one => meterLine(one, at)),
    byResource: by(resourceKey, ({ opened }) => ({ resource: opened.resource })),
    byClass: by(
      ({ opened }) => opened.class,
      ({ opened }) => ({ class: opened.class }),
    ),
    byPolicy: by(
      ({ opened }) => opened.policy,
      ({ opened }) => ({ policy: opened.policy }),
    ),
    byOwner: by(
      ({ opened }) => opened.owner ?? '',
      ({ opened }) => ({ owner: opened.owner }),
    ),
    priceSources: [...new Set(counted.flatMap(({ meter }) => meter.opened.priceSource ?? []))].toSorted(),
    events: eventsOf(gathered, window, at),
  };
}

/** The same total before it is rounded: windows that adjoin add up to their union, to the last fraction. */
export function exactTotal(rows: Iterable<LedgerRow>, window: Window, at: Instant): Amount {
  const gathering = gather();
  for (const row of rows) gathering.add(row);
  return gathering.gathered().meters.reduce((total, meter) => addAmounts(total, amountOf(meter, window, at)), NOTHING);
}

interface Counted {
  readonly meter: Meter;
  readonly amount: Amount;
  readonly grade: Grade;
}

function gradeOf({ opened }: Meter): Grade {
  if (opened.baseline.kind === 'unknown' || opened.perHour === null) return 'hours-only';
  return opened.commitments === 'none' ? 'B' : 'C';
}

const meterOrder = ({ opened }: Meter): string => `${opened.at} ${opened.meterId}`;
const resourceKey = ({ opened: { resource } }: Meter): string => `${scopeKey(resource.scope)}/${resource.kind}/${resource.id}`;
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function groups<Key>(counted: readonly Counted[], keyOf: (meter: Meter) => string, name: (meter: Meter) => Key): (Line & Key)[] {
  const grouped = [...Map.groupBy(counted, ({ meter }) => keyOf(meter))].toSorted(([a], [b]) => compare(a, b));
  return grouped.map(([, members]) => {
    const [first] = members as [Counted, ...Counted[]];
    return { ...name(first.meter), ...lineOf(members) };
  });
}

function lineOf(counted: readonly Counted[]): Line {
  const amount = counted.reduce((total, one) => addAmounts(total, one.amount), NOTHING);
  const grades = { B: 0, C: 0, 'hours-only': 0 };
  for (const { grade } of counted) grades[grade] += 1;
  // No meter at all is a known nothing: $0. Meters of which none has a price are an unknown something.
  const known = counted.length === 0 || grades.B + grades.C > 0;
  return {
    meters: counted.length,
    avoidedSeconds: rounded(amount.avoided),
    unpricedSeconds: rounded(amount.unpriced),
    asleepSeconds: rounded(amount.asleep),
    money: known ? moneyOf(amount) : null,
    grades,
  };
}

const moneyOf = ({ realised, open }: Amount): Money => ({
  realised: range(realised),
  open: range(open),
  total: range(addBounds(realised, open)),
});

const range = ({ low, high }: Bounds): Range => ({ low: rounded(low), high: rounded(high) });
const rounded = ({ n, d }: Rational): MicroUsd => divideMicros(n, d);

function meterLine(one: Counted, at: Instant): MeterLine {
  const { opened, closed } = one.meter;
  const seen = closed !== null && closed.at <= at ? closed : null;
  return {
    meterId: opened.meterId,
    resource: opened.resource,
    class: opened.class,
    policy: opened.policy,
    owner: opened.owner,
    openedAt: opened.at,
    state: meterState(one.meter, at),
    closedAt: seen?.at ?? null,
    why: seen?.why ?? null,
    running: opened.running,
    perHour: opened.perHour,
    priceSource: opened.priceSource,
    baseline: opened.baseline.kind,
    grade: one.grade,
    ...lineOf([one]),
  };
}
