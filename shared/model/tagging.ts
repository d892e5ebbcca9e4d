/** What an action does to tags, whatever kind of resource it is for. */
import { MARK_TAG, type Tags } from './ids.ts';
import type { Action } from './plan.ts';

/** Every tag that it writes. */
export function writtenTags(action: Action): Tags {
  switch (action.kind) {
    case 'create-tags':
    case 'replace-tags':
    case 'tag-environment':
      return action.tags;
    case 'tag-group':
      return { ...action.propagated, ...action.tags };
    default:
      return {};
  }
}

/** Every key that it removes. */
export function removedKeys(action: Action): readonly string[] {
  switch (action.kind) {
    case 'delete-tags':
    case 'replace-tags':
    case 'tag-group':
    case 'tag-environment':
      return action.keys;
    default:
      return [];
  }
}

export const setsMark = (action: Action): boolean => Object.hasOwn(writtenTags(action), MARK_TAG);
export const clearsMark = (action: Action): boolean => removedKeys(action).includes(MARK_TAG);
