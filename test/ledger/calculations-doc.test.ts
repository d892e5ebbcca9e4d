/** docs/calculations.md cannot rot: its calculations are calculated, and its examples are made into statements. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { CREDIT_DAYS, LOOKBACK_DAYS } from '../../shared/ledger/amounts.ts';
import { costOf } from '../../shared/ledger/own-prices.ts';
import { statement } from '../../shared/ledger/statement.ts';
import { dollars, usd } from '../../shared/model/money.ts';
import { type Example, examples } from './worked-examples.ts';

const doc = readFileSync(new URL('../../docs/calculations.md', import.meta.url), 'utf8');
const tableRows = doc.split('\n').flatMap(line => {
  const cells = line.split('|').map(cell => cell.trim());
  return cells.length > 3 ? [cells.slice(1, -1)] : [];
});
const money = ({ rows, window, at }: Example) => statement(rows, window, at).total.money?.total;

describe('worked examples', () => {
  const rows = tableRows.filter(([letter = '', , calculation = '']) => /^[A-G]$/.test(letter) && calculation.startsWith('`'));

  test('are these', () => {
    expect(rows.map(([letter]) => letter)).toEqual(['A', 'C', 'D', 'E', 'F', 'G']);
  });

  test.each(rows)('%s: %s is what the statement says: %s = %s', (letter, _case, calculation = '', printed) => {
    const example: Example = examples[letter as 'A'];
    expect(dollars(usd(calculate(calculation.replaceAll('`', ''))))).toBe(printed);
    expect(money(example)).toEqual({ low: usd(calculate(calculation.replaceAll('`', ''))), high: money(example)?.low });
  });
});

describe('ranges', () => {
  const rows = tableRows.filter(([letter = '', name = '']) => /^[A-Z]$/.test(letter) && /commitments unknown|covered/.test(name));

  test.each(rows)('%s, %s: from %s to %s', (letter, _case, low, high) => {
    const amount = money(letter === 'B' ? examples.B : examples[`${letter as 'A' | 'G'}, commitments unknown`]);
    expect(amount && [dollars(amount.low), dollars(amount.high)]).toEqual([low, high]);
  });

  test('are three', () => expect(rows).toHaveLength(3));
});

test('H, what we cost: $3.46 by its calculation, its prices and its statement', () => {
  const [, , calculation = '', printed] = tableRows.find(([letter]) => letter === 'H') ?? [];
  const { ownCost } = statement(examples.H.rows, examples.H.window, examples.H.at);
  expect(dollars(usd(calculate(calculation.replaceAll('`', ''))))).toBe(printed);
  expect([dollars(ownCost.cost), costOf(ownCost.used)]).toEqual([printed, ownCost.cost]);
});

test('every calculation in the text comes out as it says', () => {
  const equations = [...doc.matchAll(/`([^`=]+) = (\$[\d.,]+)`/g)];
  expect(equations).toHaveLength(6);
  for (const [, calculation = '', result] of equations) expect(dollars(usd(calculate(calculation)))).toBe(result);
});

test('the hours of a month are those of its example', () => {
  expect(doc).toContain('on for 217 of them and off for 513');
  expect(statement(examples.A.rows, examples.A.window, examples.A.at).total.avoidedSeconds).toBe(513 * 3600);
});

test('credit ends when the table says', () => {
  for (const [name, days] of Object.entries(CREDIT_DAYS)) {
    expect(tableRows.find(([cell]) => cell === `\`${name}\``)?.[2]).toMatch(new RegExp(`^${days} days`));
  }
  expect(doc).toContain(`No meter reaches further than ${LOOKBACK_DAYS} days`);
});

/** `(30 × 10 × 2 − 20 × 3) × $0.096` → 51.84. Sums, products and brackets; anything else is a mistake in the page. */
function calculate(text: string): number {
  const tokens = text.match(/[\d.,]+|[^\s$]/g) ?? [];
  const sum = (): number => {
    let value = product();
    while (tokens[0] === '+' || tokens[0] === '−') value += tokens.shift() === '+' ? product() : -product();
    return value;
  };
  const product = (): number => {
    let value = factor();
    while (tokens[0] === '×') {
      tokens.shift();
      value *= factor();
    }
    return value;
  };
  const factor = (): number => {
    const token = tokens.shift() ?? '';
    if (token === '(') {
      const value = sum();
      expect(tokens.shift()).toBe(')');
      return value;
    }
    expect(token).toMatch(/^[\d.,]+$/);
    return Number(token.replaceAll(',', ''));
  };
  const value = sum();
  expect(tokens).toEqual([]);
  return value;
}
