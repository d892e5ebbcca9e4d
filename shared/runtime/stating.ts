/** Reads a statement: days that are sealed as one row each, and every row only where no seal tells of it. */
import { LOOKBACK_DAYS } from '../ledger/amounts.ts';
import { gather } from '../ledger/gather.ts';
import { daysBetween } from '../ledger/keys.ts';
import { type Statement, statementOf } from '../ledger/statement.ts';
import { type Scope, scopeKey } from '../model/ids.ts';
import type { LedgerRow } from '../model/ledger.ts';
import type { Ledger } from '../model/ports.ts';
import type { SealedRow } from '../model/sealed.ts';
import { addSeconds, DAY, earlier, floorTo, type Instant, utcDay, type Window } from '../model/time.ts';

export interface Reading {
  readonly scopes: readonly Scope[];
  readonly window: Window;
  readonly at: Instant;
  /** Called for each day that is read, for whoever waits: `123456789012/eu-west-1 2025-05-14`, and the share that is done. */
  readonly onDay?: (what: string, share: number) => void;
}

type Records = { readonly ledger: Ledger };

/** @param apart whether resources and meters are to be told apart, which sealed days do not: then every row is read. */
export async function readStatement(records: Records, reading: Reading, { apart }: { readonly apart: boolean }): Promise<Statement> {
  const gathering = gather();
  for await (const row of apart ? rowsOf(records, reading) : rowsAndSealsOf(records, reading)) gathering.add(row);
  return statementOf(gathering.gathered(), reading.window, reading.at);
}

/** Every row that bears on the window, but no sealed day: scope by scope and day by day. */
export async function* rowsOf(records: Records, reading: Reading): AsyncGenerator<LedgerRow> {
  const days = daysBetween(addSeconds(reading.window.start, -LOOKBACK_DAYS * DAY), endOf(reading));
  for (const [i, scope] of reading.scopes.entries())
    for await (const row of rowsOn(days, scope, i, records, reading)) if (row.kind !== 'sealed') yield row;
}

async function* rowsAndSealsOf(records: Records, reading: Reading): AsyncGenerator<LedgerRow> {
  const { scopes, window } = reading;
  for (const [i, scope] of scopes.entries()) {
    const seals: SealedRow[] = [];
    for await (const row of records.ledger.sealed(scope, floorTo(window.start, DAY), endOf(reading)))
      if (row.kind === 'sealed') seals.push(row);
    yield* seals;
    const days = daysToRead(new Set(seals.map(seal => seal.day)), reading);
    yield* rowsOn(days, scope, i, records, reading);
    const read = new Set(days.map(utcDay));
    const running = new Map(seals.flatMap(seal => seal.running.map(meter => [meter.meterId, meter] as const)));
    for (const { meterId, openedAt } of running.values())
      if (!read.has(utcDay(openedAt))) yield* records.ledger.meter(scope, meterId, openedAt);
  }
}

/** Days that no seal tells of or that lie only in part in the window, and those on which a meter that reaches into them may have been opened. */
function daysToRead(sealed: ReadonlySet<string>, reading: Reading): Instant[] {
  const { start, end } = reading.window;
  const untold = daysBetween(start, endOf(reading)).filter(day => !sealed.has(utcDay(day)) || day < start || addSeconds(day, DAY) > end);
  const days = untold.flatMap(day => daysBetween(addSeconds(day, -LOOKBACK_DAYS * DAY), addSeconds(day, DAY)));
  return [...new Set(days)].toSorted();
}

const endOf = ({ window, at }: Reading): Instant =>
  earlier(addSeconds(floorTo(at, DAY), DAY), addSeconds(floorTo(addSeconds(window.end, -1), DAY), DAY));

async function* rowsOn(
  days: readonly Instant[],
  scope: Scope,
  index: number,
  { ledger }: Records,
  { scopes, onDay }: Reading,
): AsyncGenerator<LedgerRow> {
  for (const [i, day] of days.entries()) {
    onDay?.(`${scopeKey(scope)} ${utcDay(day)}`, (index + i / days.length) / scopes.length);
    yield* ledger.rows(scope, day, addSeconds(day, DAY));
  }
}
