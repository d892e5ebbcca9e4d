/** A CloudWatch alarm in its three shapes: from EventBridge, through SNS, or as a direct Lambda action. */
import * as z from 'zod/mini';
import { fingerprint } from '../../model/ids.ts';
import type { Happened } from '../events.ts';
import { instantSchema, isRecord, noScope, scopeOf, type Unreadable, unreadable, whyNot } from './common.ts';

export interface AlarmEvent extends Happened {
  readonly kind: 'alarm';
  readonly name: string;
  readonly state: AlarmState;
  /** A composite alarm's actions are suppressed while another alarm rings (`Alarm`, `WaitPeriod`, `ExtensionPeriod`); else `null`. */
  readonly suppressedBy: string | null;
  /** Auto Scaling groups that its metrics' dimensions name; empty for composite alarms, Metrics Insights queries and other metrics. */
  readonly groups: readonly string[];
}

const alarmState = z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']);
type AlarmState = z.infer<typeof alarmState>;

const dataSchema = z.object({
  alarmName: z.string(),
  state: z.object({ value: alarmState, actionsSuppressedBy: z.optional(z.string()) }),
  configuration: z.optional(z.unknown()),
});

/** The `detail` of an EventBridge event, which is also the `alarmData` of a direct action. */
export function readAlarm(happened: Happened, data: unknown): AlarmEvent | Unreadable {
  const read = dataSchema.safeParse(data);
  if (!read.success) return unreadable(`alarm: ${whyNot(read.error)}`);
  const { alarmName, state, configuration } = read.data;
  return {
    kind: 'alarm',
    ...happened,
    name: alarmName,
    state: state.value,
    suppressedBy: state.actionsSuppressedBy ?? null,
    groups: groupsIn(configuration),
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
  Trigger: z.optional(z.unknown()),
});

/** `Region` is not read: it is a display name ("US East (N. Virginia)", older "EU - Ireland"). A topic stands where its alarms stand. */
export function fromSnsAlarm(message: object, sns: { readonly MessageId: string; readonly TopicArn?: string | undefined }) {
  const read = messageSchema.safeParse(message);
  if (!read.success) return unreadable(`alarm: ${whyNot(read.error)}`);
  const { AlarmName, AlarmArn, AWSAccountId, NewStateValue, StateChangeTime, Trigger } = read.data;
  const topic = scopeOf(sns.TopicArn);
  const scope = scopeOf(AlarmArn, AWSAccountId ?? topic?.account, topic?.region);
  if (scope === null) return noScope(AlarmArn ?? sns.TopicArn);
  const happened: Happened = { id: sns.MessageId, at: StateChangeTime, scope };
  return { kind: 'alarm', ...happened, name: AlarmName, state: NewStateValue, suppressedBy: null, groups: groupsIn(Trigger) } as const;
}

/** Every configuration keeps its dimensions somewhere below: as `{ Name: value }`, or in SNS as `[{ name, value }]`. */
function groupsIn(configuration: unknown): string[] {
  const found = [...dimensionsIn(configuration)].filter(([name]) => name === 'AutoScalingGroupName').map(([, value]) => value);
  return [...new Set(found)].sort();
}

function* dimensionsIn(node: unknown): Generator<readonly [string, string]> {
  if (Array.isArray(node)) for (const child of node) yield* dimensionsIn(child);
  if (!isRecord(node)) return;
  for (const [key, child] of Object.entries(node)) {
    if (key.toLowerCase() === 'dimensions') yield* pairs(child);
    else yield* dimensionsIn(child);
  }
}

function pairs(dimensions: unknown): (readonly [string, string])[] {
  const listed = Array.isArray(dimensions) ? dimensions.filter(isRecord).map(d => [d['name'] ?? d['Name'], d['value'] ?? d['Value']]) : [];
  const entries = isRecord(dimensions) ? Object.entries(dimensions) : listed;
  return entries.filter((pair): pair is [string, string] => pair.every(part => typeof part === 'string'));
}
