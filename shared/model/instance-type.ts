/** What an instance type offers and what an instance needs: facts of DescribeInstanceTypes and DescribeInstances, and whether they fit. */

export interface TypeSpec {
  /** `m5.large` */
  readonly type: string;
  readonly vcpus: number;
  readonly memoryMib: number;
  readonly architectures: readonly string[];
  readonly virtualizations: readonly string[];
  readonly bootModes: readonly string[];
  readonly bareMetal: boolean;
  /** GPUs, FPGAs, inference chips: what its load is cannot be told by CPU. */
  readonly accelerated: boolean;
  readonly burstable: boolean;
  /** 0: none. It is lost at every stop. */
  readonly instanceStoreGb: number;
  readonly ena: Support;
  /** Of EBS volumes: where it is required, the system must know NVMe. */
  readonly nvme: Support;
  readonly interfacesMax: number;
  readonly ipsPerInterfaceMax: number;
  /** Volumes that can be attached; `null` where EC2 does not say. */
  readonly attachmentsMax: number | null;
  /** Network interfaces count against the same limit; the first of them is in it already. */
  readonly attachmentsShared: boolean;
}

export type Support = 'unsupported' | 'supported' | 'required';

/** What an instance was launched with, and what hangs on it. */
export interface Build {
  readonly architecture: string;
  readonly virtualization: string;
  readonly ena: boolean;
  /** `null`: the image names none. */
  readonly bootMode: string | null;
  readonly interfaces: number;
  /** Private IPv4 addresses on the interface that has most of them. */
  readonly ipsPerInterface: number;
  /** Marketplace images: the product decides what it may run on. */
  readonly productCodes: number;
}

/** Most Nitro instances share 28 attachments among volumes and network interfaces (EBS volume limits): 27 beside the first interface. */
const ATTACHMENTS = 27;

/** Why an instance of type `from` would not come up, or not whole, as `to`; `null` where nothing stands against it. */
export function misfit(build: Build, volumes: number, from: TypeSpec, to: TypeSpec): string | null {
  if (build.productCodes > 0) return 'its image is a Marketplace product, which decides what it runs on';
  if (!to.architectures.includes(build.architecture)) return `it is ${build.architecture}, and ${to.type} is not`;
  if (!to.virtualizations.includes(build.virtualization)) return `${to.type} does not take ${build.virtualization} images`;
  if ((build.bootMode === 'uefi' || build.bootMode === 'legacy-bios') && !to.bootModes.includes(build.bootMode))
    return `${to.type} does not boot by ${build.bootMode}`;
  if (to.bareMetal || from.bareMetal) return 'bare metal is another kind of machine';
  if (to.accelerated || from.accelerated) return 'accelerators are not exchanged';
  if (to.instanceStoreGb > 0) return `${to.type} has instance store volumes, which every stop would erase`;
  if (to.ena === 'required' && !build.ena) return `${to.type} takes the ENA driver, which its image does not name`;
  if (to.nvme === 'required' && from.nvme !== 'required')
    return `${to.type} has NVMe volumes, and ${from.type} may not have needed their driver`;
  if (build.interfaces > to.interfacesMax) return `it has ${build.interfaces} network interfaces, and ${to.type} takes ${to.interfacesMax}`;
  if (build.ipsPerInterface > to.ipsPerInterfaceMax)
    return `it has ${build.ipsPerInterface} addresses on one interface, and ${to.type} takes ${to.ipsPerInterfaceMax}`;
  const attached = volumes + (to.attachmentsShared ? build.interfaces - 1 : 0);
  const room = to.attachmentsMax ?? ATTACHMENTS;
  return attached > room ? `it has ${attached} attachments, and ${to.type} takes ${room}` : null;
}
