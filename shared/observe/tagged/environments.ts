/** Elastic Beanstalk environments as carriers of tags: these are told apart from what else there is to know, one call each. */
import type { EnvironmentDescription } from '@aws-sdk/client-elastic-beanstalk';
import { isEnvironmentId, type Scope } from '../../model/ids.ts';
import type { Tagged } from '../../model/observation.ts';
import { instant } from '../../model/time.ts';
import type { Clients } from '../../runtime/clients.ts';
import { tagsOf } from '../describe.ts';
import { stackOf } from '../parent.ts';
import { why } from '../why.ts';
import type { Eye } from './ec2.ts';
import { MEMBERS_ALONE } from './groups.ts';

/** Beanstalk's limit for a page, and calls in flight at a time. */
const PAGE = 1_000;
const CONCURRENCY = 4;

export async function* readEnvironments(...[clients, scope, wanted]: Parameters<Eye>): AsyncGenerator<Tagged[]> {
  for await (const page of describeEnvironments(clients, wanted)) {
    const read: Tagged[] = [];
    const waiting = [...page];
    const worker = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) read.push(await factsOf(clients, next, scope));
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, worker));
    yield read;
  }
}

/** @param wanted ids, or `environment/APPLICATION/NAME`; what is gone is absent. */
export async function* describeEnvironments(clients: Clients, wanted?: readonly string[]): AsyncGenerator<EnvironmentDescription[]> {
  const [client, { DescribeEnvironmentsCommand }] = await Promise.all([
    clients.elasticBeanstalk(),
    import('@aws-sdk/client-elastic-beanstalk'),
  ]);
  const ids = wanted?.filter(isEnvironmentId) ?? [];
  const names = new Set(wanted?.flatMap(id => /^environment\/[^/]+\/(.+)$/.exec(id)?.[1] ?? []) ?? []);
  const asked = [
    ...(wanted === undefined ? [{}] : []),
    ...(ids.length === 0 ? [] : [{ EnvironmentIds: ids }]),
    ...(names.size === 0 ? [] : [{ EnvironmentNames: [...names] }]),
  ];
  for (const input of asked) {
    let NextToken: string | undefined;
    do {
      const answer = await client.send(
        new DescribeEnvironmentsCommand({ ...input, IncludeDeleted: false, MaxRecords: PAGE, ...(NextToken && { NextToken }) }),
      );
      yield answer.Environments ?? [];
      NextToken = answer.NextToken;
    } while (NextToken);
  }
}

async function factsOf(clients: Clients, environment: EnvironmentDescription, scope: Scope): Promise<Tagged> {
  const { EnvironmentId: id, EnvironmentName: name, EnvironmentArn, Status, DateCreated } = environment;
  if (id === undefined) throw new Error(`Elastic Beanstalk described ${name ?? 'an environment'} without EnvironmentId`);
  const read = await tagsRead(clients, EnvironmentArn);
  return {
    ref: { kind: 'beanstalk-environment', id, name: name ?? null, scope },
    ...read,
    unpropagated: [],
    createdAt: DateCreated === undefined ? null : instant(DateCreated),
    state: Status ?? '',
    parent: stackOf(read.tags),
    source: null,
    subnet: null,
    price: MEMBERS_ALONE,
  };
}

/** Whether a tag would replace every instance of an environment; `unread`: why nobody knows. */
export type Propagation = { readonly replaces: boolean } | { readonly unread: string };

/** A call for each: only those that would be written to are worth it. @returns by id; what is gone is absent. */
export async function observePropagation(clients: Clients, ids: readonly string[]): Promise<Map<string, Propagation>> {
  const found = new Map<string, Propagation>(ids.map(id => [id, { unread: 'Elastic Beanstalk does not know it' }]));
  if (ids.length === 0) return found;
  for await (const page of describeEnvironments(clients, ids))
    for (const environment of page) found.set(environment.EnvironmentId ?? '', await propagationOf(clients, environment));
  return found;
}

/**
 * Off unless somebody wants it: "the propagation of tags will require EC2 replacement, which can result in downtime"
 * (https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/applications-tagging-resources.launch-templates.html).
 */
async function propagationOf(clients: Clients, { ApplicationName, EnvironmentName }: EnvironmentDescription): Promise<Propagation> {
  const [client, { DescribeConfigurationSettingsCommand }] = await Promise.all([
    clients.elasticBeanstalk(),
    import('@aws-sdk/client-elastic-beanstalk'),
  ]);
  try {
    const { ConfigurationSettings } = await client.send(new DescribeConfigurationSettingsCommand({ ApplicationName, EnvironmentName }));
    if (ConfigurationSettings === undefined) return { unread: 'Elastic Beanstalk did not tell its settings' };
    // What is deployed, and what is pending beside it.
    const options = ConfigurationSettings.flatMap(({ OptionSettings = [] }) => OptionSettings);
    return { replaces: options.some(({ OptionName, Value }) => OptionName === 'LaunchTemplateTagPropagationEnabled' && Value === 'true') };
  } catch (error) {
    return { unread: why(error) };
  }
}

async function tagsRead(clients: Clients, arn: string | undefined): Promise<Pick<Tagged, 'tags' | 'unread'>> {
  const [client, { ListTagsForResourceCommand }] = await Promise.all([
    clients.elasticBeanstalk(),
    import('@aws-sdk/client-elastic-beanstalk'),
  ]);
  try {
    const { ResourceTags } = await client.send(new ListTagsForResourceCommand({ ResourceArn: arn }));
    return ResourceTags === undefined
      ? { tags: {}, unread: 'Elastic Beanstalk did not tell' }
      : { tags: tagsOf(ResourceTags), unread: null };
  } catch (error) {
    return { tags: {}, unread: why(error) };
  }
}
