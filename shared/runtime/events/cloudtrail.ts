/** A CloudTrail record: inside an EventBridge event, or as CloudTrail itself delivers it. */
import * as z from 'zod/mini';
import { changeIdsIn } from '../../execute/signature.ts';
import type { Caller } from '../../model/birth.ts';
import type { Happened, HouseEvent } from '../events.ts';
import { bornOf } from './births.ts';
import { callerOf, identitySchema } from './caller.ts';
import { instantSchema, isRecord, noScope, scopeOf, type Unreadable, unreadable, whyNot } from './common.ts';
import { retaggedBy } from './group-tags.ts';

const CALLS = ['StartInstances', 'StopInstances', 'TerminateInstances'] as const;
type Call = (typeof CALLS)[number];

export interface ApiCallEvent extends Happened {
  readonly kind: 'api-call';
  readonly call: Call;
  /** What the answer names, or where there was none, what was asked for. */
  readonly instanceIds: readonly string[];
  readonly by: Caller;
  /** Our change ids that the call's user agent carries: empty for calls that were not ours. */
  readonly changeIds: readonly string[];
  /** `InsufficientInstanceCapacity`, `Client.UnauthorizedOperation`, …; `null` when the call was taken. */
  readonly errorCode: string | null;
}

const recordSchema = z.object({
  eventID: z.optional(z.string()),
  eventTime: instantSchema,
  eventName: z.string(),
  eventSource: z.string(),
  awsRegion: z.optional(z.string()),
  recipientAccountId: z.optional(z.string()),
  userAgent: z.nullish(z.string()),
  errorCode: z.nullish(z.string()),
  userIdentity: z.nullish(identitySchema),
  requestParameters: z.nullish(z.unknown()),
  responseElements: z.nullish(z.unknown()),
});

/** @param envelope of EventBridge, where there is one: its id and its scope stand in for what the record leaves out. */
export function fromCloudTrail(event: object, envelope?: Happened): HouseEvent | Unreadable {
  const read = recordSchema.safeParse(event);
  if (!read.success) return unreadable(`CloudTrail record: ${whyNot(read.error)}`);
  const record = read.data;
  const account = record.recipientAccountId ?? envelope?.scope.account ?? record.userIdentity?.accountId;
  const scope = scopeOf(undefined, account, record.awsRegion ?? envelope?.scope.region);
  if (scope === null) return noScope(undefined);
  const id = record.eventID ?? envelope?.id;
  if (id === undefined) return unreadable('CloudTrail record: eventID: string expected');
  const happened: Happened = { id, at: record.eventTime, scope };
  const common = { ...happened, by: callerOf(record.userIdentity), errorCode: record.errorCode ?? null };
  const born = bornOf(record.eventSource, record.eventName, record);
  if (born !== undefined) return { kind: 'birth', ...common, call: record.eventName, born };
  const retagged = retaggedBy(record);
  if (retagged !== null) return { ...happened, ...retagged };
  const call = CALLS.find(name => name === record.eventName);
  if (call === undefined || record.eventSource !== 'ec2.amazonaws.com') {
    return { kind: 'other', ...happened, what: `${record.eventName} of ${record.eventSource}` };
  }
  const answered = instanceIdsIn(record.responseElements);
  return {
    kind: 'api-call',
    ...common,
    call,
    instanceIds: answered.length > 0 ? answered : instanceIdsIn(record.requestParameters),
    changeIds: changeIdsIn(record.userAgent ?? ''),
  };
}

/** `{ instancesSet: { items: [{ instanceId }] } }`, in requests and answers alike. */
function instanceIdsIn(part: unknown): string[] {
  const set = isRecord(part) ? part['instancesSet'] : null;
  const items = isRecord(set) && Array.isArray(set['items']) ? set['items'] : [];
  return items.filter(isRecord).flatMap(item => (typeof item['instanceId'] === 'string' ? [item['instanceId']] : []));
}
