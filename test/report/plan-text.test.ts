import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { usd } from '../../shared/model/money.ts';
import { predict, predictionPhrase, savingPhrase, totalPhrase } from '../../shared/report/amounts.ts';
import { planText, whyText } from '../../shared/report/plan-text.ts';
import { block, table, wrap } from '../../shared/report/text.ts';
import { box, change, fullPlan, left } from './plans.ts';
import { everyReason } from './reasons.ts';

const now = { start: fullPlan.at, end: fullPlan.at };

describe('a plan in the terminal', () => {
  const text = planText(fullPlan, { zone: 'Europe/Berlin', width: 200 });

  test('says on top what could not be read', () => {
    expect(text.indexOf('this plan is partial')).toBeLessThan(text.indexOf('5 changes'));
    expect(text).toContain('! CPU of 12 instances: ThrottlingException: Rate exceeded');
  });

  test('tells money as a range, its provenance, and the unknown as unknown', () => {
    expect(text).toContain('between $0.32 more and $2.57 less (21 h less), and 1 change of unknown worth (12 h less)');
    expect(text).toContain('Saves $0.00 to $1.28: 12 h less; baseline measured; $0.107/h by list price of 2025-04-04 (table).');
    expect(text).toContain('12 h less, worth unknown: baseline unknown, price unknown.');
  });

  test('tells the modes apart', () => expect(text).toContain('4 in mode act, 1 in mode plan (the Lambdas report, and do not act).'));
  test('says what does not come back', () => expect(text).toContain('its public IPv4 address changes; what is in memory is lost'));
  test('names from the account cannot forge a line or turn the text around', () => {
    expect(text).toContain('evil DELETE everything (i-0000000000000001f)');
    expect(text).not.toContain('\u202E');
  });

  test('every resource is in it or counted in it', () => {
    expect(text).toContain('Left alone: 11 of 16');
    const counted = [...text.matchAll(/^ +(\d+) {2}[a-z-]+$/gm)].reduce((n, m) => n + Number(m[1]), 0);
    expect(counted).toBe(11);
  });

  test('what somebody should look into comes before what is as it should be', () => {
    expect(text.indexOf('thin-data')).toBeLessThan(text.indexOf('in-use'));
  });

  test('no line is wider than asked', () => {
    const widest = Math.max(
      ...planText(fullPlan, { width: 72 })
        .split('\n')
        .map(line => line.length),
    );
    expect(widest).toBeLessThanOrEqual(72);
  });

  test('an empty account gets an answer, not a blank', () => {
    expect(planText({ ...fullPlan, changes: [], left: [], unread: [] })).toContain('Nothing was seen');
    expect(planText({ ...fullPlan, changes: [] })).toContain('No changes. 11 resources seen, all left alone.');
  });
});

describe('why', () => {
  test('by name or id, for a change and for what is left', () => {
    expect(whyText(fullPlan, 'vault')).toContain('Left alone: its stop protection is on.');
    expect(whyText(fullPlan, box(1).id)).toContain('Outside office-hours since Wed 14 May 17:00 UTC until Thu 05:00.');
  });

  test('says that what it answers may rest on a partial view', () => expect(whyText(fullPlan, 'vault')).toContain('Could not be read'));
  test('has no answer for what was never seen', () => expect(whyText(fullPlan, 'i-0ffffffffffffffff')).toBeNull());

  test('answers for every pen that looked at it', () => {
    const plan = { ...fullPlan, changes: [], left: [left(box(9), everyReason.compliant), left(box(9), everyReason.spot)] };
    expect(whyText(plan, 'box-9')?.match(/Left alone/g)).toHaveLength(2);
  });
});

describe('predicted money', () => {
  test('a cost is not called a saving', () => {
    expect(savingPhrase({ low: usd(-0.3), high: usd(-0.1) })).toBe('costs $0.10 to $0.30 more');
    expect(savingPhrase({ low: usd(1), high: usd(1) })).toBe('saves $1.00');
    expect(savingPhrase({ low: usd(-1), high: usd(2) })).toBe('between $1.00 more and $2.00 less');
  });

  test('the unknown is never 0', () => {
    const unknown = change({ saving: { window: now, hours: 12, money: null, perHour: null, priceSource: null, baseline: 'unknown' } });
    expect(totalPhrase(predict([unknown, unknown]))).toBe('2 changes of unknown worth (24 h less)');
    const declared = {
      window: now,
      hours: 12,
      money: { low: usd(1), high: usd(1) },
      perHour: usd(0.1),
      priceSource: null,
      baseline: 'declared',
    } as const;
    expect(predictionPhrase(declared)).toBe('saves $1.00: 12 h less; baseline declared; $0.10/h');
    expect(predictionPhrase({ window: now, hours: 12, money: null, perHour: null, priceSource: null, baseline: 'measured' })).not.toContain(
      '$',
    );
    expect(totalPhrase(predict([change({ saving: null })]))).toBe('no saving expected');
  });
});

describe('text', () => {
  test('wraps at blanks, and indents what follows', () => expect(wrap('one two three four', 9, '  ')).toBe('one two\n  three\n  four'));
  test('a word wider than the page stays whole', () => expect(block('a incomprehensible b', '  ', 8)).toBe('  a\n  incomprehensible\n  b'));
  test('numbers align at the right', () =>
    expect(
      table(
        [
          ['9', 'a'],
          ['10', 'b'],
        ],
        { right: [0] },
      ),
    ).toBe(' 9  a\n10  b'));

  test('wrapping loses no word', () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 });
    fc.assert(
      fc.property(
        words,
        fc.integer({ min: 1, max: 40 }),
        (w, width) => wrap(w.join(' '), width, '  ').split(/\s+/).join(' ') === w.join(' '),
      ),
    );
  });
});
