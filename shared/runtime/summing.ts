/** Reads what a summary is made of: the ledger of all scopes, row by row, and what their pens last left alone. */
import { LOOKBACK_DAYS } from '../ledger/amounts.ts';
import { LEFT_KEY, shelfOf } from '../memory/shelves.ts';
import { PENS, type Scope } from '../model/ids.ts';
import type { LeftDigest } from '../model/notice.ts';
import { addSeconds, DAY, earlier, floorTo, type Instant, type Window } from '../model/time.ts';
import { type Summary, summary, windowBefore } from '../report/summary.ts';
import type { Tables } from './tables.ts';

export async function readSummary({ ledger, memory }: Tables, scopes: readonly Scope[], window: Window, at: Instant): Promise<Summary> {
  const left: LeftDigest[] = [];
  for (const scope of scopes) {
    for (const pen of PENS) {
      const item = await memory.read(shelfOf(pen, scope), LEFT_KEY, at);
      if (item !== null) left.push(item.value as LeftDigest);
    }
  }
  const summing = summary({ window, at, scopes, left });
  const from = addSeconds(windowBefore(window).start, -LOOKBACK_DAYS * DAY);
  const to = addSeconds(floorTo(earlier(window.end, at), DAY), DAY);
  for (const scope of scopes) for await (const row of ledger.rows(scope, from, to)) summing.add(row);
  return summing.summary();
}
