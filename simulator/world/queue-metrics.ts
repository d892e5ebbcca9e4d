/**
 * AWS/SQS: the queues that groups work off, each minute while they are in use: something happened in the last six hours, or waits
 * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html).
 */
import { ageOfOldest, type Backlog, minuteOf, waitingAt } from './backlog.ts';
import { named, soleDimension } from './metric-source.ts';
import type { Publisher } from './metrics.ts';
import type { Region } from './world.ts';

const ACTIVE = 360; // minutes

/** By the beginning of a minute. */
const METRICS: Readonly<Record<string, (backlog: Backlog, at: number) => number>> = {
  ApproximateNumberOfMessagesVisible: (backlog, at) => Math.round(waitingAt(backlog, at)),
  ApproximateAgeOfOldestMessage: (backlog, at) => Math.round(ageOfOldest(backlog, at)),
  NumberOfMessagesSent: (backlog, at) => Math.round(minuteOf(backlog, at).arrived),
  NumberOfMessagesReceived: (backlog, at) => Math.round(minuteOf(backlog, at).done),
  NumberOfMessagesDeleted: (backlog, at) => Math.round(minuteOf(backlog, at).done),
};

export const queueMetrics: Publisher = {
  source(_world, region, metric) {
    const backlog = backlogOf(region, soleDimension(metric, 'QueueName') ?? '');
    const value = METRICS[metric.name];
    if (backlog === null || value === undefined) return null;
    return { step: 60, count: at => (inUse(backlog, at) ? 1 : 0), value: at => value(backlog, at) };
  },
  names: region =>
    [...region.groups.values()].flatMap(({ backlog }) =>
      backlog === null ? [] : Object.keys(METRICS).map(name => named('AWS/SQS', name, { QueueName: backlog.queue })),
    ),
};

/** What waits in the queue of that name for a group. */
export function backlogOf(region: Region, queue: string): Backlog | null {
  for (const { backlog } of region.groups.values()) if (backlog?.queue === queue) return backlog;
  return null;
}

function inUse(backlog: Backlog, at: number): boolean {
  if (at < backlog.since) return false;
  for (let ago = 0; ago < ACTIVE; ago++) {
    const { waiting, arrived } = minuteOf(backlog, at - ago * 60);
    if (waiting >= 0.5 || arrived > 0) return true;
  }
  return false;
}
