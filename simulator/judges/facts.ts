/** What the world's record and the plot say, in the words that judges use. Nothing here asks the house. */
import { epochSeconds, type Instant, instant } from '../../shared/model/time.ts';
import type { InstancePolicy, Policy } from '../../shared/policy/schema.ts';
import type { Visit } from '../faults/visits.ts';
import type { Evidence, Item } from '../swarm/evidence.ts';
import { type Box, FLEET_TAGS } from '../swarm/plot.ts';
import { schedulesFor } from '../swarm/rules.ts';
import type { Write } from '../world/record.ts';
import { type Interval, onHours } from './wall-clock.ts';

export const isOurs = ({ caller, service }: Write): boolean => caller.startsWith('function:') && SERVICES.has(service);

const SERVICES = new Set(['ec2', 'autoscaling', 'elasticbeanstalk']);

/** Every call of a function of ours that could change a resource, refused ones too. */
export const ourWrites = ({ cloud }: Evidence): Write[] => cloud.record.writes.filter(isOurs);

/** … and those that did change something. */
export const ourChanges = (evidence: Evidence): Write[] => ourWrites(evidence).filter(w => w.changed.length > 0);

/**
 * A person's stop in the minutes after a claim of ours to stop the same box, whose call never came: EC2 tells when it was stopped, and not by
 * whom, so nobody can know that it was not ours.
 */
export const couldBeOurs = (evidence: Evidence, { at, sequence }: Write, id: string): boolean =>
  rowsOf(evidence, 'claimed').some(row => {
    const change = row['change'] as { id: string; resource: { id: string }; action: { kind: string } };
    const ago = epochSeconds(at) - epochSeconds(asInstant(row['at']));
    const isStop = change.resource.id === id && change.action.kind === 'stop-instance';
    return isStop && ago >= -CLOCKS && ago <= ANSWERS_WITHIN && !callsWith(evidence, change.id).some(w => w.sequence < sequence);
  });

/** EC2's clock and ours may differ by so much, and a claim's call may come so much later. */
const CLOCKS = 5;
const ANSWERS_WITHIN = 180;

const callsWith = (evidence: Evidence, change: string): Write[] => ourWrites(evidence).filter(write => signatures(write).includes(change));

interface Named extends Partial<Record<'InstanceId' | 'AutoScalingGroupName' | 'EnvironmentId' | 'ResourceArn', string>> {
  readonly InstanceIds?: string[];
  readonly Resources?: string[];
  readonly Tags?: readonly Tag[];
  readonly TagsToAdd?: readonly Tag[];
  readonly TagsToRemove?: readonly string[];
}

interface Tag {
  readonly ResourceId?: string;
  readonly Key: string;
  readonly Value?: string;
}

/** Whom a call names: ids of what EC2 has, or the one instance, group or environment. */
export function targetsOf({ params }: Write): string[] {
  const { InstanceIds, Resources, Tags, ...one } = params as Named;
  const named = InstanceIds ?? Resources ?? Tags?.flatMap(tag => tag.ResourceId ?? []);
  const arn = one.ResourceArn?.split('/').at(-1);
  const only = one.InstanceId ?? one.AutoScalingGroupName ?? one.EnvironmentId ?? arn ?? 'something that no judge knows';
  return named === undefined ? [only] : [...new Set(named)];
}

/** What a call writes of the tags of one resource, and what it removes; nothing where it is about other things. */
export function tagsIn(write: Write, id: string): { readonly written: Record<string, string>; readonly removed: readonly string[] } {
  const { Tags = [], TagsToAdd = [], TagsToRemove = [] } = write.params as Named;
  const pairs = (tags: readonly Tag[]) => Object.fromEntries(tags.map(({ Key, Value = '' }) => [Key, Value]));
  if (!targetsOf(write).includes(id)) return { written: {}, removed: [] };
  const mine = Tags.filter(tag => tag.ResourceId === undefined || tag.ResourceId === id);
  switch (write.action) {
    case 'CreateTags':
    case 'CreateOrUpdateTags':
      return { written: pairs(mine), removed: [] };
    case 'DeleteTags':
      return { written: {}, removed: mine.map(({ Key }) => Key) };
    case 'UpdateTagsForResource':
      return { written: pairs(TagsToAdd), removed: TagsToRemove };
    default:
      return { written: {}, removed: [] };
  }
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

/** The tags that a thing wore at an instant, from its first ones and every call since. */
export const tagsAt = (evidence: Evidence, id: string, at: Instant): Record<string, string> => wornUntil(evidence, id, w => w.at <= at);

/** … just before a write. */
export const tagsBefore = (evidence: Evidence, id: string, sequence: number): Record<string, string> =>
  wornUntil(evidence, id, w => w.sequence < sequence);

function wornUntil(evidence: Evidence, id: string, counts: (write: Write) => boolean): Record<string, string> {
  const tags = { ...firstTags(evidence, id) };
  for (const write of evidence.cloud.record.writes) {
    if (!counts(write)) break;
    if (!write.changed.includes(id)) continue;
    const { written, removed } = tagsIn(write, id);
    Object.assign(tags, written);
    for (const key of removed) delete tags[key];
  }
  return tags;
}

function firstTags({ plot, ids, cloud }: Evidence, id: string): Readonly<Record<string, string>> {
  const machine = cloud.record.machine(id);
  if (machine !== undefined && machine.group !== null) return Object.fromEntries(machine.tags); // its group's, which nobody writes to
  const fleet = plot.fleets.find(f => f.id === id || (f.kind === 'environment' && ids.get(f.id) === id));
  if (fleet !== undefined) return fleet.tags ?? FLEET_TAGS;
  const known = [...plot.boxes, ...(plot.things ?? [])].find(one => ids.get(one.id) === id);
  const launched = plot.deeds.find(d => d.does === 'launches' && ids.get(d.box) === id);
  return known?.tags ?? (launched?.does === 'launches' ? launched.tags : {});
}

/** The reason on record of a change of ours to one resource; `null`: there is none. */
export function arguedBy(evidence: Evidence, write: Write, id: string): string | null {
  const changes = new Set(signatures(write));
  const rows = rowsOf(evidence, 'claimed').map(row => row['change'] as ChangeOnRecord);
  return rows.find(change => changes.has(change.id) && change.resource.id === id)?.because.code ?? null;
}

interface ChangeOnRecord {
  readonly id: string;
  readonly resource: { readonly id: string };
  readonly because: { readonly code: string };
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
