/** Tags of groups. */
import type { CreateOrUpdateTagsType, DeleteTagsType } from '@aws-sdk/client-auto-scaling';
import type { Group } from '../world/group.ts';
import { changeable, invalid, type Nothing } from './autoscaling-find.ts';
import { ServiceError } from './errors.ts';
import { type Call, type Operation, trailed } from './operation.ts';

export const groupTags: Readonly<Record<string, Operation>> = {
  CreateOrUpdateTags: trailed(createOrUpdateTags),
  DeleteTags: trailed(deleteTags),
};

function createOrUpdateTags({ Tags = [] }: CreateOrUpdateTagsType, { region, changed }: Call): Nothing {
  for (const { ResourceId, Key = '', Value = '', PropagateAtLaunch: propagate = false } of Tags) {
    const group = changeable(region, ResourceId);
    refuseBeyondLimits(group, Key, Value);
    const before = group.tags.get(Key);
    if (before?.value === Value && before.propagate === propagate) continue;
    group.tags.set(Key, { value: Value, propagate });
    changed.push(group.name);
  }
  return {};
}

function refuseBeyondLimits({ tags }: Group, key: string, value: string): void {
  if (/^aws:/i.test(key)) throw invalid(`'${key}' is not a valid tag key. Keys must not begin with aws:.`);
  if (key.length > 128 || value.length > 256) throw invalid(`Tag ${key.length > 128 ? 'key' : 'value'} is longer than allowed.`);
  const odd = [key, value].find(text => !/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(text));
  if (odd !== undefined) throw invalid(`'${odd}' has characters that tags of groups may not have.`);
  const own = new Set([...tags.keys(), key].filter(k => !k.startsWith('aws:')));
  if (own.size > 50) throw new ServiceError('LimitExceeded', 'The maximum number of tags for a group has been reached.');
}

function deleteTags({ Tags = [] }: Pick<DeleteTagsType, 'Tags'>, { region, changed }: Call): Nothing {
  for (const { ResourceId, Key = '' } of Tags) {
    const group = changeable(region, ResourceId);
    if (group.tags.delete(Key)) changed.push(group.name);
  }
  return {};
}
