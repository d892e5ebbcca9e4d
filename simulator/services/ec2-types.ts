/** DescribeInstanceTypes: what a type offers, as EC2 tells it. */
import type { DescribeInstanceTypesRequest, DescribeInstanceTypesResult, InstanceTypeInfo } from '@aws-sdk/client-ec2';
import { type InstanceType, instanceType, instanceTypes } from '../world/instance-types.ts';
import { matches } from './ec2-filters.ts';
import { badToken, pageSize } from './ec2-page.ts';
import { ServiceError } from './errors.ts';
import { reads } from './operation.ts';
import { page } from './page.ts';

export const describeInstanceTypes = reads((input: DescribeInstanceTypesRequest): DescribeInstanceTypesResult => {
  const unknown = input.InstanceTypes?.find(name => instanceType(name) === null);
  if (unknown !== undefined)
    throw new ServiceError('InvalidInstanceType', `The following supplied instance types do not exist: [${unknown}]`);
  const named = input.InstanceTypes?.length ? input.InstanceTypes.flatMap(name => instanceType(name) ?? []) : instanceTypes();
  const filtered = matches<Filterable>(FILTERS, input.Filters);
  const found = named.map(type => ({ ...type, tags: NO_TAGS })).filter(filtered);
  const { items, next } = page(found, pageSize(input.MaxResults, 5, 100), input.NextToken, badToken);
  return { InstanceTypes: items.map(typeJson), ...next };
});

type Filterable = InstanceType & { readonly tags: ReadonlyMap<string, string> };
const NO_TAGS: ReadonlyMap<string, string> = new Map();
const FILTERS = {
  'instance-type': ({ name }: InstanceType) => [name],
  'processor-info.supported-architecture': ({ architecture }: InstanceType) => [architecture],
  'burstable-performance-supported': ({ burstable }: InstanceType) => [String(burstable !== null)],
};

function typeJson(type: InstanceType): InstanceTypeInfo {
  const { name, vcpus, memoryMiB, architecture, burstable, instanceStoreGb, hibernation, xen } = type;
  return {
    InstanceType: name as NonNullable<InstanceTypeInfo['InstanceType']>,
    CurrentGeneration: !/^(t2|i3)\./.test(name),
    BareMetal: false,
    BurstablePerformanceSupported: burstable !== null,
    HibernationSupported: hibernation,
    Hypervisor: xen ? 'xen' : 'nitro',
    InstanceStorageSupported: instanceStoreGb > 0,
    ...(instanceStoreGb > 0 && { InstanceStorageInfo: { TotalSizeInGB: instanceStoreGb, NvmeSupport: 'required' as const } }),
    MemoryInfo: { SizeInMiB: memoryMiB },
    ProcessorInfo: { SupportedArchitectures: [architecture] },
    VCpuInfo: { DefaultVCpus: vcpus },
    NetworkInfo: networkOf(type),
    EbsInfo: volumesOf(type),
    SupportedBootModes: architecture === 'arm64' ? ['uefi'] : xen ? ['legacy-bios'] : ['legacy-bios', 'uefi'],
    SupportedRootDeviceTypes: ['ebs'],
    SupportedUsageClasses: ['on-demand', 'spot'],
    SupportedVirtualizationTypes: ['hvm'],
  };
}

function networkOf({ interfaces, ipsPerInterface, xen, burstable }: InstanceType): NonNullable<InstanceTypeInfo['NetworkInfo']> {
  return {
    MaximumNetworkInterfaces: interfaces,
    Ipv4AddressesPerInterface: ipsPerInterface,
    EnaSupport: xen ? (burstable === null ? 'supported' : 'unsupported') : 'required',
  };
}

/** Of 28 attachments an interface takes one, and so does a local disk; the newest Intel types have 32 for volumes alone. */
function volumesOf({ name, xen, burstable, instanceStoreGb }: InstanceType): NonNullable<InstanceTypeInfo['EbsInfo']> {
  const own = /^[a-z]7i\./.test(name);
  return {
    EbsOptimizedSupport: xen && burstable !== null ? 'unsupported' : 'default',
    EncryptionSupport: 'supported',
    NvmeSupport: xen ? (burstable === null ? 'supported' : 'unsupported') : 'required',
    MaximumEbsAttachments: own ? 32 : xen ? 40 : 27 - (instanceStoreGb > 0 ? 1 : 0),
    AttachmentLimitType: own ? 'dedicated' : 'shared',
  };
}
