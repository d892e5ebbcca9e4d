/**
 * Forecasts of the demand that an instance ordered now will meet, by experts of different minds. Whoever was nearest lately has the most to say.
 * Values are logs of demand plus `OFFSET`.
 */
import { type History, knows, meanDemand, OFFSET } from './history.ts';
import { type Rhythm, rhythmForecast } from './rhythm.ts';

export const EXPERTS = [
  'level',
  'trend',
  'same time of day',
  'same time of week',
  'same minute of the hour',
  'past days',
  'rhythm',
] as const;

/** A half of what an expert got wrong is forgotten in eight hours. */
const FORGETTING = 1 / 720;
/** How much more the nearest expert has to say than the next. */
const SHARPNESS = 12;

export function expertForecasts(history: History, rhythm: Rhythm | null, ahead: number): Float64Array {
  const { last } = history;
  const level = Math.max(meanDemand(history, last - 2, last), 1e-6);
  const before = knows(history, last - 10) ? meanDemand(history, last - 12, last - 10) : level;
  const trend = Math.max(level + (0.5 * (level - before) * ahead) / 10, 0.3 * level);
  const day = seasonal(history, ahead, DAYS);
  const week = seasonal(history, ahead, WEEKS) ?? day;
  const hour = seasonal(history, ahead, HOURS);
  const past = mean(
    [1, 2, 3, 7]
      .map(d => last + ahead - 1440 * d)
      .filter(m => knows(history, m - ahead))
      .map(m => around(history, m)),
  );
  const logs = [level, trend, level * (day ?? 1), level * (week ?? 1), level * (hour ?? 1), past ?? level].map(d => Math.log(d + OFFSET));
  return Float64Array.of(...logs, rhythm === null ? (logs[0] ?? 0) : rhythmForecast(rhythm, history, last));
}

const DAYS = [1, 2, 3, 4, 5, 6, 7, 14].map(d => 1440 * d);
const WEEKS = [10080, 20160];
const HOURS = Array.from({ length: 12 }, (_, i) => 60 * (i + 1));

/** By how much demand grew from the same minute to the same forecast's reach, in the median of the past. */
function seasonal(history: History, ahead: number, lags: readonly number[]): number | null {
  const { last } = history;
  const ratios: number[] = [];
  for (const lag of lags) {
    if (lag <= ahead + 2 || !knows(history, last - lag - 2)) continue;
    ratios.push(around(history, last + ahead - lag) / Math.max(meanDemand(history, last - lag - 2, last - lag), 1e-6));
  }
  if (ratios.length === 0) return null;
  ratios.sort((a, b) => a - b);
  const middle = ratios.length >> 1;
  const upper = ratios[middle] ?? 1;
  return ratios.length % 2 === 1 ? upper : ((ratios[middle - 1] ?? upper) + upper) / 2;
}

const around = (history: History, minute: number): number => meanDemand(history, minute - 2, minute + 2);

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, v) => sum + v, 0) / values.length;

/** What each got wrong lately, once the minute that was forecast has come. */
export function judgeExperts(losses: Float64Array, forecasts: Float64Array, came: number): void {
  for (let i = 0; i < losses.length; i++) losses[i] = (losses[i] ?? 0) * (1 - FORGETTING) + Math.abs(came - (forecasts[i] ?? came));
}

/** The experts' common forecast. */
export function consensus(losses: Float64Array, forecasts: Float64Array): number {
  const least = Math.min(...losses);
  const unit = Math.max(least, 1e-3);
  let weights = 0;
  let sum = 0;
  for (let i = 0; i < losses.length; i++) {
    const weight = Math.exp((-((losses[i] ?? 0) - least) / unit) * SHARPNESS);
    weights += weight;
    sum += weight * (forecasts[i] ?? 0);
  }
  return sum / weights;
}
