import {
  AutoScalingClient,
  DeletePolicyCommand,
  DescribeAutoScalingGroupsCommand,
  DescribePoliciesCommand,
  DescribeScalingActivitiesCommand,
  ExecutePolicyCommand,
  GetPredictiveScalingForecastCommand,
  PutScalingPolicyCommand,
  type PutScalingPolicyCommandInput,
  ResumeProcessesCommand,
  SuspendProcessesCommand,
} from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { addSeconds, epochSeconds, instant } from '../../shared/model/time.ts';
import type { Config } from '../../shared/policy/schema.ts';
import { type Cloud, createCloud } from '../../simulator/cloud.ts';
import { adjusted, stepFor } from '../../simulator/world/adjustments.ts';
import type { GroupOptions } from '../../simulator/world/found-group.ts';

const AT = instant('2025-05-12T08:00:00Z'); // a Monday
const HOUR = 3600;
const after = (seconds: number) => addSeconds(AT, seconds);
const web = { AutoScalingGroupName: 'web' };

let cloud: Cloud;
let asg: AutoScalingClient;
let cw: CloudWatchClient;
beforeEach(() => {
  cloud = createCloud({ seed: 3, at: AT });
  const out = cloud.outside({ config: {} as Config });
  asg = out.equip(new AutoScalingClient(out.clientConfig('autoscaling', 'eu-west-1')));
  cw = out.equip(new CloudWatchClient(out.clientConfig('cloudwatch', 'eu-west-1')));
});

const found = (more: Partial<GroupOptions> = {}) =>
  cloud.createGroup({
    ...{ name: 'web', minSize: 1, maxSize: 10, desiredCapacity: 4, bootSeconds: 60 },
    ...(more.requests === undefined && more.messages === undefined && { demand: () => 2 }),
    ...more,
  });
const desired = () => cloud.group('web').desired;
const resize = (n: number) => cloud.human.setsDesiredCapacity('web', n);
const activities = async () => (await asg.send(new DescribeScalingActivitiesCommand(web))).Activities ?? [];
const suspend = (...ScalingProcesses: string[]) => asg.send(new SuspendProcessesCommand({ ...web, ScalingProcesses }));
const resume = () => asg.send(new ResumeProcessesCommand(web));
const put = (PolicyName: string, more: Omit<PutScalingPolicyCommandInput, 'AutoScalingGroupName' | 'PolicyName'>) =>
  asg.send(new PutScalingPolicyCommand({ ...web, PolicyName, ...more }));
const described = async () => (await asg.send(new DescribePoliciesCommand(web))).ScalingPolicies ?? [];

describe('target tracking', () => {
  const surge = epochSeconds(after(HOUR));
  const tracked = (more: Partial<GroupOptions> = {}) =>
    found({
      demand: at => (at >= surge && at < surge + HOUR ? 4 : 2),
      awsPolicies: [{ name: 'cpu50', type: 'TargetTrackingScaling', target: 50 }],
      instanceWarmup: 60,
      ...more,
    });

  test('scales out after three minutes above its target, and in after fifteen below nine tenths of it', async () => {
    tracked(); // 2 of 4 is 50 %, 4 of 4 is 100 %
    await cloud.advanceTo(after(HOUR + 180));
    expect(cloud.group('web').desired).toBe(4);
    await cloud.advanceTo(after(HOUR + 420));
    expect(cloud.group('web').desired).toBe(8);
    await cloud.advanceTo(after(2 * HOUR + 14 * 60));
    expect(cloud.group('web').desired).toBe(8); // 25 % by now, and not long enough
    await cloud.advanceTo(after(2 * HOUR + 20 * 60));
    expect(cloud.group('web').desired).toBe(4);
    expect((await activities()).find(a => a.Cause?.includes('AlarmHigh'))?.Cause).toContain('triggered policy cpu50');
  });

  test('does not scale in while an instance warms up', async () => {
    tracked({ demand: () => 0.5, instanceWarmup: HOUR });
    cloud.at(after(600), () => resize(5));
    await cloud.advanceTo(after(HOUR));
    expect(cloud.group('web').desired).toBe(5);
    await cloud.advanceTo(after(2 * HOUR));
    expect(cloud.group('web').desired).toBe(1); // half an instance of demand is more than one of 50 %, less than one of 100 %
  });

  test('does nothing while AlarmNotification is suspended, and never scales in where that is disabled', async () => {
    tracked({ awsPolicies: [{ name: 'out-only', type: 'TargetTrackingScaling', target: 50, disableScaleIn: true }] });
    await suspend('AlarmNotification');
    await cloud.advanceTo(after(HOUR + 1200));
    expect(cloud.group('web').desired).toBe(4);
    await resume();
    await cloud.advanceTo(after(4 * HOUR));
    expect(cloud.group('web').desired).toBe(8);
  });
});

describe('target tracking by the API', () => {
  const tracking = (more: object) =>
    put('track', { PolicyType: 'TargetTrackingScaling', TargetTrackingConfiguration: { TargetValue: 100, ...more } });

  test('follows requests for each target, and brings its alarms', async () => {
    const surge = epochSeconds(after(600));
    found({ requests: { perMinute: at => (at < surge ? 400 : 800), perInstance: 200 } });
    const { loadBalancer, targetGroup } = cloud.group('web').balancer ?? {};
    const predefined = (ResourceLabel: string) => ({
      PredefinedMetricSpecification: { PredefinedMetricType: 'ALBRequestCountPerTarget' as const, ResourceLabel },
    });
    const { Alarms } = await tracking(predefined(`${loadBalancer}/${targetGroup}`));
    expect(Alarms).toHaveLength(2);
    await cloud.advanceTo(after(900));
    expect(desired()).toBe(8);
    const [policy] = await described();
    expect(policy).toMatchObject({
      Alarms,
      TargetTrackingConfiguration: { TargetValue: 100, ...predefined(`${loadBalancer}/${targetGroup}`) },
    });
    await expect(tracking(predefined('app/other/1/targetgroup/other/2'))).rejects.toMatchObject({ name: 'ValidationError' });
  });

  test('follows the backlog for each instance, which is metric math', async () => {
    // 10 messages a minute are one busy instance; 60 arrive where 40 can be done.
    found({ messages: { queue: 'orders', perMinute: at => (at < epochSeconds(AT) ? 20 : 60), perInstance: 10 } });
    const stat = (Id: string, Namespace: string, MetricName: string, Name: string, Value: string) => ({
      ...{ Id, ReturnData: false },
      MetricStat: { Metric: { Namespace, MetricName, Dimensions: [{ Name, Value }] }, Stat: 'Average' },
    });
    const Metrics = [
      stat('waiting', 'AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'QueueName', 'orders'),
      stat('serving', 'AWS/AutoScaling', 'GroupInServiceInstances', 'AutoScalingGroupName', 'web'),
      { Id: 'each', Expression: 'waiting / serving', ReturnData: true },
    ];
    await tracking({ TargetValue: 20, CustomizedMetricSpecification: { Metrics } });
    await cloud.advanceTo(after(900)); // 20 more wait every minute: over 80 after four
    expect(desired()).toBeGreaterThan(5);
    expect((await described())[0]?.TargetTrackingConfiguration?.CustomizedMetricSpecification?.Metrics).toMatchObject(Metrics);
  });

  test('is put anew with new alarms, and takes them along when it is deleted', async () => {
    found();
    const cpu = { PredefinedMetricSpecification: { PredefinedMetricType: 'ASGAverageCPUUtilization' as const } };
    await tracking({ ...cpu, TargetValue: 50 });
    const { Alarms } = await tracking({ ...cpu, TargetValue: 60, DisableScaleIn: true });
    const region = cloud.world.regions.get('eu-west-1');
    expect([...(region?.alarms.keys() ?? [])]).toEqual(Alarms?.map(a => a.AlarmName));
    await asg.send(new DeletePolicyCommand({ ...web, PolicyName: 'track' }));
    expect([region?.alarms.size, await described()]).toEqual([0, []]);
    await expect(tracking({ TargetValue: 0, ...cpu })).rejects.toMatchObject({ name: 'ValidationError' });
  });
});

describe('an alarm of the user’s', () => {
  const alarm = (PolicyARN: string | undefined, more: object = {}) =>
    cw.send(
      new PutMetricAlarmCommand({
        ...{
          AlarmName: 'busy',
          Namespace: 'AWS/EC2',
          MetricName: 'CPUUtilization',
          Statistic: 'Average',
          Period: 60,
          EvaluationPeriods: 1,
        },
        ...{ Dimensions: [{ Name: 'AutoScalingGroupName', Value: 'web' }], Threshold: 60, ComparisonOperator: 'GreaterThanThreshold' },
        ...{ AlarmActions: [PolicyARN ?? ''], ...more },
      }),
    );

  test('sets a step policy off by how far its metric went, every minute, and what warms up counts as added', async () => {
    found({ demand: () => 4, minSize: 4 }); // all of four
    const { PolicyARN } = await put('steps', {
      ...{ PolicyType: 'StepScaling', AdjustmentType: 'PercentChangeInCapacity', EstimatedInstanceWarmup: 600 },
      StepAdjustments: [
        { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 20, ScalingAdjustment: 10 },
        { MetricIntervalLowerBound: 20, ScalingAdjustment: 50 },
      ],
    });
    await alarm(PolicyARN);
    await cloud.advanceTo(after(240));
    expect(desired()).toBe(6); // 50 % of four; the alarm stays for minutes, and adds no more
    await cloud.advanceTo(after(600));
    expect(desired()).toBe(6);
    await cloud.advanceTo(after(900)); // 4 of 6 is 66.7 %: 10 % of six is one
    expect(desired()).toBe(7);
    expect((await activities())[0]?.Cause).toContain('a monitor alarm busy in state ALARM triggered policy steps');
    expect((await described())[0]).toMatchObject({ AdjustmentType: 'PercentChangeInCapacity', Alarms: [{ AlarmName: 'busy' }] });
  });

  test('sets a simple policy off again only after its cooldown, which begins when the launch is done', async () => {
    found({ demand: () => 8 });
    const { PolicyARN } = await put('one', { AdjustmentType: 'ChangeInCapacity', ScalingAdjustment: 1, Cooldown: 600 });
    await alarm(PolicyARN);
    await cloud.advanceTo(after(600));
    expect(desired()).toBe(5);
    await cloud.advanceTo(after(1000));
    expect(desired()).toBe(6);
  });

  test('in any state sets its policies off, by hand too, unless AlarmNotification is suspended or they are disabled', async () => {
    found({ demand: () => 0 });
    const less = {
      PolicyType: 'StepScaling',
      AdjustmentType: 'ExactCapacity',
      StepAdjustments: [{ MetricIntervalUpperBound: 0, ScalingAdjustment: 2 }],
    };
    const { PolicyARN } = await put('less', less);
    await alarm(undefined, { AlarmActions: [], OKActions: [PolicyARN], ComparisonOperator: 'LessThanOrEqualToThreshold', Threshold: -1 });
    await suspend('AlarmNotification');
    await cloud.advanceTo(after(300));
    expect(desired()).toBe(4);
    await put('less', { ...less, Enabled: false });
    await resume();
    await cloud.advanceTo(after(600));
    expect(desired()).toBe(4);
    await put('less', less);
    await cw.send(new SetAlarmStateCommand({ AlarmName: 'busy', StateValue: 'ALARM', StateReason: 'a test' }));
    await cw.send(new SetAlarmStateCommand({ AlarmName: 'busy', StateValue: 'OK', StateReason: 'a test' }));
    expect(desired()).toBe(2);
  });

  test('stops an instance where that is its action', async () => {
    const id = cloud.launch({ cpu: () => 1 });
    await alarm('arn:aws:automate:eu-west-1:ec2:stop', {
      ...{ Dimensions: [{ Name: 'InstanceId', Value: id }], ComparisonOperator: 'LessThanThreshold', Threshold: 5, Period: 300 },
    });
    await cloud.advanceTo(after(900));
    expect(cloud.instance(id).state).toBe('stopped');
  });
});

describe('a policy by hand', () => {
  const execute = (more: object) => asg.send(new ExecutePolicyCommand({ ...web, PolicyName: 'p', ...more }));

  test('is set off as its alarm would, and honours a cooldown only where it is told to', async () => {
    found();
    await put('p', { AdjustmentType: 'ExactCapacity', ScalingAdjustment: 6, Cooldown: 300 });
    await execute({});
    expect(desired()).toBe(6);
    await cloud.advanceTo(after(120));
    resize(5);
    await expect(execute({ HonorCooldown: true })).rejects.toMatchObject({ name: 'ScalingActivityInProgressFault' });
    await execute({});
    expect(desired()).toBe(6);
  });

  test('needs a value and a threshold where it has steps, and must be there', async () => {
    found();
    await put('p', {
      PolicyType: 'StepScaling',
      AdjustmentType: 'ChangeInCapacity',
      StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 2 }],
    });
    await expect(execute({})).rejects.toMatchObject({ name: 'ValidationError' });
    await execute({ MetricValue: 70, BreachThreshold: 60 });
    expect(desired()).toBe(6);
    await expect(execute({ PolicyName: 'gone' })).rejects.toMatchObject({ name: 'ValidationError' });
  });

  test('is one of fifty at most, with twenty steps at most', async () => {
    found();
    const simple = { AdjustmentType: 'ChangeInCapacity', ScalingAdjustment: 1 };
    for (let i = 0; i < 50; i++) await put(`p${i}`, simple);
    await put('p7', simple);
    await expect(put('p50', simple)).rejects.toMatchObject({ name: 'LimitExceededFault' });
    const StepAdjustments = Array.from({ length: 21 }, (_, i) => ({
      ...{ MetricIntervalLowerBound: i, MetricIntervalUpperBound: i + 1, ScalingAdjustment: 1 },
    }));
    await expect(put('p7', { PolicyType: 'StepScaling', AdjustmentType: 'ChangeInCapacity', StepAdjustments })).rejects.toMatchObject({
      name: 'LimitExceededFault',
    });
  });

  test.each<[string, object]>([
    ['no adjustment', { AdjustmentType: 'ChangeInCapacity' }],
    ['no steps', { PolicyType: 'StepScaling', AdjustmentType: 'ChangeInCapacity' }],
    ['an adjustment that is none', { AdjustmentType: 'Double', ScalingAdjustment: 1 }],
    ['a type that is none', { PolicyType: 'Guess' }],
    [
      'steps with a gap',
      {
        ...{ PolicyType: 'StepScaling', AdjustmentType: 'ChangeInCapacity' },
        StepAdjustments: [
          { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 5, ScalingAdjustment: 1 },
          { MetricIntervalLowerBound: 10, ScalingAdjustment: 2 },
        ],
      },
    ],
    ['two predictions', { PolicyType: 'PredictiveScaling', PredictiveScalingConfiguration: { MetricSpecifications: [] } }],
  ])('with %s is refused', async (_, input) => {
    found();
    await expect(put('p', input as Parameters<typeof put>[1])).rejects.toMatchObject({ name: 'ValidationError' });
  });
});

test.each<[number, number, object, number]>([
  [10, 3, {}, 13],
  [10, -3, { adjustmentType: 'ChangeInCapacity' }, 7],
  [10, 4, { adjustmentType: 'ExactCapacity' }, 4],
  [10, 25, { adjustmentType: 'PercentChangeInCapacity' }, 12], // 2.5 is cut
  [4, 10, { adjustmentType: 'PercentChangeInCapacity' }, 5], // 0.4 is one
  [4, -10, { adjustmentType: 'PercentChangeInCapacity' }, 3],
  [10, -25, { adjustmentType: 'PercentChangeInCapacity' }, 8],
  [10, 10, { adjustmentType: 'PercentChangeInCapacity', minMagnitude: 2 }, 12],
])('%i adjusted by %i with %j is %i', (capacity, by, how, wanted) => {
  expect(adjusted(capacity, by, how)).toBe(wanted);
});

test('a step begins at its lower bound above the threshold, and at its upper bound below it', () => {
  const steps = [
    { lower: 0, upper: 10, adjustment: 1 },
    { lower: 10, upper: null, adjustment: 2 },
  ];
  const trigger = (comparison: 'GreaterThanThreshold' | 'LessThanThreshold', value: number) => ({
    alarm: { name: 'a', comparison, threshold: 50, period: 60 },
    newest: { time: 0, value },
  });
  expect([50, 59, 60, 90, 49].map(v => stepFor(steps, trigger('GreaterThanThreshold', v))?.adjustment)).toEqual([1, 1, 2, 2, undefined]);
  const down = steps.map(({ lower, upper, adjustment }) => ({
    lower: upper === null ? null : -upper,
    upper: -lower,
    adjustment: -adjustment,
  }));
  expect([50, 41, 40, 10, 51].map(v => stepFor(down, trigger('LessThanThreshold', v))?.adjustment)).toEqual([-1, -1, -2, -2, undefined]);
});

describe('predictive scaling', () => {
  // Four busy instances from 9 to 17 o’clock UTC, one otherwise, day upon day.
  const daily = (at: number) => (Math.floor(at / HOUR) % 24 >= 9 && Math.floor(at / HOUR) % 24 < 17 ? 4 : 1);
  const predict = (Mode: 'ForecastOnly' | 'ForecastAndScale', more: object = {}) =>
    put('ahead', {
      PolicyType: 'PredictiveScaling',
      PredictiveScalingConfiguration: {
        MetricSpecifications: [{ TargetValue: 50, PredefinedMetricPairSpecification: { PredefinedMetricType: 'ASGCPUUtilization' } }],
        ...{ Mode, ...more },
      },
    });
  const forecast = async (hours: number) => {
    const window = { StartTime: new Date(AT), EndTime: new Date(after(hours * HOUR)) };
    const { CapacityForecast, LoadForecast } = await asg.send(
      new GetPredictiveScalingForecastCommand({ ...web, PolicyName: 'ahead', ...window }),
    );
    return [CapacityForecast?.Values, LoadForecast?.[0]?.Values];
  };

  test('forecasts from the days before, and only that where it is told so', async () => {
    found({ demand: daily, desiredCapacity: 8, maxSize: 12 });
    await predict('ForecastOnly');
    expect(await forecast(3)).toEqual([
      [2, 8, 8],
      [100, 400, 400],
    ]);
    resize(2);
    await cloud.advanceTo(after(2 * HOUR));
    expect(desired()).toBe(2);
    expect((await described())[0]?.PredictiveScalingConfiguration?.Mode).toBe('ForecastOnly');
  });

  test('launches some minutes before the hour, and never scales in', async () => {
    found({ demand: daily, desiredCapacity: 2, maxSize: 12, sizeBefore: () => 8 });
    await predict('ForecastAndScale', { SchedulingBufferTime: 600 });
    await cloud.advanceTo(after(HOUR - 601));
    expect(desired()).toBe(2);
    await cloud.advanceTo(after(HOUR - 600));
    expect(desired()).toBe(8);
    const { AutoScalingGroups } = await asg.send(new DescribeAutoScalingGroupsCommand({}));
    expect(AutoScalingGroups?.[0]?.PredictedCapacity).toBe(8);
    await cloud.advanceTo(after(12 * HOUR));
    expect(desired()).toBe(8);
    expect((await activities())[0]?.Cause).toContain('predictive scaling policy ahead');
  });

  test('is a floor below which target tracking does not scale in while its hour lasts', async () => {
    found({ demand: at => (at >= epochSeconds(AT) ? 0.5 : daily(at)), desiredCapacity: 8, maxSize: 12 });
    await predict('ForecastAndScale');
    await put('track', {
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingConfiguration: { TargetValue: 50, PredefinedMetricSpecification: { PredefinedMetricType: 'ASGAverageCPUUtilization' } },
    });
    await cloud.advanceTo(after(8.5 * HOUR));
    expect(desired()).toBe(8);
    await cloud.advanceTo(after(9.5 * HOUR));
    expect(desired()).toBe(2); // from 17 o’clock on the forecast asks for no more
  });

  test('goes above the maximum only where it may, and knows nothing before a day has passed', async () => {
    found({ demand: daily, desiredCapacity: 2, maxSize: 6, sizeBefore: () => 8 });
    await predict('ForecastAndScale');
    await cloud.advanceTo(after(HOUR));
    expect([desired(), cloud.group('web').maxSize]).toEqual([6, 6]);
    await predict('ForecastAndScale', { MaxCapacityBreachBehavior: 'IncreaseMaxCapacity', MaxCapacityBuffer: 25 });
    await cloud.advanceTo(after(2 * HOUR));
    expect([desired(), cloud.group('web').maxSize]).toEqual([8, 10]);

    cloud.createGroup({ name: 'young', minSize: 1, maxSize: 4, desiredCapacity: 1, demand: () => 1, since: AT });
    await asg.send(
      new PutScalingPolicyCommand({
        ...{ AutoScalingGroupName: 'young', PolicyName: 'ahead', PolicyType: 'PredictiveScaling' },
        PredictiveScalingConfiguration: {
          MetricSpecifications: [{ TargetValue: 50, PredefinedMetricPairSpecification: { PredefinedMetricType: 'ASGCPUUtilization' } }],
        },
      }),
    );
    const window = { StartTime: new Date(AT), EndTime: new Date(after(48 * HOUR)) };
    const young = await asg.send(
      new GetPredictiveScalingForecastCommand({ AutoScalingGroupName: 'young', PolicyName: 'ahead', ...window }),
    );
    expect(young.CapacityForecast?.Values).toEqual([]);
  });
});
