/** What was only proposed, and what the house itself cost: each counted in its window, as of an instant, and once. */
import { describe, expect, test } from '@jest/globals';
import { gather } from '../../shared/ledger/gather.ts';
import { ownCostOf } from '../../shared/ledger/own-cost.ts';
import { costOf, STANDING } from '../../shared/ledger/own-prices.ts';
import { proposalsOf } from '../../shared/ledger/proposals.ts';
import type { OwnCostRow } from '../../shared/model/ledger.ts';
import { usd } from '../../shared/model/money.ts';
import type { Saving } from '../../shared/model/plan.ts';
import type { SealedRow } from '../../shared/model/sealed.ts';
import { addSeconds, DAY, type Instant, instant, utcDay } from '../../shared/model/time.ts';
import { opened, scope } from './worked-examples.ts';

const start = instant('2025-05-12T00:00:00Z');
const end = addSeconds(start, 2 * DAY);
const window = { start, end };
const later = addSeconds(end, DAY);
const none = new Map<string, SealedRow>();
const key = `${scope.account}/${scope.region}#${utcDay(start)}`;

describe('proposals', () => {
  const proposed = (at: Instant, saving: Saving | null = null) => ({ kind: 'stop-instance' as const, at, scope, saving });
  const worth = (hours: number, low: number, high: number) => ({ hours, money: { low: usd(low), high: usd(high) } }) as Saving;
  const hoursAlone = { hours: 2, money: null } as Saving;

  test('of none are a known nothing, of which nobody knows the worth an unknown something', () => {
    expect(proposalsOf([], none, window, later)).toEqual({ changes: 0, seconds: 0, unknown: 0, money: { low: 0, high: 0 } });
    expect(proposalsOf([proposed(start)], none, window, later)).toEqual({ changes: 1, seconds: 0, unknown: 1, money: null });
    expect(proposalsOf([proposed(start, hoursAlone)], none, window, later)).toEqual({
      changes: 1,
      seconds: 7_200,
      unknown: 1,
      money: null,
    });
  });

  test('are summed, each rounded to the second, and those of no known worth are told beside the money', () => {
    const rows = [proposed(start, worth(0.0001, 0.1, 0.2)), proposed(start, worth(1.00004, 0, 0.5)), proposed(start, hoursAlone)];
    expect(proposalsOf(rows, none, window, later)).toEqual({
      ...{ changes: 3, seconds: 3_600 + 7_200, unknown: 1, money: { low: usd(0.1), high: usd(0.7) } },
    });
  });

  test('count in their window, once they were made', () => {
    const at = [addSeconds(start, -1), start, addSeconds(end, -1), end];
    const changes = (now: Instant) =>
      proposalsOf(
        at.map(when => proposed(when)),
        none,
        window,
        now,
      ).changes;
    expect([changes(addSeconds(start, -1)), changes(start), changes(addSeconds(end, -2)), changes(later)]).toEqual([0, 1, 1, 2]);
  });

  test('of a sealed day are told by it alone', () => {
    const proposals = { changes: 2, seconds: 60, unknown: 1, low: usd(0.3), high: usd(0.4) };
    const sealed = new Map([[key, { counts: { proposals } } as unknown as SealedRow]]);
    const rows = [proposed(start, worth(1, 5, 5)), proposed(addSeconds(start, DAY), worth(1, 0.1, 0.2))];
    expect(proposalsOf(rows, sealed, window, later)).toEqual({
      ...{ changes: 3, seconds: 3_660, unknown: 1, money: { low: usd(0.4), high: usd(0.6) } },
    });
  });
});

describe('our own cost', () => {
  const row = (name: string, day: Instant, cost: number, at: Instant = day): OwnCostRow => ({
    ...{ kind: 'own-cost', at, scope, day: utcDay(day), function: name, priceSource: 'list prices' },
    ...{ used: { 'lambda-runs': 10, 'dynamodb-reads': 5 }, cost: usd(cost) },
  });
  const second = addSeconds(start, DAY);

  test('is told by function and unit, in order of names, of days that are on record', () => {
    const rows = [row('resize-fleets', start, 0.01), row('dispatch', start, 0.02), row('dispatch', second, 0.03)];
    const told = ownCostOf(rows, none, window, later);
    expect(told).toEqual({
      ...{ cost: usd(0.06), days: 2, used: { 'dynamodb-reads': 15, 'lambda-runs': 30 } },
      byFunction: [
        { function: 'dispatch', cost: usd(0.05) },
        { function: 'resize-fleets', cost: usd(0.01) },
      ],
    });
    expect(Object.keys(told.used)).toEqual(['dynamodb-reads', 'lambda-runs']);
  });

  test('is of days that begin in the window, as far as it was known', () => {
    const days = (rows: OwnCostRow[], now: Instant) => ownCostOf(rows, none, window, now).days;
    const edges = [
      row('dispatch', addSeconds(start, -DAY), 1),
      row('dispatch', start, 1),
      row('dispatch', second, 1),
      row('dispatch', end, 1),
    ];
    expect(days(edges, later)).toBe(2);
    const told = [row('dispatch', start, 1, later)];
    expect([days(told, addSeconds(later, -1)), days(told, later)]).toEqual([0, 1]);
  });

  test('of what has no price is not ours to count', () => {
    expect(costOf({ 'cost-explorer-requests': 2, 'pigeons-sent': 5 })).toBe(usd(0.02));
  });

  test('of a sealed day is told by it alone', () => {
    const sealed = new Map([
      [key, { day: utcDay(start), ownCost: { dispatch: { used: { 'lambda-runs': 7 }, cost: usd(0.5) } } } as unknown as SealedRow],
    ]);
    const told = ownCostOf([row('dispatch', start, 0.02), row('dispatch', second, 0.03)], sealed, window, later);
    expect(told).toMatchObject({ cost: usd(0.53), days: 2, used: { 'lambda-runs': 17, 'dynamodb-reads': 5 } });
  });
});

test('of no rows nothing is gathered, and of a meter that no bill speaks of no correction', () => {
  const gathering = gather();
  gathering.add(opened('mtr-1', start));
  expect(gathering.gathered().meters).toEqual([{ opened: opened('mtr-1', start), closed: null, corrections: [] }]);
  expect(gather().gathered()).toEqual({
    ...{ meters: [], claims: [], settled: [], proposed: [], noted: [], ownCosts: [], sealed: new Map() },
  });
});

test('what stands there costs its price each day: eight alarms, eight metrics, and five pollers at each of three queues that ask every twenty seconds', () => {
  const asks = 3 * 5 * (86_400 / 20);
  expect(STANDING).toEqual({ 'alarm-days': 8, 'custom-metric-days': 8, 'sqs-requests': asks });
  expect(costOf({ 'sqs-requests': asks })).toBe(usd(0.0324)); // 64,800 requests at $0.50 a million
});
