/**
 * CloudWatch's metrics as pure functions of what happened: nothing is stored, so four weeks of history cost nothing until asked for.
 * A sample is one value as it was published: every minute with detailed monitoring, every five with basic.
 */

import { type Credits, creditsUntil } from './credits.ts';
import { customSource } from './custom-metrics.ts';
import { GROUP_METRICS, type Group, type GroupMetric } from './group.ts';
import { instanceType } from './instance-types.ts';
import { type Machine, ranAt } from './machine.ts';
import { gaussian, seedOf } from './random.ts';
import type { Region, World } from './world.ts';

/** What publishes a metric. */
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

export interface MetricName {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: readonly { readonly Name: string; readonly Value: string }[];
}

/** Percentiles: `p99`, `p99.9`. */
type Percentile = `p${number}`;
export type Statistic = 'Average' | 'Maximum' | 'Minimum' | 'Sum' | 'SampleCount' | Percentile;

export const isStatistic = (text: string): text is Statistic =>
  /^(Average|Maximum|Minimum|Sum|SampleCount|p(100|\d{1,2}(\.\d{1,10})?))$/.test(text);

const isPercentile = (stat: Statistic): stat is Percentile => stat.startsWith('p');

/** Ascending; `times` are the starts of periods, epoch seconds. */
export interface Datapoints {
  readonly times: number[];
  readonly values: number[];
}

/** A sample is seen one minute after its end. */
export const PUBLICATION_LAG = 60;

const MINUTE = 60;
const DAY = 86_400;

/** `null` for a metric that nothing publishes: CloudWatch answers that with silence, not with an error. */
export function sourceOf(world: World, region: Region, metric: MetricName): Source | null {
  if (!metric.namespace.startsWith('AWS/')) return customSource(region, metric);
  const [dimension] = metric.dimensions;
  if (metric.dimensions.length !== 1 || dimension === undefined) return null;
  if (metric.namespace === 'AWS/EC2' && metric.name === 'CPUUtilization') {
    if (dimension.Name === 'InstanceId') return instanceCpu(world, region, dimension.Value);
    if (dimension.Name === 'AutoScalingGroupName') return groupCpu(region, dimension.Value);
  }
  if (metric.namespace === 'AWS/EC2' && dimension.Name === 'InstanceId') {
    if (metric.name in CREDITS) return instanceCredits(world, region, dimension.Value, metric.name as keyof typeof CREDITS);
    if (metric.name === 'StatusCheckFailed') return instanceChecks(world, region, dimension.Value);
  }
  if (metric.namespace === 'AWS/AutoScaling' && dimension.Name === 'AutoScalingGroupName')
    return groupSize(region, dimension.Value, metric.name);
  return null;
}

/** Every metric that somebody publishes in the region: what ListMetrics tells. */
export function metricsOf(region: Region): MetricName[] {
  const of = (namespace: string, dimension: string, value: string, names: readonly string[]): MetricName[] =>
    names.map(name => ({ namespace, name, dimensions: [{ Name: dimension, Value: value }] }));
  return [
    ...[...region.machines.values()].flatMap(({ id, type }) => {
      const credits = instanceType(type)?.burstable == null ? [] : Object.keys(CREDITS);
      return of('AWS/EC2', 'InstanceId', id, ['CPUUtilization', 'StatusCheckFailed', ...credits]);
    }),
    ...[...region.groups.keys()].flatMap(name => [
      ...of('AWS/EC2', 'AutoScalingGroupName', name, ['CPUUtilization']),
      ...of('AWS/AutoScaling', 'AutoScalingGroupName', name, GROUP_METRICS),
    ]),
    ...[...region.customMetrics.values()].map(({ metric }) => metric),
  ];
}

/** Rolls samples up to periods. Periods without a visible sample are holes; the newest may be rolled up from part of its samples. */
export function datapoints(
  source: Source,
  stat: Statistic,
  period: number,
  window: { start: number; end: number },
  now: number,
): Datapoints {
  const { step } = source;
  const points: Datapoints = { times: [], values: [] };
  const oldest = now - (period < 300 ? 15 : period < 3600 ? 63 : 455) * DAY; // finer data is dropped earlier
  const first = Math.floor(window.start / period) * period;
  const visible = now - PUBLICATION_LAG - step;

  for (let start = first; start < window.end; start += period) {
    if (start < oldest) continue;
    const end = Math.min(start + period, visible + 1);
    const value = rollUp(source, stat, Math.ceil(start / step) * step, end);
    if (value === null) continue;
    points.times.push(start);
    points.values.push(value);
  }
  return points;
}

function rollUp(source: Source, stat: Statistic, from: number, to: number): number | null {
  if (source.values !== undefined || isPercentile(stat)) return rollUpEach(source, stat, from, to);
  let count = 0;
  let sum = 0;
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = from; at < to; at += source.step) {
    const n = source.count(at);
    if (n === 0) continue;
    count += n;
    if (stat === 'SampleCount') continue;
    const value = source.value(at);
    sum += value * n;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (count === 0) return null;
  switch (stat) {
    case 'SampleCount':
      return count;
    case 'Average':
      return sum / count;
    case 'Sum':
      return sum;
    case 'Minimum':
      return min;
    case 'Maximum':
      return max;
    default:
      throw new Error(`not a statistic: ${stat}`);
  }
}

/** As above, where each value counts by itself. */
function rollUpEach(source: Source, stat: Statistic, from: number, to: number): number | null {
  const values: number[] = [];
  for (let at = from; at < to; at += source.step) {
    const n = source.count(at);
    if (n > 0) values.push(...(source.values?.(at) ?? Array<number>(n).fill(source.value(at))));
  }
  if (values.length === 0) return null;
  if (isPercentile(stat)) return percentile(values, Number(stat.slice(1)) / 100);
  const sum = values.reduce((total, value) => total + value, 0);
  const folds = {
    Average: sum / values.length,
    Sum: sum,
    SampleCount: values.length,
    Minimum: Math.min(...values),
    Maximum: Math.max(...values),
  };
  return folds[stat];
}

/** Between the two neighbours where it falls between. */
function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)] as number, sorted[Math.ceil(place)] as number];
  return low + (high - low) * (place - Math.floor(place));
}

function instanceCpu(world: World, region: Region, id: string): Source | null {
  const machine = machineIn(world, region, id);
  if (machine === null) return null;
  const step = machine.monitoring === 'detailed' ? 60 : 300;
  const cpu = cpuOf(world, region, machine);
  return {
    step,
    count: at => (ranAt(machine, at + step / 2) ? 1 : 0),
    value: at => percent(cpu(at + step / 2)),
  };
}

/** By id, also those that are long gone: their metrics stay. */
function machineIn(world: World, region: Region, id: string): Machine | null {
  const machine = region.machines.get(id) ?? world.record.machine(id);
  return machine === undefined || machine.account !== world.account || machine.region !== region.name ? null : machine;
}

function cpuOf(world: World, region: Region, machine: Machine): (at: number) => number {
  const group = machine.group === null ? undefined : region.groups.get(machine.group);
  return group === undefined ? (at: number) => machine.cpu.at(at)(at) : memberCpu(world, group, machine);
}

const CREDITS = {
  CPUCreditBalance: 'balance',
  CPUCreditUsage: 'used',
  CPUSurplusCreditBalance: 'surplus',
  CPUSurplusCreditsCharged: 'charged',
} as const satisfies Readonly<Record<string, keyof Credits>>;

/** Every five minutes, whatever the monitoring. */
function instanceCredits(world: World, region: Region, id: string, name: keyof typeof CREDITS): Source | null {
  const machine = machineIn(world, region, id);
  const history = machine === null ? null : creditsUntil(machine, cpuOf(world, region, machine), world.origin, world.clock.now());
  if (machine === null || history === null) return null;
  return { step: 300, count: at => (ranAt(machine, at + 150) ? 1 : 0), value: at => history.at(at + 300)[CREDITS[name]] };
}

function instanceChecks(world: World, region: Region, id: string): Source | null {
  const machine = machineIn(world, region, id);
  if (machine === null) return null;
  const failed = (at: number) => machine.impaired.some(s => at >= s.from && (s.to === null || at < s.to));
  return { step: 60, count: at => (ranAt(machine, at + 30) ? 1 : 0), value: at => (failed(at + 30) ? 1 : 0) };
}

/** A member does what its group does, more or less; while it boots it is nearly idle. */
function memberCpu(world: World, group: Group, machine: Machine): (at: number) => number {
  const seed = seedOf(world.seed, machine.id);
  return at => {
    const since = machine.ran.find(span => at >= span.from && (span.to === null || at < span.to))?.from ?? machine.createdAt;
    const booting = since > world.origin && at < since + group.bootSeconds;
    return booting ? 4 : loadOf(group, at) + gaussian(seed, Math.floor(at / MINUTE));
  };
}

/** Instances that warm up are not in the average, as in a group with an instance warm-up. */
function groupCpu(region: Region, name: string): Source | null {
  const group = region.groups.get(name);
  if (group === undefined) return null;
  if (group.template.monitoring === 'detailed') {
    return { step: 60, count: at => group.serving.at(at + 30), value: at => percent(loadOf(group, at + 30)) };
  }
  const minutes = [30, 90, 150, 210, 270];
  return {
    step: 300,
    count: at => group.serving.at(at + 150),
    value: at => percent(minutes.reduce((sum, second) => sum + loadOf(group, at + second), 0) / minutes.length),
  };
}

function groupSize(region: Region, name: string, metric: string): Source | null {
  const group = region.groups.get(name);
  if (group === undefined || !(GROUP_METRICS as readonly string[]).includes(metric)) return null;
  const steps = group.counts[metric as GroupMetric];
  return { step: 60, count: at => (at < group.createdAt ? 0 : 1), value: at => steps.at(at + 30) };
}

/** Percent of the CPU that the group's demand costs each serving member. */
function loadOf(group: Group, at: number): number {
  const serving = group.serving.at(at);
  const demand = group.demand.at(at)(at);
  return serving === 0 ? 100 : Math.min(100, (demand / serving) * 100);
}

const percent = (value: number): number => Math.round(Math.min(100, Math.max(0, value)) * 1e4) / 1e4;
