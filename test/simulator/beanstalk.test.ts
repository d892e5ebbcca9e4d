import { AutoScalingClient, DescribeScalingActivitiesCommand, UpdateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import {
  DescribeConfigurationSettingsCommand,
  DescribeEnvironmentResourcesCommand,
  DescribeEnvironmentsCommand,
  DescribeEventsCommand,
  ElasticBeanstalkClient,
  ListTagsForResourceCommand,
  TerminateEnvironmentCommand,
  UpdateEnvironmentCommand,
} from '@aws-sdk/client-elastic-beanstalk';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { addSeconds, epochSeconds, instant } from '../../shared/model/time.ts';
import type { Config } from '../../shared/policy/schema.ts';
import { type Cloud, createCloud } from '../../simulator/cloud.ts';
import type { EnvironmentOptions } from '../../simulator/world/beanstalk.ts';

const AT = instant('2025-05-12T08:00:00Z');
const HOUR = 3600;
const after = (seconds: number) => addSeconds(AT, seconds);
const shop = { EnvironmentName: 'shop-dev' };

let cloud: Cloud;
let eb: ElasticBeanstalkClient;
let asg: AutoScalingClient;
let group: string;
beforeEach(() => {
  cloud = createCloud({ seed: 3, at: AT });
  const out = cloud.outside({ config: {} as Config });
  eb = out.equip(new ElasticBeanstalkClient(out.clientConfig('elasticbeanstalk', 'eu-west-1')));
  asg = out.equip(new AutoScalingClient(out.clientConfig('autoscaling', 'eu-west-1')));
});

const found = (more: Partial<EnvironmentOptions> = {}) => {
  group = cloud.createEnvironment({
    name: 'shop-dev',
    application: 'shop',
    minSize: 2,
    maxSize: 4,
    desiredCapacity: 2,
    demand: () => 1,
    ...more,
  });
};
type Setting = readonly [namespace: string, option: string, value: string, resource?: string];
const update = (...settings: Setting[]) =>
  eb.send(
    new UpdateEnvironmentCommand({
      ...shop,
      OptionSettings: settings.map(([Namespace, OptionName, Value, ResourceName]) => ({
        ...{ Namespace, OptionName, Value },
        ...(ResourceName !== undefined && { ResourceName }),
      })),
    }),
  );
const environment = async () => (await eb.send(new DescribeEnvironmentsCommand({}))).Environments?.[0];
const sizes = () => {
  const { minSize, desired, maxSize } = cloud.group(group);
  return [minSize, desired, maxSize];
};
const ASG = 'aws:autoscaling:asg';
const ACTION = 'aws:autoscaling:scheduledaction';

test('an environment tells its status, its health, its group and its tags', async () => {
  found({ tags: { owner: 'shop@example.com' } });
  const described = await environment();
  expect(described).toMatchObject({
    EnvironmentName: 'shop-dev',
    ApplicationName: 'shop',
    Status: 'Ready',
    Health: 'Green',
    HealthStatus: 'Ok',
  });
  const { EnvironmentResources } = await eb.send(new DescribeEnvironmentResourcesCommand(shop));
  expect(EnvironmentResources?.AutoScalingGroups).toEqual([{ Name: group }]);
  expect(EnvironmentResources?.Instances).toHaveLength(2);
  const { ResourceTags } = await eb.send(new ListTagsForResourceCommand({ ResourceArn: described?.EnvironmentArn }));
  expect(ResourceTags).toContainEqual({ Key: 'elasticbeanstalk:environment-name', Value: 'shop-dev' });
  const [member] = cloud.group(group).members.values();
  expect(member?.machine.tags.get('elasticbeanstalk:environment-id')).toBe(described?.EnvironmentId);
});

test('an update takes minutes, refuses another meanwhile, and then has set the group', async () => {
  found();
  const answer = await update([ASG, 'MinSize', '3'], [ASG, 'MaxSize', '6']);
  expect(answer.Status).toBe('Updating');
  expect(sizes()).toEqual([2, 2, 4]);
  await expect(update([ASG, 'MinSize', '1'])).rejects.toMatchObject({
    name: 'InvalidParameterValue',
    message: 'Environment named shop-dev is in an invalid state for this operation. Must be Ready.',
  });
  const configuration = async () => {
    const { ConfigurationSettings } = await eb.send(new DescribeConfigurationSettingsCommand({ ApplicationName: 'shop', ...shop }));
    return ConfigurationSettings?.map(c => [c.DeploymentStatus, c.OptionSettings?.find(o => o.OptionName === 'MinSize')?.Value]);
  };
  expect(await configuration()).toEqual([
    ['deployed', '2'],
    ['pending', '3'],
  ]);
  await cloud.advanceTo(after(200));
  expect((await environment())?.Status).toBe('Ready');
  expect(sizes()).toEqual([3, 3, 6]);
  expect(await configuration()).toEqual([['deployed', '3']]);
  const { Events } = await eb.send(new DescribeEventsCommand(shop));
  expect(Events?.map(e => e.Message)).toEqual(['Environment update completed successfully.', 'Environment update is starting.']);
});

test('zero is no size of an environment, but it is one of its scheduled actions', async () => {
  found();
  await expect(update([ASG, 'MinSize', '0'])).rejects.toMatchObject({
    name: 'ConfigurationValidationException',
    message: expect.stringContaining('Value is less than minimum allowed value: 1'),
  });
  await expect(update([ASG, 'MinSize', '5'])).rejects.toMatchObject({ name: 'ConfigurationValidationException' });
  await expect(update([ASG, 'Colour', 'red'])).rejects.toMatchObject({ name: 'ConfigurationValidationException' });
  expect((await environment())?.Status).toBe('Ready');

  const action = (name: string, recurrence: string, min: string, max: string): Setting[] => [
    [ACTION, 'Recurrence', recurrence, name],
    [ACTION, 'MinSize', min, name],
    [ACTION, 'MaxSize', max, name],
    [ACTION, 'DesiredCapacity', min, name],
  ];
  await update(...action('night', '0 19 * * *', '0', '0'), ...action('morning', '0 7 * * *', '2', '4'));
  await cloud.advanceTo(instant('2025-05-12T19:30:00Z'));
  expect([sizes(), (await environment())?.Health]).toEqual([[0, 0, 0], 'Grey']);
  await cloud.advanceTo(instant('2025-05-13T07:30:00Z'));
  expect([sizes(), (await environment())?.Health]).toEqual([[2, 2, 4], 'Green']);

  await update([ACTION, 'Suspend', 'true', 'night']);
  await cloud.advanceTo(instant('2025-05-13T20:00:00Z'));
  expect(sizes()).toEqual([2, 2, 4]);
});

test('what somebody edits in its group is overwritten by its next update, or sooner in a harsher world', async () => {
  const edit = () => asg.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: group, MinSize: 0, DesiredCapacity: 0 }));
  found();
  await edit();
  await cloud.advanceTo(after(HOUR));
  expect(sizes()).toEqual([0, 0, 4]);
  await update(['aws:autoscaling:trigger', 'MeasureName', 'CPUUtilization']);
  await cloud.advanceTo(after(1.2 * HOUR));
  expect(sizes()).toEqual([2, 2, 4]);

  group = cloud.createEnvironment({ name: 'strict', minSize: 2, maxSize: 4, desiredCapacity: 2, demand: () => 1, repairsAfter: 300 });
  await edit();
  await cloud.advanceTo(after(2 * HOUR));
  expect(sizes()).toEqual([2, 2, 4]);
});

test('another type replaces the instances before it is ready again', async () => {
  found({ desiredCapacity: 4 });
  await update(['aws:ec2:instances', 'InstanceTypes', 'm5a.large']);
  await cloud.advanceTo(after(240));
  expect((await environment())?.Status).toBe('Updating');
  await cloud.advanceTo(after(2 * HOUR));
  expect((await environment())?.Status).toBe('Ready');
  expect([...cloud.group(group).members.values()].map(m => m.machine.type)).toEqual(Array(4).fill('m5a.large'));
});

test('terminating it takes its group along', async () => {
  found();
  const ids = [...cloud.group(group).members.keys()];
  await eb.send(new TerminateEnvironmentCommand(shop));
  expect((await environment())?.Status).toBe('Terminating');
  await cloud.advanceTo(after(HOUR));
  expect(await environment()).toBeUndefined();
  expect(ids.map(id => cloud.instance(id).state)).toEqual(['terminated', 'terminated']);
});

test('a single instance stays one', async () => {
  found({ singleInstance: true });
  expect(sizes()).toEqual([1, 1, 1]);
  await expect(update([ASG, 'MaxSize', '2'])).rejects.toMatchObject({ name: 'ConfigurationValidationException' });
});

describe('the trigger', () => {
  const TRIGGER = 'aws:autoscaling:trigger';
  const surge = (at: number) => (at >= epochSeconds(after(HOUR)) && at < epochSeconds(after(2 * HOUR)) ? 4 : 0.1);

  test('scales by one where the network says so, out and in again, and keeps its cooldown', async () => {
    // Two members send 400 kB in five quiet minutes and 8 MB when all of them work: the bounds are 2 and 6 MB.
    found({ demand: surge, bytesOut: 1_600_000 });
    await cloud.advanceTo(after(HOUR));
    expect(sizes()).toEqual([2, 2, 4]);
    await cloud.advanceTo(after(HOUR + 600));
    expect(sizes()).toEqual([2, 3, 4]);
    await cloud.advanceTo(after(2 * HOUR));
    expect(sizes()).toEqual([2, 4, 4]);
    await cloud.advanceTo(after(3 * HOUR));
    expect(sizes()).toEqual([2, 2, 4]);
    const { Activities } = await asg.send(new DescribeScalingActivitiesCommand({ AutoScalingGroupName: group }));
    expect(Activities?.at(-1)?.Cause).toMatch(
      /AWSEBCloudwatchAlarmHigh in state ALARM triggered policy awseb-e-.*-stack-AWSEBAutoScalingScaleUpPolicy/,
    );
  });

  test('does nothing where nobody says what members send, and follows CPU where an update says so', async () => {
    found({ demand: surge });
    await cloud.advanceTo(after(2 * HOUR));
    expect(sizes()).toEqual([2, 2, 4]);
    const percent = [TRIGGER, 'Unit', 'Percent'] as const;
    await update([TRIGGER, 'MeasureName', 'CPUUtilization'], percent, [TRIGGER, 'UpperThreshold', '60'], [TRIGGER, 'LowerThreshold', '0']);
    cloud.setDemand(group, () => 4);
    await cloud.advanceTo(after(3 * HOUR));
    expect(sizes()).toEqual([2, 4, 4]);
  });
});
