import { describe, expect, test } from '@jest/globals';
import { purchaseHints } from '../../cli/purchase-hints.ts';
import { alike, type PurchaseFacts, proposePurchase } from '../../shared/decide/purchase.ts';
import { usd } from '../../shared/model/money.ts';
import { listPrices, observePurchase, observeSpotPrices } from '../../shared/observe/purchase.ts';
import { purchaseText } from '../../shared/report/purchase-text.ts';
import { clientsFor } from '../../shared/runtime/clients.ts';
import { useOutside } from '../../shared/runtime/outside.ts';
import { createCloud } from '../../simulator/cloud.ts';
import { configOf } from '../support/policies.ts';
import { fleet, noon } from './facts.ts';

const ZONES = ['eu-west-1a', 'eu-west-1b'];
const spotAt = (type: string, dollars: number) => ZONES.map((zone, i) => ({ type, zone, perHour: usd(dollars + i * 0.001) }));
const facts = (other: Partial<PurchaseFacts> = {}): PurchaseFacts => ({
  fleet: fleet({ desiredCapacity: 10, maxSize: 20 }),
  ...{ floor: 4, launchTemplate: { id: 'lt-1', version: '3' }, types: ['m5.large'], spotPercent: 0, zones: ZONES, commitments: 'none' },
  list: new Map(['m5.large', 'm5a.large'].map(type => [type, { perHour: usd(0.107), source: 'list price of 2025-04-04 (table)' }])),
  spot: [...spotAt('m5.large', 0.04), ...spotAt('m5a.large', 0.05)],
  ...other,
});
const proposed = (other: Partial<PurchaseFacts> = {}) => {
  const proposal = proposePurchase(facts(other));
  if (typeof proposal === 'string') throw new Error(proposal);
  return proposal;
};

describe('a part bought as Spot', () => {
  test('is half of what is above the floor, priced by the dearest pool it may come from', () => {
    // 10 − 4 = 6 above the floor, 3 of them Spot; 3 × (0.107 − 0.051) = 0.168 an hour
    expect(proposed()).toMatchObject({ base: 4, spotInstances: 3, types: ['m5.large', 'm5a.large'], pools: 4, spotPerHour: usd(0.051) });
    expect(proposed().saves).toEqual({ low: usd(0.168), high: usd(0.168) });
    // A commitment may have paid for those hours on demand: then Spot comes on top.
    expect(proposed({ commitments: 'unknown' }).saves).toEqual({ low: usd(-0.153), high: usd(0.168) });
  });

  test('may be a single instance, and is priced by the pools of the types that are chosen alone', () => {
    expect(proposed({ fleet: fleet({ desiredCapacity: 6, maxSize: 20 }) })).toMatchObject({ spotInstances: 1, saves: { low: usd(0.056) } });
    expect(proposePurchase(facts({ fleet: fleet({ desiredCapacity: 5, maxSize: 20 }) }))).toBe('nothing-above-the-floor');
    expect(proposed({ spot: [...facts().spot, ...spotAt('c5.large', 0.09)] })).toMatchObject({ spotPerHour: usd(0.051) });
  });

  test('is of four types where there are as many alike; a group that has more keeps them all', () => {
    const list = new Map(alike('m5.large').map(type => [type, { perHour: usd(0.107), source: 'list' }]));
    expect(proposed({ list })).toMatchObject({ types: ['m5.large', 'm5a.large', 'm6i.large', 'm6a.large'], pools: 8 });
    const own = ['m5.large', 'm5n.large', 'm5d.large', 'm5dn.large', 'm5ad.large'];
    expect(proposed({ list, types: own })).toMatchObject({ types: own, pools: 10 });
  });

  test('names no dollar where a price is unknown, and no type that has none', () => {
    expect(proposed({ spot: spotAt('m5.large', 0.04) })).toMatchObject({ spotPerHour: null, saves: null });
    expect(proposed({ list: new Map() })).toMatchObject({ types: ['m5.large'], onDemandPerHour: null, saves: null });
    const text = purchaseText('web', proposed({ spot: [] }), 'list price of 2025-04-04 (table)');
    expect(text).toContain('what it saves is unknown');
    expect(text).not.toContain('$0.00');
  });

  test('comes with its risk and with the exact change', () => {
    const text = purchaseText('web', proposed(), 'list price of 2025-04-04 (table)', 200);
    expect(text).toContain("EC2 takes Spot back with two minutes' notice");
    expect(text).toContain('4 pools');
    expect(text).toContain("\naws autoscaling update-auto-scaling-group --cli-input-json '{");
    expect(text).toContain('list price of 2025-04-04 (table)');
    const json = JSON.parse(text.slice(text.indexOf("'{") + 1, text.lastIndexOf("'")));
    expect(json).toEqual({
      AutoScalingGroupName: 'web',
      MixedInstancesPolicy: {
        LaunchTemplate: {
          LaunchTemplateSpecification: { LaunchTemplateId: 'lt-1', Version: '3' },
          Overrides: [{ InstanceType: 'm5.large' }, { InstanceType: 'm5a.large' }],
        },
        InstancesDistribution: {
          ...{ OnDemandAllocationStrategy: 'prioritized', OnDemandBaseCapacity: 4, OnDemandPercentageAboveBaseCapacity: 50 },
          SpotAllocationStrategy: 'price-capacity-optimized',
        },
      },
    });
  });

  test('of an environment is told in its option settings', () => {
    const ref = { kind: 'beanstalk-environment', id: 'e-abcdefghij', name: 'shop', scope: facts().fleet.ref.scope } as const;
    const { change } = proposed({ fleet: fleet({ ref, desiredCapacity: 10, maxSize: 20 }), launchTemplate: null });
    const option = (OptionName: string, Value: string) => ({ Namespace: 'aws:ec2:instances', OptionName, Value });
    expect(change).toEqual({
      command: 'aws elasticbeanstalk update-environment --cli-input-json',
      input: {
        EnvironmentId: 'e-abcdefghij',
        OptionSettings: [
          option('EnableSpot', 'true'),
          option('InstanceTypes', 'm5.large,m5a.large'),
          option('SpotFleetOnDemandBase', '4'),
          option('SpotFleetOnDemandAboveBasePercentage', '50'),
        ],
      },
    });
  });

  test.each([
    ['already-spot', { spotPercent: 30 }],
    ['launch-configuration', { launchTemplate: null }],
    ['single-size', { floor: 20 }],
    ['unknown-type', { types: [] }],
    ['nothing-above-the-floor', { floor: 9 }],
    ['weighted', { fleet: fleet({ weighted: true }) }],
  ] as const)('is not proposed: %s', (why, other) => {
    expect(proposePurchase(facts(other))).toBe(why);
  });

  test.each([
    ['m5', 'm5a', 'm6i', 'm6a', 'm7i'],
    ['c5', 'c6i', 'c6a', 'c7i'],
    ['r5', 'r5a', 'r6i', 'r6a', 'r7i'],
    ['t3', 't3a'],
    ['m6g', 'm7g'],
    ['c6g', 'c7g'],
    ['r6g', 'r7g'],
    ['x9'],
  ])('is of types of one size with the same architecture and memory, beginning with its own: %s', (...families) => {
    for (const family of families) {
      const others = families.filter(other => other !== family);
      expect(alike(`${family}.xlarge`)).toEqual([family, ...others].map(f => `${f}.xlarge`));
    }
  });
});

test('how a group buys, and what Spot costs there, is read from AWS; a type that EC2 says nothing of is missing', async () => {
  const cloud = createCloud({ seed: 1, at: noon });
  cloud.createGroup({ name: 'web', minSize: 1, maxSize: 9, desiredCapacity: 4, demand: () => 1 });
  const mixed = { moreTypes: ['m6i.large'], spot: { onDemandBase: 1, onDemandPercentAboveBase: 30 } };
  cloud.createGroup({ name: 'batch', minSize: 1, maxSize: 9, desiredCapacity: 4, demand: () => 1, ...mixed });
  const leave = useOutside(cloud.outside({ config: configOf() }));
  const clients = clientsFor({ region: 'eu-west-1' });
  leave();
  expect(await observePurchase(clients, 'web', ['m5.large'])).toMatchObject({
    ...{ launchTemplate: { id: expect.stringMatching(/^lt-/) }, types: ['m5.large'], spotPercent: 0 },
    zones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'],
  });
  expect(await observePurchase(clients, 'batch', ['m5.large'])).toMatchObject({ types: ['m5.large', 'm6i.large'], spotPercent: 70 });
  expect(await observePurchase(clients, 'gone', [])).toBeNull();
  const prices = await observeSpotPrices(clients, ['m5.large', 'm7i.large'], noon);
  expect(prices).toHaveLength(3);
  expect(prices[0]).toEqual({ type: 'm5.large', zone: 'eu-west-1a', perHour: usd(0.0385) });
  expect([...listPrices('eu-west-1', ['m5.large', 'x9.huge']).keys()]).toEqual(['m5.large']);
});

test('ebb why has it all: the proposal, its refusal, the better trigger, and what could not be read', async () => {
  const cloud = createCloud({ seed: 1, at: noon });
  const group = { minSize: 2, maxSize: 20, desiredCapacity: 8, demand: () => 1 };
  cloud.createGroup({ name: 'web', ...group });
  cloud.createGroup({ name: 'small', ...group, desiredCapacity: 2 });
  cloud.createEnvironment({ name: 'shop-dev', ...group });
  const [id = ''] = [...(cloud.world.regions.get('eu-west-1')?.environments.values() ?? [])].map(e => e.id);
  const leave = useOutside(cloud.outside({ config: configOf() }));
  const clients = clientsFor({ region: 'eu-west-1' });
  leave();
  const hints = async (kind: 'auto-scaling-group' | 'beanstalk-environment', id: string, name = id) => {
    const ref = { kind, id, name, scope: { account: cloud.account, region: 'eu-west-1' } } as const;
    return (await purchaseHints(clients, ref, { at: noon, commitments: 'none', width: 300 })).join('\n');
  };
  const web = await hints('auto-scaling-group', 'web');
  expect(web).toContain(
    'Proposal for web, never written by us: on demand 2, and of what is above it 50 % on demand and 50 % Spot: 3 instances',
  );
  expect(web).toContain('"OnDemandBaseCapacity": 2');
  expect(await hints('auto-scaling-group', 'small')).toContain('hardly anything runs above its MinSize');
  const shop = await hints('beanstalk-environment', id, 'shop-dev');
  expect(shop).toContain('"SpotFleetOnDemandBase"');
  expect(shop).toContain('shop-dev scales by NetworkOut');
  expect(shop).toContain('"CPUUtilization"');
  cloud.faults.next('ec2:DescribeSpotPriceHistory', { name: 'UnauthorizedOperation', message: 'no' });
  expect(await hints('auto-scaling-group', 'web')).toBe(
    'Whether a part of it could be bought as Spot could not be read: UnauthorizedOperation: no',
  );
});
