/** What members of a fleet cost that are bought as Spot: the market's price in their zone, and nothing where they are bought both ways. */
import { afterEach, expect, test } from '@jest/globals';
import { instant } from '../../shared/model/time.ts';
import { observeTerms } from '../../shared/observe/fleet-terms.ts';
import { observeFleets } from '../../shared/observe/fleets.ts';
import type { Config } from '../../shared/policy/schema.ts';
import { clientsFor } from '../../shared/runtime/clients.ts';
import { useOutside } from '../../shared/runtime/outside.ts';
import { createCloud } from '../../simulator/cloud.ts';

const at = instant('2025-05-14T09:00:00Z');
let leave = () => {};
afterEach(() => leave());

async function priceOf(onDemandBase: number | null) {
  const cloud = createCloud({ seed: 1, at, regions: ['eu-west-1'] });
  leave = useOutside(cloud.outside({ environment: {}, config: {} as Config }));
  const spot = onDemandBase === null ? {} : { spot: { onDemandBase, onDemandPercentAboveBase: 0 } };
  cloud.createGroup({ name: 'batch', type: 'm5.large', minSize: 3, maxSize: 3, desiredCapacity: 3, demand: () => 1, ...spot });
  const scope = { account: cloud.account, region: 'eu-west-1' };
  const clients = clientsFor({ region: 'eu-west-1' });
  const no = () => false;
  const { fleets } = await observeFleets(clients, scope, at, { signal: () => null, signals: () => null, baseline: no, terms: no });
  const terms = await observeTerms(clients, scope, fleets, { at, priced: async members => members });
  return terms.get('batch')?.price ?? null;
}

test('on demand it is the list price', async () => expect(await priceOf(null)).toMatchObject({ perHour: 107_000 }));

test('as Spot it is what the market asks in its zone', async () => {
  const price = await priceOf(0);
  expect(price?.source).toBe('Spot price of 2025-05-14');
  expect([38_500, 38_900, 39_300]).toContain(price?.perHour);
});

test('bought both ways it is unknown: nobody can say which of them would have run', async () => expect(await priceOf(1)).toBeNull());
