import { AutoScalingClient, UpdateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, GetMetricDataCommand, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateTagsCommand,
  DescribeInstancesCommand,
  EC2Client,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { GetParameterCommand, GetParametersCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, test } from '@jest/globals';
import { addSeconds, instant } from '../../shared/model/time.ts';
import type { Config } from '../../shared/policy/schema.ts';
import { accountOf, clientsFor } from '../../shared/runtime/clients.ts';
import { useOutside } from '../../shared/runtime/outside.ts';
import { type Cloud, type CloudOptions, createCloud } from '../../simulator/cloud.ts';
import type { BusEvent } from '../../simulator/world/bus.ts';

const AT = instant('2025-05-12T08:00:00Z');
const REGION = 'eu-west-1';
const config = {} as Config;
const after = (seconds: number) => addSeconds(AT, seconds);

function begin(options: Partial<CloudOptions> = {}) {
  const cloud = createCloud({ seed: 3, at: AT, ...options });
  const out = cloud.outside({ config });
  return { cloud, out, ec2: out.equip(new EC2Client(out.clientConfig('ec2', REGION))) };
}

describe('another account', () => {
  const ROLE = 'arn:aws:iam::210987654321:role/ebbtide';

  function two() {
    const { cloud, out } = begin();
    const other = cloud.addAccount({ account: '210987654321', role: 'ebbtide', externalId: 'secret' });
    const restore = useOutside(out);
    const home = clientsFor({ region: REGION });
    const there = clientsFor({ region: REGION, role: ROLE, externalId: 'secret' });
    const stranger = clientsFor({ region: REGION, role: ROLE, externalId: 'guessed' });
    const nowhere = clientsFor({ region: REGION, role: 'arn:aws:iam::111111111111:role/ebbtide' });
    restore();
    return { cloud, other, home, there, stranger, nowhere };
  }
  const idsSeen = async (client: EC2Client) =>
    (await client.send(new DescribeInstancesCommand({}))).Reservations?.flatMap(r => (r.Instances ?? []).map(i => i.InstanceId));

  test('has its own instances, reached through its role', async () => {
    const { cloud, other, home, there } = two();
    const [ours, theirs] = [cloud.launch(), other.launch()];
    expect(await idsSeen(await home.ec2())).toEqual([ours]);
    expect(await idsSeen(await there.ec2())).toEqual([theirs]);
    expect([await accountOf(home), await accountOf(there)]).toEqual(['123456789012', '210987654321']);
    await (await there.ec2()).send(new StopInstancesCommand({ InstanceIds: [theirs] }));
    const foreign = (await home.ec2()).send(new StopInstancesCommand({ InstanceIds: [theirs] }));
    await expect(foreign).rejects.toMatchObject({ name: 'InvalidInstanceID.NotFound' });
    expect(cloud.record.writes.map(w => [w.account, w.changed])).toEqual([
      ['210987654321', [theirs]],
      ['123456789012', []],
    ]);
  });

  test('is closed to a wrong external id and to a role that is not there', async () => {
    const { stranger, nowhere } = two();
    await expect(idsSeen(await stranger.ec2())).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(idsSeen(await nowhere.ec2())).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  test('shares the clock and rings its own bus', async () => {
    const { cloud, other } = two();
    const heard: string[] = [];
    cloud.onEvent(event => void heard.push(`home ${event.account}`));
    other.onEvent(event => void heard.push(`other ${event.account}`));
    other.human.stops(other.launch());
    await cloud.advanceTo(after(20));
    expect(new Set(heard)).toEqual(new Set(['other 210987654321']));
    expect(other.now()).toBe(cloud.now());
  });
});

describe('throttling', () => {
  const all = (n: number, call: () => Promise<unknown>) => Promise.allSettled(Array.from({ length: n }, call));
  const refused = (results: PromiseSettledResult<unknown>[], name: string) =>
    results.filter(r => r.status === 'rejected' && (r.reason as Error).name === name).length;
  /** Without the SDK's own retries, which would wait until there are tokens. */
  const impatient = (cloud: Cloud) => {
    const out = cloud.outside({ config });
    return out.equip(new EC2Client({ ...out.clientConfig('ec2', REGION), retryStrategy: undefined as never, maxAttempts: 1 }));
  };
  const box = (cloud: Cloud) => cloud.launch();

  test('is off unless it is wanted', async () => {
    const { ec2 } = begin();
    expect(refused(await all(500, () => ec2.send(new DescribeInstancesCommand({}))), 'RequestLimitExceeded')).toBe(0);
  });

  test('reads without filter and pages draw on a smaller bucket, which refills by the second', async () => {
    const { cloud } = begin({ throttling: true });
    const ec2 = impatient(cloud);
    const plain = () => ec2.send(new DescribeInstancesCommand({}));
    const paged = () => ec2.send(new DescribeInstancesCommand({ MaxResults: 100 }));
    expect(refused(await all(60, plain), 'RequestLimitExceeded')).toBe(10); // 50 at once
    expect(refused(await all(110, paged), 'RequestLimitExceeded')).toBe(10); // 100 at once, in a bucket of their own
    await cloud.advanceTo(after(1));
    expect(refused(await all(20, plain), 'RequestLimitExceeded')).toBe(10); // 10 a second
    await cloud.advanceTo(after(60));
    expect(refused(await all(50, plain), 'RequestLimitExceeded')).toBe(0);
  });

  test('starts are few, and count by request and by instance', async () => {
    const { cloud } = begin({ throttling: true });
    const ec2 = impatient(cloud);
    const ids = Array.from({ length: 1050 }, () => cloud.launch({ state: 'stopped' }));
    const start = (from: number, to: number) => ec2.send(new StartInstancesCommand({ InstanceIds: ids.slice(from, to) }));
    await start(0, 1000);
    await expect(start(1000, 1050)).rejects.toMatchObject({ name: 'RequestLimitExceeded' }); // 1,000 instances at once
    await cloud.advanceTo(after(25)); // two a second
    await start(1000, 1050);
    await cloud.advanceTo(after(500));
    const single = await all(8, () => start(0, 1)); // they run already: it is the requests that are counted
    expect(refused(single, 'RequestLimitExceeded')).toBe(3);
  });

  test('stops, tags and terminations have buckets of their own', async () => {
    const { cloud } = begin({ throttling: true });
    const ec2 = impatient(cloud);
    const id = box(cloud);
    const count = async (n: number, make: () => Promise<unknown>) => refused(await all(n, make), 'RequestLimitExceeded');
    expect(await count(60, () => ec2.send(new StopInstancesCommand({ InstanceIds: [id] })))).toBe(10);
    expect(await count(110, () => ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'a', Value: '' }] })))).toBe(10);
    expect(await count(110, () => ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] })))).toBe(10);
    expect(cloud.record.writes.filter(w => w.error === 'RequestLimitExceeded')).toHaveLength(30);
  });

  test('CloudWatch counts calls and datapoints', async () => {
    const { cloud, out } = begin({ throttling: true });
    const cw = out.equip(
      new CloudWatchClient({ ...out.clientConfig('cloudwatch', REGION), retryStrategy: undefined as never, maxAttempts: 1 }),
    );
    const queries = (n: number) =>
      Array.from({ length: n }, (_, i) => ({
        Id: `m${i}`,
        MetricStat: { Metric: { Namespace: 'X', MetricName: 'y' }, Period: 60, Stat: 'Sum' },
      }));
    const get = () =>
      cw.send(new GetMetricDataCommand({ StartTime: new Date(after(-3 * 3600)), EndTime: new Date(AT), MetricDataQueries: queries(500) }));
    await get(); // 500 × 180 points
    await get();
    await expect(get()).rejects.toMatchObject({ name: 'Throttling' }); // 180,000 a second
    await cloud.advanceTo(after(1));
    const put = () =>
      cw.send(
        new PutMetricAlarmCommand({
          ...{ AlarmName: 'a', Namespace: 'X', MetricName: 'y', Statistic: 'Sum', Period: 60, EvaluationPeriods: 1, Threshold: 1 },
          ComparisonOperator: 'GreaterThanThreshold',
        }),
      );
    expect(refused(await all(5, put), 'Throttling')).toBe(2);
  });

  test('Systems Manager counts reads of parameters together, SQS each action of each FIFO queue', async () => {
    const { cloud, out } = begin({ throttling: true });
    const once = (service: string) => ({ ...out.clientConfig(service, REGION), retryStrategy: undefined as never, maxAttempts: 1 });
    cloud.setParameter('/a', '1');
    const ssm = out.equip(new SSMClient(once('ssm')));
    const one = () => ssm.send(new GetParameterCommand({ Name: '/a' }));
    const several = () => ssm.send(new GetParametersCommand({ Names: ['/a'] }));
    expect(refused(await all(30, one), 'ThrottlingException')).toBe(0);
    expect(refused(await all(15, several), 'ThrottlingException')).toBe(5);
    await cloud.advanceTo(after(1));
    const queue = cloud.createQueue({ name: 'jobs.fifo', region: REGION });
    const sqs = out.equip(new SQSClient(once('sqs')));
    let sent = 0;
    const send = () => {
      const MessageDeduplicationId = String(sent++);
      return sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: 'x', MessageGroupId: 'g', MessageDeduplicationId }));
    };
    expect(refused(await all(305, send), 'ThrottlingException')).toBe(5);
    const receive = () => sqs.send(new ReceiveMessageCommand({ QueueUrl: queue.url }));
    expect(refused(await all(10, receive), 'ThrottlingException')).toBe(0);
  });

  test('the SDK’s retries wait it out on the virtual clock, and calls may take time', async () => {
    const { cloud, ec2 } = begin({ throttling: true, latency: 0.05 });
    const id = cloud.launch({ state: 'stopped' });
    for (let i = 0; i < 12; i++) await ec2.send(new StartInstancesCommand({ InstanceIds: [id] }));
    expect(cloud.world.clock.now() - cloud.world.origin).toBeGreaterThan(3);
    expect(cloud.world.clock.now() - cloud.world.origin).toBeLessThan(6);
  });
});

test('SQS: what is received stays hidden until it is deleted, or until its time is over, and moves on after too many receives', async () => {
  const { cloud, out } = begin();
  const sqs = out.equip(new SQSClient(out.clientConfig('sqs', REGION)));
  cloud.createQueue({ name: 'dead', region: REGION });
  const queue = cloud.createQueue({ name: 'work', region: REGION, redrive: { deadLetterQueue: 'dead', maxReceiveCount: 2 } });
  const receive = async (QueueUrl = queue.url) =>
    (
      await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['ApproximateReceiveCount'] }),
      )
    ).Messages ?? [];
  for (const MessageBody of ['one', 'two']) await sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody }));
  const [one, two] = await receive();
  expect([one?.Body, two?.Body, two?.Attributes]).toEqual(['one', 'two', { ApproximateReceiveCount: '1' }]);
  await sqs.send(new DeleteMessageCommand({ QueueUrl: queue.url, ReceiptHandle: one?.ReceiptHandle }));
  expect(await receive()).toEqual([]);
  const handle = { QueueUrl: queue.url, ReceiptHandle: two?.ReceiptHandle, VisibilityTimeout: 0 };
  await sqs.send(new ChangeMessageVisibilityCommand(handle));
  const [again] = await receive();
  expect(again?.Attributes).toEqual({ ApproximateReceiveCount: '2' });
  await cloud.advanceTo(after(60));
  expect(await receive()).toEqual([]); // the third receive
  expect((await receive(queue.url.replace('/work', '/dead'))).map(m => m.Body)).toEqual(['two']);
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queue.url, AttributeNames: ['ApproximateNumberOfMessages'] }),
  );
  expect(Attributes).toEqual({ ApproximateNumberOfMessages: '0' });
});

test('S3: an object is put once where it must not be there, and read only where it is new', async () => {
  const { cloud, out } = begin();
  const s3 = out.equip(new S3Client(out.clientConfig('s3', REGION)));
  cloud.createBucket('books');
  const put = (Key: string, more = {}) => s3.send(new PutObjectCommand({ Bucket: 'books', Key, Body: `about ${Key}`, ...more }));
  const { ETag } = await put('a', { IfNoneMatch: '*' });
  await expect(put('a', { IfNoneMatch: '*' })).rejects.toMatchObject({ name: 'PreconditionFailed', $metadata: { httpStatusCode: 412 } });
  await put('b');
  const get = (Key: string, more = {}) => s3.send(new GetObjectCommand({ Bucket: 'books', Key, ...more }));
  expect(await (await get('a')).Body?.transformToString()).toBe('about a');
  await expect(get('a', { IfNoneMatch: ETag })).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
  await expect(get('none')).rejects.toMatchObject({ name: 'NoSuchKey' });
  await expect(s3.send(new HeadObjectCommand({ Bucket: 'books', Key: 'none' }))).rejects.toMatchObject({ name: 'NotFound' });
  await expect(s3.send(new HeadObjectCommand({ Bucket: 'none', Key: 'a' }))).rejects.toMatchObject({ name: 'NoSuchBucket' });
  const first = await s3.send(new ListObjectsV2Command({ Bucket: 'books', MaxKeys: 1 }));
  expect([first.IsTruncated, first.Contents?.map(o => o.Key)]).toEqual([true, ['a']]);
  const second = await s3.send(new ListObjectsV2Command({ Bucket: 'books', ContinuationToken: first.NextContinuationToken }));
  expect([second.IsTruncated, second.Contents?.map(o => o.Key)]).toEqual([false, ['b']]);
});

test('EventBridge: each entry that is put has its own outcome, and rings the bus if it may', async () => {
  const { cloud, out } = begin();
  const events = out.equip(new EventBridgeClient(out.clientConfig('eventbridge', REGION)));
  const heard: BusEvent[] = [];
  cloud.onEvent(event => void heard.push(event));
  const { FailedEntryCount, Entries } = await events.send(
    new PutEventsCommand({
      Entries: [
        { Source: 'shop', DetailType: 'Sale', Detail: '{"items":3}' },
        { Source: 'aws.ec2', DetailType: 'Sale', Detail: '{}' },
        { Source: 'shop', DetailType: 'Sale', Detail: 'three' },
      ],
    }),
  );
  expect([FailedEntryCount, Entries?.map(e => e.ErrorCode)]).toEqual([
    2,
    [undefined, 'NotAuthorizedForSourceException', 'MalformedDetail'],
  ]);
  await cloud.advanceTo(after(5));
  expect(heard).toMatchObject([{ id: Entries?.[0]?.EventId, source: 'shop', 'detail-type': 'Sale', detail: { items: 3 } }]);
});

test('CloudTrail tells of every management write, with its request, and never what a parameter holds', async () => {
  const { cloud, out } = begin();
  const told: { eventSource: string; eventName: string; requestParameters: object }[] = [];
  cloud.onEvent(event => void (event['detail-type'] === 'AWS API Call via CloudTrail' && told.push(event.detail as (typeof told)[0])));
  cloud.createGroup({ name: 'web', minSize: 1, maxSize: 2, desiredCapacity: 1, demand: () => 1 });
  const asg = out.equip(new AutoScalingClient(out.clientConfig('autoscaling', REGION)));
  const ssm = out.equip(new SSMClient(out.clientConfig('ssm', REGION)));
  await asg.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: 'web', MaxSize: 3 }));
  await ssm.send(new PutParameterCommand({ Name: '/a', Value: 'hush', Type: 'SecureString' }));
  await cloud.advanceTo(after(120));
  expect(told.map(t => [t.eventSource, t.eventName, t.requestParameters])).toEqual(
    expect.arrayContaining([
      ['autoscaling.amazonaws.com', 'UpdateAutoScalingGroup', { autoScalingGroupName: 'web', maxSize: 3 }],
      ['ssm.amazonaws.com', 'PutParameter', expect.objectContaining({ name: '/a' })],
    ]),
  );
  expect(JSON.stringify(told)).not.toContain('hush');
});
