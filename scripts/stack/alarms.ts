/** The house's own alarms: something was not delivered, or no tick has completed. */
import { PENS } from '../../shared/model/ids.ts';
import type { Resource, Resources } from './cloudformation.ts';
import { deadLettersOf, RUNG } from './queues.ts';

export const alarms = (): Resources => ({
  HeartbeatAlarm: {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmDescription: 'No tick of Ebbtide has completed for 10 minutes: fleets and instances are not being looked at.',
      Namespace: 'Ebbtide',
      MetricName: 'TickCompleted',
      Dimensions: [{ Name: 'service', Value: { Ref: 'AWS::StackName' } }],
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 10,
      DatapointsToAlarm: 10,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching', // silence is what it listens for
      ...ring,
    },
  },
  OutboxAlarm: {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmDescription: 'For more than an hour nobody could be told what waits in the outbox: the log of tell-slack says why.',
      Namespace: 'Ebbtide',
      MetricName: 'NoticesStuck',
      Dimensions: [{ Name: 'service', Value: { Ref: 'AWS::StackName' } }],
      Statistic: 'Maximum',
      Period: 300,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
      ...ring,
    },
  },
  ...Object.fromEntries([...PENS, ...RUNG].map(name => [`${deadLettersOf(name)}Alarm`, deadLetters(name)])),
});

const ring = { AlarmActions: [{ Ref: 'AlertTopic' }], OKActions: [{ Ref: 'AlertTopic' }] };

function deadLetters(name: Parameters<typeof deadLettersOf>[0]): Resource {
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmDescription: `${name} could not take what it was sent: read the queue, mend the cause, redrive.`,
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [deadLettersOf(name), 'QueueName'] } }],
      Statistic: 'Maximum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
      ...ring,
    },
  };
}
