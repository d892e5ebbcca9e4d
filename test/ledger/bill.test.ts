/** What a meter is worth once the bill has spoken, how sure that is, and what is known of it at an instant. */
import { describe, expect, test } from '@jest/globals';
import { againstBaseline } from '../../shared/ledger/against-baseline.ts';
import { amountOf } from '../../shared/ledger/amounts.ts';
import { compare } from '../../shared/ledger/lines.ts';
import { rational, ZERO } from '../../shared/ledger/rational.ts';
import { statement } from '../../shared/ledger/statement.ts';
import type { Baseline } from '../../shared/model/baseline.ts';
import type { LedgerRow, MeterCorrectedRow, MeterOpenedRow } from '../../shared/model/ledger.ts';
import { usd } from '../../shared/model/money.ts';
import { addSeconds, DAY, HOUR, type Instant } from '../../shared/model/time.ts';
import { at, box, closed, fleet, opened, ran, scope, unknownBaseline } from './worked-examples.ts';

const evening = at('2025-05-12T18:00:00Z');
const morning = at('2025-05-13T06:00:00Z');
const billedAt = at('2025-06-03T09:00:00Z');
const month = { start: at('2025-05-01T00:00:00Z'), end: at('2025-06-01T00:00:00Z') };

/** Twelve hours at $0.096: $1.152. */
const night = (rest: Partial<MeterOpenedRow> = {}) => opened('mtr-1', evening, rest);
const bill = (rest: Partial<MeterCorrectedRow> = {}): MeterCorrectedRow => ({
  ...{ kind: 'meter-corrected', at: billedAt, scope, meterId: 'mtr-1', openedAt: evening, resource: box, revision: 1 },
  ...{ finding: 'adjusted', perHour: usd(0.09), covered: 0, source: 'bill of 2025-05', detail: null, ...rest },
});
const told = (meter: MeterOpenedRow, rows: readonly LedgerRow[] = [], when: Instant = billedAt) =>
  statement([meter, closed(meter, morning), ...rows], month, when).total;
const range = (low: number, high = low) => ({ low: usd(low), high: usd(high) });

describe('the bill', () => {
  test('holds from the instant it was read on, and what was claimed before is kept beside it', () => {
    const before = told(night(), [bill()], addSeconds(billedAt, -1));
    expect(before).toMatchObject({ grades: { A: 0, B: 1 }, money: { total: range(1.152), claimed: range(1.152) } });
    expect(told(night(), [bill()])).toMatchObject({ grades: { A: 1, B: 0 }, money: { total: range(1.08), claimed: range(1.152) } });
  });

  test('that names no price leaves ours, and one that names no cover leaves what we thought of commitments', () => {
    expect(told(night(), [bill({ perHour: null })]).money?.total).toEqual(range(1.152));
    expect(told(night({ commitments: 'unknown' }), [bill({ covered: null })]).money?.total).toEqual(range(0, 1.08));
    expect(told(night({ commitments: 'unknown' }), [bill({ covered: 5_000 })]).money?.total).toEqual(range(0.54, 1.08));
  });

  test('that names a price for what had none makes hours into money', () => {
    const unpriced = night({ perHour: null });
    expect(told(unpriced)).toMatchObject({ money: null, unpricedSeconds: 12 * HOUR, grades: { 'hours-only': 1 } });
    expect(told(unpriced, [bill()])).toMatchObject({ money: { total: range(1.08) }, unpricedSeconds: 0, grades: { A: 1 } });
    expect(told(unpriced, [bill({ perHour: null })])).toMatchObject({ money: null, grades: { 'hours-only': 1 } });
  });

  test('that says it ran after all takes everything back, and its latest word holds', () => {
    const reversed = bill({ finding: 'reversed' });
    expect(told(night(), [reversed])).toMatchObject({ avoidedSeconds: 0, money: { total: range(0), claimed: range(1.152) } });
    const again = bill({ revision: 2, at: addSeconds(billedAt, DAY), perHour: usd(0.08) });
    expect(told(night(), [again, reversed], addSeconds(billedAt, DAY)).money?.total).toEqual(range(0.96));
    expect(told(night(), [again, reversed], addSeconds(billedAt, DAY - 1)).money?.total).toEqual(range(0));
  });
});

describe('what the bill has said', () => {
  const other = opened('mtr-0', morning);
  const rows = (...bills: MeterCorrectedRow[]) => [other, night(), ...bills];
  const said = (window: { start: Instant; end: Instant }, when: Instant, ...bills: MeterCorrectedRow[]) =>
    statement(rows(...bills), window, when).corrections.map(row => `${row.meterId} ${row.revision}`);
  const june = { start: billedAt, end: addSeconds(billedAt, DAY) };

  test('is told in the window in which it was recorded, once it was, oldest first and each word once', () => {
    const late = [
      bill({ revision: 2, at: addSeconds(billedAt, 60) }),
      bill({ meterId: 'mtr-0', openedAt: morning, at: addSeconds(billedAt, 60) }),
    ];
    expect(said(june, june.end, ...late, bill())).toEqual(['mtr-1 1', 'mtr-0 1', 'mtr-1 2']);
    expect(said(june, billedAt, ...late, bill())).toEqual(['mtr-1 1']);
    expect(said(june, addSeconds(billedAt, -1), ...late, bill())).toEqual([]);
    expect(said({ start: addSeconds(billedAt, 1), end: june.end }, june.end, ...late, bill())).toEqual(['mtr-0 1', 'mtr-1 2']);
    expect(said({ ...june, end: addSeconds(billedAt, 60) }, june.end, ...late, bill())).toEqual(['mtr-1 1']);
  });

  test('stands beside each meter, as far as it was known', () => {
    const [one, two] = [bill(), bill({ revision: 2, at: addSeconds(billedAt, DAY) })];
    const beside = (when: Instant) => statement(rows(two, one), month, when).meters.map(line => line.corrections);
    expect(beside(addSeconds(billedAt, DAY))).toEqual([[one, two], []]);
    expect(beside(billedAt)).toEqual([[one], []]);
    expect(beside(addSeconds(billedAt, -1))).toEqual([[], []]);
  });
});

describe('how sure it is', () => {
  const says: Baseline = { kind: 'declared', weeks: 1, runs: new Array(168).fill(1), says: 'always-on', frozenAt: evening };
  const more = (id: string, rest: Partial<MeterOpenedRow> = {}) =>
    opened(id, evening, { resource: { ...fleet, id }, class: 'scale-in', baseline: ran(4, 4), running: 2, ...rest });
  const headline = (...rows: LedgerRow[]) => statement(rows, { start: evening, end: morning }, billedAt).total.money?.headline;

  test('an owner’s own word is grade C, and so are commitments that nobody knows', () => {
    expect(told(night({ baseline: says })).grades).toMatchObject({ B: 0, C: 1 });
    expect(told(night({ commitments: 'unknown' })).grades).toMatchObject({ B: 0, C: 1 });
    expect(told(night({ commitments: { covered: 1, source: 'Cost Explorer' } })).grades).toMatchObject({ B: 1, C: 0 });
  });

  test('the one number to take has all of A and B, and of C only what it cost', () => {
    expect(headline(night())).toBe(usd(1.152));
    expect(headline(night(), opened('mtr-2', evening, { baseline: says }))).toBe(usd(1.152));
    expect(headline(night({ baseline: says }))).toBe(0);
    expect(headline(night(), more('mtr-2', { baseline: says, running: 2 }))).toBe(0);
    expect(headline(more('mtr-2'))).toBe(usd(-1.152));
    expect(headline(more('mtr-2'), bill({ meterId: 'mtr-2' }))).toBe(usd(-1.08));
    expect(headline(night(), bill(), more('mtr-2'))).toBe(usd(1.08 - 1.152));
  });

  test('hours without a price beside others take nothing from their money', () => {
    const rows = [night(), opened('mtr-2', evening, { perHour: null })];
    const { total } = statement(rows, { start: evening, end: morning }, billedAt);
    expect(total).toMatchObject({ meters: 2, money: { total: range(1.152) }, unpricedSeconds: 12 * HOUR });
  });
});

describe('a meter of the future', () => {
  const lent = night({ addedCost: usd(0.48) });

  test('has neither line nor cost until the instant it opens', () => {
    const early = statement([lent], month, addSeconds(evening, -1));
    expect(early).toMatchObject({ meters: [], total: { meters: 0, money: { total: range(0) } } });
    expect(statement([night(), closed(night(), evening)], month, billedAt).meters).toEqual([]); // it cost nothing and lasted no second
    expect(statement([lent], month, evening)).toMatchObject({ total: { meters: 1, money: { total: range(-0.48) } } });
  });

  test.each([unknownBaseline, { kind: 'ran', frozenAt: evening } as const, ran(4, 4)])(
    'of a baseline that is $kind counts no second',
    of => {
      const meter = { opened: { ...lent, baseline: of }, closed: null };
      const nothing = { avoided: ZERO, resized: ZERO, asleep: ZERO, unpriced: ZERO };
      expect(amountOf(meter, month, addSeconds(evening, -60))).toMatchObject({ ...nothing, open: { low: ZERO, high: ZERO } });
      expect(amountOf(meter, month, evening)).toMatchObject({ ...nothing, open: { low: rational(-480_000n) } });
    },
  );
});

test('of tenths in the baseline, hours with more running than expected are counted for exactly what they are', () => {
  const hour = { start: at('2025-03-31T00:00:00Z'), end: at('2025-03-31T01:00:00Z') };
  const tenths: Baseline = { ...ran(0, 4), runs: new Array(168).fill(0.5) } as Baseline;
  // half a run in four weeks is an eighth of an instance: 450 s expected, 7,200 s running
  const { less, more } = againstBaseline(hour, tenths as Parameters<typeof againstBaseline>[1], 2);
  expect([less, more]).toEqual([ZERO, rational(-6_750n)]);
});

test('a statement is cut by owner, team and account, nobody first, and says where its prices came from', () => {
  const east = { ...scope, account: '999988887777' };
  const rows = [
    opened('mtr-1', evening, { owner: 'Zoë', team: 'Web', priceSource: 'price list B' }),
    opened('mtr-2', evening, { owner: null, team: null, scope: east, priceSource: 'price list A' }),
    opened('mtr-3', evening, { owner: 'Ann', team: 'Data', priceSource: null }),
  ];
  const { byOwner, byTeam, byAccount, priceSources } = statement(rows, { start: evening, end: morning }, billedAt);
  expect(byOwner.map(line => line.owner)).toEqual([null, 'Ann', 'Zoë']);
  expect(byTeam.map(line => line.team)).toEqual([null, 'Data', 'Web']);
  expect(byAccount.map(line => [line.account, line.meters])).toEqual([
    [scope.account, 2],
    [east.account, 1],
  ]);
  expect(priceSources).toEqual(['price list A', 'price list B']);
});

test('what is left is both bounds less what we cost', () => {
  const own: LedgerRow = {
    ...{
      kind: 'own-cost',
      at: morning,
      scope,
      day: '2025-05-12',
      function: 'dispatch',
      used: {},
      cost: usd(0.1),
      priceSource: 'list prices',
    },
  };
  expect(statement([night({ commitments: 'unknown' }), closed(night(), morning), own], month, billedAt).net).toEqual(range(-0.1, 1.052));
});

test('texts are ordered by their code units, and equal ones are equal', () => {
  expect([compare('a', 'b'), compare('b', 'a'), compare('a', 'a'), compare('Z', 'a')]).toEqual([-1, 1, 0, -1]);
});
