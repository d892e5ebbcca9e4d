/** Rows folded into a page's data, as runtime folds them; a small week with names that somebody wrote to do harm, and a large year. */
import type { Baseline } from '../../shared/model/baseline.ts';
import type { LedgerRow } from '../../shared/model/ledger.ts';
import { usd } from '../../shared/model/money.ts';
import { addSeconds, DAY, HOUR, type Instant, instant, type Window } from '../../shared/model/time.ts';
import { wallMinuteAt } from '../../shared/policy/wall-clock.ts';
import type { PageData } from '../../shared/report/page/data.ts';
import { type PageInput, page } from '../../shared/report/page/fold.ts';
import { type Summary, summarise } from '../../shared/report/summary.ts';
import { daysIn } from '../../shared/runtime/paging.ts';
import { box, change, fleet, scope } from './plans.ts';
import { everyReason } from './reasons.ts';
import { digest, meter, settled, week, weekRows } from './week.ts';

export const folded = (
  rows: readonly LedgerRow[],
  {
    window = week,
    zone = 'UTC',
    at = window.end,
    asked = [],
    still = null,
  }: Partial<Pick<PageInput, 'window' | 'zone' | 'at' | 'asked'> & Pick<Summary, 'still'>> = {},
): PageData => {
  const summary = summarise({ window, at, scopes: [scope], left: [digest], still, rows });
  const folding = page({
    window,
    at,
    zone,
    wallMinute: instant => wallMinuteAt(zone, instant),
    days: daysIn(window, zone),
    summary,
    asked,
  });
  for (const row of rows) folding.add(row);
  return folding.data();
};

/** Markup, the end of a script, a line that runs from right to left, and as long as EC2 lets a tag be. */
export const EVIL = {
  name: '<img src=x onerror="document.title=\'owned\'">',
  owner: '</script><script>document.title="owned"</script>',
  team: `\u202Eevil\u202C${'x'.repeat(256)}`,
  policy: '=HYPERLINK("http://evil.example/","click")',
} as const;

const thursday = instant('2025-05-15T17:00:00Z');
const evilBox = box(9, EVIL.name);
export const evilRows: LedgerRow[] = [
  ...settled(
    change({ id: 'chg-evil', resource: evilBox, policy: EVIL.policy, owner: EVIL.owner, causeAt: thursday }),
    thursday,
    'failed',
    EVIL.owner,
  ),
  ...meter('mtr-evil', evilBox, thursday, addSeconds(thursday, 12 * HOUR), {
    ...{ class: 'schedule', policy: EVIL.policy, owner: EVIL.owner, team: EVIL.team, changeId: 'chg-evil' },
  }),
];

/** The week, whose meters have teams and name the changes that opened them. */
export const weekOfTeams: LedgerRow[] = weekRows.map(row => {
  if (row.kind !== 'meter-opened') return row;
  const day = /^mtr-s(\d)$/.exec(row.meterId)?.[1];
  return { ...row, team: row.policy === 'web' ? 'storefront' : 'payroll', ...(day !== undefined && { changeId: `chg-stop-${day}` }) };
});

const START = instant('2024-05-20T00:00:00Z');
const office: Baseline = {
  kind: 'measured',
  weeks: 4,
  runs: new Array(168).fill(4),
  window: { start: addSeconds(START, -28 * DAY), end: START },
  frozenAt: START,
};

/** A year of evenings: boxes of twenty teams that are stopped and started, and a fleet that is resized. */
export function largeYear(actions: number): { readonly rows: LedgerRow[]; readonly window: Window; readonly at: Instant } {
  const rows: LedgerRow[] = [];
  const days = 365;
  const boxes = Math.ceil(actions / (2.5 * days));
  for (let n = 0; n < Math.round(actions / 2.5); n++) {
    const [day, one] = [n % days, Math.floor(n / days) % boxes];
    const resource = box(one, `team-${one % 20}-box-${one}`);
    const evening = addSeconds(START, day * DAY + 17 * HOUR + one);
    const morning = addSeconds(evening, 12 * HOUR);
    const whose = { resource, policy: `dev-${one % 5}`, owner: `owner-${one % 40}@example.com` };
    const stop = change({ ...whose, id: `chg-${n}-stop-0123456789`, causeAt: evening });
    const start = change({
      ...whose,
      id: `chg-${n}-start-0123456789`,
      causeAt: morning,
      action: { kind: 'start-instance' },
      because: everyReason['on-hours'],
    });
    rows.push(...settled(stop, evening, 'done'), ...settled(start, morning, n % 97 === 0 ? 'failed' : 'done'));
    rows.push(
      ...meter(`mtr-${n}`, resource, evening, morning, {
        class: 'schedule',
        baseline: office,
        ...whose,
        team: `team-${one % 20}`,
        changeId: stop.id,
      }),
    );
    if (n % 2 === 0) {
      const size = 3 + (n % 7);
      const resize = change({
        id: `chg-${n}-size-0123456789`,
        resource: fleet('web-asg'),
        causeAt: evening,
        action: { kind: 'set-desired-capacity', desiredCapacity: size },
        because: everyReason['above-target'],
        policy: 'web',
      });
      rows.push(...settled(resize, addSeconds(evening, n % 3600), 'done'));
    }
  }
  for (let day = 0; day < days; day++) {
    const from = addSeconds(START, day * DAY);
    rows.push(
      ...meter(
        `mtr-f${day}`,
        fleet('web-asg'),
        from,
        addSeconds(from, DAY),
        {
          class: 'scale-in',
          running: 3 + (day % 5),
          policy: 'web',
          owner: 'web@example.com',
          team: 'web',
          perHour: usd(0.107),
          baseline: office,
        },
        'day-ended',
      ),
    );
  }
  const window = { start: START, end: addSeconds(START, days * DAY) };
  return { rows, window, at: window.end };
}
