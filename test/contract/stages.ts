/** The two worlds in which the contract scenario is played: moto, made by others, and our virtual cloud. */
import type { RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import type { Scope } from '../../shared/model/ids.ts';
import { addSeconds, epochSeconds, HOUR, hourOfWeek, type Instant, instant, toDate } from '../../shared/model/time.ts';
import type { Config } from '../../shared/policy/schema.ts';
import { type Clients, clientsFor } from '../../shared/runtime/clients.ts';
import { useOutside } from '../../shared/runtime/outside.ts';
import { createCloud } from '../../simulator/cloud.ts';
import type { Moto } from '../support/moto.ts';

export interface Box {
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly stopProtection?: boolean;
  readonly spot?: boolean;
  readonly platform?: 'windows';
  readonly monitoring?: 'detailed';
  readonly hibernation?: boolean;
  readonly publicIpv4?: boolean;
  /** CPU in each of the three hours before `at`, in percent; `null`: it did not run. */
  readonly cpu?: readonly (number | null)[];
}

/** What every scenario needs of a world; all else goes through the SDK clients. */
export interface Stage {
  readonly scope: Scope;
  readonly clients: Clients;
  /** The instant at which the story begins: a full hour. */
  readonly at: Instant;
  launch(box: Box): Promise<string>;
  group(group: {
    readonly name: string;
    readonly minSize: number;
    readonly maxSize: number;
    readonly desiredCapacity: number;
  }): Promise<void>;
  /** Makes it; its name. */
  bucket(name: string): Promise<string>;
  /** The clients of another account, by a role that wants `EXTERNAL_ID`. */
  beside(externalId: string): Promise<Clients>;
  /** An environment of Elastic Beanstalk; its ARN. */
  environment(environment: {
    readonly name: string;
    readonly application: string;
    readonly tags: Readonly<Record<string, string>>;
  }): Promise<string>;
  /** Lets what is under way arrive. */
  settle(): Promise<void>;
}

const ACCOUNT = '123456789012'; // moto's own default
const REGION = 'us-east-1';
// Images that moto ships; their root device is the one that its instances have.
const LINUX = 'ami-785db401';
const WINDOWS = 'ami-12c6146b';
const STACK = '64bit Amazon Linux 2023 v6.5.1 running Node.js 22';
const scope: Scope = { account: ACCOUNT, region: REGION };

const OTHER = '210987654321';
export const EXTERNAL_ID = 'contract';
const ROLE = `arn:aws:iam::${OTHER}:role/ebbtide`;

const clientsIn = (world: Parameters<typeof useOutside>[0], other: { role?: string; externalId?: string } = {}): Clients => {
  const restore = useOutside(world);
  const clients = clientsFor({ region: REGION, ...other });
  restore();
  return clients;
};

export async function motoStage(moto: Moto): Promise<Stage> {
  const world = moto.outside();
  const clients = clientsIn(world);
  const [ec2, autoScaling, cloudWatch] = await Promise.all([clients.ec2(), clients.autoScaling(), clients.cloudWatch()]);
  const { RunInstancesCommand } = await import('@aws-sdk/client-ec2');
  const { CreateAutoScalingGroupCommand, CreateLaunchConfigurationCommand } = await import('@aws-sdk/client-auto-scaling');
  const { PutMetricDataCommand } = await import('@aws-sdk/client-cloudwatch');
  const at = hourNow();
  return {
    scope,
    clients,
    at,
    async launch(box) {
      const input: RunInstancesCommandInput = {
        ImageId: box.platform === 'windows' ? WINDOWS : LINUX,
        InstanceType: 'm5.large',
        MinCount: 1,
        MaxCount: 1,
        DisableApiStop: box.stopProtection ?? false,
        NetworkInterfaces: [{ DeviceIndex: 0, AssociatePublicIpAddress: box.publicIpv4 ?? false }],
        TagSpecifications: [{ ResourceType: 'instance', Tags: tagList({ Name: box.name, ...box.tags }) }],
        ...(box.spot ? { InstanceMarketOptions: { MarketType: 'spot' } } : {}),
        ...(box.monitoring === 'detailed' ? { Monitoring: { Enabled: true } } : {}),
        ...(box.hibernation ? { HibernationOptions: { Configured: true } } : {}),
      };
      const { Instances } = await ec2.send(new RunInstancesCommand(input));
      const id = Instances?.[0]?.InstanceId ?? '';
      const MetricData = (box.cpu ?? []).flatMap((Value, i) =>
        Value === null ? [] : [{ ...CPU(id), Timestamp: tenPast(at, i - 3), Value }],
      );
      if (MetricData.length > 0) await cloudWatch.send(new PutMetricDataCommand({ Namespace: 'AWS/EC2', MetricData }));
      return id;
    },
    async group({ name, minSize, maxSize, desiredCapacity }) {
      await autoScaling.send(
        new CreateLaunchConfigurationCommand({ LaunchConfigurationName: name, ImageId: LINUX, InstanceType: 'm5.large' }),
      );
      await autoScaling.send(
        new CreateAutoScalingGroupCommand({
          AutoScalingGroupName: name,
          LaunchConfigurationName: name,
          MinSize: minSize,
          MaxSize: maxSize,
          DesiredCapacity: desiredCapacity,
          AvailabilityZones: [`${REGION}a`],
          Tags: [{ Key: 'environment', Value: 'dev', PropagateAtLaunch: true }],
        }),
      );
    },
    bucket: async Bucket => {
      const [s3, { CreateBucketCommand }] = await Promise.all([clients.s3(), import('@aws-sdk/client-s3')]);
      await s3.send(new CreateBucketCommand({ Bucket }));
      return Bucket;
    },
    beside: async externalId => clientsIn(world, { role: ROLE, externalId }),
    async environment({ name, application, tags }) {
      const [client, sdk] = await Promise.all([clients.elasticBeanstalk(), import('@aws-sdk/client-elastic-beanstalk')]);
      await client.send(new sdk.CreateApplicationCommand({ ApplicationName: application }));
      const made = await client.send(
        new sdk.CreateEnvironmentCommand({
          ...{ ApplicationName: application, EnvironmentName: name, SolutionStackName: STACK },
          Tags: tagList(tags),
        }),
      );
      return made.EnvironmentArn ?? '';
    },
    settle: async () => {},
  };
}

export function virtualStage(): Stage {
  const at = hourNow();
  const cloud = createCloud({ seed: 1, at, account: ACCOUNT, regions: [REGION] });
  const world = cloud.outside({ config: {} as Config });
  const clients = clientsIn(world);
  cloud.addAccount({ account: OTHER, role: 'ebbtide', externalId: EXTERNAL_ID });
  return {
    scope,
    clients,
    at,
    launch: async box =>
      cloud.launch({
        region: REGION,
        type: 'm5.large',
        since: addSeconds(at, -3 * HOUR),
        cpu: second => box.cpu?.[Math.floor((second - epochSeconds(at)) / HOUR) + 3] ?? 0,
        ranInHour: hour => box.cpu?.some((percent, i) => percent !== null && hourOfWeek(addSeconds(at, (i - 3) * HOUR)) === hour) ?? true,
        publicIpv4: box.publicIpv4 ? 'auto' : 'none',
        stopProtection: box.stopProtection ?? false,
        tags: { Name: box.name, ...box.tags },
        ...(box.spot ? { market: 'spot-one-time' as const } : {}),
        ...(box.platform === undefined ? {} : { platform: box.platform }),
        ...(box.monitoring === undefined ? {} : { monitoring: box.monitoring }),
        ...(box.hibernation === undefined ? {} : { hibernation: box.hibernation }),
      }),
    group: async group => {
      cloud.createGroup({
        ...group,
        region: REGION,
        type: 'm5.large',
        demand: () => 1,
        tags: { environment: 'dev' },
        since: at,
        monitoring: 'basic',
      });
    },
    bucket: async name => {
      cloud.createBucket(name);
      return name;
    },
    beside: async externalId => clientsIn(world, { role: ROLE, externalId }),
    environment: async ({ name, application, tags }) => {
      cloud.createEnvironment({ name, application, tags, region: REGION, minSize: 1, maxSize: 4, desiredCapacity: 1, demand: () => 1 });
      return `arn:aws:elasticbeanstalk:${REGION}:${ACCOUNT}:environment/${application}/${name}`;
    },
    settle: () => cloud.advanceTo(addSeconds(cloud.now(), 300)),
  };
}

const hourNow = (): Instant => instant(Math.floor(Date.now() / (HOUR * 1000)) * HOUR * 1000);

const CPU = (id: string) => ({ MetricName: 'CPUUtilization', Dimensions: [{ Name: 'InstanceId', Value: id }] });
const tenPast = (at: Instant, hours: number): Date => toDate(addSeconds(at, hours * HOUR + 600));

const tagList = (tags: Readonly<Record<string, string>>) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
