/**
 * Metric math, as much of it as alarms and dashboards commonly use: `+ - * /`, comparisons, AND OR, SEARCH, ANOMALY_DETECTION_BAND, and the
 * functions of `math-functions.ts` (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html). A small
 * evaluator of its own: no text is run.
 */

/** Period start → value; what it is called, where several come together. */
export class TimeSeries extends Map<number, number> {
  readonly label: string | null;
  /** Seconds from one point to the next, where there is no hole. */
  readonly period: number;

  constructor(
    points: Iterable<readonly [number, number]> = [],
    { label = null, period = 60 }: Partial<Pick<TimeSeries, 'label' | 'period'>> = {},
  ) {
    super(points);
    this.label = label;
    this.period = period;
  }
}

export type MathValue = number | TimeSeries | readonly TimeSeries[];

export class MathError extends Error {
  override readonly name = 'MathError';
}

export interface MathContext {
  /** What an id stands for. @throws MathError where nothing is called so. */
  readonly series: (id: string) => MathValue;
  /** Every metric (not: expression) of the request. */
  readonly metrics: () => readonly TimeSeries[];
  /** Period starts of the request's window. */
  readonly times: readonly number[];
  /** Every metric that the search finds. */
  readonly search: (terms: string, stat: string, period: number) => readonly TimeSeries[];
  /** What is expected of the metric of that id: so many deviations above, and below. */
  readonly band: (id: string, deviations: number) => readonly [upper: TimeSeries, lower: TimeSeries];
}
