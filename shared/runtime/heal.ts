/** Events get lost. What an instance shows of itself is the same testimony, told late: its launch time, its state, its absence. */
import type { SortedShelf } from '../memory/shelves.ts';
import type { InstanceMemory } from '../model/memory.ts';
import type { MemoryItem } from '../model/ports.ts';
import { addSeconds, type Instant, later, MINUTE } from '../model/time.ts';
import { describeInstances, type SeenInstance } from '../observe/describe.ts';
import type { Run } from './run.ts';
import { testify } from './testify.ts';
import type { StateChange } from './witness.ts';

/** A start that has not arrived by then has failed; EC2's own tell within seconds, a slow boot within two minutes. */
const ARRIVES_WITHIN = 5 * MINUTE;

/** Only what we owe or have asked to start is looked at. Returns whether memory changed. */
export async function heal(run: Run, shelf: SortedShelf): Promise<boolean> {
  const watched = [...shelf.instances.values()].filter(({ value }) => value.stop !== null || value.start !== null);
  if (watched.length === 0) return false;
  const ids = watched.map(({ key }) => key.slice('instance#'.length));
  const seen = new Map((await describeInstances(run.clients, run.scope, ids)).map(i => [i.ref.id, i]));

  let changed = false;
  for (const [index, item] of watched.entries()) {
    const id = ids[index] ?? '';
    const testimony = lateTestimony(item, seen.get(id), id, run);
    if (testimony !== null && (await testify(testimony, run, run.at))?.changed) changed = true;
  }
  return changed;
}

/** What the event would have said, had it come. */
function lateTestimony(
  { value }: MemoryItem<InstanceMemory>,
  instance: SeenInstance | undefined,
  id: string,
  { at, scope }: Run,
): StateChange | null {
  if (instance === undefined) return { resource: { kind: 'instance', id, name: null, scope }, state: 'terminated', at };
  const { ref: resource, state, launchedAt, stoppedAt } = instance;
  const { stop, start } = value;
  if (state === 'terminated' || state === 'shutting-down') return { resource, state, at: goneAt(instance, value, at) };
  // Billed since shortly after LaunchTime: to close there is to claim a few seconds less than was saved.
  const up: StateChange = { resource, state: 'running', at: start === null ? launchedAt : later(launchedAt, start.at) };
  if (state === 'running') return up;
  if (state !== 'stopped') return null; // on its way: its own event will say when it arrived
  // It was up since our stop, and was put to sleep again; a start of ours that merely fell back has no later stop to show.
  if (stop !== null && launchedAt > stop.at && (start === null || (stoppedAt !== null && stoppedAt > launchedAt))) return up;
  if (start === null) return null;
  return start.failure === null && addSeconds(start.at, ARRIVES_WITHIN) <= at ? { resource, state, at } : null;
}

/** EC2 tells when it was ended; a stopped box that is ended was asleep until then. */
const goneAt = ({ stoppedAt }: SeenInstance, { stop }: InstanceMemory, at: Instant): Instant =>
  stoppedAt === null ? at : stop === null ? stoppedAt : later(stoppedAt, stop.at);
