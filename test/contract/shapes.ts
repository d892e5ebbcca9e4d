/** Every field of an answer that observe and execute read. What the SDK calls absent, empty or a Date must be so in every world. */

export const READ: Readonly<Record<string, readonly string[]>> = {
  DescribeInstances: [
    'NextToken',
    'Reservations',
    ...[
      'InstanceId',
      'InstanceType',
      'State.Name',
      'StateReason.Message',
      'StateTransitionReason',
      'LaunchTime',
      'PlatformDetails',
      'Platform',
      'InstanceLifecycle',
      'Placement.Tenancy',
      'Placement.AvailabilityZone',
      'Monitoring.State',
      'HibernationOptions.Configured',
      'RootDeviceName',
      'RootDeviceType',
      'BlockDeviceMappings',
      'BlockDeviceMappings[].DeviceName',
      'BlockDeviceMappings[].Ebs.VolumeId',
      'BlockDeviceMappings[].Ebs.AttachTime',
      'NetworkInterfaces',
      'Tags',
      'Tags[].Key',
      'Tags[].Value',
    ].map(field => `Reservations[].Instances[].${field}`),
  ],
  DescribeInstanceAttribute: ['DisableApiStop.Value'],
  StopInstances: ['StoppingInstances[].InstanceId', 'StoppingInstances[].PreviousState.Name'],
  StartInstances: ['StartingInstances[].InstanceId', 'StartingInstances[].PreviousState.Name'],
  DescribeAutoScalingGroups: [
    'NextToken',
    ...[
      'AutoScalingGroupName',
      'MinSize',
      'MaxSize',
      'DesiredCapacity',
      'DefaultCooldown',
      'DefaultInstanceWarmup',
      'CreatedTime',
      'SuspendedProcesses',
      'Status',
      'Tags',
      'Tags[].Key',
      'Tags[].Value',
      'Instances[].InstanceId',
      'Instances[].InstanceType',
      'Instances[].LifecycleState',
      'Instances[].HealthStatus',
      'Instances[].ProtectedFromScaleIn',
    ].map(field => `AutoScalingGroups[].${field}`),
  ],
  DescribePolicies: ['NextToken', 'ScalingPolicies'],
  GetMetricData: [
    'NextToken',
    'MetricDataResults[].Id',
    'MetricDataResults[].StatusCode',
    'MetricDataResults[].Timestamps',
    'MetricDataResults[].Timestamps[]',
    'MetricDataResults[].Values[]',
  ],
};

/** Kinds of the values at `path`, where `[]` stands for every item of a list. A path that an absent parent cuts short is `absent`. */
export function shapesAt(value: unknown, path: string): string[] {
  if (path === '') return [kindOf(value)];
  const [, field = '', items = '', rest = ''] = /^(\w*)(\[\])?\.?(.*)$/.exec(path) ?? [];
  const inner = field === '' ? value : (value as Record<string, unknown> | null | undefined)?.[field];
  if (items === '') return shapesAt(inner, rest);
  if (!Array.isArray(inner)) return inner === undefined ? [] : [kindOf(inner)];
  return inner.flatMap(item => shapesAt(item, rest));
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'absent';
  if (value === null) return 'null';
  if (value instanceof Date) return 'Date';
  if (Array.isArray(value)) return value.length === 0 ? '[]' : 'list';
  return value === '' ? 'empty string' : typeof value;
}
