/** Volumes, snapshots and addresses, described and made. */
import type {
  Address,
  AllocateAddressRequest,
  AllocateAddressResult,
  CopySnapshotRequest,
  CopySnapshotResult,
  CreateSnapshotRequest,
  CreateSnapshotsRequest,
  CreateSnapshotsResult,
  CreateVolumeRequest,
  DescribeAddressesRequest,
  DescribeAddressesResult,
  DescribeSnapshotsRequest,
  DescribeSnapshotsResult,
  DescribeVolumesRequest,
  DescribeVolumesResult,
  Filter,
  SnapshotInfo,
  Snapshot as SnapshotJson,
  TagSpecification,
  Volume,
} from '@aws-sdk/client-ec2';
import { allocationOf, makeAddress, makeSnapshot, makeVolume, type Snapshot } from '../world/storage.ts';
import type { Region } from '../world/world.ts';
import { machineOf } from './ec2-find.ts';
import { badToken, pageSize } from './ec2-page.ts';
import { addressJson, labelled, looseAddressJson, looseVolumeJson, volumesJson } from './ec2-shapes.ts';
import { dryRun } from './ec2-states.ts';
import { NotInVirtualCloud, ServiceError } from './errors.ts';
import { type Call, type Operation, reads, writes } from './operation.ts';
import { page } from './page.ts';

export const storage: Readonly<Record<string, Operation>> = {
  DescribeVolumes: reads(describeVolumes),
  DescribeSnapshots: reads(describeSnapshots),
  DescribeAddresses: reads(describeAddresses),
  CreateVolume: writes(createVolume, (input, output) => ({
    requestParameters: { size: String(input.Size ?? 30), availabilityZone: input.AvailabilityZone, ...tagged(input.TagSpecifications) },
    responseElements: output && { volumeId: output.VolumeId, size: String(output.Size), status: 'creating', ...worn(output.Tags) },
  })),
  CreateSnapshot: writes(createSnapshot, (input, output) => ({
    requestParameters: { volumeId: input.VolumeId, ...tagged(input.TagSpecifications) },
    responseElements: output && { snapshotId: output.SnapshotId, volumeId: output.VolumeId, status: 'pending', ...worn(output.Tags) },
  })),
  CreateSnapshots: writes(createSnapshots, (input, output) => ({
    requestParameters: { CreateSnapshotsRequest: { InstanceSpecification: { InstanceId: input.InstanceSpecification?.InstanceId } } },
    // Newer calls of EC2 are recorded as their XML reads: a list of one is no list.
    responseElements: output && { CreateSnapshotsResponse: { snapshotSet: { item: alone((output.Snapshots ?? []).map(toldOf)) } } },
  })),
  CopySnapshot: writes(copySnapshot, (input, output) => ({
    requestParameters: { sourceSnapshotId: input.SourceSnapshotId, sourceRegion: input.SourceRegion, ...tagged(input.TagSpecifications) },
    responseElements: output && { snapshotId: output.SnapshotId },
  })),
  AllocateAddress: writes(allocateAddress, (input, output) => ({
    requestParameters: { domain: 'vpc', ...tagged(input.TagSpecifications) },
    responseElements: output && { publicIp: output.PublicIp, domain: 'vpc', allocationId: output.AllocationId },
  })),
};

export const volumesOf = (region: Region): Volume[] => [
  ...[...region.machines.values()].filter(m => m.state !== 'terminated').flatMap(machine => volumesJson(region, machine)),
  ...region.orphans.volumes.map(volume => looseVolumeJson(region, volume)),
];

function describeVolumes(input: DescribeVolumesRequest, { region }: Call): DescribeVolumesResult {
  const all = volumesOf(region);
  const wanted = new Set(input.VolumeIds ?? []);
  const missing = [...wanted].find(id => !all.some(volume => volume.VolumeId === id));
  if (missing !== undefined) throw noVolume(missing);
  const found = all
    .filter(v => wanted.size === 0 || wanted.has(v.VolumeId ?? ''))
    .filter(
      held('DescribeVolumes', input.Filters, {
        'volume-id': v => [v.VolumeId],
        'attachment.instance-id': v => (v.Attachments ?? []).map(a => a.InstanceId),
      }),
    );
  const { items, next } = page(found, pageSize(input.MaxResults, 5, 500), input.NextToken, badToken);
  return { Volumes: items, ...next };
}

/** Only one's own: nobody shares any here. */
function describeSnapshots(input: DescribeSnapshotsRequest, call: Call): DescribeSnapshotsResult {
  const { region, world } = call;
  if (input.OwnerIds?.some(owner => owner !== 'self' && owner !== world.account)) throw new NotInVirtualCloud('ec2 snapshots of others');
  const wanted = new Set(input.SnapshotIds ?? []);
  const found = region.snapshots
    .filter(s => wanted.size === 0 || wanted.has(s.id))
    .filter(held('DescribeSnapshots', input.Filters, { 'snapshot-id': s => [s.id], 'volume-id': s => [s.volumeId] }));
  const { items, next } = page(found, pageSize(input.MaxResults, 5, 1000), input.NextToken, badToken);
  return { Snapshots: items.map(snapshot => snapshotJson(snapshot, call)), ...next };
}

function snapshotJson({ id, volumeId, startedAt }: Snapshot, { world, region }: Call): SnapshotJson {
  return {
    SnapshotId: id,
    VolumeId: volumeId,
    OwnerId: world.account,
    State: 'completed',
    Progress: '100%',
    StartTime: new Date(startedAt * 1000),
    VolumeSize: 30,
    Encrypted: false,
    StorageTier: 'standard',
    Description: '',
    ...labelled(region, id),
  };
}

/** All at once: EC2 has no pages of addresses. */
function describeAddresses(input: DescribeAddressesRequest, { region, world }: Call): DescribeAddressesResult {
  const machines = [...region.machines.values()].filter(m => m.publicIpv4 === 'elastic' && m.state !== 'terminated');
  const all: Address[] = [
    ...machines.map(machine => addressJson(world, region, machine)),
    ...region.orphans.addresses.map(address => looseAddressJson(region, address)),
  ];
  return {
    Addresses: all.filter(
      held('DescribeAddresses', input.Filters, { 'instance-id': a => [a.InstanceId], 'allocation-id': a => [a.AllocationId] }),
    ),
  };
}

/** Whether all of the filters hold; any of the values of one will do. */
export function held<T>(
  operation: string,
  filters: readonly Filter[] | undefined,
  known: Readonly<Record<string, (item: T) => readonly (string | undefined)[]>>,
): (item: T) => boolean {
  const asked = (filters ?? []).map(({ Name = '', Values = [] }) => {
    const values = known[Name];
    if (values === undefined) throw new NotInVirtualCloud(`ec2 ${operation} with the filter ${Name}`);
    return (item: T) => values(item).some(value => value !== undefined && Values.includes(value));
  });
  return item => asked.every(holds => holds(item));
}

function createVolume(input: CreateVolumeRequest, { world, region, changed }: Call): Volume {
  dryRun(input.DryRun);
  const zone = input.AvailabilityZone?.slice(-1) ?? 'a';
  const volume = makeVolume(world, { region: region.name, tags: tagsIn(input.TagSpecifications, 'volume'), zone });
  changed.push(volume.id);
  return { ...looseVolumeJson(region, volume), State: 'creating' };
}

function createSnapshot(input: CreateSnapshotRequest, call: Call): SnapshotJson {
  const { world, region, changed } = call;
  const volume = input.VolumeId ?? '';
  if (!volumesOf(region).some(v => v.VolumeId === volume)) throw noVolume(volume);
  dryRun(input.DryRun);
  const snapshot = makeSnapshot(world, volume, { region: region.name, tags: tagsIn(input.TagSpecifications, 'snapshot') });
  changed.push(snapshot.id);
  return { ...snapshotJson(snapshot, call), State: 'pending', Progress: '' };
}

/** Of every volume of an instance. */
function createSnapshots(input: CreateSnapshotsRequest, call: Call): CreateSnapshotsResult {
  const { world, region, changed } = call;
  const machine = machineOf(region, input.InstanceSpecification?.InstanceId ?? '');
  dryRun(input.DryRun);
  const tags = tagsIn(input.TagSpecifications, 'snapshot');
  const made = machine.volumes.map(volume => makeSnapshot(world, volume, { region: region.name, tags }));
  changed.push(...made.map(({ id }) => id));
  return {
    Snapshots: made.map(({ id, volumeId, startedAt }) => ({
      SnapshotId: id,
      VolumeId: volumeId,
      StartTime: new Date(startedAt * 1000),
      State: 'pending',
      Progress: '',
    })),
  };
}

/** A copy names a volume that never was. */
function copySnapshot(input: CopySnapshotRequest, { world, region, changed }: Call): CopySnapshotResult {
  const source = world.regions.get(input.SourceRegion ?? '')?.snapshots.find(({ id }) => id === input.SourceSnapshotId);
  if (source === undefined) throw new ServiceError('InvalidSnapshot.NotFound', `The snapshot '${input.SourceSnapshotId}' does not exist.`);
  dryRun(input.DryRun);
  const { id } = makeSnapshot(world, 'vol-ffffffff', { region: region.name, tags: tagsIn(input.TagSpecifications, 'snapshot') });
  changed.push(id);
  return { SnapshotId: id };
}

const toldOf = ({ SnapshotId, VolumeId }: SnapshotInfo) => ({ snapshotId: SnapshotId, volumeId: VolumeId, status: 'pending' });
const alone = <T>(items: readonly T[]): T | readonly T[] => (items.length === 1 && items[0] !== undefined ? items[0] : items);

function allocateAddress(input: AllocateAddressRequest, { world, region, changed }: Call): AllocateAddressResult {
  dryRun(input.DryRun);
  const { id, publicIp } = makeAddress(world, { region: region.name, tags: tagsIn(input.TagSpecifications, 'elastic-ip') });
  changed.push(id);
  return { PublicIp: publicIp, AllocationId: id, Domain: 'vpc', NetworkBorderGroup: region.name, PublicIpv4Pool: 'amazon' };
}

export const noVolume = (id: string): ServiceError => new ServiceError('InvalidVolume.NotFound', `The volume '${id}' does not exist.`);

/** @throws NotInVirtualCloud for tags of another kind of thing. */
function tagsIn(specifications: readonly TagSpecification[] | undefined, kind: string): Record<string, string> {
  const other = specifications?.find(s => s.ResourceType !== kind);
  if (other !== undefined) throw new NotInVirtualCloud(`ec2 tags of a ${other.ResourceType} at the birth of a ${kind}`);
  return Object.fromEntries((specifications ?? []).flatMap(s => s.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
}

/** As CloudTrail writes tags down. */
const lowered = (tags: TagSpecification['Tags'] = []) => tags.map(({ Key, Value }) => ({ key: Key, value: Value }));
const tagged = (specifications: readonly TagSpecification[] | undefined) =>
  specifications === undefined
    ? {}
    : { tagSpecificationSet: { items: specifications.map(s => ({ resourceType: s.ResourceType, tags: lowered(s.Tags) })) } };
const worn = (tags: TagSpecification['Tags']) => (tags === undefined ? {} : { tagSet: { items: lowered(tags) } });

export const isThere = {
  volume: (region: Region, id: string) => volumesOf(region).some(v => v.VolumeId === id),
  snapshot: (region: Region, id: string) => region.snapshots.some(s => s.id === id),
  address: (region: Region, id: string) =>
    region.orphans.addresses.some(a => a.id === id) ||
    [...region.machines.values()].some(m => m.publicIpv4 === 'elastic' && m.state !== 'terminated' && allocationOf(m) === id),
} as const;
