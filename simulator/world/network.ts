/** The network that every account has: one VPC in a region, and a subnet in each of three zones. */
export const ZONES = ['a', 'b', 'c'] as const;
export const VPC = 'vpc-0a1b2c3d4e5f60718';
export const subnetOf = (zone: string): string => `subnet-0${zone}1b2c3d4e5f60718`;

export const isNetwork = (id: string): boolean => id === VPC || ZONES.some(zone => id === subnetOf(zone));
