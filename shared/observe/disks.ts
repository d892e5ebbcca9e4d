/** EBS volumes as the bill knows them: kind, size and what was provisioned beside it. They cost on while their instance is stopped. */
import type { Disk } from '../model/roll.ts';
import type { Clients } from '../runtime/clients.ts';

/** EC2's limit on values in one filter, and on what a page holds. */
const FILTER_VALUES_MAX = 200;
const PAGE = 500;

/** By volume id; a volume that is gone is absent. */
export async function observeDisks(clients: Pick<Clients, 'ec2'>, volumes: readonly string[]): Promise<ReadonlyMap<string, Disk>> {
  const disks = new Map<string, Disk>();
  if (volumes.length === 0) return disks;
  const [client, { paginateDescribeVolumes }] = await Promise.all([clients.ec2(), import('@aws-sdk/client-ec2')]);
  for (let i = 0; i < volumes.length; i += FILTER_VALUES_MAX) {
    const Filters = [{ Name: 'volume-id', Values: volumes.slice(i, i + FILTER_VALUES_MAX) }];
    for await (const { Volumes = [] } of paginateDescribeVolumes({ client, pageSize: PAGE }, { Filters })) {
      for (const { VolumeId, VolumeType, Size, Iops, Throughput } of Volumes) {
        if (VolumeId === undefined || VolumeType === undefined || Size === undefined) continue;
        disks.set(VolumeId, { type: VolumeType, gib: Size, iops: Iops ?? null, throughput: Throughput ?? null });
      }
    }
  }
  return disks;
}
