import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { shelfOf, wishKey } from '../../shared/memory/shelves.ts';
import type { Wish } from '../../shared/model/memory.ts';
import { addSeconds, DAY, HOUR, instant } from '../../shared/model/time.ts';
import { useOutside } from '../../shared/runtime/outside.ts';
import { askFor, putDown } from '../../shared/runtime/wishes.ts';
import { createCloud } from '../../simulator/cloud.ts';
import { paperLedger, paperMemory } from '../support/paper.ts';
import { configOf } from '../support/policies.ts';

const NOON = instant('2025-05-14T12:00:00Z');
const PEN = 'stop-start-instances';
const BOX = 'i-0123456789abcdef0';

let leave = () => {};
afterEach(() => leave());

const wish = (id: string, at = NOON, more: Partial<Wish> = {}): Wish =>
  ({ id, at, by: 'U024BE7LH', via: 'slack', why: null, want: 'stopped', ...more }) as Wish;

function world() {
  leave();
  const cloud = createCloud({ seed: 1, at: NOON });
  const scope = { account: cloud.account, region: cloud.regions[0] ?? '' };
  const queue = cloud.createQueue({ name: 'stop-start-instances.fifo', region: scope.region });
  const environment = { AWS_REGION: scope.region, EBB_QUEUE_STOP_START_INSTANCES: queue.url };
  leave = useOutside(cloud.outside({ config: configOf(), environment }));
  const tables = { memory: paperMemory(), ledger: paperLedger() };
  const held = async (at = NOON) => (await tables.memory.read(shelfOf(PEN, scope), wishKey(BOX), at))?.value ?? null;
  const bells = () => queue.messages.map(m => JSON.parse(m.body));
  return { cloud, scope, tables, held, bells };
}

describe('what somebody asks for', () => {
  test('stands on the shelf of its pen, and rings for that box alone', async () => {
    const { scope, tables, held, bells } = world();
    expect(await askFor(tables, scope, PEN, BOX, wish('a'), NOON)).toBe(true);
    expect(await held()).toMatchObject({ id: 'a', want: 'stopped' });
    expect(bells()).toMatchObject([{ pen: PEN, look: [BOX], cause: 'asked', at: NOON }]);
  });

  test('told twice is one wish and one doorbell; a later one takes its place, an earlier one does not', async () => {
    const { scope, tables, held, bells } = world();
    await askFor(tables, scope, PEN, BOX, wish('a'), NOON);
    expect(await askFor(tables, scope, PEN, BOX, wish('a'), addSeconds(NOON, 60))).toBe(true);
    expect(bells()).toHaveLength(1);

    expect(await askFor(tables, scope, PEN, BOX, wish('b', addSeconds(NOON, 60), { want: 'running' }), addSeconds(NOON, 60))).toBe(true);
    expect(await askFor(tables, scope, PEN, BOX, wish('c', addSeconds(NOON, 30)), addSeconds(NOON, 90))).toBe(false);
    expect(await held()).toMatchObject({ id: 'b', want: 'running' });
    expect(bells()).toHaveLength(2);
  });

  test('is over after a day, what is kept at its own time, and nothing after more than thirty days', async () => {
    const { scope, tables, held } = world();
    const until = (seconds: number) => ({ want: 'keep', until: addSeconds(NOON, seconds) }) as const;
    for (const [id, more, lasts] of [
      ['a', { want: 'running' }, DAY],
      ['b', until(3 * HOUR), 3 * HOUR],
      ['c', until(90 * DAY), 30 * DAY],
    ] as const) {
      const asked = wish(id, NOON, more);
      await putDown(tables, scope, PEN, BOX, asked, NOON);
      expect(await held(addSeconds(NOON, lasts - 1))).toMatchObject({ id });
      expect(await held(addSeconds(NOON, lasts))).toBeNull();
      const item = await tables.memory.read(shelfOf(PEN, scope), wishKey(BOX), NOON);
      if (item !== null) await tables.memory.forget(shelfOf(PEN, scope), item);
    }
  });

  test('whatever the order in which they arrive, and however often, the latest stands', async () => {
    const ages = fc.uniqueArray(fc.integer({ min: 0, max: 3600 }), { minLength: 1, maxLength: 5 });
    const arriving = ages.chain(a => fc.tuple(fc.constant(a), fc.array(fc.constantFrom(...a), { maxLength: 8 })));
    await fc.assert(
      fc.asyncProperty(arriving, async ([all, order]) => {
        const { scope, tables, held } = world();
        for (const age of [...order, ...all]) await putDown(tables, scope, PEN, BOX, wish(`w${age}`, addSeconds(NOON, age)), NOON);
        expect(await held()).toMatchObject({ id: `w${Math.max(...all)}` });
      }),
      { numRuns: 30 },
    );
  });
});
