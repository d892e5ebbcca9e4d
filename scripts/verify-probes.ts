/** One harmless question for each IAM action that the pens need: a page of a read, or EC2's DryRun of a write. */
import {
  type AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeInstanceRefreshesCommand,
  DescribePoliciesCommand,
  DescribeScalingActivitiesCommand,
} from '@aws-sdk/client-auto-scaling';
import { type CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  type EC2Client,
  ModifyInstanceAttributeCommand,
  StartInstancesCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  DescribeConfigurationSettingsCommand,
  DescribeEnvironmentsCommand,
  type ElasticBeanstalkClient,
} from '@aws-sdk/client-elastic-beanstalk';
import type { PricingClient } from '@aws-sdk/client-pricing';
import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { ACTIONS } from '../shared/execute/actions.ts';
import { CARRIERS } from './verify-carriers.ts';
import { PRICES } from './verify-prices.ts';

export interface Place {
  readonly ec2: EC2Client;
  readonly autoScaling: AutoScalingClient;
  readonly beanstalk: ElasticBeanstalkClient;
  readonly cloudWatch: CloudWatchClient;
  readonly ssm: SSMClient;
  readonly pricing: PricingClient;
  readonly stage: string;
}

/** `unknown`: cannot be asked without writing, or there was nothing to ask about. */
export interface Found {
  readonly verdict: 'ok' | 'denied' | 'unknown';
  readonly detail: string;
}

export type Probe = (place: Place) => Promise<Found>;

const unknown = (detail: string): Found => ({ verdict: 'unknown', detail });

/** What an update of an environment needs, Beanstalk does in our name: it can only be found out by an update. */
const ofBeanstalk: Readonly<Record<string, Probe>> = Object.fromEntries(
  ACTIONS['set-environment-min-size'].permissions.map(action => [
    action,
    async () => unknown('needed where a policy speaks for Elastic Beanstalk, which uses it in our name'),
  ]),
);

/** By IAM action. A probe that throws found the action denied, or AWS out of reach. */
export const PROBES: Readonly<Record<string, Probe>> = {
  ...ofBeanstalk,
  ...CARRIERS,
  ...PRICES,
  'ec2:DescribeInstances': async ({ ec2 }) => {
    const { Reservations = [], NextToken } = await ec2.send(new DescribeInstancesCommand({ MaxResults: 100 }));
    const count = Reservations.flatMap(({ Instances = [] }) => Instances).length;
    return ok(`${count}${NextToken === undefined ? '' : ' or more'} instances`);
  },
  'ec2:DescribeInstanceAttribute': place =>
    onOneInstance(place, async InstanceId => {
      const { DisableApiStop } = await place.ec2.send(new DescribeInstanceAttributeCommand({ InstanceId, Attribute: 'disableApiStop' }));
      return ok(`${InstanceId} is ${DisableApiStop?.Value ? '' : 'not '}stop-protected`);
    }),
  'autoscaling:DescribeAutoScalingGroups': async ({ autoScaling }) => {
    const { AutoScalingGroups = [], NextToken } = await autoScaling.send(new DescribeAutoScalingGroupsCommand({ MaxRecords: 100 }));
    return ok(`${AutoScalingGroups.length}${NextToken === undefined ? '' : ' or more'} groups`);
  },
  'autoscaling:DescribeAutoScalingInstances': async ({ autoScaling }) => {
    const { AutoScalingInstances = [] } = await autoScaling.send(new DescribeAutoScalingInstancesCommand({ MaxRecords: 50 }));
    return ok(AutoScalingInstances.length === 0 ? 'no members' : 'some members');
  },
  'autoscaling:DescribeInstanceRefreshes': async ({ autoScaling }) => {
    const { AutoScalingGroups = [] } = await autoScaling.send(new DescribeAutoScalingGroupsCommand({ MaxRecords: 1 }));
    const AutoScalingGroupName = AutoScalingGroups[0]?.AutoScalingGroupName;
    if (AutoScalingGroupName === undefined) return unknown('there is no group to ask about');
    const { InstanceRefreshes = [] } = await autoScaling.send(
      new DescribeInstanceRefreshesCommand({ AutoScalingGroupName, MaxRecords: 1 }),
    );
    return ok(InstanceRefreshes.length === 0 ? `no refreshes of ${AutoScalingGroupName}` : `a refresh of ${AutoScalingGroupName}`);
  },
  'autoscaling:DescribeScalingActivities': async ({ autoScaling }) => {
    const { Activities = [] } = await autoScaling.send(new DescribeScalingActivitiesCommand({ MaxRecords: 1 }));
    return ok(Activities.length === 0 ? 'no scaling activities' : 'some scaling activities');
  },
  'elasticbeanstalk:DescribeEnvironments': async ({ beanstalk }) => {
    const { Environments = [] } = await beanstalk.send(new DescribeEnvironmentsCommand({ MaxRecords: 1 }));
    return ok(Environments.length === 0 ? 'no environments' : 'some environments');
  },
  'elasticbeanstalk:DescribeConfigurationSettings': async ({ beanstalk }) => {
    const { Environments = [] } = await beanstalk.send(new DescribeEnvironmentsCommand({ MaxRecords: 1 }));
    const { ApplicationName, EnvironmentName } = Environments[0] ?? {};
    if (EnvironmentName === undefined) return unknown('there is no environment to ask about');
    await beanstalk.send(new DescribeConfigurationSettingsCommand({ ApplicationName, EnvironmentName }));
    return ok(`the settings of ${EnvironmentName}`);
  },
  'autoscaling:DescribePolicies': async ({ autoScaling }) => {
    const { ScalingPolicies = [] } = await autoScaling.send(new DescribePoliciesCommand({ MaxRecords: 1 }));
    return ok(ScalingPolicies.length === 0 ? 'no scaling policies' : 'some scaling policies');
  },
  'cloudwatch:GetMetricData': async ({ cloudWatch }) => {
    const EndTime = new Date();
    const Metric = { Namespace: 'AWS/EC2', MetricName: 'CPUUtilization' };
    const MetricDataQueries = [{ Id: 'cpu', MetricStat: { Metric, Period: 300, Stat: 'Maximum' } }];
    await cloudWatch.send(new GetMetricDataCommand({ StartTime: new Date(EndTime.getTime() - 3_600_000), EndTime, MetricDataQueries }));
    return ok('one query');
  },
  'ssm:GetParameter': async ({ ssm, stage }) => {
    const Name = `/ebbtide/${stage}/pause`;
    try {
      const { Parameter } = await ssm.send(new GetParameterCommand({ Name }));
      return ok(`${Name} says "${Parameter?.Value}"`);
    } catch (error) {
      if (nameOf(error) === 'ParameterNotFound') return ok(`${Name} is not set: not paused`);
      throw error;
    }
  },
  'ec2:StopInstances': place => dryRun(place, id => place.ec2.send(new StopInstancesCommand({ InstanceIds: [id], DryRun: true }))),
  'ec2:StartInstances': place => dryRun(place, id => place.ec2.send(new StartInstancesCommand({ InstanceIds: [id], DryRun: true }))),
  'ec2:ModifyInstanceAttribute': place =>
    dryRun(place, InstanceId =>
      place.ec2.send(new ModifyInstanceAttributeCommand({ InstanceId, InstanceType: { Value: 'm5.large' }, DryRun: true })),
    ),
  'ec2:CreateTags': place =>
    dryRun(place, id =>
      place.ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'ebb:mark', Value: 'probe' }], DryRun: true })),
    ),
  'ec2:DeleteTags': place =>
    dryRun(place, id => place.ec2.send(new DeleteTagsCommand({ Resources: [id], Tags: [{ Key: 'ebb:mark' }], DryRun: true }))),
  'autoscaling:SetDesiredCapacity': async () => unknown('Auto Scaling has no DryRun'),
  'autoscaling:UpdateAutoScalingGroup': async () => unknown('Auto Scaling has no DryRun'),
  'ec2:RunInstances': async () => unknown('needed where a group has a launch template; asked by Auto Scaling in our name'),
  'iam:PassRole': async () => unknown('needed where its instances have a profile'),
  'kms:CreateGrant': async () => unknown('needed where volumes are encrypted with a customer key'),
};

const ok = (detail: string): Found => ({ verdict: 'ok', detail });
const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

/** EC2 answers a DryRun that it would allow with an error called DryRunOperation. */
const dryRun = (place: Place, send: (instanceId: string) => Promise<unknown>): Promise<Found> =>
  onOneInstance(place, async id => {
    try {
      await send(id);
    } catch (error) {
      if (nameOf(error) === 'DryRunOperation') return ok(`would be allowed on ${id} (DryRun)`);
      if (nameOf(error) === 'UnauthorizedOperation') return { verdict: 'denied', detail: `not allowed on ${id} (DryRun)` };
      throw error;
    }
    throw new Error('a DryRun was answered as if it had been done');
  });

async function onOneInstance({ ec2 }: Place, ask: (instanceId: string) => Promise<Found>): Promise<Found> {
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ MaxResults: 100 }));
  const alive = Reservations.flatMap(({ Instances = [] }) => Instances).find(({ State }) => State?.Name !== 'terminated');
  return alive?.InstanceId === undefined ? unknown('there is no instance to ask about') : ask(alive.InstanceId);
}
