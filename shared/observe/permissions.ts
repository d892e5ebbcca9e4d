/** IAM actions that looking needs, by function: roles are computed from them. None of these can be limited to a resource. */
import type { Pen } from '../model/ids.ts';

/** Answered in one region for all: the price list, and what commitments have paid for. */
const BILLING = ['pricing:GetProducts', 'ce:GetReservationCoverage', 'ce:GetSavingsPlansCoverage'];

/** Reads of EC2, Auto Scaling and CloudWatch only; tables, queues and parameters are granted where they are named. */
export const READS: Readonly<Record<Pen | 'watch-changes' | 'tell-slack' | 'dispatch', readonly string[]>> = {
  'resize-fleets': [
    'autoscaling:DescribeAutoScalingGroups',
    'autoscaling:DescribeAutoScalingInstances', // the group of an instance that Spot takes back
    'autoscaling:DescribeInstanceRefreshes',
    'autoscaling:DescribePolicies',
    'autoscaling:DescribeScalingActivities',
    'cloudwatch:GetMetricData',
    'elasticbeanstalk:DescribeConfigurationSettings',
    'elasticbeanstalk:DescribeEnvironments',
    'ec2:DescribeInstances', // one member of each fleet, for its price
    'ec2:DescribeSpotPriceHistory',
    ...BILLING,
  ],
  'stop-start-instances': [
    'cloudwatch:GetMetricData',
    'ec2:DescribeInstanceAttribute',
    'ec2:DescribeInstances',
    'ec2:DescribeInstanceTypes', // local disks; what a smaller type, or one that stands in, has to fit
    'ec2:DescribeInstanceStatus', // announced maintenance; status checks of what was started
    'ec2:DescribeVolumes', // what costs on while its instance is stopped
    ...BILLING,
  ],
  'enforce-tags': [
    'autoscaling:DescribeAutoScalingGroups',
    'ec2:DescribeAddresses',
    'ec2:DescribeInstances',
    'ec2:DescribeSnapshots',
    'ec2:DescribeSubnets', // what stands in a subnet may be what its tags say
    'ec2:DescribeVolumes',
    'ec2:DescribeVpcs',
    'elasticbeanstalk:DescribeConfigurationSettings', // whether a tag would replace the instances of an environment
    'elasticbeanstalk:DescribeEnvironments',
    'elasticbeanstalk:ListTagsForResource',
  ],
  'watch-changes': [],
  'tell-slack': [],
  dispatch: [],
};
