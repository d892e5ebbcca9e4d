/**
 * The tags with which people speak to the house. Reading gives values: `ok`, or `bad` with what to write instead. A typo never means
 * "stop": whoever gets a `bad` leaves the resource alone and tells its owner.
 */
import { MARK_TAG, type Tags } from '../model/ids.ts';
import type { Instant } from '../model/time.ts';
import { readMoment } from './dates.ts';
import { inReach, type PolicyKind, type PolicyOf, policiesOf, policyFor, type Resource } from './match.ts';
import { askedByTags, type ScheduleTag } from './schedule-tags.ts';
import type { Policy, Schedule } from './schema.ts';
import { nearest, suggestion } from './suggest.ts';

export const TAG_POLICY = 'ebb:policy';
export const TAG_SCHEDULE = 'ebb:schedule';
export const TAG_KEEP_UNTIL = 'ebb:keep-until';
const TAG_OWNER = 'ebb:owner';
const TAG_START_AFTER = 'ebb:start-after';
/** Names the team of a resource, unless config/slack.yml says another. */
export const TEAM_TAG = 'team';
const KNOWN_TAGS = [TAG_POLICY, TAG_SCHEDULE, TAG_KEEP_UNTIL, TAG_OWNER, MARK_TAG, TAG_START_AFTER];

export interface BadTag {
  readonly tag: string;
  readonly value: string;
  readonly remedy: string;
}

export type Read<T> = { readonly ok: T } | { readonly bad: BadTag };

/**
 * Which policy of this kind speaks of the resource. `ebb:policy` names one and overrides its tags and names, though not its accounts and
 * regions; `off` or `none` opts out of every pen; a policy of another kind says nothing to this pen, so the matches decide.
 */
export function choosePolicy<Kind extends PolicyKind>(
  policies: readonly Policy[],
  kind: Kind,
  resource: Resource,
): Read<PolicyOf<Kind> | 'opted-out' | null> {
  const ofKind = policiesOf(policies, kind);
  const value = written(resource.tags, TAG_POLICY);
  if (value === null) return { ok: policyFor<PolicyOf<Kind>>(ofKind, resource) };
  if (/^(off|none)$/i.test(value)) return { ok: 'opted-out' };

  const named = policies.find(policy => policy.name === value);
  if (named === undefined) {
    const names = policies.map(policy => policy.name);
    return bad(resource.tags, TAG_POLICY, suggestion(value, [...names, 'off'], 'write off'));
  }
  const chosen = ofKind.find(policy => policy.name === value);
  if (chosen === undefined || !speaksOfKind(chosen, resource)) return { ok: policyFor<PolicyOf<Kind>>(ofKind, resource) };
  if (!inReach(chosen.match, resource.ref.scope))
    return bad(resource.tags, TAG_POLICY, 'this policy does not speak of this account and region; remove the tag, or write off');
  return { ok: chosen };
}

/** A policy of tags for instances says nothing of a volume, whoever names it. */
const speaksOfKind = (policy: Policy, { ref }: Resource): boolean => policy.kind !== 'tags' || policy.match.resources.includes(ref.kind);

export interface Wishes {
  /** The tag's schedule, else the policy's; `null` where neither names one. */
  readonly schedule: Schedule | null;
  readonly keepUntil: Instant | null;
  /** The tag of another scheduler by which it opts out there, and so of us. */
  readonly optedOut?: string;
}

/**
 * What the tags of an instance wish for, next to the schedule that its policy names. Also `bad`: a key that is nearly one of ours, since
 * `ebb:keepuntil` was meant for us.
 * @param others tags of other schedulers that the policy reads as well.
 */
export function readTags(
  tags: Tags,
  policySchedule: string | undefined,
  schedules: Readonly<Record<string, Schedule>>,
  others: readonly ScheduleTag[] = [],
): Read<Wishes> {
  const stray = strayTag(tags);
  if (stray !== null) return { bad: stray };
  const schedule = readSchedule(tags, policySchedule, schedules, others);
  if ('bad' in schedule) return schedule;
  const keepUntil = readKeepUntil(tags, schedule.ok?.timeZone ?? 'UTC');
  if ('bad' in keepUntil) return keepUntil;
  const optedOut = schedule.ok === null ? optedOutBy(tags, others) : null;
  return { ok: { schedule: schedule.ok, keepUntil: keepUntil.ok, ...(optedOut !== null && { optedOut }) } };
}

/** Custodian knows no idleness, so whoever said `off` to it wanted to be left alone altogether. */
function optedOutBy(tags: Tags, others: readonly ScheduleTag[]): string | null {
  const asked = askedByTags(tags, others, {});
  return asked !== null && 'ok' in asked && asked.ok === null ? asked.tag : null;
}

/** An e-mail address or a Slack id, as it stands; `null` where nobody is named. */
export const readOwner = (tags: Tags): string | null => written(tags, TAG_OWNER) || null;

/** Ids and Name tags, as they stand between commas. */
export const readStartAfter = (tags: Tags): string[] =>
  [...new Set((written(tags, TAG_START_AFTER) ?? '').split(',').map(name => name.trim()))].filter(name => name !== '');

/** The schedule that `ebb:schedule` asks for, else one of the other tags, else the policy's own. */
export function readSchedule(
  tags: Tags,
  policySchedule: string | undefined,
  schedules: Readonly<Record<string, Schedule>>,
  others: readonly ScheduleTag[] = [],
): Read<Schedule | null> {
  const asked = askedByTags(tags, [{ key: TAG_SCHEDULE, language: 'names' }, ...others], schedules);
  if (asked !== null) return 'ok' in asked ? { ok: asked.ok } : bad(tags, asked.tag, asked.remedy);
  if (policySchedule === undefined) return { ok: null };
  const schedule = Object.hasOwn(schedules, policySchedule) ? schedules[policySchedule] : undefined;
  if (schedule === undefined) throw new Error(`a policy names the schedule "${policySchedule}", which loadConfig would have refused`);
  return { ok: schedule };
}

/**
 * Until when a person wants it kept: the end of the day for a date (in `timeZone`), that very time for an instant. A time without `Z` or
 * an offset is read in `timeZone` too.
 */
export function readKeepUntil(tags: Tags, timeZone: string): Read<Instant | null> {
  const value = written(tags, TAG_KEEP_UNTIL);
  if (value === null) return { ok: null };
  const until = readMoment(value, timeZone, 'end');
  return until === null
    ? bad(tags, TAG_KEEP_UNTIL, 'write a date such as 2025-05-16, or a time such as 2025-05-16T18:00:00Z')
    : { ok: until };
}

function strayTag(tags: Tags): BadTag | null {
  const key = Object.keys(tags).find(k => /^ebb\b/i.test(k) && !KNOWN_TAGS.includes(k) && nearest(k, KNOWN_TAGS) !== null);
  if (key === undefined) return null;
  return { tag: key, value: tags[key] ?? '', remedy: suggestion(key, KNOWN_TAGS, 'remove it') };
}

/** `null` when the tag is absent; an empty value is something somebody wrote. */
function written(tags: Tags, key: string): string | null {
  return Object.hasOwn(tags, key) ? (tags[key] ?? '').trim() : null;
}

const bad = (tags: Tags, tag: string, remedy: string): { readonly bad: BadTag } => ({ bad: { tag, value: tags[tag] ?? '', remedy } });
