/** The Auto Scaling groups that instances belong to: some events name only the instance. */
import type { Clients } from '../runtime/clients.ts';

/** Auto Scaling's limit for ids in one call. */
const IDS_MAX = 50;
const INSTANCE = /^i-([0-9a-f]{8}|[0-9a-f]{17})$/;

/** Names stay as they are; ids of instances become the names of their groups, or nothing where they have none. */
export async function groupsNamed(clients: Clients, namesAndIds: readonly string[]): Promise<string[]> {
  const ids = namesAndIds.filter(name => INSTANCE.test(name));
  const names = new Set(namesAndIds.filter(name => !INSTANCE.test(name)));
  if (ids.length === 0) return [...names];
  const [autoScaling, { DescribeAutoScalingInstancesCommand }] = await Promise.all([
    clients.autoScaling(),
    import('@aws-sdk/client-auto-scaling'),
  ]);
  for (let i = 0; i < ids.length; i += IDS_MAX) {
    const InstanceIds = ids.slice(i, i + IDS_MAX);
    const { AutoScalingInstances = [] } = await autoScaling.send(new DescribeAutoScalingInstancesCommand({ InstanceIds }));
    for (const { AutoScalingGroupName: name } of AutoScalingInstances) if (name !== undefined) names.add(name);
  }
  return [...names];
}
