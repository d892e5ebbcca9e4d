/** The worked examples of docs/calculations.md as ledger rows. The arithmetic stands beside each; nothing here is computed by the ledger. */
import type { Baseline } from '../../shared/model/baseline.ts';
import type { LedgerRow, MeterClosedRow, MeterOpenedRow, OwnCostRow } from '../../shared/model/ledger.ts';
import { usd } from '../../shared/model/money.ts';
import { addSeconds, DAY, HOUR, type Instant, instant, type Window, within } from '../../shared/model/time.ts';

export const at = (text: string): Instant => instant(text);
export const scope = { account: '111122223333', region: 'us-east-1' };
export const box = { kind: 'instance', id: 'i-0a1b2c3d4e5f60718', name: 'payroll-test', scope } as const;
export const fleet = { kind: 'auto-scaling-group', id: 'web-asg', name: 'web-asg', scope } as const;

/** `runs` in every hour of `weeks` weeks. */
export const ran = (runs: number, weeks: number): Baseline => ({
  kind: 'measured',
  weeks,
  runs: new Array(168).fill(runs),
  window: { start: at('2025-06-01T00:00:00Z'), end: addSeconds(at('2025-06-01T00:00:00Z'), weeks * 7 * DAY) },
  frozenAt: at('2025-07-30T00:00:00Z'),
});

export const unknownBaseline: Baseline = { kind: 'unknown', why: 'no-metrics', frozenAt: at('2025-07-30T00:00:00Z') };

export const opened = (meterId: string, from: Instant, rest: Partial<MeterOpenedRow> = {}): MeterOpenedRow => ({
  kind: 'meter-opened',
  at: from,
  scope,
  meterId,
  resource: box,
  class: 'schedule',
  running: 0,
  perHour: usd(0.096),
  priceSource: 'list price of 2025-04-04 (table)',
  billedAs: null,
  commitments: 'none',
  addressPerHour: usd(0),
  addedCost: usd(0),
  baseline: ran(4, 4),
  changeId: `chg-${meterId}`,
  policy: 'dev-test',
  owner: 'team-a@example.com',
  team: null,
  ...rest,
});

export const closed = (meter: MeterOpenedRow, to: Instant, why: MeterClosedRow['why'] = 'started-by-us'): MeterClosedRow => ({
  kind: 'meter-closed',
  at: to,
  scope: meter.scope,
  meterId: meter.meterId,
  openedAt: meter.at,
  resource: meter.resource,
  why,
});

export interface Example {
  readonly rows: readonly LedgerRow[];
  readonly window: Window;
  readonly at: Instant;
}

/** A month of 730 h, from a Thursday 11:00 to a Saturday 21:00 UTC: 217 h within weekdays 08:00–18:00 (7 + 21 × 10), so 513 h outside. */
export const month: Window = { start: at('2025-07-31T11:00:00Z'), end: at('2025-08-30T21:00:00Z') };

/** Stopped at 18:00 of every weekday and started at 08:00 of the next; the last weekend's meter is still open when the month ends. */
function nights(terms: Partial<MeterOpenedRow>): Example {
  const rows: LedgerRow[] = [];
  for (let day = at('2025-07-31T00:00:00Z'); day < month.end; day = addSeconds(day, DAY)) {
    const weekday = new Date(day).getUTCDay();
    if (weekday === 0 || weekday === 6) continue;
    const meter = opened(`mtr-${day}`, addSeconds(day, 18 * HOUR), terms);
    const wake = addSeconds(day, (weekday === 5 ? 3 : 1) * DAY + 8 * HOUR);
    rows.push(meter);
    if (within(month, wake)) rows.push(closed(meter, wake));
  }
  return { rows, window: month, at: month.end };
}

/** A fleet of 4 that had 4 at every hour: 30 nights of 10 h with 2, and bursts of 20 h in all with 7. */
function fleetMonth(terms: Partial<MeterOpenedRow> = {}): Example {
  const rows: LedgerRow[] = [];
  const hold = (from: Instant, hours: number, running: number) => {
    const meter = opened(`mtr-${from}`, from, { resource: fleet, class: 'scale-in', baseline: ran(16, 4), running, ...terms });
    rows.push(meter, closed(meter, addSeconds(from, hours * HOUR), 'size-changed'));
  };
  const start = at('2025-09-01T00:00:00Z');
  for (let day = 0; day < 30; day++) {
    hold(addSeconds(start, day * DAY), 10, 2);
    if (day < 10) hold(addSeconds(start, day * DAY + 12 * HOUR), 2, 7);
  }
  const window = { start, end: addSeconds(start, 30 * DAY) };
  return { rows, window, at: window.end };
}

/** One night after a build that borrowed all the CPU credits it could. */
function lent(): Example {
  const start = at('2025-09-01T17:00:00Z');
  const window = { start, end: addSeconds(start, 14 * HOUR) };
  const meter = opened('mtr-lent', start, { perHour: usd(0.0416), addedCost: usd(0.48) });
  return { rows: [meter, closed(meter, window.end)], window, at: window.end };
}

/** Beside a month of nights: 40 metrics every 5 minutes for 30 days at $0.01 a thousand. */
function counted(): Example {
  const month = nights({ addressPerHour: usd(0.005) });
  const day = '2025-08-29';
  const own: OwnCostRow = {
    ...{ kind: 'own-cost', at: at('2025-08-30T09:00:00Z'), scope, day, function: 'stop-start-instances' },
    ...{ used: { 'metrics-read': 345_600 }, cost: usd(3.456), priceSource: 'list prices of 2025-04' },
  };
  return { ...month, rows: [...month.rows, own] };
}

/** Stopped as idle and forgotten for a year. */
function forgotten(): Example {
  const start = at('2025-01-10T09:30:00Z');
  const window = { start, end: addSeconds(start, 365 * DAY) };
  return { rows: [opened('mtr-forgotten', start, { class: 'idle-stop' })], window, at: window.end };
}

export const examples = {
  // 513 h × 1 expected × ($0.096 + $0.005 for its public address) = $49.248 + $2.565 = $51.813
  A: nights({ addressPerHour: usd(0.005) }),
  // the same, all of it paid for by a Savings Plan: the address alone is sure. 513 × $0.005 = $2.565
  B: nights({ addressPerHour: usd(0.005), commitments: { covered: 10_000, source: 'Cost Explorer, 2025-07-01 to 2025-07-30' } }),
  // owners had it off in 60 % of these hours already: it ran in 2 of 5 weeks. 513 × 0.4 × $0.096 = $19.6992
  C: nights({ baseline: ran(2, 5) }),
  // t3.medium in sa-east-1 at its Windows rate, not at Linux's $0.0672. 513 × $0.0856 = $43.9128
  D: nights({ perHour: usd(0.0856) }),
  // t3.medium, unlimited: 14 h × $0.0416 = $0.5824; 576 surplus credits are 9.6 vCPU-hours × $0.05 = $0.48, charged at the stop
  E: lent(),
  // 30 days × 24 h × $0.096 = $69.12, and not 8,760 h × $0.096 = $840.96
  F: forgotten(),
  // (30 × 10 × (4 − 2) − 20 × (7 − 4)) × $0.096 = (600 − 60) × $0.096 = $51.84
  G: fleetMonth(),
  // 40 × 12 × 24 × 30 = 345,600 metrics × $0.01 / 1,000 = $3.456
  H: counted(),
  // A, where a Savings Plan may have paid for the hours already: from $0
  'A, commitments unknown': nights({ commitments: 'unknown' }),
  // G, likewise: of the hours saved perhaps nothing, of the hours added everything. −60 × $0.096 = −$5.76
  'G, commitments unknown': fleetMonth({ commitments: 'unknown' }),
  // A without a price, and without a baseline: hours alone
  'A, price unknown': nights({ perHour: null, priceSource: null }),
  'A, baseline unknown': nights({ baseline: unknownBaseline }),
} as const satisfies Record<string, Example>;
