/** What osls has no words for: direct alarm actions, and dead letters of schedules and of the topic. Merged into what osls makes. */
import { arnOf, oslsName, type Resource, type Resources } from './cloudformation.ts';
import { deadLettersOf, type Rung } from './queues.ts';

export const triggers = (): Resources => ({
  AlarmTopic: { Type: 'AWS::SNS::Topic', Properties: { DisplayName: 'Alarms for Ebbtide' } },
  AlertTopic: { Type: 'AWS::SNS::Topic', Properties: { DisplayName: 'Ebbtide needs a look' } },
  DispatchSnsSubscriptionAlarmTopic: {
    Type: 'AWS::SNS::Subscription',
    Properties: { RedrivePolicy: { deadLetterTargetArn: arnOf(deadLettersOf('dispatch')) } },
  },
  DispatchAlarmPermission: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      Action: 'lambda:InvokeFunction',
      FunctionName: arnOf(`${oslsName('dispatch')}LambdaFunction`),
      Principal: 'lambda.alarms.cloudwatch.amazonaws.com',
      SourceAccount: { Ref: 'AWS::AccountId' },
    },
  },
  // A tick that comes an hour late tells nothing that the next one does not; a summary is still wanted then.
  ...schedules('dispatch', 5, { MaximumEventAgeInSeconds: 300, MaximumRetryAttempts: 5 }),
  ...schedules('tell-slack', 3, { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 12 }),
});

function schedules(name: Rung, count: number, RetryPolicy: Readonly<Record<string, number>>): Resources {
  const more: Resource = {
    Type: 'AWS::Scheduler::Schedule',
    Properties: { Target: { RetryPolicy, DeadLetterConfig: { Arn: arnOf(deadLettersOf(name)) } } },
  };
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`${oslsName(name)}SchedulerSchedule${index + 1}`, more]));
}
