import {
  AutoScalingClient,
  DescribePoliciesCommand,
  paginateDescribeAutoScalingGroups,
  SetDesiredCapacityCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  type MetricDataQuery,
  paginateGetMetricData,
} from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeAddressesCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVolumesCommand,
  EC2Client,
  paginateDescribeInstances,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DeleteParameterCommand, GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { addSeconds, instant, toDate } from '../../shared/model/time.ts';
import type { Config } from '../../shared/policy/schema.ts';
import type { Outside } from '../../shared/runtime/outside.ts';
import { type Cloud, createCloud } from '../../simulator/cloud.ts';
import { openTables } from '../../simulator/tables.ts';

const AT = instant('2025-05-14T17:00:12Z');
const config = {} as Config;
const tables = await openTables();
afterAll(() => tables.close());

let cloud: Cloud;
let out: Outside;
let ec2: EC2Client;
beforeEach(() => {
  cloud = createCloud({ seed: 3, at: AT });
  out = cloud.outside({ config, tables });
  ec2 = out.equip(new EC2Client(out.clientConfig('ec2', 'eu-west-1')));
});

const ids = async (filters: { Name: string; Values: string[] }[]) => {
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters: filters }));
  return Reservations.flatMap(r => r.Instances ?? []).map(i => i.InstanceId);
};

describe('EC2 behind a real client', () => {
  test('DescribeInstances has the shapes of the deserialiser: Dates, absent tags undefined, empty lists', async () => {
    expect(await ec2.send(new DescribeInstancesCommand({}))).toMatchObject({ Reservations: [], $metadata: { httpStatusCode: 200 } });
    const box = cloud.launch({
      volumes: 2,
      since: instant('2025-01-02T03:04:05Z'),
      publicIpv4: 'elastic',
      platform: 'windows',
      type: 'm7g.large',
    });
    const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [box] }));
    const [instance] = Reservations[0]?.Instances ?? [];
    expect(instance).toMatchObject({
      InstanceId: box,
      State: { Code: 16, Name: 'running' },
      StateTransitionReason: '',
      LaunchTime: new Date('2025-01-02T03:04:05Z'),
      Platform: 'windows',
      Architecture: 'arm64',
      Monitoring: { State: 'disabled' },
      RootDeviceType: 'ebs',
      HibernationOptions: { Configured: false },
      BlockDeviceMappings: [{ Ebs: { AttachTime: new Date('2025-01-02T03:04:05Z') } }, {}],
      NetworkInterfaces: [{ Association: { IpOwnerId: '123456789012' } }],
    });
    expect(instance?.Tags).toBeUndefined();
    expect(instance?.InstanceLifecycle).toBeUndefined();
    expect(instance?.StateReason).toBeUndefined();

    const { Volumes } = await ec2.send(new DescribeVolumesCommand({}));
    expect(Volumes?.map(v => v.Attachments?.[0]?.InstanceId)).toEqual([box, box]);
    const { Addresses } = await ec2.send(new DescribeAddressesCommand({}));
    expect(Addresses).toMatchObject([{ InstanceId: box, PublicIp: instance?.PublicIpAddress }]);
  });

  test('pages as the real paginator asks for them, and filters', async () => {
    for (let i = 0; i < 12; i++)
      cloud.launch({ tags: { n: String(i), team: i < 3 ? 'red' : 'blue' }, ...(i === 4 && { state: 'stopped' as const }) });
    const pages: number[] = [];
    for await (const page of paginateDescribeInstances({ client: ec2, pageSize: 5 }, {})) pages.push(page.Reservations?.length ?? 0);
    expect(pages).toEqual([5, 5, 2]);
    expect(await ids([{ Name: 'tag:team', Values: ['re*'] }])).toHaveLength(3);
    expect(
      await ids([
        { Name: 'tag-key', Values: ['team'] },
        { Name: 'instance-state-name', Values: ['stopped', 'stopping'] },
      ]),
    ).toHaveLength(1);
    await expect(ids([{ Name: 'vpc-id', Values: ['x'] }])).rejects.toThrow('ec2 filter vpc-id');
  });

  test('ids that are not there are named, all of them, in EC2’s words', async () => {
    const [a, b] = ['i-0123456789abcdef0', 'i-0123456789abcdef1'];
    const box = cloud.launch();
    await expect(ec2.send(new StopInstancesCommand({ InstanceIds: [box, a, b] }))).rejects.toMatchObject({
      name: 'InvalidInstanceID.NotFound',
      message: `The instance IDs '${a}, ${b}' do not exist`,
      $fault: 'client',
      $metadata: { httpStatusCode: 400 },
    });
    await expect(ec2.send(new StopInstancesCommand({ InstanceIds: ['i-nonsense'] }))).rejects.toMatchObject({
      name: 'InvalidInstanceID.Malformed',
    });
    expect(cloud.instance(box).state).toBe('running'); // one bad id spoils the call
  });

  test('stopping is refused for what cannot be stopped, and changes nothing then', async () => {
    const guarded = cloud.launch({ stopProtection: true });
    const spot = cloud.launch({ market: 'spot-one-time' });
    const store = cloud.launch({ rootDevice: 'instance-store' });
    const plain = cloud.launch();
    const stop = (InstanceIds: string[], Hibernate = false) => ec2.send(new StopInstancesCommand({ InstanceIds, Hibernate }));
    await expect(stop([plain, guarded])).rejects.toMatchObject({
      name: 'OperationNotPermitted',
      message: `The instance '${guarded}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.`,
    });
    await expect(stop([spot])).rejects.toMatchObject({ name: 'UnsupportedOperation' });
    await expect(stop([store])).rejects.toMatchObject({ name: 'UnsupportedOperation' });
    await expect(stop([plain], true)).rejects.toMatchObject({ name: 'UnsupportedHibernationConfiguration' });
    expect(cloud.instance(plain).state).toBe('running');
    const attribute = await ec2.send(new DescribeInstanceAttributeCommand({ InstanceId: guarded, Attribute: 'disableApiStop' }));
    expect(attribute.DisableApiStop).toEqual({ Value: true });
  });

  test('a stop answers the change of state, a second one answers that it is so already and changes nothing', async () => {
    const box = cloud.launch();
    const first = await ec2.send(new StopInstancesCommand({ InstanceIds: [box] }));
    expect(first.StoppingInstances).toEqual([
      { InstanceId: box, CurrentState: { Code: 64, Name: 'stopping' }, PreviousState: { Code: 16, Name: 'running' } },
    ]);
    await ec2.send(new StopInstancesCommand({ InstanceIds: [box] }));
    await expect(ec2.send(new StartInstancesCommand({ InstanceIds: [box] }))).rejects.toMatchObject({ name: 'IncorrectInstanceState' });
    expect(cloud.record.writes.map(w => [w.action, w.changed, w.error])).toEqual([
      ['StopInstances', [box], null],
      ['StopInstances', [], null],
      ['StartInstances', [], 'IncorrectInstanceState'],
    ]);
    await cloud.advanceTo(addSeconds(AT, 120));
    const [reservation] = (await ec2.send(new DescribeInstancesCommand({}))).Reservations ?? [];
    expect(reservation?.Instances?.[0]).toMatchObject({
      StateTransitionReason: 'User initiated (2025-05-14 17:00:12 GMT)',
      StateReason: { Code: 'Client.UserInitiatedShutdown' },
    });
  });

  test('what the client says of itself is on record, with the request id that it was answered', async () => {
    const box = cloud.launch();
    const named = out.equip(new EC2Client({ ...out.clientConfig('ec2', 'eu-west-1'), customUserAgent: [['ebbtide', 'chg-1']] }));
    const { $metadata } = await named.send(new StopInstancesCommand({ InstanceIds: [box] }));
    expect(cloud.record.writes[0]).toMatchObject({ caller: 'client', requestId: $metadata.requestId, params: { InstanceIds: [box] } });
    expect(cloud.record.writes[0]?.userAgent).toContain('ebbtide/chg-1');
  });

  test('an instance without capacity fails to start as often as it was told, whatever the SDK retries', async () => {
    const box = cloud.launch({ state: 'stopped' });
    cloud.troubleStarts(box, { kind: 'capacity', times: 2 });
    const start = () => ec2.send(new StartInstancesCommand({ InstanceIds: [box] }));
    await expect(start()).rejects.toMatchObject({ name: 'InsufficientInstanceCapacity', $fault: 'server', $metadata: { attempts: 3 } });
    await expect(start()).rejects.toMatchObject({ name: 'InsufficientInstanceCapacity' });
    expect((await start()).StartingInstances?.[0]?.CurrentState?.Name).toBe('pending');
  });

  test('tags are written and deleted within EC2’s limits', async () => {
    const box = cloud.launch({ tags: { a: '1' } });
    const create = (Tags: { Key: string; Value: string }[]) => ec2.send(new CreateTagsCommand({ Resources: [box], Tags }));
    await create([{ Key: 'b', Value: '2' }]);
    await expect(create([{ Key: 'aws:x', Value: '' }])).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    await expect(create(Array.from({ length: 49 }, (_, i) => ({ Key: `k${i}`, Value: '' })))).rejects.toMatchObject({
      name: 'TagLimitExceeded',
    });
    await ec2.send(new DeleteTagsCommand({ Resources: [box], Tags: [{ Key: 'a' }, { Key: 'b', Value: 'other' }] }));
    expect(Object.fromEntries(cloud.instance(box).tags)).toEqual({ b: '2' });
    expect(cloud.record.writes.map(w => w.changed)).toEqual([[box], [], [], [box]]);
  });

  test('RunInstances launches what can then be described', async () => {
    const { Instances } = await ec2.send(new RunInstancesCommand({ ImageId: 'ami-1', MinCount: 2, MaxCount: 2, InstanceType: 't3.micro' }));
    expect(Instances?.map(i => i.State?.Name)).toEqual(['pending', 'pending']);
    await cloud.advanceTo(addSeconds(AT, 60));
    expect(await ids([{ Name: 'instance-state-name', Values: ['running'] }])).toEqual(Instances?.map(i => i.InstanceId));
  });

  test('an operation that nobody taught it says so', async () => {
    await expect(ec2.send(new DescribeSecurityGroupsCommand({}))).rejects.toThrow(/ec2 DescribeSecurityGroups/);
  });
});

describe('faults', () => {
  test('a throttle is retried by the SDK on the virtual clock', async () => {
    cloud.faults.next('ec2:DescribeInstances', { name: 'RequestLimitExceeded', status: 503 }, { times: 2 });
    const { $metadata } = await ec2.send(new DescribeInstancesCommand({}));
    expect($metadata.attempts).toBe(3);
    expect(cloud.now()).toBe(addSeconds(AT, 3)); // one second, then two
    cloud.faults.next('ec2:DescribeInstances', { name: 'RequestLimitExceeded', status: 503 }, { times: 3 });
    await expect(ec2.send(new DescribeInstancesCommand({}))).rejects.toMatchObject({
      name: 'RequestLimitExceeded',
      $retryable: { throttling: true },
    });
  });

  test('a call that fails before the fact changes nothing, one that fails after it has changed the world', async () => {
    const box = cloud.launch();
    const stop = () => ec2.send(new StopInstancesCommand({ InstanceIds: [box] }));
    cloud.faults.next('ec2:StopInstances', { name: 'UnauthorizedOperation', status: 403 });
    await expect(stop()).rejects.toMatchObject({ name: 'UnauthorizedOperation' });
    expect(cloud.instance(box).state).toBe('running');
    cloud.faults.next('ec2:StopInstances', { name: 'TimeoutError' }, { times: 3, after: true });
    await expect(stop()).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(cloud.instance(box).state).toBe('stopping');
    expect(cloud.record.writes.map(w => [w.error, w.changed.length])).toEqual([
      ['UnauthorizedOperation', 0],
      ['TimeoutError', 1],
      ['TimeoutError', 0],
      ['TimeoutError', 0],
    ]);
  });
});

describe('Auto Scaling behind a real client', () => {
  test('pages, bounds, cooldown and the policies that AWS acts on', async () => {
    const asg = out.equip(new AutoScalingClient(out.clientConfig('autoscaling', 'eu-west-1')));
    for (let i = 0; i < 3; i++) {
      cloud.createGroup({
        name: `web-${i}`,
        minSize: 1,
        maxSize: 5,
        desiredCapacity: 2,
        demand: () => 1,
        tags: { team: 'red' },
        instanceWarmup: 60,
      });
    }
    cloud.createGroup({
      name: 'theirs',
      minSize: 1,
      maxSize: 5,
      desiredCapacity: 1,
      demand: () => 1,
      awsPolicies: [{ name: 'tt', type: 'TargetTrackingScaling' }],
    });
    const names: string[][] = [];
    for await (const page of paginateDescribeAutoScalingGroups(
      { client: asg, pageSize: 2 },
      { Filters: [{ Name: 'tag:team', Values: ['red'] }] },
    )) {
      names.push((page.AutoScalingGroups ?? []).map(g => g.AutoScalingGroupName ?? ''));
      expect(page.AutoScalingGroups?.[0]).toMatchObject({
        MinSize: 1,
        MaxSize: 5,
        DesiredCapacity: 2,
        DefaultInstanceWarmup: 60,
        Instances: [{ LifecycleState: 'InService', HealthStatus: 'Healthy', ProtectedFromScaleIn: false }, {}],
        SuspendedProcesses: [],
        Tags: [{ Key: 'team', Value: 'red', ResourceType: 'auto-scaling-group' }],
      });
    }
    expect(names).toEqual([['web-0', 'web-1'], ['web-2']]);
    const { ScalingPolicies } = await asg.send(new DescribePoliciesCommand({}));
    expect(ScalingPolicies).toMatchObject([
      { AutoScalingGroupName: 'theirs', PolicyName: 'tt', PolicyType: 'TargetTrackingScaling', Enabled: true },
    ]);

    const set = (DesiredCapacity: number, HonorCooldown = false) =>
      asg.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: 'web-0', DesiredCapacity, HonorCooldown }));
    await expect(set(6)).rejects.toMatchObject({ name: 'ValidationError', message: expect.stringContaining('above max value 5') });
    await expect(set(0)).rejects.toMatchObject({ name: 'ValidationError', message: expect.stringContaining('below min value 1') });
    await set(3);
    await expect(set(4, true)).rejects.toMatchObject({ name: 'ScalingActivityInProgressFault' });
    await cloud.advanceTo(addSeconds(AT, 400));
    await set(4, true);
    expect(cloud.group('web-0').desired).toBe(4);
  });
});

describe('CloudWatch behind a real client', () => {
  const cpu = (Id: string, instanceId: string, Stat: string, Period: number): MetricDataQuery => ({
    Id,
    MetricStat: {
      Metric: { Namespace: 'AWS/EC2', MetricName: 'CPUUtilization', Dimensions: [{ Name: 'InstanceId', Value: instanceId }] },
      Period,
      Stat,
    },
  });

  test('GetMetricData pages by points, says what is partial, and scans newest first unless asked otherwise', async () => {
    const cw = out.equip(new CloudWatchClient(out.clientConfig('cloudwatch', 'eu-west-1')));
    const [a, b] = [cloud.launch({ cpu: () => 7 }), cloud.launch()];
    const input = {
      StartTime: toDate(instant('2025-05-13T00:00:00Z')),
      EndTime: toDate(instant('2025-05-14T00:00:00Z')),
      MetricDataQueries: [
        cpu('a', a, 'Average', 3600),
        cpu('b', b, 'SampleCount', 3600),
        cpu('gone', 'i-00000000000000000', 'Average', 3600),
      ],
    };
    const whole = await cw.send(new GetMetricDataCommand(input));
    expect(whole.MetricDataResults?.map(r => [r.Id, r.StatusCode, r.Values?.length])).toEqual([
      ['a', 'Complete', 24],
      ['b', 'Complete', 24],
      ['gone', 'Complete', 0],
    ]);
    expect(whole.MetricDataResults?.[0]?.Timestamps?.[0]).toEqual(new Date('2025-05-13T23:00:00Z'));
    expect(whole.MetricDataResults?.[0]?.Values?.[0]).toBe(7);

    const pages: unknown[] = [];
    for await (const page of paginateGetMetricData({ client: cw }, { ...input, MaxDatapoints: 20, ScanBy: 'TimestampAscending' })) {
      pages.push(page.MetricDataResults?.map(r => [r.Id, r.StatusCode, r.Values?.length]));
    }
    expect(pages).toEqual([
      [['a', 'PartialData', 20]],
      [
        ['a', 'Complete', 4],
        ['b', 'PartialData', 16],
      ],
      [
        ['b', 'Complete', 8],
        ['gone', 'Complete', 0],
      ],
    ]);
  });

  test('refuses more than 500 queries and times that run backwards', async () => {
    const cw = out.equip(new CloudWatchClient(out.clientConfig('cloudwatch', 'eu-west-1')));
    const [from, to] = [toDate(instant('2025-05-13T00:00:00Z')), toDate(AT)];
    const many = Array.from({ length: 501 }, (_, i) => cpu(`m${i}`, 'i-00000000000000000', 'Average', 60));
    await expect(cw.send(new GetMetricDataCommand({ StartTime: from, EndTime: to, MetricDataQueries: many }))).rejects.toMatchObject({
      name: 'ValidationError',
    });
    await expect(cw.send(new GetMetricDataCommand({ StartTime: to, EndTime: from, MetricDataQueries: [] }))).rejects.toMatchObject({
      name: 'ValidationError',
    });
  });

  test('DescribeAlarms shows an alarm as it stands', async () => {
    const cw = out.equip(new CloudWatchClient(out.clientConfig('cloudwatch', 'eu-west-1')));
    cloud.putAlarm({ name: 'high', metric: { namespace: 'AWS/EC2', name: 'CPUUtilization', dimensions: [] }, threshold: 1 });
    const { MetricAlarms } = await cw.send(new DescribeAlarmsCommand({ AlarmNames: ['high', 'none'] }));
    expect(MetricAlarms).toMatchObject([{ AlarmName: 'high', StateValue: 'INSUFFICIENT_DATA', Period: 60, Dimensions: [] }]);
  });
});

describe('SQS, SSM, STS and the tables behind real clients', () => {
  test('a FIFO queue drops copies for five minutes, wants a group and a deduplication id, and answers per entry', async () => {
    const sqs = out.equip(new SQSClient(out.clientConfig('sqs', 'eu-west-1')));
    const queue = cloud.createQueue({ name: 'work.fifo', region: 'eu-west-1' });
    const send = (MessageDeduplicationId: string) =>
      sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: 'hello', MessageGroupId: 'g', MessageDeduplicationId }));
    const first = await send('one');
    expect(first).toMatchObject({ MD5OfMessageBody: '5d41402abc4b2a76b9719d911017c592', SequenceNumber: expect.any(String) });
    expect((await send('one')).MessageId).toBe(first.MessageId);
    expect(queue.messages).toHaveLength(1);
    await cloud.advanceTo(addSeconds(AT, 301));
    await send('one');
    expect(queue.messages).toHaveLength(2);

    const { Successful, Failed } = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: queue.url,
        Entries: [
          { Id: '0', MessageBody: 'x', MessageGroupId: 'g', MessageDeduplicationId: 'two' },
          { Id: '1', MessageBody: 'y', MessageGroupId: 'g' },
          { Id: '2', MessageBody: 'z', MessageDeduplicationId: 'three' },
        ],
      }),
    );
    expect([Successful?.map(s => s.Id), Failed?.map(f => [f.Id, f.Code, f.SenderFault])]).toEqual([
      ['0'],
      [
        ['1', 'InvalidParameterValue', true],
        ['2', 'MissingParameter', true],
      ],
    ]);
    await expect(sqs.send(new SendMessageCommand({ QueueUrl: `${queue.url}x`, MessageBody: '' }))).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
    });
  });

  test('parameters are put, read, overwritten, deleted, and missed by name', async () => {
    const ssm = out.equip(new SSMClient(out.clientConfig('ssm', 'eu-west-1')));
    const Name = '/ebbtide/dev/pause';
    await expect(ssm.send(new GetParameterCommand({ Name }))).rejects.toMatchObject({ name: 'ParameterNotFound' });
    await ssm.send(new PutParameterCommand({ Name, Value: 'yes', Type: 'String' }));
    await expect(ssm.send(new PutParameterCommand({ Name, Value: 'no', Type: 'String' }))).rejects.toMatchObject({
      name: 'ParameterAlreadyExists',
    });
    expect((await ssm.send(new GetParameterCommand({ Name }))).Parameter).toMatchObject({
      Name,
      Value: 'yes',
      Version: 1,
      LastModifiedDate: toDate(AT),
    });
    await ssm.send(new DeleteParameterCommand({ Name }));
    await expect(ssm.send(new DeleteParameterCommand({ Name }))).rejects.toMatchObject({ name: 'ParameterNotFound' });
  });

  test('the caller has an account', async () => {
    const sts = out.equip(new STSClient(out.clientConfig('sts', 'eu-west-1')));
    expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: '123456789012' });
  });

  test('the tables refuse a second claim, over the loopback and without a socket alike', async () => {
    const claim = (sk: string) =>
      new PutItemCommand({
        TableName: tables.ledger,
        Item: { pk: { S: 'p' }, sk: { S: sk } },
        ConditionExpression: 'attribute_not_exists(pk)',
      });
    const overLoopback = new DynamoDBClient(tables.clientConfig);
    const withoutSocket = out.equip(new DynamoDBClient(out.clientConfig('dynamodb', 'eu-west-1')));
    for (const [sk, client] of [
      ['loopback', overLoopback],
      ['in process', withoutSocket],
    ] as const) {
      await client.send(claim(sk));
      await expect(client.send(claim(sk))).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
      expect(
        (await client.send(new GetItemCommand({ TableName: tables.ledger, Key: { pk: { S: 'p' }, sk: { S: sk } } }))).Item,
      ).toBeDefined();
      client.destroy();
    }
  });
});
