/** What the services that the house itself uses cost: list prices of us-east-1, looked up in 2025. Free tiers and discounts are not counted. */
import { divideMicros, type MicroUsd } from '../model/money.ts';
import { plus, type Rational, rational, ZERO } from './rational.ts';

export const OWN_PRICE_SOURCE = 'list prices of us-east-1, 2025';

/** Micro-dollars for so many. */
interface UnitPrice {
  readonly micros: bigint;
  readonly per: bigint;
  readonly what: string;
}

const MILLION = 1_000_000n;
const DAYS_OF_A_MONTH = 30n;

const OWN_PRICES = {
  'lambda-runs': { micros: 200_000n, per: MILLION, what: 'Lambda requests' },
  // $0.0000133334 a GB-second on arm64, and 1,024,000 of these to one
  'lambda-mb-ms': { micros: 133_334n, per: 10_000n * 1_024_000n, what: 'Lambda MB-milliseconds' },
  'metrics-read': { micros: 10_000n, per: 1_000n, what: 'metrics read by GetMetricData' },
  'dynamodb-writes': { micros: 625_000n, per: MILLION, what: 'DynamoDB write units' },
  'dynamodb-reads': { micros: 125_000n, per: MILLION, what: 'DynamoDB read units' },
  'sqs-requests': { micros: 500_000n, per: MILLION, what: 'SQS FIFO requests' },
  'scheduler-runs': { micros: 1_000_000n, per: MILLION, what: 'EventBridge Scheduler invocations' },
  'cost-explorer-requests': { micros: 10_000n, per: 1n, what: 'Cost Explorer requests' },
  'alarm-days': { micros: 100_000n, per: DAYS_OF_A_MONTH, what: 'CloudWatch alarms, a day each' },
  'custom-metric-days': { micros: 300_000n, per: DAYS_OF_A_MONTH, what: 'custom metrics, a day each' },
} as const satisfies Readonly<Record<string, UnitPrice>>;

export type OwnUnit = keyof typeof OWN_PRICES;

/** Summed exactly and rounded once; what has no price here is not ours to count. */
export function costOf(used: Readonly<Record<string, number>>): MicroUsd {
  const total = Object.entries(used).reduce<Rational>((sum, [unit, count]) => {
    const price: UnitPrice | undefined = OWN_PRICES[unit as OwnUnit];
    return price === undefined ? sum : plus(sum, rational(BigInt(count) * price.micros, price.per));
  }, ZERO);
  return divideMicros(total.n, total.d);
}

/** What stands there whether anything happens or not, each day: alarms and metrics of our own, and pollers that ask three queues for work. */
export const STANDING: Readonly<Partial<Record<OwnUnit, number>>> = {
  'alarm-days': 8,
  'custom-metric-days': 8,
  // Five pollers a queue, each asking every 20 s.
  'sqs-requests': 3 * 5 * 3 * 60 * 24,
};
