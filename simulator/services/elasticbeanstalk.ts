/** Elastic Beanstalk: environments described, updated by option settings, terminated. */
import type {
  ConfigurationOptionSetting,
  ConfigurationSettingsDescription,
  ConfigurationSettingsDescriptions,
  DescribeConfigurationSettingsMessage,
  DescribeEnvironmentResourcesMessage,
  DescribeEnvironmentsMessage,
  DescribeEventsMessage,
  EnvironmentDescription,
  EnvironmentDescriptionsMessage,
  EnvironmentResourceDescriptionsMessage,
  EventDescriptionsMessage,
  ListTagsForResourceMessage,
  ResourceTagsDescriptionMessage,
  TerminateEnvironmentMessage,
  UpdateEnvironmentMessage,
  UpdateTagsForResourceMessage,
} from '@aws-sdk/client-elastic-beanstalk';
import { beginUpdate, type Environment, terminateEnvironment } from '../world/beanstalk.ts';
import { ASG, type OptionSetting, refusalOf, SCHEDULED, settingKey } from '../world/beanstalk-options.ts';
import { removeGroup } from '../world/members.ts';
import { NotInVirtualCloud, ServiceError } from './errors.ts';
import { type Call, type Operation, reads, trailed } from './operation.ts';
import { page } from './page.ts';

export const elasticbeanstalk: Readonly<Record<string, Operation>> = {
  DescribeConfigurationSettings: reads(describeConfigurationSettings),
  DescribeEnvironmentResources: reads(describeResources),
  DescribeEnvironments: reads(describeEnvironments),
  DescribeEvents: reads(describeEvents),
  ListTagsForResource: reads(listTags),
  TerminateEnvironment: trailed(terminate),
  UpdateEnvironment: trailed(update),
  UpdateTagsForResource: trailed(updateTags),
};

const STACK = '64bit Amazon Linux 2023 v6.5.1 running Node.js 22';
const invalid = (message: string): ServiceError => new ServiceError('InvalidParameterValue', message);
const badToken = (): ServiceError => invalid('The NextToken is not valid.');
const date = (seconds: number): Date => new Date(seconds * 1000);

interface Named {
  readonly EnvironmentName?: string | undefined;
  readonly EnvironmentId?: string | undefined;
}

function environmentOf({ region }: Call, { EnvironmentName: name, EnvironmentId: id }: Named): Environment {
  const found = [...region.environments.values()].find(e => (name === undefined ? e.id === id : e.name === name));
  if (found === undefined || found.status === 'Terminated') throw invalid(`No Environment found for EnvironmentName = '${name ?? id}'.`);
  return found;
}

function describeEnvironments(input: DescribeEnvironmentsMessage, { region }: Call): EnvironmentDescriptionsMessage {
  const found = [...region.environments.values()].filter(
    e =>
      (e.status !== 'Terminated' || input.IncludeDeleted === true) &&
      (input.ApplicationName === undefined || e.application === input.ApplicationName) &&
      (!input.EnvironmentNames?.length || input.EnvironmentNames.includes(e.name)) &&
      (!input.EnvironmentIds?.length || input.EnvironmentIds.includes(e.id)),
  );
  const { items, next } = page(found, input.MaxRecords ?? 1000, input.NextToken, badToken);
  return { Environments: items.map(json), ...next };
}

function json(environment: Environment): EnvironmentDescription {
  const { name, id, application, region, arn, status } = environment;
  return {
    EnvironmentName: name,
    EnvironmentId: id,
    EnvironmentArn: arn,
    ApplicationName: application,
    SolutionStackName: STACK,
    CNAME: `${name}.${region}.elasticbeanstalk.com`,
    DateCreated: date(environment.createdAt),
    DateUpdated: date(environment.updatedAt),
    Status: status,
    AbortableOperationInProgress: status === 'Updating',
    ...healthOf(environment),
    Tier: { Name: 'WebServer', Type: 'Standard', Version: '1.0' },
    EnvironmentLinks: [],
  };
}

/** Grey while something is being done or nothing runs, red where nothing serves that should. */
function healthOf({ status, group }: Environment): Pick<EnvironmentDescription, 'Health' | 'HealthStatus'> {
  if (status !== 'Ready') return { Health: 'Grey', HealthStatus: 'Info' };
  if (group.desired === 0) return { Health: 'Grey', HealthStatus: 'NoData' };
  const serving = [...group.members.values()].filter(m => m.serving).length;
  return serving > 0 ? { Health: 'Green', HealthStatus: 'Ok' } : { Health: 'Red', HealthStatus: 'Severe' };
}

/** What is deployed, and while an update runs what is pending beside it. */
function describeConfigurationSettings(input: DescribeConfigurationSettingsMessage, call: Call): ConfigurationSettingsDescriptions {
  if (input.TemplateName !== undefined) throw new NotInVirtualCloud('elasticbeanstalk configuration templates');
  const environment = environmentOf(call, input);
  const { name, application, createdAt, updatedAt, settings, pending } = environment;
  const description = (
    of: ReadonlyMap<string, OptionSetting>,
    DeploymentStatus: 'deployed' | 'pending',
  ): ConfigurationSettingsDescription => ({
    SolutionStackName: STACK,
    ApplicationName: application,
    EnvironmentName: name,
    DeploymentStatus,
    DateCreated: date(createdAt),
    DateUpdated: date(updatedAt),
    OptionSettings: [...of.values()].map(settingJson),
  });
  const deployed = description(settings, 'deployed');
  return { ConfigurationSettings: pending === null ? [deployed] : [deployed, description(pending, 'pending')] };
}

const settingJson = ({ namespace, name, resource, value }: OptionSetting): ConfigurationOptionSetting => ({
  Namespace: namespace,
  OptionName: name,
  Value: value,
  ...(namespace.startsWith('aws:autoscaling') && { ResourceName: resource ?? 'AWSEBAutoScalingGroup' }),
});

function describeResources(input: DescribeEnvironmentResourcesMessage, call: Call): EnvironmentResourceDescriptionsMessage {
  const { name, group } = environmentOf(call, input);
  return {
    EnvironmentResources: {
      EnvironmentName: name,
      AutoScalingGroups: [{ Name: group.name }],
      Instances: [...group.members.keys()].map(Id => ({ Id })),
      LaunchConfigurations: [],
      LaunchTemplates: [{ Id: group.template.id }],
      LoadBalancers: [],
      Triggers: [],
      Queues: [],
    },
  };
}

/** Newest first. */
function describeEvents(input: DescribeEventsMessage, { region }: Call): EventDescriptionsMessage {
  const all = [...region.environments.values()]
    .filter(
      e =>
        (input.EnvironmentName === undefined || e.name === input.EnvironmentName) &&
        (input.EnvironmentId === undefined || e.id === input.EnvironmentId),
    )
    .flatMap(environment => environment.events.map(event => ({ environment, event })))
    .filter(({ event }) => input.StartTime === undefined || event.at * 1000 >= input.StartTime.getTime())
    .reverse();
  const { items, next } = page(all, input.MaxRecords ?? 1000, input.NextToken, badToken);
  return {
    Events: items.map(({ environment, event }) => ({
      EventDate: date(event.at),
      Message: event.message,
      ApplicationName: environment.application,
      EnvironmentName: environment.name,
      Severity: event.severity,
    })),
    ...next,
  };
}

function listTags({ ResourceArn }: ListTagsForResourceMessage, { region }: Call): ResourceTagsDescriptionMessage {
  const environment = [...region.environments.values()].find(e => e.arn === ResourceArn);
  if (environment === undefined) throw new ServiceError('ResourceNotFoundException', `Resource ${ResourceArn} not found.`);
  return {
    ...(ResourceArn !== undefined && { ResourceArn }),
    ResourceTags: [...environment.group.tags].map(([Key, { value }]) => ({ Key, Value: value })),
  };
}

/** What is changed reaches the group, and through an update of the environment everything else that it is made of. */
function updateTags(input: UpdateTagsForResourceMessage, call: Call): Record<string, never> {
  const { ResourceArn, TagsToAdd = [], TagsToRemove = [] } = input;
  const environment = [...call.region.environments.values()].find(e => e.arn === ResourceArn && e.status !== 'Terminated');
  if (environment === undefined) throw new ServiceError('ResourceNotFoundException', `Resource ${ResourceArn} not found.`);
  if (environment.status !== 'Ready') {
    throw new ServiceError(
      'OperationInProgressException',
      `Environment ${environment.name} is in an invalid state for this operation. Must be Ready.`,
    );
  }
  const { tags } = environment.group;
  const reserved = [...TagsToAdd.map(t => t.Key ?? ''), ...TagsToRemove].find(
    key => key === 'Name' || /^(aws|elasticbeanstalk):/i.test(key),
  );
  if (reserved !== undefined) throw invalid(`The tag key '${reserved}' is reserved.`);
  const odd = TagsToAdd.find(({ Value = '' }) => Value === '' || Value === environment.name || /aws:|elasticbeanstalk:/i.test(Value));
  if (odd !== undefined) throw invalid(`The value of the tag '${odd.Key}' is not allowed.`);
  const own = new Set([...tags.keys(), ...TagsToAdd.map(t => t.Key ?? '')].filter(key => !key.startsWith('aws:')));
  if (own.size > TAGS_MAX) throw new ServiceError('TooManyTagsException', `The number of tags would exceed the limit of ${TAGS_MAX}.`);
  const before = JSON.stringify([...tags]);
  for (const { Key = '', Value = '' } of TagsToAdd) tags.set(Key, { value: Value, propagate: true });
  for (const key of TagsToRemove) tags.delete(key);
  if (JSON.stringify([...tags]) !== before) call.changed.push(environment.name);
  beginUpdate(call.world, environment, environment.settings, { retagged: true });
  return {};
}

const TAGS_MAX = 50;

function update(input: UpdateEnvironmentMessage, call: Call): EnvironmentDescription {
  const environment = environmentOf(call, input);
  refuseUnready(environment);
  const unknown = ['VersionLabel', 'SolutionStackName', 'PlatformArn', 'TemplateName'].find(name => name in input);
  if (unknown !== undefined) throw new NotInVirtualCloud(`elasticbeanstalk UpdateEnvironment with ${unknown}`);

  const settings = new Map(environment.settings);
  for (const { Namespace: namespace = '', OptionName: name = '', ResourceName } of input.OptionsToRemove ?? [])
    settings.delete(settingKey({ namespace, name, resource: resourceIn(namespace, ResourceName) }));
  for (const { Namespace: namespace = '', OptionName: name = '', ResourceName, Value: value = '' } of input.OptionSettings ?? []) {
    const setting = { namespace, name, resource: resourceIn(namespace, ResourceName), value };
    const refusal = refusalOf(setting);
    if (refusal !== null) throw refused(refusal);
    settings.set(settingKey(setting), setting);
  }
  refuseBounds(settings);
  beginUpdate(call.world, environment, settings);
  call.changed.push(environment.name);
  return json(environment);
}

/** Only scheduled actions are told apart by their resource. */
const resourceIn = (namespace: string, name: string | undefined): string | null => (namespace === SCHEDULED ? (name ?? null) : null);

const refused = (reason: string): ServiceError =>
  new ServiceError('ConfigurationValidationException', `Configuration validation exception: ${reason}`);

function refuseUnready({ name, status }: Environment): void {
  if (status !== 'Ready') throw invalid(`Environment named ${name} is in an invalid state for this operation. Must be Ready.`);
}

function refuseBounds(settings: ReadonlyMap<string, OptionSetting>): void {
  const size = (name: string) => Number(settings.get(settingKey({ namespace: ASG, name, resource: null }))?.value);
  if (size('MinSize') > size('MaxSize'))
    throw refused(
      `Invalid option value: '${size('MinSize')}' (Namespace: '${ASG}', OptionName: 'MinSize'): MinSize is greater than MaxSize.`,
    );
  const type = settings.get(settingKey({ namespace: 'aws:elasticbeanstalk:environment', name: 'EnvironmentType', resource: null }))?.value;
  if (type === 'SingleInstance' && size('MaxSize') !== 1) throw refused('A single-instance environment has one instance.');
}

function terminate(input: TerminateEnvironmentMessage, call: Call): EnvironmentDescription {
  const environment = environmentOf(call, input);
  if (environment.status === 'Updating') refuseUnready(environment);
  terminateEnvironment(call.world, environment, group => removeGroup(call.world, group));
  call.changed.push(environment.name);
  return json(environment);
}
