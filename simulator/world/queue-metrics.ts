/**
 * AWS/SQS: queues, and more of those that groups work off, each minute while they are in use: something happened in the last six hours, or waits
 * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html).
 */
import { ageOfOldest, type Backlog, minuteOf, waitingAt } from './backlog.ts';
import { named, type Source, soleDimension } from './metric-source.ts';
import type { Publisher } from './metrics.ts';
import type { Queue } from './queues.ts';

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
    const name = soleDimension(metric, 'QueueName') ?? '';
    const backlog = region.backlogs.get(name);
    if (backlog === undefined) return messagesOf(region.queues.get(name), metric.name);
    const value = METRICS[metric.name];
    return value === undefined ? null : { step: 60, count: at => (inUse(backlog, at) ? 1 : 0), value: at => value(backlog, at) };
  },
  names: region =>
    [...region.queues.keys()].flatMap(queue =>
      (region.backlogs.has(queue) ? Object.keys(METRICS) : [VISIBLE]).map(name => named('AWS/SQS', name, { QueueName: queue })),
    ),
};

const VISIBLE = 'ApproximateNumberOfMessagesVisible';

/** Of a queue of real messages only how many could be received, while any could, and for six hours after. */
function messagesOf(queue: Queue | undefined, name: string): Source | null {
  if (queue === undefined || name !== VISIBLE) return null;
  const { visible } = queue;
  const used = (at: number): boolean => visible.at(at) > 0 || visible.changedBetween(at - ACTIVE * 60, at);
  return { step: 60, count: at => (used(at + 60) ? 1 : 0), value: at => visible.at(at + 60) };
}

function inUse(backlog: Backlog, at: number): boolean {
  if (at < backlog.since) return false;
  for (let ago = 0; ago < ACTIVE; ago++) {
    const { waiting, arrived } = minuteOf(backlog, at - ago * 60);
    if (waiting >= 0.5 || arrived > 0) return true;
  }
  return false;
}
