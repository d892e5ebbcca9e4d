/** What a run looked at, and how much of the record lay behind it then: who writes later has seen that much, and has to heed it. */

export interface Look {
  readonly operation: string;
  /** What it asked for by name; `null`: whatever there is. */
  readonly names: ReadonlySet<string> | null;
  /** Writes on record when it was asked: these it has surely seen. */
  readonly seen: number;
}

const LOOKS: ReadonlySet<string> = new Set([
  ...['DescribeInstances', 'DescribeInstanceAttribute', 'DescribeVolumes', 'DescribeSnapshots', 'DescribeAddresses'],
  'DescribeAutoScalingGroups',
]);

export const isLook = (operation: string): boolean => LOOKS.has(operation);

export function lookOf(operation: string, input: unknown, seen: number): Look {
  const { InstanceId, AutoScalingGroupNames = [], Filters = [] } = input as Asked;
  const names = [
    ...(InstanceId === undefined ? [] : [InstanceId]),
    ...AutoScalingGroupNames,
    ...Filters.flatMap(({ Values = [] }) => Values),
  ];
  return { operation, names: names.length === 0 ? null : new Set(names), seen };
}

interface Asked {
  readonly InstanceId?: string;
  readonly AutoScalingGroupNames?: readonly string[];
  readonly Filters?: readonly { readonly Values?: readonly string[] }[];
}
