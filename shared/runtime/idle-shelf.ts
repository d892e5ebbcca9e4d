/** Reads and writes what was learned of a scope's idle hours. */
import type { Mind } from '../decide/idle/consider.ts';
import { newTolerance, type Tolerance } from '../decide/idle/tolerance.ts';
import { idleShelf, parseKey } from '../memory/shelves.ts';
import type { MemoryItem, Shelf } from '../model/ports.ts';
import { addSeconds, DAY, type Instant } from '../model/time.ts';
import { busyKey, type HeldTolerance, learnerKey, packMind, TOLERANCE_KEY, unpackMind } from './idle-items.ts';
import type { Apart } from './pens/look.ts';
import type { Run } from './run.ts';

/** By the fixed rule: the latest hour of use that was seen, in hours since the epoch. */
export interface Busy {
  readonly hour: number;
  readonly cpuMax: number;
}

export interface IdleHeld {
  readonly shelf: Shelf;
  readonly minds: ReadonlyMap<string, Mind>;
  readonly busy: ReadonlyMap<string, Busy>;
  readonly tolerance: Tolerance;
  /** The last hour whose outcomes are in it; `null`: none are. */
  readonly steeredTo: number | null;
  /** Of each item; what is not there has none. */
  readonly versions: ReadonlyMap<string, number>;
}

/** @param ids only these; `all`: every instance of the scope, 2,500 to a page of DynamoDB. */
export async function readIdle(
  { memory, scope, at }: Pick<Run, 'memory' | 'scope' | 'at'>,
  ids: 'all' | readonly string[],
): Promise<IdleHeld> {
  const shelf = idleShelf(scope);
  const named = async (keys: readonly string[]) =>
    (await Promise.all(keys.map(key => memory.read(shelf, key, at)))).filter(i => i !== null);
  const items =
    ids === 'all'
      ? await memory.readShelf(shelf, at)
      : ids.length === 0
        ? []
        : await named([TOLERANCE_KEY, ...ids.flatMap(id => [learnerKey(id), busyKey(id)])]);
  return held(shelf, items);
}

function held(shelf: Shelf, items: readonly MemoryItem[]): IdleHeld {
  const minds = new Map<string, Mind>();
  const busy = new Map<string, Busy>();
  let steering: HeldTolerance | null = null;
  for (const { key, value } of items) {
    const { kind, id } = parseKey(key);
    if (kind === 'learner') {
      const mind = unpackMind(value);
      if (mind !== null) minds.set(id, mind);
    } else if (kind === 'busy') busy.set(id, value as Busy);
    else if (key === TOLERANCE_KEY) steering = value as HeldTolerance;
  }
  return {
    ...{ shelf, minds, busy },
    tolerance: steering?.tolerance ?? newTolerance,
    steeredTo: steering?.hour ?? null,
    versions: new Map(items.map(({ key, version }) => [key, version])),
  };
}

/** What was not heard of for so long is learned anew. */
const EXPIRES = 35 * DAY;

export interface IdleLearned {
  readonly minds: ReadonlyMap<string, Mind>;
  readonly busy: ReadonlyMap<string, Busy>;
  readonly tolerance: Tolerance;
  readonly steeredTo: number;
}

export function idleApart(
  { shelf, versions, steeredTo: before }: IdleHeld,
  { minds, busy, tolerance, steeredTo }: IdleLearned,
  at: Instant,
): Apart {
  const values: (readonly [string, unknown])[] = [
    ...[...minds].map(([id, mind]) => [learnerKey(id), packMind(mind)] as const),
    ...[...busy].map(([id, value]) => [busyKey(id), value] as const),
  ];
  if (before === null ? minds.size > 0 : steeredTo > before)
    values.push([TOLERANCE_KEY, { tolerance, hour: steeredTo } satisfies HeldTolerance]);
  const expiresAt = addSeconds(at, EXPIRES);
  return {
    shelf,
    items: values.map(([key, value]) => ({ item: { key, value, version: versions.get(key) ?? 0 }, expiresAt })),
    each: true,
  };
}
