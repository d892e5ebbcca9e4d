/** What an instance type is, as far as anybody here asks: derived from its name, with the burstable ones by table. */

export interface InstanceType {
  readonly name: string;
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly architecture: 'x86_64' | 'arm64';
  readonly burstable: Burstable | null;
  /** Local disks, GB; 0: none. They lose their content at every stop. */
  readonly instanceStoreGb: number;
  readonly hibernation: boolean;
  /** The older hypervisor: no NVMe volumes, ENA at most as a choice. */
  readonly xen: boolean;
  readonly interfaces: number;
  readonly ipsPerInterface: number;
}

/** Credits: one is a vCPU at 100 % for a minute. A full balance is what a day earns. */
export interface Burstable {
  readonly family: 't2' | 't3' | 't3a' | 't4g';
  readonly earnPerHour: number;
  /** T2 is `standard`, the others `unlimited`, unless somebody changes it. */
  readonly unlimited: boolean;
}

/** @returns `null` for a type that the virtual cloud does not know. */
export function instanceType(name: string): InstanceType | null {
  const known = made.get(name);
  if (known !== undefined) return known;
  const type = derive(name);
  made.set(name, type);
  return type;
}

/** Every type that the virtual cloud knows, by name. */
export const instanceTypes = (): InstanceType[] =>
  [
    ...Object.keys(FAMILIES).flatMap(f => SIZES.map(s => `${f}.${s}`)),
    ...BURSTABLE.flatMap(f => Object.keys(T_SIZES).map(s => `${f}.${s}`)),
  ]
    .toSorted()
    .flatMap(name => instanceType(name) ?? []);

const made = new Map<string, InstanceType | null>();

/** GiB per vCPU, and GB of local disk per vCPU. */
const FAMILIES: Readonly<Record<string, { readonly memory: number; readonly store?: number }>> = {
  c5: { memory: 2 },
  c5d: { memory: 2, store: 25 },
  c6g: { memory: 2 },
  c6i: { memory: 2 },
  c7g: { memory: 2 },
  c7i: { memory: 2 },
  i3: { memory: 7.625, store: 237.5 },
  i4i: { memory: 8, store: 234 },
  m5: { memory: 4 },
  m5a: { memory: 4 },
  m5d: { memory: 4, store: 37.5 },
  m6g: { memory: 4 },
  m6i: { memory: 4 },
  m7g: { memory: 4 },
  m7i: { memory: 4 },
  r5: { memory: 8 },
  r6g: { memory: 8 },
  r6i: { memory: 8 },
  r7g: { memory: 8 },
};
const SIZES = ['large', 'xlarge', '2xlarge', '4xlarge', '8xlarge', '12xlarge', '16xlarge', '24xlarge'];

const BURSTABLE = ['t2', 't3', 't3a', 't4g'] as const;

/**
 * vCPUs, GiB, credits per hour: of T3, T3a and T4g, and of T2 where it differs
 * (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-credits-baseline-concepts.html).
 */
const T_SIZES: Readonly<
  Record<string, { readonly t3: readonly [number, number, number]; readonly t2: readonly [number, number, number] }>
> = {
  nano: { t3: [2, 0.5, 6], t2: [1, 0.5, 3] },
  micro: { t3: [2, 1, 12], t2: [1, 1, 6] },
  small: { t3: [2, 2, 24], t2: [1, 2, 12] },
  medium: { t3: [2, 4, 24], t2: [2, 4, 24] },
  large: { t3: [2, 8, 36], t2: [2, 8, 36] },
  xlarge: { t3: [4, 16, 96], t2: [4, 16, 54] },
  '2xlarge': { t3: [8, 32, 192], t2: [8, 32, 81.6] },
};

/**
 * Network interfaces, and IPv4 addresses on each, by size (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/AvailableIpPerENI.html).
 */
const INTERFACES: Readonly<Record<string, readonly [number, number]>> = {
  ...{ nano: [2, 2], micro: [2, 2], small: [3, 4], medium: [3, 6], large: [3, 10], xlarge: [4, 15], '2xlarge': [4, 15] },
  ...{ '4xlarge': [8, 30], '8xlarge': [8, 30], '12xlarge': [8, 30], '16xlarge': [15, 50], '24xlarge': [15, 50] },
};
const BURSTABLE_LARGE = [3, 12] as const;

function nature(family: string, size: string): Pick<InstanceType, 'xen' | 'interfaces' | 'ipsPerInterface'> {
  const isBurstable = BURSTABLE.some(f => f === family);
  const [interfaces = 2, ipsPerInterface = 2] = isBurstable && size === 'large' ? BURSTABLE_LARGE : (INTERFACES[size] ?? []);
  return { xen: family === 't2' || family === 'i3', interfaces: family === 't2' ? Math.min(3, interfaces) : interfaces, ipsPerInterface };
}

function derive(name: string): InstanceType | null {
  const [family = '', size = ''] = name.split('.');
  const architecture = /^[a-z]+\d+g/.test(family) ? 'arm64' : 'x86_64';
  const burst = BURSTABLE.find(f => f === family);
  const row = T_SIZES[size];
  if (burst !== undefined && row !== undefined) {
    const [vcpus, gib, earnPerHour] = burst === 't2' ? row.t2 : row.t3;
    const burstable = { family: burst, earnPerHour, unlimited: burst !== 't2' };
    return {
      name,
      vcpus,
      memoryMiB: gib * 1024,
      architecture,
      burstable,
      instanceStoreGb: 0,
      hibernation: burst !== 't4g',
      ...nature(family, size),
    };
  }
  const shape = FAMILIES[family];
  if (shape === undefined || !SIZES.includes(size)) return null;
  const vcpus = size === 'large' ? 2 : 4 * Number(/^\d+/.exec(size)?.[0] ?? 1);
  const memoryMiB = Math.round(vcpus * shape.memory * 1024);
  const instanceStoreGb = Math.round(vcpus * (shape.store ?? 0));
  return {
    name,
    vcpus,
    memoryMiB,
    architecture,
    burstable: null,
    instanceStoreGb,
    hibernation: memoryMiB < 150 * 1024,
    ...nature(family, size),
  };
}
