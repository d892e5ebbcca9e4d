/** Spot prices as they stand: told for a few types, so that there are some of which nothing is known. */
import type { DescribeSpotPriceHistoryRequest, DescribeSpotPriceHistoryResult } from '@aws-sdk/client-ec2';
import type { Call } from './operation.ts';

/** Dollars in the first zone; each further one is a little dearer. */
const PRICES: Readonly<Record<string, number>> = {
  'm5.large': 0.0385,
  'm5a.large': 0.0372,
  'm6i.large': 0.0401,
  'm6a.large': 0.0363,
  't3.medium': 0.0137,
};

export function describeSpotPriceHistory(input: DescribeSpotPriceHistoryRequest, { region, world }: Call): DescribeSpotPriceHistoryResult {
  const told = (input.InstanceTypes ?? []).flatMap(type => {
    const price = PRICES[type];
    return price === undefined ? [] : [[type, price] as const];
  });
  return {
    NextToken: '',
    SpotPriceHistory: told.flatMap(([InstanceType, price]) =>
      ['a', 'b', 'c'].map((zone, i) => ({
        ...{ AvailabilityZone: `${region.name}${zone}`, InstanceType, ProductDescription: 'Linux/UNIX' as const },
        SpotPrice: (price + i * 0.0004).toFixed(6),
        Timestamp: new Date(Math.floor(world.clock.now() / 3600) * 3600_000),
      })),
    ),
  };
}
