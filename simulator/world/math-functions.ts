/** What metric math computes: operators over series, and the functions that it knows. */
import { type MathContext, MathError, type MathValue, TimeSeries } from './metric-math.ts';

export type Binary = (a: number, b: number) => number;

const isSeries = (value: MathValue): value is TimeSeries => value instanceof TimeSeries;
const isList = (value: MathValue): value is readonly TimeSeries[] => Array.isArray(value);
export const seriesIn = (value: MathValue): readonly TimeSeries[] => (typeof value === 'number' ? [] : isSeries(value) ? [value] : value);

/** Series meet where both have a value; what is divided by zero has none. */
export function combine(a: MathValue, b: MathValue, operator: Binary): MathValue {
  if (typeof a === 'number' && typeof b === 'number') return operator(a, b);
  if (isList(a)) return a.map(one => combine(one, b, operator) as TimeSeries);
  if (isList(b)) return b.map(one => combine(a, one, operator) as TimeSeries);
  const times = isSeries(a) ? a.keys() : isSeries(b) ? b.keys() : [];
  const series = new TimeSeries([], isSeries(a) ? a : isSeries(b) ? b : {});
  for (const time of times) {
    const [x, y] = [at(a, time), at(b, time)];
    const value = x === undefined || y === undefined ? Number.NaN : operator(x, y);
    if (Number.isFinite(value)) series.set(time, value);
  }
  return series;
}

const at = (value: MathValue, time: number): number | undefined =>
  typeof value === 'number' ? value : isSeries(value) ? value.get(time) : undefined;

const FOLDS: Readonly<Record<string, (values: readonly number[]) => number>> = {
  AVG: values => values.reduce((sum, value) => sum + value, 0) / values.length,
  SUM: values => values.reduce((sum, value) => sum + value, 0),
  MAX: values => Math.max(...values),
  MIN: values => Math.min(...values),
  STDDEV: values => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  },
};
const EACH: Readonly<Record<string, (value: number) => number>> = {
  ABS: Math.abs,
  CEIL: Math.ceil,
  FLOOR: Math.floor,
  LOG: Math.log,
  LOG10: Math.log10,
};

/** Of a point and the one before it, so many seconds earlier. */
const STEPS: Readonly<Record<string, (value: number, before: number, seconds: number) => number>> = {
  DIFF: (value, before) => value - before,
  DIFF_TIME: (_value, _before, seconds) => seconds,
  RATE: (value, before, seconds) => (value - before) / seconds,
};

/** Of the time itself, in UTC. */
const CLOCK: Readonly<Record<string, (time: Date) => number>> = {
  MINUTE: time => time.getUTCMinutes(),
  HOUR: time => time.getUTCHours(),
  DAY: time => time.getUTCDay() || 7, // Monday is 1
  DATE: time => time.getUTCDate(),
  MONTH: time => time.getUTCMonth() + 1,
  YEAR: time => time.getUTCFullYear(),
  EPOCH: time => time.getTime() / 1000,
};

export function call(name: string, given: readonly MathValue[], context: MathContext): MathValue {
  const [first, second, third] = given;
  const fold = FOLDS[name];
  const each = EACH[name];
  if (name === 'METRICS' && first === undefined) return context.metrics();
  if (name === 'IF' && first !== undefined && second !== undefined) return choose(first, second, third, context);
  if (name === 'FILL' && first !== undefined && typeof first !== 'number') return fill(first, second, context);
  if (fold !== undefined && first !== undefined) return reduce(first, fold);
  if (each !== undefined && first !== undefined) return combine(first, 0, a => each(a));
  if (first !== undefined && second === undefined) {
    const of = ofOne(name, first, context.times);
    if (of !== null) return of;
  }
  throw new MathError(`the virtual CloudWatch does not know the function ${name} with ${given.length} arguments`);
}

/** Functions of one argument that look at its points one after the other, or at their times. */
function ofOne(name: string, given: MathValue, times: readonly number[]): MathValue | null {
  if (name === 'TIME_SERIES' && typeof given === 'number') return new TimeSeries(times.map(time => [time, given]));
  if (isList(given)) {
    const each = given.map(series => ofOne(name, series, times));
    return each.every(value => value !== null && isSeries(value)) ? (each as TimeSeries[]) : null;
  }
  if (!isSeries(given)) return null;
  const points = [...given].sort(([a], [b]) => a - b);
  const [step, clock] = [STEPS[name], CLOCK[name]];
  if (name === 'PERIOD') return given.period;
  if (name === 'DATAPOINT_COUNT') return given.size;
  if (step !== undefined)
    return new TimeSeries(
      points.slice(1).map(([time, value], i) => {
        const [earlier, before] = points[i] as [number, number];
        return [time, step(value, before, time - earlier)];
      }),
      given,
    );
  if (clock !== undefined)
    return new TimeSeries(
      points.map(([time]) => [time, clock(new Date(time * 1000))]),
      given,
    );
  if (name !== 'RUNNING_SUM') return null;
  const sums = new TimeSeries([], given);
  let sum = 0;
  for (const [time, value] of points) {
    sum += value;
    sums.set(time, sum);
  }
  return sums;
}

/** Of one series a number, of several a series: at each time over those that have a value. */
function reduce(value: MathValue, fold: (values: readonly number[]) => number): MathValue {
  if (typeof value === 'number') return value;
  if (isSeries(value)) return fold([...value.values()]);
  const times = [...new Set(value.flatMap(series => [...series.keys()]))].sort((a, b) => a - b);
  return new TimeSeries(
    times.map(time => [time, fold(value.flatMap(series => series.get(time) ?? []))]),
    { period: value[0]?.period ?? 60 },
  );
}

/** Where the condition has no value there is none; without a third argument there is none where it does not hold. */
function choose(condition: MathValue, yes: MathValue, no: MathValue | undefined, { times }: MathContext): MathValue {
  const series = new TimeSeries([], { period: isSeries(condition) ? condition.period : 60 });
  for (const time of isSeries(condition) ? condition.keys() : times) {
    const holds = at(condition, time);
    if (holds === undefined) continue;
    const value = holds !== 0 ? at(yes, time) : no === undefined ? undefined : at(no, time);
    if (value !== undefined) series.set(time, value);
  }
  return series;
}

/** Holes get a number, another series' values, or without either the value before. */
function fill(value: TimeSeries | readonly TimeSeries[], filler: MathValue | undefined, context: MathContext): MathValue {
  if (!isSeries(value)) return value.map(series => fill(series, filler, context) as TimeSeries);
  const filled = new TimeSeries([], value);
  let before: number | undefined;
  for (const time of context.times) {
    before = value.get(time) ?? (filler === undefined ? before : at(filler, time));
    if (before !== undefined) filled.set(time, before);
    if (filler !== undefined) before = undefined;
  }
  return filled;
}
