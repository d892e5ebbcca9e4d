/** Elastic Beanstalk's one write: option settings by UpdateEnvironment. */
import type { ConfigurationOptionSetting } from '@aws-sdk/client-elastic-beanstalk';
import type { ActionKind, Sizes } from '../model/plan.ts';
import type { Instant } from '../model/time.ts';
import { OPTIONS } from '../observe/beanstalk.ts';
import type { Request, Sent } from './actions.ts';
import { SIGNED, sign } from './signature.ts';

/** Names of the pair of scheduled actions: the same ones each time, so that a later pair takes the place of the one before. */
export const PAUSE = 'ebb-pause';
export const RESUME = 'ebb-resume';

/**
 * UpdateEnvironment acts in the caller's name on everything that the environment is made of: its CloudFormation stack, and through that its
 * group (https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/concepts-roles-user.html). What changing sizes and scheduled actions needs
 * is told from AWS's own policy for managed updates, AWSElasticBeanstalkManagedUpdatesCustomerRolePolicy, and from what deployers were denied
 * (aws/aws-toolkit-azure-devops#124, jenkinsci/aws-beanstalk-publisher-plugin#47). Never verified against the real service.
 */
export const UPDATE_ENVIRONMENT: readonly string[] = [
  'elasticbeanstalk:UpdateEnvironment',
  'cloudformation:CancelUpdateStack',
  'cloudformation:DescribeStackEvents',
  'cloudformation:DescribeStackResource',
  'cloudformation:DescribeStackResources',
  'cloudformation:DescribeStacks',
  'cloudformation:GetTemplate',
  'cloudformation:ListStackResources',
  'cloudformation:UpdateStack',
  'autoscaling:DeleteScheduledAction',
  'autoscaling:DescribeAutoScalingGroups',
  'autoscaling:DescribeAutoScalingInstances',
  'autoscaling:DescribeLaunchConfigurations',
  'autoscaling:DescribePolicies',
  'autoscaling:DescribeScalingActivities',
  'autoscaling:DescribeScheduledActions',
  'autoscaling:PutScheduledUpdateGroupAction',
  'autoscaling:ResumeProcesses',
  'autoscaling:SuspendProcesses',
  'autoscaling:UpdateAutoScalingGroup',
  'cloudwatch:DescribeAlarms',
  'ec2:DescribeAccountAttributes',
  'ec2:DescribeAddresses',
  'ec2:DescribeImages',
  'ec2:DescribeInstances',
  'ec2:DescribeKeyPairs',
  'ec2:DescribeLaunchTemplates',
  'ec2:DescribeLaunchTemplateVersions',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeSubnets',
  'ec2:DescribeVpcs',
  'ec2:RunInstances',
  'elasticloadbalancing:DescribeInstanceHealth',
  'elasticloadbalancing:DescribeLoadBalancers',
  'elasticloadbalancing:DescribeTargetGroups',
  'elasticloadbalancing:DescribeTargetHealth',
  'iam:PassRole',
  's3:GetBucketLocation',
  's3:GetBucketPolicy',
  's3:GetObject',
  's3:GetObjectAcl',
  's3:ListBucket',
  's3:PutObject',
  's3:PutObjectAcl',
];

type Option = Required<Pick<ConfigurationOptionSetting, 'Namespace' | 'OptionName' | 'Value'>> &
  Pick<ConfigurationOptionSetting, 'ResourceName'>;

export const sizeOption = (name: 'MinSize', size: number): Option => ({ Namespace: OPTIONS.sizes, OptionName: name, Value: String(size) });

/** A scheduled action that sets the sizes once. */
export const oneTime = (name: string, at: Instant, { minSize, maxSize, desiredCapacity }: Sizes): Option[] =>
  Object.entries({ StartTime: at, MinSize: minSize, MaxSize: maxSize, DesiredCapacity: desiredCapacity }).map(([option, value]) => ({
    ...{ Namespace: OPTIONS.scheduled, ResourceName: name, OptionName: option, Value: String(value) },
  }));

/** Beanstalk takes all of it or nothing. What comes of it is read from its settings at a later look. */
export async function updateEnvironment(
  { set, remove = [] }: { readonly set: readonly Option[]; readonly remove?: readonly Option[] },
  { clients, targets, changeIds, watch }: Omit<Request<ActionKind>, 'action'>,
): Promise<Sent> {
  const [client, { UpdateEnvironmentCommand }] = await Promise.all([
    clients.elasticBeanstalk(),
    import('@aws-sdk/client-elastic-beanstalk'),
  ]);
  const command = new UpdateEnvironmentCommand({
    EnvironmentId: targets[0],
    OptionSettings: [...set],
    ...(remove.length === 0 ? {} : { OptionsToRemove: remove.map(({ Value: _, ...option }) => option) }),
  });
  watch(sign(command, changeIds));
  const { $metadata } = await client.send(command, SIGNED);
  return { requestId: $metadata.requestId ?? null, of: () => 'done' };
}
