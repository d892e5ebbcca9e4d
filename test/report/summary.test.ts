import { describe, expect, test } from '@jest/globals';
import type { LedgerRow, MeterOpenedRow } from '../../shared/model/ledger.ts';
import { usd } from '../../shared/model/money.ts';
import type { ActionKind, Change } from '../../shared/model/plan.ts';
import { addSeconds, DAY, HOUR, type Instant, instant, WEEK } from '../../shared/model/time.ts';
import { ownership } from '../../shared/report/audiences.ts';
import { summarySpeech } from '../../shared/report/slack-blocks.ts';
import { stillCosts } from '../../shared/report/still-costs.ts';
import { summarise } from '../../shared/report/summary.ts';
import { summaryText } from '../../shared/report/summary-text.ts';
import { changedPhrase, headline, isQuiet, proposedPhrase } from '../../shared/report/summary-words.ts';
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

/** What a summary says of one that was done, and of one that was only proposed. */
const DEEDS: Readonly<Record<ActionKind, readonly [done: string, proposed: string]>> = {
  'start-instance': ['started 1', 'start 1'],
  'stop-instance': ['stopped 1', 'stop 1'],
  'modify-instance-type': ['changed 1 type', 'change 1 type'],
  'set-desired-capacity': ['resized once (0 out, 0 in)', 'resize once'],
  'set-min-size': ['set 1 floor', 'set 1 floor'],
  'set-sizes': ['1 fleet put to sleep or brought back', 'resize 1 fleet for off-hours'],
  'set-environment-min-size': ['set 1 floor', 'set 1 floor'],
  'pause-environment': ['paused 1 environment', 'pause 1 environment'],
  'resume-environment': ['ended 1 pause', 'end 1 pause'],
  'create-tags': ['tagged 1', 'tag 1'],
  'delete-tags': ['cleared 1 mark', 'clear 1 mark'],
  'replace-tags': ['tagged 1', 'tag 1'],
  'tag-group': ['tagged 1', 'tag 1'],
  'tag-environment': ['tagged 1', 'tag 1'],
};

test.each(Object.entries(DEEDS))('%s is told when it was done, and when it would have been', (kind, [done, would]) => {
  const nothing = summarise({ rows: [], window: week, at });
  expect(changedPhrase({ ...nothing, done: { [kind]: 1 } })).toBe(done);
  expect(proposedPhrase({ ...nothing, proposed: { [kind]: 1 } })).toContain(`would ${would} `);
});

describe('what a week says besides', () => {
  const whole = (rows: readonly LedgerRow[], more = {}) => summarise({ rows, window: week, at, scopes: [scope], ...more });
  const slept = (id: string, from: Instant, hours: number, how: Partial<MeterOpenedRow> = {}) =>
    meter(id, box(1), from, addSeconds(from, hours * HOUR), { class: 'schedule', commitments: 'none', owner: 'payments', ...how });

  test('our own cost is subtracted, and said; where no day is on record it is not $0', () => {
    const cost = {
      kind: 'own-cost',
      at: addSeconds(monday, DAY),
      scope,
      day: '2025-05-12',
      function: 'dispatch',
      used: { 'metrics-asked': 100 },
      priceSource: 'list prices of 2025',
    } as const;
    const rows = slept('m', monday, 100); // $10.70
    expect(headline(whole([...rows, { ...cost, cost: usd(0.7) } as LedgerRow]))).toBe('$10.00 saved, 100 h avoided');
    expect(summaryText(whole([...rows, { ...cost, cost: usd(0.7) } as LedgerRow]))).toMatch(/Our own cost +\$0\.70 of 1 day, subtracted/);
    const days = [12, 13, 14, 15, 16, 17, 18].map(n => ({ ...cost, day: `2025-05-${n}`, cost: usd(0.1) }) as LedgerRow);
    expect(summaryText(whole([...rows, ...days]))).toMatch(/Our own cost +\$0\.70, subtracted/);
    expect(summaryText(whole(rows))).toMatch(/Our own cost +not on record/);
  });

  test.each([
    [60, '↗'],
    [40, '→'],
    [30, '↘'],
  ])('%s hours against a usual week of 40 stand as %s', (hours, arrow) => {
    const before = [1, 2, 3, 4].flatMap(n => slept(`b${n}`, addSeconds(monday, -n * WEEK), 40));
    expect(summaryText(whole([...before, ...slept('now', monday, hours)]))).toContain(`payments ${arrow}: `);
  });

  test('a house of a fortnight has no usual week of four, but one of two; one of a day has none', () => {
    const before = [1, 2].flatMap(n => slept(`b${n}`, addSeconds(monday, -n * WEEK), 40));
    expect(whole([...before, ...slept('now', monday, 40)]).byTeam[0]?.trend).toBe('level');
    expect(whole([...slept('b', addSeconds(monday, -DAY), 10), ...slept('now', monday, 40)]).byTeam[0]?.trend).toBeNull();
  });

  test('what the bill found since is said, each meter once by its latest word', () => {
    const corrected = (meterId: string, revision: number, finding: string) =>
      ({
        ...{ kind: 'meter-corrected', at: addSeconds(monday, DAY), scope, meterId, openedAt: monday, resource: box(1), revision, finding },
        ...{ perHour: null, covered: null, source: 'bill of 2025-05', detail: null },
      }) as LedgerRow;
    const rows = [
      ...slept('a', monday, 10),
      ...slept('b', monday, 10),
      corrected('a', 1, 'adjusted'),
      corrected('a', 2, 'reversed'),
      corrected('b', 1, 'verified'),
    ];
    expect(whole(rows).corrections).toEqual({ verified: 1, adjusted: 0, reversed: 1 });
    expect(summaryText(whole(rows)).replaceAll(/\s+/g, ' ')).toContain('the bill has verified 1, reversed 1 of the claims before');
  });

  test('what stopped machines cost on is said in dollars a week, the unknown as unknown, and in no saving', () => {
    // 100 GiB gp3 at $8.00 a month (730 h): 8 × 168 ÷ 730 = $1.84 a week. Two addresses: 2 × 168 × $0.005 = $1.68.
    const gp3 = { type: 'gp3', gib: 100, iops: 3_000, throughput: 125 };
    const still = stillCosts([{ disks: [gp3, { ...gp3, type: 'odd', gib: 20 }], elasticIps: 2 }, null, { disks: [], elasticIps: 0 }], {
      disk: ({ type }) => (type === 'gp3' ? { perMonth: usd(8), source: 'list price of 2025-04-04 (table)' } : null),
      address: { perHour: usd(0.005), source: 'list price of 2024-02-01 (public IPv4)' },
    });
    expect(still).toMatchObject({
      machines: 3,
      unread: 1,
      gib: 120,
      disksPerWeek: usd(1.841096),
      unpriced: 1,
      addressesPerWeek: usd(1.68),
    });
    const said = summaryText(whole(slept('m', monday, 10), { still })).replaceAll(/\s+/g, ' ');
    expect(said).toContain(
      '3 stopped instances: 120 GiB of EBS $1.84 a week, 1 volume at a price that is not known, 2 Elastic IPs $1.68 a week',
    );
    expect(whole(slept('m', monday, 10), { still }).net).toEqual(whole(slept('m', monday, 10)).net);
  });

  test('proposals that still stand wait for a yes, what saves most first; what was done since does not', () => {
    const proposal = (n: number, high: number) =>
      change({
        id: `chg-p${n}`,
        mode: 'plan',
        resource: box(n),
        saving: { ...change({}).saving, money: { low: usd(0), high: usd(high) } } as Change['saving'],
      });
    const rows: LedgerRow[] = [
      ...[proposal(1, 1), proposal(2, 5), proposal(3, 3)].map((one): LedgerRow => ({ kind: 'proposed', at: monday, scope, change: one })),
      ...settled(
        change({ id: 'chg-done', resource: box(3), causeAt: addSeconds(proposal(3, 3).causeAt, HOUR) }),
        addSeconds(monday, 3 * DAY),
        'done',
      ),
    ];
    expect(whole(rows).proposals.map(({ resource }) => resource.id)).toEqual([box(2).id, box(1).id]);
    const [button] = summarySpeech(whole(rows)).spoken.buttons;
    expect(button).toMatchObject({ label: 'Approve 2 proposals…', ask: { do: 'choose', wish: 'approve' } });
  });
});

test('each row is somebody’s: those without an owner of their own belong to the change, the meter or the machine they speak of', () => {
  const owned = ownership();
  const mine = change({ owner: 'ana', team: 'payments' });
  const opened = meter('m', box(2), monday, addSeconds(monday, HOUR), { class: 'schedule', owner: 'ben', team: 'lab' });
  const rows = [
    ...settled(mine, monday, 'done'),
    ...opened,
    { kind: 'noted', at: monday, scope, resource: box(2), what: 'started-by-someone', detail: null } as const,
  ];
  for (const row of rows.toReversed()) owned.add(row);
  expect(rows.map(row => [owned.isOf(row, { owner: 'ana' }), owned.isOf(row, { team: 'lab' })])).toEqual([
    [true, false],
    [true, false],
    [false, true],
    [false, true],
    [false, true],
  ]);
});
