/**
 * `ebb:start-after`: what has to be up before an instance is started for its hours, by ids and Name tags of the same account and region. It
 * never blocks for ever: after half an hour the start is made all the same, and so it is where a name means nothing, means itself in the end,
 * or means what nobody is about to start; each is told in the reason of the start. At the end of hours the order is the reverse, as far as
 * a quarter of an hour goes. Pure.
 */
import type { InstanceMemory } from '../model/memory.ts';
import type { Instance } from '../model/observation.ts';
import type { Change, Left, LeftReason, Unordered } from '../model/plan.ts';
import { addSeconds, type Instant, MINUTE } from '../model/time.ts';
import { readStartAfter } from '../policy/tags.ts';
import { leftBy } from './budget.ts';

/** A start waits no longer than this after the transition that argues it, a stop no longer than that. */
const START_PATIENCE = 30 * MINUTE;
const STOP_PATIENCE = 15 * MINUTE;
/** Where no status checks are watched, because somebody else started it: by then they have passed, or will not. */
const UP_AFTER = 3 * MINUTE;

interface Answers {
  readonly changes: readonly Change[];
  readonly left: readonly Left[];
}

interface Seen {
  readonly at: Instant;
  readonly resources: readonly Instance[];
  readonly memory: ReadonlyMap<string, InstanceMemory>;
  /** Whether the whole scope was seen: else a name that is not there may yet be. */
  readonly whole: boolean;
}

export function inOrder({ changes, left }: Answers, seen: Seen): Answers {
  const graph = graphOf(seen.resources);
  if (graph.after.size === 0) return { changes, left };
  const held: Left[] = [];
  const free = changes.flatMap(change => {
    const answer = ordered(change, changes, graph, seen);
    if (answer === null) return [change];
    if ('action' in answer) return [answer];
    held.push(leftBy(change, answer));
    return [];
  });
  return { changes: free, left: [...left, ...held] };
}

/** `null`: as it is. */
function ordered(change: Change, all: readonly Change[], graph: Graph, seen: Seen): Change | LeftReason | null {
  const { because } = change;
  if (because.code === 'on-hours' || because.code === 'enforced') {
    if (change.action.kind !== 'start-instance') return null;
    const { waiting, unordered } = before(change, all, graph, seen);
    const until = addSeconds(change.causeAt, START_PATIENCE);
    if (waiting.length > 0) return { code: 'waits-for', turn: 'start', names: waiting, until };
    return unordered.length === 0 ? null : { ...change, because: { ...because, unordered } };
  }
  if (because.code !== 'off-hours' || change.action.kind !== 'stop-instance') return null;
  const until = addSeconds(change.causeAt, STOP_PATIENCE);
  const names = seen.at < until ? stillThere(change, all, graph) : [];
  return names.length === 0 ? null : { code: 'waits-for', turn: 'stop', names, until };
}

function before({ resource, causeAt }: Change, all: readonly Change[], graph: Graph, seen: Seen) {
  const isLate = addSeconds(causeAt, START_PATIENCE) <= seen.at;
  const waiting: string[] = [];
  const unordered: Unordered[] = [];
  for (const { name, ids } of graph.after.get(resource.id) ?? []) {
    const why = ids.length === 0 ? (seen.whole ? 'unknown' : null) : ids.some(id => reaches(graph, id, resource.id)) ? 'cycle' : null;
    if (why !== null) unordered.push({ name, why });
    else if (ids.length === 0) waiting.push(name);
    else {
      const missing = ids.flatMap(id => graph.instances.get(id) ?? []).filter(one => !isUp(one, seen));
      if (missing.length === 0) continue;
      if (missing.some(one => isComing(one, all, seen)) && !isLate) waiting.push(name);
      else unordered.push({ name, why: isLate ? 'late' : 'stopped' });
    }
  }
  return { waiting, unordered };
}

const isUp = ({ ref, state, launchedAt }: Instance, { at, memory }: Seen): boolean =>
  state === 'running' && memory.get(ref.id)?.boot == null && addSeconds(launchedAt, UP_AFTER) <= at;

function isComing({ ref, state }: Instance, all: readonly Change[], { memory }: Seen): boolean {
  if (state === 'running' || state === 'pending') return true;
  const { stop = null, start = null } = memory.get(ref.id) ?? {};
  return state === 'stopped' && (stop !== null || start !== null || all.some(change => change.resource.id === ref.id));
}

/** Names of those that start after it, and are about to be stopped for the same transition. */
function stillThere({ resource, causeAt }: Change, all: readonly Change[], graph: Graph): string[] {
  return all.flatMap(other => {
    if (other.because.code !== 'off-hours' || other.causeAt !== causeAt || other.mode !== 'act') return [];
    const isAfter = (graph.after.get(other.resource.id) ?? []).some(({ ids }) => ids.includes(resource.id));
    return isAfter && !reaches(graph, resource.id, other.resource.id) ? [other.resource.name ?? other.resource.id] : [];
  });
}

interface Graph {
  readonly instances: ReadonlyMap<string, Instance>;
  /** What each instance with such a tag starts after, name by name. */
  readonly after: ReadonlyMap<string, readonly { readonly name: string; readonly ids: readonly string[] }[]>;
}

function graphOf(resources: readonly Instance[]): Graph {
  const alive = resources.filter(({ state }) => state !== 'terminated' && state !== 'shutting-down');
  const asking = alive.flatMap(({ ref, tags }) => {
    const names = readStartAfter(tags);
    return names.length === 0 ? [] : [{ id: ref.id, names }];
  });
  const instances = new Map(alive.map(one => [one.ref.id, one]));
  if (asking.length === 0) return { instances, after: new Map() };
  const called = Map.groupBy(alive, ({ ref }) => ref.name ?? ref.id);
  const idsOf = (name: string) => (instances.has(name) ? [name] : (called.get(name) ?? []).map(({ ref }) => ref.id));
  return { instances, after: new Map(asking.map(({ id, names }) => [id, names.map(name => ({ name, ids: idsOf(name) }))])) };
}

function reaches({ after }: Graph, from: string, to: string): boolean {
  const seen = new Set<string>();
  const next = [from];
  for (let id = next.pop(); id !== undefined; id = next.pop()) {
    if (id === to) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    next.push(...(after.get(id) ?? []).flatMap(({ ids }) => ids));
  }
  return false;
}
