/** One of every reason, for whoever wants to be sure that none is forgotten: a missing code does not compile. */
import { usd } from '../../shared/model/money.ts';
import type { Reason } from '../../shared/model/plan.ts';
import { instant } from '../../shared/model/time.ts';

const evening = instant('2025-05-14T17:00:00Z');
const morning = instant('2025-05-15T05:00:00Z');
const window = { start: instant('2025-05-13T17:00:00Z'), end: evening };

const foresight = { demand: 4.2, forecast: 5.1, ahead: 5, margin: 0.27, utilization: 90, minutes: 1, learned: 20_160, saturated: false };

type EveryReason = { readonly [Code in Reason['code']]: Extract<Reason, { code: Code }> };

export const everyReason: EveryReason = {
  'off-hours': { code: 'off-hours', schedule: 'office-hours', since: evening, until: morning },
  'on-hours': { code: 'on-hours', schedule: 'office-hours', since: morning, stoppedAt: evening, lastFailure: null },
  released: { code: 'released', stoppedAt: evening, why: 'no-policy' },
  idle: { code: 'idle', cpuMax: 2.1, threshold: 5, window, coverage: 1 },
  'above-target': { code: 'above-target', carriers: 6, value: 82.4, target: 60, from: 6, to: 9, datapoints: 3 },
  forecast: { code: 'forecast', from: 6, to: 9, ...foresight },
  'below-target': { code: 'below-target', value: 31, target: 60, from: 9, to: 6, datapoints: 15 },
  'outside-bounds': { code: 'outside-bounds', from: 1, to: 2, min: 2, max: 12 },
  'tags-missing': { code: 'tags-missing', missing: ['owner', 'cost-center'], deadline: instant('2025-05-21T17:00:00Z') },
  'tags-completed': { code: 'tags-completed', markedAt: evening },
  asked: { code: 'asked', by: 'U024BE7LH', via: 'slack', at: evening, why: 'demo at six', lastFailure: null },
  snoozed: {
    code: 'snoozed',
    until: morning,
    by: 'U024BE7LH',
    would: { code: 'off-hours', schedule: 'office-hours', since: evening, until: morning },
  },
  'no-policy': { code: 'no-policy' },
  'opted-out': { code: 'opted-out', tag: 'ebb:policy=none' },
  'over-budget': {
    code: 'over-budget',
    limit: 20,
    per: 'run',
    would: { code: 'idle', cpuMax: 0, threshold: 5, window, coverage: 0.97 },
  },
  breaker: {
    code: 'breaker',
    touched: 9,
    of: 12,
    share: 0.5,
    would: { code: 'idle', cpuMax: 0.4, threshold: 5, window, coverage: 1 },
  },
  gone: { code: 'gone', state: 'terminated' },
  unsettled: { code: 'unsettled', changeId: 'chg-0123456789abcdef0123', claimedAt: evening },
  'bad-tag': { code: 'bad-tag', tag: 'ebb:keep-until', value: 'next friday', remedy: 'write a date such as 2025-05-23' },
  kept: { code: 'kept', until: morning },
  spot: { code: 'spot' },
  member: { code: 'member', parent: 'auto-scaling-group', of: 'web-asg' },
  'instance-store-root': { code: 'instance-store-root' },
  'instance-store-data': { code: 'instance-store-data', type: 'm5d.large' },
  'stop-protected': { code: 'stop-protected' },
  'stop-protection-unread': { code: 'stop-protection-unread', why: 'UnauthorizedOperation' },
  'scheduled-event': { code: 'scheduled-event', event: 'instance-retirement', from: morning, until: null },
  'surplus-credits': { code: 'surplus-credits', credits: 576, charge: usd(0.48), saving: usd(0.4) },
  'on-hours-now': { code: 'on-hours-now', schedule: 'office-hours', until: evening },
  'left-open': { code: 'left-open', schedule: 'mornings', until: evening },
  'started-by-hand': { code: 'started-by-hand', at: instant('2025-05-14T17:12:00Z'), until: morning },
  'stopped-by-someone': { code: 'stopped-by-someone', at: instant('2023-02-01T09:00:00Z') },
  asleep: { code: 'asleep', since: evening, until: morning, because: 'off-hours' },
  'in-transition': { code: 'in-transition', state: 'stopping' },
  'start-failing': { code: 'start-failing', attempts: 3, why: 'InsufficientInstanceCapacity', nextAt: morning },
  'in-use': { code: 'in-use', cpuMax: 63.2, threshold: 5, window },
  'thin-data': { code: 'thin-data', coverage: 0.4, needed: 0.9, window },
  'just-started': { code: 'just-started', at: evening, measuredFrom: instant('2025-05-14T18:00:00Z') },
  'not-measured': { code: 'not-measured', nextAt: instant('2025-05-14T18:00:00Z') },
  'as-forecast': { code: 'as-forecast', capacity: 6, wanted: 6, bound: null, ...foresight },
  'on-target': { code: 'on-target', value: 57.5, target: 60, capacity: 6 },
  'at-max': { code: 'at-max', value: 91, target: 60, max: 12 },
  'at-min': { code: 'at-min', value: 12, target: 60, min: 2 },
  'cooling-down': { code: 'cooling-down', until: instant('2025-05-14T17:05:00Z'), wanted: 4 },
  'warming-up': { code: 'warming-up', pending: 3, wanted: 9 },
  confirming: { code: 'confirming', value: 71, target: 60, seen: 2, needed: 3 },
  'silent-metric': { code: 'silent-metric', metric: 'CPUUtilization', since: evening },
  suspended: { code: 'suspended', processes: ['Launch', 'Terminate'] },
  floor: {
    ...{ code: 'floor', from: 2, to: 6, wanted: 6 },
    argued: { code: 'above-target', carriers: 4, value: 72, target: 50, from: 4, to: 6, datapoints: 3 },
  },
  'floor-released': { code: 'floor-released', from: 6, to: 2, why: 'no-policy' },
  'fleet-asleep': {
    ...{ code: 'fleet-asleep', since: evening, until: morning, changed: true },
    was: { minSize: 2, maxSize: 8, desiredCapacity: 4 },
  },
  'floor-holds': { code: 'floor-holds', floor: 4, wanted: 4 },
  'floor-resting': { code: 'floor-resting', floor: 6, wanted: 3, until: instant('2025-05-14T18:00:00Z') },
  'scale-in-protected': { code: 'scale-in-protected', protected: 4, capacity: 4, wanted: 2 },
  refreshing: { code: 'refreshing', percent: 40, wanted: 3 },
  'launch-failing': {
    ...{ code: 'launch-failing', why: 'We currently do not have sufficient m5.large capacity.', since: evening, missing: 3, tries: 1 },
    nextAt: instant('2025-05-14T17:05:00Z'),
  },
  'environment-busy': { code: 'environment-busy', status: 'Updating' },
  'environment-unread': { code: 'environment-unread', why: 'AccessDenied' },
  'single-instance': { code: 'single-instance' },
  'never-returns': { code: 'never-returns', schedule: 'summer' },
  'pause-set': { code: 'pause-set', from: evening, until: morning, was: { minSize: 1, maxSize: 4, desiredCapacity: 2 } },
  'beanstalk-owned': { code: 'beanstalk-owned', environment: 'shop-prod' },
  'aws-scaling-policies': { code: 'aws-scaling-policies', names: ['cpu50'] },
  'bounds-contradict': { code: 'bounds-contradict', policyMin: 8, policyMax: 12, groupMin: 1, groupMax: 4 },
  compliant: { code: 'compliant' },
  'just-born': { code: 'just-born', until: evening },
  marked: { code: 'marked', missing: ['owner'], deadline: instant('2025-05-21T17:00:00Z') },
  'parent-owns-tags': { code: 'parent-owns-tags', parent: 'web-asg' },
  'tag-limit': { code: 'tag-limit', count: 50 },
};
