/** A failing story, cut down until nothing more can be taken away: an earlier end, fewer and shorter faults, fewer deeds and things, plainer rules. */
import { addSeconds, HOUR, type Instant, MINUTE, secondsBetween } from '../../shared/model/time.ts';
import { type Cut, cut, idsOf, isUsual, PARTS, RULE_NAMES, type Span } from './cut.ts';
import type { Plot } from './plot.ts';

export interface Shrinking {
  /** Plays the plot: when it fails in the same way, at which instant; else `null`. */
  readonly failsAt: (plot: Plot) => Promise<Instant | null>;
  /** What has been cut away already. */
  readonly begun?: Cut;
  readonly triesMax?: number;
  readonly onTry?: (tries: number, left: number) => void;
}

export interface Shrunk {
  readonly plot: Plot;
  readonly cut: Required<Cut>;
  readonly tries: number;
}

/** @returns `null` when the plot does not fail as it is. */
export async function shrink(whole: Plot, { failsAt, begun = {}, triesMax = 250, onTry }: Shrinking): Promise<Shrunk | null> {
  const first = cut(whole, begun);
  const tried = new Set<string>();
  let known: Known | null = null;
  const attempt = async (smaller: Required<Cut>): Promise<boolean> => {
    const plot = cut(whole, smaller);
    const key = JSON.stringify(plot);
    if (tried.has(key) || tried.size >= triesMax) return false;
    tried.add(key);
    onTry?.(tried.size, idsOf(plot).length);
    const failed = await failsAt(plot);
    if (failed !== null) known = { plot, cut: smaller, failed };
    return failed !== null;
  };
  const uncut = { keep: new Set(idsOf(first)), until: first.end, narrow: begun.narrow ?? new Map(), usual: begun.usual ?? new Set() };
  await attempt(uncut);
  const soFar = (): Known | null => known;
  for (let before: Known | null = null; soFar() !== before; ) {
    before = soFar();
    for (const pass of [endEarlier, dropParts, narrowSpells, sayLess]) await pass(soFar as () => Known, attempt);
  }
  const shortest = soFar();
  if (shortest === null) return null;
  return { plot: shortest.plot, cut: { ...shortest.cut, keep: new Set(idsOf(shortest.plot)) }, tries: tried.size };
}

/** The shortest story so far, and when it fails. */
interface Known {
  readonly plot: Plot;
  readonly cut: Required<Cut>;
  readonly failed: Instant;
}

/** Tries to make it shorter; what is known is another afterwards, or the same. */
type Pass = (known: () => Known, attempt: (smaller: Required<Cut>) => Promise<boolean>) => Promise<void>;

/** First of all, since it makes all that follows cheaper. */
const endEarlier: Pass = async (known, attempt) => {
  for (const later of [MINUTE, HOUR, 3 * HOUR]) {
    const until = addSeconds(known().failed, later);
    if (until < known().plot.end && (await attempt({ ...known().cut, until }))) return;
  }
};

/** Halves, quarters and so on of each kind, down to each by itself. */
const dropParts: Pass = async (known, attempt) => {
  for (const part of PARTS) {
    const ids = () => (known().plot[part] ?? []).map(({ id }) => id);
    for (let size = ids().length; size >= 1; size = Math.floor(size / 2)) {
      for (const chunk of chunks(ids(), size))
        await attempt({ ...known().cut, keep: new Set([...known().cut.keep].filter(id => !chunk.includes(id))) });
    }
  }
};

/** By halves, down to a minute. */
const narrowSpells: Pass = async (known, attempt) => {
  for (const { id } of known().plot.spells) {
    const blows = (span: Span) => attempt({ ...known().cut, narrow: new Map([...known().cut.narrow, [id, span]]) });
    for (let narrower = true; narrower; ) {
      const spell = known().plot.spells.find(one => one.id === id);
      const length = spell === undefined ? 0 : secondsBetween(spell.from, spell.to);
      if (spell === undefined || length <= MINUTE) break;
      const middle = addSeconds(spell.from, Math.ceil(length / 2));
      narrower = (await blows({ from: spell.from, to: middle })) || (await blows({ from: middle, to: spell.to }));
    }
  }
};

const sayLess: Pass = async (known, attempt) => {
  for (const name of RULE_NAMES)
    if (!isUsual(known().plot.rules, name)) await attempt({ ...known().cut, usual: new Set([...known().cut.usual, name]) });
};

const chunks = (ids: readonly string[], size: number): string[][] =>
  Array.from({ length: Math.ceil(ids.length / size) }, (_, i) => ids.slice(i * size, (i + 1) * size));
