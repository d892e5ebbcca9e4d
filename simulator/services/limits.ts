/**
 * How often each operation may be called, as AWS documents it; what is not documented is not limited here.
 *
 * EC2: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html (request and resource token buckets).
 * CloudWatch: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html (rates per second).
 * Systems Manager: https://docs.aws.amazon.com/general/latest/gr/ssm.html (default throughput: 40 a second, shared by GetParameter,
 * GetParameters and GetParametersByPath; 3 for PutParameter).
 * SQS FIFO queues: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/troubleshooting-fifo-throttling-issues.html
 * (300 a second for each action without high throughput, refused as ThrottlingException). Standard queues take nearly any number.
 * Auto Scaling: one bucket for all its operations, whose size AWS does not publish
 * (https://repost.aws/knowledge-center/autoscaling-api-calls-throttled): ours is a careful guess, and the only one here. Its quotas of
 * numbers and batches are published: `autoscaling-quotas.ts`.
 */
import type { Bucket } from '../world/throttle.ts';
import type { World } from '../world/world.ts';
import { ServiceError } from './errors.ts';
import { throttlesOf } from './throttle-errors.ts';

interface Charge {
  /** What the bucket is called beside account and region. */
  readonly bucket: string;
  readonly of: Bucket;
  readonly cost: number;
}

/** @returns the error of a call that comes too soon. */
export function throttled(world: World, region: string, service: string, operation: string, input: unknown): ServiceError | null {
  const { throttle, account, clock } = world;
  if (throttle === null) return null;
  // Every bucket is asked in turn; a call that a later one refuses has been counted by the earlier ones.
  const free = charges(service, operation, (input ?? {}) as Input, clock.now()).every(({ bucket, of, cost }) =>
    throttle.take(`${account} ${region} ${service}:${bucket}`, of, cost, clock.now()),
  );
  return free ? null : refusal(service);
}

type Input = Readonly<Record<string, unknown>>;

function charges(service: string, operation: string, input: Input, now: number): Charge[] {
  switch (service) {
    case 'ec2':
      return ec2(operation, input);
    case 'cloudwatch':
      return cloudwatch(operation, input, now);
    case 'autoscaling':
      return [{ bucket: 'all', of: { capacity: 100, refill: 10 }, cost: 1 }];
    case 'ssm':
      return ssm(operation);
    case 'sqs':
      return String(input['QueueUrl'] ?? '').endsWith('.fifo') ? [perSecond(`${operation} ${input['QueueUrl']}`, 300)] : [];
    default:
      return [];
  }
}

const perSecond = (bucket: string, rate: number, cost = 1): Charge => ({ bucket, of: { capacity: rate, refill: rate }, cost });

const EC2_READ: Bucket = { capacity: 100, refill: 20 };
const EC2_READ_UNFILTERED: Bucket = { capacity: 50, refill: 10 };
const EC2_WRITE: Bucket = { capacity: 50, refill: 5 };
const EC2_OWN: Readonly<Record<string, Bucket>> = {
  CreateTags: { capacity: 100, refill: 10 },
  DeleteTags: { capacity: 100, refill: 10 },
  RunInstances: { capacity: 5, refill: 2 },
  StartInstances: { capacity: 5, refill: 2 },
  TerminateInstances: { capacity: 100, refill: 5 },
};
/** By instance, beside the bucket by request. */
const EC2_RESOURCES: Readonly<Record<string, Bucket>> = {
  RunInstances: { capacity: 1000, refill: 2 },
  StartInstances: { capacity: 1000, refill: 2 },
  StopInstances: { capacity: 1000, refill: 20 },
  TerminateInstances: { capacity: 1000, refill: 20 },
};
/** Without a filter and without pages these draw on a smaller bucket. */
const UNFILTERED = new Set(['DescribeInstances', 'DescribeInstanceStatus', 'DescribeSpotInstanceRequests', 'DescribeVolumes']);

function ec2(operation: string, input: Input): Charge[] {
  const read = /^(Describe|List|Search|Get)/.test(operation);
  const narrowed = ['Filters', 'MaxResults', 'NextToken'].some(name => input[name] !== undefined);
  const smaller = UNFILTERED.has(operation) && !narrowed;
  const request: Charge = {
    bucket: smaller ? `${operation} unfiltered` : operation,
    of: EC2_OWN[operation] ?? (smaller ? EC2_READ_UNFILTERED : read ? EC2_READ : EC2_WRITE),
    cost: 1,
  };
  const resources = EC2_RESOURCES[operation];
  if (resources === undefined) return [request];
  const instances = (input['InstanceIds'] as unknown[] | undefined)?.length ?? Number(input['MaxCount'] ?? 1);
  return [request, { bucket: `${operation} instances`, of: resources, cost: instances }];
}

const CLOUDWATCH_RATES: Readonly<Record<string, number>> = {
  DeleteAlarms: 3,
  DescribeAlarms: 9,
  GetMetricData: 500,
  GetMetricStatistics: 400,
  ListMetrics: 25,
  PutCompositeAlarm: 3,
  PutMetricAlarm: 3,
  PutMetricData: 500,
  SetAlarmState: 3,
};
/** Datapoints a second: of requests that begin within the last three hours, and of those that reach further back. */
const POINTS_RECENT = 180_000;
const POINTS_OLDER = 396_000;
const THREE_HOURS = 3 * 3600;

function cloudwatch(operation: string, input: Input, now: number): Charge[] {
  const rate = CLOUDWATCH_RATES[operation];
  const calls = rate === undefined ? [] : [perSecond(operation, rate)];
  if (operation !== 'GetMetricData') return calls;
  const [start, end] = [secondsOf(input['StartTime']), secondsOf(input['EndTime'])];
  const queries = (input['MetricDataQueries'] ?? []) as { MetricStat?: { Period?: number } }[];
  const points = queries.reduce((sum, { MetricStat }) => sum + (MetricStat ? Math.max(0, end - start) / (MetricStat.Period ?? 60) : 0), 0);
  const recent = start >= now - THREE_HOURS;
  return [...calls, perSecond(recent ? 'datapoints recent' : 'datapoints older', recent ? POINTS_RECENT : POINTS_OLDER, points)];
}

const secondsOf = (time: unknown): number => (time instanceof Date ? time.getTime() / 1000 : 0);

function ssm(operation: string): Charge[] {
  if (/^GetParameter/.test(operation)) return [perSecond('GetParameter*', 40)];
  return operation === 'PutParameter' ? [perSecond(operation, 3)] : [];
}

function refusal(service: string): ServiceError {
  const [[name, status]] = throttlesOf(service);
  return new ServiceError(name, service === 'ec2' ? 'Request limit exceeded.' : 'Rate exceeded', status);
}
