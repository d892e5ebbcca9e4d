/** A seed → a plot: a small world, its people, its faults, then a calm tail. */
import { addSeconds, HOUR, type Instant, instant, MINUTE } from '../../shared/model/time.ts';
import { type Chance, chance } from './chance.ts';
import { watched } from './generate-alarms.ts';
import { awsDeedsOf } from './generate-aws.ts';
import { deedsOf } from './generate-deeds.ts';
import { groupDeedsOf } from './generate-groups.ts';
import { hastyDeedsOf, shielded } from './generate-haste.ts';
import { withOrders } from './generate-orders.ts';
import { dressed, tagDeedsOf, tagWaysOf, thingsOf } from './generate-tags.ts';
import { varied } from './generate-variants.ts';
import {
  type Box,
  type BoxKind,
  FAULT_KINDS,
  type FaultKind,
  type Fleet,
  type FleetSizes,
  type Plot,
  type Rules,
  type Spell,
} from './plot.ts';

export interface GenerateOptions {
  /** All kinds unless told otherwise. */
  readonly faults?: readonly FaultKind[];
  /** Length in days, calm tail included; three to six hours by chance unless told otherwise, and one in ten longer. */
  readonly days?: number;
}

export function plotOf(seed: number, { faults = FAULT_KINDS, days }: GenerateOptions = {}): Plot {
  const c = chance(seed, 'plot');
  const [timeZone, around] = c.pick(PLACES);
  const from = addSeconds(instant(around), -c.whole(10, 200) * MINUTE);
  const tail = c.maybe(0.03) ? LONG_TAIL : TAIL;
  const drawn = c.maybe(0.07) ? c.whole(6, 9) * HOUR : c.whole(90, 210) * MINUTE;
  const trouble = days === undefined ? drawn : Math.max(HOUR, days * 24 * HOUR - tail);
  const calm = addSeconds(from, trouble);
  const drawnRules: Rules = {
    ...rulesOf(chance(seed, 'rules'), from, calm),
    ...waysOf(chance(seed, 'ways')),
    ...noticeOf(chance(seed, 'notice')),
  };
  const tagWays = drawnRules.tags ? tagWaysOf(chance(seed, 'tags')) : null;
  const { boxes: cast, rules } = varied(seed, { boxes: withOrders(seed, boxesOf(seed)), rules: drawnRules });
  const ordered = cast.map(box => (rules.instances === 'types' ? measured(seed, box) : box));
  const boxes = tagWays === null ? ordered : ordered.map(box => dressed(seed, box, tagWays));
  const environment = environmentOf(chance(seed, 'environment'));
  const grouped = [...fleetsOf(seed).map(fleet => shielded(seed, fleet)), ...(environment === null ? [] : [environment])];
  const alarmed = grouped.map(fleet => watched(seed, fleet));
  const fleets = tagWays === null ? alarmed : alarmed.map(fleet => dressed(seed, fleet, tagWays));
  const things = tagWays === null ? [] : thingsOf(seed, boxes, tagWays);
  const deeds = deedsOf(seed, { boxes, fleets: fleets.filter(fleet => fleet.kind !== 'environment'), from, calm });
  const more = tagWays === null ? [] : tagDeedsOf(seed, tagWays, { boxes, things, from, calm });
  const scene = { boxes, fleets, from, calm };
  const others = [...hastyDeedsOf(seed, scene), ...groupDeedsOf(seed, scene), ...awsDeedsOf(seed, scene)];
  return {
    ...{
      seed,
      timeZone,
      from,
      calm,
      end: addSeconds(calm, tail),
      rules: {
        ...rules,
        ...(environment !== null && { beanstalk: chance(seed, 'beanstalk').maybe(0.85) }),
        ...(tagWays !== null && { tagWays }),
        ...(chance(seed, 'told in').maybe(0.3) && { toldIn: 'dm' }),
      },
      boxes,
      fleets,
      ...(things.length > 0 && { things }),
    },
    echoes: [31, 62, 97].map(minutes => addSeconds(calm, minutes * MINUTE + 20)),
    deeds: [...deeds, ...more, ...others].toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)),
    throttling: true,
    spells: faults.length === 0 ? [] : spellsOf(chance(seed, 'spells'), faults, from, calm),
  };
}

/** Long enough for the slowest try of a start and an hourly look after it; a long one holds three ticks of the six-hourly pen. */
const [TAIL, LONG_TAIL] = [100 * MINUTE, 19 * HOUR];

/** What the first hours of a story lie around: clocks that change, a turn of the day, the week, the month, the year, there or in UTC. */
const PLACES: readonly (readonly [zone: string, around: string])[] = [
  ['Europe/Berlin', '2025-03-30T01:00:00Z'],
  ['Europe/Berlin', '2025-10-26T01:00:00Z'],
  ['America/New_York', '2025-03-09T07:00:00Z'],
  ['America/New_York', '2025-11-02T06:00:00Z'],
  ['Australia/Lord_Howe', '2025-04-05T15:00:00Z'],
  ['Australia/Lord_Howe', '2025-10-04T15:30:00Z'],
  ['Europe/Berlin', '2025-05-14T22:00:00Z'],
  ['Europe/Berlin', '2025-05-16T22:00:00Z'],
  ['Asia/Kolkata', '2025-06-04T18:30:00Z'],
  ['America/Los_Angeles', '2025-03-01T00:00:00Z'],
  ['UTC', '2025-01-01T00:00:00Z'],
];

/** Short hours, so that a night has several transitions. */
function rulesOf(c: Chance, from: Instant, calm: Instant): Rules {
  const budget = c.maybe(0.3) ? { perRun: 2, perDay: c.whole(2, 6), perOwner: 1 } : null;
  const [hibernate, idleHours] = [c.maybe(0.5), c.maybe(0.7) ? c.whole(2, 3) : null];
  const rules = { hours: hoursOf(c), budget, hibernate, idleHours, fleetMax: c.whole(6, 12), tags: c.maybe(0.6) };
  const follow = c.maybe(0.4) ? ({ fleetsFollow: 'signals' } as const) : {};
  return c.maybe(0.7) ? { ...rules, ...follow, fleetSizes: sizesOf(c, from, calm) } : { ...rules, ...follow };
}

const waysOf = (c: Chance): Pick<Rules, 'instances'> =>
  c.maybe(0.5) ? { instances: c.pick(['enforced', 'retain', 'notice', 'early', 'learned', 'types', 'types'] as const) } : {};

/** Owners are asked before an idle stop, and in half of these their silence is no answer. */
const noticeOf = (c: Chance): Pick<Rules, 'instances'> => (c.maybe(0.15) ? { instances: c.pick(['notice', 'asked'] as const) } : {});

function sizesOf(c: Chance, from: Instant, calm: Instant): FleetSizes {
  if (c.maybe(0.25)) return { writes: 'floor' };
  const span = (Date.parse(calm) - Date.parse(from)) / 1000;
  const begin = addSeconds(from, Math.floor(c.number() * span));
  const override = c.maybe(0.3) ? { from: begin, to: addSeconds(begin, c.whole(20, 120) * MINUTE), minSize: c.whole(2, 4) } : null;
  return { writes: 'off-hours', minSize: c.whole(0, 1), override };
}

function hoursOf(c: Chance): Rules['hours'] {
  const clock = (minute: number) => `${String(Math.floor(minute / 60) % 24).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
  const periods: Rules['hours'][number][] = [];
  for (let minute = 5 * c.whole(0, 12); minute < 23 * 60; ) {
    const length = 5 * c.whole(9, 26);
    periods.push({ weekdays: c.maybe(0.85) ? 'mon-sun' : 'mon-fri', begin: clock(minute), end: clock(minute + length) });
    minute += length + 5 * c.whole(6, 18);
  }
  return periods;
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

/** Most are measured well enough that a smaller type is found for them, of a little more than half of what they have. */
function measured(seed: number, box: Box): Box {
  const c = chance(seed, `memory of ${box.id}`);
  return c.maybe(0.9) ? { ...box, memory: c.pick([20, 30, 35, 60]) } : box;
}

function fleetsOf(seed: number): Fleet[] {
  const c = chance(seed, 'fleets');
  return Array.from({ length: c.pick([0, 1, 1, 1, 2]) }, (_, i) => {
    const kind = i === 0 ? 'tracked' : c.pick(['tracked', 'unmatched', 'beanstalk', 'aws-policies', 'suspended'] as const);
    const night = c.number() * 1.2;
    return {
      ...{ id: `${kind === 'unmatched' ? 'batch' : 'web'}-${i + 1}`, kind, night, day: night + c.number() * 2.5 },
      ...{ minSize: c.whole(1, 2), maxSize: c.whole(6, 10), desiredCapacity: c.whole(2, 5) },
    } as const;
  });
}

function environmentOf(c: Chance): Fleet | null {
  if (!c.maybe(0.25)) return null;
  const night = c.number() * 1.2;
  return {
    ...{ id: 'web-env', kind: 'environment', night, day: night + c.number() * 3 },
    ...{ minSize: c.whole(1, 2), maxSize: c.whole(5, 9), desiredCapacity: c.whole(2, 4) },
  };
}

function spellsOf(c: Chance, kinds: readonly FaultKind[], from: Instant, calm: Instant): Spell[] {
  const span = Math.max(0, (Date.parse(calm) - Date.parse(from)) / 1000 - 15 * MINUTE);
  return Array.from({ length: c.whole(4, 9) }, (_, i) => {
    const start = addSeconds(from, Math.floor(c.number() * span));
    const end = addSeconds(start, c.whole(8, 60) * MINUTE);
    const share = c.pick([0.03, 0.1, 0.3, 0.6]);
    return { id: `fault-${i + 1}`, kind: c.pick(kinds), from: start, to: end < calm ? end : calm, share };
  });
}
