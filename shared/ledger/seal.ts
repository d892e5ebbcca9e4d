/** Folds days that are over into one row each, from rows that stream by: nothing of them is kept but their sums. */
import type { Scope } from '../model/ids.ts';
import type { LedgerRow, MeterClosedRow, MeterCorrectedRow, MeterOpenedRow } from '../model/ledger.ts';
import type { SealedCounts, SealedLine, SealedRow } from '../model/sealed.ts';
import { addSeconds, DAY, epochSeconds, type Instant, type Window, within } from '../model/time.ts';
import { type Amount, addAmounts, amountOf, type Bounds, type Meter, meterState, reaches } from './amounts.ts';
import { eventsOf } from './events.ts';
import { type Tally, tallyOf } from './lines.ts';
import { proposalsOf } from './proposals.ts';
import { dayOf, exactText } from './sealed.ts';

export interface Sealing {
  /**
   * Rows of one scope from `LOOKBACK_DAYS` before the first day to the end of the last one, each partition in order of its keys, as
   * `Ledger.rows` yields them: a closing comes before its opening, a claim before its outcome.
   */
  add(row: LedgerRow): void;
  /** Days with a claim that nobody has answered yet are missing: they are sealed once it is. */
  sealed(): SealedRow[];
}

/** @param days `2025-05-14`, each with the revision that it will be. */
export function seal(scope: Scope, days: ReadonlyMap<string, number>, at: Instant): Sealing {
  const folds = [...days].map(([day, revision]) => ({ day, revision, ...fold(dayOf({ day }), at) }));
  const byDay = new Map(folds.map(one => [one.day, one]));
  const closings = new Map<string, MeterClosedRow>();
  const corrections = new Map<string, MeterCorrectedRow[]>();
  let claim: Extract<LedgerRow, { kind: 'claimed' }> | null = null;

  /** The days that it reaches, and no others: a meter lasts a night, and there may be many days. */
  const touched = (opened: MeterOpenedRow, closed: MeterClosedRow | null) => {
    if (folds.length < 3) return folds;
    const last = epochSeconds(closed?.at ?? at);
    const found = [];
    for (let day = opened.at; epochSeconds(day) < last + DAY; day = addSeconds(day, DAY)) found.push(byDay.get(day.slice(0, 10)) ?? []);
    return found.flat();
  };

  return {
    add(row) {
      if (row.kind === 'meter-closed') closings.set(row.meterId, row);
      else if (row.kind === 'meter-corrected') corrections.set(row.meterId, [...(corrections.get(row.meterId) ?? []), row]);
      else if (row.kind === 'meter-opened') {
        const meter = { opened: row, closed: closings.get(row.meterId) ?? null, corrections: corrections.get(row.meterId) ?? [] };
        closings.delete(row.meterId);
        corrections.delete(row.meterId);
        for (const day of touched(row, meter.closed)) day.meter(meter);
      } else {
        if (row.kind === 'claimed') claim = row;
        for (const day of folds) day.other(row, claim);
      }
    },
    sealed: () =>
      folds.flatMap(({ day, revision, told }) => {
        const { unsettled, ...rest } = told();
        return unsettled > 0 ? [] : { kind: 'sealed' as const, at, scope, day, revision, ...rest };
      }),
  };
}

type Told = Omit<SealedRow, 'kind' | 'at' | 'scope' | 'day' | 'revision'> & { readonly unsettled: number };

function fold(window: Window, at: Instant) {
  const before = { start: addSeconds(window.start, -DAY), end: window.start };
  const lines = new Map<string, { tally: Tally; carried: number }>();
  const running: { meterId: string; openedAt: Instant }[] = [];
  const corrected: MeterCorrectedRow[] = [];
  const gathered: Mutable<Parameters<typeof eventsOf>[0]> = { meters: [], claims: [], settled: [], proposed: [], noted: [] };
  const ownCost: Record<string, SealedRow['ownCost'][string]> = {};
  let rows = 0;

  const meter = (one: Meter): void => {
    const { opened, closed } = one;
    if (closed?.why === 'started-by-someone' && within(window, closed.at)) gathered.meters.push({ opened, closed });
    const here = reaches(one, window, at) || (within(window, opened.at) && opened.addedCost !== 0);
    if (!here) return;
    rows += closed === null ? 1 : 2;
    if (meterState(one, at) === 'open') return void running.push({ meterId: opened.meterId, openedAt: opened.at });
    corrected.push(...(one.corrections ?? []));
    const tally = tallyOf(one, 1, amountOf(one, window, at), at);
    const key = JSON.stringify([tally.class, tally.policy, tally.owner, tally.team, tally.grade, tally.priceSource]);
    const known = lines.get(key);
    lines.set(key, {
      tally:
        known === undefined ? tally : { ...tally, meters: known.tally.meters + 1, amount: addAmounts(known.tally.amount, tally.amount) },
      carried: (known?.carried ?? 0) + (reaches(one, before, at) ? 1 : 0),
    });
  };

  const other = (row: LedgerRow, claim: Extract<LedgerRow, { kind: 'claimed' }> | null): void => {
    if (row.kind === 'own-cost' && row.day === window.start.slice(0, 10)) ownCost[row.function] = { used: row.used, cost: row.cost };
    if (row.at > at || !(within(window, row.at) || row.kind === 'settled')) return;
    if (row.kind === 'claimed') gathered.claims.push(claimed(row));
    else if (row.kind === 'proposed') gathered.proposed.push({ ...row, kind: row.change.action.kind, saving: row.change.saving });
    else if (row.kind === 'noted') gathered.noted.push(row);
    else if (row.kind === 'settled') {
      const ours = claim?.change.id === row.changeId ? claim : null;
      // An answer of a later day answers a question of this one.
      if (!within(window, row.at) && !(ours !== null && within(window, ours.at))) return;
      if (ours !== null && !within(window, ours.at)) gathered.claims.push(claimed(ours));
      gathered.settled.push(row);
    } else return;
    rows++;
  };

  return {
    meter,
    other,
    told: (): Told => {
      const { unsettled, ...counts } = eventsOf(gathered, window, at);
      const { changes, seconds, unknown, money } = proposalsOf(gathered.proposed, new Map(), window, at);
      return {
        ...{ unsettled, rows, running, corrections: corrected, ownCost },
        lines: [...lines.values()].map(({ tally, carried }) => lineOf(tally, carried)),
        counts: {
          ...(counts as unknown as Omit<SealedCounts, 'unsettled' | 'proposals'>),
          unsettled: 0,
          proposals: { changes, seconds, unknown, low: money?.low ?? 0, high: money?.high ?? 0 },
        },
      };
    },
  };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer Item)[] ? Item[] : T[K] };

const claimed = ({ change, at, scope }: Extract<LedgerRow, { kind: 'claimed' }>) => ({
  ...{ changeId: change.id, kind: change.action.kind, at, scope },
});

function lineOf({ account: _, amount, meters, ...words }: Tally, carried: number): SealedLine {
  return { ...words, meters, carried, ...secondsOf(amount), realised: texts(amount.realised), claimed: texts(amount.claimed) };
}

const secondsOf = ({ avoided, unpriced, asleep, resized }: Amount) => ({
  ...{ avoided: exactText(avoided), unpriced: exactText(unpriced), asleep: exactText(asleep), resized: exactText(resized) },
});

const texts = ({ low, high }: Bounds) => ({ low: exactText(low), high: exactText(high) });
