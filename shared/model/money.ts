/** Money is integer micro-dollars: summed exactly, rounded once, at the edge. */
import type { Brand } from './ids.ts';

/** Millionths of a US dollar, an integer. */
export type MicroUsd = Brand<number, 'MicroUsd'>;

/** @throws RangeError when `micros` is not a safe integer. */
export function microUsd(micros: number): MicroUsd {
  if (!Number.isSafeInteger(micros)) throw new RangeError(`not integer micro-dollars: ${micros}`);
  return (micros === 0 ? 0 : micros) as MicroUsd; // no negative zero: it would print as -$0.00
}

/** Dollars to micro-dollars, as price lists write them (`0.0416`). Finer digits are rounded half up. */
export const usd = (dollars: number): MicroUsd => microUsd(Math.round(dollars * 1_000_000));

/** A public IPv4 address for an hour, in use or idle, in every commercial region since 2024-02-01 (Amazon VPC price list). */
export const PUBLIC_ADDRESS: MicroUsd = microUsd(5_000);

export const sum = (amounts: Iterable<MicroUsd>): MicroUsd => microUsd([...amounts].reduce<number>((a, b) => a + b, 0));

/** An hourly rate over some seconds, rounded half away from zero to the micro-dollar. */
export function rateOver(perHour: MicroUsd, seconds: number): MicroUsd {
  return divideMicros(BigInt(perHour) * BigInt(Math.round(seconds)), 3600n);
}

/** Exact integer division with one rounding, half away from zero: the only place where money is rounded. */
export function divideMicros(numerator: bigint, denominator: bigint): MicroUsd {
  const negative = numerator < 0n !== denominator < 0n;
  const n = numerator < 0n ? -numerator : numerator;
  const d = denominator < 0n ? -denominator : denominator;
  const rounded = (2n * n + d) / (2n * d);
  return microUsd(Number(negative ? -rounded : rounded));
}

/** `$49.25`, `−$6.00`, `$0.0104` when it would otherwise read as nothing. */
export function dollars(amount: MicroUsd): string {
  const value = Math.abs(amount) / 1_000_000;
  const format = amount !== 0 && value < 0.005 ? FINE : CENTS;
  return `${amount < 0 ? '−' : ''}$${format.format(value)}`;
}

// Made once: a page prints tens of thousands of amounts.
const [CENTS, FINE] = [2, 4].map(
  digits => new Intl.NumberFormat('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits }),
) as [Intl.NumberFormat, Intl.NumberFormat];
