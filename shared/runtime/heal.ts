/** Events get lost. What an instance shows of itself is the same testimony, told late: its launch time, its state, its absence. */
import type { InstanceMemory } from '../model/memory.ts';
import { addSeconds, type Instant, later, MINUTE, utcDay } from '../model/time.ts';
import type { SeenInstance } from '../observe/describe.ts';
import type { Run } from './run.ts';
import type { StateChange } from './witness.ts';

/** A start that has not arrived by then has failed; EC2's own tell within seconds, a slow boot within two minutes. */
const ARRIVES_WITHIN = 5 * MINUTE;

/**
 * What lost events would have said of the instances that we owe something to, or have asked to start. Pure: a plan hears it too.
 * @param seenAt when EC2 had answered.
 * @param whole whether the whole scope was seen: only then is what was not seen gone.
 */
export function lateTestimonies(
  memory: ReadonlyMap<string, InstanceMemory>,
  seen: readonly SeenInstance[],
  whole: boolean,
  { at, scope, seenAt }: Pick<Run, 'at' | 'scope'> & { readonly seenAt: Instant },
): StateChange[] {
  const shown = new Map(seen.map(instance => [instance.ref.id, instance]));
  return [...memory].flatMap(([id, value]) => {
    if (value.stop === null && value.start === null && value.resized == null) return [];
    const instance = shown.get(id);
    if (instance !== undefined)
      return [lateTestimony(value, instance, at, seenAt) ?? [], resizeTestimony(value, instance, at) ?? []].flat();
    return whole ? { resource: { kind: 'instance' as const, id, name: null, scope }, state: 'terminated' as const, at } : [];
  });
}

/** The meter of a smaller type: what its instance shows of its hours, and each day anew. */
function resizeTestimony({ resized, stop, start }: InstanceMemory, instance: SeenInstance, at: Instant): StateChange | null {
  if (resized == null || stop !== null || start !== null) return null; // what is owed and asked for tells of itself
  const { ref: resource, state, launchedAt, stoppedAt, type } = instance;
  const { meter } = resized;
  if (state === 'stopped') return meter === null ? null : { resource, state: 'stopping', at: later(stoppedAt ?? at, meter.openedAt) };
  if (state !== 'running' || launchedAt < resized.at) return null;
  if (meter === null || launchedAt > addSeconds(meter.openedAt, ARRIVES_WITHIN)) return { resource, state, at, type };
  if (type !== resized.to) return { resource, state, at, type };
  return utcDay(meter.openedAt) === utcDay(at) ? null : { resource, state, at, type, turn: true };
}

/** What the event would have said, had it come. */
function lateTestimony(value: InstanceMemory, instance: SeenInstance, at: Instant, seenAt: Instant): StateChange | null {
  const { ref: resource, state, launchedAt, stoppedAt } = instance;
  const { stop, start } = value;
  if (stop === null && start === null && state !== 'terminated' && state !== 'shutting-down') return null;
  // Billed since shortly after LaunchTime: to close there is to claim a few seconds less than was saved.
  const up: StateChange = { resource, state: 'running', at: start === null ? launchedAt : later(launchedAt, start.at) };
  if (state === 'terminated' || state === 'shutting-down') {
    const wasUp = stop !== null && launchedAt > stop.at && start?.failure == null;
    return wasUp ? up : { resource, state, at: goneAt(instance, value, at) };
  }
  if (state === 'running') return up;
  if (state !== 'stopped') return null; // on its way: its own event will say when it arrived
  // It was up since our stop, and was put to sleep again; a start that merely fell back, whoever asked for it, has no later stop to show.
  if (stop !== null && launchedAt > stop.at && stoppedAt !== null && stoppedAt > launchedAt) return up;
  // Asleep since we do not know when: from when it was seen on, then, which may be well after the run began.
  if (stop?.opens !== undefined) return { resource, state, at: later(at, seenAt) };
  if (start === null) return null;
  return start.failure === null && addSeconds(start.at, ARRIVES_WITHIN) <= at ? { resource, state, at } : null;
}

/** EC2 tells when it was ended; a stopped box that is ended was asleep until then. */
const goneAt = ({ stoppedAt }: SeenInstance, { stop }: InstanceMemory, at: Instant): Instant =>
  stoppedAt === null ? at : stop === null ? stoppedAt : later(stoppedAt, stop.at);
