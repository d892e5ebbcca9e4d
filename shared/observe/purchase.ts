/** What a proposal to buy otherwise rests on: how a group buys now, and what Spot costs there. Read when somebody asks, never by a Lambda. */
import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import type { _InstanceType } from '@aws-sdk/client-ec2';
import { type MicroUsd, usd } from '../model/money.ts';
import type { Price } from '../model/observation.ts';
import { type Instant, toDate } from '../model/time.ts';
import type { Clients } from '../runtime/clients.ts';
import { priceOf } from './prices.ts';

export interface Purchase {
  /** `null`: a launch configuration, which cannot buy Spot beside on-demand. */
  readonly launchTemplate: { readonly id: string; readonly version: string } | null;
  /** Types that the group may launch; the one that it runs first. */
  readonly types: readonly string[];
  /** Spot instances already above the on-demand base, in percent; 0: none. */
  readonly spotPercent: number;
  readonly zones: readonly string[];
}

/** `null`: the group is gone. */
export async function observePurchase(clients: Clients, group: string, runs: readonly string[]): Promise<Purchase | null> {
  const [client, { DescribeAutoScalingGroupsCommand }] = await Promise.all([clients.autoScaling(), import('@aws-sdk/client-auto-scaling')]);
  const { AutoScalingGroups = [] } = await client.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] }));
  const [found] = AutoScalingGroups;
  return found === undefined ? null : purchaseOf(found, runs);
}

function purchaseOf({ LaunchTemplate, MixedInstancesPolicy, AvailabilityZones }: AutoScalingGroup, runs: readonly string[]): Purchase {
  const template = MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification ?? LaunchTemplate;
  const overrides = (MixedInstancesPolicy?.LaunchTemplate?.Overrides ?? []).flatMap(o => o.InstanceType ?? []);
  const id = template?.LaunchTemplateId;
  return {
    launchTemplate: id === undefined ? null : { id, version: template?.Version ?? '$Default' },
    types: [...new Set([...runs, ...overrides])],
    // Where a mixed policy does not say, all above the base is on demand.
    spotPercent:
      MixedInstancesPolicy === undefined
        ? 0
        : 100 - (MixedInstancesPolicy.InstancesDistribution?.OnDemandPercentageAboveBaseCapacity ?? 100),
    zones: AvailabilityZones ?? [],
  };
}

export interface SpotPrice {
  readonly type: string;
  readonly zone: string;
  readonly perHour: MicroUsd;
}

/** Linux prices in force at `at`. A type or zone that EC2 says nothing of is missing: unknown, never free. @throws the SDK's error. */
export async function observeSpotPrices(clients: Clients, types: readonly string[], at: Instant): Promise<SpotPrice[]> {
  const [client, { paginateDescribeSpotPriceHistory }] = await Promise.all([clients.ec2(), import('@aws-sdk/client-ec2')]);
  const input = {
    InstanceTypes: types as _InstanceType[],
    ProductDescriptions: ['Linux/UNIX', 'Linux/UNIX (Amazon VPC)'],
    // A window of no length: EC2 answers with the price that holds then.
    ...{ StartTime: toDate(at), EndTime: toDate(at) },
  };
  const found = new Map<string, SpotPrice>();
  for await (const page of paginateDescribeSpotPriceHistory({ client }, input)) {
    for (const { InstanceType: type, AvailabilityZone: zone, SpotPrice: price } of page.SpotPriceHistory ?? []) {
      if (type === undefined || zone === undefined || !Number.isFinite(Number(price))) continue;
      found.set(`${type} ${zone}`, { type, zone, perHour: usd(Number(price)) });
    }
  }
  return [...found.values()];
}

/** Of those that have one. */
export const listPrices = (region: string, types: readonly string[]): ReadonlyMap<string, Price> =>
  new Map(
    types.flatMap(type => {
      const price = priceOf({ region, type, platform: 'linux', tenancy: 'default' });
      return price === null ? [] : [[type, price] as const];
    }),
  );
