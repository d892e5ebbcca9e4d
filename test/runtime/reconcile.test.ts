import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addSeconds, epochSeconds, type Instant, instant } from '../../shared/model/time.ts';
import { sentence } from '../../shared/report/sentences.ts';
import { claimsOn } from '../../shared/runtime/claims.ts';
import { type Cloud, createCloud } from '../../simulator/cloud.ts';
import { complaints, every, type House, type HouseOptions, houseOf, type When } from '../support/house.ts';
import { devTest, requiredTags, webFleet } from '../support/policies.ts';

const EVENING = instant('2025-05-14T19:00:00Z');
const MORNING = instant('2025-05-15T07:00:00Z');
const PEN = 'stop-start-instances';

let house: House;
afterEach(() => house.leave());

function worldAt(at: Instant, options: HouseOptions = {}, seed = 1): { cloud: Cloud; house: House } {
  house?.leave();
  const cloud = createCloud({ seed, at: addSeconds(at, -600) });
  house = houseOf(cloud, options);
  return { cloud, house };
}

describe('nothing lost', () => {
  /** Three boxes of which one is guarded; the house dies in the evening, or in the morning, and lives on at the next tick. */
  async function night(crash: { at: 'evening' | 'morning'; step: number; when: When } | null, options: HouseOptions = {}) {
    const { cloud, house } = worldAt(EVENING, options);
    const boxes = [cloud.launch({ tags: { environment: 'dev' } }), cloud.launch({ tags: { environment: 'dev' } })];
    cloud.launch({ tags: { environment: 'dev' }, stopProtection: true });
    await cloud.advanceTo(addSeconds(EVENING, -300));
    await house.ring(PEN);

    const steps: Record<string, number> = {};
    for (const [name, from] of [
      ['evening', EVENING],
      ['morning', MORNING],
    ] as const) {
      await cloud.advanceTo(from);
      if (crash?.at === name) house.dieAt(crash.step, crash.when);
      else house.revive();
      await house.ring(PEN);
      steps[name] = house.steps();
      house.revive();
      if (crash?.at === name) {
        // SQS brings the doorbell back while the question is still too young to be answered.
        await cloud.advanceTo(addSeconds(from, 30));
        await house.ring(PEN);
      }
      // Three ticks of five minutes, and the sweep at the full hour if anything slipped past the agenda.
      for (const at of every(5, addSeconds(from, 300), 3)) {
        await cloud.advanceTo(at);
        await house.ring(PEN, 'due');
      }
      const states = boxes.map(id => cloud.instance(id).state);
      expect({ name, states }).toEqual({ name, states: boxes.map(() => (name === 'evening' ? 'stopped' : 'running')) });
    }
    expect(await complaints(house)).toEqual([]);
    const { instances } = await house.remembered(PEN);
    for (const id of boxes) expect(instances.get(id)?.value).toMatchObject({ stop: null, start: null });
    return { cloud, house, boxes, steps };
  }

  /** True seconds asleep, by the world; and metered ones, by the ledger. */
  const asleep = ({ record }: Cloud, id: string) => {
    const mine = record.transitions.filter(t => t.instance === id);
    const down = mine.find(t => t.to === 'stopping')?.at ?? MORNING;
    const up = mine.find(t => t.to === 'running' && t.at > down)?.at ?? MORNING;
    return epochSeconds(up) - epochSeconds(down);
  };
  const metered = ({ ledger }: House, id: string) => {
    const rows = ledger.all();
    const opened = rows.filter(r => r.kind === 'meter-opened' && r.resource.id === id);
    return opened.map(o => {
      const closed = rows.find(r => r.kind === 'meter-closed' && 'meterId' in o && r.meterId === o.meterId);
      return closed === undefined ? null : epochSeconds(closed.at) - epochSeconds(o.at);
    });
  };

  test('without a crash, what was metered is what was slept, to the second', async () => {
    const { cloud, house, boxes } = await night(null);
    for (const id of boxes) expect(metered(house, id)).toEqual([asleep(cloud, id)]);
  });

  for (const at of ['evening', 'morning'] as const)
    for (const when of ['before', 'after'] as const)
      test(`whatever step of the ${at} the worker dies ${when}, every write is settled, every box comes back, every second is metered`, async () => {
        const { steps } = await night(null);
        const last = steps[at] ?? 0;
        expect(last).toBeGreaterThan(10);
        for (let step = 1; step <= last; step++) {
          const { cloud, house, boxes } = await night({ at, step, when });
          for (const id of boxes) expect([step, metered(house, id)]).toEqual([step, [asleep(cloud, id)]]);
        }
      });

  test('… and when all events are lost as well, no second is metered that was not slept', async () => {
    for (let step = 1; step <= 30; step++) {
      const { cloud, house, boxes } = await night({ at: step % 2 ? 'evening' : 'morning', step, when: 'after' }, { deaf: true });
      for (const id of boxes) {
        const [seconds = null, ...more] = metered(house, id);
        expect(more).toEqual([]);
        expect(seconds).not.toBeNull();
        expect(seconds).toBeLessThanOrEqual(asleep(cloud, id));
        expect(seconds).toBeGreaterThan(asleep(cloud, id) - 60);
      }
    }
  });

  test('a fleet that grows under a dying worker has the capacity it needs, and one meter at a time', async () => {
    const flash = async (crash: { step: number; minute: number; when: When } | null) => {
      const { cloud, house } = worldAt(EVENING, { policies: [webFleet()] });
      cloud.createGroup({ name: 'web', minSize: 2, maxSize: 20, desiredCapacity: 4, demand: () => 1.8, instanceWarmup: 180 });
      await cloud.advanceTo(EVENING);
      cloud.setDemand('web', () => 3.2);
      const steps: number[] = [];
      for (const [minute, at] of every(1, addSeconds(EVENING, 60), 25).entries()) {
        await cloud.advanceTo(at);
        if (crash?.minute === minute) house.dieAt(crash.step, crash.when);
        else house.revive();
        await house.ring('resize-fleets');
        steps.push(house.steps());
      }
      expect(cloud.group('web').desired).toBe(7);
      expect(await complaints(house)).toEqual([]);
      const rows = house.ledger.all();
      const meters = rows
        .filter(r => r.kind === 'meter-opened')
        .map(({ at, meterId, running }) => ({
          at,
          running,
          closed: rows.find(r => r.kind === 'meter-closed' && r.meterId === meterId)?.at ?? null,
        }))
        .toSorted((a, b) => (a.at < b.at ? -1 : 1));
      // One follows upon the other without a gap; the last one is open and tells the truth.
      for (const [i, meter] of meters.entries()) expect(meter.closed).toBe(meters[i + 1]?.at ?? null);
      expect(meters.at(-1)?.running).toBe(7);
      return steps;
    };
    const steps = await flash(null);
    const busy = steps.map((count, minute) => ({ count, minute })).filter(({ count }) => count > (steps[0] ?? 0) + 2);
    expect(busy.length).toBeGreaterThanOrEqual(2); // the resize, and the turn of the meter
    for (const { count, minute } of busy.slice(0, 2))
      for (const when of ['before', 'after'] as const) for (let step = 1; step <= count; step++) await flash({ step, minute, when });
  });

  test('a mark made by a dying worker is remembered as the world shows it', async () => {
    const marking = async (crash: { step: number; when: When } | null) => {
      const { cloud, house } = worldAt(EVENING, { policies: [requiredTags()] });
      const box = cloud.launch();
      await cloud.advanceTo(EVENING);
      if (crash === null) house.revive();
      else house.dieAt(crash.step, crash.when);
      await house.ring('enforce-tags');
      const steps = house.steps();
      house.revive();
      await house.rings('enforce-tags', every(360, addSeconds(EVENING, 21_600), 2));
      expect(await complaints(house)).toEqual([]);
      const mark = (await house.remembered('enforce-tags')).tags.get(box)?.value.mark;
      expect(cloud.instance(box).tags.get('ebb:mark')).toBe(`missing owner - due ${mark?.deadline}`);
      return steps;
    };
    const steps = await marking(null);
    for (const when of ['before', 'after'] as const) for (let step = 1; step <= steps; step++) await marking({ step, when });
  });
});

/** A generator that repeats itself: the same seed, the same meeting of workers. */
function chance(seed: number): (below: number) => number {
  let state = seed || 1;
  return below => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 16) % below;
  };
}

describe('once', () => {
  test('workers that race over the same scope stop and start each box once, whatever order their steps come in', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1_000_000 }), async seed => {
        const random = chance(seed);
        const { cloud, house } = worldAt(EVENING, { jitter: () => random(4) }, seed);
        const boxes = Array.from({ length: 3 }, () => cloud.launch({ tags: { environment: 'dev' } }));
        for (const from of [EVENING, MORNING]) {
          await cloud.advanceTo(from);
          await Promise.all([house.ring(PEN), house.ring(PEN), house.ring(PEN, [boxes[0] ?? ''])]);
          for (const at of every(5, addSeconds(from, 300), 2)) {
            await cloud.advanceTo(at);
            await Promise.all([house.ring(PEN, 'due'), house.ring(PEN)]);
          }
        }
        expect(await complaints(house)).toEqual([]);
        for (const id of boxes) {
          const turns = cloud.record.transitions.filter(t => t.instance === id && t.from !== null).map(t => t.to);
          expect(turns).toEqual(['stopping', 'stopped', 'pending', 'running']);
        }
        expect(cloud.record.writes.filter(w => w.error !== null)).toEqual([]);
      }),
      { numRuns: 8 },
    );
  });

  test('a change that was claimed is never claimed again, not even after it was settled, and asking leaves no question behind', async () => {
    const { cloud, house } = worldAt(EVENING);
    cloud.launch({ tags: { environment: 'dev' } });
    await cloud.advanceTo(EVENING);
    const [receipt] = (await house.ring(PEN))?.receipts ?? [];
    if (receipt === undefined) throw new Error('nothing was stopped');
    expect(await claimsOn(house.run(PEN)).claim(receipt.change, EVENING)).toBe(false);
    expect(await complaints(house)).toEqual([]);
  });

  test('copies of a doorbell, and old ones that come late, change nothing', async () => {
    const { cloud, house } = worldAt(EVENING);
    const box = cloud.launch({ tags: { environment: 'dev' } });
    await cloud.advanceTo(EVENING);
    for (const look of ['all', 'all', 'due', [box]] as const) await house.ring(PEN, look);
    expect(cloud.record.writes.filter(w => w.changed.length > 0)).toHaveLength(1);
  });

  test('a fleet that two workers resize ends where one would have put it', async () => {
    const { cloud, house } = worldAt(EVENING, { policies: [webFleet()] });
    cloud.createGroup({ name: 'web', minSize: 2, maxSize: 20, desiredCapacity: 4, demand: () => 3.2 });
    await cloud.advanceTo(EVENING);
    await Promise.all([house.ring('resize-fleets'), house.ring('resize-fleets'), house.ring('resize-fleets', ['web'])]);
    await house.ring('resize-fleets');
    expect(cloud.group('web').desired).toBe(7);
    expect(cloud.record.writes.filter(w => w.changed.length > 0)).toHaveLength(1);
    const open = house.ledger.all().filter(r => r.kind === 'meter-opened');
    expect(open).toHaveLength(1);
  });
});

describe('over seeds', () => {
  const OWNERS = ['ann@example.com', 'bob@example.com', undefined] as const;
  const policies = [
    devTest({
      idle: { cpuBelow: 5, hours: 3, coverage: 0.9 },
      budget: { perRun: 6, perDay: 9, perOwner: 3 },
      breaker: { share: 0.4, atLeast: 4 },
    }),
    requiredTags({ required: [{ key: 'team', default: 'none' }, { key: 'stage' }], budget: { perRun: 4, perDay: 200, perOwner: 10 } }),
    webFleet(),
  ];

  /** A scope full of everything, one evening, one morning or some noon. */
  function anyWorld(seed: number, options: HouseOptions = {}) {
    const random = chance(seed);
    const pick = <T>(...choices: readonly T[]): T => choices[random(choices.length)] as T;
    const at = addSeconds(pick(instant('2025-05-14T12:00:00Z'), EVENING, MORNING, instant('2025-05-17T10:00:00Z')), 60 * random(90));
    const { cloud, house } = worldAt(at, { policies, ...options }, seed);
    const untouchable = new Set<string>();
    for (let n = 5 + random(20); n > 0; n--) {
      const owner = pick(...OWNERS);
      const [market, stopProtection] = [pick('on-demand', 'on-demand', 'on-demand', 'spot-persistent') as 'on-demand', random(5) === 0];
      const tags: Record<string, string> = {
        ...(random(5) > 0 ? { environment: 'dev' } : {}),
        ...(owner === undefined ? {} : { 'ebb:owner': owner }),
        ...pick({}, {}, { 'ebb:policy': 'off' }, { 'ebb:keep-until': '2025-06-01' }, { 'ebb:schedule': 'offce-hours' }, { team: 'red' }),
      };
      const load = pick(1, 2, 3, 60);
      const id = cloud.launch({
        tags,
        market,
        stopProtection,
        type: pick('t3.micro', 'm5.large', 'm5d.large'),
        rootDevice: pick('ebs', 'ebs', 'ebs', 'instance-store'),
        state: pick('running', 'running', 'running', 'stopped'),
        since: instant('2025-05-05T00:00:00Z'), // too young for a baseline, whose four weeks would cost more than all the rest
        cpu: () => load,
      });
      const kept = 'ebb:policy' in tags || 'ebb:keep-until' in tags || 'ebb:schedule' in tags || !('environment' in tags);
      if (market !== 'on-demand' || stopProtection || kept || cloud.instance(id).rootDevice === 'instance-store') untouchable.add(id);
    }
    const demand = 0.5 + random(40) / 10;
    cloud.createGroup({
      name: 'web',
      since: instant('2025-05-05T00:00:00Z'),
      minSize: 1,
      maxSize: 12,
      desiredCapacity: 3,
      demand: () => demand,
      tags: { environment: 'dev' },
    });
    for (const id of cloud.group('web').members.keys()) untouchable.add(id);
    return { cloud, house, untouchable, random, at };
  }

  const runs = (property: (seed: number) => Promise<void>) =>
    fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 1_000_000 }), property), { numRuns: 8 });

  test('protected: what is marked is never stopped nor started', () =>
    runs(async seed => {
      const { cloud, house, untouchable, at } = anyWorld(seed);
      await house.rings(PEN, every(60, at, 10));
      const written = cloud.record.writes.filter(w => w.service === 'ec2' && /Instances$/.test(w.action));
      const ids = written.flatMap(w => (w.params as { InstanceIds: string[] }).InstanceIds);
      expect(ids.filter(id => untouchable.has(id))).toEqual([]);
    }));

  test('bounded: no run, no day and no owner is disturbed beyond the budget', () =>
    runs(async seed => {
      const { cloud, house, at } = anyWorld(seed);
      const before = cloud.record.writes.length;
      await house.rings(PEN, every(10, at, 6));
      const stops = cloud.record.writes.slice(before).filter(w => w.action === 'StopInstances');
      for (const run of Map.groupBy(stops, w => w.at).values()) {
        const ids = run.flatMap(w => w.changed);
        expect(ids.length).toBeLessThanOrEqual(6);
        const owners = Map.groupBy(ids, id => cloud.instance(id).tags.get('ebb:owner'));
        for (const [owner, mine] of owners) if (owner !== undefined) expect(mine.length).toBeLessThanOrEqual(3);
      }
      for (const day of Map.groupBy(stops, w => w.at.slice(0, 10)).values())
        expect(day.flatMap(w => w.changed).length).toBeLessThanOrEqual(9);
    }));

  test('quiescent: where no budget bound, deciding again at the same instant proposes nothing', () =>
    runs(async seed => {
      const { cloud, house, at } = anyWorld(seed);
      await cloud.advanceTo(at);
      for (const pen of ['stop-start-instances', 'enforce-tags', 'resize-fleets'] as const) {
        // A run's budget binds for some rounds, the day's for the rest of the day; a default is followed by a mark.
        let acted = true;
        for (let round = 0; acted && round < 20; round++) acted = ((await house.ring(pen))?.receipts ?? []).some(r => r.outcome === 'done');
        const again = await house.ring(pen);
        expect([pen, acted, again?.receipts]).toEqual([pen, false, []]);
        if (!again?.plan?.left.some(l => l.because.code === 'over-budget')) expect(again?.plan?.changes).toEqual([]);
      }
    }));

  test('explained: everything that is seen has one answer, and every answer a sentence', () =>
    runs(async seed => {
      const { cloud, house, at } = anyWorld(seed);
      await cloud.advanceTo(at);
      const instances = cloud.record
        .instances()
        .map(m => m.id)
        .toSorted();
      for (const [pen, seen] of [
        ['stop-start-instances', instances],
        ['enforce-tags', instances],
        ['resize-fleets', ['web']],
      ] as const) {
        const { plan } = (await house.ring(pen)) ?? {};
        const answers = [...(plan?.changes ?? []), ...(plan?.left ?? [])];
        expect(answers.map(a => a.resource.id).toSorted()).toEqual(seen);
        for (const { because } of answers) expect(sentence(because)).toMatch(/^\S.*\.$/);
        for (const { saving } of plan?.changes ?? []) if (saving?.money != null) expect(saving.priceSource).not.toBeNull();
      }
    }));

  test('heals: with every event lost, nobody is owed who runs, and no meter runs for who runs', () =>
    runs(async seed => {
      const { cloud, house, random, at } = anyWorld(seed, { deaf: true });
      const boxes = cloud.record.instances().filter(m => m.group === null);
      for (const hour of every(60, at, 20)) {
        await cloud.advanceTo(hour);
        await house.ring(PEN);
        const box = boxes[random(boxes.length)];
        if (box !== undefined && random(2) === 0) {
          await cloud.advanceTo(addSeconds(hour, 600));
          const act = [cloud.human.starts, cloud.human.stops, cloud.human.terminates][random(3)];
          try {
            act?.(box.id);
          } catch {} // EC2 refuses people, too
        }
      }
      await cloud.advanceTo(addSeconds(cloud.now(), 3600));
      await house.ring(PEN);
      await cloud.advanceTo(addSeconds(cloud.now(), 600));
      await house.ring(PEN);

      expect(await complaints(house)).toEqual([]);
      const { instances } = await house.remembered(PEN);
      const open = house.ledger.all().filter(r => r.kind === 'meter-opened');
      const closed = new Set(house.ledger.all().flatMap(r => (r.kind === 'meter-closed' ? [r.meterId] : [])));
      for (const box of boxes) {
        const asleep = box.state === 'stopped' && instances.get(box.id)?.value.stop != null;
        const metered = open.filter(r => r.resource.id === box.id && !closed.has(r.meterId)).length;
        expect([box.id, box.state, metered]).toEqual([box.id, box.state, asleep ? 1 : 0]);
        if (box.state === 'running') expect(instances.get(box.id)?.value.stop ?? null).toBeNull();
        if (box.state === 'terminated') expect(instances.has(box.id)).toBe(false);
      }
    }));
});
