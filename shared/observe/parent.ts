/** Whoever made an instance and would replace it, told from the tags that AWS's own services put on their instances. */
import type { Tags } from '../model/ids.ts';
import type { Parent } from '../model/observation.ts';

/**
 * The outermost parent that should be changed instead of the instance. Beanstalk, EKS, ECS and Batch make Auto Scaling groups of their own,
 * so they are looked for before the group: changing the group behind their back is what they warn of.
 */
export function parentOf(tags: Tags): Parent | null {
  for (const { kind, key, prefix } of MARKS) {
    const found = key ?? Object.keys(tags).find(k => k.startsWith(prefix));
    const value = found === undefined ? undefined : tags[found];
    if (found === undefined || value === undefined) continue;
    // `kubernetes.io/cluster/NAME` = `owned` has its name in the key; some marks carry no name at all.
    const name = prefix !== undefined ? found.slice(prefix.length) : found === ECS_SCALES ? '' : value;
    return { kind, name: name || tags[GROUP] || found };
  }
  return null;
}

const GROUP = 'aws:autoscaling:groupName';

/**
 * ECS puts it on a group that it scales, empty or `true`, and the group hands it on. Its instances are ECS's to drain; the group itself stays
 * whose it was (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/asg-capacity-providers.html).
 */
export const ECS_SCALES = 'AmazonECSManaged';

/** The CloudFormation stack that made it: its tags come from there. One may still be stopped and started; that leaves no drift. */
export function stackOf(tags: Tags): Parent | null {
  const stack = tags['aws:cloudformation:stack-name'];
  return stack === undefined ? null : { kind: 'cloudformation-stack', name: stack };
}

/** An instance that EC2 runs for another service, as EKS Auto Mode and ECS Managed Instances have them: it refuses whatever others want. */
export function operatorOf({
  Managed,
  Principal = 'AWS',
}: {
  readonly Managed?: boolean | undefined;
  readonly Principal?: string | undefined;
}): Parent | null {
  if (Managed !== true) return null;
  const kind = Principal.startsWith('eks') ? 'eks' : Principal.startsWith('ecs') ? 'ecs' : 'operator';
  return { kind, name: Principal };
}

type Mark = { readonly kind: Parent['kind'] } & (
  | { readonly key: string; readonly prefix?: undefined }
  | { readonly prefix: string; readonly key?: undefined }
);

const MARKS: readonly Mark[] = [
  { kind: 'beanstalk', key: 'elasticbeanstalk:environment-name' },
  { kind: 'eks', key: 'eks:cluster-name' },
  { kind: 'eks', key: 'aws:eks:cluster-name' },
  { kind: 'eks', prefix: 'kubernetes.io/cluster/' },
  { kind: 'eks', key: 'KubernetesCluster' }, // kOps, on EC2 alone
  { kind: 'eks', key: 'alpha.eksctl.io/cluster-name' },
  { kind: 'eks', key: 'karpenter.sh/nodepool' },
  { kind: 'eks', key: 'karpenter.sh/provisioner-name' },
  { kind: 'ecs', key: 'aws:ecs:clusterName' },
  { kind: 'ecs', key: ECS_SCALES },
  { kind: 'batch', key: 'aws:batch:compute-environment' },
  { kind: 'batch', key: 'AWSBatchServiceTag' },
  { kind: 'emr', key: 'aws:elasticmapreduce:job-flow-id' },
  { kind: 'auto-scaling-group', key: GROUP },
  { kind: 'cloudformation-fleet', key: 'aws:ec2:fleet-id' },
  { kind: 'cloudformation-fleet', key: 'aws:ec2spot:fleet-request-id' },
];
