/** DescribeInstanceTypes → what types offer, a family at a time: they do not change, so they are kept where they were read. */
import type { InstanceTypeInfo } from '@aws-sdk/client-ec2';
import type { Support, TypeSpec } from '../model/instance-type.ts';
import type { Clients } from '../runtime/clients.ts';

export const familyOf = (type: string): string => type.slice(0, type.indexOf('.'));

/**
 * Every size of these families that the region has, by type. A family that it does not have is missing.
 * @throws the SDK's error.
 */
export async function observeTypes(clients: Clients, families: readonly string[]): Promise<Map<string, TypeSpec>> {
  const [client, { paginateDescribeInstanceTypes }] = await Promise.all([clients.ec2(), import('@aws-sdk/client-ec2')]);
  const found = new Map<string, TypeSpec>();
  // A filter, not InstanceTypes: there one unknown type would spoil the answer for all.
  const input = { Filters: [{ Name: 'instance-type', Values: families.map(family => `${family}.*`) }] };
  for await (const page of paginateDescribeInstanceTypes({ client, pageSize: 100 }, input)) {
    for (const info of page.InstanceTypes ?? []) {
      const spec = specOf(info);
      if (spec !== null) found.set(spec.type, spec);
    }
  }
  return found;
}

/** What EC2 does not say of a type is taken for the stricter: `null` only where it leaves out what makes a type. */
function specOf(info: InstanceTypeInfo): TypeSpec | null {
  const { InstanceType: type, VCpuInfo, MemoryInfo, ProcessorInfo, NetworkInfo, EbsInfo } = info;
  if (type === undefined || VCpuInfo?.DefaultVCpus === undefined || MemoryInfo?.SizeInMiB === undefined) return null;
  const accelerators = [info.GpuInfo, info.FpgaInfo, info.InferenceAcceleratorInfo, info.NeuronInfo, info.MediaAcceleratorInfo];
  return {
    type,
    vcpus: VCpuInfo.DefaultVCpus,
    memoryMib: MemoryInfo.SizeInMiB,
    architectures: ProcessorInfo?.SupportedArchitectures ?? [],
    virtualizations: info.SupportedVirtualizationTypes ?? [],
    bootModes: info.SupportedBootModes ?? [],
    bareMetal: info.BareMetal ?? false,
    accelerated: accelerators.some(a => a !== undefined),
    burstable: info.BurstablePerformanceSupported ?? false,
    instanceStoreGb: info.InstanceStorageSupported ? (info.InstanceStorageInfo?.TotalSizeInGB ?? 1) : 0,
    ena: support(NetworkInfo?.EnaSupport),
    nvme: support(EbsInfo?.NvmeSupport),
    interfacesMax: NetworkInfo?.MaximumNetworkInterfaces ?? 1,
    ipsPerInterfaceMax: NetworkInfo?.Ipv4AddressesPerInterface ?? 1,
    attachmentsMax: EbsInfo?.MaximumEbsAttachments ?? null,
    attachmentsShared: EbsInfo?.AttachmentLimitType !== 'dedicated',
  };
}

const support = (told: string | undefined): Support => (told === 'unsupported' || told === 'supported' ? told : 'required');
