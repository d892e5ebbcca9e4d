/** By e-mail, when Slack will not have it: the topic of the house's own alarms, which people subscribe to. */
import { clientsFor } from './clients.ts';
import { outside } from './outside.ts';
import { setting } from './settings.ts';

/** SNS: a subject of fewer than 100 characters, ASCII without line breaks; a message of at most 256 KB. */
const SUBJECT_MAX = 99;
const MESSAGE_MAX = 200_000;

/**
 * @returns `false` where there is no topic, or nobody has confirmed a subscription to it: nobody would hear.
 * @throws whatever SNS answers.
 */
export async function tellByMail(subject: string, text: string): Promise<boolean> {
  const topic = outside().environment['EBB_ALERT_TOPIC'];
  if (topic === undefined || topic === '') return false;
  const { GetTopicAttributesCommand, PublishCommand } = await import('@aws-sdk/client-sns');
  const sns = await clientsFor({ region: setting('AWS_REGION') }).sns();
  const { Attributes = {} } = await sns.send(new GetTopicAttributesCommand({ TopicArn: topic }));
  if (Number(Attributes['SubscriptionsConfirmed'] ?? 0) === 0) return false;
  await sns.send(new PublishCommand({ TopicArn: topic, Subject: subjectOf(subject), Message: text.slice(0, MESSAGE_MAX) }));
  return true;
}

function subjectOf(text: string): string {
  const ascii = text
    .replace(/[^\x20-\x7e]+/g, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  return /^[A-Za-z0-9!-/:-@]/.test(ascii) ? ascii.slice(0, SUBJECT_MAX) : `Ebbtide: ${ascii}`.slice(0, SUBJECT_MAX);
}
