/** What became of a plan: a line a change, failures first. */
import type { Outcome, Receipt } from '../model/receipt.ts';
import { count } from './numbers.ts';
import { named, plain } from './plain.ts';
import { actionPhrase, outcomePhrase } from './sentences.ts';
import { paint, section, table } from './text.ts';

const ORDER: readonly Outcome[] = ['failed', 'refused', 'not-attempted', 'stale', 'already-so', 'done'];

export function receiptsText(receipts: readonly Receipt[]): string {
  const sorted = receipts.toSorted((a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome));
  const rows = sorted.map(({ change, outcome, detail }) => [
    paint(outcome === 'done' || outcome === 'already-so' ? 'green' : 'red', outcomePhrase(outcome)),
    actionPhrase(change.action, change.expects),
    named(change.resource),
    detail === null ? '' : plain(detail, 160),
  ]);
  return `${section(`What became of ${count(receipts.length, 'change')}`, table(rows, { indent: '  ' })).join('')}\n`;
}
