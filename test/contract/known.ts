/**
 * Where moto 5 is known to be less than AWS, with the argument for siding with the virtual cloud. Nothing else may differ. An entry that no
 * longer differs must go, and the count may shrink but not grow.
 */
import type { Difference } from './answers.ts';

export interface Known {
  /** What the difference's line begins with; `*` stands for anything. */
  readonly where: string;
  /** Of AWS, that must have been asked. */
  readonly operation: string;
  readonly because: string;
}

/** Lines, not entries: one entry may cover an outcome and its words, or a field that differs at every look: EnaSupport alone makes 21. */
export const LINES_MAX = 65;

export const excuses = ({ where, operation }: Known, { line, operations }: Difference): boolean =>
  operations.includes(operation) && new RegExp(`^${where.split('*').map(RegExp.escape).join('.*')}`).test(line);

export const KNOWN: readonly Known[] = [
  ...['seen', 'after stop', 'after start', 'after all'].map(look => ({
    where: `${look}: windows › publicIpv4: moto "elastic", virtual "auto"`,
    operation: 'DescribeInstances',
    because: 'moto names the account as owner of every public address; EC2 names `amazon` for those it lends',
  })),
  ...['plain', 'second'].map(box => ({
    where: `stop › ${box} › `,
    operation: 'StopInstances',
    because:
      'moto stops what comes before a protected instance and then refuses the call; EC2 validates all first. Either is told honestly',
  })),
  { where: 'stop one-time spot › ', operation: 'StopInstances', because: 'EC2 stops only persistent spot instances; moto stops any' },
  { where: 'start what is terminated › ', operation: 'StartInstances', because: 'moto revives the terminated; EC2 does not' },
  { where: 'mark nobody › ', operation: 'CreateTags', because: 'moto tags ids that do not exist' },
  { where: 'reserved tag › ', operation: 'CreateTags', because: 'moto accepts keys that begin with `aws:`' },
  { where: 'resize above max › ', operation: 'SetDesiredCapacity', because: 'moto lets a group grow above its maximum' },
  {
    where: 'resize nobody › ',
    operation: 'SetDesiredCapacity',
    because: 'moto breaks on a group that is not there, and what a broken server did is unknown; Auto Scaling answers ValidationError',
  },
  {
    where: 'shape: DescribeInstances Reservations[].Instances[].StateReason.Message: ',
    operation: 'DescribeInstances',
    because: 'EC2 leaves StateReason out while nothing has happened; moto fills it with empty text',
  },
  {
    where: 'shape: DescribeInstances Reservations[].Instances[].PlatformDetails: ',
    operation: 'DescribeInstances',
    because: 'moto does not tell it, EC2 always does',
  },
  {
    where: 'shape: DescribeInstances Reservations[].Instances[].HibernationOptions.Configured: ',
    operation: 'DescribeInstances',
    because: 'moto leaves it out where it was not asked for; EC2 tells false',
  },
  {
    where: 'shape: DescribeInstances Reservations[].Instances[].NetworkInterfaces: ',
    operation: 'DescribeInstances',
    because: 'a terminated instance has lost its network interfaces; in moto it keeps them',
  },
  {
    where: '*: * › build › ena: ',
    operation: 'DescribeInstances',
    because: 'moto tells no EnaSupport of an instance; EC2 tells true of every type since m5',
  },
  {
    where: 'their health › ',
    operation: 'DescribeAutoScalingInstances',
    because: 'AWS documents HealthStatus of this call in capitals, of DescribeAutoScalingGroups not; moto knows one spelling',
  },
  { where: 'policies are enabled › ', operation: 'DescribePolicies', because: 'moto leaves Enabled out; AWS always tells it' },
  {
    where: 'deleting a group with members: ',
    operation: 'DeleteAutoScalingGroup',
    because: 'AWS refuses it unless it is forced (ResourceInUse); moto terminates the members',
  },
  { where: 'what is too long › ', operation: 'CreateTags', because: 'moto takes values of any length; EC2 ends at 256 letters' },
  {
    where: 'a group that is not there › ',
    operation: 'CreateOrUpdateTags',
    because: 'moto breaks on a group that is not there; Auto Scaling answers ValidationError',
  },
  {
    where: 'terminated › build › ena: ',
    operation: 'DescribeInstances',
    because: 'moto tells no EnaSupport of an instance; EC2 tells true of every type since m5',
  },
  {
    where: 'terminated › build › interfaces: ',
    operation: 'DescribeInstances',
    because: 'a terminated instance has lost its network interfaces; in moto it keeps them',
  },
  {
    where: 'a role with another external id: ',
    operation: 'AssumeRole',
    because: "moto gives any role to anybody; STS holds the role's policy against the external id",
  },
  {
    where: 'one that is not there › ',
    operation: 'DescribeEnvironments',
    because: 'moto answers all environments, whichever were asked for',
  },
];
