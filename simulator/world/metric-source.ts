/** What a metric is called, and what publishes it. */

export interface MetricName {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: readonly { readonly Name: string; readonly Value: string }[];
}

/** A sample is one value as it was published: every minute, or every five with basic monitoring. */
export interface Source {
  /** Seconds between two samples. */
  readonly step: number;
  /** How many values stand in the sample that begins at `at`; 0: nothing was published. */
  count(at: number): number;
  /** Their average; asked only where there are any. */
  value(at: number): number;
  /** Each of them, where they are told apart. */
  values?(at: number): readonly number[];
}

/** `AutoScalingGroupName`, `web` → the name with one dimension. */
export const named = (namespace: string, name: string, dimensions: Readonly<Record<string, string>>): MetricName => ({
  namespace,
  name,
  dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
});

/** The value of its only dimension, where that is the one asked for. */
export function soleDimension({ dimensions }: MetricName, name: string): string | null {
  const [first] = dimensions;
  return dimensions.length === 1 && first?.Name === name ? first.Value : null;
}

/** Whether it has these dimensions with these values, and no others. */
export const hasDimensions = ({ dimensions }: MetricName, wanted: Readonly<Record<string, string>>): boolean =>
  dimensions.length === Object.keys(wanted).length && dimensions.every(({ Name, Value }) => wanted[Name] === Value);
