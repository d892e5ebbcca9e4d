/** GetMetricData in batches. What could not be read is named; a failed read is never an empty series. */
import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { type Series, series } from '../model/metric.ts';
import type { Unread } from '../model/observation.ts';
import { type Instant, instant, lengthSeconds, toDate, type Window } from '../model/time.ts';
import type { Clients } from '../runtime/clients.ts';
import { why } from './why.ts';

/** One metric over one window. `key` is the asker's own name for it. */
export interface MetricWanted {
  readonly key: string;
  readonly namespace: string;
  readonly metric: string;
  readonly dimension: { readonly name: string; readonly value: string };
  readonly statistic: 'Average' | 'Maximum' | 'SampleCount';
  readonly periodSeconds: number;
  /** Aligned to the period at both ends. */
  readonly window: Window;
  /** For people, when it cannot be read: `CPU`, `baseline`. */
  readonly what: string;
}

export interface MetricsRead {
  /** By key; a key that is missing was not read, and `unread` says why. */
  readonly series: ReadonlyMap<string, Series>;
  readonly unread: readonly Unread[];
}

/** CloudWatch's limits for one GetMetricData call. */
const QUERIES_MAX = 500;
const DATAPOINTS_MAX = 100_800;

/** Reads all that is wanted in as few calls as CloudWatch's limits allow: one batch per distinct window and period. */
export async function readMetrics(clients: Clients, wanted: readonly MetricWanted[]): Promise<MetricsRead> {
  const read = new Map<string, Series>();
  const failures: { readonly of: MetricWanted; readonly why: string }[] = [];
  for (const batch of batches(wanted)) {
    try {
      const { values, failed } = await readBatch(clients, batch);
      for (const [index, of] of batch.entries()) {
        const reason = failed.get(index);
        if (reason === undefined) read.set(of.key, series(of.window, of.periodSeconds, values.get(index) ?? []));
        else failures.push({ of, why: reason });
      }
    } catch (error) {
      failures.push(...batch.map(of => ({ of, why: why(error) })));
    }
  }
  return { series: read, unread: tally(failures) };
}

/** All queries of a call share its window, and what a call returns is bounded too, so long windows make small batches. */
function batches(wanted: readonly MetricWanted[]): MetricWanted[][] {
  const alike = Map.groupBy(wanted, w => `${w.window.start} ${w.window.end} ${w.periodSeconds}`);
  return [...alike.values()].flatMap(group => {
    const [first] = group;
    if (first === undefined) return [];
    const datapoints = Math.max(1, Math.ceil(lengthSeconds(first.window) / first.periodSeconds));
    const size = Math.max(1, Math.min(QUERIES_MAX, Math.floor(DATAPOINTS_MAX / datapoints)));
    return Array.from({ length: Math.ceil(group.length / size) }, (_, i) => group.slice(i * size, (i + 1) * size));
  });
}

interface BatchRead {
  /** Points by index in the batch, over all pages. */
  readonly values: Map<number, [Instant, number][]>;
  /** Why, by index: what CloudWatch did not complete. */
  readonly failed: Map<number, string>;
}

async function readBatch(clients: Clients, batch: readonly MetricWanted[]): Promise<BatchRead> {
  const [cloudWatch, { GetMetricDataCommand }] = await Promise.all([clients.cloudWatch(), import('@aws-sdk/client-cloudwatch')]);
  const [first] = batch;
  if (first === undefined) return { values: new Map(), failed: new Map() };

  const values = new Map<number, [Instant, number][]>();
  const status = new Map<number, string>();
  let token: string | undefined;
  do {
    const page = await cloudWatch.send(
      new GetMetricDataCommand({
        StartTime: toDate(first.window.start),
        EndTime: toDate(first.window.end),
        ScanBy: 'TimestampAscending',
        MetricDataQueries: batch.map(query),
        ...(token === undefined ? {} : { NextToken: token }),
      }),
    );
    for (const result of page.MetricDataResults ?? []) {
      const index = Number(result.Id?.slice(1));
      const points = values.get(index) ?? [];
      for (const [i, at] of (result.Timestamps ?? []).entries()) points.push([instant(at), result.Values?.[i] ?? Number.NaN]);
      values.set(index, points);
      // PartialData says that more pages follow, so only the last word counts.
      status.set(index, result.StatusCode ?? 'Complete');
    }
    token = page.NextToken;
  } while (token !== undefined && token !== '');

  const failed = new Map<number, string>();
  for (const index of batch.keys()) {
    const last = status.get(index) ?? 'no answer';
    if (last !== 'Complete') failed.set(index, `GetMetricData: ${last}`);
  }
  return { values, failed };
}

const query = (wanted: MetricWanted, index: number): MetricDataQuery => ({
  Id: `m${index}`,
  MetricStat: {
    Metric: {
      Namespace: wanted.namespace,
      MetricName: wanted.metric,
      Dimensions: [{ Name: wanted.dimension.name, Value: wanted.dimension.value }],
    },
    Period: wanted.periodSeconds,
    Stat: wanted.statistic,
  },
});

/** `CPU of 12 resources`, once for each reason. */
function tally(failures: readonly { readonly of: MetricWanted; readonly why: string }[]): Unread[] {
  const alike = Map.groupBy(failures, f => `${f.of.what}\n${f.why}`);
  return [...alike.values()].flatMap(group => {
    const [first] = group;
    if (first === undefined) return [];
    const of = group.length === 1 ? first.of.dimension.value : `${group.length} resources`;
    return [{ what: `${first.of.what} of ${of}`, why: first.why }];
  });
}
