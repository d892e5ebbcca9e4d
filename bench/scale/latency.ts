/**
 * How long AWS takes, for virtual time. What it allows is the virtual cloud's own table (`simulator/services/limits.ts`); latencies are
 * documented nowhere: these are assumptions, on the slow side, and stand here to be argued with.
 */

/** As much of the calls' inputs as latencies depend on. */
interface Input {
  readonly MaxResults?: number;
  readonly Filters?: readonly { readonly Values?: readonly string[] }[];
  readonly InstanceIds?: readonly string[];
  readonly MetricDataQueries?: readonly unknown[];
}

/** Milliseconds, assumed. */
export function latency(operation: string, input: Input): number {
  switch (operation) {
    case 'DescribeInstances':
      return 200 + 1.5 * Math.min(input.MaxResults ?? 1000, input.Filters?.[0]?.Values?.length ?? 1000);
    case 'GetMetricData':
      return 150 + 2 * (input.MetricDataQueries?.length ?? 0);
    case 'StopInstances':
    case 'StartInstances':
      return 300 + 20 * (input.InstanceIds?.length ?? 0);
    case 'DescribeInstanceAttribute':
      return 100;
    default:
      return 30;
  }
}

/** DynamoDB: single-digit milliseconds for an item, a page of 1 MB in some more; and what one partition key takes (its documented limits). */
export const TABLE_MS = { item: 6, page: 40 };
export const PARTITION_WRITES = { capacity: 1000, refill: 1000 };

/** Lambda gives a whole vCPU at 1,769 MB, and of it in proportion to memory. */
export const vcpus = (memoryMb: number): number => memoryMb / 1769;
