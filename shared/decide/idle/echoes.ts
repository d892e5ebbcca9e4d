/**
 * Use that comes back: after any number of hours, not only after a day or a week. For each lag, how often use followed an hour of use that lay so
 * far back, and how often it came when that hour had been quiet. A job that runs every 25 hours has its echo at 25.
 * Sets of hours are bits, so a month is 21 words and all lags of an instance take some ten microseconds.
 */
import { type Activity, IDLE, IN_USE } from './activity.ts';

export interface Echoes {
  /** Share of the past in which use followed at the lags that were in use now; the strongest, and the runner-up. Cautious: one standard error low. */
  readonly strongest: number;
  readonly second: number;
  /** … and of the lags that were quiet now: the one that promises quiet best. Cautious: one standard error high. */
  readonly quietest: number;
  /** Past idle hours with echoes about as strong as now, and after how many of them use came. */
  readonly alike: { readonly hours: number; readonly used: number };
  /** Past idle hours, and after how many of them use came without an echo to announce it. */
  readonly surprises: { readonly hours: number; readonly lately: number; readonly used: number; readonly usedLately: number };
}

/** Looked up once: it is called millions of times. */
const { imul } = Math;

const LONGEST = 190;
const WINDOW = 504;
const LATELY = 120;
/** Echoes are told apart by these strengths. */
const STRENGTHS = [0.6, 0.35, 0.2, 0.12, 0.06, 0.02] as const;
const SURPRISING = 2; // below STRENGTHS[2]

/** Echoes of use within `ahead` hours after the history ends. */
export function echoes({ hours }: Activity, ahead: number): Echoes {
  const n = hours.length;
  const last = n - ahead; // the latest hour whose outcome is known
  const first = last - WINDOW;
  const words = (n >>> 5) + 1;
  const used = new Int32Array(words); // use begins or goes on within `ahead` hours
  const idle = new Int32Array(words); // and the hour before was idle, inside the window
  const onset = new Int32Array(words);
  const recent = new Int32Array(words);
  for (let t = 0; t <= last; t++) {
    let any = false;
    for (let k = 0; k < ahead; k++) any ||= hours[t + k] === IN_USE;
    if (any) set(used, t);
    if (t < first || hours[t - 1] !== IDLE) continue;
    set(idle, t);
    if (hours[t] === IN_USE) set(onset, t);
    if (t >= last - LATELY) set(recent, t);
  }
  const wanted = and(idle, used);
  const idleHours = count(idle);
  const usedHours = count(wanted);
  const base = (usedHours + 0.3) / (idleHours + 3);

  let strongest = 0;
  let second = 0;
  let quietest = 1;
  const bands = [...STRENGTHS, 0].map(() => new Int32Array(words));
  const shifted = new Int32Array(words);
  const before = { hours: beforeEach(idle, LONGEST), used: beforeEach(wanted, LONGEST) };
  for (let lag = ahead; lag <= Math.min(LONGEST, last); lag++) {
    const echoed = countEchoed(used, lag, idle, wanted, shifted);
    const strength = bound(echoed.used, echoed.hours, base, -1);
    if (!has(used, n - lag)) {
      const quietHours = idleHours - (before.hours[lag] ?? 0) - echoed.hours;
      quietest = Math.min(quietest, bound(usedHours - (before.used[lag] ?? 0) - echoed.used, quietHours, base, 1));
    } else if (strength > strongest) {
      second = strongest;
      strongest = strength;
    } else second = Math.max(second, strength);
    merge(bands[bandOf(strength)], shifted);
  }
  // A band holds the hours whose strongest echo lies in it: not those that a stronger one announced.
  const announced = new Int32Array(words);
  const now = bandOf(strongest);
  let alike = { hours: 0, used: 0 };
  const surprises = { hours: idleHours, lately: count(recent), used: 0, usedLately: 0 };
  for (const [band, bits] of bands.entries()) {
    if (band === now) {
      const inside = without(band === STRENGTHS.length ? bits.fill(-1) : bits, announced);
      alike = { hours: count(and(inside, idle)), used: count(and(inside, wanted)) };
    }
    merge(announced, bits);
    if (band === SURPRISING) {
      const unannounced = without(onset, announced);
      surprises.used = count(unannounced);
      surprises.usedLately = count(and(unannounced, recent));
    }
  }
  return { strongest, second, quietest, alike, surprises };
}

const bandOf = (strength: number): number => {
  const band = STRENGTHS.findIndex(s => strength >= s);
  return band < 0 ? STRENGTHS.length : band;
};

/** A share with one pseudo-observation at the base rate, one standard error to the cautious side. */
function bound(used: number, hours: number, base: number, side: 1 | -1): number {
  const share = (used + base) / (hours + 1);
  return Math.min(1, Math.max(0, share + side * Math.sqrt((share * (1 - share)) / (hours + 1))));
}

/** Sets `shifted` to `used`, `lag` hours later, and counts what it meets. */
function countEchoed(used: Int32Array, lag: number, idle: Int32Array, wanted: Int32Array, shifted: Int32Array) {
  const whole = lag >>> 5;
  const part = lag & 31;
  let hours = 0;
  let usedHours = 0;
  for (let i = 0; i < used.length; i++) {
    const high = i >= whole ? (used[i - whole] ?? 0) << part : 0;
    const low = part !== 0 && i > whole ? (used[i - whole - 1] ?? 0) >>> (32 - part) : 0;
    const bits = high | low;
    shifted[i] = bits;
    if (bits === 0) continue;
    hours += ones(bits & (idle[i] ?? 0));
    usedHours += ones(bits & (wanted[i] ?? 0));
  }
  return { hours, used: usedHours };
}

/** For each place up to `to`, how many bits are set before it. */
function beforeEach(bits: Int32Array, to: number): Uint16Array {
  const out = new Uint16Array(to + 1);
  for (let at = 0; at < to; at++) out[at + 1] = (out[at] ?? 0) + (has(bits, at) ? 1 : 0);
  return out;
}

const and = (a: Int32Array, b: Int32Array): Int32Array => a.map((word, i) => word & (b[i] ?? 0));
const without = (a: Int32Array, b: Int32Array): Int32Array => a.map((word, i) => word & ~(b[i] ?? 0));
const set = (bits: Int32Array, at: number): void => {
  bits[at >>> 5] = (bits[at >>> 5] ?? 0) | (1 << (at & 31));
};
const has = (bits: Int32Array, at: number): boolean => ((bits[at >>> 5] ?? 0) & (1 << (at & 31))) !== 0;

function merge(into: Int32Array | undefined, bits: Int32Array): void {
  if (into !== undefined) for (let i = 0; i < bits.length; i++) into[i] = (into[i] ?? 0) | (bits[i] ?? 0);
}

function count(bits: Int32Array): number {
  let n = 0;
  for (const word of bits) n += ones(word);
  return n;
}

function ones(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
