/** AWS SDK clients of one account in one region: made when first asked for, once per world outside, equipped by the seam. */
import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { ElasticBeanstalkClient } from '@aws-sdk/client-elastic-beanstalk';
import type { PricingClient } from '@aws-sdk/client-pricing';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { STSClient } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity, Logger, RetryErrorInfo, RetryStrategyV2, RetryToken } from '@smithy/types';
import { type Equippable, type Outside, outside } from './outside.ts';
import { counted } from './tally.ts';

export interface Clients {
  autoScaling(): Promise<AutoScalingClient>;
  cloudWatch(): Promise<CloudWatchClient>;
  costExplorer(): Promise<CostExplorerClient>;
  dynamoDb(): Promise<DynamoDBClient>;
  ec2(): Promise<EC2Client>;
  elasticBeanstalk(): Promise<ElasticBeanstalkClient>;
  pricing(): Promise<PricingClient>;
  s3(): Promise<S3Client>;
  sns(): Promise<SNSClient>;
  sqs(): Promise<SQSClient>;
  ssm(): Promise<SSMClient>;
  sts(): Promise<STSClient>;
}

/** Where to stand: a region, and the role of another account if it is not our own. */
export interface Standpoint {
  readonly region: string;
  /** ARN of a role to assume. */
  readonly role?: string | undefined;
  readonly externalId?: string | undefined;
}

const made = new WeakMap<Outside, Map<string, Clients>>();

/** The clients for `at`; the same ones each time, so that connections and credentials are reused between invocations. */
export const clientsFor = (at: Standpoint): Clients => clientsOf(outside(), at);

function clientsOf(world: Outside, at: Standpoint): Clients {
  const known = made.get(world) ?? new Map<string, Clients>();
  made.set(world, known);
  const key = [at.region, at.role ?? '', at.externalId ?? ''].join(' ');
  const clients = known.get(key) ?? lazily(world, at);
  known.set(key, clients);
  return clients;
}

/** The account that these clients speak for: twelve digits, from STS GetCallerIdentity. */
export async function accountOf(clients: Clients): Promise<string> {
  const [sts, { GetCallerIdentityCommand }] = await Promise.all([clients.sts(), import('@aws-sdk/client-sts')]);
  const { Account } = await sts.send(new GetCallerIdentityCommand({}));
  if (Account === undefined) throw new Error('STS GetCallerIdentity answered without an account');
  return Account;
}

/** Who these clients speak as: `user/anna`, `assumed-role/dev/anna`. */
export async function callerOf(clients: Clients): Promise<string> {
  const [sts, { GetCallerIdentityCommand }] = await Promise.all([clients.sts(), import('@aws-sdk/client-sts')]);
  const { Arn, Account } = await sts.send(new GetCallerIdentityCommand({}));
  return Arn?.split(':').at(-1) ?? Account ?? 'unknown';
}

// Each import is written out: a bundler must see it to split one chunk per service, and a function loads only those it calls.
function lazily(world: Outside, at: Standpoint): Clients {
  const config = (service: string) => configFor(world, service, at);
  const once = <C extends Equippable>(make: () => Promise<C>): (() => Promise<C>) => {
    let client: Promise<C> | undefined;
    return () => {
      client ??= make().then(made => counted(world.equip(made), world));
      return client;
    };
  };
  return {
    autoScaling: once(async () => new (await import('@aws-sdk/client-auto-scaling')).AutoScalingClient(config('autoscaling'))),
    cloudWatch: once(async () => new (await import('@aws-sdk/client-cloudwatch')).CloudWatchClient(config('cloudwatch'))),
    costExplorer: once(async () => new (await import('@aws-sdk/client-cost-explorer')).CostExplorerClient(config('costexplorer'))),
    dynamoDb: once(async () => new (await import('@aws-sdk/client-dynamodb')).DynamoDBClient(config('dynamodb'))),
    ec2: once(async () => unhurried(new (await import('@aws-sdk/client-ec2')).EC2Client(config('ec2')))),
    elasticBeanstalk: once(
      async () => new (await import('@aws-sdk/client-elastic-beanstalk')).ElasticBeanstalkClient(config('elasticbeanstalk')),
    ),
    pricing: once(async () => new (await import('@aws-sdk/client-pricing')).PricingClient(config('pricing'))),
    s3: once(async () => new (await import('@aws-sdk/client-s3')).S3Client(config('s3'))),
    sns: once(async () => new (await import('@aws-sdk/client-sns')).SNSClient(config('sns'))),
    sqs: once(async () => new (await import('@aws-sdk/client-sqs')).SQSClient(config('sqs'))),
    ssm: once(async () => new (await import('@aws-sdk/client-ssm')).SSMClient(config('ssm'))),
    sts: once(async () => new (await import('@aws-sdk/client-sts')).STSClient(config('sts'))),
  };
}

/**
 * EC2 answers with status 500 where it lacks capacity, which the SDK takes for an accident and tries again at once, twice. In seconds nothing
 * changes, and each try takes a token from what another type's start needs: the next tick tries again.
 */
function unhurried(client: EC2Client): EC2Client {
  const { retryStrategy } = client.config;
  let patient: Promise<Strategy> | undefined;
  client.config.retryStrategy = () => {
    patient ??= retryStrategy().then(strategy =>
      Object.assign(Object.create(strategy) as RetryStrategyV2, {
        refreshRetryTokenForRetry: (token: RetryToken, info: RetryErrorInfo) =>
          /^Insufficient\w*Capacity/.test((info.error as Error | undefined)?.name ?? '')
            ? Promise.reject(new Error('no capacity'))
            : (strategy as RetryStrategyV2).refreshRetryTokenForRetry(token, info),
      }),
    );
    return patient;
  };
  return client;
}

type Strategy = Awaited<ReturnType<EC2Client['config']['retryStrategy']>>;

/** Three tries of at most 12 s each stay below the shortest timeout of our functions that make AWS calls. */
const ATTEMPTS = 3;
const CONNECTION_TIMEOUT_MS = 2_000;
const REQUEST_TIMEOUT_MS = 10_000;

/** The SDK's own silent logger has an `info`, and is handed a filtered copy of each input and output: a seventh of the work on a large page. */
const SILENCE = { debug: () => {}, warn: () => {}, error: () => {} } as unknown as Logger;

function configFor(world: Outside, service: string, at: Standpoint) {
  return {
    region: at.region,
    maxAttempts: ATTEMPTS,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true, // else the handler only warns, and a hung call outlives the function
    },
    disableRequestCompression: true,
    logger: SILENCE,
    ...world.clientConfig(service, at.region),
    ...(at.role === undefined ? {} : { credentials: assumed(world, at.region, at.role, at.externalId) }),
  };
}

/** Credentials by AssumeRole, asked with a client of our own so that the seam sees the call too; the SDK renews them before they expire. */
function assumed(world: Outside, region: string, role: string, externalId: string | undefined) {
  return async (): Promise<AwsCredentialIdentity> => {
    const { AssumeRoleCommand } = await import('@aws-sdk/client-sts');
    const sts = await clientsOf(world, { region }).sts();
    const { Credentials } = await sts.send(
      new AssumeRoleCommand({
        RoleArn: role,
        RoleSessionName: 'ebbtide',
        ...(externalId === undefined ? {} : { ExternalId: externalId }),
      }),
    );
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
    if (AccessKeyId === undefined || SecretAccessKey === undefined) throw new Error(`AssumeRole ${role} answered without credentials`);
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      ...(SessionToken === undefined ? {} : { sessionToken: SessionToken }),
      ...(Expiration === undefined ? {} : { expiration: Expiration }),
    };
  };
}
