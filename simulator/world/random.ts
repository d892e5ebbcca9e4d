/** Chance that depends on a seed and on what is asked, never on the order of asking. */
/** Looked up once: they are called millions of times. */
const { imul, floor, sqrt } = Math;

/** A number in [0, 1) that is always the same for the same seed and keys. For noise: cheap, and good enough to look like weather. */
export function unit(seed: number, a: number, b = 0): number {
  let h = imul(seed ^ 0x9e3779b9, 0x85ebca6b);
  h = mix(h ^ mix(imul(a | 0, 0xc2b2ae35) ^ floor(a / 0x1_0000_0000)));
  h = mix(h ^ imul(b | 0, 0x27d4eb2f));
  return (h >>> 0) / 0x1_0000_0000;
}

/** Roughly normal with mean 0 and deviation 1: the sum of four uniform numbers, scaled. */
export const gaussian = (seed: number, a: number): number =>
  (unit(seed, a, 1) + unit(seed, a, 2) + unit(seed, a, 3) + unit(seed, a, 4) - 2) * sqrt(3);

/** 32 bits named by a text: the seed of a thing that has a name. */
export function seedOf(seed: number, name: string): number {
  let h = seed ^ 0x811c9dc5;
  for (let i = 0; i < name.length; i++) h = imul(h ^ name.charCodeAt(i), 0x01000193);
  return mix(h);
}

function mix(h: number): number {
  let x = h;
  x = imul(x ^ (x >>> 16), 0x7feb352d);
  x = imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}

/** Ids that look like AWS's and depend on the seed and on how many of their kind came before. */
export class Ids {
  readonly #seed: number;
  readonly #counts = new Map<string, number>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** `i-0` and 16 hex digits, or `vol-0…`, `r-0…`, `eni-0…`. */
  resource(prefix: string): string {
    return `${prefix}-0${this.#hex(prefix).slice(0, 16)}`;
  }

  uuid(kind: string): string {
    const h = this.#hex(kind);
    return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-a${h.slice(17, 20)}-${h.slice(20, 32)}`;
  }

  /** A whole number of seconds from `from` to `to`, both included: how long something takes this time. */
  seconds(kind: string, from: number, to: number): number {
    return from + (Number.parseInt(this.#hex(kind).slice(0, 8), 16) % (to - from + 1));
  }

  /** 32 hex digits for the next of its kind. */
  #hex(kind: string): string {
    const count = this.#counts.get(kind) ?? 0;
    this.#counts.set(kind, count + 1);
    let h = seedOf(this.#seed, kind);
    let hex = '';
    for (let part = 0; part < 4; part++) {
      h = mix(h ^ imul(count + 1, 0x9e3779b1) ^ imul(part + 1, 0x85ebca6b));
      hex += (h >>> 0).toString(16).padStart(8, '0');
    }
    return hex;
  }
}
