/** What the house does not read today and the virtual cloud answers all the same: asked of both worlds through the plain clients. */
import type { Clients } from '../../shared/runtime/clients.ts';
import { type Note, refusal } from './note.ts';

export interface Ids {
  readonly plain: string;
  readonly windows: string;
}

export async function playMore(clients: Clients, ids: Ids, note: Note, settle: () => Promise<void>): Promise<void> {
  await askEc2(clients, ids, note, settle);
  await askAutoScaling(clients, note);
  await askCloudWatch(clients, note);
  await askQueues(clients, note);
  await askTheRest(clients, note);
}

async function askEc2(clients: Clients, { plain }: Ids, note: Note, settle: () => Promise<void>): Promise<void> {
  const sdk = await import('@aws-sdk/client-ec2');
  const ec2 = await clients.ec2();
  const { InstanceStatuses = [] } = await ec2.send(new sdk.DescribeInstanceStatusCommand({ InstanceIds: [plain] }));
  note(
    'status of what runs',
    InstanceStatuses.map(s => [s.InstanceState?.Name, s.InstanceStatus?.Status, s.SystemStatus?.Status]),
  );
  const { InstanceTypes = [] } = await ec2.send(
    new sdk.DescribeInstanceTypesCommand({
      InstanceTypes: [
        't2.xlarge',
        't3.micro',
        't3.large',
        'm5.large',
        'c5.4xlarge',
        'c5d.large',
        'm6g.xlarge',
        'm7i.large',
        'r5.large',
        'i3.xlarge',
      ],
    }),
  );
  for (const type of InstanceTypes.toSorted((a, b) => (a.InstanceType ?? '').localeCompare(b.InstanceType ?? '')))
    note(`type ${type.InstanceType}`, [
      type.VCpuInfo?.DefaultVCpus,
      type.MemoryInfo?.SizeInMiB,
      type.BurstablePerformanceSupported,
      type.HibernationSupported,
      type.InstanceStorageSupported,
      type.InstanceStorageInfo?.TotalSizeInGB ?? null,
      type.ProcessorInfo?.SupportedArchitectures,
      type.NetworkInfo?.MaximumNetworkInterfaces,
      type.NetworkInfo?.Ipv4AddressesPerInterface,
      type.NetworkInfo?.EnaSupport,
      type.EbsInfo?.NvmeSupport,
      type.EbsInfo?.MaximumEbsAttachments,
      type.EbsInfo?.AttachmentLimitType,
      type.SupportedBootModes,
      type.SupportedVirtualizationTypes,
      type.BareMetal,
      type.Hypervisor,
    ]);
  const family = await ec2.send(new sdk.DescribeInstanceTypesCommand({ Filters: [{ Name: 'instance-type', Values: ['t3.*'] }] }));
  note('a family of types', (family.InstanceTypes ?? []).map(t => t.InstanceType).sort());
  const retype = (Value: string) => ec2.send(new sdk.ModifyInstanceAttributeCommand({ InstanceId: plain, InstanceType: { Value } }));
  const typeNow = async () =>
    (await ec2.send(new sdk.DescribeInstancesCommand({ InstanceIds: [plain] }))).Reservations?.[0]?.Instances?.[0]?.InstanceType;
  const { Regions = [] } = await ec2.send(new sdk.DescribeRegionsCommand({ RegionNames: ['us-east-1'] }));
  note(
    'region',
    Regions.map(r => [r.RegionName, r.OptInStatus]),
  );
  await ec2.send(new sdk.StopInstancesCommand({ InstanceIds: [plain] }));
  await settle();
  note('another type while it is stopped', await refusal(retype('m5.xlarge')));
  note('its type then', await typeNow());
}

async function askAutoScaling(clients: Clients, note: Note): Promise<void> {
  const sdk = await import('@aws-sdk/client-auto-scaling');
  const asg = await clients.autoScaling();
  const AutoScalingGroupName = 'web';
  const group = async () => {
    const { AutoScalingGroups } = await asg.send(
      new sdk.DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [AutoScalingGroupName] }),
    );
    return AutoScalingGroups?.[0];
  };
  await asg.send(new sdk.UpdateAutoScalingGroupCommand({ AutoScalingGroupName, MinSize: 2, MaxSize: 6, DesiredCapacity: 3 }));
  const updated = await group();
  note('group after an update', [updated?.MinSize, updated?.DesiredCapacity, updated?.MaxSize]);
  await asg.send(new sdk.SuspendProcessesCommand({ AutoScalingGroupName, ScalingProcesses: ['ReplaceUnhealthy', 'ScheduledActions'] }));
  note('suspended', (await group())?.SuspendedProcesses?.map(p => p.ProcessName).toSorted());
  await asg.send(new sdk.ResumeProcessesCommand({ AutoScalingGroupName, ScalingProcesses: ['ReplaceUnhealthy', 'ScheduledActions'] }));
  note('resumed', (await group())?.SuspendedProcesses);
  const [member] = (await group())?.Instances ?? [];
  const InstanceIds = [member?.InstanceId ?? ''];
  await asg.send(new sdk.SetInstanceProtectionCommand({ AutoScalingGroupName, InstanceIds, ProtectedFromScaleIn: true }));
  note('protected members', (await group())?.Instances?.filter(i => i.ProtectedFromScaleIn).length);
  const night = { ScheduledActionName: 'night', Recurrence: '0 19 * * 1-5', TimeZone: 'Europe/Berlin', MinSize: 0, DesiredCapacity: 0 };
  await asg.send(new sdk.PutScheduledUpdateGroupActionCommand({ AutoScalingGroupName, ...night }));
  const { ScheduledUpdateGroupActions } = await asg.send(new sdk.DescribeScheduledActionsCommand({ AutoScalingGroupName }));
  note(
    'scheduled action',
    ScheduledUpdateGroupActions?.map(a => [a.ScheduledActionName, a.Recurrence, a.MinSize, a.MaxSize ?? null, a.DesiredCapacity]),
  );
  await asg.send(new sdk.DeleteScheduledActionCommand({ AutoScalingGroupName, ScheduledActionName: 'night' }));
  note(
    'no scheduled action',
    (await asg.send(new sdk.DescribeScheduledActionsCommand({ AutoScalingGroupName }))).ScheduledUpdateGroupActions,
  );
  const Tags = [{ ResourceId: 'web', ResourceType: 'auto-scaling-group', Key: 'team', Value: 'shop', PropagateAtLaunch: true }];
  await asg.send(new sdk.CreateOrUpdateTagsCommand({ Tags }));
  note(
    'tags of the group',
    (await group())?.Tags?.map(t => [t.Key, t.Value, t.PropagateAtLaunch]),
  );
}

async function askCloudWatch(clients: Clients, note: Note): Promise<void> {
  const sdk = await import('@aws-sdk/client-cloudwatch');
  const cw = await clients.cloudWatch();
  const Timestamp = new Date(Math.floor(Date.now() / 60_000) * 60_000 - 10 * 60_000);
  const datum = (Value: number) => ({ MetricName: 'Orders', Value, Timestamp, Dimensions: [{ Name: 'Shop', Value: 'north' }] });
  await cw.send(new sdk.PutMetricDataCommand({ Namespace: 'Contract', MetricData: [datum(4), datum(8)] }));
  const { Metrics } = await cw.send(new sdk.ListMetricsCommand({ Namespace: 'Contract' }));
  note(
    'listed',
    Metrics?.map(m => [m.MetricName, m.Dimensions?.map(d => d.Value)]),
  );
  const { Datapoints } = await cw.send(
    new sdk.GetMetricStatisticsCommand({
      ...{ Namespace: 'Contract', MetricName: 'Orders', Dimensions: [{ Name: 'Shop', Value: 'north' }], Period: 60 },
      ...{ StartTime: Timestamp, EndTime: new Date(Timestamp.getTime() + 60_000) },
      Statistics: ['Average', 'Maximum', 'Minimum', 'SampleCount', 'Sum'],
    }),
  );
  note(
    'statistics',
    Datapoints?.map(d => [d.Average, d.Maximum, d.Minimum, d.SampleCount, d.Sum]),
  );
  const alarm = { AlarmName: 'orders', Namespace: 'Contract', MetricName: 'Orders', Statistic: 'Sum' as const, Period: 300 };
  const judged = { EvaluationPeriods: 3, DatapointsToAlarm: 2, Threshold: 5, TreatMissingData: 'breaching' };
  await cw.send(new sdk.PutMetricAlarmCommand({ ...alarm, ...judged, ComparisonOperator: 'LessThanThreshold' }));
  await cw.send(new sdk.SetAlarmStateCommand({ AlarmName: 'orders', StateValue: 'ALARM', StateReason: 'tried' }));
  const { MetricAlarms } = await cw.send(new sdk.DescribeAlarmsCommand({ AlarmNames: ['orders'] }));
  note(
    'alarm',
    MetricAlarms?.map(a => [
      a.StateValue,
      a.StateReason,
      a.Period,
      a.DatapointsToAlarm,
      a.Threshold,
      a.ComparisonOperator,
      a.TreatMissingData,
    ]),
  );
  const ofMetric = await cw.send(new sdk.DescribeAlarmsForMetricCommand({ Namespace: 'Contract', MetricName: 'Orders' }));
  note(
    'alarms of the metric',
    ofMetric.MetricAlarms?.map(a => a.AlarmName),
  );
  await cw.send(new sdk.DeleteAlarmsCommand({ AlarmNames: ['orders'] }));
  note('no alarm', (await cw.send(new sdk.DescribeAlarmsCommand({ AlarmNames: ['orders'] }))).MetricAlarms);
}

async function askQueues(clients: Clients, note: Note): Promise<void> {
  const sdk = await import('@aws-sdk/client-sqs');
  const sqs = await clients.sqs();
  const { QueueUrl } = await sqs.send(new sdk.CreateQueueCommand({ QueueName: 'contract.fifo', Attributes: { FifoQueue: 'true' } }));
  const send = (MessageBody: string, MessageDeduplicationId: string) =>
    sqs.send(new sdk.SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId: 'one', MessageDeduplicationId }));
  for (const [body, id] of [
    ['a', '1'],
    ['a again', '1'],
    ['b', '2'],
  ] as const)
    await send(body, id);
  const receive = async () => (await sqs.send(new sdk.ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))).Messages;
  const messages = await receive();
  note(
    'received in order, copies dropped',
    messages?.map(m => [m.Body, m.MD5OfBody]),
  );
  note('nothing while they are hidden', (await receive()) ?? null);
  for (const m of messages ?? []) await sqs.send(new sdk.DeleteMessageCommand({ QueueUrl, ReceiptHandle: m.ReceiptHandle }));
  const { Attributes } = await sqs.send(new sdk.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }));
  note('queue after deleting', Attributes);
  note('a queue that is not there', await refusal(sqs.send(new sdk.SendMessageCommand({ QueueUrl: `${QueueUrl}x`, MessageBody: '' }))));
}

async function askTheRest(clients: Clients, note: Note): Promise<void> {
  const { PutParameterCommand, GetParameterCommand, DeleteParameterCommand } = await import('@aws-sdk/client-ssm');
  const ssm = await clients.ssm();
  const Name = '/contract/pause';
  note('no parameter', await refusal(ssm.send(new GetParameterCommand({ Name }))));
  await ssm.send(new PutParameterCommand({ Name, Value: 'yes', Type: 'String' }));
  note('parameter put twice', await refusal(ssm.send(new PutParameterCommand({ Name, Value: 'no', Type: 'String' }))));
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name }));
  note('parameter', [Parameter?.Value, Parameter?.Version, Parameter?.Type]);
  await ssm.send(new DeleteParameterCommand({ Name }));
}
