/**
 * The handler is what is judged: an afternoon and an evening in the virtual cloud, played through the modules of `functions/` in this process,
 * and once more with the packaged bundles, a fresh process for every run, for the last 24 minutes. If anything were remembered outside of the
 * tables, the two would part: they did when `readShelf` in runtime/reconcile.ts was made to keep a shelf in a module's variable from one run
 * to the next.
 */
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { addSeconds, type Instant, instant, MINUTE } from '../../shared/model/time.ts';
import type { Config, FleetPolicy } from '../../shared/policy/schema.ts';
import { type Cloud, createCloud } from '../../simulator/cloud.ts';
import type { Handler } from '../../simulator/stage/lambda.ts';
import { loaderBeside, openStage } from '../../simulator/stage.ts';
import type { Item } from '../../simulator/swarm/evidence.ts';
import { itemsOf } from '../../simulator/swarm/raw-tables.ts';
import { openTables } from '../../simulator/tables.ts';
import { packaged } from '../support/fresh-process/handlers.ts';
import { configOf, devTest, idleOnly, officeHours, requiredTags, webFleet } from '../support/policies.ts';

const SERVERLESS = join(resolve(import.meta.dirname, '../..'), 'serverless.yml');
/** Whole looks are at three minutes past the hour. */
const START = instant('2025-05-14T16:03:00Z');
/** From here on each run is a process. */
const EVENING = instant('2025-05-14T18:48:00Z');
const MINUTES = 24;
const after = (minutes: number): Instant => addSeconds(EVENING, minutes * MINUTE);

/** Learns from its load what it will need. */
function learning(): FleetPolicy {
  const { target: _, ...policy } = webFleet({ name: 'api', match: { tags: {}, names: ['api*'] }, cooldown: 120, instanceWarmup: 60 });
  return { ...policy, signals: [{ kind: 'cpu' }] };
}

const named = (name: string) => ({ name, match: { tags: { environment: [name] } } });

const config = configOf({
  policies: [
    webFleet({ scaleOutDatapoints: 2, scaleInDatapoints: 4, cooldown: 120, instanceWarmup: 60 }),
    learning(),
    devTest(),
    devTest({ ...named('shifts'), schedule: 'shifts' }),
    idleOnly(2, named('lab')),
    { ...idleOnly(2, named('learned')), idle: 'learned' },
    requiredTags({ settle: 0 }),
  ],
  schedules: [
    officeHours(),
    {
      ...{ name: 'shifts', timeZone: 'UTC' },
      periods: [
        { weekdays: 'mon-fri', begin: '08:00', end: '18:55' },
        { weekdays: 'mon-fri', begin: '19:05', end: '23:00' },
      ],
    },
  ],
});

/**
 * A fleet that is asked for more and then for less, one that learns, boxes whose day ends at 19:00, an owner who works late, shifts that change,
 * and boxes where nothing is done any more.
 */
function evening(): { cloud: Cloud; boxes: readonly string[] } {
  const cloud = createCloud({ seed: 11, at: START });
  const at = (minutes: number, busy: number) => [Date.parse(after(minutes)) / 1000, busy] as const;
  const asked = (steps: readonly (readonly [number, number])[], first: number) => (time: number) =>
    steps.findLast(([from]) => from <= time)?.[1] ?? first;
  const size = { minSize: 2, maxSize: 20, bootSeconds: 30, instanceWarmup: 60, monitoring: 'detailed' } as const;
  cloud.createGroup({ ...size, name: 'web-asg', desiredCapacity: 3, demand: asked([at(0, 1.5), at(3, 4), at(11, 1)], 1.5) });
  cloud.createGroup({ ...size, name: 'api-asg', desiredCapacity: 4, demand: asked([at(-60, 3), at(6, 5), at(15, 2)], 2) });
  const box = ({ tags, ...more }: Parameters<Cloud['launch']>[0] = {}) =>
    cloud.launch({ ...more, tags: { environment: 'dev', owner: 'qa', ...tags } });
  const since = Date.parse(addSeconds(START, -5 * MINUTE)) / 1000;
  const done = (time: number) => (time < since ? 40 : 1);
  const boxes = [
    ...[box(), box({ type: 'm5.large' }), box({ stopProtection: true }), box({ tags: { 'ebb:keep-until': '2025-05-16' } })],
    ...['shifts', 'lab', 'learned'].map(environment => box({ type: 'm5.large', tags: { environment }, cpu: done })),
  ];
  const [late = ''] = boxes;
  cloud.at(after(17), () => cloud.human.starts(late));
  cloud.at(after(2), () => void cloud.human.launches({ type: 't3.medium' }));
  return { cloud, boxes };
}

interface Minute {
  readonly at: Instant;
  readonly desiredCapacity: readonly number[];
  readonly inService: readonly number[];
  readonly boxes: readonly string[];
  /** Our writes of this minute, sorted: of two at once either may come first. */
  readonly writes: readonly string[];
}

interface Played {
  readonly minutes: readonly Minute[];
  /** Both tables in the end. */
  readonly ledger: readonly object[];
  readonly memory: readonly object[];
}

type Load = (
  cloud: Cloud,
  config: Config,
  endpoint: string,
) => Promise<{ readonly evening: (name: string) => Promise<Handler>; close(): Promise<void> }>;

const modules = loaderBeside(SERVERLESS);

async function played(load: Load): Promise<Played> {
  const tables = await openTables();
  const { cloud, boxes } = evening();
  const { close, evening: loadLater } = await load(cloud, config, tables.endpoint);
  try {
    const handlers = async (name: string): Promise<Handler> => {
      const [first, then] = [await modules(name), await loadLater(name)];
      return (event, context) => (cloud.now() < EVENING ? first : then)(event, context);
    };
    const stage = await openStage({ cloud, tables, config, serverless: SERVERLESS, region: 'eu-west-1', load: handlers });
    await cloud.advanceTo(EVENING);
    const minutes: Minute[] = [];
    for (let n = 1; n <= MINUTES; n++) {
      const told = cloud.record.writes.length;
      await cloud.advanceTo(after(n));
      minutes.push({ ...seen(cloud, boxes), writes: cloud.record.writes.slice(told).flatMap(ours).toSorted() });
    }
    expect(stage.invocations.filter(i => i.outcome === 'threw').map(i => i.error)).toEqual([]);
    expect(stage.deadLetters()).toEqual([]);
    const { ledger, memory } = await itemsOf(tables);
    return { minutes, ledger: ledger.map(written), memory: memory.filter(({ pk }) => pk !== OWN_COST).map(written) };
  } finally {
    await close();
    await tables.close();
  }
}

function seen(cloud: Cloud, boxes: readonly string[]): Omit<Minute, 'writes'> {
  const groups = ['web-asg', 'api-asg'].map(name => cloud.group(name));
  return {
    at: cloud.now(),
    desiredCapacity: groups.map(({ desired }) => desired),
    inService: groups.map(({ members }) => members.size),
    boxes: boxes.map(id => cloud.instance(id).state),
  };
}

const ours = ({ at, action, params, userAgent, changed }: Cloud['record']['writes'][number]): string[] => {
  const ids = userAgent.match(/chg-[0-9a-f]+/g);
  return ids === null ? [] : [`${at} ${action} ${JSON.stringify(params)} ${ids.join(' ')} changed ${changed.join(' ')}`];
};

/** Counted in the process and written now and then: a process that is killed takes some of it along, and the count is a lower bound for that. */
const OWN_COST = 'own-cost';

/** But for who wrote it, which is drawn anew by each process, and AWS's ids of requests, which are numbered as calls side by side arrive. */
const written = ({ writer: _, requestId: __, ...item }: Item): object => item;

test('packaged handlers, a fresh process for each run, do to the minute what the modules do in one process', async () => {
  const here = await played(async () => ({ evening: modules, close: async () => {} }));

  // The evening is worth comparing: both fleets go out and in, hours and idleness stop, a shift begins, and the rest is left alone.
  const [first, last] = [here.minutes[0], here.minutes.at(-1)];
  for (const fleet of [0, 1]) {
    const sizes = here.minutes.map(m => m.desiredCapacity[fleet] ?? 0);
    expect(new Set(sizes).size).toBeGreaterThan(2);
    expect(sizes.at(-1)).toBeLessThan(Math.max(...sizes));
  }
  expect(first?.boxes).toEqual(Array(7).fill('running'));
  expect(last?.boxes.slice(0, 6)).toEqual(['running', 'stopped', 'running', 'running', 'running', 'stopped']);
  expect(here.minutes.some(m => m.boxes[4] === 'stopped')).toBe(true);
  expect(here.minutes.flatMap(m => m.writes).join()).toMatch(/CreateTags/);

  let processes = () => 0;
  const fresh = await played(async (cloud, policies, endpoint) => {
    const made = await packaged(cloud.world, policies, endpoint);
    processes = made.processes;
    return { evening: made.load, close: made.close };
  });
  expect(fresh.minutes).toEqual(here.minutes);
  expect(fresh.ledger).toEqual(here.ledger);
  expect(fresh.memory).toEqual(here.memory);
  expect(processes()).toBeGreaterThan(2 * MINUTES);
}, 180_000);
