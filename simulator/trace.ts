/** Recorded demand as a workload: `t,v` in CSV, plain or gzipped; `t` is epoch seconds or an instant, `v` any unit, for the trace is scaled. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { epochSeconds, type Instant } from '../shared/model/time.ts';
import type { Workload } from './workloads.ts';
import { gaussian } from './world/random.ts';

export interface Trace {
  readonly file: string;
  /** Epoch seconds, ascending. */
  readonly times: readonly number[];
  readonly values: readonly number[];
}

/** A trace that cannot be read: says which file, which line, and what was expected there. */
export class TraceError extends Error {
  override readonly name = 'TraceError';
}

/** @throws TraceError */
export function readTrace(file: string): Trace {
  const lines = read(file).split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  const complain = (line: number, what: string): never => {
    throw new TraceError(`${file}:${line} › ${what}`);
  };
  if (lines.length === 0) return complain(1, 'the file is empty: expected the header `t,v` and then samples');
  if (lines[0]?.trim() !== 't,v') complain(1, `expected the header \`t,v\`, found ${quote(lines[0])}`);
  if (lines.length < 3) complain(lines.length, 'expected at least two samples after the header');

  const times: number[] = [];
  const values: number[] = [];
  for (const [index, line] of lines.entries()) {
    if (index === 0) continue;
    const fields = line.split(',');
    if (fields.length !== 2) complain(index + 1, `expected two fields, found ${quote(line)}`);
    const [t, v] = [epochOf(fields[0] ?? ''), numberOf(fields[1] ?? '')];
    if (!Number.isFinite(t))
      complain(index + 1, `t is neither epoch seconds nor an instant with its zone (2025-05-14T21:00:00Z): ${quote(fields[0])}`);
    if (!Number.isFinite(v) || v < 0) complain(index + 1, `v is not a number of 0 or more: ${quote(fields[1])}`);
    const before = times.at(-1);
    if (before !== undefined && t <= before) complain(index + 1, `t must increase: ${t} comes after ${before}`);
    times.push(t);
    values.push(v);
  }
  return { file, times, values };
}

const numberOf = (field: string): number => (field.trim() === '' ? Number.NaN : Number(field));

const INSTANT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$/;

const epochOf = (field: string): number =>
  INSTANT.test(field.trim()) ? Date.parse(field.trim().replace(' ', 'T')) / 1000 : numberOf(field);

export interface ReplayOptions {
  readonly seed: number;
  /** Busy instances at the 99th percentile of the trace. */
  readonly busy: number;
  /** The story's instant at which the trace begins; it is repeated before and after, whole day upon whole day. */
  readonly from: Instant;
}

const DAY = 86_400;

/**
 * Demand in busy instances. Between samples it runs straight; where samples are coarser than a minute 4 % of noise is added, for a
 * straight line would tell the next sample beforehand.
 */
export function replay(trace: Trace, { seed, busy, from }: ReplayOptions): Workload {
  const { times, values } = trace;
  const first = times[0] as number;
  const period = (times[1] as number) - first;
  const span = (times.at(-1) as number) + period - first;
  const length = span >= DAY ? Math.floor(span / DAY) * DAY : span;
  const scale = busy / percentile(values, 0.99);
  const start = epochSeconds(from);
  return at => {
    const into = (((at - start) % length) + length) % length;
    const noise = period > 60 ? 1 + 0.04 * gaussian(seed, Math.floor(at / 60)) : 1;
    return Math.max(0, between(times, values, first + into, period) * scale * noise);
  };
}

/** The value at `t`, straight between its neighbours; the last one holds. */
function between(times: readonly number[], values: readonly number[], t: number, period: number): number {
  let index = Math.min(times.length - 1, Math.floor((t - (times[0] as number)) / period)); // exact where the period is fixed
  if (!((times[index] as number) <= t && (times[index + 1] ?? Number.POSITIVE_INFINITY) > t)) index = lastNotAfter(times, t);
  const [t0, v0] = [times[index] as number, values[index] as number];
  const [t1, v1] = [times[index + 1], values[index + 1]];
  return t1 === undefined || v1 === undefined ? v0 : v0 + ((v1 - v0) * (t - t0)) / (t1 - t0);
}

function lastNotAfter(times: readonly number[], t: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) <= t) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

/** Never 0: a trace of nothing stays a trace of nothing. */
function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] || 1;
}

function read(file: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new TraceError(`${file} › cannot be read: ${(cause as Error).message}`, { cause });
  }
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString('utf8'); // not gzip, whatever its name says
  try {
    return gunzipSync(bytes).toString('utf8');
  } catch (cause) {
    throw new TraceError(`${file} › looks like gzip and is broken: ${(cause as Error).message}`, { cause });
  }
}

const quote = (text: string | undefined): string => JSON.stringify((text ?? '').slice(0, 60));
