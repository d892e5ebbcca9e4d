/** Which rows a statement needs, and no more: sealed days as one row each, their running meters by themselves, the others row by row. */
import type { Scope } from '../model/ids.ts';
import type { LedgerRow } from '../model/ledger.ts';
import type { Ledger } from '../model/ports.ts';
import type { SealedRow } from '../model/sealed.ts';
import { addSeconds, DAY, earlier, floorTo, type Instant, utcDay, type Window } from '../model/time.ts';
import { LOOKBACK_DAYS } from './amounts.ts';
import { gather } from './gather.ts';
import { daysBetween } from './keys.ts';
import { sealedIn } from './sealed.ts';
import { type Statement, statementOf } from './statement.ts';

/** The account of these scopes in a window, as of an instant. A year is some hundred rows and the last weeks. */
export async function readStatement(ledger: Ledger, scopes: readonly Scope[], window: Window, at: Instant): Promise<Statement> {
  const gathering = gather();
  for (const scope of scopes) for await (const row of rowsFor(ledger, scope, window, at)) gathering.add(row);
  return statementOf(gathering.gathered(), window, at);
}

async function* rowsFor(ledger: Ledger, scope: Scope, window: Window, at: Instant): AsyncGenerator<LedgerRow> {
  const end = earlier(window.end, addSeconds(floorTo(at, DAY), DAY));
  const sealed = await sealedDays(ledger, scope, { start: window.start, end }, at);
  yield* sealed.values();
  const raw = new Set<Instant>();
  for (const day of daysBetween(window.start, end)) {
    if (sealed.has(utcDay(day))) continue;
    for (let back = 0; back <= LOOKBACK_DAYS; back++) raw.add(addSeconds(day, -back * DAY));
  }
  for (const day of [...raw].toSorted()) yield* ledger.rows(scope, day, addSeconds(day, DAY));
  const running = new Map([...sealed.values()].flatMap(row => row.running.map(({ meterId, openedAt }) => [meterId, openedAt] as const)));
  for (const [meterId, openedAt] of running) if (!raw.has(floorTo(openedAt, DAY))) yield* ledger.meter(scope, meterId, openedAt);
}

async function sealedDays(ledger: Ledger, scope: Scope, window: Window, at: Instant): Promise<Map<string, SealedRow>> {
  const gathering = gather();
  for await (const row of ledger.sealed(scope, window.start, window.end)) gathering.add(row);
  return new Map([...sealedIn(gathering.gathered().sealed, window, at).values()].map(row => [row.day, row]));
}
