/** A sealed day says what its rows say: whichever days are sealed, and whenever, the statement is the same. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { partition, rowKey } from '../../shared/ledger/keys.ts';
import { readStatement } from '../../shared/ledger/read.ts';
import { seal } from '../../shared/ledger/seal.ts';
import { exactTotal, type Statement, statement } from '../../shared/ledger/statement.ts';
import type { LedgerRow, MeterCorrectedRow, MeterOpenedRow, NotedRow } from '../../shared/model/ledger.ts';
import { usd } from '../../shared/model/money.ts';
import type { ActionKind, Change, Saving } from '../../shared/model/plan.ts';
import type { Ledger } from '../../shared/model/ports.ts';
import type { Outcome } from '../../shared/model/receipt.ts';
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

/** A ledger of these rows, which days of it were read row by row, and which meters by themselves. */
function lying(rows: readonly LedgerRow[]) {
  const read: string[] = [];
  const asked: string[] = [];
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
    meter: (_, meterId) => {
      asked.push(meterId);
      return those((_, row) => 'meterId' in row && row.meterId === meterId);
    },
  };
  return { ledger, read, asked };
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

describe('a day, folded', () => {
  const when = day(4);
  const other = { ...box, id: 'i-0fedcba9876543210' };
  const hours = (id: string, from: string, to: string, rest: Partial<MeterOpenedRow> = {}) => {
    const meter = opened(id, at(from), rest);
    return [meter, closed(meter, at(to))] as const;
  };
  const change = (id: string, kind: ActionKind, saving: Saving | null = null) =>
    ({ id, resource: box, action: { kind }, causeAt: monday, saving }) as unknown as Change;
  const claim = (id: string, kind: ActionKind, claimedAt: Instant): LedgerRow => ({
    ...{ kind: 'claimed', at: claimedAt, scope, change: { ...change(id, kind), causeAt: claimedAt } },
  });
  const settle = (changeId: string, causeAt: Instant, settledAt: Instant, outcome: Outcome = 'done'): LedgerRow => ({
    ...{ kind: 'settled', at: settledAt, scope, changeId, causeAt, outcome, requestId: null, detail: null },
  });
  const noted = (notedAt: Instant): LedgerRow => ({ kind: 'noted', at: notedAt, scope, resource: box, what: 'terminated', detail: null });
  const nothing = { changes: {}, unsettled: 0, proposed: {}, boomerangs: 0, failedStarts: 0, noted: {} };
  const noProposals = { changes: 0, seconds: 0, unknown: 0, low: 0, high: 0 };

  test('of nothing says so', () => {
    expect(sealedRows([], ['2025-05-12'], when)).toEqual([
      {
        ...{
          kind: 'sealed',
          at: when,
          scope,
          day: '2025-05-12',
          revision: 1,
          rows: 0,
          lines: [],
          running: [],
          corrections: [],
          ownCost: {},
        },
        counts: { ...nothing, proposals: noProposals },
      },
    ]);
  });

  test('has a line for meters that agree in all words, those that ran the day before told apart, and the running ones by name', () => {
    const [carried, night, thirds, still] = [
      hours('mtr-1', '2025-05-11T22:00:00Z', '2025-05-12T06:00:00Z'),
      hours('mtr-2', '2025-05-12T18:00:00Z', '2025-05-12T19:00:00Z'),
      hours('mtr-3', '2025-05-12T00:00:00Z', '2025-05-12T00:00:01Z', { resource: other, owner: null, baseline: ran(1, 3) }),
      opened('mtr-4', at('2025-05-12T20:00:00Z'), { resource: other }),
    ];
    const correction = billed(thirds[0], 'adjusted', day(2));
    const [sealed] = sealedRows([...carried, ...night, ...thirds, correction, still], ['2025-05-12'], when);
    const words = { class: 'schedule', policy: 'dev-test', team: null, priceSource: 'list price of 2025-04-04 (table)' };
    const none = { unpriced: '0', asleep: '0', resized: '0' };
    expect(sealed).toMatchObject({ rows: 7, corrections: [correction], running: [{ meterId: 'mtr-4', openedAt: still.at }] });
    expect(sealed?.lines.toSorted((a, b) => b.meters - a.meters)).toEqual([
      {
        ...{ ...words, owner: 'team-a@example.com', grade: 'B', meters: 2, carried: 1, ...none, avoided: String(7 * HOUR) },
        ...{ realised: { low: '672000', high: '672000' }, claimed: { low: '672000', high: '672000' } }, // 7 h × $0.096
      },
      {
        ...{ ...words, owner: null, grade: 'A', meters: 1, carried: 0, ...none, avoided: '1/3' },
        ...{ realised: { low: '25/3', high: '25/3' }, claimed: { low: '80/9', high: '80/9' } }, // a third of a second at $0.09, at $0.096 an hour
      },
    ]);
  });

  test('counts what happened on it, by whoever it is answered and whenever, and nothing of other days', () => {
    const [late, noon] = [addSeconds(day(1), -2), addSeconds(day(1), 12 * HOUR)];
    const rows = [
      ...[claim('chg-1', 'start-instance', late), settle('chg-1', late, addSeconds(day(1), 3), 'failed')], // answered on the next day
      ...[claim('chg-2', 'create-tags', noon), settle('chg-2', noon, addSeconds(noon, 5))],
      ...[settle('chg-3', noon, noon, 'stale'), noted(noon), noted(day(3))], // chg-3 was never claimed
      settle('chg-0', monday, addSeconds(monday, 1), 'refused'),
      settle('chg-9', monday, day(2)), // never claimed either, and filed behind a claim of the first day
      { kind: 'proposed', at: noon, scope, change: { ...change('chg-4', 'stop-instance'), causeAt: noon } } as LedgerRow,
    ];
    const sealed = new Map(sealedRows(rows, ['2025-05-12', '2025-05-13', '2025-05-14'], when).map(row => [row.day, row]));
    expect(sealed.get('2025-05-12')).toMatchObject({ rows: 3, counts: { ...nothing, changes: { unclaimed: { refused: 1 } } } });
    expect(sealed.get('2025-05-13')).toMatchObject({
      rows: 6,
      counts: {
        ...{ changes: { 'start-instance': { failed: 1 }, 'create-tags': { done: 1 }, unclaimed: { stale: 1 } }, failedStarts: 1 },
        ...{ proposed: { 'stop-instance': 1 }, proposals: { ...noProposals, changes: 1, unknown: 1 }, noted: { terminated: 1 } },
      },
    });
    expect(sealed.get('2025-05-14')).toMatchObject({ rows: 1, counts: { ...nothing, changes: { unclaimed: { done: 1 } } } });
  });

  test('keeps what proposals were worth', () => {
    const saving = { hours: 1.5, money: { low: usd(0.1), high: usd(0.2) } } as Saving;
    const [sealed] = sealedRows(
      [{ kind: 'proposed', at: monday, scope, change: change('chg-4', 'stop-instance', saving) }],
      ['2025-05-12'],
      when,
    );
    expect(sealed?.counts.proposals).toEqual({ changes: 1, seconds: 5_400, unknown: 0, low: usd(0.1), high: usd(0.2) });
  });

  test('knows an answer from the second it came, and nothing that came later', () => {
    const rows = [claim('chg-1', 'start-instance', monday), settle('chg-1', monday, when), noted(monday)];
    const asOf = (now: Instant) => {
      const sealing = seal(scope, new Map([['2025-05-12', 1]]), now);
      for (const row of byKey(rows)) sealing.add(row);
      return sealing.sealed().map(row => row.rows);
    };
    expect([asOf(addSeconds(when, -1)), asOf(when)]).toEqual([[], [3]]);
    const noon = addSeconds(monday, 12 * HOUR);
    const partly = seal(scope, new Map([['2025-05-12', 1]]), noon);
    for (const row of [noted(noon), noted(addSeconds(noon, 1))]) partly.add(row);
    expect(partly.sealed()).toMatchObject([{ rows: 1, counts: { noted: { terminated: 1 } } }]);
  });
});

describe('a statement of sealed days', () => {
  const night = opened('mtr-1', at('2025-05-12T18:00:00Z'));
  const rows = [night, closed(night, at('2025-05-13T06:00:00Z'))];
  const first = { start: monday, end: day(1) };

  test('takes the latest revision that was there by then, whichever comes first', () => {
    const [one] = sealedRows(rows, ['2025-05-12'], day(4));
    const [two] = sealedRows([...rows, billed(night, 'reversed', day(6))], ['2025-05-12'], day(6), 2);
    const total = (now: Instant) => statement([two, one] as LedgerRow[], first, now).total.money?.total.high;
    expect([total(day(3)), total(day(5)), total(day(6))]).toEqual([0, 576_000, 0]);
    expect(statement([two, one] as LedgerRow[], first, day(3)).sealedDays).toBe(0);
  });

  test('has no line for a meter of which sealed days have told all', () => {
    const told = statement([...rows, ...sealedRows(rows, ['2025-05-12', '2025-05-13'], day(4))], everything, day(5));
    expect(told).toMatchObject({ sealedDays: 2, meters: [], total: { meters: 1, avoidedSeconds: 12 * HOUR } });
  });

  test('takes no day that goes on beyond the window', () => {
    const [sealed] = sealedRows(rows, ['2025-05-12'], day(4));
    const until = { start: monday, end: addSeconds(day(1), -1) };
    expect(statement([...rows, sealed as SealedRow], until, day(5))).toMatchObject({
      sealedDays: 0,
      total: { avoidedSeconds: 6 * HOUR - 1 },
    });
    expect(statement([sealed as SealedRow], first, day(5))).toMatchObject({ sealedDays: 1, total: { avoidedSeconds: 6 * HOUR } });
  });

  test('charges what a change cost at midnight, though its meter lasted no second', () => {
    const [sealed] = sealedRows(rows, ['2025-05-12'], day(4));
    const brief = opened('mtr-2', day(2), { addedCost: usd(0.48) });
    const told = statement([...rows, sealed as SealedRow, brief, closed(brief, day(2))], everything, day(5));
    expect(told.total.money?.total).toEqual({ low: 1_152_000 - 480_000, high: 1_152_000 - 480_000 });
  });

  test('reads as far back as credit lasts, and each running meter that lies further back by itself', async () => {
    const small = opened('mtr-small', addSeconds(day(1), -35 * DAY + 12 * HOUR), {
      ...{ class: 'rightsize', baseline: { kind: 'ran', frozenAt: monday } },
    });
    const { ledger, asked } = lying([small]);
    const second = { start: day(1), end: day(2) };
    expect((await readStatement(ledger, [scope], second, day(3))).total.resizedSeconds).toBe(12 * HOUR);
    expect(asked).toEqual([]);

    const [sealed] = sealedRows([small, night], ['2025-05-12'], day(1)) as [SealedRow];
    expect(sealed.running.map(({ meterId }) => meterId)).toEqual(['mtr-small', 'mtr-1']);
    const mixed = lying([small, night, sealed]);
    const both = await readStatement(mixed.ledger, [scope], { start: monday, end: day(2) }, day(3));
    expect(both.total).toMatchObject({ resizedSeconds: 36 * HOUR, avoidedSeconds: 30 * HOUR, meters: 2 });
    expect(mixed.asked).toEqual([]); // both lie within what the second day reads anyway
    const alone = lying([small, night, sealed]);
    expect((await readStatement(alone.ledger, [scope], first, day(3))).total).toMatchObject({
      resizedSeconds: 24 * HOUR,
      avoidedSeconds: 6 * HOUR,
    });
    expect([alone.asked, alone.read]).toEqual([['mtr-small', 'mtr-1'], []]);
  });
});
