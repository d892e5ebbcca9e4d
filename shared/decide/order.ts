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
    const { waiting, unordered } = before(change, all, graph, seen);
    const until = addSeconds(change.causeAt, START_PATIENCE);
    if (waiting.length > 0) return { code: 'waits-for', turn: 'start', names: waiting, until };
    return unordered.length === 0 ? null : { ...change, because: { ...because, unordered } };
  }
  const until = addSeconds(change.causeAt, STOP_PATIENCE);
  if (because.code !== 'off-hours' || seen.at >= until) return null;
  const names = stillThere(change, all, graph);
  return names.length === 0 ? null : { code: 'waits-for', turn: 'stop', names, until };
}

function before(change: Change, all: readonly Change[], graph: Graph, seen: Seen) {
  const waiting: string[] = [];
  const unordered: Unordered[] = [];
  for (const link of graph.get(change.resource.id) ?? []) {
    const state = stateOf(link, change, all, graph, seen);
    if (state === 'coming') waiting.push(link.name);
    else if (state !== 'up') unordered.push({ name: link.name, why: state });
  }
  return { waiting, unordered };
}

/** Whether it is up, or waited for; or why it is not waited for. */
function stateOf(
  { those }: Link,
  { resource, causeAt }: Change,
  all: readonly Change[],
  graph: Graph,
  seen: Seen,
): 'up' | 'coming' | Unordered['why'] {
  if (those.length === 0 && seen.whole) return 'unknown';
  if (those.some(one => reaches(graph, one.ref.id, resource.id))) return 'cycle';
  const missing = those.filter(one => !isUp(one, seen));
  if (those.length > 0 && missing.length === 0) return 'up';
  if (addSeconds(causeAt, START_PATIENCE) <= seen.at) return 'late';
  return those.length === 0 || missing.some(one => isComing(one, all, seen)) ? 'coming' : 'stopped';
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
  const after = [...graph.values()].flat().filter(({ those }) => those.some(one => one.ref.id === resource.id));
  const following = new Set(after.map(({ id }) => id).filter(id => !reaches(graph, resource.id, id)));
  return [...following].flatMap(id => {
    const other = all.find(change => change.resource.id === id);
    const goes = other?.because.code === 'off-hours' && other.causeAt === causeAt && other.mode === 'act';
    return goes ? [other.resource.name ?? id] : [];
  });
}

interface Link {
  readonly id: string;
  /** What it starts after, in its own words. */
  readonly name: string;
  /** … and who is meant. */
  readonly those: readonly Instance[];
}

/** By id: of each that starts after another. */
type Graph = ReadonlyMap<string, readonly Link[]>;

function graphOf(resources: readonly Instance[]): Graph {
  const alive = resources.filter(({ state }) => state !== 'terminated' && state !== 'shutting-down');
  const byId = Map.groupBy(alive, ({ ref }) => ref.id);
  const byName = Map.groupBy(alive, ({ ref }) => ref.name);
  const called = (name: string) => byId.get(name) ?? byName.get(name) ?? [];
  const links = alive.flatMap(({ ref: { id }, tags }) => readStartAfter(tags).map(name => ({ id, name, those: called(name) })));
  return Map.groupBy(links, ({ id }) => id);
}

function reaches(graph: Graph, from: string, to: string): boolean {
  const seen = new Set<string>();
  const next = [from];
  for (let id = next.pop(); id !== undefined; id = next.pop()) {
    if (id === to) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    next.push(...(graph.get(id) ?? []).flatMap(({ those }) => those.map(({ ref }) => ref.id)));
  }
  return false;
}
