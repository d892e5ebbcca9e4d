/** Tags of groups. */
import type { CreateOrUpdateTagsType, DeleteTagsType } from '@aws-sdk/client-auto-scaling';
import { changeable, type Nothing } from './autoscaling-find.ts';
import { type Call, type Operation, trailed } from './operation.ts';

export const groupTags: Readonly<Record<string, Operation>> = {
  CreateOrUpdateTags: trailed(createOrUpdateTags),
  DeleteTags: trailed(deleteTags),
};

function createOrUpdateTags({ Tags = [] }: CreateOrUpdateTagsType, { region, changed }: Call): Nothing {
  for (const { ResourceId, Key = '', Value = '', PropagateAtLaunch: propagate = false } of Tags) {
    const group = changeable(region, ResourceId);
    const before = group.tags.get(Key);
    if (before?.value === Value && before.propagate === propagate) continue;
    group.tags.set(Key, { value: Value, propagate });
    changed.push(group.name);
  }
  return {};
}

function deleteTags({ Tags = [] }: Pick<DeleteTagsType, 'Tags'>, { region, changed }: Call): Nothing {
  for (const { ResourceId, Key = '' } of Tags) {
    const group = changeable(region, ResourceId);
    if (group.tags.delete(Key)) changed.push(group.name);
  }
  return {};
}
