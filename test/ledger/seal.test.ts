/** A sealed day says what its rows say: whichever days are sealed, and whenever, the statement is the same. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { partition, rowKey } from '../../shared/ledger/keys.ts';
import { readStatement } from '../../shared/ledger/read.ts';
import { seal } from '../../shared/ledger/seal.ts';
import { exactTotal, type Statement, statement } from '../../shared/ledger/statement.ts';
import type { LedgerRow, MeterCorrectedRow, MeterOpenedRow, NotedRow } from '../../shared/model/ledger.ts';
import { usd } from '../../shared/model/money.ts';
import type { Change } from '../../shared/model/plan.ts';
import type { Ledger } from '../../shared/model/ports.ts';
import type { SealedRow } from '../../shared/model/sealed.ts';
import { addSeconds, DAY, HOUR, type Instant, utcDay } from '../../shared/model/time.ts';
import { at, box, closed, fleet, opened, ran, scope, unknownBaseline } from './worked-examples.ts';

const monday = at('2025-05-12T00:00:00Z');
const day = (n: number) => addSeconds(monday, n * DAY);
const DAYS = 8;
const everything = { start: monday, end: day(DAYS) };

const anyMeter = fc
  .record({
    id: fc.integer({ min: 0, max: 1e9 }),
    from: fc.integer({ min: -2 * DAY, max: DAYS * DAY }),
    lasts: fc.option(fc.oneof(fc.integer({ min: 0, max: 4 * DAY }), fc.constantFrom(0, DAY, 2 * DAY)), { nil: null, freq: 4 }),
    class: fc.constantFrom('schedule' as const, 'idle-stop' as const, 'scale-in' as const),
    owner: fc.constantFrom(null, 'team-a@example.com'),
    baseline: fc.constantFrom(ran(4, 4), ran(2, 5), unknownBaseline),
    addedCost: fc.constantFrom(usd(0), usd(0.48)),
    why: fc.constantFrom('started-by-us' as const, 'started-by-someone' as const),
    finding: fc.option(fc.constantFrom('adjusted' as const, 'reversed' as const), { nil: null, freq: 1 }),
  })
  .map(({ id, from, lasts, why, finding, ...terms }): LedgerRow[] => {
    const isFleet = terms.class === 'scale-in';
    const row = opened(`mtr-${id}`, addSeconds(monday, from), {
      ...{ ...terms, resource: isFleet ? fleet : box, running: isFleet ? 3 : 0, commitments: id % 2 === 0 ? 'none' : 'unknown' },
    });
    const end = lasts === null ? null : closed(row, addSeconds(row.at, lasts), why);
    return [row, ...(end === null ? [] : [end]), ...(finding === null || end === null ? [] : [billed(row, finding, end.at)])];
  });

const billed = (
  { meterId, resource, at: openedAt }: MeterOpenedRow,
  finding: 'adjusted' | 'reversed',
  when: Instant,
): MeterCorrectedRow => ({
  ...{ kind: 'meter-corrected', at: when, scope, meterId, openedAt, resource, revision: 1, finding },
  ...{ perHour: usd(0.09), covered: 0, source: 'bill of 2025-05', detail: null },
});

/** Named after its second: two of one second would note one thing twice, which a table does not. */
const anyChange = fc
  .record({
    from: fc.integer({ min: 0, max: DAYS * DAY }),
    lag: fc.nat(3 * HOUR),
    comes: fc.constantFrom('proposed' as const, 'failed' as const, 'done' as const),
  })
  .map(({ from, lag, comes }): LedgerRow[] => {
    const when = addSeconds(monday, from);
    const change = { id: `chg-${from}`, resource: box, action: { kind: 'start-instance' }, causeAt: when, attempt: 1 } as unknown as Change;
    const answer = { scope, changeId: change.id, causeAt: when, requestId: null, detail: null };
    const told: NotedRow = { kind: 'noted', at: when, scope, resource: box, what: 'start-failed', detail: null };
    const saving = { hours: 2, money: { low: usd(0), high: usd(0.2) } };
    if (comes === 'proposed') return [{ kind: 'proposed', at: when, scope, change: { ...change, saving } as Change }, told];
    return [
      { kind: 'claimed', at: when, scope, change },
      { kind: 'settled', at: addSeconds(when, lag), ...answer, outcome: comes },
    ];
  });

const anyLedger = fc
  .tuple(
    fc.uniqueArray(anyMeter, { maxLength: 12, selector: ([row]) => (row as MeterOpenedRow).meterId }),
    fc.uniqueArray(anyChange, { maxLength: 6, selector: ([row]) => (row as { change: Change }).change.id }),
  )
  .map(([meters, changes]): LedgerRow[] => [
    ...[...meters, ...changes].flat(),
    ...[0, 1, 5].map(
      (n): LedgerRow => ({
        ...{ kind: 'own-cost', at: day(n + 2), scope, day: utcDay(day(n)), function: 'dispatch' },
        ...{ used: { 'lambda-runs': 1_440 }, cost: usd(0.01), priceSource: 'list prices' },
      }),
    ),
  ]);

const byKey = (rows: readonly LedgerRow[]) => {
  const text = (row: LedgerRow) => `${rowKey(row).pk} ${rowKey(row).sk}`;
  return rows.toSorted((a, b) => (text(a) < text(b) ? -1 : 1));
};

function sealedRows(rows: readonly LedgerRow[], days: readonly string[], when: Instant, revision = 1): SealedRow[] {
  const sealing = seal(scope, new Map(days.map(name => [name, revision])), when);
  for (const row of byKey(rows)) if (row.at <= when) sealing.add(row);
  return sealing.sealed();
}

/** A ledger of these rows, and which days of it were read row by row. */
function lying(rows: readonly LedgerRow[]) {
  const read: string[] = [];
  const inOrder = byKey(rows);
  async function* those(wanted: (pk: string, row: LedgerRow) => boolean) {
    for (const row of inOrder) if (wanted(rowKey(row).pk, row)) yield row;
  }
  const ledger: Ledger = {
    append: async () => false,
    lookUp: async () => ({ claimed: false, settled: null }),
    rows: (_, from) => {
      read.push(utcDay(from));
      return those(pk => pk === partition(scope, from));
    },
    sealed: (_, from, to) => those((_, row) => row.kind === 'sealed' && utcDay(from) <= row.day && row.day < utcDay(to)),
    meter: (_, meterId) => those((_, row) => 'meterId' in row && row.meterId === meterId),
  };
  return { ledger, read };
}

/** What sealed days do not tell apart. */
const figures = ({ meters: _, byResource: __, sealedDays: ___, ...rest }: Statement) => rest;

describe('sealed days', () => {
  test('make the same statement as their rows, whichever of them are sealed and whenever that was', () => {
    const property = fc.property(anyLedger, fc.subarray([0, 1, 2, 3, 4]), fc.nat(3 * DAY), fc.nat(6 * DAY), (rows, which, early, late) => {
      const [sealedAt, now] = [addSeconds(day(5), early), addSeconds(day(5), 3 * DAY + late)];
      const known = rows.filter(row => row.kind !== 'meter-corrected' || row.at <= sealedAt);
      const sealed = sealedRows(
        known,
        which.map(n => utcDay(day(n))),
        sealedAt,
      );
      const mixed = [...known, ...sealed];
      expect(figures(statement(mixed, everything, now))).toEqual(figures(statement(known, everything, now)));
      expect(exactTotal(mixed, everything, now)).toEqual(exactTotal(known, everything, now));
    });
    fc.assert(property, { numRuns: 300 });
  });

  test('stand for their rows, which are not read any more but for the meters that were running', async () => {
    const property = fc.asyncProperty(anyLedger, async rows => {
      const [sealedAt, now] = [day(8), day(12)];
      const known = rows.filter(row => row.kind !== 'meter-corrected' || row.at <= sealedAt);
      const days = [0, 1, 2, 3, 4, 5].map(n => utcDay(day(n)));
      const sealed = sealedRows(known, days, sealedAt);
      const { ledger, read } = lying([...known, ...sealed]);
      const told = await readStatement(ledger, [scope], everything, now);
      expect(figures(told)).toEqual(figures(statement(known, everything, now)));
      const first = { start: monday, end: day(6) };
      read.length = 0;
      await readStatement(ledger, [scope], first, now);
      if (sealed.length === days.length) expect(read).toEqual([]);
    });
    await fc.assert(property, { numRuns: 200 });
  });

  const night = opened('mtr-1', at('2025-05-12T18:00:00Z'));
  const rows = [night, closed(night, at('2025-05-13T06:00:00Z'))];

  test('are sealed anew by a correction, and as of a day before that they say what they said then', () => {
    const [first] = sealedRows(rows, ['2025-05-12'], day(4));
    const late = billed(night, 'reversed', day(6));
    const [second] = sealedRows([...rows, late], ['2025-05-12'], day(6), 2);
    const window = { start: monday, end: day(1) };
    const total = (now: Instant) => statement([first, second] as LedgerRow[], window, now).total.money?.total.high;
    expect([total(day(5)), total(day(7))]).toEqual([576_000, 0]);
    expect(statement([first, second] as LedgerRow[], everything, day(7)).corrections).toEqual([late]);
  });

  test('are not sealed while a claim of theirs has no answer', () => {
    const change = { id: 'chg-1', resource: box, action: { kind: 'stop-instance' }, causeAt: monday } as unknown as Change;
    const claim: LedgerRow = { kind: 'claimed', at: addSeconds(monday, 60), scope, change };
    expect(sealedRows([...rows, claim], ['2025-05-12', '2025-05-13'], day(4)).map(row => row.day)).toEqual(['2025-05-13']);
  });

  test('count in no window that cuts them', () => {
    const [sealed] = sealedRows(rows, ['2025-05-12'], day(4));
    const evening = { start: at('2025-05-12T20:00:00Z'), end: day(1) };
    expect(statement([...rows, sealed as SealedRow], evening, day(5))).toMatchObject({
      sealedDays: 0,
      total: { avoidedSeconds: 4 * HOUR },
    });
  });
});
