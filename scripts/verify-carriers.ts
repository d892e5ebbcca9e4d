/** Probes of what the tag pen reads and writes, beside instances. */
import {
  DescribeAddressesCommand,
  DescribeSnapshotsCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  DescribeVpcsCommand,
} from '@aws-sdk/client-ec2';
import { DescribeEnvironmentsCommand, ListTagsForResourceCommand } from '@aws-sdk/client-elastic-beanstalk';
import type { Found, Probe } from './verify-probes.ts';

const seen = (what: string, found: readonly unknown[] | undefined): Found => ({
  verdict: 'ok',
  detail: found === undefined || found.length === 0 ? `no ${what}` : `some ${what}`,
});
const unknown = (detail: string): Found => ({ verdict: 'unknown', detail });

export const CARRIERS: Readonly<Record<string, Probe>> = {
  'ec2:DescribeVolumes': async ({ ec2 }) => seen('volumes', (await ec2.send(new DescribeVolumesCommand({ MaxResults: 5 }))).Volumes),
  'ec2:DescribeSnapshots': async ({ ec2 }) =>
    seen('snapshots', (await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'], MaxResults: 5 }))).Snapshots),
  'ec2:DescribeAddresses': async ({ ec2 }) => seen('addresses', (await ec2.send(new DescribeAddressesCommand({}))).Addresses),
  'ec2:DescribeSubnets': async ({ ec2 }) => seen('subnets', (await ec2.send(new DescribeSubnetsCommand({ MaxResults: 5 }))).Subnets),
  'ec2:DescribeVpcs': async ({ ec2 }) => seen('networks', (await ec2.send(new DescribeVpcsCommand({ MaxResults: 5 }))).Vpcs),
  'elasticbeanstalk:ListTagsForResource': async ({ beanstalk }) => {
    const { Environments = [] } = await beanstalk.send(new DescribeEnvironmentsCommand({ MaxRecords: 1 }));
    const ResourceArn = Environments[0]?.EnvironmentArn;
    if (ResourceArn === undefined) return unknown('there is no environment to ask about');
    return seen(
      `tags of ${Environments[0]?.EnvironmentName}`,
      (await beanstalk.send(new ListTagsForResourceCommand({ ResourceArn }))).ResourceTags,
    );
  },
  'autoscaling:CreateOrUpdateTags': async () => unknown('Auto Scaling has no DryRun'),
  'autoscaling:DeleteTags': async () => unknown('Auto Scaling has no DryRun'),
  'elasticbeanstalk:AddTags': async () => unknown('Elastic Beanstalk has no DryRun'),
  'elasticbeanstalk:RemoveTags': async () => unknown('Elastic Beanstalk has no DryRun'),
};
