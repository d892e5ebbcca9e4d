/** Holds the ledger against itself: what was done without being metered, metered without being done, or counted twice. */
import type { ResourceRef } from '../model/ids.ts';
import type { LedgerRow, MeterOpenedRow } from '../model/ledger.ts';
import type { Change } from '../model/plan.ts';
import type { Outcome } from '../model/receipt.ts';
import type { SealedRow } from '../model/sealed.ts';
import { addSeconds, DAY, type Instant, utcDay, type Window, within } from '../model/time.ts';
import { type Amount, addAmounts, addBounds, amountOf, countedPart, LOOKBACK_DAYS, type Meter, NOTHING } from './amounts.ts';
import { type Gathered, gather } from './gather.ts';
import { rowKey } from './keys.ts';
import { compare, type Line, lineOf, tallyOf } from './lines.ts';
import { plus, rational } from './rational.ts';
import { seal } from './seal.ts';
import { dayOf } from './sealed.ts';
import { exactTotal } from './statement.ts';

export type Finding =
  /** A stop of ours that EC2 took, and no meter tells of it. */
  | { readonly code: 'no-meter'; readonly at: Instant; readonly resource: ResourceRef; readonly changeId: string }
  | {
      readonly code: 'no-claim';
      readonly at: Instant;
      readonly resource: ResourceRef | null;
      readonly what: string;
      readonly changeId: string;
    }
  /** We were about to write, and nobody says what came of it, though the world has been asked many times since. */
  | { readonly code: 'no-answer'; readonly at: Instant; readonly resource: ResourceRef; readonly changeId: string }
  /** A meter of a change that AWS did not take. */
  | {
      readonly code: 'not-done';
      readonly at: Instant;
      readonly resource: ResourceRef;
      readonly changeId: string;
      readonly outcome: Outcome;
    }
  | { readonly code: 'no-opening'; readonly at: Instant; readonly resource: ResourceRef; readonly meterId: string }
  | { readonly code: 'backwards'; readonly at: Instant; readonly resource: ResourceRef; readonly meterId: string }
  /** Two meters count the same hours of one resource. */
  | { readonly code: 'overlap'; readonly at: Instant; readonly resource: ResourceRef; readonly meterId: string; readonly other: string }
  /** One change opened two meters of a class. */
  | { readonly code: 'double'; readonly at: Instant; readonly resource: ResourceRef; readonly changeId: string }
  | { readonly code: 'sealed-differs'; readonly at: Instant; readonly day: string; readonly revision: number }
  /** Realised and open are not the sum of the meters. */
  | { readonly code: 'sum-differs'; readonly at: Instant };

export interface Verified {
  readonly findings: readonly Finding[];
  /** Realised + open of the window, which is the sum of its meters. */
  readonly total: Line;
  readonly checked: { readonly rows: number; readonly meters: number; readonly changes: number; readonly sealedDays: number };
}

/**
 * @param rows every row of one scope from `LOOKBACK_DAYS` before the window to its end, and the sealed days in it
 */
export function verify(rows: readonly LedgerRow[], window: Window, at: Instant): Verified {
  const gathering = gather();
  for (const row of rows) gathering.add(row);
  const gathered = gathering.gathered();
  const raw = rows.filter(row => row.kind !== 'sealed');
  const known = { rows: raw, gathered, window, at };
  const total = exactTotal(rows, window, at);
  const tallies = gathered.meters.map(meter => tallyOf(meter, 1, amountOf(meter, window, at), at));
  const findings = [
    ...unmetered(known),
    ...unclaimed(known),
    ...unanswered(known),
    ...notDone(known),
    ...unopened(known),
    ...twice(known),
    ...sealedOtherwise(known),
    ...misSummed(total, known),
  ];
  return {
    findings: findings.toSorted((a, b) => compare(`${a.at} ${a.code}`, `${b.at} ${b.code}`)),
    total: lineOf(tallies),
    checked: {
      ...{ rows: raw.length, meters: gathered.meters.length, changes: gathered.claims.length },
      sealedDays: latest(gathered).length,
    },
  };
}

interface Known {
  readonly rows: readonly LedgerRow[];
  readonly gathered: Gathered;
  readonly window: Window;
  readonly at: Instant;
}

const claimsIn = (rows: readonly LedgerRow[]): ReadonlyMap<string, Change> =>
  new Map(rows.flatMap(row => (row.kind === 'claimed' ? [[row.change.id, row.change] as const] : [])));

/** A stop that somebody asked for is theirs, and a hibernating one is metered once it has stopped: both may be without. */
function unmetered({ rows, gathered, window }: Known): Finding[] {
  const claims = claimsIn(rows);
  const metered = new Set(gathered.meters.map(({ opened }) => opened.changeId));
  return gathered.settled.flatMap(({ changeId, outcome, at }): Finding[] => {
    const change = claims.get(changeId);
    if (outcome !== 'done' || change?.action.kind !== 'stop-instance' || !within(window, at)) return [];
    if (change.action.hibernate || change.because.code === 'asked' || metered.has(changeId)) return [];
    return [{ code: 'no-meter', at, resource: change.resource, changeId }];
  });
}

function unclaimed({ rows, gathered, window }: Known): Finding[] {
  const claims = claimsIn(rows);
  const missing = (changeId: string, at: Instant) => within(window, at) && !claims.has(changeId);
  return [
    ...gathered.meters.flatMap(({ opened: { changeId, at, resource } }): Finding[] =>
      changeId !== null && missing(changeId, at) ? [{ code: 'no-claim', at, resource, what: 'a meter', changeId }] : [],
    ),
    ...gathered.settled.flatMap(({ changeId, at }): Finding[] =>
      missing(changeId, at) ? [{ code: 'no-claim', at, resource: null, what: 'an outcome', changeId }] : [],
    ),
  ];
}

/** After two minutes a look asks the world what came of it, and looks are made every few minutes. */
const ANSWERED_WITHIN = DAY;

function unanswered({ rows, gathered, window, at }: Known): Finding[] {
  const answered = new Set(gathered.settled.map(({ changeId }) => changeId));
  return rows.flatMap((row): Finding[] => {
    if (row.kind !== 'claimed' || answered.has(row.change.id) || !within(window, row.at)) return [];
    const { id: changeId, resource } = row.change;
    return addSeconds(row.at, ANSWERED_WITHIN) > at ? [] : [{ code: 'no-answer', at: row.at, resource, changeId }];
  });
}

function notDone({ gathered, window }: Known): Finding[] {
  const outcomes = new Map(gathered.settled.map(({ changeId, outcome }) => [changeId, outcome]));
  return gathered.meters.flatMap(({ opened: { changeId, at, resource } }): Finding[] => {
    if (changeId === null) return [];
    const outcome = outcomes.get(changeId);
    if (outcome === undefined || outcome === 'done' || !within(window, at)) return [];
    return [{ code: 'not-done', at, resource, changeId, outcome }];
  });
}

function unopened({ rows, gathered, window }: Known): Finding[] {
  const openings = new Map(gathered.meters.map(({ opened }) => [opened.meterId, opened]));
  return rows.flatMap((row): Finding[] => {
    if ((row.kind !== 'meter-closed' && row.kind !== 'meter-corrected') || !within(window, row.openedAt)) return [];
    const { at, resource, meterId } = row;
    const opened = openings.get(meterId);
    if (opened === undefined) return [{ code: 'no-opening', at, resource, meterId }];
    return row.kind === 'meter-closed' && at < opened.at ? [{ code: 'backwards', at, resource, meterId }] : [];
  });
}

/** No hour of a resource is worth money twice, whatever the classes: it is stopped, or it runs as another type, or neither. */
function twice({ gathered, window, at }: Known): Finding[] {
  const byResource = Map.groupBy(gathered.meters, ({ opened: { resource } }) => `${resource.kind}/${resource.id}`);
  const byChange = Map.groupBy(
    gathered.meters.filter(({ opened }) => opened.changeId !== null && opened.class !== 'scale-in' && opened.class !== 'rightsize'),
    ({ opened }) => opened.changeId,
  );
  return [
    ...[...byResource.values()].flatMap(meters => overlaps(meters, window, at)),
    ...[...byChange.values()].flatMap((meters): Finding[] => {
      // Where an instance gets another type in its sleep, its meter goes on at another price.
      const goOn = new Set(meters.flatMap(({ closed }) => (closed?.why === 'type-changed' ? [closed.at] : [])));
      const [, second] = meters.filter(({ opened }) => !goOn.has(opened.at));
      if (second === undefined) return [];
      const { at: openedAt, resource, changeId } = second.opened;
      return [{ code: 'double', at: openedAt, resource, changeId: `${changeId}` }];
    }),
  ];
}

function overlaps(meters: readonly Meter[], window: Window, at: Instant): Finding[] {
  const parts = meters
    .map(meter => ({ opened: meter.opened, ...countedPart(meter, window, at) }))
    .filter(({ start, end }) => start < end)
    .toSorted((a, b) => compare(a.start, b.start));
  const found: Finding[] = [];
  let longest: { readonly opened: MeterOpenedRow; readonly end: Instant } | null = null;
  for (const part of parts) {
    const { resource, meterId } = part.opened;
    if (longest !== null && part.start < longest.end)
      found.push({ code: 'overlap', at: part.start, resource, meterId, other: longest.opened.meterId });
    if (longest === null || part.end > longest.end) longest = part;
  }
  return found;
}

const latest = ({ sealed }: Gathered): SealedRow[] =>
  [...sealed.values()].flatMap(revisions => revisions.toSorted((a, b) => a.revision - b.revision).at(-1) ?? []);

/** `2025-05-14`, with which the name of a partition ends. */
const DAY_LETTERS = 10;

/** Folded again from its rows, as they were known then: a meter that had not ended by then has its closing from later on. */
function sealedOtherwise({ rows, gathered, window }: Known): Finding[] {
  const days = latest(gathered).filter(row => within(window, dayOf(row).start));
  if (days.length === 0) return [];
  const byDay = Map.groupBy(rows, row => rowKey(row).pk.slice(-DAY_LETTERS));
  const sorted = new Map([...byDay].map(([day, of]) => [day, of.toSorted((a, b) => compare(rowKey(a).sk, rowKey(b).sk))]));
  const inOrder = (day: Instant): readonly LedgerRow[] => sorted.get(utcDay(day)) ?? [];
  return days.flatMap((row): Finding[] => {
    const { at, scope, day, revision } = row;
    const sealing = seal(scope, new Map([[day, revision]]), at);
    const { start } = dayOf(row);
    const running = new Set(row.running.map(({ meterId }) => meterId));
    for (let back = LOOKBACK_DAYS; back >= 0; back--)
      for (const one of inOrder(addSeconds(start, -back * DAY)))
        if (one.kind !== 'meter-closed' || !running.has(one.meterId)) sealing.add(one);
    const [again] = sealing.sealed();
    return again !== undefined && saidBy(again) === saidBy(row) ? [] : [{ code: 'sealed-differs', at, day, revision }];
  });
}

/** Whatever it says of the day: a table gives attributes back in an order of its own. */
const saidBy = ({ lines, counts, running, ownCost }: SealedRow): string =>
  JSON.stringify([lines.map(sorted).toSorted(), running.map(sorted).toSorted(), sorted(counts), sorted(ownCost)]);

const sorted = (value: object): string =>
  JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => compare(a, b)))
      : part,
  );

function misSummed({ realised, open }: Amount, { gathered, window, at }: Known): Finding[] {
  const meters = gathered.meters.reduce<Amount>((sum, meter) => addAmounts(sum, amountOf(meter, window, at)), NOTHING);
  const [said, summed] = [addBounds(realised, open), addBounds(meters.realised, meters.open)];
  const isSame = (['low', 'high'] as const).every(bound => plus(said[bound], rational(-summed[bound].n, summed[bound].d)).n === 0n);
  return isSame ? [] : [{ code: 'sum-differs', at }];
}
