/** Subnets and VPCs, described; they can be tagged. */
import type {
  DescribeSubnetsRequest,
  DescribeSubnetsResult,
  DescribeVpcsRequest,
  DescribeVpcsResult,
  Subnet,
  Vpc,
} from '@aws-sdk/client-ec2';
import { subnetOf, VPC, ZONES } from '../world/network.ts';
import type { Region, World } from '../world/world.ts';
import { badToken, pageSize } from './ec2-page.ts';
import { labelled } from './ec2-shapes.ts';
import { held } from './ec2-storage.ts';
import { ServiceError } from './errors.ts';
import { type Call, type Operation, reads } from './operation.ts';
import { page } from './page.ts';

export const networks: Readonly<Record<string, Operation>> = {
  DescribeSubnets: reads(describeSubnets),
  DescribeVpcs: reads(describeVpcs),
};

function describeSubnets(input: DescribeSubnetsRequest, { region, world }: Call): DescribeSubnetsResult {
  const all = ZONES.map((zone, i) => subnetJson(zone, i, region, world));
  const missing = input.SubnetIds?.find(id => !all.some(subnet => subnet.SubnetId === id));
  if (missing !== undefined) throw new ServiceError('InvalidSubnetID.NotFound', `The subnet ID '${missing}' does not exist`);
  const asked = all.filter(({ SubnetId = '' }) => input.SubnetIds?.includes(SubnetId) ?? true);
  const found = asked.filter(held('DescribeSubnets', input.Filters, { 'subnet-id': s => [s.SubnetId], 'vpc-id': s => [s.VpcId] }));
  const { items, next } = page(found, pageSize(input.MaxResults, 5, 1000), input.NextToken, badToken);
  return { Subnets: items, ...next };
}

function subnetJson(zone: string, index: number, region: Region, { account }: World): Subnet {
  return {
    ...{ SubnetId: subnetOf(zone), VpcId: VPC, State: 'available', OwnerId: account, AvailabilityZone: `${region.name}${zone}` },
    ...{ CidrBlock: `10.0.${index * 16}.0/20`, DefaultForAz: true, MapPublicIpOnLaunch: true, ...labelled(region, subnetOf(zone)) },
  };
}

function describeVpcs(input: DescribeVpcsRequest, { region, world }: Call): DescribeVpcsResult {
  const missing = input.VpcIds?.find(id => id !== VPC);
  if (missing !== undefined) throw new ServiceError('InvalidVpcID.NotFound', `The vpc ID '${missing}' does not exist`);
  const vpc: Vpc = {
    VpcId: VPC,
    State: 'available',
    OwnerId: world.account,
    CidrBlock: '10.0.0.0/16',
    IsDefault: true,
    ...labelled(region, VPC),
  };
  const { items, next } = page(
    [vpc].filter(held('DescribeVpcs', input.Filters, { 'vpc-id': v => [v.VpcId] })),
    pageSize(input.MaxResults, 5, 1000),
    input.NextToken,
    badToken,
  );
  return { Vpcs: items, ...next };
}
