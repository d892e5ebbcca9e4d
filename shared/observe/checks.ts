/** Status checks of instances whose start is watched: nobody else is asked. */
import type { StatusChecks } from '../model/observation.ts';
import type { Clients } from '../runtime/clients.ts';

/** EC2's limit for one call that names instances. */
const IDS_MAX = 100;
/** From bad to good. */
const WORST_FIRST: readonly StatusChecks[] = ['impaired', 'insufficient-data', 'initializing', 'ok'];

/**
 * By instance id; what does not run is missing.
 * @throws the SDK's error, as when one of them is gone.
 */
export async function observeChecks(clients: Clients, ids: readonly string[]): Promise<Map<string, StatusChecks>> {
  const [ec2, { DescribeInstanceStatusCommand }] = await Promise.all([clients.ec2(), import('@aws-sdk/client-ec2')]);
  const found = new Map<string, StatusChecks>();
  for (let i = 0; i < ids.length; i += IDS_MAX) {
    const { InstanceStatuses = [] } = await ec2.send(new DescribeInstanceStatusCommand({ InstanceIds: ids.slice(i, i + IDS_MAX) }));
    for (const { InstanceId: id = '', InstanceStatus, SystemStatus } of InstanceStatuses) {
      const both = [InstanceStatus?.Status, SystemStatus?.Status];
      const worst = WORST_FIRST.find(status => both.includes(status));
      if (worst !== undefined) found.set(id, worst);
    }
  }
  return found;
}
