/** Instances by id, with EC2's own words for those that are not there. */
import type { Machine } from '../world/machine.ts';
import type { Region } from '../world/world.ts';
import { ServiceError } from './errors.ts';

/** @throws ServiceError `InvalidInstanceID.Malformed`, or `InvalidInstanceID.NotFound` naming every id that is missing. */
export function machinesOf(region: Region, ids: readonly string[]): Machine[] {
  const malformed = ids.find(id => !/^i-([0-9a-f]{8}|[0-9a-f]{17})$/.test(id));
  if (malformed !== undefined) throw new ServiceError('InvalidInstanceID.Malformed', `Invalid id: "${malformed}"`);

  const missing = ids.filter(id => !region.machines.has(id));
  if (missing.length === 1) throw new ServiceError('InvalidInstanceID.NotFound', `The instance ID '${missing[0]}' does not exist`);
  if (missing.length > 1) throw new ServiceError('InvalidInstanceID.NotFound', `The instance IDs '${missing.join(', ')}' do not exist`);
  return [...new Set(ids)].flatMap(id => region.machines.get(id) ?? []);
}

export const machineOf = (region: Region, id: string): Machine => machinesOf(region, [id])[0] as Machine;
