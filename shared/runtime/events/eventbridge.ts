/** EventBridge's envelope, and a reader for each `detail-type` that somebody here listens to. */
import * as z from 'zod/mini';
import type { GroupActivityEvent, Happened, HouseEvent, SpotWarningEvent, TagChangeEvent } from '../events.ts';
import { readAlarm } from './alarm.ts';
import { fromCloudTrail } from './cloudtrail.ts';
import { instantSchema, isRecord, type Unreadable, unreadable, whyNot } from './common.ts';

/** `version` may be absent, `resources` empty; `account` and `region` are read beside the ARN. */
export const envelopeSchema = z.object({
  id: z.optional(z.string()),
  'detail-type': z.string(),
  account: z.optional(z.string()),
  region: z.optional(z.string()),
  time: instantSchema,
  resources: z.optional(z.array(z.string())),
  detail: z.unknown(),
});

type Envelope = z.infer<typeof envelopeSchema>;
type Reader = (happened: Happened, envelope: Envelope) => HouseEvent | Unreadable;

/** By `detail-type`. */
export const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['Scheduled Event', happened => ({ kind: 'scheduled', ...happened })],
  ['CloudWatch Alarm State Change', (happened, { detail }) => readAlarm(happened, detail)],
  ['CloudWatch Alarm Contributor State Change', (happened, { detail }) => readAlarm(happened, detail)],
  ['EC2 Instance State-change Notification', readState],
  ['EC2 Spot Instance Interruption Warning', readWarning('spot-interruption')],
  ['EC2 Instance Rebalance Recommendation', readWarning('rebalance-recommendation')],
  ['EC2 Instance Launch Successful', activity('launch', 'succeeded')],
  ['EC2 Instance Launch Unsuccessful', activity('launch', 'failed')],
  ['EC2 Instance Terminate Successful', activity('terminate', 'succeeded')],
  ['EC2 Instance Terminate Unsuccessful', activity('terminate', 'failed')],
  ['EC2 Instance-launch Lifecycle Action', activity('launch', 'waiting')],
  ['EC2 Instance-terminate Lifecycle Action', activity('terminate', 'waiting')],
  ['EC2 Auto Scaling Instance Refresh Succeeded', activity('refresh', 'succeeded')],
  ['EC2 Auto Scaling Instance Refresh Failed', activity('refresh', 'failed')],
  ['EC2 Auto Scaling Instance Refresh Cancelled', activity('refresh', 'cancelled')],
  ['AWS Health Event', readHealth],
  ['Tag Change on Resource', readTagChange],
  ['AWS API Call via CloudTrail', readApiCall],
]);

function readApiCall(happened: Happened, { detail }: Envelope): HouseEvent | Unreadable {
  return isRecord(detail) ? fromCloudTrail(detail, happened) : unreadable('detail: object expected');
}

const stateSchema = z.object({
  'instance-id': z.string(),
  state: z.enum(['pending', 'running', 'stopping', 'stopped', 'shutting-down', 'terminated']),
});

function readState(happened: Happened, { detail }: Envelope): HouseEvent | Unreadable {
  const read = stateSchema.safeParse(detail);
  if (!read.success) return unreadable(`detail.${whyNot(read.error)}`);
  return { kind: 'instance-state', ...happened, instanceId: read.data['instance-id'], state: read.data.state };
}

const warningSchema = z.object({ 'instance-id': z.string() });

function readWarning(kind: SpotWarningEvent['kind']): Reader {
  return (happened, { detail }) => {
    const read = warningSchema.safeParse(detail);
    if (!read.success) return unreadable(`detail.${whyNot(read.error)}`);
    return { kind, ...happened, instanceId: read.data['instance-id'] };
  };
}

const healthSchema = z.object({
  service: z.string(),
  eventTypeCode: z.string(),
  affectedEntities: z.nullish(z.array(z.object({ entityValue: z.optional(z.string()) }))),
});

/** Entities of other services, and those of other kinds, are left out: what remains are ids of instances. */
function readHealth(happened: Happened, { detail }: Envelope): HouseEvent | Unreadable {
  const read = healthSchema.safeParse(detail);
  if (!read.success) return unreadable(`detail.${whyNot(read.error)}`);
  const { service, eventTypeCode: what, affectedEntities } = read.data;
  const named = service === 'EC2' ? (affectedEntities ?? []).flatMap(e => e.entityValue ?? []) : [];
  return { kind: 'health', ...happened, what, instanceIds: named.filter(id => /^i-[0-9a-f]+$/.test(id)) };
}

const activitySchema = z.object({ AutoScalingGroupName: z.string(), StatusMessage: z.nullish(z.string()) });

function activity(what: GroupActivityEvent['activity'], outcome: GroupActivityEvent['outcome']): Reader {
  return (happened, { detail }) => {
    const read = activitySchema.safeParse(detail);
    if (!read.success) return unreadable(`detail.${whyNot(read.error)}`);
    const { AutoScalingGroupName: group, StatusMessage: message } = read.data;
    return { kind: 'group-activity', ...happened, group, activity: what, outcome, why: message || null };
  };
}

const tagChangeSchema = z.object({
  'changed-tag-keys': z.optional(z.array(z.string())),
  service: z.string(),
  'resource-type': z.string(),
});

function readTagChange(happened: Happened, { detail, resources }: Envelope): TagChangeEvent | Unreadable {
  const read = tagChangeSchema.safeParse(detail);
  if (!read.success) return unreadable(`detail.${whyNot(read.error)}`);
  return {
    kind: 'tag-change',
    ...happened,
    service: read.data.service,
    resourceType: read.data['resource-type'],
    resourceIds: resourceIn(resources?.[0]),
    changedKeys: read.data['changed-tag-keys'] ?? [],
  };
}

/** `…:instance/i-0abc` → `i-0abc`; an environment is told by its names: `…:environment/shop/shop-dev` → `environment/shop/shop-dev`. */
function resourceIn(arn = ''): string[] {
  const slash = arn.indexOf('/');
  if (slash === -1 || slash === arn.length - 1) return [];
  return [arn.split(':')[2] === 'elasticbeanstalk' ? arn.slice(arn.lastIndexOf(':', slash) + 1) : arn.slice(slash + 1)];
}
