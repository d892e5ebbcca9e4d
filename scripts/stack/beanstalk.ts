/** What UpdateEnvironment needs in the caller's name, held to what Elastic Beanstalk itself has made: it calls all of these `awseb-…`. */
import type { Config, Match } from '../../shared/policy/schema.ts';
import { type Statement, sub, type Text } from './cloudformation.ts';
import { homeRegions } from './reads.ts';

/** @throws Error when the table asks for a permission of a service that nobody has taught this file to narrow. */
export function environmentStatements(permissions: readonly string[], policies: readonly Reaching[], config: Config): Statement[] {
  const regions = homeRegions(config);
  const reads = permissions.filter(isRead);
  const writes = Map.groupBy(
    permissions.filter(p => !isRead(p)),
    permission => permission.split(':')[0] ?? '',
  );
  return [
    { Effect: 'Allow', Action: reads, Resource: ['*'], Condition: { StringEquals: { 'aws:RequestedRegion': regions } } },
    ...[...writes].map(([service, actions]): Statement => {
      const narrow = NARROWED[service];
      if (narrow === undefined) throw new Error(`${actions.join(', ')}: say in scripts/stack/beanstalk.ts how to narrow it`);
      return { Effect: 'Allow', Action: actions, ...narrow(regions, policies) };
    }),
  ];
}

/** `Describe…` of these services knows no resources. What S3 and CloudFormation give out belongs to somebody. */
const isRead = (permission: string): boolean => /^(autoscaling|cloudwatch|ec2|elasticloadbalancing):Describe/.test(permission);

/** A policy without names speaks of all environments in its regions. */
interface Reaching {
  readonly match: { readonly names?: Match['names'] } & Pick<Match, 'regions'>;
}

type Narrow = (regions: readonly string[], policies: readonly Reaching[]) => Pick<Statement, 'Resource' | 'Condition'>;

const each = (regions: readonly string[], arn: (region: string) => string): Text[] => regions.map(region => sub(arn(region)));
const ours = (service: string, rest: string) => (region: string) =>
  `arn:\${AWS::Partition}:${service}:${region}:\${AWS::AccountId}:${rest}`;

/** By service. */
const NARROWED: Readonly<Record<string, Narrow>> = {
  elasticbeanstalk: (regions, policies) => ({
    Resource: policies.flatMap(({ match }) =>
      (match.names ?? ['*']).flatMap(name =>
        each(
          regions.filter(region => match.regions?.includes(region) ?? true),
          ours('elasticbeanstalk', `environment/*/${name}`),
        ),
      ),
    ),
  }),
  cloudformation: regions => ({ Resource: each(regions, ours('cloudformation', 'stack/awseb-*')) }),
  autoscaling: regions => ({
    Resource: each(regions, ours('autoscaling', 'autoScalingGroup:*:autoScalingGroupName/awseb-*')),
  }),
  // The group launches in the name of whoever raised it, from its environment's template.
  ec2: regions => ({
    Resource: regions.flatMap(region => [
      sub(ours('ec2', '*/*')(region)),
      sub(`arn:\${AWS::Partition}:ec2:${region}::image/*`),
      sub(`arn:\${AWS::Partition}:ec2:${region}::snapshot/*`),
    ]),
    Condition: { ArnLike: { 'ec2:LaunchTemplate': each(regions, ours('ec2', 'launch-template/*')) } },
  }),
  iam: () => ({
    Resource: [sub(`arn:\${AWS::Partition}:iam::\${AWS::AccountId}:role/*`)],
    Condition: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
  }),
  s3: regions => ({
    Resource: regions.flatMap(region => {
      const bucket = `arn:\${AWS::Partition}:s3:::elasticbeanstalk-${region}-\${AWS::AccountId}`;
      return [sub(bucket), sub(`${bucket}/*`)];
    }),
  }),
};
