/** A week of ledger rows: a box on a schedule, an idle one, one without a price, a fleet, failures, friction, people, mode plan. */
import type { Baseline } from '../../shared/model/baseline.ts';
import type { ResourceRef } from '../../shared/model/ids.ts';
import type { LedgerRow, MeterOpenedRow, SavingClass } from '../../shared/model/ledger.ts';
import { usd } from '../../shared/model/money.ts';
import type { LeftDigest, Notice } from '../../shared/model/notice.ts';
import type { Change } from '../../shared/model/plan.ts';
import type { Outcome } from '../../shared/model/receipt.ts';
import { addSeconds, DAY, HOUR, type Instant, instant, MINUTE } from '../../shared/model/time.ts';
import { box, change, fleet, scope } from './plans.ts';
import { everyReason } from './reasons.ts';

export const monday = instant('2025-05-12T00:00:00Z');
export const week = { start: monday, end: addSeconds(monday, 7 * DAY) };
const at = (day: number, hour: number, minute = 0) => addSeconds(monday, day * DAY + hour * HOUR + minute * MINUTE);

export const always: Baseline = {
  kind: 'measured',
  weeks: 4,
  runs: new Array(168).fill(4),
  window: { start: addSeconds(monday, -28 * DAY), end: monday },
  frozenAt: monday,
};
const unknown: Baseline = { kind: 'unknown', why: 'no-metrics', frozenAt: monday };

export function meter(
  id: string,
  resource: ResourceRef,
  from: Instant,
  to: Instant | null,
  how: Partial<MeterOpenedRow> & { class: SavingClass },
  why: 'started-by-us' | 'started-by-someone' | 'day-ended' = 'started-by-us',
): LedgerRow[] {
  const opened: MeterOpenedRow = {
    kind: 'meter-opened',
    at: from,
    scope,
    meterId: id,
    resource,
    running: 0,
    perHour: usd(0.107),
    priceSource: 'list price of 2025-04-04 (table)',
    billedAs: null,
    commitments: 'unknown',
    addressPerHour: usd(0),
    addedCost: usd(0),
    baseline: always,
    changeId: null,
    policy: 'dev-test',
    owner: 'payroll@example.com',
    team: how.owner === undefined ? 'payroll@example.com' : how.owner, // as a meter is opened where there is no team tag
    ...how,
  };
  return to === null ? [opened] : [opened, { kind: 'meter-closed', at: to, scope, meterId: id, openedAt: from, resource, why }];
}

export function settled(of: Change, when: Instant, outcome: Outcome, detail: string | null = null): LedgerRow[] {
  return [
    { kind: 'claimed', at: when, scope, change: of },
    { kind: 'settled', at: addSeconds(when, 2), scope, changeId: of.id, causeAt: of.causeAt, outcome, requestId: 'req-1', detail },
  ];
}

const start = (n: number) =>
  change({ id: `chg-start-${n}`, action: { kind: 'start-instance' }, resource: box(n, 'gpu-lab'), owner: 'lab@example.com' });
const resize = (n: number, from: number, to: number) =>
  change({
    id: `chg-resize-${n}`,
    resource: fleet('web-asg'),
    action: { kind: 'set-desired-capacity', desiredCapacity: to },
    expects: { desiredCapacity: from },
    because: everyReason['above-target'],
    policy: 'web',
    owner: null,
  });

export const weekRows: LedgerRow[] = [
  ...[0, 1, 2, 3].flatMap(day => meter(`mtr-s${day}`, box(1, 'payroll-test'), at(day, 17), at(day + 1, 5), { class: 'schedule' })),
  ...[0, 1, 2, 3].flatMap(day => settled(change({ id: `chg-stop-${day}`, causeAt: at(day, 17) }), at(day, 17), 'done')),
  ...meter('mtr-idle', box(2, 'ci-runner-7'), at(2, 10), at(2, 10, 40), { class: 'idle-stop', owner: null }, 'started-by-someone'),
  ...meter('mtr-odd', box(5, 'exotic'), at(3, 17), null, { class: 'schedule', baseline: unknown, owner: 'lab@example.com' }),
  ...meter(
    'mtr-f',
    fleet('web-asg'),
    at(1, 0),
    at(2, 0),
    {
      class: 'scale-in',
      running: 3,
      baseline: { ...always, runs: new Array(168).fill(16) },
      policy: 'web',
      owner: null,
      commitments: 'none',
    },
    'day-ended',
  ),
  ...meter(
    'mtr-g',
    fleet('web-asg'),
    at(3, 12),
    at(3, 16),
    {
      class: 'scale-in',
      running: 9,
      baseline: { ...always, runs: new Array(168).fill(16) },
      policy: 'web',
      owner: null,
      commitments: 'none',
    },
    'day-ended',
  ),
  ...settled(resize(1, 6, 9), at(3, 12), 'done'),
  ...settled(resize(2, 9, 4), at(3, 16), 'done'),
  ...settled(start(7), at(4, 5), 'failed', 'InsufficientInstanceCapacity: no m5.large in eu-west-1a'),
  ...settled({ ...start(7), id: 'chg-start-7b' }, at(4, 5, 5), 'failed', 'InsufficientInstanceCapacity: no m5.large in eu-west-1a'),
  { kind: 'noted', at: at(2, 10, 40), scope, resource: box(2, 'ci-runner-7'), what: 'started-by-someone', detail: null },
  { kind: 'proposed', at: at(2, 9), scope, change: change({ id: 'chg-p1', mode: 'plan', policy: 'qa' }) },
  { kind: 'proposed', at: at(2, 9), scope, change: change({ id: 'chg-p2', mode: 'plan', policy: 'qa' }) },
];

export const digest: LeftDigest = {
  at: at(6, 23),
  groups: [
    { code: 'in-use', count: 6, examples: [{ resource: box(20, 'api-0'), because: everyReason['in-use'] }] },
    { code: 'asleep', count: 3, examples: [{ resource: box(1, 'payroll-test'), because: everyReason.asleep }] },
    { code: 'thin-data', count: 1, examples: [{ resource: box(32), because: everyReason['thin-data'] }] },
    { code: 'stop-protected', count: 1, examples: [{ resource: box(33, 'vault'), because: everyReason['stop-protected'] }] },
  ],
};

const lines = (outcome: Outcome, action: string, ...boxes: ResourceRef[]) =>
  boxes.map(resource => ({
    resource,
    action,
    because: everyReason['off-hours'],
    outcome,
    detail: outcome === 'done' ? null : 'IncorrectInstanceState',
    owner: 'payroll@example.com',
  }));

const idleWarning: Extract<Notice, { kind: 'idle-warning' }> = {
  ...{ kind: 'idle-warning', at: at(2, 16, 30), resource: box(1, 'payroll-test'), because: everyReason.idle, stopsAt: at(2, 17, 30) },
  ...{ unanswered: 'stop', owner: 'payroll@example.com', saving: change({}).saving, losing: ['public-ipv4', 'memory'] },
};

export const notices: Exclude<Notice, { kind: 'summary' }>[] = [
  {
    kind: 'changes',
    at: at(2, 17),
    scope,
    pen: 'stop-start-instances',
    lines: [...lines('done', 'stop', box(1, 'payroll-test'), box(8, 'crm-dev'), box(9)), ...lines('refused', 'stop', box(10, 'vault'))],
  },
  {
    kind: 'start-failing',
    at: at(4, 5),
    resource: box(7, 'gpu-lab'),
    owner: 'lab@example.com',
    attempts: 2,
    why: 'InsufficientInstanceCapacity: no m5.large in eu-west-1a',
    nextAt: at(4, 5, 10),
  },
  {
    ...{ kind: 'launch-failing', at: at(4, 5), resource: { ...box(12), kind: 'auto-scaling-group', id: 'web', name: 'web' }, owner: null },
    ...{ why: 'We currently do not have sufficient m5.large capacity.', missing: 3, desiredCapacity: 7 },
  },
  {
    ...{
      kind: 'launch-recovered',
      at: at(4, 6),
      resource: { ...box(12), kind: 'auto-scaling-group', id: 'web', name: 'web' },
      owner: 'web',
    },
    ...{ why: 'We currently do not have sufficient m5.large capacity.', since: at(4, 5) },
  },
  {
    ...{ kind: 'proposal', at: at(4, 7), owner: 'shop@example.com', what: 'trigger' },
    resource: { ...box(12), kind: 'beanstalk-environment', id: 'e-abcdefghij', name: 'shop-dev' },
  },
  { kind: 'checks-failing', at: at(4, 7), resource: box(3), owner: 'qa', startedAt: at(4, 6), failing: 'impaired' },
  {
    ...{ kind: 'proposal', at: at(4, 8), resource: box(3), owner: null, what: 'resize', fromType: 'm5.xlarge', toType: 'm5.large' },
    evidence: {
      ...{ days: 14, hours: 120, cpuMax: 31.2, cpuAfter: 62.4, memoryMax: null, memoryAfter: null, perHour: usd(0.107) },
      priceSource: 'list price of 2025-04-04 (table)',
    },
  },
  { kind: 'breaker', at: at(4, 5), scope, pen: 'stop-start-instances', policy: 'dev-test', touched: 9, of: 12, share: 0.5 },
  idleWarning,
  {
    kind: 'bad-tag',
    at: at(4, 6),
    resource: box(2),
    owner: 'qa',
    tag: 'ebb:schedule',
    value: 'offcie-hours',
    remedy: 'did you mean "office-hours"?',
  },
  {
    kind: 'over',
    at: at(4, 6),
    notes: ['schedules.yml: the override running (release weekend) ended 2025-05-18; remove it from office-hours'],
  },
  { kind: 'keep-over', at: at(4, 6), resource: box(2), owner: 'qa', until: at(4, 5) },
  {
    kind: 'proposal',
    what: 'later-hours',
    at: at(4, 6),
    resource: box(2),
    owner: 'qa',
    schedule: 'office-hours',
    times: 3,
    from: '19:00',
    to: '21:00',
  },
  {
    kind: 'warning-withdrawn',
    at: at(4, 6),
    resource: box(2),
    owner: 'qa',
    warnedAt: at(4, 5),
    because: { code: 'in-use', cpuMax: 63.2, threshold: 5, window: { start: at(4, 4), end: at(4, 5) } },
  },
  { ...idleWarning, unanswered: 'leave', owner: null, saving: null, losing: [] },
  {
    ...{ kind: 'tag-warning', at: at(4, 5), resource: box(2, 'ci-runner-7'), owner: null },
    ...{ missing: ['owner', 'cost-center'], deadline: at(6, 5), stage: 'last-day' },
  },
  { kind: 'tag-warning', at: at(6, 5), resource: box(2), owner: 'qa', missing: ['owner'], deadline: at(6, 5), stage: 'stopped' },
  {
    ...{ kind: 'tag-offer', at: at(4, 5), resource: box(2, 'ci-runner-7'), owner: null },
    offers: [
      { key: 'owner', value: 'payroll@example.com', because: 'launched by payroll@example.com' },
      { key: 'owner', value: 'lab@example.com', because: '3 of 4 machines beside it' },
      { key: 'cost-center', value: '4711', because: 'its Auto Scaling group' },
    ],
  },
];
