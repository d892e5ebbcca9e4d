/** Properties of the account: it equals what a slow clerk counts second by second, however it is cut, ordered or repeated. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Amount, addBounds } from '../../shared/ledger/amounts.ts';
import { integerScale, plus, rational } from '../../shared/ledger/rational.ts';
import { exactTotal, statement } from '../../shared/ledger/statement.ts';
import type { Baseline } from '../../shared/model/baseline.ts';
import type { LedgerRow, MeterClosedRow, MeterCorrectedRow, MeterOpenedRow } from '../../shared/model/ledger.ts';
import { usd } from '../../shared/model/money.ts';
import { addSeconds, DAY, fromEpochSeconds, type Instant, type Window } from '../../shared/model/time.ts';
import { at, box, closed, fleet, opened, ran, unknownBaseline } from './worked-examples.ts';

const sunday = Date.parse('2025-03-30T00:00:00Z') / 1000;

const baseline = fc.oneof(
  { weight: 1, arbitrary: fc.constant(unknownBaseline) },
  {
    weight: 6,
    arbitrary: fc
      .record({ weeks: fc.constantFrom(1, 4, 5), runs: fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 168, maxLength: 168 }) })
      .map(({ weeks, runs }): Baseline => ({ ...ran(0, weeks), runs }) as Baseline),
  },
);

/** Meters of up to some hours around two instants: near each other, and thirty days apart, so that credit ends are met. */
const meter = (seconds: number) =>
  fc
    .record({
      id: fc.integer({ min: 0, max: 1e9 }),
      from: fc.integer({ min: 0, max: seconds }),
      early: fc.constantFrom(0, 0, 0, 14, 30),
      lasts: fc.option(fc.integer({ min: 0, max: seconds }), { nil: null, freq: 3 }),
      running: fc.integer({ min: 0, max: 6 }),
      terms: fc.record({
        perHour: fc.option(fc.constantFrom(usd(0.0416), usd(0.096), usd(0.0856), usd(0), usd(-0.01)), { nil: null, freq: 6 }),
        commitments: fc.constantFrom('none' as const, 'unknown' as const, { covered: 3_333, source: 'Cost Explorer' }),
        class: fc.constantFrom('schedule' as const, 'idle-stop' as const, 'tags' as const, 'rightsize' as const, 'scale-in' as const),
        addedCost: fc.constantFrom(usd(0), usd(0), usd(0.48)),
        baseline,
        owner: fc.constantFrom(null, 'team-a@example.com', 'team-b@example.com'),
        policy: fc.constantFrom('dev-test', 'web'),
      }),
      address: fc.constantFrom(usd(0), usd(0.005)),
      finding: fc.option(
        fc.record({
          revision: fc.constantFrom(1, 2),
          finding: fc.constantFrom('verified' as const, 'adjusted' as const, 'reversed' as const),
          perHour: fc.constantFrom(null, usd(0.09)),
          covered: fc.constantFrom(null, 0, 5_000),
          after: fc.integer({ min: 0, max: seconds }),
        }),
        { nil: null, freq: 1 },
      ),
    })
    .map(({ id, from, early, lasts, running, terms, address, finding }): LedgerRow[] => {
      const isFleet = terms.class === 'scale-in';
      const start = fromEpochSeconds(sunday + from - early * DAY);
      const row = opened(`mtr-${id}`, start, {
        ...terms,
        ...(terms.class === 'rightsize' && { baseline: { kind: 'ran', frozenAt: start } }),
        ...{ resource: isFleet ? fleet : box, running: isFleet ? running : 0, addressPerHour: isFleet ? usd(0) : address },
      });
      return [
        row,
        ...(lasts === null ? [] : [closed(row, addSeconds(start, early * DAY + lasts))]),
        ...(finding === null ? [] : [correction(row, finding, addSeconds(start, early * DAY + finding.after))]),
      ];
    });

const correction = (
  { meterId, resource, scope: of, at: openedAt }: MeterOpenedRow,
  { revision, finding, perHour, covered }: Pick<MeterCorrectedRow, 'revision' | 'finding' | 'perHour' | 'covered'>,
  when: Instant,
): MeterCorrectedRow => ({
  ...{ kind: 'meter-corrected', at: when, scope: of, meterId, openedAt, resource, revision, finding },
  ...{ perHour, covered, source: 'bill of 2025-03', detail: null },
});

const ledger = (seconds: number) =>
  fc.uniqueArray(meter(seconds), { maxLength: 8, selector: ([row]) => (row as MeterOpenedRow).meterId }).map(meters => meters.flat());

const window = (seconds: number) =>
  fc
    .tuple(fc.integer({ min: 0, max: seconds }), fc.integer({ min: 0, max: seconds }))
    .map(([a, b]): Window => ({ start: fromEpochSeconds(sunday + Math.min(a, b)), end: fromEpochSeconds(sunday + Math.max(a, b)) }));

const instantWithin = (seconds: number) => fc.integer({ min: 0, max: seconds + 3600 }).map(offset => fromEpochSeconds(sunday + offset));

const HOURS_4 = 4 * 3600;
const DAYS_3 = 3 * DAY;
const totalOf = ({ realised, open }: Amount) => addBounds(realised, open);

describe('conserved', () => {
  test('the total is what a clerk gets who looks at every second', () => {
    const property = fc.property(ledger(HOURS_4), window(HOURS_4), instantWithin(HOURS_4), (rows, cut, now) => {
      const { unpriced: _, ...total } = exactTotal(rows, cut, now);
      expect(total).toEqual(clerk(rows, cut, now));
    });
    fc.assert(property, { numRuns: 80 });
  });

  test('two windows that adjoin add up to their union, to the last fraction', () => {
    const property = fc.property(
      ledger(DAYS_3),
      window(DAYS_3),
      instantWithin(DAYS_3),
      instantWithin(DAYS_3),
      (rows, whole, knife, now) => {
        const cut = knife < whole.start ? whole.start : knife > whole.end ? whole.end : knife;
        const first = exactTotal(rows, { start: whole.start, end: cut }, now);
        const second = exactTotal(rows, { start: cut, end: whole.end }, now);
        const both = exactTotal(rows, whole, now);
        expect(addBounds(totalOf(first), totalOf(second))).toEqual(totalOf(both));
        expect(plus(first.avoided, second.avoided)).toEqual(both.avoided);
        expect(plus(first.asleep, second.asleep)).toEqual(both.asleep);
      },
    );
    fc.assert(property);
  });

  test('the order in which rows are met does not show, nor does a row that is met twice', () => {
    const shuffled = ledger(DAYS_3).chain(rows =>
      fc.tuple(fc.constant(rows), fc.shuffledSubarray([...rows, ...rows], { minLength: 2 * rows.length, maxLength: 2 * rows.length })),
    );
    const property = fc.property(shuffled, window(DAYS_3), instantWithin(DAYS_3), ([rows, mixed], cut, now) => {
      expect(statement(mixed, cut, now)).toEqual(statement(rows, cut, now));
    });
    fc.assert(property);
  });

  test('the low bound is never above the high one, and without commitments they are one number', () => {
    const property = fc.property(ledger(DAYS_3), window(DAYS_3), instantWithin(DAYS_3), (rows, cut, now) => {
      for (const line of statement(rows, cut, now).meters) {
        if (line.money === null) continue;
        expect(line.money.total.low).toBeLessThanOrEqual(line.money.total.high);
        if (line.grade === 'B' && rows.every(row => row.kind !== 'meter-opened' || typeof row.commitments === 'string'))
          expect(line.money.total.low).toBe(line.money.total.high);
      }
    });
    fc.assert(property);
  });

  test('closing a meter moves what was open to realised and changes no sum', () => {
    const property = fc.property(ledger(DAYS_3), window(DAYS_3), instantWithin(DAYS_3), (rows, cut, now) => {
      const known = rows.filter(row => row.at <= now);
      const closedIds = new Set(known.flatMap(row => (row.kind === 'meter-closed' ? [row.meterId] : [])));
      const shut = known.flatMap(row => (row.kind === 'meter-opened' && !closedIds.has(row.meterId) ? [row, closed(row, now)] : [row]));
      expect(totalOf(exactTotal(shut, cut, now))).toEqual(totalOf(exactTotal(rows, cut, now)));
      expect(exactTotal(shut, cut, now).open.high.n).toBe(0n);
    });
    fc.assert(property);
  });
});

test('a baseline of tenths is counted for exactly what its doubles hold', () => {
  const tenth = opened('mtr-1', at('2025-03-30T00:00:00Z'), { baseline: { ...ran(0, 4), runs: new Array(168).fill(0.1) } as Baseline });
  const hour = { start: at('2025-03-30T00:00:00Z'), end: at('2025-03-30T01:00:00Z') };
  // 0.1 is 3602879701896397 / 2^55; over 4 weeks, for 3,600 seconds
  expect(exactTotal([tenth], hour, hour.end).avoided).toEqual(rational(3602879701896397n * 3600n, 2n ** 57n));
  expect(() => integerScale([Number.NaN])).toThrow('not a finite number');
});

/** Counts every second by itself, from definitions alone: no hours, no intervals, none of the ledger's helpers but its fractions. */
function clerk(rows: readonly LedgerRow[], cut: Window, now: Instant) {
  const none = () => ({ low: 0n, high: 0n });
  const sums = { avoided: 0n, asleep: 0n, resized: 0n, realised: none(), open: none(), claimed: none() };
  for (const row of rows) {
    if (row.kind !== 'meter-opened') continue;
    const closing = rows.find((r): r is MeterClosedRow => r.kind === 'meter-closed' && r.meterId === row.meterId);
    const bill = rows.find((r): r is MeterCorrectedRow => r.kind === 'meter-corrected' && r.meterId === row.meterId && r.at <= now);
    const creditEnd = seconds(row.at) + { schedule: 14, 'idle-stop': 30, tags: 30, rightsize: 35, 'scale-in': 35 }[row.class] * 86_400;
    const ended = Math.min(creditEnd, closing === undefined ? Number.POSITIVE_INFINITY : seconds(closing.at));
    const side = ended <= seconds(now) ? sums.realised : sums.open;
    const covered = row.commitments === 'none' ? 0 : row.commitments === 'unknown' ? 10_000 : row.commitments.covered;
    const terms = { perHour: row.perHour, covered };
    const billed = { perHour: bill?.perHour ?? row.perHour, covered: bill?.covered ?? covered };
    const add = (to: { low: bigint; high: bigint }, part: bigint, { perHour, covered }: typeof terms) => {
      if (perHour === null) return;
      const worth = part * BigInt(perHour) * 10_000n;
      to.high += worth;
      to.low += worth > 0n ? (worth / 10_000n) * BigInt(10_000 - covered) : worth;
    };
    const certain = (part: bigint) => {
      sums.claimed.low += part;
      sums.claimed.high += part;
      if (bill?.finding === 'reversed') return;
      side.low += part;
      side.high += part;
    };
    if (cut.start <= row.at && row.at < cut.end && row.at <= now) certain(BigInt(-row.addedCost) * UNIT);
    for (let second = Math.max(seconds(row.at), seconds(cut.start)); second < Math.min(ended, seconds(now), seconds(cut.end)); second++) {
      const { baseline } = row;
      if (baseline.kind === 'unknown') {
        sums.asleep += row.resource.kind === 'instance' && bill?.finding !== 'reversed' ? 20n : 0n;
        continue;
      }
      const date = new Date(second * 1000);
      const hour = ((date.getUTCDay() + 6) % 7) * 24 + date.getUTCHours();
      // in twentieths of an instance-second: 1, 4 and 5 weeks divide 20
      const part = baseline.kind === 'ran' ? 20n : BigInt(((baseline.runs[hour] ?? Number.NaN) * 20) / baseline.weeks - row.running * 20);
      add(sums.claimed, part, terms);
      if (row.perHour !== null) certain(part * BigInt(row.addressPerHour) * 10_000n);
      else if (billed.perHour !== null && bill?.finding !== 'reversed') {
        side.low += part * BigInt(row.addressPerHour) * 10_000n;
        side.high += part * BigInt(row.addressPerHour) * 10_000n;
      }
      if (bill?.finding === 'reversed') continue;
      sums[baseline.kind === 'ran' ? 'resized' : 'avoided'] += part;
      add(side, part, billed);
    }
  }
  const money = ({ low, high }: { low: bigint; high: bigint }) => ({ low: rational(low, UNIT), high: rational(high, UNIT) });
  return {
    ...{ avoided: rational(sums.avoided, 20n), asleep: rational(sums.asleep, 20n), resized: rational(sums.resized, 20n) },
    ...{ realised: money(sums.realised), open: money(sums.open), claimed: money(sums.claimed) },
  };
}

/** Money is counted in parts of an hour, of twentieths and of coverage. */
const UNIT = 20n * 3600n * 10_000n;

const seconds = (instant: Instant): number => new Date(instant).getTime() / 1000;
