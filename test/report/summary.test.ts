import { describe, expect, test } from '@jest/globals';
import { usd } from '../../shared/model/money.ts';
import { addSeconds, DAY, HOUR, instant } from '../../shared/model/time.ts';
import { summarise } from '../../shared/report/summary.ts';
import { summaryText } from '../../shared/report/summary-text.ts';
import { headline, isQuiet } from '../../shared/report/summary-words.ts';
import { box, change, fleet, scope } from './plans.ts';
import { digest, meter, monday, settled, week, weekRows } from './week.ts';

const at = instant('2025-05-19T07:00:00Z');
const summary = summarise({ rows: weekRows, window: week, at, scopes: [scope], left: [digest] });
const text = summaryText(summary, { zone: 'Europe/Berlin' });

describe('the week of the worked example', () => {
  // Off-hours: 4 nights × 12 h × $0.107 = $5.136, low 0 (commitments unknown). Idle: 40 min × $0.107 = $0.0713, low 0.
  // Fleet (no commitments): 24 h × (4 − 3) + 4 h × (4 − 9) = 24 − 20 = 4 h × $0.107 = $0.428.
  test('comes to the range that the arithmetic gives, its low bound first', () => {
    expect(summary.total.money?.total).toEqual({ low: usd(0.428), high: usd(5.136 + 0.071333 + 0.428) });
    expect(headline(summary)).toBe('at least $0.43 saved (up to $5.64), 52.7 h avoided, 2 failures');
  });

  test('shows the hours of a box without a baseline as unknown, never as $0', () => {
    expect(text).toMatch(/Of unknown worth +79 h/);
    expect(text).toContain('lab@example.com: 79 h of unknown worth');
  });

  test('keeps negative hours in: four hours at nine instead of four took twenty from the fleet', () => {
    expect(text).toContain('Fleets: $0.43, 4 h');
  });

  test('tells failures first, together, with AWS’s words and the owner', () => {
    expect(text.indexOf('Failed')).toBeLessThan(text.indexOf('Where from'));
    expect(text).toMatch(/gpu-lab \(i-0+7\): start failed 2 times: InsufficientInstanceCapacity: no m5.large\s+in eu-west-1a/);
  });

  test('says what was done, what people did, and what mode plan only proposed', () => {
    expect(text).toContain('Stopped 4, resized 2 times (1 out, 1 in).');
    expect(text).toContain('Started 1.');
    expect(text).toContain('Would stop 2 (qa; counted as $0).');
  });

  test('says the friction', () => expect(text).toContain('wanted back 40 minutes after we stopped it'));

  test('says why the numbers can be trusted, and what is not in them', () => {
    const flat = text.replaceAll(/\s+/g, ' ');
    expect(flat).toContain('Baseline: 7 of 8 meters against the weeks measured before enrolment; the others show hours only.');
    expect(flat).toContain('Prices: list price of 2025-04-04 (table).');
    expect(flat).toContain('EBS volumes and Elastic IPs of the 3 sleeping instances cost on and are not in these figures.');
    expect(flat).toContain('As of Mon 19 May 09:00 (Europe/Berlin).');
  });

  test('does not depend on the order of the rows', () => {
    expect(summarise({ rows: weekRows.toReversed(), window: week, at, scopes: [scope], left: [digest] })).toEqual(summary);
  });
});

describe('a summary is honest at the edges', () => {
  const day = { start: monday, end: addSeconds(monday, DAY) };

  test('more ran than before us: the loss is the headline', () => {
    const rows = meter('m', fleet('web'), monday, addSeconds(monday, 10 * HOUR), { class: 'scale-in', running: 3, commitments: 'none' });
    const loss = summarise({ rows, window: day, at: day.end });
    expect(headline(loss)).toBe('−$2.14 net, −20 h avoided');
    expect(summaryText(loss)).toContain('−20 h (more ran than before us)');
  });

  test('only unknown worth: money is unknown, not $0', () => {
    const rows = meter('m', box(1), monday, null, { class: 'schedule', perHour: null, priceSource: null });
    const unpriced = summarise({ rows, window: day, at: day.end });
    expect(headline(unpriced)).toBe('savings of unknown worth, 24 h avoided');
    expect(summaryText(unpriced)).not.toMatch(/\$\d/);
  });

  test('the day before stands beside the day', () => {
    const rows = meter('m', box(1), monday, addSeconds(monday, 30 * HOUR), { class: 'schedule', commitments: 'none' });
    const next = summarise({ rows, window: { start: day.end, end: addSeconds(day.end, DAY) }, at: addSeconds(day.end, DAY) });
    expect(summaryText(next)).toMatch(/Saved, net +\$0\.64/);
    expect(summaryText(next)).toMatch(/The day before +\$2\.57, 24 h/);
  });

  test('what happened after `at` is not told yet', () => {
    const early = summarise({ rows: weekRows, window: week, at: addSeconds(monday, 4 * DAY) });
    expect(early.failures).toEqual([]);
  });

  test('a failure whose claim was made just before the window keeps its name', () => {
    const before = addSeconds(monday, -1);
    const rows = settled(change({ causeAt: before }), before, 'failed', 'RequestLimitExceeded');
    expect(summarise({ rows, window: day, at: day.end }).failures).toMatchObject([{ resource: { name: 'payroll-test' }, times: 1 }]);
  });

  test('nothing at all is quiet; one proposal, failure or act of people is not', () => {
    expect(isQuiet(summarise({ rows: [], window: day, at: day.end }))).toBe(true);
    expect(summaryText(summarise({ rows: [], window: day, at: day.end }))).toContain('Nothing to report');
    const noted = { kind: 'noted', at: monday, scope, resource: box(1), what: 'stopped-by-someone', detail: null } as const;
    expect(isQuiet(summarise({ rows: [noted], window: day, at: day.end }))).toBe(false);
  });
});
