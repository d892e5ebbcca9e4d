/** The demand of a fleet, as its policy says where to read it: only the tail that the asker does not know yet. */
import type { Series } from '../model/metric.ts';
import type { Fleet, Signal } from '../model/observation.ts';
import { addSeconds, DAY, earlier, floorTo, type Instant, later, MINUTE, type Window } from '../model/time.ts';
import type { SignalSpec } from '../policy/schema.ts';
import type { Expression, Metric, MetricWanted } from './metrics.ts';

export interface SignalsWanted {
  readonly period: 60 | 300;
  /**
   * The newest datapoint the asker holds, which is read again: CloudWatch may have published it half. Two weeks of minutes fill a fifth of a
   * call, so a look had better begin few fleets afresh: hundreds at once would not be read in a function's minute.
   */
  readonly since: Instant;
  readonly specs: readonly SignalSpec[];
}

export interface SignalAsked {
  readonly signal: Omit<Signal, 'series'>;
  readonly wanted: MetricWanted;
}

/** How far back a period can be read: CloudWatch keeps minutes for 15 days, five minutes for 63. The last day of it is already going. */
export const HISTORY: Readonly<Record<SignalsWanted['period'], number>> = { 60: 14 * DAY, 300: 62 * DAY };

export function signalsAsked({ ref, group }: Fleet, { period, since, specs }: SignalsWanted, at: Instant): SignalAsked[] {
  const window = tail(since, period, at);
  return specs.map((spec, index) => {
    const signal = meaning(spec, group);
    const wanted = {
      key: `signal ${index} ${ref.id}`,
      asked: source(spec, group),
      periodSeconds: period,
      window,
      what: signal.name,
      of: ref.id,
    };
    return { signal, wanted };
  });
}

/** @param read absent: it could not be read. */
export const signalSeen = ({ signal }: SignalAsked, read: Series | undefined): Signal => ({
  ...signal,
  series: read === undefined ? null : signal.kind === 'requests' ? perMinute(read) : read,
});

/** Full periods only, at least one, and no more than CloudWatch keeps. */
function tail(since: Instant, period: SignalsWanted['period'], at: Instant): Window {
  const end = floorTo(at, period);
  const start = later(floorTo(since, period), addSeconds(end, -HISTORY[period]));
  return { start: earlier(start, addSeconds(end, -period)), end };
}

/** A sum over five minutes is five minutes' requests. */
const perMinute = ({ values, periodSeconds, ...series }: Series): Series => ({
  ...series,
  periodSeconds,
  values: values.map(v => (v === null ? null : (v * MINUTE) / periodSeconds)),
});

export function meaning(spec: SignalSpec, group: string): Omit<Signal, 'series'> {
  switch (spec.kind) {
    case 'cpu':
      return { name: 'CPU', kind: 'cpu', of: 'instance', full: 100 };
    case 'requests':
      return { name: `requests of ${spec.targetGroup}`, kind: 'requests', of: 'fleet', full: spec.perInstance ?? null };
    case 'queue':
      return { name: `backlog of ${named(spec.queue, group)}`, kind: 'queue', of: 'fleet', full: spec.perInstance };
    case 'metric':
      return { name: spec.expression ?? `${spec.metric} of ${spec.namespace}`, kind: 'metric', of: spec.of, full: spec.perInstance };
    default:
      return spec satisfies never;
  }
}

/** Where CloudWatch keeps it. A request count does not saturate as CPU does, and the total needs no count of targets to be undone. */
export function source(spec: SignalSpec, group: string): Metric | Expression {
  switch (spec.kind) {
    case 'cpu':
      return { namespace: 'AWS/EC2', metric: 'CPUUtilization', dimensions: { AutoScalingGroupName: group }, statistic: 'Average' };
    case 'requests': {
      const dimensions = { LoadBalancer: spec.loadBalancer, TargetGroup: spec.targetGroup };
      return { namespace: 'AWS/ApplicationELB', metric: 'RequestCount', dimensions, statistic: 'Sum' };
    }
    case 'queue': {
      const dimensions = { QueueName: named(spec.queue, group) };
      return { namespace: 'AWS/SQS', metric: 'ApproximateNumberOfMessagesVisible', dimensions, statistic: 'Average' };
    }
    case 'metric': {
      const { namespace = '', metric = '', dimensions = {}, statistic = '', expression, metrics = {} } = spec;
      if (expression === undefined) return ofGroup({ namespace, metric, dimensions, statistic }, group);
      const inputs = Object.entries(metrics).map(([id, one]) => [id, ofGroup(one, group)] as const);
      return { expression: named(expression, group), metrics: Object.fromEntries(inputs) };
    }
    default:
      return spec satisfies never;
  }
}

const ofGroup = (metric: Metric, group: string): Metric => ({
  ...metric,
  dimensions: Object.fromEntries(Object.entries(metric.dimensions).map(([name, value]) => [name, named(value, group)])),
});

/** `{group}` stands for the group, so that one policy can speak of many. */
const named = (text: string, group: string): string => text.replaceAll('{group}', group);
