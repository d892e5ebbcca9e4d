/** What a function may read: observe's own table, in the configured regions only. */
import { READS } from '../../shared/observe/permissions.ts';
import type { Config } from '../../shared/policy/schema.ts';
import { type Statement, sub } from './cloudformation.ts';

/** Regions of the account the house stands in. */
export const homeRegions = ({ accounts }: Config): string[] => [
  ...new Set(accounts.filter(({ role }) => role === undefined).flatMap(({ regions }) => regions)),
];

/** EC2's, Auto Scaling's and CloudWatch's `Describe…` and `Get…` know no resources, so `*`; the region is the one bound there is. */
export function readStatements(name: keyof typeof READS, config: Config): Statement[] {
  const regions = homeRegions(config);
  const reads: readonly string[] = READS[name];
  const byInstance: readonly string[] = reads.filter(action => action === 'ec2:DescribeInstanceAttribute');
  // The price list and Cost Explorer answer in one region, whatever region is asked about.
  const billing: readonly string[] = reads.filter(action => action.startsWith('pricing:') || action.startsWith('ce:'));
  const others = reads.filter(action => !byInstance.includes(action) && !billing.includes(action));
  return [
    { Effect: 'Allow' as const, Action: others, Resource: ['*'], Condition: { StringEquals: { 'aws:RequestedRegion': regions } } },
    { Effect: 'Allow' as const, Action: billing, Resource: ['*'], Condition: { StringEquals: { 'aws:RequestedRegion': ['us-east-1'] } } },
    { Effect: 'Allow' as const, Action: byInstance, Resource: regions.map(instancesIn) },
  ].filter(({ Action }) => Action.length > 0);
}

export const instancesIn = (region: string) => sub(`arn:\${AWS::Partition}:ec2:${region}:\${AWS::AccountId}:instance/*`);
