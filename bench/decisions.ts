/**
 * Decisions per second: what each pen's `decide` takes for 10,000 resources, next to copying the same observation as JSON, which is about the
 * least that anybody could do with it. `npm run bench:decisions [-- RESOURCES]`
 * Medians of rounds taken in turns, and a ratio, since machines differ and are busy.
 */
import { decideFleets } from '../shared/decide/decide-fleets.ts';
import { decideInstances } from '../shared/decide/decide-instances.ts';
import { decideTags } from '../shared/decide/decide-tags.ts';
import type { Scope } from '../shared/model/ids.ts';
import type { FleetMemory, InstanceMemory } from '../shared/model/memory.ts';
import { microUsd } from '../shared/model/money.ts';
import type { Fleet, Instance } from '../shared/model/observation.ts';
import type { Plan } from '../shared/model/plan.ts';
import { addSeconds, DAY, HOUR, type Instant, instant, MINUTE } from '../shared/model/time.ts';
import { configOf, devTest, requiredTags, webFleet } from '../test/support/policies.ts';

const [RESOURCES = 10_000] = process.argv.slice(2).map(Number);
const ROUNDS = 9;

/** A Wednesday evening, five minutes after office hours; or its noon, when idleness is looked at. */
const NOON = instant('2025-05-14T12:05:00Z');
const EVENING = instant('2025-05-14T19:05:00Z');
const scope: Scope = { account: '123456789012', region: 'eu-west-1' };

const PRICE = { perHour: microUsd(107_000), source: 'list price of 2025-04-04 (table)' };

const ample = { perRun: RESOURCES, perDay: RESOURCES, perOwner: RESOURCES };
const calm = { share: 1, atLeast: RESOURCES };
const config = configOf({
  policies: [
    devTest({ budget: ample, breaker: calm, idle: { cpuBelow: 5, hours: 24, coverage: 0.9 } }),
    webFleet(),
    requiredTags({ budget: ample }),
  ],
});

const some = <T>(make: (i: number) => T): T[] => Array.from({ length: RESOURCES }, (_, i) => make(i));
const facts = {
  scope,
  unread: [],
  pending: new Map(),
  commitments: 'unknown',
  protectionUnread: new Map(),
  wishes: new Map(),
  disruptionsToday: 0,
} as const;

const instances = some(instanceOf);
const fleets = some(fleetOf);
const tagged = instances.map(({ ref, tags, createdAt, state, parent }) => ({
  ...{ ref, tags, createdAt, state, parent, unread: null, unpropagated: [], source: null, subnet: null, price: null },
}));
const TAGGED = {
  ...{ ...facts, at: NOON, resources: tagged, memory: new Map() },
  ...{ sources: new Map(), blind: new Map(), births: new Map(), network: new Map(), untouchable: new Map() },
};
const remembered = new Map(instances.map(i => [i.ref.id, instanceMemory()]));
const fleetsRemembered = new Map(fleets.map(f => [f.ref.id, fleetMemory()]));

const CASES: readonly { readonly what: string; readonly seen: readonly object[]; decide(): Plan }[] = [
  {
    what: 'instances at noon: idleness',
    seen: instances,
    decide: () => decideInstances({ ...facts, at: NOON, resources: instances, memory: remembered }, config).plan,
  },
  {
    what: 'instances in the evening: stops',
    seen: instances,
    decide: () => decideInstances({ ...facts, at: EVENING, resources: instances, memory: remembered }, config).plan,
  },
  {
    what: 'fleets',
    seen: fleets,
    decide: () => decideFleets({ ...facts, at: NOON, resources: fleets, memory: fleetsRemembered, thoughts: new Map() }, config).plan,
  },
  { what: 'tags', seen: instances, decide: () => decideTags(TAGGED, config).plan },
];

console.log(`Node ${process.version}, ${RESOURCES} resources, medians of ${ROUNDS} rounds`);
console.log('decide                            changes    left     ms   decisions/s   JSON copy ms   ratio to the copy');
for (const { what, seen, decide } of CASES) {
  const { changes, left } = decide();
  const times = { decide: [] as number[], copy: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    times.decide.push(timed(decide));
    times.copy.push(timed(() => JSON.parse(JSON.stringify(seen))));
  }
  const [ms, copy] = [median(times.decide), median(times.copy)];
  const figures = [
    changes.length,
    left.length,
    ms.toFixed(0),
    Math.round((RESOURCES / ms) * 1000),
    copy.toFixed(0),
    (ms / copy).toFixed(2),
  ];
  const widths = [8, 8, 7, 14, 15, 20];
  console.log(what.padEnd(33) + figures.map((figure, i) => String(figure).padStart(widths[i] ?? 8)).join(''));
}

function timed(run: () => unknown): number {
  const begun = performance.now();
  run();
  return performance.now() - begun;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Of every four, one is idle, one in use, one measured thinly, and one is nobody's. */
function instanceOf(i: number): Instance {
  const kind = i % 4;
  const tags = {
    Name: `box-${i}`,
    'ebb:owner': `team-${i % 50}@example.com`,
    ...(kind === 3 ? {} : { environment: 'dev', owner: 'team' }),
  };
  const start = addSeconds(instant('2025-05-14T12:00:00Z'), -25 * HOUR);
  const values = Array.from({ length: 25 }, (_, hour) =>
    kind === 2 && hour % 3 > 0 ? null : kind === 1 && hour === 20 ? 70 : 1 + (hour % 3),
  );
  return {
    ref: { kind: 'instance', id: `i-${i.toString(16).padStart(17, '0')}`, name: tags.Name, scope },
    ...{ tags, state: 'running', type: 'm5.large', platform: 'linux', tenancy: 'default', lifecycle: 'on-demand' },
    ...{ launchedAt: addSeconds(NOON, -9 * DAY), createdAt: addSeconds(NOON, -60 * DAY), stoppedAt: null, rootDevice: 'ebs' },
    ...{ availabilityZone: 'eu-west-1a', parent: null, publicIpv4: 'auto', volumes: [`vol-${i}`], monitoring: 'basic', hibernation: false },
    ...{ stopProtection: null, cpuMax: { start, periodSeconds: HOUR, values }, baseline: null, price: PRICE },
  };
}

/** Of every four, one asks for more, one for less, one suits, and one is silent. */
function fleetOf(i: number): Fleet {
  const name = `web-${i}`;
  const values = Array.from({ length: 17 }, () => [80, 20, 48, null][i % 4] ?? null);
  const member = { lifecycleState: 'InService', healthy: true, scaleInProtected: false, type: 'm5.large', weight: 1 };
  return {
    ref: { kind: 'auto-scaling-group', id: name, name, scope },
    ...{ group: name, weighted: false, warmPool: 0, refreshing: null, launchFailure: null, environment: null },
    ...{ tags: { 'ebb:owner': 'web@example.com' }, minSize: 1, maxSize: 30, desiredCapacity: 6 },
    members: Array.from({ length: 6 }, (_, m) => ({ id: `i-${i}-${m}`, ...member })),
    ...{ suspended: [], awsPolicies: [], beanstalk: null, instanceWarmup: null, signals: [], baseline: null, price: PRICE },
    signal: { start: addSeconds(instant('2025-05-14T12:05:00Z'), -17 * MINUTE), periodSeconds: MINUTE, values },
  };
}

function baseline(frozenAt: Instant) {
  const window = { start: addSeconds(frozenAt, -28 * DAY), end: frozenAt };
  return { kind: 'measured', weeks: 4, runs: new Array<number>(168).fill(4), window, frozenAt } as const;
}

function instanceMemory(): InstanceMemory {
  return { enrolledAt: addSeconds(NOON, -DAY), baseline: baseline(addSeconds(NOON, -DAY)), stop: null, start: null, failedStop: null };
}

function fleetMemory(): FleetMemory {
  const at = addSeconds(NOON, -DAY);
  return { enrolledAt: at, baseline: baseline(at), lastScaleOut: null, lastScaleInAt: null, meter: null };
}
