/** Elastic Beanstalk environments by their own word: whether they take an update, and what their option settings are. */
import type { ConfigurationOptionSetting, ConfigurationSettingsDescription } from '@aws-sdk/client-elastic-beanstalk';
import type { Environment, Fleet } from '../model/observation.ts';
import { type Instant, instant } from '../model/time.ts';
import type { Clients } from '../runtime/clients.ts';
import { why } from './why.ts';

/** Tags that Elastic Beanstalk puts on the group it owns. */
export const ENVIRONMENT_ID = 'elasticbeanstalk:environment-id';
export const ENVIRONMENT_NAME = 'elasticbeanstalk:environment-name';

/** Namespaces of option settings: command-options-general in the developer guide. */
export const OPTIONS = {
  sizes: 'aws:autoscaling:asg',
  scheduled: 'aws:autoscaling:scheduledaction',
  trigger: 'aws:autoscaling:trigger',
  environment: 'aws:elasticbeanstalk:environment',
} as const;

/** Two calls for each environment: only those that would be written to are worth it. What cannot be read is named, and is not written to. */
export async function observeEnvironments(clients: Clients, fleets: readonly Fleet[]): Promise<Map<string, Fleet['environment']>> {
  const found = new Map<string, Fleet['environment']>();
  for (const { ref } of fleets.filter(f => f.ref.kind === 'beanstalk-environment')) {
    try {
      found.set(ref.id, await observe(clients, ref.id));
    } catch (error) {
      found.set(ref.id, { unread: why(error) });
    }
  }
  return found;
}

async function observe(clients: Clients, id: string): Promise<Fleet['environment']> {
  const [client, { DescribeEnvironmentsCommand, DescribeConfigurationSettingsCommand }] = await Promise.all([
    clients.elasticBeanstalk(),
    import('@aws-sdk/client-elastic-beanstalk'),
  ]);
  const { Environments = [] } = await client.send(new DescribeEnvironmentsCommand({ EnvironmentIds: [id], IncludeDeleted: false }));
  const [environment] = Environments;
  if (environment === undefined) return { unread: 'Elastic Beanstalk does not know it' };
  const { ApplicationName, EnvironmentName, Status } = environment;
  const { ConfigurationSettings = [] } = await client.send(new DescribeConfigurationSettingsCommand({ ApplicationName, EnvironmentName }));
  return factsOf(ConfigurationSettings, ApplicationName ?? '', Status ?? 'unknown');
}

/** @throws Error when Beanstalk leaves out what it always tells. */
function factsOf(settings: readonly ConfigurationSettingsDescription[], application: string, status: string): Environment {
  const pending = settings.find(s => s.DeploymentStatus === 'pending') ?? settings[0];
  const options = pending?.OptionSettings ?? [];
  const value = (namespace: string, name: string) => options.find(o => o.Namespace === namespace && o.OptionName === name)?.Value;
  const size = (name: 'MinSize' | 'MaxSize'): number => {
    const text = value(OPTIONS.sizes, name);
    if (text === undefined || !Number.isInteger(Number(text))) throw new Error(`its option settings do not say ${name}`);
    return Number(text);
  };
  return {
    ...{ application, status, minSize: size('MinSize'), maxSize: size('MaxSize') },
    singleInstance: value(OPTIONS.environment, 'EnvironmentType') === 'SingleInstance',
    trigger: value(OPTIONS.trigger, 'MeasureName') ?? null,
    oneTime: Object.fromEntries(options.flatMap(oneTime)),
  };
}

function oneTime({ Namespace, OptionName, ResourceName, Value }: ConfigurationOptionSetting): [string, Instant][] {
  if (Namespace !== OPTIONS.scheduled || OptionName !== 'StartTime' || ResourceName === undefined || !Value) return [];
  return [[ResourceName, instant(Value)]];
}
