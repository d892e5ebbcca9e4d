/** A recorded trace as demand per minute, in instances that would be busy at 100 %. */
import { readTrace, TraceError } from '../../simulator/trace.ts';
import { standardNormals } from './normals.ts';

export const INTERPOLATIONS = ['noise', 'linear', 'step'] as const;
export type Interpolation = (typeof INTERPOLATIONS)[number];

export interface Demand {
  /** In the trace's own unit, for a sample's period; a minute each. */
  readonly minutes: Float64Array;
  /** Epoch seconds of the first minute. */
  readonly start: number;
  /** Seconds between samples. */
  readonly period: number;
}

/**
 * @param interpolation how samples coarser than a minute become minutes @param name seeds the noise
 * @throws TraceError with file, line and remedy
 */
export function readDemand(file: string, interpolation: Interpolation, name: string): Demand {
  const { times, values } = readTrace(file);
  const [start = 0, second = 0] = times;
  const period = second - start;
  if (period < 60 || period % 60 !== 0) {
    throw new TraceError(`${file}:3 › samples are ${period} s apart: expected whole minutes; sum or average them to a minute first`);
  }
  const uneven = times.findIndex((t, i) => t !== start + i * period);
  if (uneven >= 0) {
    throw new TraceError(
      `${file}:${uneven + 2} › expected the sample of ${told(start + uneven * period)}, found that of ${told(times[uneven] ?? 0)}: samples must be ${period} s apart, without holes; fill them in first`,
    );
  }
  return { minutes: spread(values, period / 60, interpolation, name), start, period };
}

function spread(values: readonly number[], each: number, interpolation: Interpolation, name: string): Float64Array {
  const minutes = new Float64Array(values.length * each);
  if (each === 1 || interpolation === 'step') return minutes.map((_, i) => values[Math.floor(i / each)] ?? 0);
  for (let i = 0; i < minutes.length; i++) minutes[i] = straight(values, (i + 0.5) / each - 0.5);
  return interpolation === 'noise' ? noisy(minutes, each, name) : minutes;
}

/** A sample is a mean or a sum of its period, so it stands in the middle of it; before the first and after the last, the same. */
function straight(values: readonly number[], x: number): number {
  const at = Math.min(Math.max(x, 0), values.length - 1);
  const before = Math.min(Math.floor(at), Math.max(0, values.length - 2));
  const from = values[before] ?? 0;
  return ((values[before + 1] ?? from) - from) * (at - before) + from;
}

/**
 * A straight line would tell the next sample beforehand, by its slope. So 4 % of autocorrelated noise lies on it, which is what recorded minutes
 * show around a line through their five-minute means.
 */
function noisy(minutes: Float64Array, each: number, name: string): Float64Array {
  const keeps = each <= 5 ? 0.15 : 0.7;
  const fresh = Math.sqrt(1 - keeps * keeps);
  const normals = standardNormals(name);
  let off = 0;
  return minutes.map(value => {
    off = keeps * off + normals() * fresh;
    return value * Math.min(1.16, Math.max(0.84, 1 + 0.04 * off));
  });
}

/** The value that a share of them do not pass, between two neighbours where it falls between them. */
export function quantile(values: Float64Array, share: number): number {
  const sorted = values.toSorted();
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? 0;
  const part = place - Math.floor(place);
  // The end that is nearer is exact.
  return part < 0.5 ? below + (above - below) * part : above - (above - below) * (1 - part);
}

const told = (t: number): string => `${new Date(t * 1000).toISOString().slice(0, 19)}Z`;
