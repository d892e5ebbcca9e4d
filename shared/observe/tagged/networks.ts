/** Tags of subnets and of their VPCs: a clue to what stands in them. */
import type { Filter } from '@aws-sdk/client-ec2';
import type { Tags } from '../../model/ids.ts';
import type { Unread } from '../../model/observation.ts';
import type { Clients } from '../../runtime/clients.ts';
import { tagsOf } from '../describe.ts';
import { why } from '../why.ts';

export interface NetworkSeen {
  /** By subnet: its own tags, then those of its VPC. */
  readonly network: ReadonlyMap<string, readonly { readonly id: string; readonly tags: Tags }[]>;
  readonly unread: readonly Unread[];
}

/** Values in one filter. */
const FILTER_VALUES_MAX = 200;

/** A clue is not worth a failure: what cannot be read is told, and nothing follows from it. */
export async function observeNetworks(clients: Clients, subnets: ReadonlySet<string>): Promise<NetworkSeen> {
  try {
    return { network: await read(clients, [...subnets]), unread: [] };
  } catch (error) {
    return { network: new Map(), unread: [{ what: 'tags of subnets', why: why(error) }] };
  }
}

async function read(clients: Clients, subnets: readonly string[]): Promise<NetworkSeen['network']> {
  const [client, { paginateDescribeSubnets, paginateDescribeVpcs }] = await Promise.all([clients.ec2(), import('@aws-sdk/client-ec2')]);
  const found = new Map<string, { readonly vpc: string; readonly tags: Tags }>();
  for (const Filters of slices('subnet-id', subnets)) {
    for await (const { Subnets = [] } of paginateDescribeSubnets({ client }, { Filters }))
      for (const { SubnetId = '', VpcId = '', Tags: tags } of Subnets) found.set(SubnetId, { vpc: VpcId, tags: tagsOf(tags) });
  }
  const vpcs = new Map<string, Tags>();
  for (const Filters of slices('vpc-id', [...new Set([...found.values()].map(({ vpc }) => vpc))])) {
    for await (const { Vpcs = [] } of paginateDescribeVpcs({ client }, { Filters }))
      for (const { VpcId = '', Tags: tags } of Vpcs) vpcs.set(VpcId, tagsOf(tags));
  }
  return new Map(
    [...found].map(([id, { vpc, tags }]) => [
      id,
      [
        { id, tags },
        { id: vpc, tags: vpcs.get(vpc) ?? {} },
      ],
    ]),
  );
}

const slices = (Name: string, all: readonly string[]): Filter[][] =>
  Array.from({ length: Math.ceil(all.length / FILTER_VALUES_MAX) }, (_, i) => [
    { Name, Values: all.slice(i * FILTER_VALUES_MAX, (i + 1) * FILTER_VALUES_MAX) },
  ]);
