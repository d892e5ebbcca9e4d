/**
 * Elastic Beanstalk: an environment owns an Auto Scaling group and sets it by its option settings, in updates that take minutes. It does
 * not watch the group (https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/using-features.managing.as.html): what somebody edits there
 * is overwritten by the next update, or earlier where a story says so.
 */
import { instant } from '../../shared/model/time.ts';
import { ASG, INSTANCES, LAUNCHING, type OptionSetting, SCHEDULED, scheduledActions, settingKey } from './beanstalk-options.ts';
import { removeTrigger, setTrigger } from './beanstalk-trigger.ts';
import { publish } from './bus.ts';
import { foundGroup, type GroupOptions } from './found-group.ts';
import type { Group } from './group.ts';
import { startRefresh } from './instance-refresh.ts';
import { resize } from './scaling.ts';
import { putScheduledAction } from './scheduled-actions.ts';
import { regionOf, type World } from './world.ts';

/** Times in epoch seconds. */
export interface Environment {
  readonly name: string;
  readonly id: string;
  readonly application: string;
  readonly region: string;
  readonly arn: string;
  readonly createdAt: number;
  updatedAt: number;
  status: 'Ready' | 'Updating' | 'Terminating' | 'Terminated';
  readonly group: Group;
  settings: ReadonlyMap<string, OptionSetting>;
  /** What an update that is under way will make of the settings. */
  pending: ReadonlyMap<string, OptionSetting> | null;
  readonly events: EnvironmentEvent[];
}

export interface EnvironmentEvent {
  readonly at: number;
  readonly message: string;
  readonly severity: 'INFO' | 'WARN' | 'ERROR';
}

export interface EnvironmentOptions extends Omit<GroupOptions, 'name' | 'beanstalk' | 'scheduled'> {
  readonly name: string;
  readonly application?: string;
  /** One instance and no load balancer: its size stays 1. */
  readonly singleInstance?: boolean;
  /** A harsher world: the group's bounds are set right so many seconds after somebody has changed them. */
  readonly repairsAfter?: number;
}

/** Beanstalk's own defaults are a cooldown of so many seconds, and basic monitoring. */
const COOLDOWN = 360;

/** An environment that has been there before the story. */
export function foundEnvironment(world: World, options: EnvironmentOptions): Environment {
  const { name, application = 'app', repairsAfter, singleInstance = false, ...group } = options;
  const id = world.ids.resource('e').replace(/^e-0(.{10}).*$/, 'e-$1');
  const owned = foundGroup(world, {
    ...group,
    cooldown: options.cooldown ?? COOLDOWN,
    monitoring: options.monitoring ?? 'basic',
    ...(singleInstance && { minSize: 1, maxSize: 1, desiredCapacity: 1 }),
    name: `awseb-${id}-stack-AWSEBAutoScalingGroup-${id.slice(2).toUpperCase()}`,
    beanstalk: name,
    tags: { ...options.tags, 'elasticbeanstalk:environment-id': id },
  });
  const environment: Environment = {
    name,
    id,
    application,
    region: owned.region,
    arn: `arn:aws:elasticbeanstalk:${owned.region}:${world.account}:environment/${application}/${name}`,
    createdAt: owned.createdAt,
    updatedAt: owned.createdAt,
    status: 'Ready',
    group: owned,
    settings: keyed(settingsOf(owned, singleInstance)),
    pending: null,
    events: [],
  };
  regionOf(world, owned.region).environments.set(name, environment);
  if (!singleInstance) setTrigger(world, environment);
  if (repairsAfter !== undefined) watch(world, environment, repairsAfter);
  return environment;
}

const keyed = (settings: readonly OptionSetting[]): Map<string, OptionSetting> => new Map(settings.map(s => [settingKey(s), s]));

/** With AWS's defaults for what the group does not say. */
function settingsOf({ minSize, maxSize, cooldown, template, moreTypes, spot }: Group, singleInstance: boolean): OptionSetting[] {
  const options: Readonly<Record<string, Readonly<Record<string, string | number>>>> = {
    [ASG]: { MinSize: minSize, MaxSize: maxSize, Cooldown: cooldown, 'Availability Zones': 'Any' },
    [INSTANCES]: { InstanceTypes: [template.type, ...moreTypes].join(','), EnableSpot: String(spot !== null) },
    'aws:autoscaling:trigger': {
      ...{ MeasureName: 'NetworkOut', Statistic: 'Average', Unit: 'Bytes', LowerThreshold: 2_000_000, UpperThreshold: 6_000_000 },
      ...{ LowerBreachScaleIncrement: -1, UpperBreachScaleIncrement: 1, Period: 5, EvaluationPeriods: 1, BreachDuration: 5 },
    },
    'aws:elasticbeanstalk:environment': { EnvironmentType: singleInstance ? 'SingleInstance' : 'LoadBalanced' },
  };
  return Object.entries(options).flatMap(([namespace, values]) =>
    Object.entries(values).map(([name, value]) => ({ namespace, name, resource: null, value: String(value) })),
  );
}

/** Begins an update of a `Ready` environment to these settings; it is `Ready` again some minutes later. */
export function beginUpdate(
  world: World,
  environment: Environment,
  settings: ReadonlyMap<string, OptionSetting>,
  { retagged = false } = {},
): void {
  environment.status = 'Updating';
  environment.pending = settings;
  tell(world, environment, 'Environment update is starting.');
  world.clock.schedule(world.clock.second() + world.ids.seconds('beanstalk', 60, 180), () => {
    if (environment.status !== 'Updating') return;
    const before = environment.settings;
    environment.settings = settings;
    environment.pending = null;
    apply(world, environment, before);
    if (retagged && optionOf(environment, LAUNCHING, 'LaunchTemplateTagPropagationEnabled') === 'true') replaceMembers(world, environment);
    finish(world, environment);
  });
}

/** Sets the group as the settings say, whatever somebody has made of it; another type replaces the instances. */
function apply(world: World, environment: Environment, before: ReadonlyMap<string, OptionSetting>): void {
  const { group } = environment;
  const actions = scheduledActions(environment.settings.values());
  const ours = new Set(
    [...before.values(), ...environment.settings.values()].flatMap(s => (s.namespace === SCHEDULED ? (s.resource ?? '') : [])),
  );
  for (const name of ours) if (!actions.some(action => action.name === name)) group.scheduled.delete(name);
  for (const action of actions) {
    const known = group.scheduled.get(action.name);
    if (JSON.stringify(known) !== JSON.stringify(action)) putScheduledAction(world, group, action);
  }
  const [min, max] = [sizeOf(environment, 'MinSize'), sizeOf(environment, 'MaxSize')];
  group.cooldown = Number(optionOf(environment, ASG, 'Cooldown'));
  if (optionOf(environment, 'aws:elasticbeanstalk:environment', 'EnvironmentType') === 'LoadBalanced') setTrigger(world, environment);
  resize(world, group, { min, max }, 'Elastic Beanstalk updated the environment,');
  const [type = group.template.type] = optionOf(environment, INSTANCES, 'InstanceTypes').split(/,\s*/);
  if (type === group.template.type) return;
  group.template = { ...group.template, type };
  replaceMembers(world, environment);
}

const replaceMembers = (world: World, { group }: Environment): void =>
  void startRefresh(world, group, { minHealthyPercentage: 50, warmup: 60 });

function finish(world: World, environment: Environment): void {
  if (environment.status !== 'Updating') return;
  const replacing = environment.group.refreshes.some(r => r.status === 'Pending' || r.status === 'InProgress');
  if (replacing) {
    world.clock.schedule(world.clock.second() + 15, () => finish(world, environment));
    return;
  }
  environment.status = 'Ready';
  environment.updatedAt = world.clock.second();
  tell(world, environment, 'Environment update completed successfully.');
}

const optionOf = ({ settings }: Environment, namespace: string, name: string): string =>
  settings.get(settingKey({ namespace, name, resource: null }))?.value ?? '';

const sizeOf = (environment: Environment, name: 'MinSize' | 'MaxSize'): number => Number(optionOf(environment, ASG, name));

export function terminateEnvironment(world: World, environment: Environment, end: (group: Group) => void): void {
  environment.status = 'Terminating';
  tell(world, environment, 'terminateEnvironment is starting.');
  end(environment.group);
  removeTrigger(world, environment);
  world.clock.schedule(world.clock.second() + world.ids.seconds('beanstalk', 60, 180), () => {
    environment.status = 'Terminated';
    environment.updatedAt = world.clock.second();
    tell(world, environment, 'terminateEnvironment completed successfully.');
  });
}

function watch(world: World, environment: Environment, every: number): void {
  const look = () => {
    if (environment.status === 'Terminated') return;
    const { group } = environment;
    // Its own scheduled actions may go where its settings may not: 0 by night.
    const scheduled = scheduledActions(environment.settings.values()).length > 0;
    const [min, max] = [sizeOf(environment, 'MinSize'), sizeOf(environment, 'MaxSize')];
    if (environment.status === 'Ready' && !scheduled && (group.minSize !== min || group.maxSize !== max)) {
      resize(world, group, { min, max }, 'Elastic Beanstalk set its group right,');
      tell(world, environment, 'The Auto Scaling group was changed from outside and has been set right.', 'WARN');
    }
    world.clock.schedule(world.clock.second() + every, look);
  };
  world.clock.schedule(world.clock.second() + every, look);
}

function tell(world: World, environment: Environment, message: string, severity: EnvironmentEvent['severity'] = 'INFO'): void {
  const at = world.clock.second();
  environment.events.push({ at, message, severity });
  publish(world, environment.region, {
    detailType: 'Elastic Beanstalk resource status change',
    source: 'aws.elasticbeanstalk',
    resources: [environment.arn],
    detail: {
      Status: message.replace(/\.$/, ''),
      EventDate: instant(at * 1000),
      ApplicationName: environment.application,
      Message: message,
      EnvironmentName: environment.name,
      Severity: severity,
    },
  });
}
