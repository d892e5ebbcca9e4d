/** A failing story, cut down to the shortest one that still fails: fewer faults, fewer deeds, fewer things, an earlier end. */
import { addSeconds, HOUR, type Instant } from '../../shared/model/time.ts';
import { type Cut, cut, idsOf, PARTS } from './cut.ts';
import type { Plot } from './plot.ts';

export interface Shrinking {
  /** Plays the plot: when it fails in the same way, at which instant; else `null`. */
  readonly failsAt: (plot: Plot) => Promise<Instant | null>;
  readonly triesMax?: number;
  readonly onTry?: (tries: number, left: number) => void;
}

export interface Shrunk {
  readonly plot: Plot;
  readonly cut: Required<Cut>;
  readonly tries: number;
}

/** @returns `null` when the whole plot does not fail. */
export async function shrink(whole: Plot, { failsAt, triesMax = 80, onTry }: Shrinking): Promise<Shrunk | null> {
  let tries = 0;
  const fails = async (plot: Plot): Promise<Instant | null> => {
    tries++;
    onTry?.(tries, idsOf(plot).length);
    return failsAt(plot);
  };
  const first = await fails(whole);
  if (first === null) return null;
  let known: Required<Cut> = { keep: new Set(idsOf(whole)), until: whole.end };

  const attempt = async (smaller: Required<Cut>): Promise<boolean> => {
    if (tries >= triesMax || (await fails(cut(whole, smaller))) === null) return false;
    known = smaller;
    return true;
  };
  // An early end makes all that follows cheaper.
  for (const hours of [1, 3])
    if (addSeconds(first, hours * HOUR) < known.until && (await attempt({ ...known, until: addSeconds(first, hours * HOUR) }))) break;
  for (const part of PARTS) {
    const ids = () => (whole[part] ?? []).map(({ id }) => id).filter(id => known.keep.has(id));
    for (let size = ids().length; size >= 1; size = Math.floor(size / 2)) {
      for (const chunk of chunks(ids(), size))
        await attempt({ ...known, keep: new Set([...known.keep].filter(id => !chunk.includes(id))) });
    }
  }
  return { plot: cut(whole, known), cut: known, tries };
}

const chunks = (ids: readonly string[], size: number): string[][] =>
  Array.from({ length: Math.ceil(ids.length / size) }, (_, i) => ids.slice(i * size, (i + 1) * size));
