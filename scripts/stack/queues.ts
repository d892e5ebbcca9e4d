/**
 * One FIFO queue per pen with a FIFO dead-letter queue, and one standard dead-letter queue per function that is rung directly:
 * EventBridge, Scheduler, SNS and Lambda's own asynchronous retries cannot write to a FIFO one.
 */
import { PENS, type Pen } from '../../shared/model/ids.ts';
import { arnOf, pascal, type Resources, sub } from './cloudformation.ts';

/** Functions that are rung by events and ticks, not through a queue. */
export const RUNG = ['dispatch', 'watch-changes', 'tell-slack'] as const;
export type Rung = (typeof RUNG)[number];

export const queueOf = (pen: Pen): string => `${pascal(pen)}Queue`;
export const deadLettersOf = (name: Pen | Rung): string => `${pascal(name)}DeadLetters`;

/**
 * Seconds a message hides while a worker has it: the function's timeout and a little. Longer would be kinder to throttled pollers, but a
 * FIFO group waits as long, and the next tick looks anyway.
 */
const HIDDEN: Record<Pen, number> = { 'resize-fleets': 90, 'stop-start-instances': 330, 'enforce-tags': 330 };
const FOURTEEN_DAYS = 1_209_600;

export const queues = (): Resources => Object.assign({}, ...PENS.map(pen), ...RUNG.map(rung));

function pen(name: Pen): Resources {
  return {
    [queueOf(name)]: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        QueueName: sub(`\${AWS::StackName}-${name}.fifo`),
        FifoQueue: true,
        ContentBasedDeduplication: false,
        // Two scopes may be rung by one tick: copies are dropped within a group, not across groups.
        DeduplicationScope: 'messageGroup',
        FifoThroughputLimit: 'perMessageGroupId',
        VisibilityTimeout: HIDDEN[name],
        SqsManagedSseEnabled: true,
        RedrivePolicy: { deadLetterTargetArn: arnOf(deadLettersOf(name)), maxReceiveCount: 3 },
      },
    },
    [deadLettersOf(name)]: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        QueueName: sub(`\${AWS::StackName}-${name}-dead-letters.fifo`),
        FifoQueue: true,
        MessageRetentionPeriod: FOURTEEN_DAYS,
        SqsManagedSseEnabled: true,
      },
    },
  };
}

function rung(name: Rung): Resources {
  const queue = deadLettersOf(name);
  return {
    [queue]: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        QueueName: sub(`\${AWS::StackName}-${name}-dead-letters`),
        MessageRetentionPeriod: FOURTEEN_DAYS,
        SqsManagedSseEnabled: true,
      },
    },
    ...(name === 'tell-slack' ? {} : { [`${queue}Policy`]: letEventsIn(name, queue) }),
  };
}

/** Rules and topics write as services, so the queue must let them; Scheduler and Lambda write with roles of ours. */
function letEventsIn(name: Rung, queue: string) {
  const rules = sub(`arn:\${AWS::Partition}:events:\${AWS::Region}:\${AWS::AccountId}:rule/\${AWS::StackName}-${name}-rule-*`);
  return {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [{ Ref: queue }],
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          allow('events.amazonaws.com', queue, { ArnLike: { 'aws:SourceArn': rules } }),
          ...(name === 'dispatch' ? [allow('sns.amazonaws.com', queue, { ArnEquals: { 'aws:SourceArn': { Ref: 'AlarmTopic' } } })] : []),
        ],
      },
    },
  };
}

const allow = (service: string, queue: string, condition: object) => ({
  Effect: 'Allow',
  Principal: { Service: service },
  Action: 'sqs:SendMessage',
  Resource: arnOf(queue),
  Condition: condition,
});
