/** Simple Notification Service: topics that are there, what is published to them, and who has confirmed to hear it. */
import type { GetTopicAttributesInput, GetTopicAttributesResponse, PublishInput, PublishResponse } from '@aws-sdk/client-sns';
import { notify } from '../world/topics.ts';
import { ServiceError } from './errors.ts';
import { type Call, type Operation, reads, writes } from './operation.ts';

export const sns: Readonly<Record<string, Operation>> = {
  GetTopicAttributes: reads(getTopicAttributes),
  // CloudTrail has Publish as a data event, which nobody listens to unless asked.
  Publish: writes(publish),
};

const missing = (): ServiceError => new ServiceError('NotFoundException', 'Topic does not exist', 404);
const invalid = (why: string): ServiceError => new ServiceError('InvalidParameterException', `Invalid parameter: ${why}`);

function getTopicAttributes({ TopicArn = '' }: GetTopicAttributesInput, { world, region }: Call): GetTopicAttributesResponse {
  const topic = [...region.topics.values()].find(({ arn }) => arn === TopicArn);
  if (topic === undefined) throw missing();
  const SubscriptionsConfirmed = String(topic.subscribers.length);
  return {
    Attributes: { TopicArn, Owner: world.account, SubscriptionsConfirmed, SubscriptionsPending: '0', SubscriptionsDeleted: '0' },
  };
}

function publish({ TopicArn = '', Subject, Message = '' }: PublishInput, { world, changed }: Call): PublishResponse {
  if (Message === '') throw invalid('Empty message');
  if (Buffer.byteLength(Message) > 262_144) throw invalid('Message too long');
  if (Subject !== undefined && !/^[A-Za-z0-9\x21-\x2f\x3a-\x40][\x20-\x7e]{0,98}$/.test(Subject)) throw invalid('Subject');
  if (!notify(world, TopicArn, { subject: Subject ?? null, message: Message })) throw missing();
  changed.push(TopicArn);
  return { MessageId: world.ids.uuid('message') };
}
