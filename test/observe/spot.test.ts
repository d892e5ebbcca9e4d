/** What members of a fleet cost that are bought as Spot: the market's price in their zone, and nothing where they are bought both ways. */
import { expect, test } from '@jest/globals';
import type { Fleet } from '../../shared/model/observation.ts';
import { instant } from '../../shared/model/time.ts';
import { observeTerms } from '../../shared/observe/fleet-terms.ts';
import { answering, type Call } from '../support/answering.ts';

const at = instant('2025-05-14T09:00:00Z');
const scope = { account: '123456789012', region: 'eu-west-1' };
const ids = ['i-0a', 'i-0b', 'i-0c'];
const batch = {
  ref: { kind: 'auto-scaling-group', id: 'batch', name: 'batch', scope },
  group: 'batch',
  members: ids.map(id => ({ id, lifecycleState: 'InService', healthy: true, scaleInProtected: false, type: 'm5.large', weight: 1 })),
} as unknown as Fleet;

async function priceOf(spot: readonly string[], zoneOf: Readonly<Record<string, string>> = {}) {
  const { clients } = answering(({ operation }: Call) => {
    if (operation === 'DescribePolicies') return { ScalingPolicies: [] };
    if (operation === 'DescribeSpotPriceHistory')
      return {
        SpotPriceHistory: ['a', 'b'].map((zone, i) => ({
          ...{ InstanceType: 'm5.large', AvailabilityZone: `eu-west-1${zone}`, SpotPrice: `0.038${i}00` },
        })),
      };
    return {
      Reservations: ids.map(InstanceId => ({
        Instances: [
          {
            ...{ InstanceId, InstanceType: 'm5.large', State: { Name: 'running' }, LaunchTime: new Date(at) },
            ...{
              Placement: { AvailabilityZone: zoneOf[InstanceId] ?? 'eu-west-1b' },
              ...(spot.includes(InstanceId) && { InstanceLifecycle: 'spot' }),
            },
          },
        ],
      })),
    };
  });
  const terms = await observeTerms(clients, scope, [batch], { at, priced: async members => members });
  return terms.get('batch')?.price ?? null;
}

test('on demand it is the list price', async () => expect(await priceOf([])).toMatchObject({ perHour: 107_000 }));

test('as Spot it is what the market asks in its zone', async () =>
  expect(await priceOf(ids)).toMatchObject({
    perHour: 38_100,
    source: 'Spot price of 2025-05-14',
    billedAs: { type: 'm5.large', pricing: 'Dynamic' },
  }));

test('as Spot no commitment pays for it, whatever the account declares', async () =>
  expect((await priceOf(ids))?.coverage).toMatchObject({ covered: 0 }));

test('as Spot in several zones it is the mean of its members; where one is not known, none is', async () => {
  // Two at $0.0381 and one at $0.0380.
  expect(await priceOf(ids, { 'i-0a': 'eu-west-1a' })).toMatchObject({ perHour: 38_067 });
  expect(await priceOf(ids, { 'i-0b': 'eu-west-1c' })).toBeNull();
});

test('bought both ways it is unknown: nobody can say which of them would have run', async () => {
  expect(await priceOf(['i-0a'])).toBeNull();
  expect(await priceOf(['i-0b', 'i-0c'])).toBeNull();
});
