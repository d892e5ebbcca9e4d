/** What idleness is told from, hour by hour: the highest CPU and network of each, and of the few that would be stopped disk, GPU and credits. */
import { type Series, slice } from '../model/metric.ts';
import type { Instance, Unread } from '../model/observation.ts';
import type { OtherUse } from '../model/plan.ts';
import { addSeconds, DAY, earlier, epochSeconds, floorTo, HOUR, type Instant } from '../model/time.ts';
import type { Clients } from '../runtime/clients.ts';
import { type MetricWanted, readMetrics } from './metrics.ts';

/** Six weeks: four to learn from, before two that are played as if we had been there. CloudWatch keeps hours for 15 months. */
export const PAST = 42 * DAY;

/** Windows that end together share a call when they begin together, and hours cost nothing beside metrics: so tails have one of few lengths. */
const TAILS = [26 * HOUR, 7 * DAY, PAST] as const;

/** Hourly maxima: CPU in percent, network in bytes a sample. A series of holes was never published. */
export interface IdleSeries {
  readonly cpu: Series;
  readonly netIn: Series;
  readonly netOut: Series;
}

const SIGNALS = { cpu: 'CPUUtilization', netIn: 'NetworkIn', netOut: 'NetworkOut' } as const satisfies Record<keyof IdleSeries, string>;

/** @param since the first hour that has to be told; no further back than CloudWatch is asked. */
export function idleWanted(instance: Instance, since: Instant, at: Instant): MetricWanted[] {
  const end = floorTo(at, HOUR);
  const back = epochSeconds(end) - epochSeconds(since);
  const start = addSeconds(end, -(TAILS.find(tail => back <= tail) ?? PAST));
  return Object.entries(SIGNALS).map(([key, metric]) => wanted(instance, key, metric, 'Maximum', start, at));
}

function wanted({ ref }: Instance, key: string, metric: string, statistic: string, start: Instant, at: Instant): MetricWanted {
  return {
    key: `${key} ${ref.id}`,
    asked: { namespace: 'AWS/EC2', metric, dimensions: { InstanceId: ref.id }, statistic },
    periodSeconds: HOUR,
    window: { start, end: floorTo(at, HOUR) },
    what: metric,
    of: ref.id,
  };
}

/** `null`: one of them could not be read, and an hour is told whole or not at all. */
export function idleSeries({ ref }: Instance, read: ReadonlyMap<string, Series>): IdleSeries | null {
  const [cpu, netIn, netOut] = Object.keys(SIGNALS).map(key => read.get(`${key} ${ref.id}`));
  return cpu === undefined || netIn === undefined || netOut === undefined ? null : { cpu, netIn, netOut };
}

/** By hours since the epoch. In and out may not have been highest at once: their sum errs to the side of use. */
export function hourMeasured({ cpu, netIn, netOut }: IdleSeries, { monitoring }: Instance): (hour: number) => HourSums {
  const bytesPerKb = 1000 * (monitoring === 'detailed' ? 60 : 300);
  return hour => {
    const [percent, inBytes, outBytes] = [valueAt(cpu, hour), valueAt(netIn, hour), valueAt(netOut, hour)];
    const bytes = inBytes === null && outBytes === null ? null : (inBytes ?? 0) + (outBytes ?? 0);
    return { cpuMax: percent, netMax: bytes === null ? null : bytes / bytesPerKb };
  };
}

export interface HourSums {
  /** Percent. */
  readonly cpuMax: number | null;
  /** KB/s. */
  readonly netMax: number | null;
}

const valueAt = ({ start, values }: Series, hour: number): number | null => values[hour - epochSeconds(start) / HOUR] ?? null;

/** Of these two latest hours a stop needs both to be quiet. */
const LATEST = 2;
/** What a disk does when nobody uses the instance shows in two weeks. */
const WEEKS = 14 * DAY;
const DISK = ['EBSReadOps', 'EBSWriteOps', 'DiskReadOps', 'DiskWriteOps'] as const;
/** Use begins at three times what is usual when nothing happens, and not below this many operations a sample of five minutes. */
const DISK_TIMES = 3;
const DISK_LEAST = 3000;
/** Percent. */
const GPU_LEAST = 5;
/** CPU credits: minutes of one vCPU. */
const CREDITS_LEAST = 2;

/**
 * What shows use of instances whose CPU and network show none, by id; `null`: nothing does. A metric that nobody publishes says nothing.
 * Asked only of those that would be stopped: four to seven metrics each.
 */
export async function observeOtherUse(
  clients: Clients,
  instances: readonly Instance[],
  at: Instant,
): Promise<{ readonly found: ReadonlyMap<string, OtherUse | null>; readonly unread: readonly Unread[] }> {
  const { series, unread } = await readMetrics(
    clients,
    instances.flatMap(instance => othersWanted(instance, at)),
  );
  return { found: new Map(instances.map(instance => [instance.ref.id, otherUse(instance, series, at)])), unread };
}

function othersWanted(instance: Instance, at: Instant): MetricWanted[] {
  const end = floorTo(at, HOUR);
  const since = addSeconds(end, -WEEKS);
  const lately = addSeconds(end, -(LATEST + 1) * HOUR);
  const all = DISK.map(metric => wanted(instance, metric, metric, 'Maximum', since, at));
  if (isBurstable(instance)) all.push(wanted(instance, 'credits', 'CPUCreditBalance', 'Minimum', lately, at));
  if (hasGpu(instance)) all.push(gpuWanted(instance, lately, at));
  return all;
}

const isBurstable = ({ type }: Instance): boolean => /^t\d/.test(type);
const hasGpu = ({ type }: Instance): boolean => /^(g\d|gr\d|p\d)/.test(type);

/** The CloudWatch agent tells each GPU apart by dimensions of its own, so it is searched for and the busiest counts. */
const gpuWanted = ({ ref }: Instance, start: Instant, at: Instant): MetricWanted => ({
  key: `gpu ${ref.id}`,
  asked: {
    expression: `MAX(SEARCH('Namespace="CWAgent" MetricName="nvidia_smi_utilization_gpu" InstanceId="${ref.id}"', 'Maximum', ${HOUR}))`,
    metrics: {},
  },
  periodSeconds: HOUR,
  window: { start, end: floorTo(at, HOUR) },
  what: 'GPU',
  of: ref.id,
});

function otherUse(instance: Instance, read: ReadonlyMap<string, Series>, at: Instant): OtherUse | null {
  const of = (key: string): Series | undefined => read.get(`${key} ${instance.ref.id}`);
  const end = floorTo(at, HOUR);
  const keys = [...DISK, ...(isBurstable(instance) ? ['credits'] : []), ...(hasGpu(instance) ? ['gpu'] : [])];
  const missing = keys.find(key => of(key) === undefined);
  if (missing !== undefined) return { signal: 'unread', why: `${missing} could not be read` };

  const perSample = instance.monitoring === 'detailed' ? 1 / 5 : 1;
  for (const key of DISK) {
    const inUse = Math.max(DISK_LEAST * perSample, DISK_TIMES * floorOf(of(key)));
    const found = latest(of(key), end).find(({ value }) => value > inUse);
    if (found !== undefined) return { signal: 'disk', inUse, ...found };
  }
  const gpu = latest(of('gpu'), end).find(({ value }) => value > GPU_LEAST);
  if (gpu !== undefined) return { signal: 'gpu', inUse: GPU_LEAST, ...gpu };
  const balance = latest(of('credits'), end, LATEST + 1);
  const spent = balance.slice(1).map(({ value, hour }, i) => ({ value: (balance[i]?.value ?? value) - value, hour }));
  const spender = spent.find(({ value }) => value > CREDITS_LEAST);
  return spender === undefined ? null : { signal: 'credits', ...spender };
}

/** The measured hours among the latest ones. */
function latest(s: Series | undefined, end: Instant, hours = LATEST): { readonly value: number; readonly hour: Instant }[] {
  if (s === undefined) return [];
  const start = addSeconds(end, -hours * HOUR);
  return slice(s, { start, end }).values.flatMap((value, i) =>
    value === null ? [] : { value, hour: earlier(addSeconds(start, i * HOUR), end) },
  );
}

/** The 20th percentile of what was published, as of CPU and network; 0 where nothing was. */
function floorOf(s: Series | undefined): number {
  const known = (s?.values ?? []).filter(v => v !== null).toSorted((a, b) => a - b);
  return known[Math.floor(0.2 * (known.length - 1))] ?? 0;
}
