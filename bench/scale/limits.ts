/**
 * What AWS allows and how long it takes, for virtual time. Rates and bursts are EC2's documented token buckets per account and region
 * (Request throttling for the Amazon EC2 API); a call over its rate is refused as EC2 refuses it, and the SDK's retries wait. Latencies
 * are not documented anywhere: they are assumptions, on the slow side, and stand here to be argued with.
 */

/** Tokens, refilled per second up to `burst`. */
export class Bucket {
  readonly #burst: number;
  readonly #perSecond: number;
  #tokens: number;
  #at = 0;

  constructor(burst: number, perSecond: number) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#tokens = burst;
  }

  /** @param at seconds @returns whether there were enough; nothing is taken otherwise. */
  take(count: number, at: number): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + Math.max(0, at - this.#at) * this.#perSecond);
    this.#at = Math.max(this.#at, at);
    if (this.#tokens < count) return false;
    this.#tokens -= count;
    return true;
  }
}

interface Limit {
  readonly burst: number;
  readonly perSecond: number;
  /** Tokens of a call. */
  readonly cost: (input: Input) => number;
}

/** As much of the calls' inputs as limits and latencies depend on. */
interface Input {
  readonly MaxResults?: number;
  readonly Filters?: readonly { readonly Values?: readonly string[] }[];
  readonly InstanceIds?: readonly string[];
  readonly MetricDataQueries?: readonly unknown[];
}

const requests = (burst: number, perSecond: number): Limit => ({ burst, perSecond, cost: () => 1 });
const instances = (burst: number, perSecond: number): Limit => ({ burst, perSecond, cost: ({ InstanceIds }) => InstanceIds?.length ?? 1 });

export const LIMITS: Readonly<Record<string, readonly Limit[]>> = {
  DescribeInstances: [requests(100, 20)], // paginated or filtered, which ours always are
  DescribeInstanceAttribute: [requests(100, 20)],
  StopInstances: [requests(50, 5), instances(1000, 20)],
  StartInstances: [requests(5, 2), instances(1000, 2)],
  GetMetricData: [requests(50, 50)], // CloudWatch service quotas: 50 a second
  GetParameter: [requests(40, 40)], // Systems Manager's standard throughput
};

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
export const PARTITION_WRITES = { burst: 1000, perSecond: 1000 };

/** Lambda gives a whole vCPU at 1,769 MB, and of it in proportion to memory. */
export const vcpus = (memoryMb: number): number => memoryMb / 1769;
