/** Which Auto Scaling groups an alarm speaks of, as far as the event itself tells: nothing is asked for it on the way to a scale-out. */
import { readAlarmName } from '../../model/alarm-name.ts';
import { isRecord } from './common.ts';

export interface AlarmSubject {
  /** Groups that it names, in any of the ways below; sorted. */
  readonly groups: readonly string[];
  /** Every other dimension of its metrics, which a policy may know: `QueueName` `jobs`, `TargetGroup` `targetgroup/web/943f017f100becff`. */
  readonly dimensions: readonly Dimension[];
}

export type Dimension = readonly [name: string, value: string];

/**
 * In a dimension of a metric, or an attribute of a contributor (a Metrics Insights alarm over many groups rings once for each); in the text
 * of an expression; in its own name, or that of an alarm its rule looks at, where these are called as ours are; and where people wrote it
 * down: `ebb:fleets=web-blue,web-green` in its description, or as its tag `ebb:fleets`.
 * @param event whatever the event says of the alarm: configuration, contributor, tags.
 */
export function subjectOf(name: string, event: unknown): AlarmSubject {
  const groups = new Set<string>(called(name));
  const dimensions = new Map<string, Dimension>();
  for (const { key, value } of leaves(event)) {
    if (key === GROUP) groups.add(value);
    else if (key === null) for (const group of toldIn(value)) groups.add(group);
    else dimensions.set(`${key}=${value}`, [key, value]);
  }
  return { groups: [...groups].filter(group => NAME.test(group)).sort(), dimensions: [...dimensions.values()] };
}

const GROUP = 'AutoScalingGroupName';
/** What a group may be called; anything else would have Auto Scaling refuse the look. */
const NAME = /^[\x20-\x39\x3b-\x7e]{1,255}$/;

/** Texts that may tell of a group, and dimensions by name: `key` is null for a text. */
interface Leaf {
  readonly key: string | null;
  readonly value: string;
}

/** Dimensions stand as `{ Name: value }`, or in SNS as `[{ name, value }]`; tags in either way. */
const PAIRS = /^(dimensions|attributes|\w*contributorattributes)$/i;
const TAGS = /^alarmtags$/i;
const TEXTS = /^(expression|alarmrule|(alarm)?description)$/i;

function* leaves(node: unknown): Generator<Leaf> {
  if (Array.isArray(node)) for (const child of node) yield* leaves(child);
  if (!isRecord(node)) return;
  for (const [field, child] of Object.entries(node)) {
    if (PAIRS.test(field)) for (const [key, value] of pairs(child)) yield { key, value };
    else if (TAGS.test(field)) yield* pairs(child).flatMap(([key, value]) => (key === TAG ? { key: null, value: `${TAG}=${value}` } : []));
    else if (TEXTS.test(field) && typeof child === 'string') yield { key: null, value: child };
    else yield* leaves(child);
  }
}

function pairs(dimensions: unknown): Dimension[] {
  const listed = Array.isArray(dimensions) ? dimensions.filter(isRecord).map(d => [first(d, 'name', 'key'), first(d, 'value')]) : [];
  const entries = isRecord(dimensions) ? Object.entries(dimensions) : listed;
  return entries.filter((pair): pair is [string, string] => pair.every(part => typeof part === 'string'));
}

/** AWS writes `name` here and `Name` there. */
const first = (record: Readonly<Record<string, unknown>>, ...names: string[]): unknown =>
  Object.entries(record).find(([name]) => names.includes(name.toLowerCase()))?.[1];

const TAG = 'ebb:fleets';
const WRITTEN = /\bebb:fleets?=([^\s"')]+)/g;
/** Metrics Insights and SEARCH: `AutoScalingGroupName = 'web'`; not `!= 'web'`. */
const SEARCHED = /\bAutoScalingGroupName"?\s*=\s*(?:'([^']+)'|"([^"]+)")/g;
/** A composite's rule: `ALARM(name)`, `OK("name with spaces")`, or the alarm's ARN. */
const RULED = /\b(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"([^"]+)"|'([^']+)'|([^)\s]+))\s*\)/g;

function* toldIn(text: string): Generator<string> {
  for (const [, names = ''] of text.matchAll(WRITTEN)) yield* names.split(',').filter(Boolean);
  for (const [, single, double] of text.matchAll(SEARCHED)) yield single ?? double ?? '';
  for (const [, double, single, bare] of text.matchAll(RULED)) yield* called(double ?? single ?? bare ?? '');
}

function called(alarm: string): string[] {
  const name = alarm.startsWith('arn:') ? alarm.split(':').slice(6).join(':') : alarm;
  const group = readAlarmName(name)?.group ?? null;
  return group === null ? [] : [group];
}
