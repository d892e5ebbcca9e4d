/** A metric of a policy that has never spoken: is it called otherwise, or does it live under other dimensions? */
import type { CloudWatchClient, Metric as Listed } from '@aws-sdk/client-cloudwatch';
import type { Expression, Metric } from '../shared/observe/metrics.ts';
import { source } from '../shared/observe/signals.ts';
import type { FleetPolicy } from '../shared/policy/schema.ts';
import { nearest } from '../shared/policy/suggest.ts';
import type { Clients } from '../shared/runtime/clients.ts';

/** CloudWatch lists what had a datapoint in the last two weeks, 500 a page; a namespace may have very many. */
const PAGES_MAX = 10;

/** One line for each metric of the policy's signals that CloudWatch does not know as it is written; none when it knows them all. */
export async function metricHints(clients: Clients, group: string, { signals = [] }: FleetPolicy): Promise<string[]> {
  const cloudWatch = await clients.cloudWatch();
  const metrics = signals.flatMap(spec => metricsOf(source(spec, group)));
  const hints = await Promise.all(metrics.map(metric => hintFor(cloudWatch, metric)));
  return [...new Set(hints.filter(hint => hint !== null))];
}

const metricsOf = (asked: Metric | Expression): Metric[] => ('expression' in asked ? Object.values(asked.metrics) : [asked]);

async function hintFor(cloudWatch: CloudWatchClient, { namespace, metric, dimensions }: Metric): Promise<string | null> {
  const named = await listed(cloudWatch, { Namespace: namespace, MetricName: metric });
  if (named.some(m => isSame(m, dimensions))) return null;
  if (named.length > 0) {
    const others = named
      .slice(0, 3)
      .map(m => dimensionsText(Object.fromEntries((m.Dimensions ?? []).map(d => [d.Name ?? '', d.Value ?? '']))));
    return `${metric} of ${namespace} has had no datapoint for ${dimensionsText(dimensions)} in two weeks; it has for ${others.join(', or ')}`;
  }
  const names = [...new Set((await listed(cloudWatch, { Namespace: namespace })).flatMap(m => m.MetricName ?? []))];
  if (names.length === 0)
    return `No metric of a namespace "${namespace}" has had a datapoint in two weeks; is it spelled so, and in this region?`;
  const near = nearest(metric, names);
  return `${namespace} has had no metric "${metric}" in two weeks; ${near === null ? `it has ${names.slice(0, 5).join(', ')}` : `did you mean "${near}"?`}`;
}

async function listed(client: CloudWatchClient, input: { readonly Namespace: string; readonly MetricName?: string }): Promise<Listed[]> {
  const { paginateListMetrics } = await import('@aws-sdk/client-cloudwatch');
  const found: Listed[] = [];
  let pages = 0;
  for await (const page of paginateListMetrics({ client }, input)) {
    found.push(...(page.Metrics ?? []));
    if (++pages >= PAGES_MAX) break;
  }
  return found;
}

/** CloudWatch adds dimensions up for nobody: all of them, and no others. */
const isSame = ({ Dimensions = [] }: Listed, dimensions: Metric['dimensions']): boolean =>
  Dimensions.length === Object.keys(dimensions).length && Dimensions.every(({ Name = '', Value }) => dimensions[Name] === Value);

const dimensionsText = (dimensions: Readonly<Record<string, string>>): string =>
  Object.entries(dimensions)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ') || 'no dimensions';
