/** Exact fractions: sums that do not depend on their order, rounded only where a figure is printed. */

/** In lowest terms, `d` positive: equal values are equal objects. */
export interface Rational {
  readonly n: bigint;
  readonly d: bigint;
}

/** @throws RangeError when `d` is 0n. */
export function rational(n: bigint, d: bigint = 1n): Rational {
  if (d === 0n) throw new RangeError('a fraction over zero');
  const divisor = gcd(n < 0n ? -n : n, d < 0n ? -d : d) * (d < 0n ? -1n : 1n);
  return { n: n / divisor, d: d / divisor };
}

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

export const ZERO: Rational = { n: 0n, d: 1n };

export const plus = (a: Rational, b: Rational): Rational =>
  a.d === b.d ? rational(a.n + b.n, a.d) : rational(a.n * b.d + b.n * a.d, a.d * b.d);

/**
 * The smallest power of two that makes integers of all `values` when they are multiplied by it. There always is one: a double is an
 * integer over a power of two. It is 1 for counts, as baselines and fleets have them.
 * @throws RangeError for NaN and infinities.
 */
export function integerScale(values: readonly number[]): number {
  let scale = 1;
  for (const value of values) {
    if (!Number.isFinite(value)) throw new RangeError(`not a finite number: ${value}`);
    while (!Number.isInteger(value * scale)) scale *= 2;
  }
  return scale;
}
