/** A plan with something of everything, for looking at and for testing. */
import type { ResourceRef, Scope } from '../../shared/model/ids.ts';
import { usd } from '../../shared/model/money.ts';
import type { Change, Left, LeftReason, Plan } from '../../shared/model/plan.ts';
import { instant } from '../../shared/model/time.ts';
import { everyReason } from './reasons.ts';

export const scope: Scope = { account: '123456789012', region: 'eu-west-1' };

export const box = (n: number, name: string | null = `box-${n}`): ResourceRef => ({
  kind: 'instance',
  id: `i-0${n.toString(16).padStart(16, '0')}`,
  name,
  scope,
});

export const fleet = (name: string): ResourceRef => ({ kind: 'auto-scaling-group', id: name, name, scope });

const evening = instant('2025-05-14T17:00:00Z');

export function change(partial: Partial<Change>): Change {
  return {
    id: 'chg-5d41402abc4b2a76b971',
    pen: 'stop-start-instances',
    resource: box(1, 'payroll-test'),
    action: { kind: 'stop-instance', hibernate: false },
    because: everyReason['off-hours'],
    causeAt: evening,
    expects: {},
    attempt: 1,
    policy: 'dev-test',
    mode: 'act',
    saving: {
      window: { start: evening, end: instant('2025-05-15T05:00:00Z') },
      hours: 12,
      money: { low: usd(0), high: usd(1.284) },
      perHour: usd(0.107),
      priceSource: 'list price of 2025-04-04 (table)',
      baseline: 'measured',
    },
    losing: ['public-ipv4', 'memory'],
    owner: 'payroll@example.com',
    ...partial,
  };
}

export const left = (resource: ResourceRef, because: LeftReason): Left => ({
  resource,
  pen: 'stop-start-instances',
  because,
  policy: because.code === 'no-policy' ? null : 'dev-test',
});

const changes: Change[] = [
  change({}),
  change({ id: 'chg-2', resource: box(2, 'ci-runner-7'), because: everyReason.idle, mode: 'plan', losing: [], owner: null }),
  change({ id: 'chg-3', resource: box(3), action: { kind: 'start-instance' }, because: everyReason['on-hours'], saving: null, losing: [] }),
  change({
    id: 'chg-4',
    pen: 'resize-fleets',
    policy: 'web',
    resource: fleet('web-asg'),
    action: { kind: 'set-desired-capacity', desiredCapacity: 9 },
    expects: { desiredCapacity: 6 },
    because: everyReason['above-target'],
    saving: {
      window: { start: evening, end: instant('2025-05-14T18:00:00Z') },
      hours: -3,
      money: { low: usd(-0.321), high: usd(0) },
      perHour: usd(0.107),
      priceSource: 'list price of 2025-04-04 (table)',
      baseline: 'measured',
    },
    losing: [],
    owner: null,
  }),
  change({
    id: 'chg-5',
    resource: box(5, 'exotic'),
    losing: [],
    saving: { window: { start: evening, end: evening }, hours: 12, money: null, perHour: null, priceSource: null, baseline: 'unknown' },
  }),
];

export const fullPlan: Plan = {
  version: 1,
  at: evening,
  scopes: [scope],
  changes,
  left: [
    ...Array.from({ length: 6 }, (_, n) => left(box(20 + n, `api-${n}`), everyReason['in-use'])),
    left(box(30, 'legacy'), everyReason['no-policy']),
    left(box(31, 'evil\u202E\n  DELETE  everything'), everyReason.member),
    left(box(32), everyReason['thin-data']),
    left(box(33, 'vault'), everyReason['stop-protected']),
    left(fleet('batch-asg'), everyReason.suspended),
  ],
  unread: [{ what: 'CPU of 12 instances', why: 'ThrottlingException: Rate exceeded' }],
};
