/** Warm pools: put, described, deleted. */
import type {
  DeleteWarmPoolType,
  DescribeWarmPoolAnswer,
  DescribeWarmPoolType,
  PutWarmPoolType,
  WarmPoolConfiguration,
} from '@aws-sdk/client-auto-scaling';
import { emptyPool, keepWarm, type WarmPool } from '../world/warm-pool.ts';
import { badToken, changeable, groupOf, invalid, type Nothing, pageSize } from './autoscaling-find.ts';
import { ServiceError } from './errors.ts';
import { type Call, type Operation, reads, trailed } from './operation.ts';
import { page } from './page.ts';

export const warmPools: Readonly<Record<string, Operation>> = {
  DeleteWarmPool: trailed(deleteWarmPool),
  DescribeWarmPool: reads(describeWarmPool),
  PutWarmPool: trailed(putWarmPool),
};

/** What is not told anew stays as it was. */
function putWarmPool(input: PutWarmPoolType, { region, world, changed }: Call): Nothing {
  const group = changeable(region, input.AutoScalingGroupName);
  const before = group.warmPool;
  if ((group.spot?.onDemandPercentAboveBase ?? 100) < 100)
    throw invalid('A warm pool cannot be added to an Auto Scaling group that launches Spot Instances.');
  if (group.weights !== null) throw invalid('A warm pool cannot be added to an Auto Scaling group whose types have weights.');
  const prepared = input.MaxGroupPreparedCapacity;
  if (prepared !== undefined && prepared >= 0 && prepared < (input.MinSize ?? before?.minSize ?? 0))
    throw invalid('MaxGroupPreparedCapacity must be greater than or equal to the MinSize of the warm pool.');
  group.warmPool = {
    minSize: input.MinSize ?? before?.minSize ?? 0,
    maxPrepared: prepared === undefined ? (before?.maxPrepared ?? null) : prepared < 0 ? null : prepared, // −1 takes it away
    poolState: input.PoolState ?? before?.poolState ?? 'Stopped',
    reuse: input.InstanceReusePolicy?.ReuseOnScaleIn ?? before?.reuse ?? false,
    members: before?.members ?? new Map(),
  };
  keepWarm(world, group);
  changed.push(group.name);
  return {};
}

function deleteWarmPool(input: DeleteWarmPoolType, { region, world, changed }: Call): Nothing {
  const group = changeable(region, input.AutoScalingGroupName);
  if (group.warmPool === null) throw invalid(`No warm pool found for Auto Scaling group ${group.name}`);
  if (group.warmPool.members.size > 0 && !input.ForceDelete)
    throw new ServiceError('ResourceInUseFault', 'The warm pool still has instances. Delete it with force, or set its size to 0 first.');
  emptyPool(world, group);
  group.warmPool = null;
  changed.push(group.name);
  return {};
}

function describeWarmPool(input: DescribeWarmPoolType, { region }: Call): DescribeWarmPoolAnswer {
  const { warmPool, template } = groupOf(region, input.AutoScalingGroupName);
  if (warmPool === null) return { Instances: [] };
  const { items, next } = page([...warmPool.members.values()], pageSize(input.MaxRecords), input.NextToken, badToken);
  return {
    WarmPoolConfiguration: configurationOf(warmPool),
    Instances: items.map(({ machine, state }) => ({
      InstanceId: machine.id,
      InstanceType: machine.type,
      AvailabilityZone: machine.availabilityZone,
      LifecycleState: state,
      HealthStatus: 'Healthy',
      LaunchTemplate: { LaunchTemplateId: template.id, LaunchTemplateName: template.name, Version: '1' },
      ProtectedFromScaleIn: false,
    })),
    ...next,
  };
}

export const configurationOf = ({ minSize, maxPrepared, poolState, reuse }: WarmPool): WarmPoolConfiguration => ({
  MinSize: minSize,
  PoolState: poolState,
  ...(maxPrepared !== null && { MaxGroupPreparedCapacity: maxPrepared }),
  ...(reuse && { InstanceReusePolicy: { ReuseOnScaleIn: true } }),
});
