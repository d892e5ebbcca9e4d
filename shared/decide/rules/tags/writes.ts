/** Which action writes tags to a resource of each kind. */
import { MARK_TAG, type ResourceKind, type Tags } from '../../../model/ids.ts';
import type { Action, ChangeReason } from '../../../model/plan.ts';

/** Tags in the order in which they are written: new ones first, so that no value is ever lost. */
export interface Write {
  readonly tags: Tags;
  readonly keys: readonly string[];
  readonly because: ChangeReason;
}

/** @param tags to be written @param keys to be removed after that */
export function writingOf(kind: ResourceKind, tags: Tags, keys: readonly string[]): Action {
  switch (kind) {
    case 'instance':
    case 'volume':
    case 'snapshot':
    case 'elastic-ip':
      if (keys.length === 0) return { kind: 'create-tags', tags };
      return Object.keys(tags).length === 0 ? { kind: 'delete-tags', keys } : { kind: 'replace-tags', tags, keys };
    case 'auto-scaling-group': {
      // A mark on a member would be gone with its next replacement, and the group is what has to be put right.
      const { [MARK_TAG]: mark, ...propagated } = tags;
      return { kind: 'tag-group', propagated, tags: mark === undefined ? {} : { [MARK_TAG]: mark }, keys };
    }
    case 'beanstalk-environment':
      return { kind: 'tag-environment', tags, keys };
    default:
      return kind satisfies never;
  }
}
