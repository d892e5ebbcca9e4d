/** Groups and members by name, with Auto Scaling's own words for those that are not there; and what all its operations share. */
import type { Group, Member } from '../world/group.ts';
import type { Region } from '../world/world.ts';
import { ServiceError } from './errors.ts';

export type Nothing = Record<string, never>;

export const invalid = (message: string): ServiceError => new ServiceError('ValidationError', message);
export const badToken = (): ServiceError => new ServiceError('InvalidNextToken', 'The NextToken value is not valid.');
export const date = (seconds: number): Date => new Date(seconds * 1000);

export function groupOf(region: Region, name: string | undefined): Group {
  const group = region.groups.get(name ?? '');
  if (group === undefined) throw invalid('AutoScalingGroup name not found - AutoScalingGroup not found');
  return group;
}

/** A group that somebody may change: not one that is being deleted. */
export function changeable(region: Region, name: string | undefined): Group {
  const group = groupOf(region, name);
  if (group.deleted) throw invalid('The AutoScaling group may not be modified while it is pending delete');
  return group;
}

export function memberOf(region: Region, id: string | undefined): { readonly group: Group; readonly member: Member } {
  for (const group of region.groups.values()) {
    const member = group.members.get(id ?? '');
    if (member !== undefined) return { group, member };
  }
  throw invalid(`Instance Id not found - No managed instance found for instance ID: ${id}`);
}

export function pageSize(asked: number | undefined, usual = 50): number {
  if (asked !== undefined && (asked < 1 || asked > 100))
    throw invalid(`The MaxRecords value ${asked} is not valid: it must be between 1 and 100.`);
  return asked ?? usual;
}
