/** What the world's record and the plot say, in the words that judges use. Nothing here asks the house. */
import { epochSeconds, type Instant, instant } from '../../shared/model/time.ts';
import type { InstancePolicy, Policy } from '../../shared/policy/schema.ts';
import type { Visit } from '../faults/visits.ts';
import type { Evidence, Item } from '../swarm/evidence.ts';
import type { Box } from '../swarm/plot.ts';
import { schedulesFor } from '../swarm/rules.ts';
import type { Write } from '../world/record.ts';
import { type Interval, onHours } from './wall-clock.ts';

export const isOurs = ({ caller, service }: Write): boolean =>
  caller.startsWith('function:') && (service === 'ec2' || service === 'autoscaling');

/** Every call of a function of ours that could change a resource, refused ones too. */
export const ourWrites = ({ cloud }: Evidence): Write[] => cloud.record.writes.filter(isOurs);

/** … and those that did change something. */
export const ourChanges = (evidence: Evidence): Write[] => ourWrites(evidence).filter(w => w.changed.length > 0);

/** Whom a call names: instance ids, or the one instance or group. */
export function targetsOf({ params }: Write): string[] {
  const { InstanceIds, Resources, ...one } = params as Partial<Record<'InstanceIds' | 'Resources', string[]>> &
    Partial<Record<'InstanceId' | 'AutoScalingGroupName' | 'EnvironmentId', string>>;
  return InstanceIds ?? Resources ?? [one.InstanceId ?? one.AutoScalingGroupName ?? one.EnvironmentId ?? 'something that no judge knows'];
}

export const signatures = ({ userAgent }: Write): string[] => [...userAgent.matchAll(/ebbtide\/(chg-[0-9a-f]+)/g)].map(m => m[1] ?? '');

/** The run of a function that made a write: of those around it the one that began last. */
export const visitOf = ({ visits }: Evidence, { sequence, caller }: Write): Visit | null =>
  visits.findLast(v => `function:${v.function}` === caller && v.writes.from < sequence && sequence <= v.writes.to) ?? null;

/** When the run that made the write began; the write's own instant where nobody knows. */
export const runBegan = (evidence: Evidence, write: Write): Instant => visitOf(evidence, write)?.at ?? write.at;

export const boxOf = ({ plot, ids }: Evidence, id: string): Box | null => plot.boxes.find(box => ids.get(box.id) === id) ?? null;

/** What people call it. */
export const nameOf = ({ ids }: Evidence, id: string): string => [...ids].find(([, i]) => i === id)?.[0] ?? id;

/** The tags that an instance wore at an instant, from its first ones and every call since. */
export function tagsAt(evidence: Evidence, id: string, at: Instant): Record<string, string> {
  const { plot, ids, cloud } = evidence;
  const launched = plot.deeds.find(d => d.does === 'launches' && ids.get(d.box) === id);
  const tags: Record<string, string> = { ...boxOf(evidence, id)?.tags, ...(launched?.does === 'launches' && launched.tags) };
  for (const { at: when, action, params, changed } of cloud.record.writes) {
    if (when > at || !changed.includes(id) || (action !== 'CreateTags' && action !== 'DeleteTags')) continue;
    for (const { Key, Value } of (params as { Tags: { Key: string; Value?: string }[] }).Tags) {
      if (action === 'CreateTags') tags[Key] = Value ?? '';
      else delete tags[Key];
    }
  }
  return tags;
}

export const policiesAt = ({ configs }: Evidence, at: Instant): readonly Policy[] =>
  configs.findLast(c => c.from <= at)?.config.policies ?? [];

/** The policy that speaks for a box with these tags; `null`: nobody, or it opts out. */
export function speaksFor(evidence: Evidence, tags: Readonly<Record<string, string>>, at: Instant): InstancePolicy | null {
  if (tags['ebb:policy'] !== undefined) return null; // the plots write no other value than `off`
  const wanted = (p: Policy): p is InstancePolicy =>
    p.kind === 'instances' && (p.match.tags['environment'] ?? []).includes(tags['environment'] ?? '\0');
  return policiesAt(evidence, at).find(wanted) ?? null;
}

/** The hours in which a box with these tags is meant to run, around the story. */
export function hoursFor({ plot }: Evidence, tags: Readonly<Record<string, string>>): readonly Interval[] {
  const schedule = schedulesFor(plot)[tags['ebb:schedule'] ?? 'office-hours'];
  return schedule === undefined ? [] : onHours(schedule, epochSeconds(plot.from), epochSeconds(plot.end));
}

/** Whether a person's pause was in force at an instant: set in the console, or by a release that came so far. */
export const pausedAt = ({ done, cloud }: Evidence, at: Instant): boolean =>
  done.findLast(d => (d.deed.does === 'pauses' || d.deed.does === 'resumes') && d.at <= at)?.deed.does === 'pauses' ||
  cloud.record.writes.some(w => w.action === 'PutParameter' && w.changed.length > 0 && w.at <= at);

/** The latest effective call of this kind on an instance up to an instant, before the given write. */
export const lastCall = ({ cloud }: Evidence, id: string, action: string, before: number): Write | null =>
  cloud.record.writes.findLast(w => w.sequence < before && w.action === action && w.changed.includes(id)) ?? null;

export const rowsOf = ({ ledger }: Evidence, kind: string): Item[] => ledger.filter(row => row['kind'] === kind);

export const asInstant = (value: unknown): Instant => instant(String(value));
