/**
 * Tags of Auto Scaling groups. `Tag Change on Resource` does not tell of them: Instance Scheduler on AWS and VPC Flow Logs (its managed rule
 * VPCFlowLogsASGTagsManagedRule) both listen to CloudTrail for them.
 */
import type { Happened, TagChangeEvent } from '../events.ts';
import { isRecord } from './common.ts';

interface Told {
  readonly eventSource: string;
  readonly eventName: string;
  readonly errorCode?: string | null | undefined;
  readonly requestParameters?: unknown;
}

const CALLS: ReadonlySet<string> = new Set(['CreateOrUpdateTags', 'DeleteTags']);

/** One call may be for several groups. `null` for any other call, and for one that failed: it changed nothing. */
export function retaggedBy({ eventSource, eventName, errorCode, requestParameters }: Told): Omit<TagChangeEvent, keyof Happened> | null {
  if (eventSource !== 'autoscaling.amazonaws.com' || !CALLS.has(eventName) || errorCode != null) return null;
  const listed = isRecord(requestParameters) ? requestParameters['tags'] : null;
  const tags = Array.isArray(listed) ? listed.filter(isRecord) : [];
  const texts = (field: string) => [...new Set(tags.map(tag => tag[field]).filter(text => typeof text === 'string'))].sort();
  return {
    ...{ kind: 'tag-change', service: 'autoscaling', resourceType: 'autoScalingGroup' },
    ...{ resourceIds: texts('resourceId'), changedKeys: texts('key') },
  };
}
