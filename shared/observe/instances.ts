/** Instances of one scope: what EC2 says of them, and as much of CloudWatch as the caller wants. */
import type { Scope } from '../model/ids.ts';
import type { Instance, Unread } from '../model/observation.ts';
import { addSeconds, floorTo, HOUR, type Instant } from '../model/time.ts';
import type { Clients } from '../runtime/clients.ts';
import { isTooYoung, presenceBaseline, presenceWindow, tooYoung } from './baseline.ts';
import { describeInstances, type SeenInstance } from './describe.ts';
import { type IdleSeries, idleSeries, idleWanted } from './idle-signals.ts';
import { type MetricWanted, readMetrics } from './metrics.ts';
import { why } from './why.ts';

/** Decided by the caller from the facts alone, so that nothing is measured which no rule will read. */
export interface InstanceWants {
  /** Only these; absent: the whole scope. Ids that EC2 no longer knows are absent from the answer. */
  readonly ids?: readonly string[];
  /** Lookback in whole hours; `null`: do not measure. The series ends at the latest full hour and is one hour longer than asked. */
  cpuHours(instance: Instance): number | null;
  /** From which hour on CPU and network are wanted to tell idleness; `null`: they are not. */
  idleSince(instance: Instance): Instant | null;
  /** Whether to measure the four weeks before `at`. */
  baseline(instance: Instance): boolean;
}

export interface InstancesSeen {
  readonly instances: SeenInstance[];
  /** Of those that were wanted; what could not be read is missing. */
  readonly idle: ReadonlyMap<string, IdleSeries>;
  readonly unread: Unread[];
}

/**
 * Complete, or an error: instances are never dropped because a page or a metric failed. A metric that cannot be read leaves its instance
 * with `null` there, and `unread` says why.
 * @throws the SDK's error when the instances themselves cannot be listed.
 */
export async function observeInstances(clients: Clients, scope: Scope, at: Instant, wants: InstanceWants): Promise<InstancesSeen> {
  const described = await describeInstances(clients, scope, wants.ids);
  const asked = described.map(instance => {
    const since = wants.idleSince(instance);
    return {
      ...{ instance, cpu: cpuWanted(instance, at, wants), runs: runsWanted(instance, at, wants) },
      idle: since === null ? [] : idleWanted(instance, since, at),
    };
  });
  const { series, unread } = await readMetrics(
    clients,
    asked.flatMap(({ cpu, runs, idle }) => [cpu ?? [], typeof runs === 'object' ? (runs ?? []) : [], idle].flat()),
  );
  const instances = asked.map(({ instance, cpu, runs }): SeenInstance => {
    const measured = runs === null || runs === 'too-young' ? undefined : series.get(runs.key);
    return {
      ...instance,
      cpuMax: cpu === null ? null : (series.get(cpu.key) ?? null),
      baseline: runs === 'too-young' ? tooYoung(at) : measured === undefined ? null : presenceBaseline(measured, at),
    };
  });
  const idle = asked.flatMap(({ instance, idle: wanted }) => {
    const known = wanted.length === 0 ? null : idleSeries(instance, series);
    return known === null ? [] : [[instance.ref.id, known] as const];
  });
  return { instances, idle: new Map(idle), unread: [...unread] };
}

function cpuWanted(instance: Instance, at: Instant, wants: InstanceWants): MetricWanted | null {
  const hours = wants.cpuHours(instance);
  if (hours === null) return null;
  const end = floorTo(at, HOUR);
  return {
    ...cpu(instance, 'Maximum'),
    key: `cpu ${instance.ref.id}`,
    window: { start: addSeconds(end, -(hours + 1) * HOUR), end },
    what: 'CPU',
  };
}

function runsWanted(instance: Instance, at: Instant, wants: InstanceWants): MetricWanted | 'too-young' | null {
  if (!wants.baseline(instance)) return null;
  // An instance without an EBS root tells no birth; its latest start is then the earliest we know of.
  if (isTooYoung(instance.createdAt ?? instance.launchedAt, at)) return 'too-young';
  return { ...cpu(instance, 'SampleCount'), key: `runs ${instance.ref.id}`, window: presenceWindow(at), what: 'baseline' };
}

const cpu = ({ ref }: Instance, statistic: string) => ({
  asked: { namespace: 'AWS/EC2', metric: 'CPUUtilization', dimensions: { InstanceId: ref.id }, statistic },
  periodSeconds: HOUR,
  of: ref.id,
});

export type StopProtection = { readonly stopProtection: boolean } | { readonly why: string };

/** Calls in flight at a time: DescribeInstanceAttribute takes one instance each. Enough for EC2's rate even where an answer takes 0.4 s. */
const CONCURRENCY = 8;
/** EC2 allows 100 at once and 20 a second after that. The SDK's own retries have waited by then, so one that was throttled is asked anew. */
const ASKED_MAX = 10;
const THROTTLED = /^(RequestLimitExceeded|Throttl)/;

/** DisableApiStop of each instance, or why it could not be read. */
export async function observeStopProtection(clients: Clients, ids: readonly string[]): Promise<Map<string, StopProtection>> {
  const [ec2, { DescribeInstanceAttributeCommand }] = await Promise.all([clients.ec2(), import('@aws-sdk/client-ec2')]);
  const found = new Map<string, StopProtection>();
  const waiting = [...new Set(ids)].map(id => ({ id, asked: 1 }));
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { id, asked } = next;
      try {
        const { DisableApiStop } = await ec2.send(new DescribeInstanceAttributeCommand({ InstanceId: id, Attribute: 'disableApiStop' }));
        found.set(id, DisableApiStop?.Value === undefined ? { why: 'EC2 did not tell' } : { stopProtection: DisableApiStop.Value });
      } catch (error) {
        if (asked < ASKED_MAX && THROTTLED.test((error as Error).name)) waiting.push({ id, asked: asked + 1 });
        else found.set(id, { why: why(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return found;
}
