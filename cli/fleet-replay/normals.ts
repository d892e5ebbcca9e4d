/**
 * Normally distributed numbers, the same for the same name on every machine, and the same that `numpy.random.default_rng(seed).standard_normal()`
 * draws: a replay and a harness in Python play the very same minutes. Seeding, generator (PCG64) and ziggurat are those of NumPy's documentation
 * and of the papers that it names (O'Neill 2014; Marsaglia and Tsang 2000).
 */
import { createHash } from 'node:crypto';

/** The seed is the first four bytes of the name's SHA-1. */
export function standardNormals(name: string): () => number {
  const next = pcg64(createHash('sha1').update(name).digest().readUInt32BE(0));
  const uniform = () => Number(next() >> 11n) / 2 ** 53;
  return () => {
    for (;;) {
      const bits = next();
      const layer = Number(bits & 0xffn);
      const sign = (bits >> 8n) & 1n ? -1 : 1;
      const place = Number((bits >> 9n) & 0xfffffffffffffn);
      const x = place * (WIDTH[layer] ?? 0);
      if (place < (INSIDE[layer] ?? 0)) return sign * x;
      if (layer === 0) return ((place / 256) & 1 ? -1 : 1) * beyond(uniform);
      const [above, below] = [HEIGHT[layer - 1] ?? 0, HEIGHT[layer] ?? 0];
      if ((above - below) * uniform() + below < Math.exp(-0.5 * x * x)) return sign * x;
    }
  };
}

/** Where the lowest of 256 layers of equal area ends and the tail begins. */
const TAIL = 3.6541528853610088;
const AREA = 0.004928673233974654;

function beyond(uniform: () => number): number {
  for (;;) {
    const x = -Math.log1p(-uniform()) / TAIL;
    const y = -Math.log1p(-uniform());
    if (y + y > x * x) return TAIL + x;
  }
}

/** Right ends of the layers, from the top down; the lowest is as wide as if the tail were a part of it. */
const ENDS = (() => {
  const ends = new Float64Array(256);
  ends[255] = TAIL;
  for (let i = 254; i > 0; i--) {
    const x = ends[i + 1] ?? 0;
    ends[i] = Math.sqrt(-2 * Math.log(AREA / x + Math.exp(-0.5 * x * x)));
  }
  return ends;
})();
const HEIGHT = ENDS.map(x => Math.exp(-0.5 * x * x));
const BASE = AREA / Math.exp(-0.5 * TAIL * TAIL);
const WIDTH = ENDS.map((x, i) => (i === 0 ? BASE : x) / 2 ** 52);
const INSIDE = ENDS.map((x, i) => Math.floor((i === 0 ? TAIL / BASE : (ENDS[i - 1] ?? 0) / x) * 2 ** 52));

const U64 = (1n << 64n) - 1n;
const U128 = (1n << 128n) - 1n;
const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;

function pcg64(seed: number): () => bigint {
  const [a = 0n, b = 0n, c = 0n, d = 0n] = seedWords(seed);
  const increment = ((((c << 64n) | d) << 1n) | 1n) & U128;
  const step = (state: bigint) => (state * MULTIPLIER + increment) & U128;
  let state = step((increment + ((a << 64n) | b)) & U128);
  return () => {
    state = step(state);
    const word = (state >> 64n) ^ (state & U64);
    const turn = state >> 122n;
    return ((word >> turn) | (word << (64n - turn))) & U64;
  };
}

/** Four words of 64 bits out of one of 32: NumPy's `SeedSequence`. */
function seedWords(seed: number): bigint[] {
  let multiplier = 0x43b0d7e5;
  const hash = (value: number, by: number) => {
    const mixed = value ^ multiplier;
    multiplier = Math.imul(multiplier, by);
    return fold(Math.imul(mixed, multiplier));
  };
  const pool = [seed, 0, 0, 0].map(word => hash(word, 0x931e8875));
  for (let from = 0; from < 4; from++) {
    for (let to = 0; to < 4; to++) {
      if (from === to) continue;
      pool[to] = fold(Math.imul(0xca01f9dd, pool[to] ?? 0) - Math.imul(0x4973f715, hash(pool[from] ?? 0, 0x931e8875)));
    }
  }
  multiplier = 0x8b51f9dd;
  const words = Array.from({ length: 8 }, (_, i) => BigInt(hash(pool[i % 4] ?? 0, 0x58f38ded) >>> 0));
  return [0, 2, 4, 6].map(i => (words[i] ?? 0n) | ((words[i + 1] ?? 0n) << 32n));
}

const fold = (value: number): number => value ^ (value >>> 16);
