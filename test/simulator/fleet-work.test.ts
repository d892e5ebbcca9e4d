import { CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { addSeconds, epochSeconds, instant } from '../../shared/model/time.ts';
import type { Config } from '../../shared/policy/schema.ts';
import { type Cloud, createCloud } from '../../simulator/cloud.ts';
import type { GroupOptions } from '../../simulator/world/found-group.ts';
import { send } from '../../simulator/world/queues.ts';

const AT = instant('2025-05-12T08:00:00Z');
const HOUR = 3600;
const REGION = 'eu-west-1';
const after = (seconds: number) => addSeconds(AT, seconds);
const START = epochSeconds(AT);

let cloud: Cloud;
let cw: CloudWatchClient;
beforeEach(() => {
  cloud = createCloud({ seed: 3, at: AT });
  const out = cloud.outside({ config: {} as Config });
  cw = out.equip(new CloudWatchClient(out.clientConfig('cloudwatch', REGION)));
});

const found = (more: Partial<GroupOptions>) =>
  cloud.createGroup({ name: 'web', minSize: 1, maxSize: 10, desiredCapacity: 2, bootSeconds: 120, ...more });

type Dimensions = Readonly<Record<string, string>>;

/** Values by minute since the story began. */
async function read(Namespace: string, MetricName: string, dimensions: Dimensions, Stat = 'Sum', Period = 60) {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  const query: MetricDataQuery = { Id: 'm', MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Stat, Period } };
  const EndTime = new Date(cloud.now());
  const { MetricDataResults } = await cw.send(
    new GetMetricDataCommand({ StartTime: new Date(AT), EndTime, MetricDataQueries: [query], ScanBy: 'TimestampAscending' }),
  );
  const [result] = MetricDataResults ?? [];
  return Object.fromEntries((result?.Timestamps ?? []).map((t, i) => [t.getTime() / 60_000 - START / 60, result?.Values?.[i]] as const));
}
const cpu = (Period = 60) => read('AWS/EC2', 'CPUUtilization', { AutoScalingGroupName: 'web' }, 'Average', Period);

describe('requests behind a load balancer', () => {
  // 100 a minute are one busy instance: two members are at 50 % of 100, and at all they have of 300.
  const surge = (at: number) => (at >= START + 600 && at < START + 3000 ? 300 : 100);
  const elb = (name: string, stat = 'Sum', period = 60) => {
    const { loadBalancer = '' } = cloud.group('web').balancer ?? {};
    return read('AWS/ApplicationELB', name, { LoadBalancer: loadBalancer }, stat, period);
  };
  const perTarget = (period = 60) => {
    const { targetGroup = '' } = cloud.group('web').balancer ?? {};
    return read('AWS/ApplicationELB', 'RequestCountPerTarget', { TargetGroup: targetGroup }, 'Sum', period);
  };

  test('are counted in full where CPU is at its end, and what is too much is answered 504', async () => {
    found({ requests: { perMinute: surge, perInstance: 100 } });
    await cloud.advanceTo(after(1200));
    const [busy, requests, each] = [await cpu(), await elb('RequestCount'), await perTarget()];
    expect([busy[9], busy[10]]).toEqual([50, 100]);
    expect([requests[9], requests[10]]).toEqual([100, 300]);
    expect([each[9], each[10]]).toEqual([50, 150]);
    expect((await elb('HTTPCode_Target_2XX_Count'))[10]).toBe(200);
    expect(await elb('HTTPCode_ELB_504_Count')).toMatchObject({ 10: 100 });
    expect((await elb('HTTPCode_ELB_504_Count'))[9]).toBeUndefined(); // a count of 0 is not published
  });

  test('are taken over by a new member only when it has booted', async () => {
    found({ requests: { perMinute: surge, perInstance: 100 } });
    cloud.at(after(900), () => cloud.human.setsDesiredCapacity('web', 4));
    await cloud.advanceTo(after(1500));
    const each = await perTarget();
    const served = Object.entries(each).find(([minute, value]) => Number(minute) > 10 && value === 75)?.[0];
    // Launched at minute 15, running some 30 s later, and two minutes of boot after that.
    expect(Number(served)).toBeGreaterThanOrEqual(17);
    expect(Number(served)).toBeLessThanOrEqual(18);
    expect((await cpu())[20]).toBe(75);
  });

  test('have no target where nobody serves: 503, and no RequestCount', async () => {
    found({ requests: { perMinute: surge, perInstance: 100 }, minSize: 0 });
    cloud.at(after(60), () => cloud.human.setsDesiredCapacity('web', 0));
    await cloud.advanceTo(after(600));
    expect((await elb('RequestCount'))[5]).toBeUndefined();
    expect(await elb('HTTPCode_ELB_503_Count')).toMatchObject({ 5: 100 });
    expect((await perTarget())[5]).toBeUndefined();
  });

  test('are told by the minute also where CPU comes every five: that is what basic monitoring is', async () => {
    found({ requests: { perMinute: surge, perInstance: 100 }, monitoring: 'basic' });
    await cloud.advanceTo(after(1800));
    expect(Object.keys(await cpu()).map(Number)).toEqual([0, 5, 10, 15, 20]);
    expect(Object.keys(await elb('RequestCount'))).toHaveLength(29); // the newest is a minute late
    expect((await elb('RequestCount', 'Sum', 300))[10]).toBe(1500);
    expect((await elb('RequestCount', 'Average', 300))[10]).toBe(1);
    expect((await perTarget(300))[10]).toBe(750);
  });
});

describe('messages of a queue', () => {
  // 10 a minute are one busy instance: 30 arrive, and two members work off 20.
  const arriving = (at: number) => (at < START ? 10 : at < START + 1200 ? 30 : 10);
  const waiting = () => read('AWS/SQS', 'ApproximateNumberOfMessagesVisible', { QueueName: 'orders' }, 'Maximum');

  test('wait where the members are too few, and are worked off when there are enough', async () => {
    found({ messages: { queue: 'orders', perMinute: arriving, perInstance: 10 } });
    await cloud.advanceTo(after(1200));
    const [grown, busy] = [await waiting(), await cpu()];
    expect([grown[0], grown[1], grown[10]]).toEqual([0, 10, 100]);
    expect(busy[5]).toBe(100);
    const sent = await read('AWS/SQS', 'NumberOfMessagesSent', { QueueName: 'orders' });
    const deleted = await read('AWS/SQS', 'NumberOfMessagesDeleted', { QueueName: 'orders' });
    expect([sent[5], deleted[5]]).toEqual([30, 20]);
    expect((await read('AWS/SQS', 'ApproximateAgeOfOldestMessage', { QueueName: 'orders' }, 'Maximum'))[15]).toBe(300); // 150 of 30 a minute

    // From minute 20 on 10 arrive and 20 are done: 200 that wait are gone after 20 minutes more.
    await cloud.advanceTo(after(3000));
    const worn = await waiting();
    expect([worn[20], worn[30], worn[40], worn[45]]).toEqual([200, 100, 0, 0]);
    expect((await cpu())[45]).toBe(50);
  });

  test('are told by the queue itself, and the queue falls silent six hours after its last', async () => {
    found({ messages: { queue: 'orders', perMinute: at => (at >= START && at < START + 600 ? 30 : 0), perInstance: 10 } });
    const out = cloud.outside({ config: {} as Config });
    const sqs = out.equip(new SQSClient(out.clientConfig('sqs', REGION)));
    await cloud.advanceTo(after(600));
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'orders' }));
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }));
    expect(Attributes).toEqual({ ApproximateNumberOfMessages: '100' });
    await cloud.advanceTo(after(8 * HOUR));
    const last = Math.max(...Object.keys(await waiting()).map(Number));
    expect(last).toBe(14 + 359); // the last that waited was worked off in minute 14
  });
});

test('a queue of real messages tells how many could be received: what a dead letter alarm looks at', async () => {
  const queue = cloud.createQueue({ name: 'dead', region: REGION });
  const letter = { groupId: null, deduplicationId: null, delaySeconds: 0, attributes: {} };
  cloud.at(after(300), () => void send(cloud.world, queue, { ...letter, body: 'a' }));
  cloud.at(after(600), () => void send(cloud.world, queue, { ...letter, body: 'b' }));
  await cloud.advanceTo(after(1200));
  const visible = await read('AWS/SQS', 'ApproximateNumberOfMessagesVisible', { QueueName: 'dead' }, 'Maximum');
  expect([visible[3], visible[5], visible[9], visible[12]]).toEqual([undefined, 1, 2, 2]);
});

test('what a group has to do is told in one way', () => {
  const work = { perMinute: () => 1, perInstance: 1 };
  expect(() => found({})).toThrow('needs exactly one of demand, requests and messages');
  expect(() => found({ demand: () => 1, requests: work })).toThrow('needs exactly one');
});

test('what members send is in proportion to how busy they are', async () => {
  found({ demand: () => 1, bytesOut: 6_000_000, monitoring: 'basic' });
  await cloud.advanceTo(after(1200));
  const sent = await read('AWS/EC2', 'NetworkOut', { AutoScalingGroupName: 'web' }, 'Average', 300);
  expect(sent[5]).toBe(15_000_000); // half of 6 MB, five times
});
