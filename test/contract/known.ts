/**
 * Where moto 5 is known to be less than AWS, with the argument for siding with the virtual cloud. Nothing else may differ. An entry that no
 * longer differs must go, and the count may shrink but not grow.
 */
export interface Known {
  /** What the difference's line begins with. */
  readonly where: string;
  readonly operation: string;
  readonly because: string;
}

/** Lines, not entries: one entry may cover an outcome and its words. */
export const LINES_MAX = 25;

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
];
