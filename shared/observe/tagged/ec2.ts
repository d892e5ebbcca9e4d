/** Instances, volumes, snapshots and addresses as carriers of tags. */
import type { Filter, Instance, Tag, Volume } from '@aws-sdk/client-ec2';
import type { ResourceKind, Scope, Tags } from '../../model/ids.ts';
import { microUsd } from '../../model/money.ts';
import type { MonthlyCost, Price, Tagged } from '../../model/observation.ts';
import { type Instant, instant } from '../../model/time.ts';
import type { Clients } from '../../runtime/clients.ts';
import { createdAt, platformOf, tagsOf } from '../describe.ts';
import { parentOf, stackOf } from '../parent.ts';
import { PUBLIC_IPV4, priceOf, volumePriceOf } from '../prices.ts';

/** Pages of one kind, trimmed. @param ids only these; what AWS does not know of them is absent. */
export type Eye = (clients: Clients, scope: Scope, ids: readonly string[] | undefined) => AsyncIterable<Tagged[]>;

/** EC2's limits: what a page holds, and values in one filter. */
const PAGE = 1_000;
const PAGE_OF_VOLUMES = 500;
const FILTER_VALUES_MAX = 200;

export async function* readInstances(...[clients, scope, ids]: Parameters<Eye>): AsyncGenerator<Tagged[]> {
  const [client, { paginateDescribeInstances }] = await Promise.all([clients.ec2(), import('@aws-sdk/client-ec2')]);
  for (const Filters of filtersFor('instance-id', ids)) {
    for await (const page of paginateDescribeInstances({ client, pageSize: PAGE }, { Filters })) {
      yield (page.Reservations ?? [])
        .flatMap(r => r.Instances ?? [])
        .map(seen =>
          carrier('instance', scope, seen.InstanceId, seen.Tags, {
            createdAt: createdAt(seen),
            state: seen.State?.Name,
            subnet: seen.SubnetId,
            price: instancePrice(seen, scope),
          }),
        );
    }
  }
}

/** Only on-demand hours cost the list price; from `stopping` on none are billed. */
function instancePrice(seen: Instance, { region }: Scope): MonthlyCost | null {
  const state = seen.State?.Name;
  if (state !== 'running' && state !== 'pending') return NOT_BILLED;
  if (seen.InstanceLifecycle !== undefined || seen.InstanceType === undefined) return null;
  return aMonth(priceOf({ region, type: seen.InstanceType, platform: platformOf(seen), tenancy: seen.Placement?.Tenancy ?? 'default' }));
}

/** As AWS's own calculator counts it. */
const HOURS_A_MONTH = 730;

const aMonth = (price: Price | null): MonthlyCost | null =>
  price === null ? null : { perMonth: microUsd(price.perHour * HOURS_A_MONTH), source: price.source };

const NOT_BILLED: MonthlyCost = { perMonth: microUsd(0), source: 'not billed while it does not run' };

export const readVolumes: Eye = volumesBy('volume-id');
/** … that hang on these instances. */
export const readVolumesOf: Eye = volumesBy('attachment.instance-id');

function volumesBy(filter: 'volume-id' | 'attachment.instance-id'): Eye {
  return async function* (clients, scope, ids) {
    const [client, { paginateDescribeVolumes }] = await Promise.all([clients.ec2(), import('@aws-sdk/client-ec2')]);
    for (const Filters of filtersFor(filter, ids)) {
      for await (const page of paginateDescribeVolumes({ client, pageSize: PAGE_OF_VOLUMES }, { Filters })) {
        yield (page.Volumes ?? []).map(seen => {
          const { VolumeId, Tags: tags, CreateTime, State, Attachments = [] } = seen;
          // One that several instances share is of none of them in particular.
          const source = Attachments.length === 1 ? (Attachments[0]?.InstanceId ?? null) : null;
          const price = volumePrice(seen, scope);
          return carrier('volume', scope, VolumeId, tags, { createdAt: dated(CreateTime), state: State, source, price });
        });
      }
    }
  };
}

function volumePrice({ VolumeType: volumeType, Size: gib, Iops, Throughput }: Volume, { region }: Scope): MonthlyCost | null {
  if (volumeType === undefined || gib === undefined) return null;
  return volumePriceOf({ region, volumeType, gib, iops: Iops ?? null, throughput: Throughput ?? null });
}

/** Our own: of those that others share with us the tags are not ours to write. */
export async function* readSnapshots(...[clients, scope, ids]: Parameters<Eye>): AsyncGenerator<Tagged[]> {
  const [client, { paginateDescribeSnapshots }] = await Promise.all([clients.ec2(), import('@aws-sdk/client-ec2')]);
  for (const Filters of filtersFor('snapshot-id', ids)) {
    for await (const page of paginateDescribeSnapshots({ client, pageSize: PAGE }, { OwnerIds: ['self'], Filters })) {
      const own = (page.Snapshots ?? []).filter(({ OwnerId }) => OwnerId === scope.account);
      yield own.map(({ SnapshotId, Tags: tags, StartTime, State, VolumeId }) =>
        carrier('snapshot', scope, SnapshotId, tags, { createdAt: dated(StartTime), state: State, source: sourceVolume(VolumeId) }),
      );
    }
  }
}

/** Copies name a volume that never was. */
const sourceVolume = (id: string | undefined): string | null => (id === undefined || id === 'vol-ffffffff' ? null : id);

/** EC2 answers with all of them at once. One without an allocation is of a network that AWS has closed. */
export async function* readAddresses(...[clients, scope, ids]: Parameters<Eye>): AsyncGenerator<Tagged[]> {
  const [client, { DescribeAddressesCommand }] = await Promise.all([clients.ec2(), import('@aws-sdk/client-ec2')]);
  for (const Filters of filtersFor('allocation-id', ids)) {
    const { Addresses = [] } = await client.send(new DescribeAddressesCommand({ Filters }));
    yield Addresses.filter(a => a.AllocationId !== undefined).map(({ AllocationId, Tags: tags, PublicIp }) =>
      carrier('elastic-ip', scope, AllocationId, tags, { createdAt: null, state: '', name: PublicIp, price: aMonth(PUBLIC_IPV4) }),
    );
  }
}

/** Filters, not lists of ids: that way an id that is gone is absent from the answer, instead of spoiling it for the others. */
function filtersFor(Name: string, ids: readonly string[] | undefined): Filter[][] {
  if (ids === undefined) return [[]];
  return Array.from({ length: Math.ceil(ids.length / FILTER_VALUES_MAX) }, (_, i) => [
    { Name, Values: ids.slice(i * FILTER_VALUES_MAX, (i + 1) * FILTER_VALUES_MAX) },
  ]);
}

interface Rest {
  readonly createdAt: Instant | null;
  readonly state: string | undefined;
  readonly source?: string | null;
  readonly subnet?: string | undefined;
  readonly price?: MonthlyCost | null;
  /** What people call it where no tag says. */
  readonly name?: string | undefined;
}

/** @throws Error when EC2 leaves out what it always tells: then we see the world wrongly. */
function carrier(kind: ResourceKind, scope: Scope, id: string | undefined, list: readonly Tag[] | undefined, rest: Rest): Tagged {
  if (id === undefined || rest.state === undefined) throw new Error(`EC2 described ${id ?? `a ${kind}`} without its id or state`);
  const tags: Tags = tagsOf(list);
  return {
    ref: { kind, id, name: tags['Name'] ?? rest.name ?? null, scope },
    tags,
    unread: null,
    unpropagated: NONE,
    createdAt: rest.createdAt,
    state: rest.state,
    parent: parentOf(tags) ?? stackOf(tags),
    source: rest.source ?? null,
    subnet: rest.subnet ?? null,
    price: rest.price ?? null,
  };
}

const NONE: readonly string[] = [];

const dated = (date: Date | undefined): Instant | null => (date === undefined ? null : instant(date));
