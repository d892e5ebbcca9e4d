/** Instances, volumes and addresses as the SDK hands them over: absent is undefined, empty is [], times are Dates. */
import type { Address, Instance, Reservation, Volume } from '@aws-sdk/client-ec2';
import { type Machine, STATE_CODES } from '../world/machine.ts';
import { subnetOf, VPC } from '../world/network.ts';
import { allocationOf, type LooseAddress, type LooseVolume } from '../world/storage.ts';
import type { Region, World } from '../world/world.ts';

export function reservationJson(world: World, machines: readonly Machine[]): Reservation {
  const [first] = machines;
  return {
    ReservationId: first?.reservationId,
    OwnerId: world.account,
    ...(first?.group && { RequesterId: '940372691376' }),
    Groups: [],
    Instances: machines.map(m => instanceJson(world, m)),
  };
}

export function instanceJson(world: World, machine: Machine): Instance {
  const gone = machine.state === 'terminated';
  const address = machine.publicIp;
  return {
    InstanceId: machine.id,
    ImageId: 'ami-0a1b2c3d4e5f60718',
    State: { Code: STATE_CODES[machine.state], Name: machine.state },
    StateTransitionReason: machine.transitionReason,
    ...(machine.stateReason !== null && { StateReason: machine.stateReason }),
    InstanceType: machine.type as NonNullable<Instance['InstanceType']>,
    LaunchTime: date(machine.launchTime),
    AmiLaunchIndex: 0,
    ProductCodes: [],
    Placement: { AvailabilityZone: machine.availabilityZone, GroupName: '', Tenancy: machine.tenancy },
    // The wire says `windows`, whatever the SDK's type says.
    ...(machine.platform === 'windows' && { Platform: 'windows' as NonNullable<Instance['Platform']> }),
    PlatformDetails: machine.platform === 'windows' ? 'Windows' : 'Linux/UNIX',
    UsageOperation: machine.platform === 'windows' ? 'RunInstances:0002' : 'RunInstances',
    Monitoring: { State: machine.monitoring === 'detailed' ? 'enabled' : 'disabled' },
    Architecture: /^[a-z]+\d+g[a-z]*\./.test(machine.type) ? 'arm64' : 'x86_64',
    RootDeviceName: '/dev/xvda',
    RootDeviceType: machine.rootDevice,
    BlockDeviceMappings: gone ? [] : blockDevices(machine),
    VirtualizationType: 'hvm',
    Hypervisor: 'xen',
    EnaSupport: true,
    EbsOptimized: false,
    HibernationOptions: { Configured: machine.hibernation },
    ...(machine.market !== 'on-demand' && { InstanceLifecycle: 'spot' as const, SpotInstanceRequestId: spotRequestId(machine) }),
    PrivateDnsName: gone ? '' : `ip-${machine.privateIp.replaceAll('.', '-')}.${machine.region}.compute.internal`,
    PublicDnsName: address === null ? '' : dnsOf(address, machine),
    ...(!gone && {
      PrivateIpAddress: machine.privateIp,
      VpcId: VPC,
      SubnetId: subnetOf(machine.availabilityZone.slice(-1)),
    }),
    ...(address !== null && { PublicIpAddress: address }),
    NetworkInterfaces: gone ? [] : [networkInterface(world, machine)],
    SecurityGroups: gone ? [] : [{ GroupId: 'sg-0a1b2c3d4e5f60718', GroupName: 'default' }],
    ...(machine.tags.size > 0 && world.clock.now() >= machine.tagsShownFrom && { Tags: tagList(machine) }),
  };
}

export const spotRequestId = ({ id }: Machine): string => `sir-${id.slice(-8)}`;

export const tagList = (machine: Machine): { Key: string; Value: string }[] => [...machine.tags].map(([Key, Value]) => ({ Key, Value }));

function blockDevices(machine: Machine): NonNullable<Instance['BlockDeviceMappings']> {
  return machine.volumes.map((VolumeId, i) => ({
    DeviceName: `/dev/xvd${'abcdefghijklmnop'.charAt(i)}`,
    Ebs: { AttachTime: date(machine.createdAt), DeleteOnTermination: i === 0, Status: 'attached', VolumeId },
  }));
}

function networkInterface(world: World, machine: Machine): NonNullable<Instance['NetworkInterfaces']>[number] {
  const { publicIp } = machine;
  return {
    NetworkInterfaceId: machine.networkInterface,
    OwnerId: world.account,
    Status: 'in-use',
    PrivateIpAddress: machine.privateIp,
    Attachment: { AttachTime: date(machine.createdAt), DeleteOnTermination: true, DeviceIndex: 0, Status: 'attached' },
    ...(publicIp !== null && {
      Association: {
        IpOwnerId: machine.publicIpv4 === 'elastic' ? world.account : 'amazon',
        PublicDnsName: dnsOf(publicIp, machine),
        PublicIp: publicIp,
      },
    }),
  };
}

export function volumesJson(region: Region, machine: Machine): Volume[] {
  return machine.volumes.map((VolumeId, i) => ({
    VolumeId,
    State: 'in-use',
    Size: 30,
    VolumeType: 'gp3',
    Iops: 3000,
    Throughput: 125,
    Encrypted: machine.hibernation,
    ...labelled(region, VolumeId),
    AvailabilityZone: machine.availabilityZone,
    CreateTime: date(machine.createdAt),
    Attachments: [
      {
        VolumeId,
        InstanceId: machine.id,
        Device: `/dev/xvd${'abcdefghijklmnop'.charAt(i)}`,
        State: 'attached',
        AttachTime: date(machine.createdAt),
        DeleteOnTermination: i === 0,
      },
    ],
  }));
}

/** A volume whose instance is gone. */
export const looseVolumeJson = (region: Region, { id, availabilityZone, createdAt }: LooseVolume): Volume => ({
  VolumeId: id,
  State: 'available',
  Size: 30,
  VolumeType: 'gp3',
  Iops: 3000,
  Throughput: 125,
  Encrypted: false,
  AvailabilityZone: availabilityZone,
  CreateTime: date(createdAt),
  Attachments: [],
  ...labelled(region, id),
});

/** EC2 leaves the list out where there is no tag. */
export function labelled(region: Region, id: string): { Tags?: { Key: string; Value: string }[] } {
  const labels = region.labels.get(id);
  return labels === undefined || labels.size === 0 ? {} : { Tags: [...labels].map(([Key, Value]) => ({ Key, Value })) };
}

export const looseAddressJson = (region: Region, { id, publicIp }: LooseAddress): Address => ({
  PublicIp: publicIp,
  AllocationId: id,
  Domain: 'vpc',
  NetworkBorderGroup: region.name,
  ...labelled(region, id),
});

export function addressJson(world: World, region: Region, machine: Machine): Address {
  return {
    InstanceId: machine.id,
    PublicIp: machine.publicIp ?? '',
    AllocationId: allocationOf(machine),
    AssociationId: `eipassoc-0${machine.id.slice(3)}`,
    Domain: 'vpc',
    NetworkInterfaceId: machine.networkInterface,
    NetworkInterfaceOwnerId: world.account,
    PrivateIpAddress: machine.privateIp,
    NetworkBorderGroup: machine.region,
    ...labelled(region, allocationOf(machine)),
  };
}

const dnsOf = (ip: string, { region }: Machine): string =>
  `ec2-${ip.replaceAll('.', '-')}.${region === 'us-east-1' ? 'compute-1' : `${region}.compute`}.amazonaws.com`;

const date = (seconds: number): Date => new Date(seconds * 1000);
