/** Chance by name: what is drawn under one name never depends on what was drawn under another, so dropping a thing leaves the rest as it was. */
import { seedOf, unit } from '../world/random.ts';

export interface Chance {
  /** In [0, 1). */
  number(): number;
  /** A whole number from `from` to `to`, both included. */
  whole(from: number, to: number): number;
  maybe(share: number): boolean;
  pick<T>(among: readonly T[]): T;
}

export function chance(seed: number, name: string): Chance {
  const own = seedOf(seed, name);
  let drawn = 0;
  const number = () => unit(own, drawn++);
  return {
    number,
    whole: (from, to) => from + Math.floor(number() * (to - from + 1)),
    maybe: share => number() < share,
    pick: among => {
      const picked = among[Math.floor(number() * among.length)];
      if (picked === undefined) throw new Error(`nothing to pick from for ${name}`);
      return picked;
    },
  };
}
