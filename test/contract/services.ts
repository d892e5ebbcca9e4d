/** Objects, topics, roles of another account and Elastic Beanstalk, as far as the house calls them and moto has them. */
import { describeInstances } from '../../shared/observe/describe.ts';
import { observeTagged } from '../../shared/observe/tagged/tagged.ts';
import { accountOf } from '../../shared/runtime/clients.ts';
import { type Answers, listenTo } from './answers.ts';
import { type Note, refusal } from './note.ts';
import { EXTERNAL_ID, type Stage } from './stages.ts';

export async function playServices(stage: Stage): Promise<Answers> {
  const { note, answers } = await listenTo(stage.clients);
  await askObjects(stage, note);
  await askTopics(stage, note);
  await askAnotherAccount(stage, note);
  await askEnvironments(stage, note);
  return answers();
}

/** Where the week's page lies. */
async function askObjects({ clients, bucket }: Stage, note: Note): Promise<void> {
  const [s3, sdk] = await Promise.all([clients.s3(), import('@aws-sdk/client-s3')]);
  const at = { Bucket: await bucket('pages'), Key: 'weeks/2025-20 ü.html' };
  const put = (Body: string, more: object = {}) => s3.send(new sdk.PutObjectCommand({ ...at, Body, ContentType: 'text/html', ...more }));
  note('no object yet', await refusal(s3.send(new sdk.GetObjectCommand(at))));
  note('object put', (await put('<p>12 €</p>')).ETag);
  note('object put where there is one', await refusal(put('other', { IfNoneMatch: '*' })));
  note('object put over it', (await put('<p>13 €</p>')).ETag);
  const read = await s3.send(new sdk.GetObjectCommand(at));
  note('object', [await read.Body?.transformToString(), read.ContentType, read.ContentLength, read.ETag]);
  note('a bucket that is not there', await refusal(s3.send(new sdk.PutObjectCommand({ ...at, Bucket: 'nobody-has-it', Body: '' }))));
}

/** Where alarms and mail go. */
async function askTopics({ clients, scope }: Stage, note: Note): Promise<void> {
  const [sns, sdk] = await Promise.all([clients.sns(), import('@aws-sdk/client-sns')]);
  const TopicArn = `arn:aws:sns:${scope.region}:${scope.account}:nobody-has-it`;
  note('a topic that is not there', await refusal(sns.send(new sdk.GetTopicAttributesCommand({ TopicArn }))));
  note('told to a topic that is not there', await refusal(sns.send(new sdk.PublishCommand({ TopicArn, Message: 'hello' }))));
}

/** What stands in an account is seen from there alone. */
async function askAnotherAccount({ clients, scope, at, launch, beside }: Stage, note: Note): Promise<void> {
  const other = await beside(EXTERNAL_ID);
  const box = await launch({ name: 'at home' });
  note('whose account', await accountOf(other));
  note('home is seen from there', await describeInstances(other, { ...scope, account: await accountOf(other) }, [box]));
  const [ec2, sdk] = await Promise.all([other.ec2(), import('@aws-sdk/client-ec2')]);
  note('home is stopped from there', await refusal(ec2.send(new sdk.StopInstancesCommand({ InstanceIds: [box] }))));
  note(
    'home by itself',
    (await describeInstances(clients, scope, [box])).map(({ ref, state }) => [ref.name, state]),
  );
  note('a role with another external id', await refusal(accountOf(await beside(`not ${EXTERNAL_ID} at ${at}`))));
}

async function askEnvironments({ clients, scope, environment }: Stage, note: Note): Promise<void> {
  const arn = await environment({ name: 'shop-prod', application: 'shop', tags: { owner: 'ann', team: 'shop' } });
  const seen = async (ids?: readonly string[]) => {
    const kinds = new Set(['beanstalk-environment'] as const);
    const { resources, blind } = await observeTagged(clients, scope, { kinds, sources: false, ...(ids && { ids }) });
    return [
      resources.map(({ ref, tags, state, createdAt }) => ({
        name: ref.name,
        kind: ref.kind,
        state,
        tags: ours(tags),
        born: createdAt !== null,
      })),
      blind,
    ];
  };
  note('environments', await seen());
  note('an environment by its name', await seen(['environment/shop/shop-prod']));
  note('one that is not there', await seen(['environment/shop/shop-test']));
  const [client, sdk] = await Promise.all([clients.elasticBeanstalk(), import('@aws-sdk/client-elastic-beanstalk')]);
  const update = (ResourceArn: string) =>
    client.send(
      new sdk.UpdateTagsForResourceCommand({
        ResourceArn,
        TagsToAdd: [
          { Key: 'owner', Value: 'bob' },
          { Key: 'centre', Value: 'CC-1' },
        ],
        TagsToRemove: ['team'],
      }),
    );
  await update(arn);
  const { ResourceTags = [] } = await client.send(new sdk.ListTagsForResourceCommand({ ResourceArn: arn }));
  note('its tags after an update', ours(Object.fromEntries(ResourceTags.map(t => [t.Key ?? '', t.Value]))));
  note('tags of nobody', await refusal(update(`${arn}-gone`)));
}

/** But for those that Beanstalk and whoever deploys put on by themselves. */
const ours = (tags: Readonly<Record<string, string | undefined>>) =>
  Object.fromEntries(
    Object.entries(tags)
      .filter(([key]) => !/^(Name$|elasticbeanstalk:|aws:)/.test(key))
      .toSorted(),
  );
