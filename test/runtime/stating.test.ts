import { expect, test } from '@jest/globals';
import { rowKey } from '../../shared/ledger/keys.ts';
import { statement } from '../../shared/ledger/statement.ts';
import type { LedgerRow } from '../../shared/model/ledger.ts';
import { addSeconds, DAY } from '../../shared/model/time.ts';
import { sealDue } from '../../shared/runtime/books.ts';
import { readStatement, rowsOf } from '../../shared/runtime/stating.ts';
import { weekOfTeams } from '../report/pages.ts';
import { scope } from '../report/plans.ts';
import { monday, week } from '../report/week.ts';
import { paperLedger } from '../support/paper.ts';

const at = addSeconds(week.end, 10 * DAY);
/** In this order a table yields them, and days are sealed. */
const keyOf = (row: LedgerRow): string => Object.values(rowKey(row)).join(' ');

test('a statement says the same whether its days are sealed or not, and tells resources apart only when every row is read', async () => {
  const ledger = paperLedger();
  for (const row of weekOfTeams.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))) await ledger.append(row);
  while ((await sealDue(ledger, scope, at, () => true)) > 0);
  const days: string[] = [];
  const reading = { scopes: [scope], window: week, at, onDay: (day: string) => days.push(day) };
  const whole = statement(weekOfTeams, week, at);

  const sealed = await readStatement({ ledger }, reading, { apart: false });
  expect(sealed.sealedDays).toBe(7);
  expect(sealed.byPolicy).toEqual(whole.byPolicy);
  expect(sealed.byTeam).toEqual(whole.byTeam);
  expect(days).toEqual([]); // every day of the week is sealed: no row had to be read

  const apart = await readStatement({ ledger }, reading, { apart: true });
  expect(apart).toEqual(whole);
  expect(apart.byResource.length).toBeGreaterThan(2);
  expect(days).toContain('123456789012/eu-west-1 2025-05-12');
});

test('rows are read from the first day on which a meter may have been opened to the day it is, or the window ends', async () => {
  const asked: string[] = [];
  const paper = paperLedger();
  const rowsOn = (...[on, from, to]: Parameters<typeof paper.rows>) => {
    asked.push(from.slice(0, 10));
    return paper.rows(on, from, to);
  };
  const ledger = { ...paper, rows: rowsOn };
  const rows = async (now: typeof at) => {
    asked.length = 0;
    for await (const _ of rowsOf({ ledger }, { scopes: [scope], window: week, at: now }));
    return [asked[0], asked.at(-1)];
  };
  expect(await rows(at)).toEqual(['2025-04-07', '2025-05-18']);
  expect(await rows(addSeconds(monday, 2 * DAY + 60))).toEqual(['2025-04-07', '2025-05-14']);
});
