/** What happened beside the money: counted in the window, as of an instant, each kind for itself. */
import { expect, test } from '@jest/globals';
import { eventsOf } from '../../shared/ledger/events.ts';
import type { Gathered } from '../../shared/ledger/gather.ts';
import { rational } from '../../shared/ledger/rational.ts';
import type { NotedRow, SettledRow } from '../../shared/model/ledger.ts';
import type { ActionKind } from '../../shared/model/plan.ts';
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

test('fractions are kept in lowest terms with a positive denominator, and none is over zero', () => {
  expect(rational(6n, -4n)).toEqual({ n: -3n, d: 2n });
  expect(rational(-6n, -4n)).toEqual({ n: 3n, d: 2n });
  expect(rational(0n, -7n)).toEqual({ n: 0n, d: 1n });
  expect(() => rational(1n, 0n)).toThrow('a fraction over zero');
});
