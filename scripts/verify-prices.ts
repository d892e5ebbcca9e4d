/** Probes of what prices and types are read with. */
import { DescribeInstanceStatusCommand, DescribeInstanceTypesCommand, DescribeSpotPriceHistoryCommand } from '@aws-sdk/client-ec2';
import { GetProductsCommand } from '@aws-sdk/client-pricing';
import type { Probe } from './verify-probes.ts';

const costs: Probe = async () => ({
  verdict: 'unknown',
  detail: 'needed where an account says `commitments: ask`; not asked here, for each request costs $0.01',
});

export const PRICES: Readonly<Record<string, Probe>> = {
  'ec2:DescribeInstanceStatus': async ({ ec2 }) => {
    const { InstanceStatuses = [] } = await ec2.send(new DescribeInstanceStatusCommand({ MaxResults: 5 }));
    return { verdict: 'ok', detail: InstanceStatuses.length === 0 ? 'no status checks' : 'some status checks' };
  },
  'ec2:DescribeInstanceTypes': async ({ ec2 }) => {
    const { InstanceTypes = [] } = await ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes: ['m5.large'] }));
    return { verdict: 'ok', detail: `${InstanceTypes.length} type` };
  },
  'ec2:DescribeSpotPriceHistory': async ({ ec2 }) => {
    const { SpotPriceHistory = [] } = await ec2.send(new DescribeSpotPriceHistoryCommand({ InstanceTypes: ['m5.large'], MaxResults: 1 }));
    return { verdict: 'ok', detail: SpotPriceHistory.length === 0 ? 'no spot prices' : 'a spot price' };
  },
  'pricing:GetProducts': async ({ pricing }) => {
    try {
      const { PriceList = [] } = await pricing.send(new GetProductsCommand({ ServiceCode: 'AmazonEC2', MaxResults: 1 }));
      return { verdict: 'ok', detail: PriceList.length === 0 ? 'no products' : 'a product' };
    } catch (error) {
      if (error instanceof Error && error.name.startsWith('AccessDenied')) throw error;
      return { verdict: 'unknown', detail: 'the price list did not answer; the table that is shipped stands in for it' };
    }
  },
  'ce:GetSavingsPlansCoverage': costs,
  'ce:GetReservationCoverage': costs,
};
