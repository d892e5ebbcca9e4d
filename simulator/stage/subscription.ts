/** A function that is subscribed to a topic: rung by each notification, in the shape that SNS hands to Lambda. */
import { instant } from '../../shared/model/time.ts';
import type { Notification, Topic } from '../world/topics.ts';
import type { World } from '../world/world.ts';
import type { Lambda } from './lambda.ts';

export function subscribe(world: World, topic: Topic, lambda: Lambda): void {
  const subscription = `${topic.arn}:${world.ids.uuid('subscription')}`;
  topic.subscribers.push(notification => lambda.ring(event(topic, subscription, notification), topic.name));
}

const event = ({ arn }: Topic, EventSubscriptionArn: string, { id, subject, message, at }: Notification): unknown => ({
  Records: [
    {
      EventSource: 'aws:sns',
      EventVersion: '1.0',
      EventSubscriptionArn,
      Sns: {
        Type: 'Notification',
        MessageId: id,
        TopicArn: arn,
        Subject: subject,
        Message: message,
        Timestamp: instant(at * 1000),
        SignatureVersion: '1',
        Signature: 'virtual',
        SigningCertUrl: 'https://sns.amazonaws.com/virtual.pem',
        UnsubscribeUrl: 'https://sns.amazonaws.com/virtual',
        MessageAttributes: {},
      },
    },
  ],
});
