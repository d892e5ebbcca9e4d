import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addSeconds, type Instant, instant, MINUTE } from '../../shared/model/time.ts';
import type { FleetPolicy } from '../../shared/policy/schema.ts';
import { type Cloud, createCloud } from '../../simulator/cloud.ts';
import { complaints, every, type House, type HouseOptions, houseOf, type When } from '../support/house.ts';
import { webFleet } from '../support/policies.ts';

const EVENING = instant('2025-05-14T19:00:00Z');
const MORNING = instant('2025-05-15T07:00:00Z');
const PEN = 'resize-fleets';
const asleep: Partial<FleetPolicy> = { schedule: 'office-hours', offHours: { minSize: 0 }, minSize: 1 };

let house: House;
afterEach(() => house.leave());

interface Crash {
  readonly at: 'evening' | 'morning';
  readonly step: number;
  readonly when: When;
}

/** Some minutes from here on; with a crash at the first of them, and the doorbell that SQS brings back. */
async function minutes(cloud: Cloud, from: Instant, crash: Crash | null): Promise<number> {
  await cloud.advanceTo(from);
  if (crash === null) house.revive();
  else house.dieAt(crash.step, crash.when);
  await house.ring(PEN);
  const steps = house.steps();
  house.revive();
  if (crash !== null) {
    await cloud.advanceTo(addSeconds(from, 30));
    await house.ring(PEN);
  }
  // What was not carried out is looked up after two minutes and tried again after five more.
  await house.rings(
    PEN,
    [1, 2, 3, 7, 8].map(minute => addSeconds(from, minute * MINUTE)),
  );
  return steps;
}

/** A group with other sizes than anybody would guess goes to sleep and comes back. */
async function night(crash: Crash | null, options: HouseOptions = {}) {
  const cloud = createCloud({ seed: 1, at: addSeconds(EVENING, -600) });
  house = houseOf(cloud, { policies: [webFleet(asleep)], ...options });
  cloud.createGroup({ name: 'web', minSize: 3, maxSize: 11, desiredCapacity: 5, demand: () => 2.2, instanceWarmup: 180 });
  const sizes = () => [cloud.group('web').minSize, cloud.group('web').maxSize, cloud.group('web').desired];
  await cloud.advanceTo(addSeconds(EVENING, -300));
  await house.ring(PEN);
  const evening = await minutes(cloud, EVENING, crash?.at === 'evening' ? crash : null);
  expect(sizes()).toEqual([0, 11, 0]);
  const held = (await house.remembered(PEN)).fleets.get('web')?.value.asleep?.was;
  expect(held).toEqual({ minSize: 3, maxSize: 11, desiredCapacity: 5 });
  const morning = await minutes(cloud, MORNING, crash?.at === 'morning' ? crash : null);
  expect(sizes()).toEqual([3, 11, 5]);
  expect((await house.remembered(PEN)).fleets.get('web')?.value.asleep ?? null).toBeNull();
  expect(await complaints(house)).toEqual([]);
  house.leave();
  return { evening, morning };
}

describe('the sizes of a fleet', () => {
  test.each(['evening', 'morning'] as const)('survive a crash at every step of the %s, before it and after it', async at => {
    const steps = (await night(null))[at];
    expect(steps).toBeGreaterThan(8);
    for (let step = 1; step <= steps; step++)
      for (const when of ['before', 'after'] as const) {
        try {
          await night({ at, step, when });
        } catch (error) {
          throw new Error(`died ${when} step ${step} of the ${at}`, { cause: error });
        }
      }
  });

  test('survive two workers that meet anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(3), { minLength: 40, maxLength: 40 }), async turns => {
        let i = 0;
        const cloud = createCloud({ seed: 1, at: addSeconds(EVENING, -600) });
        house = houseOf(cloud, { policies: [webFleet(asleep)], jitter: () => turns[i++ % turns.length] ?? 0 });
        cloud.createGroup({ name: 'web', minSize: 3, maxSize: 11, desiredCapacity: 5, demand: () => 2.2 });
        for (const from of [EVENING, MORNING]) {
          await cloud.advanceTo(from);
          await Promise.all([house.ring(PEN), house.ring(PEN, ['web']), house.ring(PEN)]);
          await house.rings(PEN, every(1, addSeconds(from, 60), 5));
        }
        const { minSize, maxSize, desired } = cloud.group('web');
        expect([minSize, maxSize, desired]).toEqual([3, 11, 5]);
        expect(cloud.record.writes.filter(w => w.changed.length > 0)).toHaveLength(2);
        house.leave();
      }),
      { numRuns: 15 },
    );
  });
});

describe('the floor of a fleet', () => {
  async function floor(crash: { step: number; when: When } | null) {
    const cloud = createCloud({ seed: 1, at: instant('2025-05-14T10:00:00Z') });
    house = houseOf(cloud, { policies: [webFleet({ capacity: 'floor' })] });
    cloud.createGroup({ name: 'web', minSize: 2, maxSize: 11, desiredCapacity: 5, demand: () => 4, instanceWarmup: 180 });
    const steps = await minutes(cloud, instant('2025-05-14T10:10:00Z'), crash === null ? null : { at: 'morning', ...crash });
    expect((await house.remembered(PEN)).fleets.get('web')?.value.floor).toMatchObject({ was: 2, is: 8 });
    expect(cloud.group('web').minSize).toBe(8);
    expect(cloud.record.writes.filter(w => w.changed.length > 0)).toHaveLength(1);
    expect(await complaints(house)).toEqual([]);
    house.leave();
    return steps;
  }

  test('remembers what was there before, whatever step it dies at', async () => {
    const steps = await floor(null);
    for (let step = 1; step <= steps; step++) for (const when of ['before', 'after'] as const) await floor({ step, when });
  });
});

describe('the pause of an environment', () => {
  async function pause(crash: { step: number; when: When } | null) {
    const from = addSeconds(EVENING, -1800);
    const cloud = createCloud({ seed: 1, at: addSeconds(from, -600) });
    house = houseOf(cloud, { policies: [webFleet({ ...asleep, beanstalk: true, match: { tags: {}, names: ['shop*'] } })] });
    const name = cloud.createEnvironment({ name: 'shop-dev', minSize: 2, maxSize: 6, desiredCapacity: 4, demand: () => 1.8 });
    const sizes = () => [cloud.group(name).minSize, cloud.group(name).maxSize, cloud.group(name).desired];
    const steps = await minutes(cloud, from, crash === null ? null : { at: 'evening', ...crash });
    await house.rings(PEN, [addSeconds(EVENING, 120)]);
    expect(sizes()).toEqual([0, 0, 0]);
    await house.rings(PEN, [addSeconds(MORNING, 120), ...every(1, addSeconds(MORNING, 1200), 3)]);
    expect(sizes()).toEqual([2, 6, 4]);
    expect(cloud.record.writes.filter(w => w.action === 'UpdateEnvironment' && w.changed.length > 0)).toHaveLength(1);
    const [memory] = [...(await house.remembered(PEN)).fleets.values()];
    expect(memory?.value.asleep ?? null).toBeNull();
    house.leave();
    return steps;
  }

  test('is written once, and ends, whatever step it dies at', async () => {
    const steps = await pause(null);
    for (let step = 1; step <= steps; step++) for (const when of ['before', 'after'] as const) await pause({ step, when });
  });
});
