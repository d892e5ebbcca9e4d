/** What happened beside the money: counted in the window, as of an instant, each kind for itself. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { eventsOf } from '../../shared/ledger/events.ts';
import type { Gathered } from '../../shared/ledger/gather.ts';
import { rational } from '../../shared/ledger/rational.ts';
import { statement } from '../../shared/ledger/statement.ts';
import type { LedgerRow, NotedRow, SettledRow } from '../../shared/model/ledger.ts';
import type { ActionKind, Change } from '../../shared/model/plan.ts';
import type { Outcome } from '../../shared/model/receipt.ts';
import { addSeconds, HOUR, type Instant, instant } from '../../shared/model/time.ts';
import { box, closed, opened } from './worked-examples.ts';

const start = instant('2025-05-14T00:00:00Z');
const window = { start, end: addSeconds(start, 24 * HOUR) };
const noon = addSeconds(start, 12 * HOUR);
const claim = (changeId: string, kind: ActionKind, at: Instant = noon) => ({ changeId, kind, at, scope: box.scope });
const settled = (changeId: string, outcome: Outcome, at: Instant = noon): SettledRow => ({
  ...{ kind: 'settled', at, scope: box.scope, changeId, causeAt: at, outcome, requestId: null, detail: null },
});
const noted = (what: NotedRow['what'], at: Instant = noon): NotedRow => ({
  kind: 'noted',
  at,
  scope: box.scope,
  resource: box,
  what,
  detail: null,
});
const proposal = (kind: ActionKind, at: Instant) => ({ kind, at, scope: box.scope, saving: null });
const of = (told: Partial<Gathered>, at: Instant = window.end) =>
  eventsOf({ meters: [], claims: [], settled: [], proposed: [], noted: [], ...told }, window, at);

const before = addSeconds(start, -1);
const after = window.end;

test('changes are counted by kind and outcome, in order of names, and only those settled in the window by then', () => {
  const claims = [
    claim('a', 'stop-instance'),
    claim('b', 'stop-instance'),
    claim('c', 'start-instance', before),
    claim('d', 'create-tags'),
  ];
  const rows = [
    settled('a', 'done'),
    settled('b', 'failed'),
    settled('c', 'done', start),
    settled('d', 'done', before),
    settled('z', 'stale'),
  ];
  const { changes } = of({ claims, settled: rows });
  expect(changes).toEqual({ 'start-instance': { done: 1 }, 'stop-instance': { done: 1, failed: 1 }, unclaimed: { stale: 1 } });
  expect(Object.keys(changes)).toEqual(['start-instance', 'stop-instance', 'unclaimed']);
  expect(of({ claims, settled: rows }, addSeconds(noon, -1)).changes).toEqual({ 'start-instance': { done: 1 } });
  expect(of({ claims, settled: [settled('a', 'done', after)] }, addSeconds(after, HOUR)).changes).toEqual({});
});

test('a claim without an outcome by then is unsettled', () => {
  const claims = [claim('a', 'stop-instance'), claim('b', 'stop-instance'), claim('c', 'stop-instance', before)];
  const rows = [settled('a', 'done', addSeconds(noon, 60))];
  expect(of({ claims, settled: rows }).unsettled).toBe(1);
  expect(of({ claims, settled: rows }, addSeconds(noon, 59)).unsettled).toBe(2);
  expect(of({ claims, settled: rows }, addSeconds(noon, 60)).unsettled).toBe(1);
});

test('proposals and what people did are counted in the window', () => {
  const proposed = [proposal('stop-instance', noon), proposal('stop-instance', before), proposal('create-tags', after)];
  const people = [
    noted('started-by-someone'),
    noted('started-by-someone', before),
    noted('terminated', start),
    noted('stopped-by-someone', after),
  ];
  const events = of({ proposed, noted: people }, addSeconds(after, HOUR));
  expect([events.proposed, events.noted]).toEqual([{ 'stop-instance': 1 }, { 'started-by-someone': 1, terminated: 1 }]);
  expect(Object.keys(of({ noted: people.slice(0, 3).toReversed() }).noted)).toEqual(['started-by-someone', 'terminated']);
});

test('a failed start is one that AWS failed or refused, or that never arrived; a failed stop is none', () => {
  const claims = [claim('a', 'start-instance'), claim('b', 'start-instance'), claim('c', 'start-instance'), claim('d', 'stop-instance')];
  const rows = [settled('a', 'failed'), settled('b', 'refused'), settled('c', 'done'), settled('d', 'failed')];
  expect(of({ claims, settled: rows, noted: [noted('start-failed'), noted('terminated'), noted('terminated')] }).failedStarts).toBe(3);
  expect(of({ claims, settled: rows.slice(1) }).failedStarts).toBe(1); // of b and c only b
});

test('a boomerang comes back within the hour, the hour included, by hand', () => {
  const meter = (why: 'started-by-someone' | 'started-by-us', seconds: number) => {
    const row = opened('mtr-1', noon, {});
    return { opened: row, closed: { ...closed(row, addSeconds(noon, seconds)), why } };
  };
  const boomerangs = (...meters: Gathered['meters']) => of({ meters }).boomerangs;
  expect(boomerangs(meter('started-by-someone', HOUR))).toBe(1);
  expect(boomerangs(meter('started-by-someone', HOUR + 1))).toBe(0);
  expect(boomerangs(meter('started-by-us', 60))).toBe(0);
  expect(of({ meters: [meter('started-by-someone', 60)] }, addSeconds(noon, 59)).boomerangs).toBe(0);
});

/** A few days of changes, each with its claim, its outcome or both; of notes, proposals and meters. No two rows are one fact. */
const facts = fc
  .record({
    changes: fc.array(
      fc.record({
        kind: fc.constantFrom<ActionKind>('stop-instance', 'start-instance', 'create-tags'),
        at: fc.integer({ min: -4, max: 28 }),
        claimed: fc.boolean(),
        settles: fc.option(fc.record({ after: fc.nat(6), outcome: fc.constantFrom<Outcome>('done', 'failed', 'refused', 'stale') })),
        proposed: fc.boolean(),
      }),
      { maxLength: 8 },
    ),
    notes: fc.uniqueArray(
      fc.record({
        what: fc.constantFrom<NotedRow['what']>('start-failed', 'terminated', 'asked-by-someone'),
        at: fc.integer({ min: -4, max: 28 }),
      }),
      { maxLength: 8, selector: ({ what, at }) => `${what} ${at}` },
    ),
    backs: fc.array(fc.record({ at: fc.integer({ min: -4, max: 28 }), minutes: fc.nat(120), byUs: fc.boolean() }), { maxLength: 4 }),
  })
  .map(({ changes, notes, backs }): LedgerRow[] => {
    const hour = (n: number): Instant => addSeconds(start, n * HOUR);
    return [
      ...changes.flatMap(({ kind, at, claimed, settles, proposed }, n): LedgerRow[] => {
        const change = { id: `chg-${n}`, action: { kind }, causeAt: hour(at), resource: box, saving: null } as unknown as Change;
        const row = { at: hour(at), scope: box.scope, change };
        if (proposed) return [{ kind: 'proposed', ...row }];
        return [
          ...(claimed ? [{ kind: 'claimed', ...row } as const] : []),
          ...(settles === null ? [] : [settled(change.id, settles.outcome, hour(at + settles.after))]),
        ];
      }),
      ...notes.map(({ what, at }) => noted(what, hour(at))),
      ...backs.flatMap(({ at, minutes, byUs }, n) => {
        const row = opened(`mtr-${n}`, hour(at));
        return [
          row,
          { ...closed(row, addSeconds(hour(at), minutes * 60)), why: byUs ? ('started-by-us' as const) : ('started-by-someone' as const) },
        ];
      }),
    ];
  });
const cut = fc
  .tuple(fc.integer({ min: -4, max: 8 }), fc.integer({ min: 6, max: 30 }), fc.integer({ min: 4, max: 30 }))
  .map(([a, b, now]) => ({
    window: { start: addSeconds(start, Math.min(a, b) * HOUR), end: addSeconds(start, Math.max(a, b) * HOUR) },
    now: addSeconds(start, now * HOUR),
  }));

test('whatever happened, in whatever order it is read and however often: it is what a clerk counts row by row', () => {
  const told = facts.chain(rows => fc.tuple(fc.constant(rows), fc.shuffledSubarray([...rows, ...rows], { minLength: rows.length * 2 })));
  fc.assert(
    fc.property(told, cut, ([rows, mixed], { window, now }) => {
      const counts = {
        changes: {} as Record<string, Record<string, number>>,
        proposed: {} as Record<string, number>,
        noted: {} as Record<string, number>,
      };
      const sums = { unsettled: 0, boomerangs: 0, failedStarts: 0 };
      const plus = (counted: Record<string, number>, name: string) => {
        counted[name] = (counted[name] ?? 0) + 1;
      };
      const claimOf = (id: string) => rows.find(row => row.kind === 'claimed' && row.change.id === id);
      for (const row of rows) {
        if (row.at < window.start || row.at >= window.end || row.at > now) continue;
        if (row.kind === 'proposed') plus(counts.proposed, row.change.action.kind);
        if (row.kind === 'claimed' && !rows.some(r => r.kind === 'settled' && r.changeId === row.change.id && r.at <= now))
          sums.unsettled++;
        if (row.kind === 'noted') plus(counts.noted, row.what);
        if (row.kind === 'noted' && row.what === 'start-failed') sums.failedStarts++;
        if (row.kind === 'meter-closed' && row.why === 'started-by-someone' && Date.parse(row.at) - Date.parse(row.openedAt) <= 3_600_000)
          sums.boomerangs++;
        if (row.kind !== 'settled') continue;
        const claimed = claimOf(row.changeId);
        const kind = claimed?.kind === 'claimed' ? claimed.change.action.kind : 'unclaimed';
        counts.changes[kind] ??= {};
        plus(counts.changes[kind], row.outcome);
        if (kind === 'start-instance' && (row.outcome === 'failed' || row.outcome === 'refused')) sums.failedStarts++;
      }
      expect(statement(mixed, window, now).events).toEqual({ ...counts, ...sums });
      expect(JSON.stringify(statement(mixed, window, now).events)).toBe(JSON.stringify(statement(rows, window, now).events));
    }),
    { numRuns: 120 },
  );
});

test('fractions are kept in lowest terms with a positive denominator, and none is over zero', () => {
  expect(rational(6n, -4n)).toEqual({ n: -3n, d: 2n });
  expect(rational(-6n, -4n)).toEqual({ n: 3n, d: 2n });
  expect(rational(0n, -7n)).toEqual({ n: 0n, d: 1n });
  expect(() => rational(1n, 0n)).toThrow('a fraction over zero');
});
