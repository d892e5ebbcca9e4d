/** What a fleet's demand has taught, between two invocations. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Service } from '../../shared/decide/fleet/learner.ts';
import { hear } from '../../shared/decide/fleet/mind.ts';
import { type FleetMind, openMind } from '../../shared/decide/fleet/think.ts';
import { createMemory } from '../../shared/memory/dynamo-memory.ts';
import { demandShelf } from '../../shared/memory/shelves.ts';
import type { Memory, Shelf } from '../../shared/model/ports.ts';
import { addSeconds, fromEpochSeconds } from '../../shared/model/time.ts';
import { keepMind, readMind } from '../../shared/runtime/minds.ts';
import { openTables, type Tables } from '../../simulator/tables.ts';

const service: Service = { utilization: 0.9, minutes: 0.01, boot: 3, lag: 1, min: 2, max: 60 };
const FIRST = 28_000_000;
const at = (minute: number) => fromEpochSeconds(minute * 60);
/** A day with a peak, and noise that is the same each time. */
const demand = (minute: number) => 8 + 5 * Math.sin((minute % 1440) / 229) + ((minute * 7919) % 13) / 13;

let tables: Tables;
let client: DynamoDBClient;
let shelves = 0;
beforeAll(async () => {
  tables = await openTables();
  client = new DynamoDBClient(tables.clientConfig);
});
afterAll(async () => {
  client.destroy();
  await tables.close();
});

const coldShelf = (): Shelf => demandShelf({ account: '123456789012', region: 'eu-west-1' }, `web-${++shelves}`);

function learn(before: FleetMind, minutes: readonly number[]): { readonly fleet: FleetMind; readonly capacities: (number | null)[] } {
  let { mind } = before;
  const capacities = minutes.map(minute => {
    const heard = hear(
      mind,
      { minute, readings: [{ kind: 'cpu', of: 'instance', full: 100, value: (demand(minute) / 20) * 100 }], carriers: 20 },
      service,
    );
    mind = heard?.mind ?? mind;
    return heard?.capacity ?? null;
  });
  return { fleet: { mind, served: [{ minute: FIRST, units: 20 }] }, capacities };
}

const range = (from: number, length: number) => Array.from({ length }, (_, i) => from + i);

async function save(memory: Memory, held: Awaited<ReturnType<typeof readMind>>, fleet: FleetMind, minute: number): Promise<boolean[]> {
  const kept = keepMind(held, fleet);
  const written: boolean[] = [];
  for (const { item, expiresAt } of kept.items) {
    const done = await memory.write(kept.shelf, item, { at: at(minute), expiresAt });
    written.push(done);
    if (!done) break;
  }
  return written;
}

describe('a mind', () => {
  test('decides the same whether it is kept between minutes or learned in one go', async () => {
    const memory = createMemory(client, tables.memory);
    const straight = learn(openMind, range(FIRST, 3000)).capacities;
    const shelf = coldShelf();
    const kept: (number | null)[] = [];
    for (let from = FIRST, length = 2900; from < FIRST + 3000; from += length, length = 25) {
      const held = await readMind(memory, shelf, at(from));
      const { fleet, capacities } = learn(held.fleet, range(from, length));
      kept.push(...capacities);
      expect((await save(memory, held, fleet, from)).every(Boolean)).toBe(true);
    }
    expect(kept).toEqual(straight);
    expect(new Set(kept).size).toBeGreaterThan(3); // and it is not one number for ever
  });

  test('read from the tables alone is the one that a warm process remembers', async () => {
    const memory = createMemory(client, tables.memory);
    const shelf = coldShelf();
    const { fleet } = learn(openMind, range(FIRST, 2000));
    await save(memory, await readMind(memory, shelf, at(FIRST)), fleet, FIRST);
    const warm = await readMind(memory, shelf, at(FIRST)); // takes what is remembered, so that the next has to read
    const cold = await readMind(memory, shelf, at(FIRST));
    const next = range(FIRST + 2000, 60);
    expect(cold.fleet.mind?.learner.history).not.toBe(warm.fleet.mind?.learner.history);
    const [one, other] = [learn(cold.fleet, next), learn(warm.fleet, next)];
    expect(one.fleet.mind?.learner.open).toEqual(other.fleet.mind?.learner.open); // to the last bit: forecasts, scales and what foretold them
    expect(one.capacities).toEqual(other.capacities);
    expect(cold.versions).toEqual(warm.versions);
  });

  test('writes one piece and the head a minute, far below what an item may weigh', async () => {
    const memory = createMemory(client, tables.memory);
    const shelf = coldShelf();
    await save(memory, await readMind(memory, shelf, at(FIRST)), learn(openMind, range(FIRST, 4000)).fleet, FIRST);
    const held = await readMind(memory, shelf, at(FIRST));
    const { items } = keepMind(held, learn(held.fleet, [FIRST + 4000]).fleet);
    expect(items.map(({ item }) => item.key.split('#')[0])).toEqual(['minutes', 'head']);
    for (const { item } of items) expect(JSON.stringify(item).length).toBeLessThan(16_000);
  });

  test('that somebody else has taught in between is not overwritten', async () => {
    const memory = createMemory(client, tables.memory);
    const shelf = coldShelf();
    await save(memory, await readMind(memory, shelf, at(FIRST)), learn(openMind, range(FIRST, 100)).fleet, FIRST);
    const one = await readMind(memory, shelf, at(FIRST));
    const other = await readMind(memory, shelf, at(FIRST));
    expect(await save(memory, one, learn(one.fleet, range(FIRST + 100, 5)).fleet, FIRST)).toEqual([true, true]);
    expect(await save(memory, other, learn(other.fleet, range(FIRST + 100, 1)).fleet, FIRST)).toEqual([false]);
    expect((await readMind(memory, shelf, at(FIRST))).last).toBe(FIRST + 104);
  });

  test('whose minutes were lost starts anew, and one that nobody heard of for a month is forgotten', async () => {
    const memory = createMemory(client, tables.memory);
    const shelf = coldShelf();
    await save(memory, await readMind(memory, shelf, at(FIRST)), learn(openMind, range(FIRST, 500)).fleet, FIRST);
    const [piece] = (await memory.readShelf(shelf, at(FIRST))).filter(({ key }) => key.startsWith('minutes'));
    if (piece === undefined) throw new Error('no piece was written');
    await memory.forget(shelf, piece);
    const taken = await readMind(memory, shelf, at(FIRST)); // remembered, and true
    expect(taken.last).toBe(FIRST + 499);
    expect((await readMind(memory, shelf, at(FIRST))).fleet).toEqual(openMind);
    expect((await readMind(memory, shelf, addSeconds(at(FIRST + 500), 31 * 86_400))).fleet).toEqual(openMind);
  });
});
