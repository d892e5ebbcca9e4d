/** Facts as observe would bring them, each a plain one unless told otherwise. */
import type { FleetFacts } from '../../shared/decide/decide-fleets.ts';
import type { InstanceFacts } from '../../shared/decide/decide-instances.ts';
import type { TagFacts } from '../../shared/decide/decide-tags.ts';
import type { Baseline } from '../../shared/model/baseline.ts';
import type { InstanceMemory, StopDebt } from '../../shared/model/memory.ts';
import type { Series } from '../../shared/model/metric.ts';
import { usd } from '../../shared/model/money.ts';
import type { Fleet, Instance, Tagged } from '../../shared/model/observation.ts';
import type { Change, Left, Plan } from '../../shared/model/plan.ts';
import { addSeconds, HOUR, type Instant, instant } from '../../shared/model/time.ts';

export const scope = { account: '123456789012', region: 'eu-west-1' };
export const noon = instant('2025-05-14T12:00:00Z'); // a Wednesday
export const lastWeek = instant('2025-05-07T12:00:00Z');

export const unknown: Baseline = { kind: 'unknown', why: 'no-metrics', frozenAt: lastWeek };
export const always: Baseline = {
  kind: 'measured',
  weeks: 4,
  runs: new Array(168).fill(4),
  window: { start: instant('2025-04-09T12:00:00Z'), end: lastWeek },
  frozenAt: lastWeek,
};

export const box = (id: string, other: Partial<Instance> = {}): Instance => ({
  ref: { kind: 'instance', id, name: null, scope },
  tags: { environment: 'dev' },
  state: 'running',
  type: 'm5.large',
  platform: 'linux',
  tenancy: 'default',
  lifecycle: 'on-demand',
  launchedAt: lastWeek,
  createdAt: lastWeek,
  stoppedAt: null,
  rootDevice: 'ebs',
  availabilityZone: 'eu-west-1a',
  parent: null,
  publicIpv4: 'none',
  volumes: ['vol-1'],
  monitoring: 'basic',
  hibernation: false,
  stopProtection: null,
  cpuMax: null,
  baseline: null,
  price: { perHour: usd(0.1), source: 'list price of 2025-04-04 (table)' },
  ...other,
});

export const enrolled = (other: Partial<InstanceMemory> = {}): InstanceMemory => ({
  ...{ enrolledAt: lastWeek, baseline: always, stop: null, start: null, failedStop: null },
  ...other,
});

export const debt = (at: Instant, because: StopDebt['because'] = 'off-hours'): StopDebt => ({
  changeId: 'chg-1',
  at,
  because,
  meterId: 'mtr-1',
});

/** Hourly maxima that end at the full hour of `end`, the latest last. */
export const hourly = (end: Instant, values: readonly (number | null)[]): Series => ({
  start: addSeconds(end, -values.length * HOUR),
  periodSeconds: HOUR,
  values,
});

export const instances = (at: Instant, resources: readonly Instance[], other: Partial<InstanceFacts> = {}): InstanceFacts => ({
  ...{ at, scope, resources, memory: new Map(), unread: [], pending: new Map(), protectionUnread: new Map(), wishes: new Map() },
  ...{ disruptionsToday: 0, commitments: 'none' },
  ...other,
});

export const fleet = (other: Partial<Fleet> = {}): Fleet => {
  const desiredCapacity = other.desiredCapacity ?? 4;
  return {
    ref: { kind: 'auto-scaling-group', id: 'web', name: 'web', scope },
    group: 'web',
    tags: {},
    minSize: 0,
    maxSize: 100,
    desiredCapacity,
    members: Array.from({ length: desiredCapacity }, (_, i) => ({
      ...{ id: `i-${i}`, lifecycleState: 'InService', healthy: true, scaleInProtected: false, type: 'm5.large', weight: 1 },
    })),
    suspended: [],
    awsPolicies: [],
    beanstalk: null,
    environment: null,
    weighted: false,
    warmPool: 0,
    refreshing: null,
    launchFailure: null,
    instanceWarmup: 180,
    signal: null,
    signals: [],
    baseline: null,
    price: { perHour: usd(0.1), source: 'list price of 2025-04-04 (table)' },
    ...other,
  };
};

export const fleets = (at: Instant, resources: readonly Fleet[], other: Partial<FleetFacts> = {}): FleetFacts => ({
  ...{ at, scope, resources, memory: new Map(), thoughts: new Map(), unread: [], pending: new Map(), commitments: 'none' },
  ...other,
});

export const tagged = (id: string, tags: Tagged['tags'] = {}): Tagged => ({
  ...{ ref: { kind: 'instance', id, name: null, scope }, tags, unread: null, unpropagated: [], createdAt: lastWeek },
  ...{ state: 'running', parent: null, source: null, subnet: null, price: null },
});

export const taggeds = (at: Instant, resources: readonly Tagged[], other: Partial<TagFacts> = {}): TagFacts => ({
  ...{ at, scope, resources, memory: new Map(), unread: [], pending: new Map(), disruptionsToday: 0 },
  ...{ sources: new Map(), blind: new Map(), wishes: new Map(), births: new Map(), network: new Map(), untouchable: new Map() },
  ...other,
});

/** The one answer that a plan has for a resource. */
export function answer({ changes, left }: Plan, id: string): (Change | Left)['because'] {
  const [one, ...more] = [...changes, ...left].filter(a => a.resource.id === id);
  if (one === undefined || more.length > 0) throw new Error(`${id} has ${one === undefined ? 'no answer' : `${more.length + 1} answers`}`);
  return one.because;
}
