/** The alarms that policies need: offered, made, found as they should be, changed, removed; in the virtual cloud and in moto. */

import { CreateAutoScalingGroupCommand, CreateLaunchConfigurationCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeAlarmsCommand, ListTagsForResourceCommand, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { alarmsText, cloudFormation } from '../../cli/alarms/show.ts';
import { type AlarmWanted, alarmsWanted, billedMetrics, type WithoutAlarm } from '../../cli/alarms/wanted.ts';
import { carriedOut, offer } from '../../cli/commands/alarms.ts';
import { addSeconds, instant, MINUTE } from '../../shared/model/time.ts';
import type { FleetPolicy, SignalSpec } from '../../shared/policy/schema.ts';
import { clientsFor } from '../../shared/runtime/clients.ts';
import { doorbells } from '../../shared/runtime/doorbells.ts';
import { parseEvent } from '../../shared/runtime/events.ts';
import { useOutside } from '../../shared/runtime/outside.ts';
import { createCloud } from '../../simulator/cloud.ts';
import { type Moto, moto } from '../support/moto.ts';
import { configOf, webFleet } from '../support/policies.ts';
import { ebb } from './shell.ts';

const REQUESTS: SignalSpec = {
  kind: 'requests',
  loadBalancer: 'app/web/50dc6c495c0c9188',
  targetGroup: 'targetgroup/web/943f017f100becff',
};
const orders = { namespace: 'Shop', metric: 'Orders', dimensions: {}, statistic: 'Sum' };
const following = (signals: SignalSpec[], other: Partial<FleetPolicy> = {}): FleetPolicy => {
  const { target: _, ...policy } = webFleet({ name: 'web', match: { tags: {}, names: ['web-*'] }, ...other });
  return { ...policy, signals };
};
const isAlarm = (one: AlarmWanted | WithoutAlarm): one is AlarmWanted => 'input' in one;
const wantedFor = (signals: SignalSpec[], other: Partial<FleetPolicy> = {}) =>
  alarmsWanted({ group: 'web-blue' }, following(signals, other), 'dev');
const inputsFor = (signals: SignalSpec[], other: Partial<FleetPolicy> = {}) =>
  wantedFor(signals, other)
    .filter(isAlarm)
    .map(a => a.input);

describe('one alarm for each signal, at the utilization of the SLO', () => {
  test('CPU rings above it, and its silence rings, too', () => {
    expect(inputsFor([{ kind: 'cpu' }], { slo: { utilization: 80, minutes: 1 }, period: 300 })).toEqual([
      {
        AlarmName: 'ebb:web:web-blue:cpu',
        AlarmDescription: expect.stringContaining('ebb:fleets=web-blue ebb:stage=dev'),
        ...{ Namespace: 'AWS/EC2', MetricName: 'CPUUtilization', Statistic: 'Average', Period: 300 },
        Dimensions: [{ Name: 'AutoScalingGroupName', Value: 'web-blue' }],
        ...{ Threshold: 80, ComparisonOperator: 'GreaterThanThreshold', EvaluationPeriods: 1, DatapointsToAlarm: 1 },
        ...{ TreatMissingData: 'missing', ActionsEnabled: false },
        Tags: [
          { Key: 'ebb:policy', Value: 'web' },
          { Key: 'ebb:stage', Value: 'dev' },
        ],
      },
    ]);
  });

  test('requests ring for each target, a backlog for each instance, and none of them is no trouble', () => {
    const [cpu, requests, jobs, mails] = inputsFor([
      { kind: 'cpu' },
      { ...REQUESTS, perInstance: 1200.3 },
      { kind: 'queue', queue: 'jobs', perInstance: 100 },
      { kind: 'queue', queue: 'mails-of-{group}', perInstance: 10 },
    ]);
    expect([cpu, requests, jobs, mails].map(i => i?.AlarmName?.split(':')[3])).toEqual(['cpu', 'requests', 'queue', 'queue-2']);
    expect(requests).toMatchObject({
      MetricName: 'RequestCountPerTarget',
      Statistic: 'Sum',
      Threshold: 1080.27,
      TreatMissingData: 'notBreaching',
    });
    expect(jobs).toMatchObject({ Threshold: 90, TreatMissingData: 'notBreaching' });
    expect(jobs?.Metrics?.map(q => [q.Id, q.Expression ?? q.MetricStat?.Metric?.MetricName, q.ReturnData])).toEqual([
      ['ebb_load', '(total) / IF(FILL(ebb_instances, 0) > 0, FILL(ebb_instances, 0), 1)', true],
      ['total', 'ApproximateNumberOfMessagesVisible', false],
      ['ebb_instances', 'GroupInServiceInstances', false],
    ]);
    expect(mails?.Metrics?.[1]?.MetricStat?.Metric?.Dimensions).toEqual([{ Name: 'QueueName', Value: 'mails-of-web-blue' }]);
    expect([cpu, requests, jobs].map(i => (i === undefined ? 0 : billedMetrics(i)))).toEqual([1, 1, 2]);
    const [slower] = inputsFor([{ ...REQUESTS, perInstance: 1200 }], { period: 300 });
    expect(slower?.Metrics?.[0]?.Expression).toBe('requests / 5'); // the threshold is by the minute
  });

  test('what no alarm can watch says why', () => {
    const metric = { kind: 'metric', perInstance: 5, metrics: {} } as const;
    const all = wantedFor([
      { kind: 'cpu' },
      REQUESTS,
      { ...metric, of: 'instance', expression: `AVG(SEARCH('{AWS/EC2,InstanceId}', 'Average'))` },
      { ...metric, of: 'fleet', expression: 'SELECT SUM(Orders) FROM Shop' },
      { ...metric, of: 'instance', expression: 'SELECT AVG(Orders) FROM Shop' },
      { ...metric, of: 'fleet', expression: 'orders / 60', metrics: { orders } },
    ]);
    expect(all.map(one => (isAlarm(one) ? one.rings : one.why))).toEqual([
      'CPU > 90',
      'what one instance serves has yet to be learned: the alarm on its CPU rings',
      'CloudWatch makes no alarm over a SEARCH',
      'a Metrics Insights query cannot be divided by the instances',
      'SELECT AVG(Orders) FROM Shop > 4.5',
      'orders / 60 for each instance > 4.5',
    ]);
  });

  test('a template takes them as they are', () => {
    const { Resources } = JSON.parse(cloudFormation(inputsFor([{ kind: 'cpu' }, { kind: 'queue', queue: 'jobs', perInstance: 1 }])));
    expect(Object.keys(Resources).every(id => /^[A-Za-z0-9]+$/.test(id))).toBe(true);
    expect(Object.values(Resources)).toMatchObject([
      { Type: 'AWS::CloudWatch::Alarm', Properties: { AlarmName: 'ebb:web:web-blue:cpu' } },
      { Type: 'AWS::CloudWatch::Alarm', Properties: { AlarmName: 'ebb:web:web-blue:queue' } },
    ]);
  });
});

const both = { create: true, prune: true };
const standings = ({ scopes }: Awaited<ReturnType<typeof offer>>) =>
  scopes.flatMap(s => s.wanted.map(w => `${w.input.AlarmName} ${w.standing}`));
const signals: SignalSpec[] = [{ kind: 'cpu' }, { kind: 'queue', queue: 'jobs', perInstance: 100 }];

/** The life of two alarms, wherever CloudWatch is. */
async function lifeOf(account: string): Promise<void> {
  const look = (policies: FleetPolicy[], stage = 'dev') => offer({ account, config: { ...configOf({ policies }), stage } }, undefined);
  const names = ['ebb:web:web-blue:cpu', 'ebb:web:web-blue:queue'];

  const first = await look([following(signals)]);
  expect(standings(first)).toEqual(names.map(name => `${name} missing`));
  expect(await carriedOut(first.scopes, { create: true })).toMatchObject(names.map(alarm => ({ alarm, did: 'created', failed: null })));

  const again = await look([following(signals)]);
  expect(standings(again)).toEqual(names.map(name => `${name} as it should be`));
  expect(await carriedOut(again.scopes, both)).toEqual([]);

  const other = await look([following(signals, { slo: { utilization: 75, minutes: 1 } })]);
  expect(standings(other)).toEqual(names.map(name => `${name} different`));
  expect(await carriedOut(other.scopes, both)).toMatchObject([{ did: 'changed' }, { did: 'changed' }]);

  const fewer = await look([following([{ kind: 'cpu' }], { slo: { utilization: 75, minutes: 1 } })]);
  expect(fewer.scopes[0]?.orphans).toEqual([{ name: names[1], policy: 'web' }]);
  const elsewhere = await look([following([{ kind: 'cpu' }])], 'prod');
  expect(elsewhere.scopes[0]?.orphans).toEqual([]); // another stage's are not ours to remove
  expect(await carriedOut(fewer.scopes, { create: true })).toEqual([]);
  expect(await carriedOut(fewer.scopes, both)).toMatchObject([{ alarm: names[1], did: 'removed', failed: null }]);

  const none = await look([]);
  expect(none.scopes[0]?.orphans).toEqual([{ name: names[0], policy: 'web' }]);
  expect(alarmsText(none, 100)).toContain('no policy needs it: --prune removes it');
  expect(alarmsText(first, 100)).not.toContain('Not heard');
  const far = { ...first, home: { account, region: 'us-east-1' } };
  expect(alarmsText(far, 100)).toContain(`Not heard from here: ${account}/eu-west-1`);
  await carriedOut(none.scopes, both);
  const left = await (await clientsFor({ region: 'eu-west-1' }).cloudWatch()).send(new DescribeAlarmsCommand({}));
  expect(left.MetricAlarms?.map(a => a.AlarmName)).toEqual(['ebb:people']);
}

/** Of somebody else, though it is called like ours. */
const putStranger = async () =>
  (await clientsFor({ region: 'eu-west-1' }).cloudWatch()).send(
    new PutMetricAlarmCommand({
      ...{ AlarmName: 'ebb:people', Namespace: 'Shop', MetricName: 'Orders', Statistic: 'Sum', Period: 60 },
      ...{ EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: 'GreaterThanThreshold' },
    }),
  );

let leave = () => {};
afterEach(() => leave());

describe('in the virtual cloud', () => {
  const cloudWithGroup = (demand: () => number = () => 1) => {
    const cloud = createCloud({ seed: 1, at: instant('2025-05-14T08:00:00Z') });
    cloud.createGroup({ name: 'web-blue', minSize: 1, maxSize: 9, desiredCapacity: 4, demand });
    leave = useOutside(cloud.outside({ config: configOf() }));
    return cloud;
  };

  test('offered, made, found, changed, removed', async () => {
    const cloud = cloudWithGroup();
    await putStranger();
    await lifeOf(cloud.account);
  });

  test('one that was made rings, and leads back to its fleet', async () => {
    const cloud = cloudWithGroup(() => 3.8); // 95 % of four
    const config = configOf({ policies: [following([{ kind: 'cpu' }])] });
    await carriedOut((await offer({ account: cloud.account, config }, 'web')).scopes, { create: true });
    const looks: unknown[] = [];
    cloud.onEvent(event => {
      const read = parseEvent(event);
      if (read.kind === 'alarm') looks.push([read.state, ...doorbells(read, config, cloud.account).doorbells.map(d => d.look)]);
    });
    await cloud.advanceTo(addSeconds(cloud.now(), 5 * MINUTE));
    expect(looks).toEqual([['ALARM', ['web-blue']]]);
  });

  test('a group that opted out, one that Beanstalk owns, and one of another policy are not rung for', async () => {
    const cloud = cloudWithGroup();
    cloud.createGroup({ name: 'web-off', minSize: 1, maxSize: 9, desiredCapacity: 1, demand: () => 1, tags: { 'ebb:policy': 'off' } });
    cloud.createGroup({ name: 'web-eb', minSize: 1, maxSize: 9, desiredCapacity: 1, demand: () => 1, beanstalk: 'shop' });
    cloud.createGroup({ name: 'api', minSize: 1, maxSize: 9, desiredCapacity: 1, demand: () => 1 });
    const policies = [following([{ kind: 'cpu' }]), following([{ kind: 'cpu' }], { name: 'api', match: { tags: {}, names: ['api'] } })];
    const account = { account: cloud.account, config: configOf({ policies }) };
    expect(standings(await offer(account, undefined))).toEqual(['ebb:api:api:cpu missing', 'ebb:web:web-blue:cpu missing']);
    expect(standings(await offer(account, 'api'))).toEqual(['ebb:api:api:cpu missing']);
  });

  test('one that CloudWatch refuses is told, and the others are made', async () => {
    const cloud = cloudWithGroup();
    const bad: SignalSpec = { kind: 'metric', of: 'instance', perInstance: 5, ...orders, statistic: 'tm99' };
    const config = configOf({ policies: [following([bad, { kind: 'cpu' }])] });
    const done = await carriedOut((await offer({ account: cloud.account, config }, undefined)).scopes, { create: true });
    expect(done.map(({ alarm, failed }) => [alarm, failed === null])).toEqual([
      ['ebb:web:web-blue:metric', false],
      ['ebb:web:web-blue:cpu', true],
    ]);
  });
});

describe('in moto', () => {
  let server: Moto | null = null;
  beforeAll(async () => {
    server = await moto();
  }, 60_000);
  afterAll(() => server?.stop());

  test('offered, made with tags, found, changed, removed', async () => {
    if (server === null) return;
    leave = useOutside(server.outside());
    const autoScaling = await clientsFor({ region: 'eu-west-1' }).autoScaling();
    await autoScaling.send(
      new CreateLaunchConfigurationCommand({ LaunchConfigurationName: 'web', ImageId: 'ami-12c6146b', InstanceType: 'm5.large' }),
    );
    await autoScaling.send(
      new CreateAutoScalingGroupCommand({
        ...{ AutoScalingGroupName: 'web-blue', LaunchConfigurationName: 'web', MinSize: 0, MaxSize: 2, DesiredCapacity: 0 },
        AvailabilityZones: ['eu-west-1a'],
      }),
    );
    await putStranger();
    await lifeOf('123456789012');
    const { scopes } = await offer({ account: '123456789012', config: configOf({ policies: [following([{ kind: 'cpu' }])] }) }, undefined);
    await carriedOut(scopes, { create: true });
    const cloudWatch = await clientsFor({ region: 'eu-west-1' }).cloudWatch();
    const ResourceARN = 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:ebb:web:web-blue:cpu';
    expect((await cloudWatch.send(new ListTagsForResourceCommand({ ResourceARN }))).Tags).toContainEqual({
      Key: 'ebb:policy',
      Value: 'web',
    });
  }, 60_000);
});

test('the command says no in one line where nobody can be asked, and where an answer would have two forms', async () => {
  expect(await ebb(['alarms', '--create'])).toMatchObject({
    code: 2,
    err: 'ebb: nobody is there to ask; look at the alarms and add --yes\n',
  });
  const { code, err } = await ebb(['alarms', '--json', '--cloudformation']);
  expect([code, err]).toEqual([2, 'ebb: --json and --cloudformation are two forms of one answer; choose one\n']);
});
