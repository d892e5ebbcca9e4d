/**
 * What a fleet's demand has taught, between two invocations: a head with all that was concluded, and the minutes themselves in pieces of three
 * hours, of which only the newest is ever written again. A warm function that still knows the minutes reads the head alone.
 */
import { demandAt, errorAt, type History, KEPT, learnMinute, openHistory } from '../decide/fleet/history.ts';
import type { Learner } from '../decide/fleet/learner.ts';
import type { Learned } from '../decide/fleet/load.ts';
import type { FleetMind } from '../decide/fleet/think.ts';
import { openMind } from '../decide/fleet/think.ts';
import type { Memory, MemoryItem, Shelf } from '../model/ports.ts';
import { addSeconds, DAY, fromEpochSeconds, type Instant } from '../model/time.ts';
import { pack, unpack } from './packed.ts';
import type { Apart } from './pens/look.ts';

/** A mind, and how it lies on its shelf. */
export interface HeldMind {
  readonly shelf: Shelf;
  readonly fleet: FleetMind;
  /** The newest minute on the shelf; `null`: none. */
  readonly last: number | null;
  /** Of all minutes on the shelf: two minds with the same sum have learned the same. */
  readonly sum: number;
  /** Of each item; what is not there has none. */
  readonly versions: ReadonlyMap<string, number>;
}

interface Head {
  readonly format: 1;
  readonly first: number;
  readonly last: number;
  readonly sum: number;
  readonly served: FleetMind['served'];
  readonly learned: readonly (readonly [number, Learned])[];
  readonly saturated: boolean;
  /** Packed: all of it but the minutes. */
  readonly learner: unknown;
}

interface Piece {
  /** Its first minute, in minutes since 1970. */
  readonly first: number;
  readonly demand: Float32Array;
  readonly error: Float32Array;
}

const HEAD = 'head';
/** Minutes a piece: small to write again every minute, few to read. */
const PIECE = 180;
/** A fleet that was not heard of for so long starts anew. */
const EXPIRES = 30 * DAY;

/** Minutes that this process has already read, by shelf: taken out while they are added to, so that nothing half done is ever found here. */
const known = new Map<Shelf, { readonly history: History; readonly sum: number; readonly versions: ReadonlyMap<string, number> }>();
const KNOWN_MOST = 256;

export async function readMind(memory: Memory, shelf: Shelf, at: Instant): Promise<HeldMind> {
  const warm = known.get(shelf);
  known.delete(shelf);
  if (warm !== undefined) {
    const head = await memory.read(shelf, HEAD, at);
    const value = head?.value as Head | undefined;
    if (head !== null && value?.sum === warm.sum && value.last === warm.history.last) {
      return held(shelf, value, warm.history, new Map(warm.versions).set(HEAD, head.version));
    }
  }
  const items = await memory.readShelf(shelf, at);
  const versions = new Map(items.map(({ key, version }) => [key, version]));
  const head = items.find(({ key }) => key === HEAD)?.value as Head | undefined;
  const history = head?.format === 1 ? historyFrom(head, items) : null;
  // Minutes that are gone, or were written by another release: what was concluded from them goes too.
  if (head === undefined || history === null) return { shelf, fleet: openMind, last: null, sum: 0, versions };
  return held(shelf, head, history, versions);
}

function held(shelf: Shelf, head: Head, history: History, versions: ReadonlyMap<string, number>): HeldMind {
  const learner = { ...(unpack(head.learner) as Omit<Learner, 'history'>), history };
  const mind = { learner, learned: new Map(head.learned), saturated: head.saturated };
  return { shelf, fleet: { mind, served: head.served }, last: head.last, sum: head.sum, versions };
}

function historyFrom({ first, last }: Head, items: readonly MemoryItem[]): History | null {
  const pieces = items.flatMap(({ key, value }) => (key === HEAD ? [] : [unpack(value) as Piece])).sort((a, b) => a.first - b.first);
  const from = Math.max(first, last - KEPT + 1);
  const history = openHistory(first);
  history.last = from - 1;
  for (const piece of pieces) {
    for (let i = Math.max(0, history.last + 1 - piece.first); i < piece.demand.length && history.last < last; i++) {
      if (piece.first + i !== history.last + 1) return null;
      learnMinute(history, piece.demand[i] ?? 0);
      history.error[history.last % KEPT] = piece.error[i] ?? Number.NaN;
    }
  }
  return history.last === last ? history : null;
}

/** What has to be written, pieces before the head that speaks of them; nothing when nothing was learned. */
export function keepMind(before: HeldMind, { mind, served }: FleetMind): Apart {
  const { shelf, versions, last } = before;
  if (mind === null || mind.learner.history.last === last) return { shelf, items: [] };
  const { history, ...learner } = mind.learner;
  const from = Math.max(history.first, history.last - KEPT + 1, (last ?? history.first - 1) + 1);
  let { sum } = before;
  for (let minute = from; minute <= history.last; minute++) sum = mixed(sum, demandAt(history, minute), errorAt(history, minute));

  const items: { item: MemoryItem; expiresAt: Instant }[] = [];
  for (let index = Math.floor(from / PIECE); index * PIECE <= history.last; index++) {
    const key = `minutes#${String(index).padStart(9, '0')}`;
    const piece = pieceOf(history, Math.max(index * PIECE, history.first), Math.min((index + 1) * PIECE - 1, history.last));
    const expiresAt = fromEpochSeconds(((index + 1) * PIECE + KEPT + 1440) * 60);
    items.push({ item: { key, value: pack(piece), version: versions.get(key) ?? 0 }, expiresAt });
  }
  const { first } = history;
  const head: Head = {
    ...{ format: 1, first, last: history.last, sum, served, learned: [...mind.learned], saturated: mind.saturated },
    learner: pack(learner),
  };
  const expiresAt = addSeconds(fromEpochSeconds(history.last * 60), EXPIRES);
  items.push({ item: { key: HEAD, value: head, version: versions.get(HEAD) ?? 0 }, expiresAt });
  remember(shelf, history, sum, new Map([...versions, ...items.map(({ item }) => [item.key, item.version + 1] as const)]));
  return { shelf, items };
}

function pieceOf(history: History, first: number, last: number): Piece {
  const length = last - first + 1;
  return {
    first,
    demand: Float32Array.from({ length }, (_, i) => demandAt(history, first + i)),
    error: Float32Array.from({ length }, (_, i) => errorAt(history, first + i)),
  };
}

/** Should the write that follows not happen, the head on the shelf has another sum, and this is not believed. */
function remember(shelf: Shelf, history: History, sum: number, versions: ReadonlyMap<string, number>): void {
  known.set(shelf, { history, sum, versions });
  const [oldest] = known.keys();
  if (known.size > KNOWN_MOST && oldest !== undefined) known.delete(oldest);
}

const bits = new DataView(new ArrayBuffer(8));

/** FNV-1a over the bits of what was learned, in 32 of them. */
function mixed(sum: number, demand: number, error: number): number {
  bits.setFloat32(0, demand);
  bits.setFloat32(4, Number.isNaN(error) ? 9 : error);
  let hash = sum >>> 0 || 0x811c9dc5;
  for (let i = 0; i < 8; i++) hash = Math.imul(hash ^ bits.getUint8(i), 0x01000193) >>> 0;
  return hash;
}
