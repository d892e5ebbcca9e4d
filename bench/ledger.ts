/**
 * What a year costs to add up: rows folded a second, rows sealed a second, and a year of some instances read row by row and as sealed days,
 * which must come to the same micro-dollar. `npm run bench:ledger [instances]`
 * Each instance is stopped each evening and started each morning, and one in ten is stopped as idle once a month.
 */
import { LOOKBACK_DAYS } from '../shared/ledger/amounts.ts';
import { partition, rowKey } from '../shared/ledger/keys.ts';
import { closeMeter } from '../shared/ledger/meters.ts';
import { readStatement } from '../shared/ledger/read.ts';
import { seal } from '../shared/ledger/seal.ts';
import { statement } from '../shared/ledger/statement.ts';
import type { Baseline } from '../shared/model/baseline.ts';
import type { LedgerRow, MeterOpenedRow } from '../shared/model/ledger.ts';
import { usd } from '../shared/model/money.ts';
import type { Ledger } from '../shared/model/ports.ts';
import { addSeconds, DAY, floorTo, HOUR, type Instant, instant, utcDay } from '../shared/model/time.ts';

const INSTANCES = Number(process.argv[2] ?? 50);
const scope = { account: '111122223333', region: 'eu-west-1' };
const first = instant('2025-01-01T00:00:00Z');
const year = { start: first, end: addSeconds(first, 365 * DAY) };
const now = addSeconds(year.end, 40 * DAY);
const baseline: Baseline = {
  ...{ kind: 'measured', weeks: 4, runs: Array.from({ length: 168 }, (_, hour) => hour % 5), frozenAt: first },
  window: { start: addSeconds(first, -28 * DAY), end: first },
};

function meter(n: number, at: Instant, hours: number, of: MeterOpenedRow['class']): LedgerRow[] {
  const resource = { kind: 'instance', id: `i-${String(n).padStart(8, '0')}`, name: null, scope } as const;
  const opened: MeterOpenedRow = {
    ...{ kind: 'meter-opened', at, scope, meterId: `mtr-${n}-${at}`, resource, class: of, running: 0, changeId: `chg-${n}-${at}` },
    ...{ perHour: usd(0.0456 + (n % 7) / 100), priceSource: 'list price', billedAs: null, commitments: n % 3 === 0 ? 'unknown' : 'none' },
    ...{ addressPerHour: usd(0), addedCost: usd(0), baseline, policy: `policy-${n % 4}`, owner: `owner-${n % 10}`, team: `team-${n % 5}` },
  };
  const open = { meterId: opened.meterId, openedAt: at, resource };
  return [closeMeter(open, addSeconds(at, hours * HOUR), n % 20 === 0 ? 'started-by-someone' : 'started-by-us'), opened];
}

function* rowsOfDay(day: number): Generator<LedgerRow> {
  const midnight = addSeconds(first, day * DAY);
  for (let n = 0; n < INSTANCES; n++) {
    const away = n % 10 === 0 && Math.floor(day / 30) % 2 === 0;
    if (away && day % 30 === 0) yield* meter(n, addSeconds(midnight, 10 * HOUR), 20 * 24, 'idle-stop');
    if (!away || day % 30 >= 21) yield* meter(n, addSeconds(midnight, 18 * HOUR + n), 13, 'schedule');
  }
}

const days = new Map<string, LedgerRow[]>();
for (let day = -LOOKBACK_DAYS; day < 365; day++) days.set(partition(scope, addSeconds(first, day * DAY)), [...rowsOfDay(day)]);
const rows = [...days.values()].flat();

const timed = async <T>(what: string, work: () => T | Promise<T>, count?: number): Promise<T> => {
  const began = performance.now();
  const result = await work();
  const seconds = (performance.now() - began) / 1000;
  const rate = count === undefined ? '' : `${Math.round(count / seconds).toLocaleString('en-US')} rows/s`;
  console.log(`${what.padEnd(44)}${seconds.toFixed(2).padStart(8)} s  ${rate}`);
  return result;
};

console.log(`${INSTANCES} instances, a year: ${rows.length.toLocaleString('en-US')} rows`);
const whole = await timed('folded row by row', () => statement(rows, year, now), rows.length);

const sealed: LedgerRow[] = [];
await timed(
  'sealed, fourteen days at a time',
  () => {
    for (let day = 0; day < 365; day += 14) {
      const names = Array.from({ length: Math.min(14, 365 - day) }, (_, i) => utcDay(addSeconds(first, (day + i) * DAY)));
      const sealing = seal(scope, new Map(names.map(name => [name, 1])), now);
      for (let read = day - LOOKBACK_DAYS; read < day + names.length; read++)
        for (const row of days.get(partition(scope, addSeconds(first, read * DAY))) ?? []) sealing.add(row);
      sealed.push(...sealing.sealed());
    }
  },
  rows.length * (1 + LOOKBACK_DAYS / 14),
);
const bytes = Math.max(...sealed.map(row => JSON.stringify(row).length));

let asked = 0;
async function* those(found: readonly LedgerRow[]) {
  asked += found.length;
  yield* found;
}
const ledger: Ledger = {
  append: async () => false,
  lookUp: async () => ({ claimed: false, settled: null }),
  rows: (_, from) => those(days.get(partition(scope, floorTo(from, DAY))) ?? []),
  sealed: (_, from, to) => those(sealed.filter(row => row.kind === 'sealed' && utcDay(from) <= row.day && row.day < utcDay(to))),
  meter: (_, meterId) => those(rows.filter(row => 'meterId' in row && row.meterId === meterId)),
};
const read = await timed('the year from sealed days', () => readStatement(ledger, [scope], year, now));
console.log(
  `read: ${asked.toLocaleString('en-US')} rows instead of ${rows.length.toLocaleString('en-US')}; the largest sealed day is ${bytes.toLocaleString('en-US')} bytes`,
);

const figures = ({ total, byClass, byPolicy, byOwner, byTeam, byAccount, events }: typeof read) =>
  JSON.stringify([total, byClass, byPolicy, byOwner, byTeam, byAccount, events]);
if (figures(read) !== figures(whole)) {
  console.error('the sealed year is not the year');
  process.exitCode = 1;
} else console.log(`the same to the micro-dollar: ${read.total.money?.total.low} to ${read.total.money?.total.high}`);
if (new Set(sealed.map(row => rowKey(row).sk)).size !== 365) process.exitCode = 1;
