/** Reads the ledger for people, who are told which day is being read. */
import { LOOKBACK_DAYS } from '../ledger/amounts.ts';
import { gather } from '../ledger/gather.ts';
import { daysBetween } from '../ledger/keys.ts';
import { readStatement as readSealed } from '../ledger/read.ts';
import { type Statement, statementOf } from '../ledger/statement.ts';
import { type Scope, scopeKey } from '../model/ids.ts';
import type { LedgerRow } from '../model/ledger.ts';
import type { Ledger } from '../model/ports.ts';
import { addSeconds, DAY, earlier, floorTo, type Instant, utcDay, type Window } from '../model/time.ts';

export interface Reading {
  readonly scopes: readonly Scope[];
  readonly window: Window;
  readonly at: Instant;
  /** Called for each day that is read row by row: `123456789012/eu-west-1 2025-05-14`. */
  readonly onDay?: (what: string) => void;
}

type Records = { readonly ledger: Ledger };

/** @param apart whether resources and meters are to be told apart, which sealed days do not: then every row is read. */
export async function readStatement({ ledger }: Records, reading: Reading, { apart }: { readonly apart: boolean }): Promise<Statement> {
  const { scopes, window, at } = reading;
  if (!apart) return readSealed(said(ledger, reading), scopes, window, at);
  const gathering = gather();
  for await (const row of rowsOf({ ledger }, reading)) gathering.add(row);
  return statementOf(gathering.gathered(), window, at);
}

/** Every row that bears on the window, and no sealed day: scope by scope and day by day. */
export async function* rowsOf({ ledger }: Records, reading: Reading): AsyncGenerator<LedgerRow> {
  const { scopes, window, at } = reading;
  const end = earlier(window.end, addSeconds(floorTo(at, DAY), DAY));
  const days = daysBetween(addSeconds(window.start, -LOOKBACK_DAYS * DAY), end);
  const rows = said(ledger, reading);
  for (const scope of scopes) for (const day of days) yield* rows.rows(scope, day, addSeconds(day, DAY));
}

const said = (ledger: Ledger, { onDay }: Reading): Ledger => ({
  ...ledger,
  rows: (scope, from, to) => {
    onDay?.(`${scopeKey(scope)} ${utcDay(from)}`);
    return ledger.rows(scope, from, to);
  },
});
