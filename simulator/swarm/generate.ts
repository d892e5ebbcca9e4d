/** A seed → a plot: a small world, its people, its faults, then a calm tail. */
import { addSeconds, HOUR, type Instant, instant, MINUTE } from '../../shared/model/time.ts';
import type { FleetPolicy, InstancePolicy, Policy, Schedule, TagPolicy } from '../../shared/policy/schema.ts';
import { type Chance, chance } from './chance.ts';
import { deedsOf } from './generate-deeds.ts';
import { type Box, type BoxKind, FAULT_KINDS, type FaultKind, type Fleet, type Plot, type Spell } from './plot.ts';

export interface GenerateOptions {
  /** All kinds unless told otherwise. */
  readonly faults?: readonly FaultKind[];
  /** Length in days, calm tail included; half a day to a day and a half by chance unless told otherwise. */
  readonly days?: number;
}

export function plotOf(seed: number, { faults = FAULT_KINDS, days }: GenerateOptions = {}): Plot {
  const c = chance(seed, 'plot');
  const [timeZone, date] = c.pick(PLACES);
  const from = instant(`${date}T${String(c.pick([13, 16, 19, 22])).padStart(2, '0')}:${c.pick(['00', '07', '30'])}:00Z`);
  const tail = c.maybe(0.1) ? 19 * HOUR : 4 * HOUR; // a long tail holds three ticks of the six-hourly pen
  const trouble = days === undefined ? c.whole(6, 9) * HOUR : Math.max(HOUR, days * 24 * HOUR - tail);
  const calm = addSeconds(from, trouble);
  const schedules = schedulesOf(chance(seed, 'schedules'), timeZone);
  const policies = policiesOf(chance(seed, 'policies'));
  const boxes = boxesOf(seed);
  const fleets = fleetsOf(seed);
  return {
    ...{ seed, timeZone, from, calm, end: addSeconds(calm, tail), policies, schedules, boxes, fleets },
    deeds: deedsOf(seed, { boxes, fleets, from, calm }),
    spells: faults.length === 0 ? [] : spellsOf(chance(seed, 'spells'), faults, from, calm),
  };
}

/** Zones with the evening before: days on which clocks change, and some on which they do not. */
const PLACES: readonly (readonly [zone: string, date: string])[] = [
  ['Europe/Berlin', '2025-03-29'],
  ['Europe/Berlin', '2025-10-25'],
  ['America/New_York', '2025-03-08'],
  ['America/New_York', '2025-11-01'],
  ['Australia/Lord_Howe', '2025-04-05'],
  ['Australia/Lord_Howe', '2025-10-04'],
  ['Europe/Berlin', '2025-05-14'],
  ['Asia/Kolkata', '2025-06-04'],
  ['America/Los_Angeles', '2025-02-28'],
  ['UTC', '2025-01-01'],
];

/** Short hours, so that a night has several transitions. */
function schedulesOf(c: Chance, timeZone: string): Record<string, Schedule> {
  const clock = (minute: number) => `${String(Math.floor(minute / 60) % 24).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
  const periods: Schedule['periods'][number][] = [];
  for (let minute = 15 * c.whole(0, 8); minute < 22 * 60; ) {
    const length = 15 * c.whole(4, 14);
    periods.push({ weekdays: c.maybe(0.85) ? 'mon-sun' : 'mon-fri', begin: clock(minute), end: clock(minute + length) });
    minute += length + 15 * c.whole(4, 10);
  }
  return {
    'office-hours': { name: 'office-hours', timeZone, periods },
    always: { name: 'always', timeZone, periods: [{ weekdays: 'mon-sun', begin: '00:00', end: '24:00' }] },
  };
}

function policiesOf(c: Chance): Policy[] {
  const budget = c.maybe(0.3) ? { perRun: 2, perDay: c.whole(2, 6), perOwner: 1 } : { perRun: 20, perDay: 200, perOwner: 10 };
  const devTest: InstancePolicy = {
    ...{ kind: 'instances', name: 'dev-test', mode: 'act', schedule: 'office-hours', hibernate: c.maybe(0.5), budget },
    match: { tags: { environment: ['dev'] } },
    breaker: { share: 0.4, atLeast: 2 },
    ...(c.maybe(0.7) && { idle: { cpuBelow: 5, hours: c.whole(2, 3), coverage: 0.9 } }),
  };
  const staging: InstancePolicy = { ...devTest, name: 'staging', mode: 'plan', match: { tags: { environment: ['staging'] } } };
  const web: FleetPolicy = {
    ...{
      kind: 'fleets',
      name: 'web',
      mode: 'act',
      match: { tags: {}, names: ['web*'] },
      takeOver: false,
      capacity: 'desired',
      overrides: [],
    },
    target: { metric: 'CPUUtilization', value: 50, period: 60 },
    ...{ slo: { utilization: 90, minutes: 1 }, period: 60 },
    ...{ minSize: 2, maxSize: c.whole(6, 12), scaleOutDatapoints: 3, scaleInDatapoints: 15, cooldown: 300, instanceWarmup: 180 },
  };
  const owners: TagPolicy = {
    ...{ kind: 'tags', name: 'owners', mode: 'act', match: { resources: ['instance'], except: {} }, grace: { days: 7 }, settle: 600 },
    required: [{ key: 'owner' }, { key: 'cost-centre', default: 'unsorted' }],
    budget: { perRun: 20, perDay: 200, perOwner: 10 },
  };
  return [devTest, staging, web, ...(c.maybe(0.6) ? [owners] : [])];
}

const KINDS: readonly BoxKind[] = [
  ...(['plain', 'plain', 'plain', 'plain', 'windows', 'hibernating', 'public-address', 'stop-protected', 'spot'] as const),
  ...(['instance-store', 'opted-out', 'untagged', 'production', 'planned-only', 'asleep'] as const),
];

function boxesOf(seed: number): Box[] {
  const c = chance(seed, 'boxes');
  return Array.from({ length: c.whole(3, 8) }, (_, i) => boxOf(`box-${i + 1}`, chance(seed, `box-${i + 1}`), i < 2 ? 'plain' : null));
}

function boxOf(id: string, c: Chance, wanted: BoxKind | null): Box {
  const kind = wanted ?? c.pick(KINDS);
  const environment = kind === 'production' ? 'prod' : kind === 'planned-only' ? 'staging' : 'dev';
  const tags = {
    Name: id,
    ...(kind !== 'untagged' && { environment }),
    ...(kind === 'opted-out' && { 'ebb:policy': 'off' }),
    ...(c.maybe(0.7) && { owner: 'team', 'ebb:owner': c.pick(['payroll@example.com', 'checkout@example.com']) }),
    ...(c.maybe(0.2) && { 'ebb:schedule': 'always' }),
  };
  return {
    ...{ id, kind, tags },
    type: kind === 'instance-store' ? 'm5d.large' : kind === 'windows' ? 'm5.large' : c.pick(['t3.medium', 'm5.large', 'c5.large']),
    load: c.pick(['office', 'idle', 'busy']),
    history: c.maybe(0.7) ? 'always' : 'office',
  };
}

function fleetsOf(seed: number): Fleet[] {
  const c = chance(seed, 'fleets');
  return Array.from({ length: c.pick([0, 1, 1, 2]) }, (_, i) => {
    const kind = i === 0 ? 'tracked' : c.pick(['tracked', 'unmatched', 'beanstalk', 'aws-policies', 'suspended'] as const);
    const night = c.number() * 1.2;
    return {
      ...{ id: `${kind === 'unmatched' ? 'batch' : 'web'}-${i + 1}`, kind, night, day: night + c.number() * 2.5 },
      ...{ minSize: c.whole(1, 2), maxSize: c.whole(6, 10), desiredCapacity: c.whole(2, 5) },
    } as const;
  });
}

function spellsOf(c: Chance, kinds: readonly FaultKind[], from: Instant, calm: Instant): Spell[] {
  const span = Math.max(0, (Date.parse(calm) - Date.parse(from)) / 1000 - 30 * MINUTE);
  return Array.from({ length: c.whole(5, 12) }, (_, i) => {
    const start = addSeconds(from, Math.floor(c.number() * span));
    const end = addSeconds(start, c.whole(10, 90) * MINUTE);
    const share = c.pick([0.03, 0.1, 0.3, 0.6]);
    return { id: `fault-${i + 1}`, kind: c.pick(kinds), from: start, to: end < calm ? end : calm, share };
  });
}
