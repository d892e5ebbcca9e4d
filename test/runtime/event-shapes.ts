/** The shapes that events have on AWS, small and made by hand: what is left out here is left out there too, or not read. */
import type { Scope } from '../../shared/model/ids.ts';

export const scope: Scope = { account: '111122223333', region: 'eu-west-1' };
export const ID = '7bf73129-1428-4cd3-a780-95db273d1602';

export const tick = (pen = 'resize-fleets', look = 'all') => ({ tick: pen, look, at: '2025-05-14T19:00:00Z' });

export function eventBridge(detailType: string, detail: unknown, rest: object = {}) {
  const source = 'aws.ec2'; // nobody reads it
  return {
    version: '0',
    id: ID,
    'detail-type': detailType,
    source,
    ...scope,
    time: '2025-05-14T19:00:03Z',
    resources: [],
    detail,
    ...rest,
  };
}

export const scheduled = () =>
  eventBridge('Scheduled Event', {}, { resources: [`arn:aws:events:${scope.region}:${scope.account}:rule/every-five-minutes`] });

export const stateChange = (state = 'running', instance = 'i-0abc') =>
  eventBridge(
    'EC2 Instance State-change Notification',
    { 'instance-id': instance, state },
    { resources: [`arn:aws:ec2:${scope.region}:${scope.account}:instance/${instance}`] },
  );

export const SPOT = 'i-0123456789abcdef0';

/** Its ARN carries an Availability Zone and no account. */
export const interruption = () =>
  eventBridge(
    'EC2 Spot Instance Interruption Warning',
    { 'instance-id': SPOT, 'instance-action': 'terminate' },
    { resources: [`arn:aws:ec2:${scope.region}b:instance/${SPOT}`] },
  );

export const rebalance = () =>
  eventBridge(
    'EC2 Instance Rebalance Recommendation',
    { 'instance-id': SPOT },
    { resources: [`arn:aws:ec2:${scope.region}b:instance/${SPOT}`] },
  );

const groupArn = (group: string) =>
  `arn:aws:autoscaling:${scope.region}:${scope.account}:autoScalingGroup:0a1b:autoScalingGroupName/${group}`;

export const groupActivity = (what = 'Launch Successful', group = 'web-asg', more: object = {}) =>
  eventBridge(
    `EC2 Instance ${what}`,
    { AutoScalingGroupName: group, EC2InstanceId: 'i-0abc', StatusCode: 'InProgress', ...more },
    { resources: [groupArn(group)] },
  );

/** A member waits for a hook: `launch` or `terminate`. */
export const lifecycle = (what = 'launch', group = 'web-asg') =>
  eventBridge(
    `EC2 Instance-${what} Lifecycle Action`,
    {
      LifecycleActionToken: '87654321-4321-4321-4321-210987654321',
      AutoScalingGroupName: group,
      LifecycleHookName: 'warm-the-cache',
      EC2InstanceId: 'i-0abc',
      LifecycleTransition: what === 'launch' ? 'autoscaling:EC2_INSTANCE_LAUNCHING' : 'autoscaling:EC2_INSTANCE_TERMINATING',
      Origin: what === 'launch' ? 'EC2' : 'AutoScalingGroup',
      Destination: what === 'launch' ? 'AutoScalingGroup' : 'EC2',
    },
    { resources: [groupArn(group)] },
  );

export const refresh = (what = 'Succeeded', group = 'web-asg') =>
  eventBridge(
    `EC2 Auto Scaling Instance Refresh ${what}`,
    { InstanceRefreshId: 'ab00cf8f-9126-4f3c-8010-dbb8cad6fb86', AutoScalingGroupName: group },
    { resources: [groupArn(group)] },
  );

export const tagChange = (changed: string[] = ['owner'], arn = `arn:aws:ec2:${scope.region}:${scope.account}:instance/i-0abc`) =>
  eventBridge(
    'Tag Change on Resource',
    {
      'changed-tag-keys': changed,
      service: arn.split(':')[2],
      'resource-type': arn.split(':')[5]?.split('/')[0],
      version: 5,
      tags: { owner: 'anna@example.com', 'tag-policy-compliant': 'true' },
    },
    { resources: [arn] },
  );

/** As CloudTrail records it; `DeleteTags` need not say what the tags were. */
export const groupTags = (
  eventName = 'CreateOrUpdateTags',
  keys: string[] = ['owner'],
  groups: string[] = ['web-asg'],
  rest: object = {},
) =>
  apiCall(eventName, {
    ...{ eventSource: 'autoscaling.amazonaws.com', responseElements: null },
    requestParameters: {
      tags: groups.flatMap(resourceId =>
        keys.map(key => ({ resourceId, resourceType: 'auto-scaling-group', key, propagateAtLaunch: true })),
      ),
    },
    ...rest,
  });

// ---- alarms

const metric = (name: string, dimensions: unknown) => ({ namespace: 'AWS/EC2', name, dimensions });
const stat = (id: string, dimensions: unknown, returnData = true) => ({
  id,
  metricStat: { metric: metric('CPUUtilization', dimensions), period: 60, stat: 'Average' },
  returnData,
});

export const CONFIGURATIONS = {
  single: { description: 'too busy', metrics: [stat('m1', { AutoScalingGroupName: 'web-asg' })] },
  math: {
    metrics: [
      { id: 'e1', expression: 'm1/m2', label: 'load', returnData: true },
      stat('m1', { AutoScalingGroupName: 'web-asg' }, false),
      stat('m2', {}, false),
    ],
  },
  anomaly: {
    metrics: [
      stat('m1', { AutoScalingGroupName: 'web-asg' }),
      { id: 'ad1', expression: 'ANOMALY_DETECTION_BAND(m1, 2)', label: 'expected', returnData: true },
    ],
  },
  insights: {
    metrics: [{ id: 'q1', expression: 'SELECT AVG(CPUUtilization) FROM SCHEMA("AWS/EC2", InstanceId)', period: 60, returnData: true }],
  },
  composite: { alarmRule: 'ALARM(busy) AND NOT ALARM(deploying)', actionsSuppressor: 'deploying', actionsSuppressorWaitPeriod: 120 },
  /** A query or a search that names its group in its own text. */
  insightsOfOne: {
    metrics: [
      {
        ...{ id: 'q1', period: 60, returnData: true },
        expression: `SELECT AVG(CPUUtilization) FROM SCHEMA("AWS/EC2", AutoScalingGroupName) WHERE AutoScalingGroupName = 'web-asg'`,
      },
    ],
  },
  compositeOfOurs: { alarmRule: 'ALARM("ebb:web:web-asg:cpu") AND NOT ALARM(deploying)' },
  queue: {
    metrics: [
      {
        ...{ id: 'm1', returnData: true },
        metricStat: {
          ...{ period: 60, stat: 'Average' },
          metric: { namespace: 'AWS/SQS', name: 'ApproximateNumberOfMessagesVisible', dimensions: { QueueName: 'jobs' } },
        },
      },
    ],
  },
  otherMetric: { metrics: [stat('m1', { InstanceId: 'i-0abc' })] },
} as const;

export const alarmArn = `arn:aws:cloudwatch:${scope.region}:${scope.account}:alarm:web busy: now`;

export const alarmData = (configuration: object, value = 'ALARM', state: object = {}) => ({
  alarmName: 'web busy: now',
  configuration,
  state: { value, reason: 'Threshold Crossed', reasonData: '{}', timestamp: '2025-05-14T19:00:03.431+0000', ...state },
  previousState: { value: 'OK', reason: 'Unchecked: Initial alarm creation', timestamp: '2025-05-14T18:00:03.000+0000' },
});

export const alarm = (configuration: object = CONFIGURATIONS.single, value = 'ALARM', state: object = {}) =>
  eventBridge('CloudWatch Alarm State Change', alarmData(configuration, value, state), { resources: [alarmArn] });

/** Of an alarm over many series, each of them rings for itself: no `previousState`, and the series by its attributes. */
export const contributor = (attributes: object = { AutoScalingGroupName: 'web-asg' }) => {
  const { previousState: _, ...data } = alarmData(CONFIGURATIONS.insights);
  const detail = { ...data, alarmContributor: { id: '6d442278dba546f6', attributes } };
  return eventBridge('CloudWatch Alarm Contributor State Change', detail, { resources: [alarmArn] });
};

/** An alarm with nothing in it but a name, a description and tags, as far as a fleet is concerned. */
export const alarmCalled = (alarmName: string, { description = '', alarmTags }: { description?: string; alarmTags?: unknown } = {}) =>
  eventBridge(
    'CloudWatch Alarm State Change',
    { ...alarmData({ ...CONFIGURATIONS.otherMetric, description }), alarmName, ...(alarmTags !== undefined && { alarmTags }) },
    { resources: [`arn:aws:cloudwatch:${scope.region}:${scope.account}:alarm:${alarmName}`] },
  );

/** A direct Lambda action: no `detail-type`, no id. */
export const alarmAction = (configuration: object = CONFIGURATIONS.single, value = 'ALARM') => ({
  source: 'aws.cloudwatch',
  alarmArn,
  accountId: scope.account,
  time: '2025-05-14T19:00:03.431+0000',
  region: scope.region,
  alarmData: alarmData(configuration, value),
});

export const snsAlarm = (message: object = {}, topicArn = `arn:aws:sns:${scope.region}:${scope.account}:alarms`) => ({
  Records: [
    {
      EventSource: 'aws:sns',
      EventVersion: '1.0',
      Sns: {
        Type: 'Notification',
        MessageId: '95df01b4-ee98-5cb9-9903-4c221d41eb5e',
        TopicArn: topicArn,
        Timestamp: '2025-05-14T19:00:04.000Z',
        Message: JSON.stringify({
          AlarmName: 'web busy: now',
          AWSAccountId: scope.account,
          NewStateValue: 'ALARM',
          OldStateValue: 'OK',
          StateChangeTime: '2025-05-14T19:00:03.123+0000',
          Region: 'EU (Ireland)',
          AlarmArn: alarmArn,
          Trigger: { MetricName: 'CPUUtilization', Statistic: 'AVERAGE', Dimensions: [{ value: 'web-asg', name: 'AutoScalingGroupName' }] },
          ...message,
        }),
      },
    },
  ],
});

/** Several metrics come under `Trigger.Metrics`, in capitals. */
export const SNS_MATH = {
  Trigger: {
    Metrics: [
      { Id: 'e1', Expression: 'm1/m2', ReturnData: true },
      { Id: 'm1', MetricStat: { Metric: { Dimensions: [{ value: 'web-asg', name: 'AutoScalingGroupName' }] }, Period: 60, Stat: 'Sum' } },
    ],
  },
};

// ---- CloudTrail

export const PERSON = { type: 'IAMUser', arn: `arn:aws:iam::${scope.account}:user/anna`, accountId: scope.account, userName: 'anna' };
export const ROLE = { type: 'AssumedRole', arn: `arn:aws:sts::${scope.account}:assumed-role/ci/build-42`, accountId: scope.account };
export const AUTO_SCALING = { type: 'AWSService', invokedBy: 'autoscaling.amazonaws.com' };
export const CONSOLE = { ...PERSON, invokedBy: 'signin.amazonaws.com' };
/** IAM Identity Center names its roles, and each session by whoever signed in. */
export const SIGNED_IN = {
  type: 'AssumedRole',
  arn: `arn:aws:sts::${scope.account}:assumed-role/AWSReservedSSO_PowerUser_0123456789abcdef/anna@example.com`,
  accountId: scope.account,
  sessionContext: { sessionIssuer: { type: 'Role', userName: 'AWSReservedSSO_PowerUser_0123456789abcdef' }, attributes: {} },
};
export const ROOT = { type: 'Root', arn: `arn:aws:iam::${scope.account}:root`, accountId: scope.account };

export function record(eventName: string, rest: object = {}) {
  const instancesSet = { items: [{ instanceId: 'i-0abc' }, { instanceId: 'i-0def' }] };
  return {
    eventVersion: '1.09',
    eventID: '6589a9eb-59b7-4895-b7ab-962ed3cc257c',
    eventTime: '2025-05-14T18:59:58Z',
    eventSource: 'ec2.amazonaws.com',
    eventName,
    awsRegion: scope.region,
    userAgent: 'aws-cli/2.15.0',
    userIdentity: PERSON,
    requestParameters:
      eventName === 'RunInstances' ? { instancesSet: { items: [{ imageId: 'ami-1', minCount: 1, maxCount: 2 }] } } : { instancesSet },
    responseElements: { instancesSet },
    recipientAccountId: scope.account,
    ...rest,
  };
}

/** What each call that makes something answers, as far as it is recorded. */
export const BIRTHS = {
  CreateVolume: { responseElements: { requestId: 'r', volumeId: 'vol-0a', size: '8', status: 'creating', snapshotId: 'snap-0f' } },
  CreateSnapshot: { responseElements: { requestId: 'r', snapshotId: 'snap-0a', volumeId: 'vol-0f', status: 'pending' } },
  CreateSnapshots: {
    requestParameters: { CreateSnapshotsRequest: { InstanceSpecification: { InstanceId: 'i-0abc' } } },
    responseElements: {
      CreateSnapshotsResponse: { requestId: 'r', snapshotSet: { item: [{ snapshotId: 'snap-0b' }, { snapshotId: 'snap-0a' }] } },
    },
  },
  CopySnapshot: { requestParameters: { sourceSnapshotId: 'snap-0f' }, responseElements: { requestId: 'r', snapshotId: 'snap-0a' } },
  AllocateAddress: { responseElements: { requestId: 'r', publicIp: '203.0.113.9', domain: 'vpc', allocationId: 'eipalloc-0a' } },
  CreateAutoScalingGroup: {
    eventSource: 'autoscaling.amazonaws.com',
    requestParameters: { autoScalingGroupName: 'web-asg', minSize: 1, maxSize: 2 },
    responseElements: null,
  },
  CreateEnvironment: {
    eventSource: 'elasticbeanstalk.amazonaws.com',
    requestParameters: { applicationName: 'shop', environmentName: 'shop-dev' },
    responseElements: null,
  },
} as const;

export const birth = (call: keyof typeof BIRTHS, rest: object = {}) => apiCall(call, { ...BIRTHS[call], ...rest });

export const apiCall = (eventName: string, rest: object = {}) => eventBridge('AWS API Call via CloudTrail', record(eventName, rest));

/** One of each. */
export const ALL: readonly object[] = [
  tick(),
  scheduled(),
  stateChange(),
  interruption(),
  rebalance(),
  groupActivity(),
  groupActivity('Launch Unsuccessful', 'web-asg', { StatusCode: 'Failed', StatusMessage: 'We currently do not have sufficient capacity.' }),
  lifecycle(),
  refresh(),
  contributor(),
  alarmCalled('mine', { description: 'ebb:fleets=web-asg', alarmTags: { 'ebb:fleets': 'web-blue' } }),
  tagChange(),
  ...Object.values(CONFIGURATIONS).flatMap(configuration => [alarm(configuration), alarmAction(configuration)]),
  snsAlarm(),
  snsAlarm(SNS_MATH),
  ...['RunInstances', 'StartInstances', 'StopInstances', 'TerminateInstances'].flatMap(name => [apiCall(name), record(name)]),
  ...(Object.keys(BIRTHS) as (keyof typeof BIRTHS)[]).flatMap(call => [birth(call), record(call, BIRTHS[call])]),
  eventBridge('EBS Volume Notification', { event: 'createVolume' }),
];
