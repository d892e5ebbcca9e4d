/** What an hour costs: today's list once a day, the shipped table where it says nothing, and how much of it a commitment has paid. */
import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Instance } from '../../shared/model/observation.ts';
import { addSeconds, DAY, HOUR, type Instant, instant } from '../../shared/model/time.ts';
import { factsOf } from '../../shared/observe/describe.ts';
import { listed } from '../../shared/observe/price-list.ts';
import type { Config } from '../../shared/policy/schema.ts';
import { type Equippable, useOutside } from '../../shared/runtime/outside.ts';
import { withPrices } from '../../shared/runtime/prices.ts';
import { accountFor, type Run, standingOf } from '../../shared/runtime/run.ts';
import { createCloud } from '../../simulator/cloud.ts';
import { paperMemory } from '../support/paper.ts';

const began = instant('2025-05-14T09:00:00Z');
const undo: (() => void)[] = [];
afterEach(() => {
  for (const one of undo.splice(0)) one();
});

function house(commitments: 'none' | 'unknown' | 'ask' = 'unknown') {
  const cloud = createCloud({ seed: 1, at: began, regions: ['eu-west-1'] });
  const world = cloud.outside({ environment: {}, config: {} as Config });
  const asked: string[] = [];
  const equip = <C extends Equippable>(client: C): C => {
    const equipped = world.equip(client);
    equipped.middlewareStack.add(
      (next, { commandName }) =>
        args =>
          next(args).finally(() => asked.push(String(commandName))),
      { step: 'initialize' },
    );
    return equipped;
  };
  undo.push(useOutside({ ...world, equip }));
  const scope = { account: cloud.account, region: 'eu-west-1' };
  const memory = paperMemory();
  const accounts = [{ account: 'self' as const, regions: ['eu-west-1'], commitments }];
  const run = (at: Instant): Run =>
    ({ at, scope, memory, ...standingOf(accountFor({ accounts }, scope, cloud.account), scope) }) as unknown as Run;
  return { cloud, memory, asked, run };
}

const box = (type: string, rest: Partial<Instance> = {}): Instance => {
  const seen = factsOf(
    { InstanceId: 'i-0a', InstanceType: type as never, State: { Name: 'running' }, LaunchTime: new Date(began) },
    { account: '111122223333', region: 'eu-west-1' },
  );
  return { ...seen, ...rest };
};

const priceOf = async (run: Run, type: string, rest: Partial<Instance> = {}) => {
  const { instances, unread, apart } = await withPrices(run, [box(type, rest)], () => true);
  for (const { shelf, items } of apart) for (const { item } of items) await run.memory.write(shelf, item);
  return { price: instances[0]?.price ?? null, unread };
};

describe('prices', () => {
  test('are those of today where the list knows exactly one, with the line of the bill', async () => {
    const { run } = house();
    expect(await priceOf(run(began), 'm5.large')).toEqual({
      price: {
        perHour: 107_000,
        source: 'list price of 2025-04-01 (Price List API)',
        billedAs: {
          type: 'm5.large',
          sku: 'LINEUWEST1M5LARGE',
          usageType: 'EU-BoxUsage:m5.large',
          operation: 'RunInstances',
          pricing: 'Standard',
        },
      },
      unread: [],
    });
    const windows = await priceOf(run(began), 'm5.large', { platform: 'windows' });
    expect(windows.price).toMatchObject({ perHour: 199_000, billedAs: { operation: 'RunInstances:0002' } });
  });

  test('are asked once a day, by whichever run comes first, and kept on a shelf', async () => {
    const { run, asked, memory } = house();
    await priceOf(run(began), 'm5.large');
    await priceOf(run(addSeconds(began, HOUR)), 'm5.large');
    expect(asked).toEqual(['GetProductsCommand']);
    expect(memory.all().map(item => item.key)).toEqual(['m5.large linux default']);
    await priceOf(run(addSeconds(began, DAY)), 'm5.large');
    expect(asked).toHaveLength(2);
    expect(memory.all()[0]?.version).toBe(2);
  });

  test('come from the shipped table where the list has no such product, which is told once', async () => {
    const { run } = house();
    const first = await priceOf(run(began), 'r5.xlarge');
    expect(first.price?.source).toBe('list price of 2025-04-04 (table)');
    expect(first.unread).toEqual([{ what: 'price of r5.xlarge in eu-west-1', why: 'the Price List API: no product matches' }]);
    expect((await priceOf(run(addSeconds(began, HOUR)), 'r5.xlarge')).unread).toEqual([]);
  });

  test('that cannot be asked are the shipped ones, and nobody asks again within the hour', async () => {
    const { run, asked, cloud } = house();
    cloud.faults.next('pricing:GetProducts', { name: 'AccessDeniedException', message: 'not allowed' });
    const { price, unread } = await priceOf(run(began), 'm5.large');
    expect(price?.source).toBe('list price of 2025-04-04 (table)');
    expect(unread).toEqual([{ what: 'prices of today', why: 'AccessDeniedException: not allowed' }]);
    await priceOf(run(addSeconds(began, 60)), 'm5.large');
    expect(asked).toHaveLength(1);
  });

  test('of what runs on Spot, on dedicated hosts or under another licence are not asked for', async () => {
    const { run, asked } = house();
    for (const rest of [
      { lifecycle: 'spot' },
      { tenancy: 'dedicated' },
      { platform: 'other' },
      { state: 'stopped' },
    ] as Partial<Instance>[])
      await priceOf(run(began), 'm5.large', rest);
    expect(asked).toEqual([]);
  });
});

describe('commitments', () => {
  test('are asked of Cost Explorer once a day where the account says so, and reserved hours come first', async () => {
    const { run, asked, cloud } = house('ask');
    cloud.aws.bills({ region: 'eu-west-1', family: 'm5', reserved: 20, savingsPlan: 50 });
    const { price } = await priceOf(run(began), 'm5.large');
    // 20 % are reserved, and a plan pays for half of the other 80 %: 60 %
    expect(price?.coverage).toEqual({ covered: 6_000, source: 'Cost Explorer, 2025-04-28 to 2025-05-12' });
    expect((await priceOf(run(addSeconds(began, 60)), 't3.medium')).price?.coverage).toBeUndefined();
    expect(asked.filter(name => name.includes('Coverage'))).toEqual(['GetSavingsPlansCoverageCommand', 'GetReservationCoverageCommand']);
  });

  test('of a region with more families than a page holds are read to the last page', async () => {
    const { run, asked, cloud } = house('ask');
    for (let i = 0; i < 24; i++) cloud.aws.bills({ region: 'eu-west-1', family: `x${i}`, reserved: 0, savingsPlan: 0 });
    cloud.aws.bills({ region: 'eu-west-1', family: 'm5', reserved: 20, savingsPlan: 50 });
    expect((await priceOf(run(began), 'm5.large')).price?.coverage?.covered).toBe(6_000);
    expect(asked.filter(name => name.includes('Coverage'))).toHaveLength(4);
  });

  test('are asked for although the price list does not answer, and prices although Cost Explorer does not', async () => {
    const { run, cloud } = house('ask');
    cloud.aws.bills({ region: 'eu-west-1', family: 'm5', reserved: 20, savingsPlan: 50 });
    cloud.faults.next('pricing:GetProducts', { name: 'AccessDeniedException', message: 'not allowed' });
    const first = await priceOf(run(began), 'm5.large');
    expect([first.price?.source, first.price?.coverage?.covered]).toEqual(['list price of 2025-04-04 (table)', 6_000]);
    cloud.faults.next('costexplorer:GetSavingsPlansCoverage', { name: 'DataUnavailableException', message: 'not yet' });
    const tomorrow = await priceOf(run(addSeconds(began, DAY)), 'm5.large');
    expect([tomorrow.price?.source, tomorrow.price?.coverage]).toEqual(['list price of 2025-04-01 (Price List API)', undefined]);
    expect(tomorrow.unread).toEqual([{ what: 'coverage by commitments', why: 'DataUnavailableException: not yet' }]);
  });

  test('are not asked for otherwise', async () => {
    const { run, asked } = house('unknown');
    await priceOf(run(began), 'm5.large');
    expect(asked).toEqual(['GetProductsCommand']);
  });
});

describe('a product of the list', () => {
  const asked = { region: 'us-east-2', type: 'm5.large', platform: 'linux' } as const;
  /** As the API answered on 2023-03-22 (opencost's test data), shortened. */
  const product = (price: object, attributes = {}) =>
    JSON.stringify({
      product: {
        productFamily: 'Compute Instance',
        attributes: {
          instanceType: 'm5.large',
          regionCode: 'us-east-2',
          usagetype: 'USE2-BoxUsage:m5.large',
          operation: 'RunInstances',
          ...attributes,
        },
        sku: '8D49XP354UEYTHGM',
      },
      terms: { OnDemand: { '8D49XP354UEYTHGM.MZU6U2429S': { priceDimensions: { one: price }, effectiveDate: '2023-03-01T00:00:00Z' } } },
    });

  test('is read with its stock-keeping unit', () => {
    expect(listed(product({ unit: 'Hrs', pricePerUnit: { USD: '0.0960000000' } }), asked)).toEqual({
      perHour: 96_000,
      effectiveAt: '2023-03-01T00:00:00Z',
      billedAs: {
        type: 'm5.large',
        sku: '8D49XP354UEYTHGM',
        usageType: 'USE2-BoxUsage:m5.large',
        operation: 'RunInstances',
        pricing: 'Standard',
      },
    });
  });

  test.each([
    ['in another currency', product({ unit: 'Hrs', pricePerUnit: { CNY: '0.7' } })],
    ['for nothing', product({ unit: 'Hrs', pricePerUnit: { USD: '0.0000000000' } })],
    ['by another unit', product({ unit: 'Quantity', pricePerUnit: { USD: '70' } })],
    ['without a date', product({ unit: 'Hrs', pricePerUnit: { USD: '0.096' } }).replace('2023-03-01T00:00:00Z', '')],
    ['in pieces', product({ unit: 'Hrs', pricePerUnit: { USD: '0.096' } }).slice(0, 100)],
    ['of another region', product({ unit: 'Hrs', pricePerUnit: { USD: '0.096' } }, { regionCode: 'us-east-1' })],
  ])('%s is refused', (_what, text) => expect(listed(text, asked)).toHaveProperty('refused'));

  test('with anything in any one place is refused, or is still a price of something from a day that there is', () => {
    const good = product({ unit: 'Hrs', pricePerUnit: { USD: '0.0960000000' } });
    const places: string[] = [];
    JSON.parse(good, (key, value: unknown) => {
      places.push(key);
      return value;
    });
    const odd = fc.constantFrom('1e300', 'Infinity', '0.0000001', '-1', '+012025-01-01T00:00:00Z', null, true, {}, []);
    fc.assert(
      fc.property(fc.nat(places.length - 1), fc.oneof(odd, fc.jsonValue()), (nth, put) => {
        let seen = 0;
        const spoilt = JSON.stringify(JSON.parse(good, (_, value: unknown) => (seen++ === nth ? put : value)));
        const said = listed(spoilt, asked);
        if ('refused' in said) expect(said.refused).not.toBe('');
        else {
          expect(Number.isSafeInteger(said.perHour) && said.perHour > 0).toBe(true);
          expect(said.effectiveAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
          for (const word of Object.values(said.billedAs)) expect(word === null || typeof word === 'string').toBe(true);
        }
      }),
      { numRuns: 400 },
    );
  });
});
