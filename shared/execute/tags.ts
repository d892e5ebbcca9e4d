/** Tags, as EC2, Auto Scaling and Elastic Beanstalk take them. */
import type { ResourceKind, Tags } from '../model/ids.ts';
import type { Action, ActionKind } from '../model/plan.ts';
import { describeEnvironments } from '../observe/tagged/environments.ts';
import type { Request, Sent } from './actions.ts';
import { UPDATE_ENVIRONMENT } from './beanstalk.ts';
import { SIGNED, sign } from './signature.ts';

/** One call takes any of them, mixed. */
export const EC2_CARRIERS: readonly ResourceKind[] = ['instance', 'volume', 'snapshot', 'elastic-ip'];

type Bare = Omit<Request<ActionKind>, 'action'>;

export async function createTags(tags: Tags, { clients, targets, changeIds, watch }: Bare): Promise<Sent> {
  const [client, { CreateTagsCommand }] = await Promise.all([clients.ec2(), import('@aws-sdk/client-ec2')]);
  const command = new CreateTagsCommand({ Resources: [...targets], Tags: listOf(tags) });
  watch(sign(command, changeIds));
  return taken(await client.send(command, SIGNED));
}

export async function deleteTags(keys: readonly string[], { clients, targets, changeIds, watch }: Bare): Promise<Sent> {
  const [client, { DeleteTagsCommand }] = await Promise.all([clients.ec2(), import('@aws-sdk/client-ec2')]);
  const command = new DeleteTagsCommand({ Resources: [...targets], Tags: keys.map(Key => ({ Key })) });
  watch(sign(command, changeIds));
  return taken(await client.send(command, SIGNED));
}

/** What is written comes before what is removed. */
export async function tagGroup({ propagated, tags, keys }: Extract<Action, { kind: 'tag-group' }>, request: Bare): Promise<Sent> {
  const { clients, targets, changeIds, watch } = request;
  const [client, { CreateOrUpdateTagsCommand, DeleteTagsCommand }] = await Promise.all([
    clients.autoScaling(),
    import('@aws-sdk/client-auto-scaling'),
  ]);
  const of = { ResourceId: targets[0], ResourceType: 'auto-scaling-group' };
  const written = [
    ...listOf(propagated).map(tag => ({ ...of, ...tag, PropagateAtLaunch: true })),
    ...listOf(tags).map(tag => ({ ...of, ...tag, PropagateAtLaunch: false })),
  ];
  let sent: Sent = { requestId: null, of: () => 'already-so' };
  if (written.length > 0) {
    const create = new CreateOrUpdateTagsCommand({ Tags: written });
    watch(sign(create, changeIds));
    sent = taken(await client.send(create, SIGNED));
  }
  if (keys.length === 0) return sent;
  const remove = new DeleteTagsCommand({ Tags: keys.map(Key => ({ ...of, Key })) });
  watch(sign(remove, changeIds));
  return taken(await client.send(remove, SIGNED));
}

/** Both lists are one update of the environment. */
export async function tagEnvironment({ tags, keys }: Extract<Action, { kind: 'tag-environment' }>, request: Bare): Promise<Sent> {
  const { clients, changeIds, watch } = request;
  const [client, { UpdateTagsForResourceCommand }] = await Promise.all([
    clients.elasticBeanstalk(),
    import('@aws-sdk/client-elastic-beanstalk'),
  ]);
  const command = new UpdateTagsForResourceCommand({
    ResourceArn: await arnOf(request),
    TagsToAdd: listOf(tags),
    TagsToRemove: [...keys],
  });
  watch(sign(command, changeIds));
  return taken(await client.send(command, SIGNED));
}

/**
 * UpdateTagsForResource is allowed by two actions of other names, one for each of its lists
 * (https://docs.aws.amazon.com/elasticbeanstalk/latest/api/API_UpdateTagsForResource.html), and what it changes is changed in the caller's
 * name by an update of the environment, as UpdateEnvironment does. Never verified against the real service.
 */
export const TAG_ENVIRONMENT: readonly string[] = [
  'elasticbeanstalk:AddTags',
  'elasticbeanstalk:RemoveTags',
  'autoscaling:CreateOrUpdateTags',
  'autoscaling:DeleteTags',
  ...UPDATE_ENVIRONMENT.filter(action => action !== 'elasticbeanstalk:UpdateEnvironment'),
];

async function arnOf({ clients, targets }: Bare): Promise<string> {
  for await (const page of describeEnvironments(clients, targets)) {
    const arn = page[0]?.EnvironmentArn;
    if (arn !== undefined) return arn;
  }
  throw Object.assign(new Error(`${targets[0]} is gone`), { name: 'ResourceNotFoundException' });
}

const listOf = (tags: Tags): { Key: string; Value: string }[] => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

const taken = ({ $metadata }: { readonly $metadata: { readonly requestId?: string | undefined } }): Sent => ({
  requestId: $metadata.requestId ?? null,
  of: () => 'done',
});
