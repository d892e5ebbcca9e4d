/** What stands in the policies of a story: a few drawn values, from which policies and schedules are written out as `loadConfig` compiles them. */
import type { Config, FleetPolicy, InstancePolicy, Policy, Schedule, TagPolicy } from '../../shared/policy/schema.ts';
import type { FleetSizes, InstanceWays, Plot, Rules, TagWays } from './plot.ts';

export const REGION = 'eu-west-1';

export const configOf = (plot: Plot): Config => ({
  stage: 'dev',
  accounts: [{ account: 'self', regions: [REGION], commitments: 'none' }],
  policies: policiesFor(plot.rules),
  schedules: schedulesFor(plot),
  slack: {
    ...{ channel: '#costs', approvers: [APPROVER], summary: { timeZone: plot.timeZone, hour: 9 } },
    ...(plot.rules.toldIn !== undefined && { owners: plot.rules.toldIn }),
  },
});

const written = new WeakMap<Plot['rules'], Readonly<Record<string, Schedule>>>();

/** The same schedules each time: the house keeps what it knows of one by the object. */
export function schedulesFor({ rules, timeZone }: Pick<Plot, 'rules' | 'timeZone'>): Readonly<Record<string, Schedule>> {
  const known = written.get(rules) ?? {
    'office-hours': { name: 'office-hours', timeZone, periods: [...rules.hours] },
    always: { name: 'always', timeZone, periods: [{ weekdays: 'mon-sun', begin: '00:00', end: '24:00' }] },
  };
  written.set(rules, known);
  return known;
}

/** May answer for everybody. */
export const APPROVER = 'U0BOSS00000';

/** Minutes from a warning to the stop it warns of. */
export const NOTICE = 30;

/** What a box may start as where its own type is not to be had. */
export const FALLBACK = ['m5a.large', 'm5.large'];

const AMPLE = { perRun: 20, perDay: 200, perOwner: 10 };

function policiesFor({
  budget,
  second,
  hibernate,
  idleHours,
  fleetMax,
  fleetsFollow,
  fleetSizes,
  instances,
  tags,
  tagWays,
  beanstalk = false,
}: Rules): Policy[] {
  const devTest: InstancePolicy = {
    ...{
      kind: 'instances',
      name: 'dev-test',
      mode: 'act',
      schedule: 'office-hours',
      hibernate,
      enforced: false,
      retainRunning: false,
      budget: budget ?? AMPLE,
    },
    match: { tags: { environment: ['dev'] } },
    breaker: { share: 0.4, atLeast: 2 },
    ...(idleHours !== null && { idle: { cpuBelow: 5, hours: idleHours, coverage: 0.9 } }),
    ...(instances !== undefined && WAYS[instances]),
  };
  const staging: InstancePolicy = { ...devTest, name: 'staging', mode: 'plan', match: { tags: { environment: ['staging'] } } };
  const test: InstancePolicy | null =
    second === undefined ? null : { ...devTest, name: 'test', match: { tags: { environment: ['test'] } }, budget: second };
  const web: FleetPolicy = {
    ...{ kind: 'fleets', name: 'web', mode: 'act', match: { tags: {}, names: ['web*'] }, takeOver: false },
    ...{ capacity: 'desired', beanstalk, overrides: [], ...sizesIn(fleetSizes) },
    ...(fleetsFollow === 'signals' ? { signals: [{ kind: 'cpu' }] } : { target: { metric: 'CPUUtilization', value: 50, period: 60 } }),
    ...{ slo: { utilization: 90, minutes: 1 }, period: 60 },
    ...{ minSize: 2, maxSize: fleetMax, scaleOutDatapoints: 3, scaleInDatapoints: 15, cooldown: 300, instanceWarmup: 180 },
  };
  const owners: TagPolicy = {
    ...{ kind: 'tags', name: 'owners', mode: 'act', match: { resources: ['instance'], except: {} }, grace: { days: 7 }, settle: 600 },
    required: [{ key: 'owner' }, { key: 'cost-centre', default: 'unsorted' }],
    budget: AMPLE,
    ...(tagWays !== undefined && asTold(tagWays)),
  };
  return [devTest, ...(test === null ? [] : [test]), staging, web, ...(tags ? [owners] : [])];
}

/** What owners may be called, and environments. */
export const OWNERS = ['team', 'payroll', 'checkout'];
export const ENVIRONMENTS = ['dev', 'test', 'staging', 'prod'];
export const SPELLINGS: Readonly<Record<string, readonly string[]>> = { prod: ['production'], dev: ['development'] };
export const COST_CENTRE = 'CC-[0-9]{3}';
export const UNSORTED = 'unsorted';
export const TIGHT = { perRun: 3, perDay: 5, perOwner: 2 };

function asTold(ways: TagWays): Partial<TagPolicy> {
  const { mode, resources, grace, settle, escalates, owners, respells, costCentre, inherits, tight } = ways;
  const cost = { default: { default: UNSORTED }, required: {}, pattern: { pattern: COST_CENTRE }, upper: { case: 'upper' } } as const;
  return {
    ...{ mode, settle, match: { resources: [...resources], except: {} }, grace: { days: grace / 64 } },
    required: [
      { key: 'owner', ...(owners === 'listed' && { values: OWNERS, case: 'ignore' as const }) },
      ...(respells ? [{ key: 'environment', values: ENVIRONMENTS, case: 'ignore' as const }] : []),
      { key: 'cost-centre', ...cost[costCentre] },
    ],
    ...(respells && {
      normalise: {
        keys: { environment: ['Env', 'env'] },
        values: { environment: Object.fromEntries(Object.entries(SPELLINGS).map(([key, others]) => [key, [...others]])) },
      },
    }),
    ...(inherits && { inherit: ['owner', 'environment', 'cost-centre'] }),
    ...(escalates && { escalate: 'stop' as const }),
    ...(tight && { budget: TIGHT }),
  };
}

const WAYS: Readonly<Record<InstanceWays, Partial<InstancePolicy>>> = {
  enforced: { enforced: true, idle: undefined },
  retain: { retainRunning: true },
  notice: { idle: { cpuBelow: 5, hours: 2, coverage: 0.9 }, notice: { minutes: NOTICE, unanswered: 'stop' } },
  asked: { idle: { cpuBelow: 5, hours: 2, coverage: 0.9 }, notice: { minutes: NOTICE, unanswered: 'leave' } },
  early: { start: { early: true } },
  learned: { idle: 'learned' },
  types: { start: { early: false, fallbackTypes: FALLBACK }, resize: { mode: 'act', days: 7, cpuTo: 80, memoryTo: 80 } },
};

function sizesIn(sizes: FleetSizes | undefined): Partial<FleetPolicy> {
  if (sizes === undefined) return {};
  if (sizes.writes === 'floor') return { capacity: 'floor' };
  const { minSize, override } = sizes;
  return { schedule: 'office-hours', offHours: { minSize }, overrides: override === null ? [] : [{ ...override, timeZone: 'UTC' }] };
}
