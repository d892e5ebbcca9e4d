/** Everything that rings or is written down, as one union: whatever arrives is parsed into it, or said to be unreadable and why. */
import * as z from 'zod/mini';
import { fingerprint, PENS, type Pen, type Scope } from '../model/ids.ts';
import type { InstanceState } from '../model/observation.ts';
import type { Instant } from '../model/time.ts';
import { type AlarmEvent, fromAlarmAction, fromSnsAlarm } from './events/alarm.ts';
import type { BirthEvent } from './events/births.ts';
import { type ApiCallEvent, fromCloudTrail } from './events/cloudtrail.ts';
import { instantSchema, isRecord, noScope, readJson, scopeOf, type Unreadable, unreadable, whyNot } from './events/common.ts';
import { envelopeSchema, READERS } from './events/eventbridge.ts';

export type HouseEvent =
  | TickEvent
  | ScheduledEvent
  | AlarmEvent
  | InstanceStateEvent
  | SpotWarningEvent
  | HealthEvent
  | GroupActivityEvent
  | TagChangeEvent
  | ApiCallEvent
  | BirthEvent
  | OtherEvent;

/** Of every event but a tick: when it happened and where; `id` is the same for every delivery of it. */
export interface Happened {
  readonly id: string;
  readonly at: Instant;
  readonly scope: Scope;
}

/** One of our own schedules: which pen, and how far it looks. It speaks for all scopes. */
export interface TickEvent {
  readonly kind: 'tick';
  readonly pen: Pen;
  readonly look: 'all' | 'due';
  /** The scheduled time, not the time of delivery. */
  readonly at: Instant;
}

/** A rule with a rate or cron expression and no input of its own: it names no pen. */
export interface ScheduledEvent extends Happened {
  readonly kind: 'scheduled';
}

export interface InstanceStateEvent extends Happened {
  readonly kind: 'instance-state';
  readonly instanceId: string;
  readonly state: InstanceState;
}

/** EC2 takes the instance back in two minutes, or thinks that it may soon. Neither names a group. */
export interface SpotWarningEvent extends Happened {
  readonly kind: 'spot-interruption' | 'rebalance-recommendation';
  readonly instanceId: string;
}

/** AWS Health: maintenance that EC2 announces for instances, moves, or has done with. */
export interface HealthEvent extends Happened {
  readonly kind: 'health';
  /** `AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED` */
  readonly what: string;
  readonly instanceIds: readonly string[];
}

/** An Auto Scaling group launched or terminated a member, tried to, or waits for a lifecycle hook; or an instance refresh ended. */
export interface GroupActivityEvent extends Happened {
  readonly kind: 'group-activity';
  readonly group: string;
  readonly activity: 'launch' | 'terminate' | 'refresh';
  readonly outcome: 'succeeded' | 'failed' | 'waiting' | 'cancelled';
  /** Auto Scaling's own words on it, mostly where it failed. */
  readonly why: string | null;
}

export interface TagChangeEvent extends Happened {
  readonly kind: 'tag-change';
  /** `ec2` `instance`, `autoscaling` `autoScalingGroup`, … */
  readonly service: string;
  readonly resourceType: string;
  /** EC2's id, `environment/APPLICATION/NAME`, or the groups of one call; empty when none is named. */
  readonly resourceIds: readonly string[];
  readonly changedKeys: readonly string[];
}

/** Well formed, and nothing that anybody here listens to. */
export interface OtherEvent extends Happened {
  readonly kind: 'other';
  /** `EBS Volume Notification` */
  readonly what: string;
}

/**
 * Reads a schedule's tick, an EventBridge event, an SNS delivery of an alarm, a direct Lambda action of an alarm, or a CloudTrail record.
 * Never throws, whatever it is given.
 */
export function parseEvent(event: unknown): HouseEvent | Unreadable {
  if (!isRecord(event)) return unreadable('not a JSON object');
  if ('tick' in event) return fromTick(event);
  if ('detail-type' in event) return fromEventBridge(event);
  if ('Records' in event) return fromSns(event);
  if ('alarmData' in event) return fromAlarmAction(event);
  if ('eventName' in event && 'eventSource' in event) return fromCloudTrail(event);
  return unreadable('neither a tick, an EventBridge event, an alarm nor a CloudTrail record');
}

const tickSchema = z.object({
  tick: z.enum(PENS as [Pen, ...Pen[]]),
  look: z.enum(['all', 'due']),
  at: instantSchema,
});

function fromTick(event: object): TickEvent | Unreadable {
  const read = tickSchema.safeParse(event);
  if (!read.success) return unreadable(whyNot(read.error));
  const { tick, look, at } = read.data;
  return { kind: 'tick', pen: tick, look, at };
}

function fromEventBridge(event: object): HouseEvent | Unreadable {
  const read = envelopeSchema.safeParse(event);
  if (!read.success) return unreadable(whyNot(read.error));
  const envelope = read.data;
  const arn = envelope.resources?.[0];
  const scope = scopeOf(arn, envelope.account, envelope.region);
  if (scope === null) return noScope(arn);
  const happened: Happened = { id: envelope.id ?? fingerprint(event), at: envelope.time, scope };
  const what = envelope['detail-type'];
  return READERS.get(what)?.(happened, envelope) ?? { kind: 'other', ...happened, what };
}

const snsSchema = z.object({
  Records: z.array(z.object({ Sns: z.object({ MessageId: z.string(), TopicArn: z.optional(z.string()), Message: z.string() }) })),
});

/** SNS delivers one message an invocation: an alarm's own JSON, or an EventBridge event that a rule sent to the topic. */
function fromSns(event: object): HouseEvent | Unreadable {
  const read = snsSchema.safeParse(event);
  if (!read.success) return unreadable(whyNot(read.error));
  const [record, ...more] = read.data.Records;
  if (record === undefined || more.length > 0) return unreadable(`Records: one SNS message expected, ${read.data.Records.length} found`);
  const message = readJson(record.Sns.Message);
  if (!isRecord(message)) return unreadable('Records.0.Sns.Message: not a JSON object');
  return 'AlarmName' in message ? fromSnsAlarm(message, record.Sns) : parseEvent(message);
}
