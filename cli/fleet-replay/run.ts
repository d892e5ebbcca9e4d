/** The replay: one trace, one group, whoever scales it in turn. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Refusal } from '../exit.ts';
import { clairvoyantHours } from './clairvoyant.ts';
import { playGroup, type Run, type Scaler, type Score, type Terms } from './group.ts';
import { type Demand, type Interpolation, quantile, readDemand } from './minutes.ts';
import { ours } from './ours.ts';
import { predictive, stepScaling, targetTracking } from './rivals.ts';

export interface ReplayOptions {
  readonly trace: string;
  /** Instances at 100 % that the 99th percentile of demand keeps busy. */
  readonly peak: number;
  /** Seconds. */
  readonly boot: number;
  /** Minutes. */
  readonly lag: number;
  /** Percent of utilization. */
  readonly slo: number;
  readonly interp: Interpolation;
  /** Days; else what a `traces.json` beside the trace says, else a quarter of it and at most two weeks. */
  readonly warmup?: number;
}

export interface Replay {
  /** In instances that would be busy at 100 %. */
  readonly demand: Float64Array;
  /** Epoch seconds. */
  readonly start: number;
  /** Seconds between the trace's samples. */
  readonly period: number;
  readonly terms: Terms;
  readonly days: number;
  readonly clairvoyantHours: number;
  readonly rows: readonly Row[];
  readonly ours: Run;
}

export interface Row extends Score {
  readonly name: string;
  /** Instance-hours over those of the clairvoyant minimum. */
  readonly ratio: number;
}

/** A group never goes below it here. */
const MIN = 2;
/** Percent of minutes that may be under-provisioned: the default of a policy's `slo`. */
const MINUTES = 1;

/** What is played, whoever scales it. */
export type Stage = Pick<Replay, 'demand' | 'start' | 'period' | 'terms'> & { readonly scale: number };

/** @throws Refusal, TraceError */
export function replayFleet(options: ReplayOptions, onProgress: (who: string, share: number) => void): Replay {
  const { scale, ...staged } = stageOf(options);
  const { demand, start, terms } = staged;
  const least = clairvoyantHours(demand, terms);
  const scalers: readonly (readonly [string, Scaler])[] = [
    ['ebbtide', ours({ ...terms, minutes: MINUTES / 100 }, Math.floor(start / 60), scale)],
    ['target tracking 50', targetTracking(50)],
    ['step 50', stepScaling(50)],
    ['predictive + tracking 50', predictive(50)],
  ];
  const runs = scalers.map(([name, scaler]) => ({
    name,
    run: playGroup(demand, terms, scaler, minute => minute % 60 === 0 && onProgress(name, minute / demand.length)),
  }));
  return {
    ...staged,
    days: (demand.length - terms.warmup) / 1440,
    clairvoyantHours: least,
    rows: runs.map(({ name, run: { score } }) => ({ name, ...score, ratio: score.instanceHours / least })),
    ours: (runs[0] as { run: Run }).run,
  };
}

/** @throws Refusal, TraceError */
export function stageOf(options: ReplayOptions): Stage {
  const { trace, peak, boot, lag, slo, interp } = options;
  const listed = listedBeside(trace);
  const recorded = readDemand(trace, interp, listed?.name ?? basename(trace).replace(/\..*$/, ''));
  const { start, period } = recorded;
  const scale = scaleOf(recorded, trace, peak);
  const demand = recorded.minutes.map(value => value * scale);
  const highest = demand.reduce((a, b) => Math.max(a, b), 0);
  const terms = {
    ...{ boot: Math.max(1, Math.ceil(boot / 60)), lag, utilization: slo / 100, min: MIN },
    // Ample, and the same for everybody.
    max: Math.max(MIN + 1, Math.ceil((1.5 * highest) / (slo / 100))),
    warmup: warmupOf(options, demand.length / 1440, listed?.warmup_days),
  };
  return { demand, start, period, terms, scale };
}

function scaleOf({ minutes }: Demand, file: string, peak: number): number {
  const high = quantile(minutes, 0.99);
  if (high > 0) return peak / high;
  throw new Refusal(`${file} › 99 % of its minutes are 0: there is nothing that --peak could be scaled to`);
}

/** Minutes. */
function warmupOf({ trace, warmup }: ReplayOptions, days: number, listed: number | undefined): number {
  if (days < 1) throw new Refusal(`${trace} › holds ${Math.round(days * 1440)} minutes: a day is the least that can be replayed`);
  const said = warmup ?? listed ?? Math.min(14, days / 4);
  if (said >= days) throw new Refusal(`--warmup: ${said} days leave nothing to count of ${days.toFixed(1)}; write fewer`);
  return Math.trunc(said * 1440);
}

/** What a collection of traces says of this one, where a `traces.json` lies beside it. */
function listedBeside(trace: string): { readonly name: string; readonly warmup_days: number } | undefined {
  const list = join(dirname(trace), 'traces.json');
  if (!existsSync(list)) return undefined;
  let entries: unknown;
  try {
    entries = JSON.parse(readFileSync(list, 'utf8'));
  } catch (cause) {
    throw new Refusal(`${list} › cannot be read as JSON: ${(cause as Error).message}; mend it, or move the trace elsewhere`, { cause });
  }
  const entry = Array.isArray(entries) ? entries.find(e => e?.file === basename(trace)) : undefined;
  return typeof entry?.name === 'string' && typeof entry.warmup_days === 'number' ? entry : undefined;
}
