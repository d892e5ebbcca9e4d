/** DescribeInstances → facts, without measurements: the common first step of every look at instances. */
import type { Instance as Ec2Instance, Filter, Tag } from '@aws-sdk/client-ec2';
import type { Scope, Tags } from '../model/ids.ts';
import type { Instance, InstanceState } from '../model/observation.ts';
import { type Instant, instant } from '../model/time.ts';
import type { Clients } from '../runtime/clients.ts';
import { operatorOf, parentOf } from './parent.ts';
import { priceOf } from './prices.ts';

/** An instance with EC2's own words for how it came into its state. */
export interface SeenInstance extends Instance {
  /** `Client.InternalError: Client error on launch`: the only trace of a start that fell back to stopped. */
  readonly stateReason: string | null;
}

/** EC2's limits: instances on a page, and values in one filter. */
const PAGE = 1_000;
const FILTER_VALUES_MAX = 200;

/**
 * Every instance of the scope, terminated ones too; or, with `ids`, those of them that EC2 still knows, in no particular order.
 * @throws the SDK's error: a partial world is never returned.
 */
export async function describeInstances(clients: Clients, scope: Scope, ids?: readonly string[]): Promise<SeenInstance[]> {
  if (ids === undefined) return describePages(clients, scope, []);
  const found: SeenInstance[] = [];
  const unique = [...new Set(ids)];
  for (let i = 0; i < unique.length; i += FILTER_VALUES_MAX) {
    // A filter, not InstanceIds: that way an id that is gone is absent from the answer, instead of spoiling it for the others.
    const filter = { Name: 'instance-id', Values: unique.slice(i, i + FILTER_VALUES_MAX) };
    found.push(...(await describePages(clients, scope, [filter])));
  }
  return found;
}

async function describePages(clients: Clients, scope: Scope, filters: Filter[]): Promise<SeenInstance[]> {
  const [client, { paginateDescribeInstances }] = await Promise.all([clients.ec2(), import('@aws-sdk/client-ec2')]);
  const found: SeenInstance[] = [];
  const pages = paginateDescribeInstances({ client, pageSize: PAGE }, filters.length === 0 ? {} : { Filters: filters });
  for await (const page of pages) {
    for (const reservation of page.Reservations ?? []) {
      for (const seen of reservation.Instances ?? []) found.push(factsOf(seen, scope));
    }
  }
  return found;
}

/** @throws Error when EC2 leaves out what it always tells: then we see the world wrongly. */
export function factsOf(seen: Ec2Instance, scope: Scope): SeenInstance {
  const id = told(seen.InstanceId, 'InstanceId', seen);
  const tags = tagsOf(seen.Tags);
  const state = told(seen.State?.Name, 'State', seen) as InstanceState;
  const type = told(seen.InstanceType, 'InstanceType', seen);
  const platform = platformOf(seen);
  const tenancy = seen.Placement?.Tenancy ?? 'default';
  const lifecycle = (seen.InstanceLifecycle ?? 'on-demand') as Instance['lifecycle'];
  return {
    ref: { kind: 'instance', id, name: tags['Name'] ?? null, scope },
    tags,
    state,
    type,
    platform,
    tenancy,
    lifecycle,
    launchedAt: instant(told(seen.LaunchTime, 'LaunchTime', seen)),
    createdAt: createdAt(seen),
    stoppedAt: stoppedAt(seen),
    stateReason: seen.StateReason?.Message || null,
    rootDevice: seen.RootDeviceType === 'instance-store' ? 'instance-store' : 'ebs',
    availabilityZone: seen.Placement?.AvailabilityZone ?? '',
    parent: parentOf(tags) ?? operatorOf(seen.Operator ?? {}),
    publicIpv4: publicIpv4(seen),
    volumes: (seen.BlockDeviceMappings ?? []).flatMap(device => device.Ebs?.VolumeId ?? []),
    ...buildOf(seen),
    monitoring: seen.Monitoring?.State === 'enabled' || seen.Monitoring?.State === 'pending' ? 'detailed' : 'basic',
    hibernation: seen.HibernationOptions?.Configured ?? false,
    stopProtection: null,
    cpuMax: null,
    baseline: null,
    // Only on-demand hours cost the list price.
    price: lifecycle === 'on-demand' ? priceOf({ region: scope.region, type, platform, tenancy }) : null,
  };
}

function told<T>(value: T | undefined, field: string, seen: Ec2Instance): T {
  if (value === undefined) throw new Error(`EC2 described ${seen.InstanceId ?? 'an instance'} without ${field}`);
  return value;
}

function buildOf(seen: Ec2Instance): Pick<Instance, 'build'> {
  const { Architecture, VirtualizationType, NetworkInterfaces: faces = [], ProductCodes = [] } = seen;
  if (Architecture === undefined || VirtualizationType === undefined) return {};
  return {
    build: {
      architecture: Architecture,
      virtualization: VirtualizationType,
      ena: seen.EnaSupport ?? false,
      bootMode: seen.CurrentInstanceBootMode ?? seen.BootMode ?? null,
      interfaces: faces.length,
      ipsPerInterface: Math.max(1, ...faces.map(face => face.PrivateIpAddresses?.length ?? 1)),
      productCodes: ProductCodes.length,
    },
  };
}

/** EC2's and Auto Scaling's lists of tags alike. */
export const tagsOf = (tags: readonly Tag[] | undefined): Tags => Object.fromEntries((tags ?? []).map(t => [t.Key ?? '', t.Value ?? '']));

/** `other` covers what carries a licence of its own, such as RHEL or Windows with SQL Server: our price table knows none of those. */
export function platformOf({ PlatformDetails, Platform }: Pick<Ec2Instance, 'PlatformDetails' | 'Platform'>): Instance['platform'] {
  // EC2 always tells the details; an emulator that does not still tells Windows, in small letters as EC2 does.
  switch (PlatformDetails ?? (Platform?.toLowerCase() === 'windows' ? 'Windows' : 'Linux/UNIX')) {
    case 'Linux/UNIX':
      return 'linux';
    case 'Windows':
      return 'windows';
    default:
      return 'other';
  }
}

/** The root volume is attached once, at birth; starts and stops do not change it, as they do LaunchTime. */
export function createdAt(seen: Pick<Ec2Instance, 'BlockDeviceMappings' | 'RootDeviceName'>): Instant | null {
  const root = seen.BlockDeviceMappings?.find(device => device.DeviceName === seen.RootDeviceName);
  return root?.Ebs?.AttachTime === undefined ? null : instant(root.Ebs.AttachTime);
}

/** `User initiated (2025-05-14 19:00:12 GMT)` is how EC2 tells when a stop or a termination was asked for. */
function stoppedAt(seen: Ec2Instance): Instant | null {
  if (seen.State?.Name === 'pending' || seen.State?.Name === 'running') return null;
  const [, day, time] = /\((\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) (?:GMT|UTC)\)/.exec(seen.StateTransitionReason ?? '') ?? [];
  const told = `${day}T${time}Z`;
  const milliseconds = Date.parse(told);
  // What is no instant, such as the 30th of February, tells nothing; it must not end the look at all the others.
  return Number.isFinite(milliseconds) && instant(milliseconds) === told ? instant(milliseconds) : null;
}

/** An address that Amazon owns was lent to the instance while it runs; any other is an Elastic IP of the account (or its own pool). */
function publicIpv4(seen: Ec2Instance): Instance['publicIpv4'] {
  const associations = (seen.NetworkInterfaces ?? []).flatMap(face => face.Association ?? []).filter(a => a.PublicIp !== undefined);
  if (associations.some(a => a.IpOwnerId === 'amazon')) return 'auto';
  return associations.length > 0 ? 'elastic' : 'none';
}
