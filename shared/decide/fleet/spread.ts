/**
 * How far off a forecast may be. Its scale is learned from what foretells it (how far off the last ones were, the time of day, how much is
 * about to move); its shape is the fleet's own history of errors in units of that scale.
 */
import { errorAt, type History, knows, levelAt, meanDemand, OFFSET } from './history.ts';
import { addSample, dot, fade, type NormalEquations, normalEquations, solve } from './least-squares.ts';

export interface Spread {
  /** Size of recent errors: over 8, 40 and 300 minutes. */
  readonly recent: Float64Array;
  readonly equations: NormalEquations;
  /** Of the log of the scale on `FEATURES`; `null` until enough errors have been seen. */
  coefficients: Float64Array | null;
  /** Share of errors by their size in scales, in bins of `BIN`; the middle one is no error. Sums to `mass`. */
  readonly shape: Float32Array;
  mass: number;
}

export const FEATURES = 12;
export const BINS = 401;
const BIN = 0.05;
const MIDDLE = 200;

const MEMORY = [8, 40, 300];
const SHAPE_FORGETS = 1 / 4320;
const SCALE_FORGETS = 1 / (7 * 1440);
const RIDGE = 0.001;
const SMALLEST = 0.02;

export const openSpread = (): Spread => ({
  recent: new Float64Array(MEMORY.length),
  equations: normalEquations(FEATURES),
  coefficients: null,
  shape: new Float32Array(BINS),
  mass: 0,
});

/** What is known when a forecast is made that may foretell how far off it will be. */
export function spreadFeatures(spread: Spread, history: History, ahead: number, forecasts: Float64Array, forecast: number): Float64Array {
  const { last } = history;
  const [short = 0, middle = 0, long = 0] = spread.recent;
  const jump = forecast - Math.log(meanDemand(history, last - 2, last) + OFFSET);
  const momentum = levelAt(history, last) - levelAt(history, last - 10);
  const seasonalStep = Math.abs((forecasts[2] ?? 0) - (forecasts[0] ?? 0));
  return Float64Array.of(
    1,
    ...[
      short,
      middle,
      long,
      usualError(history, last + ahead, 1440, 10, 6) ?? long,
      usualError(history, last + ahead, 60, 12, 2) ?? long,
    ].map(log),
    Math.min(forecast, 6),
    Math.max(jump, 0),
    Math.max(-jump, 0),
    Math.max(momentum, 0),
    Math.max(-momentum, 0),
    log(seasonalStep),
  );
}

const log = (size: number): number => Math.log(size + 0.01);

/** Mean size of the errors around the same minute of the last `count` periods. */
function usualError(history: History, target: number, period: number, count: number, reach: number): number | null {
  let sum = 0;
  let n = 0;
  for (let back = 1; back <= count; back++) {
    const centre = target - period * back;
    for (let minute = centre - reach; minute <= centre + reach; minute++) {
      if (!knows(history, minute)) continue;
      const error = errorAt(history, minute);
      if (Number.isNaN(error)) continue;
      sum += Math.min(Math.abs(error), 3);
      n++;
    }
  }
  return n === 0 ? null : sum / n;
}

export function scaleOf({ coefficients, recent }: Spread, features: Float64Array): number {
  const scale = coefficients === null ? (recent[1] ?? 0) + 0.01 : Math.exp(Math.min(Math.max(dot(coefficients, features), -4), 1.2));
  return Math.max(scale, SMALLEST);
}

/** An error has come to light: `error` is a log ratio, `scale` and `features` are what was thought when the forecast was made. */
export function learnError(spread: Spread, error: number, scale: number, features: Float64Array): void {
  const size = Math.min(Math.abs(error), 3);
  for (const [i, minutes] of MEMORY.entries()) spread.recent[i] = (spread.recent[i] ?? 0) + (size - (spread.recent[i] ?? 0)) / minutes;
  for (let i = 0; i < BINS; i++) spread.shape[i] = (spread.shape[i] ?? 0) * (1 - SHAPE_FORGETS);
  const bin = Math.min(Math.max(Math.round(error / scale / BIN) + MIDDLE, 0), BINS - 1);
  spread.shape[bin] = (spread.shape[bin] ?? 0) + 1;
  spread.mass = spread.shape.reduce((sum, share) => sum + share, 0);
  fade(spread.equations, 1 - SCALE_FORGETS);
  // Only what came in higher than foreseen can hurt.
  if (error > 0) addSample(spread.equations, features, log(size), 1);
}

export function refitSpread(spread: Spread): void {
  if (spread.equations.weight >= 300) spread.coefficients = solve(spread.equations, RIDGE);
}

/** Chance that demand will exceed a capacity, by its bin: the chance of an error of that many bins or more. */
export function survival({ shape, mass }: Spread): Float64Array {
  const chances = new Float64Array(BINS + 1);
  for (let i = BINS - 1; i >= 0; i--) chances[i] = (chances[i + 1] ?? 0) + (shape[i] ?? 0) / mass;
  return chances;
}

/** Chance that demand exceeds `load` instances at 100 %, given a forecast and its scale. */
export function chanceAbove(chances: Float64Array, load: number, forecast: number, scale: number): number {
  const bin = Math.ceil((Math.log(load + OFFSET) - forecast) / scale / BIN + MIDDLE);
  return bin < 0 ? 1 : (chances[Math.min(bin, BINS)] ?? 0);
}

/** The loads between which the chance falls from one to nothing. */
export function reach({ shape }: Spread, forecast: number, scale: number): { readonly low: number; readonly high: number } {
  const first = shape.findIndex(share => share > 0);
  const last = shape.findLastIndex(share => share > 0);
  const load = (bin: number) => Math.exp(forecast + (bin - MIDDLE) * BIN * scale) - OFFSET;
  return { low: load(first), high: load(last + 1) };
}
