/** The statement of some scopes, read from the ledger row by row: only what the statement needs is held in memory. */
import type { Scope } from '../model/ids.ts';
import type { Ledger } from '../model/ports.ts';
import { addSeconds, DAY, earlier, type Instant, type Window } from '../model/time.ts';
import { LOOKBACK_DAYS } from './amounts.ts';
import { gather } from './gather.ts';
import { type Statement, statementOf } from './statement.ts';

/** Scopes are read one after the other; a day's rows come in pages as they are wanted. */
export async function readStatement(
  ledger: Pick<Ledger, 'rows'>,
  scopes: Iterable<Scope>,
  window: Window,
  at: Instant,
): Promise<Statement> {
  const gathering = gather();
  const from = addSeconds(window.start, -LOOKBACK_DAYS * DAY);
  const to = earlier(window.end, addSeconds(at, 1));
  for (const scope of scopes) for await (const row of ledger.rows(scope, from, to)) gathering.add(row);
  return statementOf(gathering.gathered(), window, at);
}
