/** A CloudWatch alarm in its three shapes: from EventBridge, through SNS, or as a direct Lambda action. */
import * as z from 'zod/mini';
import { fingerprint } from '../../model/ids.ts';
import type { Happened } from '../events.ts';
import { type AlarmSubject, subjectOf } from './alarm-subject.ts';
import { instantSchema, noScope, scopeOf, type Unreadable, unreadable, whyNot } from './common.ts';

export interface AlarmEvent extends Happened, AlarmSubject {
  readonly kind: 'alarm';
  readonly name: string;
  readonly state: AlarmState;
  /** A composite alarm's actions are suppressed while another alarm rings (`Alarm`, `WaitPeriod`, `ExtensionPeriod`); else `null`. */
  readonly suppressedBy: string | null;
}

const alarmState = z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']);
type AlarmState = z.infer<typeof alarmState>;

const dataSchema = z.object({
  alarmName: z.string(),
  state: z.object({ value: alarmState, actionsSuppressedBy: z.optional(z.string()) }),
  configuration: z.optional(z.unknown()),
  alarmContributor: z.optional(z.unknown()),
  alarmTags: z.optional(z.unknown()),
});

/** The `detail` of an EventBridge event of an alarm or one of its contributors, which is also the `alarmData` of a direct action. */
export function readAlarm(happened: Happened, data: unknown): AlarmEvent | Unreadable {
  const read = dataSchema.safeParse(data);
  if (!read.success) return unreadable(`alarm: ${whyNot(read.error)}`);
  const { alarmName, state, configuration, alarmContributor, alarmTags } = read.data;
  return {
    kind: 'alarm',
    ...happened,
    name: alarmName,
    state: state.value,
    suppressedBy: state.actionsSuppressedBy ?? null,
    ...subjectOf(alarmName, { configuration, alarmContributor, alarmTags }),
  };
}

const actionSchema = z.object({
  alarmArn: z.optional(z.string()),
  accountId: z.optional(z.string()),
  region: z.optional(z.string()),
  time: instantSchema,
  alarmData: z.unknown(),
});

/** A direct Lambda action: no `detail-type`, no id. The alarm and its time, to the millisecond, stand for one. */
export function fromAlarmAction(event: object): AlarmEvent | Unreadable {
  const read = actionSchema.safeParse(event);
  if (!read.success) return unreadable(whyNot(read.error));
  const { alarmArn, accountId, region, time, alarmData } = read.data;
  const scope = scopeOf(alarmArn, accountId, region);
  if (scope === null) return noScope(alarmArn);
  const id = fingerprint({ alarmArn, time: (event as { time?: unknown }).time, alarmData });
  return readAlarm({ id, at: time, scope }, alarmData);
}

const messageSchema = z.object({
  AlarmName: z.string(),
  AlarmArn: z.optional(z.string()),
  AWSAccountId: z.optional(z.string()),
  NewStateValue: alarmState,
  StateChangeTime: instantSchema,
});

/** `Region` is not read: it is a display name ("US East (N. Virginia)", older "EU - Ireland"). A topic stands where its alarms stand. */
export function fromSnsAlarm(message: object, sns: { readonly MessageId: string; readonly TopicArn?: string | undefined }) {
  const read = messageSchema.safeParse(message);
  if (!read.success) return unreadable(`alarm: ${whyNot(read.error)}`);
  const { AlarmName: name, AlarmArn, AWSAccountId, NewStateValue: state, StateChangeTime: at } = read.data;
  const topic = scopeOf(sns.TopicArn);
  const scope = scopeOf(AlarmArn, AWSAccountId ?? topic?.account, topic?.region);
  if (scope === null) return noScope(AlarmArn ?? sns.TopicArn);
  return { kind: 'alarm', id: sns.MessageId, at, scope, name, state, suppressedBy: null, ...subjectOf(name, message) } as const;
}
