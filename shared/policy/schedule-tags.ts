/**
 * Which schedule an instance's tags ask for: by the name of one of ours, or in the words of another scheduler where the policy says so.
 * A schedule that only a tag describes is made once for each text, so that thousands of instances with one tag share one.
 */
import type { Tags } from '../model/ids.ts';
import { CUSTODIAN_DEFAULTS, parseCustodianTag } from './custodian-tag.ts';
import type { InstancePolicy, Schedule } from './schema.ts';
import { suggestion } from './suggest.ts';
import { suggestZone, zoneTrouble } from './zones.ts';

export type ScheduleTag = NonNullable<InstancePolicy['scheduleTags']>[number];

/** `ok: null` is a wish for no schedule at all. */
export type Asked = { readonly tag: string } & Answer;

type Schedules = Readonly<Record<string, Schedule>>;

/** The first of these tags that is there, and what it asks for; `null` where none is. */
export function askedByTags(tags: Tags, readers: readonly ScheduleTag[], schedules: Schedules): Asked | null {
  for (const reader of readers) {
    const tag = keyOf(reader, tags);
    if (!Object.hasOwn(tags, tag)) continue;
    const value = tags[tag] ?? '';
    return { tag, ...(reader.language === 'names' ? named(value.trim(), schedules) : inCustodiansWords(tag, value, reader)) };
  }
  return null;
}

/** The keys in which these instances speak of their schedule, as they are written on this one. */
export const scheduleKeys = (tags: Tags, readers: readonly ScheduleTag[] = []): string[] => readers.map(reader => keyOf(reader, tags));

/** Custodian looks for its tag in any case. */
function keyOf({ key, language }: ScheduleTag, tags: Tags): string {
  if (language === 'names' || Object.hasOwn(tags, key)) return key;
  return Object.keys(tags).find(other => other.toLowerCase() === key.toLowerCase()) ?? key;
}

/** `office-hours`, one of its aliases in any case, or either on another clock: `office-hours@America/New_York`. */
export function named(value: string, schedules: Schedules): { readonly ok: Schedule } | { readonly remedy: string } {
  const [name = '', zone] = value.split('@').map(part => part.trim());
  const schedule = Object.hasOwn(schedules, name) ? schedules[name] : byAlias(name, schedules);
  if (schedule === undefined) return { remedy: suggestion(name, Object.keys(schedules), 'there are no schedules: remove the tag') };
  if (zone === undefined) return { ok: schedule };
  return zoneTrouble(zone) === null ? { ok: onClock(schedule, zone) } : { remedy: `its zone is none; ${suggestZone(zone)}` };
}

const byAlias = (name: string, schedules: Schedules): Schedule | undefined =>
  Object.values(schedules).find(({ aliases = [] }) => aliases.some(alias => alias.toLowerCase() === name.toLowerCase()));

const onClocks = new WeakMap<Schedule, Map<string, Schedule>>();

/** The same hours on another wall clock; periods that have a clock of their own keep it. */
function onClock(schedule: Schedule, timeZone: string): Schedule {
  const clocks = onClocks.get(schedule) ?? new Map<string, Schedule>();
  onClocks.set(schedule, clocks);
  const other = clocks.get(timeZone) ?? { ...schedule, timeZone, name: `${schedule.name}@${timeZone}` };
  clocks.set(timeZone, other);
  return other;
}

type Answer = { readonly ok: Schedule | null } | { readonly remedy: string };

const described = new Map<string, Answer>();
const KEPT = 1_000;

function inCustodiansWords(tag: string, value: string, reader: ScheduleTag): Answer {
  const usual = CUSTODIAN_DEFAULTS;
  const { timeZone = usual.timeZone, onHour = usual.onHour, offHour = usual.offHour } = reader;
  const key = JSON.stringify([tag, value, timeZone, onHour, offHour]);
  const before = described.get(key);
  if (before !== undefined) return before;
  const read = parseCustodianTag(value, { timeZone, onHour, offHour });
  const asked: Answer =
    'bad' in read
      ? { remedy: `“${read.bad.value}”: ${read.bad.remedy}` }
      : { ok: read.ok === 'opted-out' ? null : { name: `its tag ${tag}`, ...read.ok } };
  if (described.size >= KEPT) described.clear();
  described.set(key, asked);
  return asked;
}
